//! Strings: sprig's casing, trimming, padding, splitting, `quote`, `indent`, …

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
