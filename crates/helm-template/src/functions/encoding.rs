//! Base64, base32, TOML, URLs. (YAML and JSON: [`super::data`].)

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
