//! No two files of a crate import each other, no two rooms do, and no import runs against the flow of the rooms.

mod circles;
mod flow;
mod rust;
mod script;

use crate::workspace;
use anyhow::{Context, Result, bail};
use circles::{Imports, faults};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads every crate and the window's code.
///
/// # Errors
/// Every fault fails it, and is shown with the imports that make it; also a file that cannot be read.
pub(crate) fn check() -> Result<String> {
    let mut seen = Seen::default();
    for package in workspace::packages()? {
        for root in package.roots() {
            let (folder, file) = (root.parent().context("no folder")?, root.file_name().context("no file")?);
            let text = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
            let imports =
                rust::read(&file.to_string_lossy(), &text).with_context(|| format!("in {}", folder.display()))?;
            seen.look(&package.name, &imports);
        }
    }
    seen.look("ui", &window()?);
    seen.verdict()
}

/// What was read so far.
#[derive(Default)]
struct Seen {
    imports: usize,
    faults: usize,
}

impl Seen {
    /// Counts one crate's imports and tells what is wrong with them.
    fn look(&mut self, name: &str, imports: &Imports) {
        let faults = faults(imports, flow::of(name));
        for fault in &faults {
            println!("  {name}: {}", fault.what);
            fault.imports.iter().for_each(|import| println!("      {import}"));
        }
        self.imports += imports.len();
        self.faults += faults.len();
    }

    fn verdict(&self) -> Result<String> {
        let said = format!("{} imports, {} faults", self.imports, self.faults);
        if self.faults > 0 {
            bail!("{said}");
        }
        Ok(said)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the check ends with if one crate consists of these files.
    fn verdict(name: &str, files: &[(&str, &str)]) -> Result<String> {
        let text = |path: &str| files.iter().find(|(file, _)| *file == path).map(|(_, text)| (*text).to_owned());
        let mut seen = Seen::default();
        seen.look("fine", &rust::read("lib.rs", &|path| (path == "lib.rs").then(String::new))?);
        seen.look(name, &rust::read("lib.rs", &text)?);
        seen.verdict()
    }

    #[test]
    fn a_circle_between_files_or_an_import_against_the_flow_fails_the_check() {
        let root = ("lib.rs", "mod a; mod b;");
        let b = ("b.rs", "use crate::a::A; pub struct B;");
        let said = verdict("x", &[root, ("a.rs", "pub struct A;"), b]).unwrap();
        assert_eq!(said, "1 imports, 0 faults");
        let circle = verdict("x", &[root, ("a.rs", "use crate::b::B; pub struct A;"), b]);
        assert_eq!(circle.unwrap_err().to_string(), "2 imports, 1 faults");
        let rooms = [
            ("lib.rs", "mod plan; mod run;"),
            ("plan/mod.rs", "use crate::run::run;"),
            ("run/mod.rs", "pub fn run() {}"),
        ];
        assert_eq!(verdict("engine", &rooms).unwrap_err().to_string(), "1 imports, 1 faults");
    }

    #[test]
    fn no_crate_of_this_clone_has_a_circle() {
        check().unwrap();
    }
}
