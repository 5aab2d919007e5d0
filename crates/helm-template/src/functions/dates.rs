//! Time: `now`, `date`, `dateModify`, `duration`, …

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
