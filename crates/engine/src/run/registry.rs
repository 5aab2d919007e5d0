//! Which kinds of steps there are, and what carries each of them out.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::cause::Cause;
use crate::error::Error;
use crate::events::event::{Event, What};
use crate::plan::step::Step;
use crate::run::act::{Act, Did, Failure, Found};
use crate::run::context::StepContext;

/// What carries each kind of step out. Itself an [`Act`], which passes each step on to the one of its kind.
#[derive(Clone, Default)]
pub struct Registry {
    kinds: BTreeMap<String, Arc<dyn Act>>,
}

impl Registry {
    /// Knows no kind yet.
    pub fn new() -> Self {
        Registry::default()
    }

    /// The same, which also knows this kind.
    #[must_use]
    pub fn with(mut self, kind: impl Into<String>, act: Arc<dyn Act>) -> Self {
        self.kinds.insert(kind.into(), act);
        self
    }

    fn of(&self, step: &Step) -> Result<&Arc<dyn Act>, Failure> {
        // A run refuses such a step before anything begins; this is for a look from the side.
        let unknown = || Failure::new(Cause::new("unknown-step-kind").with("kind", &step.kind).with("step", &step.id));
        self.kinds.get(&step.kind).ok_or_else(unknown)
    }
}

#[async_trait]
impl Act for Registry {
    fn knows(&self, kind: &str) -> bool {
        self.kinds.get(kind).is_some_and(|act| act.knows(kind))
    }
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
        self.of(step)?.look(step, cx).await
    }
    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        self.of(step)?.act(step, cx).await
    }
    async fn undo(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        self.of(step)?.undo(step, cx).await
    }
}

/// Refuses steps of a kind that is not known: a newer program planned them, and nobody here could carry them out or take
/// them back.
pub fn check_kinds<'a>(steps: impl IntoIterator<Item = &'a Step>, knows: impl Fn(&str) -> bool) -> Result<(), Error> {
    match steps.into_iter().find(|step| !knows(&step.kind)) {
        Some(step) => Err(Error::UnknownKind { step: step.id.clone(), kind: step.kind.clone() }),
        None => Ok(()),
    }
}

/// Every step that a run of this journal began with, for [`check_kinds`]: a program that goes on with a newer one's
/// journal must know what that has made.
pub fn steps_of(events: &[Event]) -> impl Iterator<Item = &Step> {
    events.iter().flat_map(|event| match &event.what {
        What::RunStarted { steps, .. } => steps.as_slice(),
        _ => &[],
    })
}
