//! What the time that a plan is expected to take rests on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the time that a plan is expected to take rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Basis {
    /// Steps.
    pub steps: u32,
    /// Of them measured before in the same cluster, or found as wanted.
    pub measured: u32,
    /// Images, each once.
    pub images: u32,
    /// Of them such that no machine holds, as far as it can be seen.
    pub to_download: u32,
    /// Of them such that machines may hold or not: we may not see all of what they hold.
    pub unclear: u32,
    /// Of those two such whose size a registry told.
    pub sized: u32,
    /// The bytes of these.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Services that have to wait for a download. What they take then is no measure for when they need not.
    pub downloading: BTreeSet<String>,
}

impl Basis {
    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        *self == Basis::default()
    }
}
