//! `docs/measured.md`: the counts that tests wrote down (`places::measured`), with the commit that they are true for.

use crate::sh;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

/// What a test measured.
struct Number {
    name: String,
    value: String,
}

impl Number {
    /// Reads a line of [`places::measured`].
    fn read(line: &str) -> Result<Self> {
        let (name, value) = line.split_once('\t').with_context(|| format!("not a count: {line}"))?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// Where tests write their counts during this run.
pub(crate) struct Numbers {
    file: tempfile::NamedTempFile,
}

impl Numbers {
    /// An empty sheet.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub(crate) fn begin() -> Result<Self> {
        Ok(Self { file: tempfile::NamedTempFile::new().context("no temporary file")? })
    }

    /// Lets a program find it.
    pub(crate) fn reach<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(places::MEASURED, self.file.path())
    }

    /// Writes the page.
    ///
    /// # Errors
    /// When a line is not what `places::measured` writes, or the page cannot be written.
    pub(crate) fn write(&self, failures: &[(String, String)]) -> Result<String> {
        let numbers: Vec<Number> = sh::read_file(self.file.path())?.lines().map(Number::read).collect::<Result<_>>()?;
        let commit = sh::read(sh::command("git").args(["describe", "--always", "--dirty", "--abbrev=12"]))?;
        let at = sh::read(sh::command("git").args(["show", "-s", "--format=%cs", "HEAD"]))?;
        let page = page(commit.trim(), at.trim(), &numbers, failures);
        std::fs::write(places::root().join("docs/measured.md"), page)?;
        Ok(format!("{} counts", numbers.len()))
    }
}

fn page(commit: &str, date: &str, numbers: &[Number], failures: &[(String, String)]) -> String {
    // the last one of a name wins: a test that runs twice measures again
    let rows: BTreeMap<&str, &str> = numbers.iter().map(|n| (n.name.as_str(), n.value.as_str())).collect();
    let mut page = format!(
        "# Measured\n\nWritten by `cargo xtask test --full`; do not edit. Commit {commit} of {date}, {} with {} cores.\n\n\
         | what | measured |\n|---|---|\n",
        std::env::consts::OS,
        std::thread::available_parallelism().map_or(0, usize::from),
    );
    for (name, value) in rows {
        let _ = writeln!(page, "| {name} | {value} |");
    }
    page.push_str("\n## Failures\n\n");
    if failures.is_empty() {
        page.push_str("None.\n");
    }
    for (part, why) in failures {
        let _ = writeln!(page, "- {part}: {why}");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_commit_counts_and_failures() {
        let numbers = ["b\t1 of 2", "a\t36 of 36", "b\t2 of 2"].map(|line| Number::read(line).unwrap());
        let page = page("abc", "2026-01-02", &numbers, &[("lints".into(), "three warnings".into())]);
        assert!(page.contains("Commit abc of 2026-01-02"), "{page}");
        assert!(
            page.contains("| a | 36 of 36 |\n| b | 2 of 2 |\n\n## Failures\n\n- lints: three warnings\n"),
            "{page}"
        );
    }
}
