//! What a person sees of a run: a pure fold of its events.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cause::{Awaited, Cause};
use crate::events::event::{Part, SecondLook};
use crate::step_id::StepId;

/// How the installation's newest run stands. `fold(events, now)`; the same events and the same time give the same report anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct Report {
    /// The newest run; empty if there was none.
    pub run: String,
    /// What that run is for, as whoever started it calls it.
    pub purpose: String,
    /// Number of the last durable event folded in.
    #[ts(type = "number")]
    pub seq: u64,
    /// How it stands.
    pub state: RunState,
    /// When the first run with this purpose began.
    #[ts(type = "string | null")]
    pub started_at: Option<Timestamp>,
    /// When it ended; none while it is under way.
    #[ts(type = "string | null")]
    pub ended_at: Option<Timestamp>,
    /// Seconds of work so far, without pauses between runs.
    pub running_for: f64,
    /// 0 to 100, weight of what is done; never goes back.
    pub percent: f64,
    /// Time left; none if not known yet.
    pub eta: Option<EtaRange>,
    /// Stages in the order of the plan.
    pub stages: Vec<StageReport>,
    /// Steps that the plan counts: how many are done. The name on the wire is a promise of `--json`.
    #[serde(rename = "services-ready")]
    pub counted_done: u32,
    /// Steps that the plan counts: how many there are.
    #[serde(rename = "services-total")]
    pub counted_total: u32,
    /// The one thing, if any, that needs a person now.
    pub attention: Option<Attention>,
    /// Steps that failed.
    pub failures: u32,
    /// Retries and other trouble that passed.
    pub troubles: u32,
    /// What it costs, by currency; empty if nothing that was made costs anything. Goes on between runs.
    pub costs: Vec<CostReport>,
    /// Late-bound values, by name.
    pub found: BTreeMap<String, String>,
    /// After a removal: what is left, by kind. None if it was not looked yet.
    pub left: Option<BTreeMap<String, u32>>,
    /// What else that look found.
    pub look: Option<SecondLook>,
    /// Why nothing moves, if something stands in the way of all steps and is tried again by itself: `disk-full`,
    /// `server-not-answering`, … Message `held-CODE` in the message files.
    pub held: Option<String>,
    /// Seconds that the last sleep took, if there was one in this run.
    pub slept: Option<f64>,
}

impl Report {
    /// Whether the run is held up by something that only a person can do, or was when it was stopped. Unlike a failure it
    /// wants no change of the plan: whoever goes on with it after that gets further.
    pub fn needs_person(&self) -> bool {
        let steps = || self.stages.iter().flat_map(|stage| &stage.steps);
        let is_of = |a: &Attention| steps().any(|s| Some(&s.id) == a.step.as_ref() && s.state != StepState::Failed);
        let was_held = self.state == RunState::Stopped && self.attention.as_ref().is_some_and(is_of);
        self.state == RunState::NeedsPerson || was_held
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// There was none.
    NotStarted,
    /// Under way, or cut off: whoever holds the lock tells the two apart.
    Running,
    /// It stands still and goes on by itself or on a press.
    Paused,
    /// A step holds it until a person has done something; it goes on by itself then.
    NeedsPerson,
    /// The person stopped it.
    Stopped,
    /// Something failed, and a person is needed.
    Failed,
    /// Done.
    Ready,
    /// Removed, and looked.
    Removed,
}

/// Steps that are shown together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct StageReport {
    /// Its id, message `stage-ID`.
    pub id: String,
    /// The worst of its steps, or how far it is.
    pub state: StepState,
    /// Steps done.
    pub done: u32,
    /// Seconds from its first step's start to its last step's end, or to now.
    pub took: f64,
    /// Its steps.
    pub steps: Vec<StepReport>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct StepReport {
    /// Its id.
    pub id: StepId,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// How it stands.
    pub state: StepState,
    /// Which try this is; 0 before the first.
    pub attempt: u32,
    /// Seconds that it took, or has taken so far.
    pub took: f64,
    /// Progress within the step: done, total, unit, code.
    pub progress: Option<StepProgress>,
    /// Its parts, in the order in which they were first told.
    pub parts: Vec<Part>,
    /// What it waits for.
    pub waiting_on: Vec<Awaited>,
    /// Why it failed or is tried again.
    pub cause: Option<Cause>,
    /// What that rests on.
    pub evidence: Vec<String>,
    /// Things changed.
    pub changed: u32,
    /// Things that were as wanted.
    pub unchanged: u32,
}

/// What the installation costs in one currency, in millionths of its unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct CostReport {
    /// The currency by its code.
    pub currency: String,
    /// From when each thing was made until it was taken back, or until now.
    #[ts(type = "number")]
    pub so_far: u64,
    /// What is there now, an hour.
    #[ts(type = "number")]
    pub per_hour: u64,
}

/// How far a step is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct StepProgress {
    /// So much is done.
    pub done: f64,
    /// Of so much.
    pub total: f64,
    /// What is counted.
    pub unit: String,
    /// What it is busy with, as a code.
    pub code: String,
}

/// How a step or stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Not yet.
    Pending,
    /// Under way.
    Running,
    /// Under way, and waiting for something named.
    Waiting,
    /// Under way again after trouble.
    Retrying,
    /// Done.
    Done,
    /// Nothing was to be done.
    Skipped,
    /// Failed.
    Failed,
    /// Cannot begin, since something it needs failed.
    Blocked,
}

/// Time left, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct EtaRange {
    /// At least.
    pub low: f64,
    /// At most, if nothing goes wrong.
    pub high: f64,
    /// Whether the figures behind it were measured; otherwise it is a first estimate.
    pub measured: bool,
}

/// The one thing that needs a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Attention {
    /// The step it is about, if one.
    pub step: Option<StepId>,
    /// What it is.
    pub cause: Cause,
    /// When it came up.
    #[ts(type = "string")]
    pub since: Timestamp,
}
