//! What the product is compared with: Helm's own command line (it must find, upgrade and roll back what we installed) and
//! helmfile (the bench installs the same product with it).

use super::go;
use crate::sh;
use anyhow::{Result, bail};
use serde::Deserialize;
use std::path::{Path, PathBuf};

const HELMFILE: &str = "github.com/helmfile/helmfile@v1.8.0";
/// Go's hash of that module's files.
const HELMFILE_SUM: &str = "h1:coUoYKmxceeLbm4y43dJ1Dh3crrwniAx8LtBxPcu7+Y=";

pub(super) fn install_helm() -> Result<String> {
    let (program, version) = (places::helm()?, places::HELM);
    if program.is_file() {
        return Ok(format!("{version} there"));
    }
    println!("Building Helm {version} once, about 4 minutes on 2 cores");
    let folder = places::root().join("tests/helm-cli");
    let flags = format!("-s -w -X helm.sh/helm/v4/internal/version.version=v{version}");
    peer(&folder, "tool", &flags, "helm")?;
    Ok(format!("{version} built"))
}

/// helmfile's own module replaces others, which `go install` and a `tool` line refuse: it is built in its own folder.
pub(super) fn install_helmfile() -> Result<String> {
    if places::helmfile()?.is_file() {
        return Ok("there".into());
    }
    println!("Building helmfile once, about 6 minutes on 2 cores");
    let cache = super::cache()?;
    let said = sh::read(go::go(&cache)?.args(["mod", "download", "-json", HELMFILE]))?;
    let module: Module = serde_json::from_str(&said)?;
    if module.sum != HELMFILE_SUM {
        bail!("{HELMFILE} is not what it was: {} instead of {HELMFILE_SUM}", module.sum);
    }
    peer(&module.dir, ".", "-s -w", "helmfile")?;
    Ok("built".into())
}

fn peer(source: &Path, package: &str, linker: &str, program: &str) -> Result<()> {
    let into = places::peers()?;
    go::Build { source, packages: &[package.to_owned()], linker, programs: &[program], into: &into, c_library: true }
        .run()
}

/// What `go mod download -json` says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    dir: PathBuf,
    sum: String,
}
