//! Hashes, random values, keys and certificates; every random value goes through [`super::Env::draw`].

use super::Function;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[];
