//! One try at one step: look, then act; and what a step says meanwhile.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use tokio::sync::mpsc::UnboundedSender;

use crate::event::{Awaited, Cause, Skip, What};
use crate::step::{Act, Did, Failure, Found, Step, StepContext, Voice};

/// Which way a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Each step is done after all that it needs.
    #[default]
    Forward,
    /// Each step is taken back after all that need it.
    Backward,
}

/// What a step's task tells the run. One channel for both, so that what a step found comes before its end.
#[derive(Debug)]
pub(crate) enum Message {
    Said(usize, What),
    Ended(usize, Result<Did, Failure>),
}

/// The voice of one step.
pub(crate) struct Say {
    pub(crate) step: usize,
    pub(crate) to: UnboundedSender<Message>,
    /// Set while the run cannot listen; what is only shown is dropped then, so that it does not pile up.
    pub(crate) deaf: Arc<AtomicBool>,
}

impl Say {
    fn say(&self, what: What) {
        if what.is_durable() || !self.deaf.load(Ordering::Relaxed) {
            // A run that is gone listens no more.
            let _ = self.to.send(Message::Said(self.step, what));
        }
    }
}

impl Voice for Say {
    fn progress(&self, done: f64, total: f64, unit: &str, code: &str) {
        self.say(What::Progress { done, total, unit: unit.to_owned(), code: code.to_owned() });
    }
    fn waiting_on(&self, on: Vec<Awaited>) {
        self.say(What::WaitingOn { on });
    }
    fn retrying(&self, cause: Cause, after: f64) {
        self.say(What::Retrying { cause, after });
    }
    fn found(&self, name: &str, value: &str) {
        self.say(What::Found { name: name.to_owned(), value: value.to_owned() });
    }
}

/// Tries a step once. A panic in it is a failure like any other.
pub(crate) async fn carry(act: &dyn Act, step: &Step, cx: &StepContext, direction: Direction) -> Result<Did, Failure> {
    let attempt = async {
        match direction {
            Direction::Forward => forward(act, step, cx).await,
            Direction::Backward => backward(act, step, cx).await,
        }
    };
    match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(panicked(&*panic)),
    }
}

async fn forward(act: &dyn Act, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
    match look(act, step, cx).await? {
        Found::AsWanted => Ok(nothing_to_do()),
        Found::SomeoneElses(cause) => Err(Failure::new(cause)),
        Found::Absent | Found::Different => act.act(step, cx).await,
    }
}

async fn backward(act: &dyn Act, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
    match look(act, step, cx).await? {
        // What belongs to somebody else was never ours to take back.
        Found::Absent | Found::SomeoneElses(_) => Ok(nothing_to_do()),
        Found::AsWanted | Found::Different => act.undo(step, cx).await,
    }
}

async fn look(act: &dyn Act, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
    if cx.stop.is_cancelled() {
        return Err(Failure::stopped());
    }
    let found = act.look(step, cx).await?;
    let is_settled = matches!(found, Found::AsWanted | Found::SomeoneElses(_));
    if cx.stop.is_cancelled() && !is_settled {
        return Err(Failure::stopped());
    }
    Ok(found)
}

fn nothing_to_do() -> Did {
    Did { changed: 0, unchanged: 1, skipped: Some(Skip::AsWanted) }
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let mut failure = Failure::new(Cause::new("step-panicked"));
    // Only words that stand in the source: a message put together at run time could hold anything, also a secret.
    if let Some(words) = panic.downcast_ref::<&'static str>() {
        failure.evidence.push((*words).to_owned());
    }
    failure
}
