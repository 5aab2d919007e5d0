//! What several tests here share.

use std::path::PathBuf;

/// The folder of DIGIT's archives.
pub(crate) fn digit() -> PathBuf {
    places::shared().unwrap_or_else(|missing| panic!("{missing}")).join("digit")
}
