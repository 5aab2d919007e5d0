//! The window's part of the bench: first paint, idle processor, frames while a long log streams.

use crate::sh;
use anyhow::Result;

/// Builds the window as it is shipped and measures it on a virtual screen. The bench itself demands its limits.
///
/// # Errors
/// When it does not build, or a limit is broken.
pub(crate) fn measure() -> Result<String> {
    sh::run(
        sh::cargo()
            .args(["build", "--release", "--package", "digit-installer"])
            .args(["--features", "digit-installer/custom-protocol"]),
    )?;
    sh::said(sh::cargo().args(["bench", "--package", "tests", "--bench", "window"]))
}
