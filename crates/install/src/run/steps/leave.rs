//! What a smaller choice no longer holds. Disks stay, so nothing that anybody entered is lost: chosen again, a service finds them.

use async_trait::async_trait;
use cluster::remove::Removal;
use engine::{Did, Failure, Found, StepContext};

use super::action::Action;
use super::context::Context;
use super::tell::{failure, nothing_made};

/// The services that go.
pub(super) struct Leave;

#[async_trait]
impl Action for Leave {
    /// What is gone already is found by taking it away: nothing is left to do then.
    async fn look(&self, _: &Context, _: &StepContext) -> Result<Found, Failure> {
        Ok(Found::Different)
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let leaving = &run.planned.plan.leaving;
        let releases = leaving.iter().map(|one| (one.namespace.clone(), one.name.clone())).collect();
        // Of no installation: what is marked by these releases goes, and no namespace.
        let what = Removal { installation: String::new(), releases, keep_data: true };
        let found = run.cluster.plan_removal(&what).await.map_err(failure)?;
        run.take_away(&found, cx).await
    }

    /// What went was of an earlier choice, and comes back with it.
    async fn undo(&self, _: &Context, _: &StepContext) -> Result<Did, Failure> {
        Ok(nothing_made())
    }
}
