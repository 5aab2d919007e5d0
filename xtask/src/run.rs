//! The window, from a fresh clone.

use crate::parts::Parts;
use crate::{setup, sh};
use anyhow::Result;

/// The window as it is shipped: with its pages inside.
const WINDOW: [&str; 4] = ["--package", "digit-installer", "--features", "digit-installer/custom-protocol"];

/// Sets up what is missing, builds, and opens the window.
///
/// # Errors
/// When a part fails, or the window ends with an error.
pub(crate) fn window(parts: &mut Parts, arguments: &[String]) -> Result<()> {
    setup::for_window(parts)?;
    parts.must("build", || {
        println!("The first build takes 5 to 10 minutes on 2 cores; later ones take seconds.");
        sh::run(sh::cargo().arg("build").args(WINDOW)).map(|()| "")
    })?;
    parts.must("window", || {
        sh::run(sh::cargo().args(["run", "--quiet"]).args(WINDOW).arg("--").args(arguments)).map(|()| "closed")
    })
}

/// Saves a picture of every screen of the rehearsal in `docs/pictures`.
///
/// # Errors
/// When a part fails, or the window does not get through the rehearsal.
pub(crate) fn pictures(parts: &mut Parts) -> Result<()> {
    setup::for_window_tests(parts)?;
    parts.must("build", || {
        sh::run(sh::cargo().args(["build", "--package", "tests", "--bins"]).args(WINDOW)).map(|()| "")
    })?;
    parts.must("pictures", || {
        let folder = places::root().join("docs/pictures");
        sh::run(sh::cargo().args(["run", "--quiet", "--package", "tests", "--bin", "pictures", "--"]).arg(&folder))?;
        Ok(format!("{} in docs/pictures", std::fs::read_dir(&folder)?.count()))
    })
}
