//! The record that Helm keeps of a release.

use std::collections::BTreeMap;

use cluster::Owner;
use cluster::release::{ChartContent, ReleaseRecord, Status};
use cluster::wait::{Basis, Waiting};
use engine::{Failure, StepContext};
use helm_template::{Hook, Rendered, Values};

use super::context::Context;
use super::tell::{failure, tell};

impl Context {
    pub(super) async fn run_hooks(
        &self,
        event: &str,
        service: &str,
        hooks: &[Hook],
        basis: Basis,
        cx: &StepContext,
    ) -> Result<u32, cluster::Error> {
        let mut tell = |w: &Waiting| tell(cx, w);
        cluster::hooks::run(&self.watch, hooks, event, &self.owner(service), basis, &mut tell).await
    }

    /// Writes the first word of a release's record if there is none.
    pub(super) async fn begin_record(
        &self,
        service: &str,
        values: &Values,
        rendered: &Rendered,
    ) -> Result<(), cluster::Error> {
        let (record, is_first) = self.record(service, values, rendered).await?;
        if is_first {
            self.cluster.create_release(&record, record.first_deployed).await?;
        }
        Ok(())
    }

    /// Whether Helm would say that the release is there.
    pub(super) async fn is_recorded(&self, owner: &Owner) -> Result<bool, Failure> {
        let revisions = self.cluster.releases(&owner.namespace, Some(&owner.release)).await.map_err(failure)?;
        Ok(revisions.last().is_some_and(|newest| newest.status == Status::Deployed))
    }

    /// Whether any revision of the release is recorded.
    pub(super) async fn has_record(&self, owner: &Owner) -> Result<bool, Failure> {
        Ok(!self.cluster.releases(&owner.namespace, Some(&owner.release)).await.map_err(failure)?.is_empty())
    }

    /// The record of the revision that is being made: the first, or the one that a stop left half done, or the next; and
    /// whether there is none yet.
    pub(super) async fn record(
        &self,
        service: &str,
        values: &Values,
        rendered: &Rendered,
    ) -> Result<(ReleaseRecord, bool), cluster::Error> {
        let owner = self.owner(service);
        let is_untouched = self.is_untouched(service, &owner.namespace);
        self.known().begun.insert(service.to_owned());
        let newest = if is_untouched { None } else { self.cluster.newest_release(&owner.namespace, service).await? };
        let now = self.clock.now();
        let manifest = cluster::release::manifest_text(&rendered.manifests);
        let (revision, first_deployed) = match &newest {
            None => (1, now),
            // The same again: what it says about itself changes, nothing else.
            Some(old) if old.manifest == manifest || old.status != Status::Deployed => {
                (old.revision, old.first_deployed)
            }
            Some(old) => (old.revision + 1, old.first_deployed),
        };
        let status = if revision == 1 { Status::PendingInstall } else { Status::PendingUpgrade };
        let chart = self.planned.releases.get(service).map(|r| content(&r.chart)).unwrap_or_default();
        let installation = self.planned.plan.installation.clone();
        let record = ReleaseRecord {
            name: owner.release,
            namespace: owner.namespace,
            revision,
            status,
            description: "Initial install underway".to_owned(),
            first_deployed,
            last_deployed: now,
            chart,
            config: values.clone(),
            manifest,
            hooks: rendered.hooks.clone(),
            notes: rendered.notes.clone().unwrap_or_default(),
            labels: BTreeMap::from([(cluster::record::INSTALLATION_LABEL.to_owned(), installation)]),
        };
        Ok((record, newest.is_none()))
    }
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
