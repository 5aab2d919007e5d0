//! What others want of a service before it can go in itself.

use async_trait::async_trait;
use engine::{Did, Failure, Found, StepContext};

use super::action::Action;
use super::context::Context;
use super::tell::failure;

/// Objects of a service that go ahead of it.
pub(super) struct Early {
    pub(super) service: String,
}

#[async_trait]
impl Action for Early {
    async fn look(&self, run: &Context, cx: &StepContext) -> Result<Found, Failure> {
        let (_, rendered) = run.rendered(&self.service, cx)?;
        run.look_at_objects(&run.early_objects(&self.service, &rendered), &run.owner(&self.service)).await
    }

    /// Its record is begun, so that Helm knows whose they are; the service's own step ends it.
    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let (values, rendered) = run.rendered(&self.service, cx)?;
        let owner = run.owner(&self.service);
        let mut did = Did::default();
        let applied = async {
            run.begin_record(&self.service, &values, &rendered).await?;
            run.apply_all(&run.early_objects(&self.service, &rendered), &owner, false, &mut did, cx).await
        };
        applied.await.map_err(failure)?;
        Ok(did)
    }

    async fn undo(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let Some(rendered) = run.planned.rendered.get(&self.service) else { return Ok(Did::default()) };
        let objects = run.early_objects(&self.service, rendered);
        let ours = run.cluster.plan_uninstall(&run.owner(&self.service), &objects).await.map_err(failure)?;
        run.take_away(&ours, cx).await
    }
}
