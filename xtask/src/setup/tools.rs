//! Tools that cargo builds, each into a folder of the cache that carries its version.

use super::cache;
use crate::sh;
use anyhow::{Result, bail};
use std::path::PathBuf;

const CARGO_DENY: (&str, &str) = ("cargo-deny", "0.20.2");
const TAURI_DRIVER: (&str, &str) = ("tauri-driver", places::TAURI_DRIVER);

/// Judges licences, sources and doubled crates.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    Ok(places::tool(CARGO_DENY.0, CARGO_DENY.1)?)
}

pub(super) fn install_cargo_deny() -> Result<String> {
    install(CARGO_DENY)
}

/// Drives the real window in tests.
pub(super) fn install_tauri_driver() -> Result<String> {
    install(TAURI_DRIVER)
}

fn install((name, version): (&str, &str)) -> Result<String> {
    let program = places::tool(name, version)?;
    if program.is_file() {
        return Ok(format!("{version} there"));
    }
    let cache = cache::made()?;
    let root = cache.join("tools").join(format!("{name}-{version}"));
    let target = tempfile::tempdir()?;
    sh::run(
        sh::cargo()
            // outside the clone, so that the clone's own settings do not reach it
            .current_dir(&cache)
            .args(["install", "--quiet", "--locked", name, "--version", version, "--root"])
            .arg(&root)
            .env("CARGO_TARGET_DIR", target.path())
            // they run for seconds: to build them fast saves more than to run them fast
            .envs([
                ("CARGO_PROFILE_RELEASE_LTO", "off"),
                ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
                ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
                ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
            ]),
    )?;
    if !program.is_file() {
        bail!("cargo installed {name}, but there is no {}", program.display());
    }
    Ok(format!("{version} installed"))
}
