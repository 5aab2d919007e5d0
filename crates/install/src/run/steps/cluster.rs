//! The cluster itself, where the run makes it.

use engine::{Did, Failure, Found, StepContext};

use super::late::Late;
use super::tell::{as_failure, failure, said};
use crate::error::Error;
use crate::place::{self, Maker, Place};
use crate::plan::kinds::CLUSTER;
use crate::plan::{Plan, facts_differ};

/// Looks for it. One that is there is what all further steps work with from here on.
pub(super) async fn look(late: &Late, maker: &dyn Maker, cx: &StepContext) -> Result<Found, Failure> {
    match maker.find().await.map_err(|e| as_failure(&e))? {
        Some(place) => bound(late, &place, cx).await.map(|()| Found::AsWanted),
        None => Ok(Found::Absent),
    }
}

/// Makes it.
pub(super) async fn act(late: &Late, maker: &dyn Maker, cx: &StepContext) -> Result<Did, Failure> {
    let tell = |done: u32, of: u32| cx.progress(f64::from(done), f64::from(of), "parts", "making");
    let making = async { maker.make(&tell).await.map_err(|e| as_failure(&e)) };
    let place = tokio::select! {
        made = making => made?,
        // What was begun is gone on with by the next run.
        () = cx.stop().cancelled() => return Err(Failure::stopped()),
    };
    bound(late, &place, cx).await?;
    Ok(Did::changed(1, 0))
}

/// Takes it away with everything in it.
pub(super) async fn undo(maker: &dyn Maker) -> Result<Did, Failure> {
    let was_there = maker.unmake().await.map_err(|e| as_failure(&e))?;
    Ok(Did::changed(u32::from(was_there), 0))
}

/// Makes the cluster known to the run: first to the record, so that no other computer works on it, then, when what was promised
/// of it has been found to hold, to the steps.
async fn bound(late: &Late, place: &Place, cx: &StepContext) -> Result<(), Failure> {
    let run = late.bind(place).await?;
    let uid = place.uid().await.map_err(|e| as_failure(&e))?;
    if cx.value(CLUSTER) != Some(&uid) {
        let recorded = place.cluster.recorded_installations().await.map_err(failure)?;
        let is_new = !recorded.contains(&late.plan().installation);
        holds(late.plan(), place, is_new).await?;
        cx.found(CLUSTER, &uid);
    }
    run.recorder.save().await.map_err(failure)
}

/// Whether what the plan was promised of its cluster is so. Where the installation is in it already, as in one that a program
/// made that promised nothing, it serves what the installation brought.
async fn holds(plan: &Plan, place: &Place, is_new: bool) -> Result<(), Failure> {
    let found = place::facts(place).await.map_err(|e| as_failure(&e))?.without_uid();
    let mut differences = facts_differ(&plan.cluster, &found);
    differences.retain(|difference| is_new || difference.code != "apis-added");
    if differences.is_empty() {
        return Ok(());
    }
    let evidence = differences.iter().map(|difference| format!("{}: {}", difference.code, said(difference))).collect();
    let failure = as_failure(&Error::PlanOutdated { differences });
    Err(Failure { evidence, ..failure })
}
