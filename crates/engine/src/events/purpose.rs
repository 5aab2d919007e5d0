//! What a run is for, as far as the engine must know it. Which purposes there are is the business of whoever starts runs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which way a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Each step is done after all that it needs.
    #[default]
    Forward,
    /// Each step is taken back after all that need it.
    Backward,
}

/// What a run is for. It stands in the event that begins the run, so that whoever reads a journal knows what its end means.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct RunPurpose {
    /// Its name. The engine compares it with that of the run before and knows nothing else of it.
    #[serde(rename = "purpose")]
    pub name: String,
    /// Whether steps are done or taken back.
    #[serde(default)]
    pub direction: Direction,
    /// Whether nothing is to be left at its end: that it is ready is known only when a second look has shown it
    /// ([`What::Removed`](crate::What::Removed)), and what was found before is true no more.
    #[serde(default)]
    pub ends_empty: bool,
    /// Whether the time that its steps take says something about the next time ([`measured`](crate::measured)).
    #[serde(default)]
    pub learns: bool,
}
