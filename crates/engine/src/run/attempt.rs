//! One try at one step: look, then act; and what a step says meanwhile.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use tokio::sync::mpsc::UnboundedSender;

use crate::cause::Cause;
use crate::events::event::{Skip, What};
use crate::events::purpose::Direction;
use crate::plan::step::Step;
use crate::run::act::{Act, Did, Failure, Found};
use crate::run::context::StepContext;

/// What a step's task tells the run. One channel for both, so that what a step found comes before its end.
#[derive(Debug)]
pub(crate) enum Message {
    Said(usize, What),
    Ended(usize, Result<Did, Failure>),
}

/// What one step says goes to the run, which puts it in order with what others say. While the run is `deaf` (it cannot
/// write), what is only shown is dropped, so that it does not pile up.
pub(crate) fn speaker(
    step: usize,
    to: UnboundedSender<Message>,
    deaf: Arc<AtomicBool>,
) -> Arc<dyn Fn(What) + Send + Sync> {
    Arc::new(move |what: What| {
        if what.is_durable() || !deaf.load(Ordering::Relaxed) {
            // A run that is gone listens no more.
            let _ = to.send(Message::Said(step, what));
        }
    })
}

/// Tries a step once. A panic in it is a failure like any other.
pub(crate) async fn attempt(
    act: &dyn Act,
    step: &Step,
    cx: &StepContext,
    direction: Direction,
) -> Result<Did, Failure> {
    let carried = async {
        match direction {
            Direction::Forward => forward(act, step, cx).await,
            Direction::Backward => backward(act, step, cx).await,
        }
    };
    match AssertUnwindSafe(carried).catch_unwind().await {
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
