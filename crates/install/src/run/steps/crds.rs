//! A chart's custom resource definitions.

use async_trait::async_trait;
use cluster::ObjectRef;
use engine::{Did, Failure, Found, StepContext};
use serde_json::Value;

use super::action::Action;
use super::context::Context;
use super::tell::{failure, tell};
use crate::plan::namespaces;

/// The definitions of a service's chart.
pub(super) struct Crds {
    pub(super) service: String,
}

impl Crds {
    fn of(&self, run: &Context) -> Vec<Value> {
        let rendered = run.planned.rendered.get(&self.service);
        rendered.into_iter().flat_map(|r| &r.crds).map(|m| m.object.clone()).collect()
    }
}

#[async_trait]
impl Action for Crds {
    async fn look(&self, run: &Context, _: &StepContext) -> Result<Found, Failure> {
        for crd in self.of(run) {
            if run.cluster.get(&ObjectRef::of(&crd)).await.map_err(failure)?.is_some() {
                // Applying them anew costs nothing and changes nothing that is as wanted.
                return Ok(Found::Different);
            }
        }
        Ok(Found::Absent)
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let owner = run.owner(&self.service);
        let mut tell = |w: &cluster::Waiting| tell(cx, w);
        let applied = cluster::crds::apply_crds(&run.watch, &self.of(run), &owner, run.wait_context(), &mut tell).await;
        let (changed, unchanged) = applied.map_err(failure)?;
        Ok(Did::changed(changed, unchanged))
    }

    /// Only those that nobody else uses.
    async fn undo(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let (crds, namespaces) = (self.of(run), namespaces(&run.planned));
        let owner = run.owner(&self.service);
        let ours = run.cluster.plan_undefining(&owner, &crds, &namespaces).await.map_err(failure)?;
        run.take_away(&ours, cx).await
    }
}
