//! The window's types are made from the Rust ones (ts-rs writes them while the tests named `export_bindings_…` run).

use crate::sh;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;

const FOLDER: &str = "ui/src/lib/types";

/// Writes the types again, and takes away those that no Rust type stands for any more.
///
/// # Errors
/// When the crates do not build or a file cannot be written.
pub(crate) fn write() -> Result<String> {
    let folder = places::root().join(FOLDER);
    let fresh = export()?;
    let kept = read(&folder)?;
    for stale in kept.keys().filter(|name| !fresh.contains_key(*name)) {
        std::fs::remove_file(folder.join(stale))?;
    }
    std::fs::create_dir_all(&folder)?;
    for (name, text) in &fresh {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(format!("{} types in {FOLDER}", fresh.len()))
}

/// Compares the types that are kept with those that the Rust code gives now.
///
/// # Errors
/// Names every file that is stale, missing or left over.
pub(crate) fn check() -> Result<String> {
    let wrong = differences(&read(&places::root().join(FOLDER))?, &export()?);
    if !wrong.is_empty() {
        bail!(
            "{} types are not what Rust says (cargo xtask types writes them):\n  {}",
            wrong.len(),
            wrong.join("\n  ")
        );
    }
    Ok(String::new())
}

type Files = BTreeMap<String, String>;

fn export() -> Result<Files> {
    let place = tempfile::tempdir()?;
    // Where cargo's configuration would have them, in a folder of this run.
    let folder = place.path().join(FOLDER);
    std::fs::create_dir_all(&folder)?;
    sh::run(sh::workspace("test").args(["--quiet", "--lib", "export_bindings"]).env("TS_RS_EXPORT_DIR", &folder))?;
    let files = read(&folder)?;
    if files.is_empty() {
        bail!("no type was written");
    }
    Ok(files)
}

fn read(folder: &Path) -> Result<Files> {
    if !folder.exists() {
        return Ok(Files::new());
    }
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.insert(entry.file_name().to_string_lossy().into_owned(), sh::read_file(&entry.path())?);
        }
    }
    Ok(files)
}

fn differences(kept: &Files, fresh: &Files) -> Vec<String> {
    let changed = fresh.iter().filter_map(|(name, text)| match kept.get(name) {
        None => Some(format!("{name} is missing")),
        Some(old) if old != text => Some(format!("{name} is stale")),
        Some(_) => None,
    });
    let left = kept.keys().filter(|name| !fresh.contains_key(*name)).map(|name| format!("{name} is left over"));
    changed.chain(left).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_missing_and_left_over_types_are_named() {
        let files =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Files>();
        let kept = files(&[("A.ts", "a"), ("B.ts", "old"), ("D.ts", "d")]);
        let fresh = files(&[("A.ts", "a"), ("B.ts", "new"), ("C.ts", "c")]);
        assert_eq!(differences(&kept, &fresh), ["B.ts is stale", "C.ts is missing", "D.ts is left over"]);
        assert!(differences(&fresh, &fresh).is_empty());
    }
}
