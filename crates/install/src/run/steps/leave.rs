//! What a smaller choice no longer holds.

use async_trait::async_trait;
use engine::{Did, Failure, Found, StepContext};

use super::action::Action;
use super::context::Context;
use super::tell::{failure, nothing_made};
use crate::run::leaving;

/// The services that go.
pub(super) struct Leave;

#[async_trait]
impl Action for Leave {
    /// What is gone already is found by taking it away: nothing is left to do then.
    async fn look(&self, _: &Context, _: &StepContext) -> Result<Found, Failure> {
        Ok(Found::Different)
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        leaving::take_away(&run.cluster, &run.planned.plan, cx).await.map_err(failure)
    }

    /// What went was of an earlier choice, and comes back with it.
    async fn undo(&self, _: &Context, _: &StepContext) -> Result<Did, Failure> {
        Ok(nothing_made())
    }
}
