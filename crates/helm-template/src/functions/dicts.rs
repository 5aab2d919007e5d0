//! Maps: `dict`, `set`, `merge`, `mustMergeOverwrite`, `dig`, `pick`, `omit`, `keys`, `deepCopy`, …

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
