//! What must be fast, measured in release builds, each beside its peer in the same run.

use crate::parts::Parts;
use crate::{setup, sh};
use anyhow::{Result, bail};

/// Measures everything.
///
/// # Errors
/// When the peer cannot be installed.
pub(crate) fn everything(parts: &mut Parts) -> Result<()> {
    setup::for_judge(parts)?;
    parts.part("rendering, beside Helm's SDK", || rendering(&mut sh::cargo()));
    Ok(())
}

/// All of DIGIT v2.9.2 from cold files. The test itself demands that it is ten times as fast.
///
/// # Errors
/// When it is not, or does not say how fast it is.
pub(crate) fn rendering(cargo: &mut std::process::Command) -> Result<String> {
    let test = [
        "test",
        "--release",
        "--package",
        "helm-template",
        "--test",
        "judge",
        "--",
        "--nocapture",
        "ten_times_as_fast",
    ];
    let (lines, well) = sh::run_keeping(cargo.args(test), |line| line.starts_with("bench: "))?;
    let said = lines.join("; ");
    if !well || said.is_empty() {
        bail!("{said}");
    }
    Ok(said)
}
