//! Taking away what a smaller choice no longer holds. Disks stay, so nothing that anybody entered is lost: chosen again, a service
//! finds them.

use std::collections::BTreeSet;

use cluster::Cluster;
use cluster::remove::{Removal, Removing};
use engine::{Awaited, Cause, Did, StepContext};

use crate::plan::Plan;

/// Takes away what a plan says goes, and waits until it is gone.
pub(super) async fn take_away(cluster: &Cluster, plan: &Plan, cx: &StepContext) -> Result<Did, cluster::Error> {
    let releases: BTreeSet<(String, String)> =
        plan.leaving.iter().map(|one| (one.namespace.clone(), one.name.clone())).collect();
    // Of no installation: what is marked by these releases goes, and no namespace.
    let what = Removal { installation: String::new(), releases, keep_data: true };
    let found = cluster.plan_removal(&what).await?;
    let gone = cluster.remove(&found, &mut |now| tell(cx, now)).await?;
    cx.waiting_on(Vec::new());
    Ok(Did { changed: u32::try_from(gone).unwrap_or(u32::MAX), ..Did::default() })
}

/// Says how far something that goes is, and what is still there.
pub(super) fn tell(cx: &StepContext, now: &Removing) {
    cx.progress(now.done as f64, now.total as f64, "objects", "removing");
    let awaited = |object: &cluster::ObjectRef| Awaited {
        kind: "object".to_owned(),
        name: object.to_string(),
        why: Cause::new("going"),
    };
    cx.waiting_on(now.on.iter().map(awaited).collect());
}
