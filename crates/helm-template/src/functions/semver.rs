//! Versions: `semver`, `semverCompare`.

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
