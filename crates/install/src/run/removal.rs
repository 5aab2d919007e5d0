//! Taking an installation back: stage by stage, what the cluster shows to be ours and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use cluster::remove::{RemovalPlan, Stage};
use cluster::{Cluster, ObjectRef};
use engine::{Act, Cause, Change, Did, Failure, Found, Report, SecondLook, Step, StepContext};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::proof::{self, Before};
use super::record::Recorder;
use super::steps::{as_failure, count, failure, tell_removing};
use crate::error::Error;
use crate::place::{Maker, Place};
use crate::plan::{Plan, first_estimate, kinds};

/// What a removal finds in the cluster: from a look just now, whatever the plan said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct RemovalView {
    /// When the cluster was looked at.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// When the disks go as well.
    pub whole: RemovalList,
    /// When the disks are kept.
    pub keeping: RemovalList,
    /// APIs that did not answer, as group and version: what they hold is not in the lists, and stays.
    pub unanswered: Vec<String>,
}

/// What goes, and what of the installation stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct RemovalList {
    /// Objects that go, by kind.
    pub objects: Vec<Change>,
    /// Claims that go: `namespace/name`.
    pub claims: Vec<String>,
    /// Namespaces that go.
    pub namespaces: Vec<String>,
    /// Claims that stay: `namespace/name`.
    pub claims_kept: Vec<String>,
    /// Namespaces that stay, since claims in them do.
    pub namespaces_kept: Vec<String>,
}

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
    /// The cluster; none: it is gone already, or was never made.
    there: Option<There>,
    /// What made it, if a run did.
    maker: Option<Arc<dyn Maker>>,
    what: cluster::remove::Removal,
    /// What was found when the run began: claims are told by the sets that made them, which go before them.
    found: OnceCell<(RemovalPlan, Before)>,
    /// What the second look found, if it had to be taken before the cluster itself went.
    looked: OnceCell<Proof>,
    folder: PathBuf,
    recorder: Recorder,
}

/// A cluster that something is taken away from.
struct There {
    place: Place,
    /// The same, as the steps' calls go.
    cluster: Cluster,
}

/// What was ours and is still there, by kind, and what else the second look found.
type Proof = (BTreeMap<String, u32>, SecondLook);

/// What of an installation is to go: what the cluster says is its own, and what the plan that was carried out named. A plan
/// that cannot be read names nothing more.
pub(crate) fn what(installation: &str, known: Option<&Plan>, keep_data: bool) -> cluster::remove::Removal {
    let services = known.into_iter().flat_map(|plan| &plan.services);
    let releases: BTreeSet<(String, String)> = services.map(|s| (s.namespace.clone(), s.name.clone())).collect();
    cluster::remove::Removal { installation: installation.to_owned(), releases, keep_data }
}

/// Looks at what there is to take away; where no cluster is there, nothing is. Changes nothing.
pub(crate) async fn look(
    there: Option<&Place>,
    installation: &str,
    known: Option<&Plan>,
    at: Timestamp,
) -> Result<RemovalView, cluster::Error> {
    let found = match there {
        Some(place) => place.cluster.plan_removal(&what(installation, known, false)).await?,
        None => RemovalPlan::default(),
    };
    let unanswered = found.unanswered.iter().cloned().collect();
    Ok(RemovalView { at, whole: list(&found, false), keeping: list(&found, true), unanswered })
}

/// What of all that was found goes. Kept claims keep their namespaces.
fn list(found: &RemovalPlan, keep_data: bool) -> RemovalList {
    let of = |stage: Stage| found.stages.get(&stage).into_iter().flatten();
    let with_claims: BTreeSet<&str> = of(Stage::Claims).map(|claim| claim.namespace.as_str()).collect();
    let stays = |stage: Stage, object: &ObjectRef| {
        keep_data
            && match stage {
                Stage::Claims => true,
                Stage::Namespaces => with_claims.contains(object.name.as_str()),
                _ => false,
            }
    };
    let mut list = RemovalList::default();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for (&stage, object) in found.stages.iter().flat_map(|(stage, all)| all.iter().map(move |object| (stage, object))) {
        let stays = stays(stage, object);
        if !stays {
            *counts.entry(&object.kind).or_default() += 1;
        }
        match (stage, stays) {
            (Stage::Claims, false) => list.claims.push(claim(object)),
            (Stage::Claims, true) => list.claims_kept.push(claim(object)),
            (Stage::Namespaces, false) => list.namespaces.push(object.name.clone()),
            (Stage::Namespaces, true) => list.namespaces_kept.push(object.name.clone()),
            _ => {}
        }
    }
    list.objects = counts.into_iter().map(|(kind, count)| Change { kind: kind.to_owned(), count }).collect();
    list
}

