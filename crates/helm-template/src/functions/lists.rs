//! Lists: `list`, `append`, `first`, `uniq`, `has`, `slice` of sprig, `until`, `seq`, `sortAlpha`, `join`, …

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
