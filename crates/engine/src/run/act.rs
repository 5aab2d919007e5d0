//! What carries a step out, and what it gives back.

use async_trait::async_trait;

use crate::cause::Cause;
use crate::events::event::Skip;
use crate::plan::step::Step;
use crate::run::context::StepContext;

/// What a look at the world found out about a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Nothing of it is there.
    Absent,
    /// It is there and as the plan wants it.
    AsWanted,
    /// It is there, or parts of it are, and differs from the plan.
    Different,
    /// Something of that name is there and belongs to somebody else. Never touched.
    SomeoneElses(Cause),
}

/// Why a step could not be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What we conclude, as code and data.
    pub cause: Cause,
    /// What it rests on: messages, log lines, states of objects; redacted by whoever writes it.
    pub evidence: Vec<String>,
    /// Try again by itself after so many seconds, if the engine's patience is not used up; `None`: a person is needed.
    pub retry_after: Option<f64>,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Did {
    /// How many things were changed.
    pub changed: u32,
    /// How many were as wanted already.
    pub unchanged: u32,
    /// Set if there was nothing to do, with the reason.
    pub skipped: Option<Skip>,
}

/// What carries steps out. The engine calls `look` first and `act` only when something is to be done; after a crash
/// the same happens again, so both are idempotent.
#[async_trait]
pub trait Act: Send + Sync {
    /// Whether it can carry out steps of this kind. A run with any other kind is refused before anything begins.
    fn knows(&self, kind: &str) -> bool;
    /// Looks at the world without changing it.
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure>;
    /// Does it and waits until it is true.
    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure>;
    /// Takes it back.
    async fn undo(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure>;
}

impl Failure {
    /// A failure that only a person can do something about.
    pub fn new(cause: Cause) -> Self {
        Failure { cause, evidence: Vec::new(), retry_after: None }
    }
    /// What a step gives back that ended early because it was asked to stop. It is not counted as a failure.
    pub fn stopped() -> Self {
        Failure::new(Cause::new(STOPPED))
    }
    /// The same, to be tried again by the engine after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: f64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
    /// The same, with one more piece of evidence.
    #[must_use]
    pub fn with_evidence(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }
}

/// The code of [`Failure::stopped`].
pub(crate) const STOPPED: &str = "stopped";

impl Did {
    /// So many things changed, and so many were as wanted.
    pub fn changed(changed: u32, unchanged: u32) -> Self {
        Did { changed, unchanged, skipped: None }
    }
}
