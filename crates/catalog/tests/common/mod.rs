//! What several tests here share.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of DIGIT's archives: named by `DIGIT_SHARED`, or `shared/digit` beside an ancestor of the workspace, or
/// beside the repository that this one was cloned from.
pub(crate) fn digit() -> PathBuf {
    if let Some(shared) = std::env::var_os("DIGIT_SHARED") {
        let digit = PathBuf::from(shared).join("digit");
        assert!(digit.is_dir(), "DIGIT_SHARED names no folder with digit/: {}", digit.display());
        return digit;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let origin = Command::new("git").args(["config", "remote.origin.url"]).current_dir(here).output();
    let origin = origin.map(|o| PathBuf::from(String::from_utf8_lossy(&o.stdout).trim())).unwrap_or_default();
    let found = here
        .ancestors()
        .chain(origin.ancestors())
        .map(|folder| folder.join("shared").join("digit"))
        .find(|digit| digit.is_dir());
    let Some(digit) = found else { panic!("no folder shared/digit above the workspace, and DIGIT_SHARED is not set") };
    digit
}
