//! Whether the cluster that the run made is fit for the rest.

use async_trait::async_trait;
use engine::{Did, Failure, Found, StepContext};

use super::action::Action;
use super::context::Context;
use super::tell::{as_failure, nothing_made};
use crate::error::Error;
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
        let tries = run.tries.options(run.clock.now(), cx.stop().clone(), true);
        // The installation is this home's own: it has just taken the lease on it.
        let checked = checks::of_cluster(&run.place, &run.planned, true, &tries, &|_| {}).await;
        let checked = checked.map_err(|e| as_failure(&e))?;
        let names = checked.failed();
        if names.is_empty() {
            return Ok(Did::changed(0, u32::try_from(checked.checks.len()).unwrap_or(u32::MAX)));
        }
        let failed = checked.checks.iter().filter(|check| check.state == CheckState::NotPassed);
        let said = |check: &crate::place::CheckView| {
            let cause = check.cause.as_ref();
            let args = cause.into_iter().flat_map(|cause| &cause.args).map(|(name, value)| format!("{name}: {value}"));
            format!("{}: {}", check.name, args.collect::<Vec<_>>().join(", "))
        };
        let evidence = failed.map(said).collect();
        Err(Failure { evidence, ..as_failure(&Error::ChecksNotPassed { names }) })
    }

    async fn undo(&self, _: &Context, _: &StepContext) -> Result<Did, Failure> {
        Ok(nothing_made())
    }
}
