//! What `cargo metadata` says about the crates of the workspace.

use crate::sh;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// A crate.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

/// What it depends on, in this workspace or outside.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
    pub(crate) path: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Package {
    /// The first files of its library and its programs.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &PathBuf> {
        self.targets.iter().filter(|t| t.kind.iter().any(|k| k == "lib" || k == "bin")).map(|t| &t.src_path)
    }
}

/// All crates.
///
/// # Errors
/// When cargo does not answer.
pub(crate) fn packages() -> Result<Vec<Package>> {
    let text = sh::read(sh::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata")?;
    Ok(metadata.packages)
}
