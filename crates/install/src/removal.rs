//! Taking an installation back: stage by stage, what the cluster shows to be ours and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use cluster::Cluster;
use cluster::remove::{RemovalPlan, Stage};
use engine::{Act, Awaited, Cause, Did, Failure, Found, Step, StepContext};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::act::{count, failure};
use crate::place::Place;
use crate::planning::{self, Planned, kinds};
use crate::priors::Priors;
use crate::record::Recorder;

/// The step that takes the installation's own record away, last of all.
const RECORD: &str = "record";

/// The stages in which things go.
const STAGES: [Stage; 9] = [
    Stage::Webhooks,
    Stage::LoadBalancers,
    Stage::CustomResources,
    Stage::Workloads,
    Stage::Claims,
    Stage::Rest,
    Stage::Definitions,
    Stage::Records,
    Stage::Namespaces,
];

/// Carries out the steps of a removal.
pub(crate) struct Removal {
    cluster: Cluster,
    what: cluster::remove::Removal,
    /// What was found when the run began: claims are told by the sets that made them, which go before them.
    found: OnceCell<RemovalPlan>,
    recorder: Recorder,
}

/// What of an installation is to go.
pub(crate) fn what(planned: &Planned, keep_data: bool) -> cluster::remove::Removal {
    let releases: BTreeSet<(String, String)> =
        planned.releases.values().map(|r| (r.namespace.clone(), r.service.clone())).collect();
    cluster::remove::Removal { installation: planned.plan.installation.clone(), releases, keep_data }
}

/// The steps, each after the one before.
pub(crate) fn steps(keep_data: bool) -> Vec<Step> {
    let stages = STAGES.iter().filter(|s| !(keep_data && **s == Stage::Claims)).map(|s| s.code());
    let mut steps: Vec<Step> = Vec::new();
    for subject in stages.chain([RECORD]) {
        let needs = steps.last().map(|s| s.id.clone()).into_iter().collect();
        steps.push(Step {
            id: planning::id(kinds::REMOVE, subject),
            kind: kinds::REMOVE.to_owned(),
            subject: subject.to_owned(),
            stage: format!("remove-{subject}"),
            needs,
            estimate: Priors::default().estimate(kinds::REMOVE, subject, "remove"),
            changes: Vec::new(),
        });
    }
    steps
}

/// What is still there, by kind: the second look that proves a removal.
pub(crate) async fn left(
    place: &Place,
    planned: &Planned,
    keep_data: bool,
) -> Result<BTreeMap<String, u32>, cluster::Error> {
    let plan = place.cluster.plan_removal(&what(planned, keep_data)).await?;
    let mut left = BTreeMap::new();
    for object in plan.stages.values().flatten() {
        *left.entry(object.kind.clone()).or_default() += 1;
    }
    Ok(left)
}

impl Removal {
    /// Prepares a removal.
    pub(crate) fn new(
        place: &Place,
        planned: &Planned,
        keep_data: bool,
        recorder: Recorder,
        stop: CancellationToken,
        on_trouble: cluster::OnTrouble,
    ) -> Self {
        let patient = place.cluster.with_patience(cluster::Patience::Endless);
        Removal {
            cluster: patient.with_listener(on_trouble).with_stop(stop),
            what: what(planned, keep_data),
            found: OnceCell::new(),
            recorder,
        }
    }

    async fn part(&self, subject: &str) -> Result<RemovalPlan, cluster::Error> {
        let all = self.found.get_or_try_init(|| self.cluster.plan_removal(&self.what)).await?;
        let stages = all.stages.iter().filter(|(stage, _)| stage.code() == subject);
        Ok(RemovalPlan { stages: stages.map(|(stage, objects)| (*stage, objects.clone())).collect() })
    }
}

#[async_trait]
impl Act for Removal {
    async fn look(&self, step: &Step, _: &StepContext) -> Result<Found, Failure> {
        if step.subject == RECORD {
            return Ok(Found::Different);
        }
        let part = self.part(&step.subject).await.map_err(failure)?;
        Ok(if part.count() == 0 { Found::AsWanted } else { Found::Different })
    }

    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        if step.subject == RECORD {
            self.recorder.delete(&self.cluster).await.map_err(failure)?;
            return Ok(Did { changed: 1, ..Did::default() });
        }
        let part = self.part(&step.subject).await.map_err(failure)?;
        let mut tell = |now: &cluster::remove::Removing| {
            cx.progress(now.done as f64, now.total as f64, "objects", "removing");
            let awaited = |object: &cluster::ObjectRef| Awaited {
                kind: "object".to_owned(),
                name: object.to_string(),
                why: Cause::new("going"),
            };
            cx.waiting_on(now.on.iter().map(awaited).collect());
        };
        let gone = self.cluster.remove(&part, &mut tell).await.map_err(failure)?;
        cx.waiting_on(Vec::new());
        Ok(Did { changed: count(gone), ..Did::default() })
    }

    async fn undo(&self, step: &Step, _: &StepContext) -> Result<Did, Failure> {
        Err(Failure::new(Cause::new("unknown-step").with("kind", &step.kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_waits_for_the_one_before_and_data_may_stay() {
        let all = steps(false);
        assert_eq!(all.len(), 10);
        assert!(all.windows(2).all(|pair| pair[1].needs == [pair[0].id.clone()]));
        assert_eq!(all.last().map(|s| s.subject.as_str()), Some(RECORD));
        assert!(steps(true).iter().all(|s| s.subject != "claims"));
    }
}
