//! What a plan is made of, and what carries a step out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::{Awaited, Cause, Skip};

/// Names a step within its plan, as `kind:subject`, for example `release:egov-user`.
pub type StepId = String;

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
    /// Looks at the world without changing it.
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure>;
    /// Does it and waits until it is true.
    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure>;
    /// Takes it back.
    async fn undo(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure>;
}

/// What a step may say and ask while it runs. Everything it says becomes an [`Event`](crate::Event).
#[derive(Clone)]
pub struct StepContext {
    pub(crate) voice: std::sync::Arc<dyn Voice>,
    pub(crate) stop: tokio_util::sync::CancellationToken,
    pub(crate) found: std::sync::Arc<BTreeMap<String, String>>,
}

/// Where a step's words go; the run implements it.
pub(crate) trait Voice: Send + Sync {
    fn progress(&self, done: f64, total: f64, unit: &str, code: &str);
    fn waiting_on(&self, on: Vec<Awaited>);
    fn retrying(&self, cause: Cause, after: f64);
    fn found(&self, name: &str, value: &str);
}

/// A step's words when nobody listens.
struct Silence;

impl Voice for Silence {
    fn progress(&self, _: f64, _: f64, _: &str, _: &str) {}
    fn waiting_on(&self, _: Vec<Awaited>) {}
    fn retrying(&self, _: Cause, _: f64) {}
    fn found(&self, _: &str, _: &str) {}
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

impl StepContext {
    /// A context outside any run: what is said into it is heard by nobody. For a look from the side and for tests of
    /// what acts; `found` are the values that [`StepContext::value`] gives.
    pub fn detached(found: BTreeMap<String, String>, stop: tokio_util::sync::CancellationToken) -> Self {
        StepContext { voice: std::sync::Arc::new(Silence), stop, found: std::sync::Arc::new(found) }
    }
    /// How far the step is. Passing: it may be dropped, and a crash forgets it.
    pub fn progress(&self, done: f64, total: f64, unit: &str, code: &str) {
        self.voice.progress(done, total, unit, code);
    }
    /// What the step waits for right now; an empty list ends the waiting.
    pub fn waiting_on(&self, on: Vec<Awaited>) {
        self.voice.waiting_on(on);
    }
    /// That something went wrong and is tried again by the step itself, `after` so many seconds.
    pub fn retrying(&self, cause: Cause, after: f64) {
        self.voice.retrying(cause, after);
    }
    /// Gives later steps a value by name. Durable: journalled before anyone sees it. Never a secret.
    ///
    /// A crash can come between this and the end of the step, and the next run may then find everything as wanted: so a
    /// step says it in its `look` as well, whenever it sees it there.
    pub fn found(&self, name: &str, value: &str) {
        self.voice.found(name, value);
    }
    /// A value that an earlier step found.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.found.get(name).map(String::as_str)
    }
    /// Cancelled when the person asked to stop: finish the call that is under way and begin no other.
    pub fn stop(&self) -> &tokio_util::sync::CancellationToken {
        &self.stop
    }
}
