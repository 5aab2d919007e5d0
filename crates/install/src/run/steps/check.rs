//! Whether the cluster that the run made is fit for the rest.

use async_trait::async_trait;
use engine::{Cause, Did, Failure, Found, StepContext};

use super::action::Action;
use super::context::Context;
use super::tell::{as_failure, nothing_made, said};
use crate::place::{CheckState, checks};

/// The checks of a cluster, as they are made before a run into one that is there.
pub(super) struct Check;

#[async_trait]
impl Action for Check {
    /// What was fit the last time may not be so any more.
    async fn look(&self, _: &Context, _: &StepContext) -> Result<Found, Failure> {
        Ok(Found::Different)
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let probes = run.probes.options(run.clock.now(), cx.stop().clone(), true);
        // The installation is this home's own: it has just taken the lease on it.
        let checked = checks::of_cluster(&run.place, &run.planned, true, &probes, &|_| {}).await;
        let checked = checked.map_err(|e| as_failure(&e))?;
        let failed = checked.checks.iter().filter(|check| check.state == CheckState::NotPassed);
        let failed: Vec<(&str, &Cause)> =
            failed.filter_map(|check| Some((check.name.as_str(), check.cause.as_ref()?))).collect();
        let Some((_, first)) = failed.first() else {
            return Ok(Did::changed(0, u32::try_from(checked.checks.len()).unwrap_or(u32::MAX)));
        };
        // One step tells one cause: the first, since it says what to do, and all of them to whoever helps.
        let evidence = failed.iter().map(|(name, cause)| format!("{name}: {}", said(cause))).collect();
        Err(Failure { evidence, ..Failure::new((*first).clone()) })
    }

    async fn undo(&self, _: &Context, _: &StepContext) -> Result<Did, Failure> {
        Ok(nothing_made())
    }
}
