//! Types and emptiness: `typeOf`, `kindIs`, `default`, `empty`, `coalesce`, `ternary`, …

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
