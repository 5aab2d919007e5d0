//! Webhooks that must answer before what they guard is applied.

use async_trait::async_trait;
use engine::{Did, Failure, Found, StepContext};

use super::action::Action;
use super::context::Context;
use super::tell::{count, failure, nothing_made, tell};

/// The webhooks of a service.
pub(super) struct Webhook {
    pub(super) service: String,
}

#[async_trait]
impl Action for Webhook {
    /// A wait is over at once when there is nothing to wait for.
    async fn look(&self, _: &Context, _: &StepContext) -> Result<Found, Failure> {
        Ok(Found::Different)
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let configs = run.webhooks(&self.service);
        run.watch.wait_webhooks(&configs, run.wait_context(), &mut |w| tell(cx, w)).await.map_err(failure)?;
        Ok(Did::changed(0, count(configs.len())))
    }

    async fn undo(&self, _: &Context, _: &StepContext) -> Result<Did, Failure> {
        Ok(nothing_made())
    }
}
