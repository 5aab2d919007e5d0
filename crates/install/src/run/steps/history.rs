//! The record that Helm keeps of a release.

use std::collections::{BTreeMap, BTreeSet};

use cluster::release::{ChartContent, ReleaseRecord, ReleaseSummary, Status};
use cluster::remove::RemovalPlan;
use cluster::uninstall::objects_in;
use cluster::wait::{WaitContext, Waiting};
use cluster::{ObjectRef, Owner};
use engine::{Failure, StepContext};
use helm_template::{Hook, Rendered, Values};
use serde_json::Value;

use super::context::{Context, in_namespace};
use super::tell::{failure, tell};

impl Context {
    pub(super) async fn run_hooks(
        &self,
        event: &str,
        service: &str,
        hooks: &[Hook],
        wait_context: WaitContext,
        cx: &StepContext,
    ) -> Result<u32, cluster::Error> {
        let mut tell = |w: &Waiting| tell(cx, w);
        cluster::hooks::run(&self.watch, hooks, event, &self.owner(service), wait_context, &mut tell).await
    }

    /// Writes the first word of a release's record if there is none.
    pub(super) async fn begin_record(
        &self,
        service: &str,
        values: &Values,
        rendered: &Rendered,
    ) -> Result<(), cluster::Error> {
        let Revision { record, before, is_there } = self.revision(service, values, rendered).await?;
        if before.is_empty() && !is_there {
            self.cluster.create_release(&record, record.first_deployed).await?;
        }
        Ok(())
    }

    /// Whether Helm would say that the release is there.
    pub(super) async fn is_recorded(&self, owner: &Owner) -> Result<bool, Failure> {
        let revisions = self.cluster.releases(&owner.namespace, Some(&owner.release)).await.map_err(failure)?;
        Ok(revisions.last().is_some_and(|newest| newest.status == Status::Deployed))
    }

    /// The same, that it is so of no other revision, and that what its record holds is what is wanted: it may hold more, that is to go.
    pub(super) async fn is_recorded_as(&self, owner: &Owner, rendered: &Rendered) -> Result<bool, Failure> {
        let revisions = self.cluster.releases(&owner.namespace, Some(&owner.release)).await.map_err(failure)?;
        let is_deployed = |revision: &&ReleaseSummary| revision.status == Status::Deployed;
        let Some(newest) = revisions.last().filter(is_deployed) else { return Ok(false) };
        if revisions.iter().filter(is_deployed).count() > 1 {
            return Ok(false);
        }
        let record = self.cluster.release(&owner.namespace, &owner.release, newest.revision).await.map_err(failure)?;
        Ok(record.is_some_and(|record| holds_all(owner, rendered, &record.manifest)))
    }

    /// Whether any revision of the release is recorded.
    pub(super) async fn has_record(&self, owner: &Owner) -> Result<bool, Failure> {
        Ok(!self.cluster.releases(&owner.namespace, Some(&owner.release)).await.map_err(failure)?.is_empty())
    }

