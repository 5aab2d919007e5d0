//! All tests: the checks, then every runner against a control plane of our own. Nothing is left out when something is missing.

use crate::control_plane::ControlPlane;
use crate::parts::Parts;
use crate::{bench, check, measured, setup, sh, ui};
use anyhow::{Context, Result, bail};

/// Everything that must hold. `full` takes the long counts too, and writes them down.
///
/// # Errors
/// When something that the tests need is missing.
pub(crate) fn everything(parts: &mut Parts, full: bool) -> Result<()> {
    setup::everything(parts)?;
    if full {
        setup::for_real_node(parts)?;
    }
    check::everything(parts);
    // one build for the whole workspace, with its programs: the end-to-end tests run them
    parts.must("build", || sh::run(sh::workspace("build").args(["--bins", "--tests"])).map(|()| ""))?;
    let mut plane = None;
    parts.must("control plane up", || {
        plane = Some(ControlPlane::start()?);
        Ok("real API, controllers and scheduler; nodes played")
    })?;
    let plane = plane.context("no control plane")?;
    let numbers = measured::Numbers::begin()?;

    parts.part("tests in Rust", || rust(&plane, &numbers, full));
    parts.part("tests of the window's pages", || ui::test("test:window", full));
    drop(plane);
    if full {
        parts.part("rendering, beside Helm's SDK", || bench::rendering(numbers.reach(&mut sh::cargo())));
        let failures = parts.failures();
        parts.part("docs/measured.md", || numbers.write(&failures));
    }
    Ok(())
}

/// `cargo test` with its tests in documents.
fn rust(plane: &ControlPlane, numbers: &measured::Numbers, full: bool) -> Result<String> {
    let mut cargo = sh::workspace("test");
    cargo.arg("--no-fail-fast");
    plane.reach(numbers.reach(&mut cargo));
    if full {
        cargo.env("DIGIT_TEST_FULL", "1").args(["--", "--include-ignored"]);
    }
    let (lines, well) = sh::run_keeping(&mut cargo, |line| line.starts_with("test result:"))?;
    let counts = lines.iter().filter_map(|l| Counts::read(l)).fold(Counts::default(), |sum, next| sum.add(&next));
    let said = format!(
        "{} passed, {} failed, {} ignored in {} runs",
        counts.passed,
        counts.failed,
        counts.ignored,
        lines.len()
    );
    if !well || counts.failed > 0 {
        bail!("{said}");
    }
    if counts.passed == 0 {
        bail!("no test ran");
    }
    Ok(said)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Counts {
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s`
    fn read(line: &str) -> Option<Self> {
        let mut counts = Self::default();
        let (_, rest) = line.split_once(". ")?;
        for part in rest.split("; ") {
            let Some((number, what)) = part.split_once(' ') else { continue };
            let Ok(number) = number.parse() else { continue };
            match what {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "ignored" => counts.ignored = number,
                _ => {}
            }
        }
        Some(counts)
    }

    fn add(&self, other: &Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            ignored: self.ignored + other.ignored,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_a_test_run_is_read() {
        for (line, passed, failed, ignored) in [
            ("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.02s", 3, 0, 1),
            (
                "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
                10,
                2,
                0,
            ),
        ] {
            assert_eq!(Counts::read(line), Some(Counts { passed, failed, ignored }), "{line}");
        }
    }
}
