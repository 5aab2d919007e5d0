//! What must be fast, measured in release builds, each beside its peer in the same run.

use crate::parts::Parts;
use crate::{bench_window, setup, sh};
use anyhow::Result;

/// Measures everything.
///
/// # Errors
/// When the peer cannot be installed.
pub(crate) fn everything(parts: &mut Parts) -> Result<()> {
    setup::for_bench(parts)?;
    parts.part("rendering, beside Helm's SDK", || rendering(&mut sh::cargo()));
    parts.part("searching a log", || sh::said(sh::cargo().args(["bench", "--package", "logs", "--bench", "search"])));
    parts.part("installing, beside helmfile and kubectl", || installing(&mut sh::cargo()));
    setup::for_window_tests(parts)?;
    parts.part("the window in WebKitGTK", bench_window::measure);
    Ok(())
}

/// All of DIGIT v2.9.2 on played nodes until it is ready. The bench itself demands a third of helmfile's time.
///
/// # Errors
/// When it takes longer, or a peer fails.
pub(crate) fn installing(cargo: &mut std::process::Command) -> Result<String> {
    sh::run(sh::cargo().args(["build", "--release", "--package", "cli"]))?;
    sh::said(cargo.args(["bench", "--package", "tests", "--bench", "install"]))
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
    sh::said(cargo.args(test))
}