fn claim(object: &ObjectRef) -> String {
    format!("{}/{}", object.namespace, object.name)
}

/// The steps, each after the one before: what is in the cluster if it `is_there`, and the cluster itself if a run made it. Disks
/// that are kept keep it.
pub(crate) fn steps(keep_data: bool, is_there: bool, is_made: bool) -> Vec<Step> {
    let stages = STAGES.iter().filter(|s| !(keep_data && **s == Stage::Claims)).map(|s| s.code());
    let inside = stages.chain([RECORD]).filter(|_| is_there);
    let mut steps: Vec<Step> = Vec::new();
    for subject in inside.chain([kinds::CLUSTER].into_iter().filter(|_| is_made && !(keep_data && is_there))) {
        let needs = steps.last().map(|s| s.id.clone()).into_iter().collect();
        steps.push(Step {
            id: kinds::id(kinds::REMOVE, subject),
            kind: kinds::REMOVE.to_owned(),
            subject: subject.to_owned(),
            stage: format!("remove-{subject}"),
            needs,
            estimate: first_estimate(kinds::REMOVE, "remove", false),
            changes: Vec::new(),
            content: None,
            counted: false,
            cost: None,
        });
    }
    steps
}

/// Whether a removal that was begun keeps the disks: it has no step for claims then, nor for the cluster that they are in.
pub(crate) fn keeps_data(report: &Report) -> bool {
    let with_data = [Stage::Claims.code(), kinds::CLUSTER].map(|subject| kinds::id(kinds::REMOVE, subject));
    !report.stages.iter().flat_map(|stage| &stage.steps).any(|step| with_data.contains(&step.id))
}

impl Removal {
    /// Prepares a removal.
    pub(crate) fn new(
        there: Option<Place>,
        maker: Option<Arc<dyn Maker>>,
        what: cluster::remove::Removal,
        folder: &Path,
        recorder: Recorder,
        stop: CancellationToken,
        on_trouble: cluster::OnTrouble,
    ) -> Self {
        let there = there.map(|place| {
            let patient = place.cluster.with_patience(cluster::Patience::Endless);
            let cluster = patient.with_listener(on_trouble).with_stop(stop).with_permit(recorder.permit());
            There { place, cluster }
        });
        Removal {
            there,
            maker,
            what,
            found: OnceCell::new(),
            looked: OnceCell::new(),
            folder: folder.to_owned(),
            recorder,
        }
    }

    /// What was ours and is still there, by kind, and what else the second look found.
    pub(crate) async fn proved(&self) -> Result<Proof, Error> {
        let (mut left, mut look) = self.look_again().await?.cloned().unwrap_or_default();
        if let Some(maker) = &self.maker
            && !self.what.keep_data
            && maker.find().await?.is_some()
        {
            left.insert("Cluster".to_owned(), 1);
            look.names.push("Cluster".to_owned());
        }
        proof::forget(&self.folder);
        Ok((left, look))
    }

    /// The second look at the cluster, taken once; none where there is no cluster to look at.
    async fn look_again(&self) -> Result<Option<&Proof>, cluster::Error> {
        let Some(there) = &self.there else { return Ok(None) };
        let look = async || {
            let (_, before) = self.found(there).await?;
            before.prove(&there.place.cluster).await
        };
        self.looked.get_or_try_init(look).await.map(Some)
    }

    async fn found(&self, there: &There) -> Result<&(RemovalPlan, Before), cluster::Error> {
        let look = async || {
            let plan = there.cluster.plan_removal(&self.what).await?;
            let before = Before::take(&there.cluster, &self.what, &plan, &self.folder).await?;
            Ok((plan, before))
        };
        self.found.get_or_try_init(look).await
    }

    async fn part(&self, there: &There, subject: &str) -> Result<RemovalPlan, cluster::Error> {
        let (all, _) = self.found(there).await?;
        let stage = all.stages.keys().find(|stage| stage.code() == subject);
        Ok(stage.map_or_else(RemovalPlan::default, |stage| all.only(*stage)))
    }

    /// Takes away the cluster that a run made. What was in it is looked at before: disks and balancers may outlive it.
    async fn unmake(&self) -> Result<Did, Failure> {
        self.look_again().await.map_err(failure)?;
        let Some(maker) = &self.maker else { return Ok(Did::default()) };
        let was_there = maker.unmake().await.map_err(|why| as_failure(&why))?;
        Ok(Did { changed: u32::from(was_there), ..Did::default() })
    }
}

