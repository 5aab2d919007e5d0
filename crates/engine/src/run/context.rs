//! What a step may say and ask while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::cause::{Awaited, Cause};
use crate::events::event::{Part, What};
use crate::run::hold::Hold;

/// What a step may say and ask while it runs. Everything it says becomes an [`Event`](crate::Event).
#[derive(Clone)]
pub struct StepContext {
    pub(crate) emit: Arc<dyn Fn(What) + Send + Sync>,
    pub(crate) stop: CancellationToken,
    pub(crate) found: Arc<BTreeMap<String, String>>,
}

impl StepContext {
    /// A context outside any run: what is said into it is heard by nobody. For a look from the side and for tests of
    /// what acts; `found` are the values that [`StepContext::value`] gives.
    pub fn detached(found: BTreeMap<String, String>, stop: CancellationToken) -> Self {
        StepContext { emit: Arc::new(|_| {}), stop, found: Arc::new(found) }
    }
    /// How far the step is. Passing: it may be dropped, and a crash forgets it.
    pub fn progress(&self, done: f64, total: f64, unit: &str, code: &str) {
        (self.emit)(What::Progress { done, total, unit: unit.to_owned(), code: code.to_owned() });
    }
    /// What the step waits for right now; an empty list ends the waiting.
    pub fn waiting_on(&self, on: Vec<Awaited>) {
        (self.emit)(What::WaitingOn { on });
    }
    /// That something went wrong and is tried again by the step itself, `after` so many seconds.
    pub fn retrying(&self, cause: Cause, after: f64) {
        (self.emit)(What::Retrying { cause, after });
    }
    /// Gives later steps a value by name. Durable: journalled before anyone sees it. Never a secret.
    ///
    /// A crash can come between this and the end of the step, and the next run may then find everything as wanted: so a
    /// step says it in its `look` as well, whenever it sees it there.
    pub fn found(&self, name: &str, value: &str) {
        (self.emit)(What::Found { name: name.to_owned(), value: value.to_owned() });
    }
    /// How a part of the step stands. That it has ended is durable; what it is busy with meanwhile is passing. Like what
    /// was found, a part that has ended is said in `look` as well, so that a crash in between loses nothing.
    pub fn part(&self, part: Part) {
        (self.emit)(What::Part(part));
    }
    /// That what the step makes costs from now on, if that is before its end. Otherwise it costs from its end on.
    pub fn cost_began(&self) {
        (self.emit)(What::CostBegan);
    }
    /// Holds the run until the hold is dropped: a person is needed for `cause`, and it is tried again until it works. For
    /// what is in the way of all steps; no other step begins meanwhile. Several steps may hold for the same.
    pub fn hold(&self, cause: Cause) -> Hold {
        Hold::new(self.emit.clone(), self.stop.clone(), cause)
    }
    /// A value that an earlier step found.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.found.get(name).map(String::as_str)
    }
    /// Cancelled when the person asked to stop: finish the call that is under way and begin no other.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}
