//! The one event type. Window, command line, tests and the report for support all read this stream.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cause::{Awaited, Cause};
use crate::events::purpose::RunPurpose;
use crate::plan::step::Step;
use crate::step_id::StepId;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// The run it belongs to.
    pub run: String,
    /// Counts up by one through all runs of an installation; passing events carry the number of the durable one before.
    #[ts(type = "number")]
    pub seq: u64,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// The step it belongs to; none if it is about the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum What {
    /// A run began; all its steps are named up front.
    RunStarted {
        /// Hash of the plan.
        plan: String,
        /// Every step, in order.
        steps: Vec<Step>,
        /// What it is for.
        #[serde(flatten)]
        purpose: RunPurpose,
        /// How many steps may be under way at once; the time left is worked out with it.
        #[serde(default = "default_parallel")]
        parallel: u32,
    },
    /// A step began, for the nth time in this run.
    StepStarted {
        /// Counts from 1.
        attempt: u32,
    },
    /// How far a step is. Passing.
    Progress {
        /// So much is done.
        done: f64,
        /// Of so much.
        total: f64,
        /// `pods`, `objects`, `bytes`, …
        unit: String,
        /// What it is busy with, as a code the UI has words for.
        code: String,
    },
    /// What a step waits for. An empty list: it waits no more. Passing.
    WaitingOn {
        /// Everything awaited.
        on: Vec<Awaited>,
    },
    /// Something went wrong and is tried again.
    Retrying {
        /// What went wrong.
        cause: Cause,
        /// Seconds until the next try.
        after: f64,
    },
    /// A step failed for good, or the run did (no step).
    Failed {
        /// What we conclude.
        cause: Cause,
        /// What it rests on.
        evidence: Vec<String>,
    },
    /// A step is done.
    Done {
        /// How many things changed.
        changed: u32,
        /// How many were as wanted already.
        unchanged: u32,
        /// Why there was nothing to do, if so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        skipped: Option<Skip>,
    },
    /// A part of a step stands so. Durable where it ends, passing while it goes.
    Part(Part),
    /// What the step makes costs from now on, though the step is not done yet.
    CostBegan,
    /// A late-bound value became known.
    Found {
        /// Its name.
        name: String,
        /// Its value; never a secret.
        value: String,
    },
    /// A step holds the run until a person has done something. It goes on by itself.
    Held {
        /// What the person is needed for.
        cause: Cause,
    },
    /// A step holds the run no more for this.
    Released {
        /// What the person was needed for.
        cause: Cause,
    },
    /// The run pauses: `asked`, `asleep`, `no-network`, `disk-full`, …
    Paused {
        /// Why, as a code.
        why: String,
    },
    /// It goes on.
    Resumed {
        /// Seconds that the computer slept or the run stood still, if known; also by how much its clock was put right, and
        /// negative if it was put back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<f64>,
    },
    /// The run is over.
    Finished {
        /// How it ended.
        outcome: Outcome,
    },
    /// A removal is proved: what is left, by kind.
    Removed {
        /// Kind and number of what is left; empty if nothing is.
        left: BTreeMap<String, u32>,
        /// What else the second look found.
        #[serde(default, skip_serializing_if = "SecondLook::is_empty")]
        look: SecondLook,
    },
    /// Written by a newer version; readers go on.
    #[serde(other)]
    Unknown,
}

/// What a look after a removal found beside the numbers of what is left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct SecondLook {
    /// Names of what is left.
    #[serde(default)]
    pub names: Vec<String>,
    /// Names of what could not be asked, so that of what it holds nothing is known.
    #[serde(default)]
    pub unanswered: Vec<String>,
    /// Names of what came meanwhile and was never ours.
    #[serde(default)]
    pub came: Vec<String>,
    /// Names of what went meanwhile and was never ours.
    #[serde(default)]
    pub went: Vec<String>,
}

impl SecondLook {
    fn is_empty(&self) -> bool {
        *self == SecondLook::default()
    }
}

/// What a journal without the figure is read as.
fn default_parallel() -> u32 {
    4
}

impl What {
    /// Whether it is journalled before it is shown. What is not may be dropped.
    pub fn is_durable(&self) -> bool {
        match self {
            What::Part(part) => part.state.is_end(),
            What::Progress { .. } | What::WaitingOn { .. } | What::Unknown => false,
            _ => true,
        }
    }
}

/// Something that a step makes out of several, for example a resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Part {
    /// Unique within the step.
    pub name: String,
    /// What it is, for words.
    pub kind: String,
    /// How it stands.
    pub state: PartState,
    /// Why, if there is something to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// How a part of a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum PartState {
    /// Not yet.
    Pending,
    /// Being made, changed or taken back.
    Running,
    /// As wanted.
    Done,
    /// It failed.
    Failed,
    /// Taken back.
    Gone,
}

impl PartState {
    /// Whether nothing more happens to it by itself.
    pub fn is_end(self) -> bool {
        matches!(self, PartState::Done | PartState::Failed | PartState::Gone)
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that was planned is true.
    Ready,
    /// Something failed and a person is needed.
    Failed,
    /// The person stopped it.
    Stopped,
}

/// Why there was nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// A look showed that it is as wanted.
    AsWanted,
    /// The run ends before it (`--until`).
    NotAsked,
}
