//! Paths: `base`, `dir`, `ext`, `clean`, `isAbs` and their `os` forms.

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
