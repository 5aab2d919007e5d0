//! Go's own: `and`, `or`, `not`, `eq`, `lt`, `index`, `slice`, `len`, `print`, `html`, `js`, `urlquery`, `call`.

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
