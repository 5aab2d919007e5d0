//! Numbers: `add`, `mul`, `int`, `float64`, `round`, …

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
