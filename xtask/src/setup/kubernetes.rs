//! The control plane that tests run against: found, or built once from the modules that `tests/kubernetes/go.sum` pins.

use super::go;
use crate::sh;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// etcd comes from the system; these are built together, since they share most of their code.
const BUILT: &[&str] = &["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"];
/// For the real node alone: its code is another quarter of the work.
const KUBELET: &[&str] = &["kubelet"];

pub(super) fn install() -> Result<String> {
    let folder = places::kubernetes()?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    link_etcd(&folder)?;
    built(BUILT, "about 10 minutes")
}

/// The kubelet of the real node.
pub(super) fn install_kubelet() -> Result<String> {
    built(KUBELET, "about 2 minutes")
}

fn built(programs: &[&str], takes: &str) -> Result<String> {
    if programs.iter().all(|p| places::program(p).is_ok()) {
        return Ok(format!("Kubernetes {} there", places::KUBERNETES));
    }
    if !sh::on_path("go") {
        bail!("Go is needed to build Kubernetes {}, or KUBEBUILDER_ASSETS must name its programs", places::KUBERNETES);
    }
    let folder = places::kubernetes()?;
    println!("Building Kubernetes {} once, {takes} on 2 cores, into {}", places::KUBERNETES, folder.display());
    let version = places::KUBERNETES;
    let stamp = [
        format!("k8s.io/component-base/version.gitVersion=v{version}"),
        "k8s.io/component-base/version.gitMajor=1".to_owned(),
        format!("k8s.io/component-base/version.gitMinor={}", version.split('.').nth(1).unwrap_or_default()),
        format!("k8s.io/client-go/pkg/version.gitVersion=v{version}"),
    ];
    let flags = stamp.iter().fold("-s -w".to_owned(), |flags, s| format!("{flags} -X {s}"));
    let source = places::root().join("tests/kubernetes");
    let packages: Vec<String> = programs.iter().map(|p| format!("k8s.io/kubernetes/cmd/{p}")).collect();
    go::Build { source: &source, packages: &packages, linker: &flags, programs, into: &folder, c_library: true }
        .run()?;
    Ok(format!("Kubernetes {version} built"))
}

/// The one program inside every image of the real node; its source is a shared input.
pub(super) fn install_stand_in() -> Result<&'static str> {
    let program = places::kubernetes()?.join("standin");
    if program.is_file() {
        return Ok("there");
    }
    let source = places::shared()?.join("testbed/standin");
    let into = places::kubernetes()?;
    go::Build {
        source: &source,
        packages: &[".".to_owned()],
        linker: "-s -w",
        programs: &["standin"],
        into: &into,
        c_library: false,
    }
    .run()?;
    Ok("built")
}

/// The real node's scripts want all programs in one folder.
fn link_etcd(folder: &Path) -> Result<()> {
    let link = folder.join("etcd");
    if link.exists() {
        return Ok(());
    }
    let etcd = places::program("etcd")?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(&etcd, &link).with_context(|| format!("cannot link {}", link.display()))?;
    #[cfg(not(unix))]
    std::fs::copy(&etcd, &link).map(drop).with_context(|| format!("cannot copy {}", link.display()))?;
    Ok(())
}
