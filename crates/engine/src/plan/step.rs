//! What a plan is made of.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::step_id::StepId;

/// One thing that the plan will do. Frozen: nothing in it changes while it is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// Unique in the plan.
    pub id: StepId,
    /// What sort of step it is, as the crate that acts on it names it (`namespaces`, `crds`, `release`, …).
    pub kind: String,
    /// What it is about, for example the name of the service.
    pub subject: String,
    /// The stage that it is shown under.
    pub stage: String,
    /// Steps that must be done before this one begins.
    pub needs: Vec<StepId>,
    /// How long it is expected to take.
    pub estimate: Estimate,
    /// What it changes, for Review.
    pub changes: Vec<Change>,
    /// A hash of what it makes, if it can say: where another plan has a step with the same id and another hash, what was done for the
    /// one is not done for the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub content: Option<String>,
    /// Whether it is one of those whose number the report gives.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub counted: bool,
    /// What it costs from when it was made until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cost: Option<HourlyCost>,
}

/// What something costs an hour. In whole millionths, since sums of money are no floating point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct HourlyCost {
    /// The currency by its code, for example `USD`.
    pub currency: String,
    /// Millionths of the currency's unit.
    #[ts(type = "number")]
    pub micros: u64,
}

/// How long something is expected to take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Estimate {
    /// Seconds, if all goes well.
    pub low: f64,
    /// Seconds, if it goes slowly.
    pub high: f64,
    /// Whether it comes from runs that were measured. Otherwise it is called a first estimate.
    pub measured: bool,
}

/// What a step changes: how many objects of which kind it makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The kind of object, for example `Deployment`.
    pub kind: String,
    /// How many of them.
    pub count: u32,
}

impl Estimate {
    /// The middle of the range, in seconds.
    pub fn midpoint(&self) -> f64 {
        (self.low + self.high) / 2.0
    }
}
