//! Hooks that run while their service still waits for something that they do not want.

use async_trait::async_trait;
use cluster::uninstall::objects_of_hooks;
use engine::{Did, Failure, Found, StepContext};
use helm_template::Hook;

use super::action::Action;
use super::context::Context;
use super::tell::failure;
use crate::plan::early;

/// What a service runs before it is installed.
pub(super) struct Hooks {
    pub(super) service: String,
}

#[async_trait]
impl Action for Hooks {
    /// Hooks leave nothing behind that says that they ran, but for the release that is there.
    async fn look(&self, run: &Context, _: &StepContext) -> Result<Found, Failure> {
        Ok(if run.is_recorded(&run.owner(&self.service)).await? { Found::AsWanted } else { Found::Different })
    }

    /// The service's own step does not run them again.
    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let (values, rendered) = run.rendered(&self.service, cx)?;
        let ran = async {
            run.begin_record(&self.service, &values, &rendered).await?;
            run.run_hooks("pre-install", &self.service, &rendered.hooks, run.wait_context(), cx).await
        };
        let changed = ran.await.map_err(failure)?;
        cx.waiting_on(Vec::new());
        run.known().hooked.insert(self.service.clone());
        Ok(Did::changed(changed, 0))
    }

    /// What they left.
    async fn undo(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let Some(rendered) = run.planned.rendered.get(&self.service) else { return Ok(Did::default()) };
        let early: Vec<Hook> = early::pre_install(rendered).cloned().collect();
        let owner = run.owner(&self.service);
        let left = run.cluster.plan_uninstall(&owner, &objects_of_hooks(&early)).await.map_err(failure)?;
        run.take_away(&left, cx).await
    }
}
