//! YAML and JSON: `toYaml`, `fromYaml`, `toJson`, `fromJson` and their relatives.

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
