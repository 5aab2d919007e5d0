//! Helm's own SDK, the judge of `helm-template`: a Python environment in the cache, every file of it pinned by hash.

use crate::sh;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

pub(super) fn install() -> Result<String> {
    let requirements = places::root().join("tests/helm/requirements.txt");
    let pinned = std::fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let hash = hex::encode(Sha256::digest(&pinned));
    let folder = places::helm_sdk()?;
    let stamp = folder.join("requirements.sha256");
    if std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == hash) {
        return Ok("there".into());
    }
    if !sh::on_path("python3") {
        bail!("python3 is needed for Helm's SDK");
    }
    sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    sh::run(
        sh::command(places::python(&folder))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"])
            .arg(&requirements),
    )?;
    std::fs::write(&stamp, hash)?;
    Ok("installed".into())
}
