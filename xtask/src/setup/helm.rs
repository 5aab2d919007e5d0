//! Helm's own SDK, the judge of `helm-template`: a Python environment in the cache, every file of it pinned by hash.

use crate::sh;
use anyhow::{Result, bail};

pub(super) fn install() -> Result<String> {
    let requirements = places::root().join("tests/helm/requirements.txt");
    let wanted = sh::read_file(&requirements)?;
    let folder = places::helm_sdk()?;
    // the tests of helm-template look for this mark
    let ready = folder.join("ready");
    if std::fs::read_to_string(&ready).is_ok_and(|kept| kept == wanted) {
        return Ok("there".into());
    }
    if !sh::on_path("python3") {
        bail!("python3 is needed for Helm's SDK");
    }
    super::cache()?;
    sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    sh::run(
        sh::command(places::python(&folder))
            .args(["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--require-hashes", "-r"])
            .arg(&requirements),
    )?;
    std::fs::write(&ready, wanted)?;
    Ok("installed".into())
}
