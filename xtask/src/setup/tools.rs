//! Tools that cargo builds, each into a folder of the cache that carries its version.

use crate::sh;
use anyhow::{Result, bail};
use std::path::PathBuf;

const CARGO_DENY: (&str, &str) = ("cargo-deny", "0.20.2");
const TAURI_DRIVER: (&str, &str) = ("tauri-driver", "2.1.0");

/// Judges licences, sources and doubled crates.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    place(CARGO_DENY)
}

pub(super) fn install_cargo_deny() -> Result<String> {
    install(CARGO_DENY)
}

/// Drives the real window in tests.
pub(super) fn install_tauri_driver() -> Result<String> {
    install(TAURI_DRIVER)
}

fn install(tool: (&str, &str)) -> Result<String> {
    let (name, version) = tool;
    let program = place(tool)?;
    if program.is_file() {
        return Ok(format!("{version} there"));
    }
    let root = places::cache()?.join("tools").join(format!("{name}-{version}"));
    let target = tempfile::tempdir()?;
    sh::run(
        sh::cargo()
            // outside the clone, so that the clone's own settings do not reach it
            .current_dir(places::cache()?)
            .args(["install", "--quiet", "--locked", name, "--version", version, "--root"])
            .arg(&root)
            .env("CARGO_TARGET_DIR", target.path())
            .envs([("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_DEBUG", "0")]),
    )?;
    if !program.is_file() {
        bail!("cargo installed {name}, but there is no {}", program.display());
    }
    Ok(format!("{version} installed"))
}

fn place((name, version): (&str, &str)) -> Result<PathBuf> {
    let folder = places::cache()?.join("tools").join(format!("{name}-{version}")).join("bin");
    Ok(folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}
