//! What a person brings: Node, Python and Go. All that is missing or too old is named at once, before anything is built.

use crate::sh;
use anyhow::{Result, bail};
use std::process::Stdio;

/// A program that set-up uses and does not install.
pub(super) struct Program {
    file: &'static str,
    /// Prints the version, in whatever words.
    version: &'static str,
    least: (u32, u32),
    advice: &'static str,
}

pub(super) const NODE: Program = Program {
    file: "node",
    version: "--version",
    least: (20, 19),
    advice: "it builds the window's pages: install Node.js 20.19 or later",
};
pub(super) const NPM: Program = Program {
    file: if cfg!(windows) { "npm.cmd" } else { "npm" },
    version: "--version",
    least: (9, 0),
    advice: "it installs what the window's pages are made of: it comes with Node.js, in some systems as a package of its own",
};
pub(super) const PYTHON: Program = Program {
    file: "python3",
    version: "--version",
    least: (3, 11),
    advice: "Helm's SDK, the judge of rendering, runs in it: install Python 3.11 or later",
};
pub(super) const GO: Program = Program {
    file: "go",
    version: "version",
    least: (1, 26),
    advice: "it builds Kubernetes and Helm, which tests are judged by: install Go 1.26 or later",
};

/// Looks that all of them are there and new enough.
///
/// # Errors
/// Names every one that is not, and what to do.
pub(super) fn there(wanted: &[&Program]) -> Result<String> {
    let wrong: Vec<String> = wanted.iter().filter_map(|p| fault(p, said(p).as_deref())).collect();
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n  "));
    }
    Ok(wanted.iter().map(|p| p.file).collect::<Vec<_>>().join(", "))
}

fn said(program: &Program) -> Option<String> {
    let out = sh::command(program.file).arg(program.version).stderr(Stdio::null()).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}

/// What is wrong with a program that said this about its version; `None` if it did not run.
fn fault(program: &Program, said: Option<&str>) -> Option<String> {
    let Some(said) = said else { return Some(format!("there is no {}; {}", program.file, program.advice)) };
    match version(said) {
        Some(version) if version >= program.least => None,
        _ => Some(format!("{} says \"{}\"; {}", program.file, said.trim(), program.advice)),
    }
}

/// The first `1.26` in a text.
fn version(text: &str) -> Option<(u32, u32)> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut numbers = word.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_or_too_old_is_named_with_what_to_do() {
        for (program, said, wrong) in [
            (&NODE, Some("v20.19.0\n"), None),
            (&NODE, Some("v18.20.4\n"), Some("node says \"v18.20.4\"; it builds the window's pages")),
            (&NODE, None, Some("there is no node; it builds the window's pages")),
            (&NPM, Some("9.2.0\n"), None),
            (&PYTHON, Some("Python 3.13.5\n"), None),
            (&PYTHON, Some("Python 3.9.2\n"), Some("python3 says \"Python 3.9.2\"")),
            (&GO, Some("go version go1.26.8 linux/amd64\n"), None),
            (&GO, Some("go version go1.19.8 linux/amd64\n"), Some("go says \"go version go1.19.8 linux/amd64\"")),
            (&GO, Some("something else"), Some("go says \"something else\"")),
        ] {
            let fault = fault(program, said);
            match wrong {
                None => assert_eq!(fault, None),
                Some(begins) => assert!(fault.as_ref().is_some_and(|f| f.starts_with(begins)), "{fault:?}"),
            }
        }
    }

    /// The same versions stand where the programs themselves look for them.
    #[test]
    fn the_least_versions_are_those_of_the_files_that_ask_for_them() {
        let root = places::root();
        let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
        assert!(read("ui/package.json").contains("\"node\": \">=20.19\""));
        for module in ["tests/kubernetes/go.mod", "tests/helm-cli/go.mod"] {
            let asked = read(module).lines().find_map(|l| l.strip_prefix("go ").and_then(version)).unwrap();
            assert!(asked <= GO.least, "{module}");
        }
    }
}