#[async_trait]
impl Act for Removal {
    fn knows(&self, kind: &str) -> bool {
        kind == kinds::REMOVE
    }
    async fn look(&self, step: &Step, _: &StepContext) -> Result<Found, Failure> {
        if [RECORD, kinds::CLUSTER].contains(&step.subject.as_str()) {
            return Ok(Found::Different);
        }
        let Some(there) = &self.there else { return Ok(Found::AsWanted) };
        let part = self.part(there, &step.subject).await.map_err(failure)?;
        Ok(if part.count() == 0 { Found::AsWanted } else { Found::Different })
    }

    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        if step.subject == kinds::CLUSTER {
            return self.unmake().await;
        }
        let Some(there) = &self.there else { return Ok(Did::default()) };
        if step.subject == RECORD {
            self.recorder.delete(&there.cluster, &mut |now| tell_removing(cx, now)).await.map_err(failure)?;
            cx.waiting_on(Vec::new());
            return Ok(Did { changed: 1, ..Did::default() });
        }
        let part = self.part(there, &step.subject).await.map_err(failure)?;
        let gone = there.cluster.remove(&part, &mut |now| tell_removing(cx, now)).await.map_err(failure)?;
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
    use engine::{Event, What};

    #[test]
    fn each_stage_waits_for_the_one_before_and_data_may_stay() {
        for (keep_data, is_there, is_made, count, last) in [
            (false, true, false, 10, Some(RECORD)),
            (false, true, true, 11, Some(kinds::CLUSTER)),
            (true, true, false, 9, Some(RECORD)),
            // Disks that are kept keep the cluster that they are in; one that is gone keeps none.
            (true, true, true, 9, Some(RECORD)),
            (true, false, true, 1, Some(kinds::CLUSTER)),
            (false, false, true, 1, Some(kinds::CLUSTER)),
        ] {
            let all = steps(keep_data, is_there, is_made);
            assert_eq!((all.len(), all.last().map(|s| s.subject.as_str())), (count, last));
            assert!(all.windows(2).all(|pair| pair[1].needs == [pair[0].id.clone()]));
            assert_eq!(all.iter().any(|s| s.subject == "claims"), is_there && !keep_data);
        }
    }

    #[test]
    fn a_removal_that_is_gone_on_with_keeps_what_it_was_to_keep() {
        for (keep_data, is_there) in [(false, true), (true, true), (false, false)] {
            let begun = Event {
                run: "r".to_owned(),
                seq: 1,
                at: Timestamp::UNIX_EPOCH,
                step: None,
                what: What::RunStarted {
                    plan: String::new(),
                    steps: steps(keep_data, is_there, true),
                    purpose: crate::run::RunKind::Remove.purpose(),
                    parallel: 1,
                },
            };
            assert_eq!(keeps_data(&engine::fold(&[begun], Timestamp::UNIX_EPOCH)), keep_data);
        }
    }

    #[test]
    fn kept_claims_keep_their_namespaces_and_nothing_else() {
        let namespace = |name: &str| ObjectRef::new("v1", "Namespace", "", name);
        let found = RemovalPlan {
            stages: BTreeMap::from([
                (Stage::Workloads, BTreeSet::from([ObjectRef::new("apps/v1", "Deployment", "egov", "egov-user")])),
                (Stage::Claims, BTreeSet::from([ObjectRef::new("v1", "PersistentVolumeClaim", "backbone", "data-0")])),
                (Stage::Namespaces, BTreeSet::from([namespace("backbone"), namespace("egov")])),
            ]),
            ..RemovalPlan::default()
        };
        let counts = |list: &RemovalList| {
            list.objects.iter().map(|c| format!("{} {}", c.count, c.kind)).collect::<Vec<_>>().join(", ")
        };
        let whole = list(&found, false);
        assert_eq!(counts(&whole), "1 Deployment, 2 Namespace, 1 PersistentVolumeClaim");
        assert_eq!((whole.claims.as_slice(), whole.namespaces.len()), (["backbone/data-0".to_owned()].as_slice(), 2));
        assert!(whole.claims_kept.is_empty() && whole.namespaces_kept.is_empty());

        let keeping = list(&found, true);
        assert_eq!(counts(&keeping), "1 Deployment, 1 Namespace");
        assert_eq!((keeping.claims, keeping.namespaces), (vec![], vec!["egov".to_owned()]));
        assert_eq!(
            (keeping.claims_kept, keeping.namespaces_kept),
            (vec!["backbone/data-0".to_owned()], vec!["backbone".to_owned()])
        );
    }
}
