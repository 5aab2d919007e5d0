//! The cache outside the clone.

use anyhow::{Context, Result};
use std::path::PathBuf;

/// The cache, made where it is not there yet: a folder that a program is started in, or that something is moved into, must exist.
pub(super) fn made() -> Result<PathBuf> {
    let cache = places::cache()?;
    std::fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
    Ok(cache)
}
