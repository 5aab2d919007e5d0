//! No two files of a crate import each other, no two rooms do, and no import runs against the flow of the rooms.

mod circles;
mod flow;
mod rust;
mod script;

use crate::workspace;
use anyhow::{Context, Result, bail};
use circles::{Fault, Imports, faults};
use std::collections::BTreeMap;
use std::path::Path;

/// Whether a fault fails the check. Set when the last one is mended.
const FAILS: bool = false;

/// Reads every crate and the window's code.
///
/// # Errors
/// Names every fault with the imports that make it, if faults fail; also when a file cannot be read.
pub(crate) fn check() -> Result<String> {
    let mut wrong = 0;
    let mut read = 0;
    for package in workspace::packages()? {
        for root in package.roots() {
            let (folder, file) = (root.parent().context("no folder")?, root.file_name().context("no file")?);
            let text = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
            let imports =
                rust::read(&file.to_string_lossy(), &text).with_context(|| format!("in {}", folder.display()))?;
            read += imports.len();
            wrong += tell(&package.name, &faults(&imports, flow::of(&package.name)));
        }
    }
    let window = window()?;
    read += window.len();
    wrong += tell("ui", &faults(&window, flow::of("ui")));
    let said = format!("{read} imports, {wrong} faults");
    if FAILS && wrong > 0 {
        bail!("{said}");
    }
    Ok(said)
}

fn tell(name: &str, faults: &[Fault]) -> usize {
    for fault in faults {
        println!("  {name}: {}", fault.what);
        fault.imports.iter().for_each(|import| println!("      {import}"));
    }
    faults.len()
}

fn window() -> Result<Imports> {
    fn files(folder: &Path, under: &str, into: &mut BTreeMap<String, String>) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let name = format!("{under}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                files(&entry.path(), &format!("{name}/"), into)?;
            } else if name.ends_with(".svelte") || (name.ends_with(".ts") && !name.ends_with(".test.ts")) {
                into.insert(name, crate::sh::read_file(&entry.path())?);
            }
        }
        Ok(())
    }
    let mut all = BTreeMap::new();
    files(&places::root().join("ui/src"), "", &mut all)?;
    Ok(script::read(&all))
}
