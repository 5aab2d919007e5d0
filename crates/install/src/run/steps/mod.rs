//! What the steps of an installation do, each through `cluster`: one type a kind, each in its own file. Every step looks first,
//! and doing it twice does it once.

mod action;
mod callers;
mod calls;
mod check;
mod cluster;
mod context;
mod crds;
mod early;
mod find;
mod history;
mod hooks;
mod late;
mod leave;
mod namespaces;
mod objects;
mod release;
mod tell;
mod webhook;

#[cfg(test)]
mod trials;

use std::collections::BTreeMap;

use async_trait::async_trait;
use engine::{Act, Cause, Did, Failure, Found, Step, StepContext, StepId};

use self::action::Action;
use self::context::Context;
use self::late::Late;
pub(crate) use self::late::RunInputs;
pub(crate) use self::tell::{as_failure, count, failure, tell_removing};
use crate::error::Error;
use crate::place::{Maker, Place};
use crate::plan::kinds::CLUSTER;
use crate::plan::{PlannedStep, StepKind, kinds};

/// Carries out the steps of one plan.
pub(crate) struct Acts {
    late: Late,
    actions: BTreeMap<StepId, Box<dyn Action>>,
}

/// What carries a planned step out. There is one for each kind; a plan is refused before it could hold an unknown one.
fn action_of(step: &PlannedStep) -> Result<Box<dyn Action>, Error> {
    Ok(match step.kind.clone() {
        StepKind::Check { .. } => Box::new(check::Check),
        StepKind::Namespaces { .. } => Box::new(namespaces::Namespaces),
        StepKind::Crds { service } => Box::new(crds::Crds { service }),
        StepKind::Early { service } => Box::new(early::Early { service }),
        StepKind::Hooks { service } => Box::new(hooks::Hooks { service }),
        StepKind::Release { service, calls } => Box::new(release::Release { service, calls }),
        StepKind::Webhook { service } => Box::new(webhook::Webhook { service }),
        StepKind::Find { value } => Box::new(find::Find { value }),
        StepKind::Leave { .. } => Box::new(leave::Leave),
        // It stands before all that is in it: see `cluster`.
        StepKind::Cluster { .. } | StepKind::Unknown { .. } => {
            let (step, kind) = (step.id.clone(), step.kind.code().to_owned());
            return Err(engine::Error::UnknownKind { step, kind }.into());
        }
    })
}

impl Acts {
    /// Prepares: draws or reads every secret. Where the cluster is there, binds it.
    pub(crate) fn new(inputs: RunInputs, there: Option<&Place>) -> Result<Self, Error> {
        let planned = &inputs.planned;
        let steps = planned.plan.steps.iter().filter(|step| !is_the_cluster(&step.kind));
        let actions = steps.map(|step| Ok((step.id.clone(), action_of(step)?))).collect::<Result<_, Error>>()?;
        inputs.secrets.prepare(&inputs.bundle.secret_needs(&planned.selection), &planned.plan.answers)?;
        Ok(Acts { late: Late::new(inputs, there), actions })
    }

    /// Looks at what is in the cluster, or does something to it. `None`: there is no cluster.
    fn in_cluster(&self, step: &Step) -> Result<Option<(&dyn Action, &Context)>, Failure> {
        let unknown = || Failure::new(Cause::new("unknown-step").with("kind", &step.kind));
        let action = self.actions.get(&step.id).map(AsRef::as_ref).ok_or_else(unknown)?;
        Ok(self.late.run().map(|run| (action, run)))
    }

    /// What makes the cluster, if that is what the step is about.
    fn maker(&self, step: &Step) -> Option<&dyn Maker> {
        self.late.maker().filter(|_| step.kind == CLUSTER)
    }
}

fn is_the_cluster(kind: &StepKind) -> bool {
    matches!(kind, StepKind::Cluster { .. })
}

#[async_trait]
impl Act for Acts {
    fn knows(&self, kind: &str) -> bool {
        kinds::is_of_plan(kind)
    }

    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
        if let Some(maker) = self.maker(step) {
            return cluster::look(&self.late, maker, cx).await;
        }
        match self.in_cluster(step)? {
            Some((action, run)) => {
                run.note_begun(&step.id);
                let found = action.look(run, cx).await;
                run.note_found(&step.id, &found);
                found
            }
            // Where there is no cluster, nothing is in it.
            None => Ok(Found::Absent),
        }
    }

    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        if let Some(maker) = self.maker(step) {
            return cluster::act(&self.late, maker, cx).await;
        }
        match self.in_cluster(step)? {
            Some((action, run)) => {
                let did = action.act(run, cx).await;
                run.note_done(&step.id, &did);
                did
            }
            None => Err(Failure::new(Cause::new("no-cluster-yet"))),
        }
    }

    async fn undo(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        if let Some(maker) = self.maker(step) {
            return cluster::undo(maker).await;
        }
        match self.in_cluster(step)? {
            Some((action, run)) => action.undo(run, cx).await,
            None => Ok(Did::default()),
        }
    }
}
