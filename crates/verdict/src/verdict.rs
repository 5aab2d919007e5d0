//! What is concluded, and what it depends on besides the object.

pub use cause::Cause;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It can do nothing until something else is there; its own errors do not count meanwhile.
    Waiting,
    /// It is on its way. With a cause: it struggles, and the budget of that cause is not used up yet.
    Progressing,
    /// It is as wanted.
    Ready,
    /// It will not get there by itself.
    Failed,
}

/// What we conclude.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verdict {
    /// Where it stands.
    pub phase: Phase,
    /// Why, if there is anything to say. A ready object may have one too (a claim that waits for its first pod).
    pub cause: Option<Cause>,
    /// What the cause rests on, for engineers: states, conditions and event messages as Kubernetes wrote them, without account names.
    pub evidence: Vec<String>,
    /// So much is done (pods, nodes, completions; 0 or 1 for everything else) …
    pub done: u32,
    /// … of so much.
    pub total: u32,
    /// Seconds after which the verdict changes by itself, if nothing else happens (a budget runs out then).
    pub again_after: Option<u32>,
    /// Since when the cause has been there, counted as its budget counts.
    pub struggling_since: Option<Timestamp>,
    /// False when it is only called ready because nothing is known against it (a custom resource without conditions).
    pub verified: bool,
}

/// What else a verdict depends on besides the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The clock.
    pub now: Timestamp,
    /// Whether everything that the object depends on is ready.
    pub dependencies_ready: bool,
    /// Budgets do not begin before: when the run began, or when the last dependency became ready, whichever was later. Without it, a
    /// service that crashed for an hour while its database was missing would fail the moment the database is there.
    pub not_before: Option<Timestamp>,
    /// So many crashes of each container belong to its start: whoever wrote the plan knows a service that ends once because what it needs
    /// it makes itself. They are waiting, and no failure counts them.
    pub expected_restarts: u32,
}

impl From<Timestamp> for Circumstances {
    fn from(now: Timestamp) -> Self {
        Circumstances { now, dependencies_ready: true, not_before: None, expected_restarts: 0 }
    }
}

impl Circumstances {
    /// Dependencies are ready (or not) …
    #[must_use]
    pub fn dependencies_ready(self, dependencies_ready: bool) -> Self {
        Circumstances { dependencies_ready, ..self }
    }
    /// … and budgets begin here at the earliest.
    #[must_use]
    pub fn not_before(self, at: Timestamp) -> Self {
        Circumstances { not_before: Some(at), ..self }
    }
    /// So many crashes of each container belong to its start.
    #[must_use]
    pub fn expected_restarts(self, expected_restarts: u32) -> Self {
        Circumstances { expected_restarts, ..self }
    }
}

impl Verdict {
    pub(crate) fn ready(done: u32, total: u32) -> Self {
        Verdict {
            phase: Phase::Ready,
            cause: None,
            evidence: Vec::new(),
            done,
            total,
            again_after: None,
            struggling_since: None,
            verified: true,
        }
    }
    pub(crate) fn progressing(done: u32, total: u32) -> Self {
        Verdict { phase: Phase::Progressing, ..Verdict::ready(done, total) }
    }
}
