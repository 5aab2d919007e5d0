//! Helm's own SDK, the judge of `helm-template`: a Python environment in the cache, every file of it pinned by hash.

use super::{cache, system};
use crate::sh;
use anyhow::{Result, bail};
use std::process::Stdio;

pub(super) fn install() -> Result<String> {
    let requirements = places::root().join("tests/helm/requirements.txt");
    let wanted = sh::read_file(&requirements)?;
    let folder = places::helm_sdk()?;
    // the tests of helm-template look for this mark
    let ready = folder.join("ready");
    if std::fs::read_to_string(&ready).is_ok_and(|kept| kept == wanted) {
        return Ok("there".into());
    }
    if !makes_environments() {
        println!("This python3 makes no environments: its module ensurepip is missing");
        system::install_for_environments()?;
        if !makes_environments() {
            bail!(
                "python3 -m ensurepip does not answer: install what your python3 makes environments with (python3-venv on Debian)"
            );
        }
    }
    cache::made()?;
    sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    sh::run(
        sh::command(places::python(&folder))
            .args(["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--require-hashes", "-r"])
            .arg(&requirements),
    )?;
    std::fs::write(&ready, wanted)?;
    Ok("installed".into())
}

/// Debian keeps what a new environment is filled with in a package of its own, and says so only when one is made.
fn makes_environments() -> bool {
    let mut python = sh::command("python3");
    python.args(["-m", "ensurepip", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    python.status().is_ok_and(|s| s.success())
}