    /// The revision that is being made: the first, or the one that a stop left half done, or the next.
    pub(super) async fn revision(
        &self,
        service: &str,
        values: &Values,
        rendered: &Rendered,
    ) -> Result<Revision, cluster::Error> {
        let owner = self.owner(service);
        let is_untouched = self.is_untouched(service, &owner.namespace);
        self.known().begun.insert(service.to_owned());
        let mut before =
            if is_untouched { Vec::new() } else { self.cluster.releases(&owner.namespace, Some(service)).await? };
        let newest = match before.last() {
            Some(newest) => self.cluster.release(&owner.namespace, service, newest.revision).await?,
            None => None,
        };
        let now = self.clock.now();
        let manifest = cluster::release::manifest_text(&rendered.manifests);
        // The same again: what it says about itself changes, nothing else. So does what was half done, unless it may have made what
        // is wanted no more: that stays on record until it is taken away.
        let is_there = newest.as_ref().is_some_and(|old| {
            old.manifest == manifest || (old.status != Status::Deployed && holds_all(&owner, rendered, &old.manifest))
        });
        if is_there {
            before.pop();
        }
        let (revision, first_deployed) = match &newest {
            None => (1, now),
            Some(old) if is_there => (old.revision, old.first_deployed),
            Some(old) => (old.revision + 1, old.first_deployed),
        };
        let status = if is_upgrade(&before) { Status::PendingUpgrade } else { Status::PendingInstall };
        let description = match status {
            Status::PendingUpgrade => "Preparing upgrade",
            _ => "Initial install underway",
        };
        let chart = self.planned.releases.get(service).map(|r| content(&r.chart)).unwrap_or_default();
        let installation = self.planned.plan.installation.clone();
        let record = ReleaseRecord {
            name: owner.release,
            namespace: owner.namespace,
            revision,
            status,
            description: description.to_owned(),
            first_deployed,
            last_deployed: now,
            chart,
            config: values.clone(),
            manifest,
            hooks: rendered.hooks.clone(),
            notes: rendered.notes.clone().unwrap_or_default(),
            labels: BTreeMap::from([(cluster::record::INSTALLATION_LABEL.to_owned(), installation)]),
        };
        Ok(Revision { record, before, is_there })
    }

    /// What earlier revisions that are still of account made and this one does not hold. Disks stay.
    pub(super) async fn outgrown(
        &self,
        owner: &Owner,
        before: &[ReleaseSummary],
        rendered: &Rendered,
    ) -> Result<RemovalPlan, cluster::Error> {
        let held = held(owner, rendered);
        let mut outgrown: Vec<Value> = Vec::new();
        for earlier in before.iter().filter(|earlier| earlier.status != Status::Superseded) {
            let Some(record) = self.cluster.release(&owner.namespace, &owner.release, earlier.revision).await? else {
                continue;
            };
            let objects = objects_in(&record.manifest).into_iter();
            outgrown.extend(objects.filter(|o| o["kind"] != CLAIM && !held.contains(&in_namespace(o, owner))));
        }
        self.cluster.plan_uninstall(owner, &outgrown.iter().collect::<Vec<_>>()).await
    }
}

/// What is never taken away because a chart holds it no more.
const CLAIM: &str = "PersistentVolumeClaim";

fn held(owner: &Owner, rendered: &Rendered) -> BTreeSet<ObjectRef> {
    rendered.manifests.iter().map(|m| in_namespace(&m.object, owner)).collect()
}

/// Whether everything of a record's manifest, but for disks, is still wanted.
fn holds_all(owner: &Owner, rendered: &Rendered, manifest: &str) -> bool {
    let held = held(owner, rendered);
    objects_in(manifest).iter().all(|o| o["kind"] == CLAIM || held.contains(&in_namespace(o, owner)))
}

/// A revision of a release that is being made.
pub(super) struct Revision {
    /// What Helm keeps of it.
    pub(super) record: ReleaseRecord,
    /// The revisions before it.
    pub(super) before: Vec<ReleaseSummary>,
    /// Whether its own record is there already.
    pub(super) is_there: bool,
}

impl Revision {
    /// Whether the release was whole before, so that this changes it.
    pub(super) fn is_upgrade(&self) -> bool {
        is_upgrade(&self.before)
    }
}

fn is_upgrade(before: &[ReleaseSummary]) -> bool {
    before.iter().any(|earlier| matches!(earlier.status, Status::Deployed | Status::Superseded))
}

/// The chart as a record holds it, with what it depends on.
fn content(chart: &helm_template::Chart) -> ChartContent {
    let mut content = ChartContent {
        metadata: chart.metadata().map(|m| m.raw).unwrap_or_default(),
        values: chart.values().unwrap_or_default(),
        ..ChartContent::default()
    };
    for (path, bytes) in chart.files() {
        match path {
            "Chart.yaml" | "values.yaml" | "Chart.lock" => {}
            "values.schema.json" => content.schema = Some(bytes.to_vec()),
            _ if path.starts_with("templates/") => content.templates.push((path.to_owned(), bytes.to_vec())),
            _ => content.files.push((path.to_owned(), bytes.to_vec())),
        }
    }
    content
}
