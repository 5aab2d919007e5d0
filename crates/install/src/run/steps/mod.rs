//! What the steps of an installation do, each through `cluster`: one type a kind, each in its own file. Every step looks first,
//! and doing it twice does it once.

mod action;
mod ahead;
mod callers;
mod calls;
mod context;
mod crds;
mod find;
mod history;
mod hooks;
mod leave;
mod namespaces;
mod objects;
mod release;
mod tell;
mod webhook;

#[cfg(test)]
mod trials;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use catalog::Bundle;
use cluster::watch::Watch;
use engine::{Act, Cause, Clock, Did, Failure, Found, Step, StepContext, StepId};
use helm_template::Capabilities;
use tokio_util::sync::CancellationToken;

use self::action::Action;
use self::context::{Context, Known};
pub(crate) use self::tell::{count, failure};
use super::record::Recorder;
use crate::error::Error;
use crate::home::{About, Secrets};
use crate::place::Place;
use crate::plan::{Planned, PlannedStep, StepKind, kinds, namespaces};

/// Carries out the steps of one plan.
pub(crate) struct Acts {
    run: Context,
    actions: BTreeMap<StepId, Box<dyn Action>>,
}

/// What a run's steps work with.
pub(crate) struct Means {
    pub(crate) place: Place,
    pub(crate) bundle: Arc<Bundle>,
    pub(crate) planned: Planned,
    pub(crate) about: About,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) recorder: Recorder,
    pub(crate) stop: CancellationToken,
    pub(crate) on_trouble: cluster::OnTrouble,
}

/// What carries a planned step out. There is one for each kind; a plan is refused before it could hold an unknown one.
fn action_of(step: &PlannedStep) -> Result<Box<dyn Action>, Error> {
    Ok(match step.kind.clone() {
        StepKind::Namespaces { .. } => Box::new(namespaces::Namespaces),
        StepKind::Crds { service } => Box::new(crds::Crds { service }),
        StepKind::Ahead { service } => Box::new(ahead::Ahead { service }),
        StepKind::Hooks { service } => Box::new(hooks::Hooks { service }),
        StepKind::Release { service, calls } => Box::new(release::Release { service, calls }),
        StepKind::Webhook { service } => Box::new(webhook::Webhook { service }),
        StepKind::Find { value } => Box::new(find::Find { value }),
        StepKind::Leave { .. } => Box::new(leave::Leave),
        StepKind::Unknown { kind, .. } => return Err(engine::Error::UnknownKind { step: step.id.clone(), kind }.into()),
    })
}

impl Acts {
    /// Prepares: draws or reads every secret, connects the watch.
    pub(crate) fn new(means: Means) -> Result<Self, Error> {
        let Means { place, bundle, planned, about, secrets, clock, recorder, stop, on_trouble } = means;
        let steps = planned.plan.steps.iter().map(|step| Ok((step.id.clone(), action_of(step)?)));
        let actions = steps.collect::<Result<_, Error>>()?;
        secrets.prepare(&bundle.secret_needs(&planned.selection), &planned.plan.answers)?;
        let patient = place.cluster.with_patience(cluster::Patience::Endless);
        let cluster = patient.with_listener(on_trouble).with_stop(stop).with_permit(recorder.permit());
        let time = clock.clone();
        let watch = Watch::new(&cluster, Arc::new(move || time.now()), namespaces(&planned));
        let facts = &planned.plan.cluster;
        let capabilities =
            Capabilities { kube_version: facts.version.clone(), api_versions: facts.api_versions.clone() };
        let known = Mutex::new(Known::default());
        let run = Context { cluster, watch, bundle, planned, about, secrets, clock, recorder, capabilities, known };
        Ok(Acts { run, actions })
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.run.watch
    }

    fn of(&self, step: &Step) -> Result<&dyn Action, Failure> {
        let unknown = || Failure::new(Cause::new("unknown-step").with("kind", &step.kind));
        self.actions.get(&step.id).map(AsRef::as_ref).ok_or_else(unknown)
    }
}

#[async_trait]
impl Act for Acts {
    fn knows(&self, kind: &str) -> bool {
        kinds::is_of_plan(kind)
    }
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
        self.run.note_begun(&step.id);
        let found = self.of(step)?.look(&self.run, cx).await;
        self.run.note_found(&step.id, &found);
        found
    }
    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        let did = self.of(step)?.act(&self.run, cx).await;
        self.run.note_done(&step.id, &did);
        did
    }
    async fn undo(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        self.of(step)?.undo(&self.run, cx).await
    }
}
