//! The window's own code: npm packages, checks, tests, and the build that the window shows.

use crate::sh;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// Installs the packages of the lock file, if they are not those that are there.
///
/// # Errors
/// When npm fails.
pub(crate) fn packages() -> Result<String> {
    let folder = places::root().join("ui");
    let stamp = folder.join("node_modules/.lock-hash");
    let lock = std::fs::read(folder.join("package-lock.json")).context("cannot read ui/package-lock.json")?;
    let hash = hex::encode(Sha256::digest(&lock));
    if std::fs::read_to_string(&stamp).is_ok_and(|kept| kept == hash) {
        return Ok("there already".into());
    }
    sh::run(sh::npm().args(["ci", "--no-audit", "--no-fund"]))?;
    std::fs::write(&stamp, hash)?;
    Ok("installed from the lock file".into())
}

/// Builds what the window shows.
///
/// # Errors
/// When the build fails.
pub(crate) fn build() -> Result<&'static str> {
    sh::run(sh::npm().args(["run", "build"]))?;
    Ok("")
}

/// Types, lints and format of the window's code.
///
/// # Errors
/// When npm's check fails.
pub(crate) fn check() -> Result<&'static str> {
    sh::run(sh::npm().args(["run", "check"]))?;
    Ok("")
}

/// Runs a test script, with what it keeps for the long run if `full`, and gives the runner's closing line.
///
/// # Errors
/// When a test fails, or the runner does not say that any passed.
pub(crate) fn test(script: &str, full: bool) -> Result<String> {
    let mut npm = sh::npm();
    npm.args(["run", script]).env("CI", "1").env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    if full {
        npm.env("DIGIT_TEST_FULL", "1");
    }
    let (closing, well) = sh::run_keeping(&mut npm, |line| passed(line).is_some())?;
    let closing = closing.iter().filter_map(|line| passed(line)).collect::<Vec<_>>().join("; ");
    if !well {
        bail!("npm run {script} failed; {closing}");
    }
    if closing.is_empty() {
        bail!("npm run {script} does not say how many tests passed");
    }
    Ok(closing)
}

/// The closing lines of vitest (`Tests  12 passed (12)`) and of node's runner (`# pass 8`, `ℹ fail 0`).
fn passed(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(counted) = line.strip_prefix("Tests ") {
        return counted.contains(" passed").then_some(line);
    }
    let mut words = line.strip_prefix(['#', 'ℹ'])?.split_whitespace();
    let counted =
        matches!(words.next(), Some("pass" | "fail")) && words.next().is_some_and(|n| n.parse::<u32>().is_ok());
    counted.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_known() {
        for (line, closing) in [
            ("      Tests  12 passed (12)", true),
            ("      Tests  1 failed | 11 passed (12)", true),
            (" Test Files  3 passed (3)", false),
            ("# pass 8", true),
            ("ℹ fail 0", true),
            ("# passengers 8", false),
            ("# Subtest: home", false),
            ("ok 1 - home", false),
        ] {
            assert_eq!(passed(line).is_some(), closing, "{line}");
        }
    }
}
