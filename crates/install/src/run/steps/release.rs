//! A release: its hooks, its objects, what its own webhooks guard, its record.

use std::collections::{BTreeMap, BTreeSet};

use cluster::release::{ChartContent, ReleaseRecord, Status};
use cluster::wait::{Awaited, Basis, Waiting};
use cluster::{Applied, ObjectRef, Owner, Standing, Unowned};
use engine::{Cause, Did, Failure, Found, StepContext};
use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use helm_template::{Rendered, Values};
use serde_json::Value;

use super::{Acts, failure, tell};
use crate::answers::Domain;
use crate::plan::kinds::ADDRESS;
use crate::plan::{ahead, values};

/// Kinds that are waited for. The rest is there once the server took it, and a claim is bound when a pod wants it.
const WAITED: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod", "Service"];
/// Calls about one release side by side.
const SIDE_BY_SIDE: usize = 6;

impl Acts {
    pub(super) async fn look_at_release(&self, service: &str, cx: &StepContext) -> Result<Found, Failure> {
        let (_, rendered) = self.rendered(service, cx)?;
        let owner = self.owner(service);
        let objects: Vec<&Value> = rendered.manifests.iter().map(|m| &m.object).collect();
        match self.look_at_objects(&objects, &owner).await? {
            Found::Absent => {
                self.known().absent.insert(service.to_owned());
                return Ok(Found::Absent);
            }
            Found::AsWanted if self.is_recorded(&owner).await? => {}
            Found::AsWanted => return Ok(Found::Different),
            other => return Ok(other),
        }
        let waited: Vec<Awaited> = objects
            .iter()
            .filter(|o| WAITED.contains(&o["kind"].as_str().unwrap_or_default()))
            .map(|o| Awaited::named(in_namespace(o, &owner)))
            .collect();
        for awaited in &waited {
            self.watch.follow(&awaited.object.api_version, &awaited.object.kind).await.map_err(failure)?;
        }
        let verdicts = self.watch.judge(&waited, self.basis(), self.watch.now());
        let is_ready = verdicts.iter().all(|(_, v)| v.as_ref().is_some_and(|v| v.phase == verdict::Phase::Ready));
        Ok(if is_ready { Found::AsWanted } else { Found::Different })
    }

    /// How objects stand, all together.
    async fn look_at_objects(&self, objects: &[&Value], owner: &Owner) -> Result<Found, Failure> {
        let looks: Vec<_> = objects.iter().map(|object| self.standing(object, owner).boxed()).collect();
        let standings: Vec<(ObjectRef, Standing)> =
            stream::iter(looks).buffer_unordered(SIDE_BY_SIDE).try_collect().await.map_err(failure)?;
        for (object, standing) in &standings {
            if let Standing::SomeoneElses { owner } = standing {
                let cause = Cause::new("someone-elses").with("object", object).with("owner", owner);
                return Ok(Found::SomeoneElses(cause));
            }
        }
        let are = |wanted: &Standing| standings.iter().all(|(_, standing)| standing == wanted);
        Ok(if are(&Standing::Absent) {
            Found::Absent
        } else if are(&Standing::AsWanted) {
            Found::AsWanted
        } else {
            Found::Different
        })
    }

    async fn standing(&self, object: &Value, owner: &Owner) -> Result<(ObjectRef, Standing), cluster::Error> {
        let standing = if self.cannot_be_there(object, owner).await? {
            Standing::Absent
        } else {
            self.cluster.standing(object, owner, Unowned::Refuse).await?
        };
        Ok((ObjectRef::of(object), standing))
    }

    /// Whether an object has its place in a namespace where this run can have met nothing of its release.
    async fn cannot_be_there(&self, object: &Value, owner: &Owner) -> Result<bool, cluster::Error> {
        let named = in_namespace(object, owner);
        if !self.is_untouched(&owner.release, &named.namespace) {
            return Ok(false);
        }
        match self.cluster.resource(&named.api_version, &named.kind).await {
            Ok(resource) => Ok(resource.namespaced),
            Err(cluster::Error::NotServed { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    pub(super) async fn look_ahead(&self, service: &str, cx: &StepContext) -> Result<Found, Failure> {
        let (_, rendered) = self.rendered(service, cx)?;
        self.look_at_objects(&self.going_ahead(service, &rendered), &self.owner(service)).await
    }

    /// Applies what others want of a service before it can go in itself. Its record is begun, so that Helm knows whose
    /// they are; the service's own step ends it.
    pub(super) async fn apply_ahead(&self, service: &str, cx: &StepContext) -> Result<Did, Failure> {
        let (values, rendered) = self.rendered(service, cx)?;
        let owner = self.owner(service);
        let mut did = Did::default();
        let applied = async {
            self.begin_record(service, &values, &rendered).await?;
            self.apply_all(&self.going_ahead(service, &rendered), &owner, false, &mut did, cx).await
        };
        applied.await.map_err(failure)?;
        Ok(did)
    }

    /// Hooks leave nothing behind that says that they ran, but for the release that is there.
    pub(super) async fn look_at_hooks(&self, service: &str) -> Result<Found, Failure> {
        Ok(if self.is_recorded(&self.owner(service)).await? { Found::AsWanted } else { Found::Different })
    }

    /// Runs what comes before an install; the service's own step does not run it again.
    pub(super) async fn run_hooks_ahead(&self, service: &str, cx: &StepContext) -> Result<Did, Failure> {
        let (values, rendered) = self.rendered(service, cx)?;
        let ran = async {
            self.begin_record(service, &values, &rendered).await?;
            self.run_hooks("pre-install", service, &rendered, self.basis(), cx).await
        };
        let changed = ran.await.map_err(failure)?;
        cx.waiting_on(Vec::new());
        self.known().hooked.insert(service.to_owned());
        Ok(Did { changed, unchanged: 0, skipped: None })
    }

    async fn run_hooks(
        &self,
        event: &str,
        service: &str,
        rendered: &Rendered,
        basis: Basis,
        cx: &StepContext,
    ) -> Result<u32, cluster::Error> {
        let mut tell = |w: &Waiting| tell(cx, w);
        cluster::hooks::run(&self.watch, &rendered.hooks, event, &self.owner(service), basis, &mut tell).await
    }

    /// Writes the first word of a release's record if there is none.
    async fn begin_record(&self, service: &str, values: &Values, rendered: &Rendered) -> Result<(), cluster::Error> {
        let (record, is_first) = self.record(service, values, rendered).await?;
        if is_first {
            self.cluster.create_release(&record, record.first_deployed).await?;
        }
        Ok(())
    }

    fn going_ahead<'a>(&self, service: &str, rendered: &'a Rendered) -> Vec<&'a Value> {
        let namespace = self.owner(service).namespace;
        let ahead = self.planned.ahead.get(service);
        let goes = |o: &&Value| ahead.is_some_and(|all| all.contains(&ahead::place(o, &namespace)));
        rendered.manifests.iter().map(|m| &m.object).filter(goes).collect()
    }

    pub(super) async fn install_release(&self, service: &str, cx: &StepContext) -> Result<Did, Failure> {
        let (values, rendered) = self.rendered(service, cx)?;
        self.install(service, &values, &rendered, cx).await.map_err(failure)
    }

    async fn install(
        &self,
        service: &str,
        values: &Values,
        rendered: &Rendered,
        cx: &StepContext,
    ) -> Result<Did, cluster::Error> {
        let owner = self.owner(service);
        let basis = self.basis();
        let is_absent = self.known().absent.remove(service);
        let (mut record, is_first) = self.record(service, values, rendered).await?;
        if is_first {
            self.cluster.create_release(&record, record.first_deployed).await?;
        } else {
            self.cluster.save_release(&record, self.clock.now()).await?;
        }
        let have_run = self.known().hooked.remove(service);
        let ran = if have_run { 0 } else { self.run_hooks("pre-install", service, rendered, basis, cx).await? };

        let own = groups_of_crds(rendered);
        let is_guarded = |o: &Value| own.contains(cluster::object::group(o["apiVersion"].as_str().unwrap_or_default()));
        let (guarded, free): (Vec<&Value>, Vec<&Value>) =
            rendered.manifests.iter().map(|m| &m.object).partition(|o| is_guarded(o));
        let mut did = Did::default();
        // What a look found is old after a wait: somebody else may have made what was absent.
        let mut waited = self.apply_all(&free, &owner, is_absent && ran == 0, &mut did, cx).await?;
        if record.revision == 1 {
            let restarts = catalog::starting::restarts(service);
            waited = waited.into_iter().map(|awaited| awaited.expecting_restarts(restarts)).collect();
        }
        self.watch.wait_ready(&waited, basis, &mut |w| tell(cx, w)).await?;

        self.run_hooks("post-install", service, rendered, basis, cx).await?;
        if !guarded.is_empty() {
            self.watch.wait_webhooks(&self.webhooks(service), basis, &mut |w| tell(cx, w)).await?;
            waited = self.apply_all(&guarded, &owner, false, &mut did, cx).await?;
            self.watch.wait_ready(&waited, basis, &mut |w| tell(cx, w)).await?;
        }
        cx.waiting_on(Vec::new());
        record.status = Status::Deployed;
        record.description = "Install complete".to_owned();
        record.last_deployed = self.clock.now();
        if is_first {
            self.cluster.replace_release(&record, record.first_deployed, record.last_deployed).await?;
        } else {
            self.cluster.save_release(&record, record.last_deployed).await?;
            self.cluster.supersede_before(&record, record.last_deployed).await?;
        }
        Ok(did)
    }

    /// Whether Helm would say that the release is there.
    async fn is_recorded(&self, owner: &Owner) -> Result<bool, Failure> {
        let revisions = self.cluster.releases(&owner.namespace, Some(&owner.release)).await.map_err(failure)?;
        Ok(revisions.last().is_some_and(|newest| newest.status == Status::Deployed))
    }

    /// The record of the revision that is being made: the first, or the one that a stop left half done, or the next; and
    /// whether there is none yet.
    async fn record(
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

    /// Applies objects in their order, those of one kind side by side as Helm does, and says which of them are to be
    /// waited for. `new`: this run's look found none of them.
    async fn apply_all(
        &self,
        objects: &[&Value],
        owner: &Owner,
        new: bool,
        did: &mut Did,
        cx: &StepContext,
    ) -> Result<Vec<Awaited>, cluster::Error> {
        let mut waited = Vec::new();
        let mut sent = 0;
        for of_a_kind in objects.chunk_by(|a, b| a["kind"] == b["kind"]) {
            cx.progress(sent as f64, objects.len() as f64, "objects", "applying");
            let calls: Vec<_> = of_a_kind
                .iter()
                .map(|object| match new {
                    true => self.cluster.apply_new(object, owner, Unowned::Refuse).boxed(),
                    false => self.cluster.apply(object, owner, Unowned::Refuse).boxed(),
                })
                .collect();
            let done: Vec<(Applied, Value)> = stream::iter(calls).buffered(SIDE_BY_SIDE).try_collect().await?;
            sent += of_a_kind.len();
            for (object, (applied, now)) in of_a_kind.iter().zip(done) {
                match applied {
                    Applied::Unchanged => did.unchanged += 1,
                    Applied::Created | Applied::Changed => did.changed += 1,
                }
                if WAITED.contains(&object["kind"].as_str().unwrap_or_default()) {
                    waited.push(Awaited::of(&now));
                }
            }
        }
        Ok(waited)
    }

    /// The release as it is applied: with its secrets and with what was found out in this run.
    fn rendered(&self, service: &str, cx: &StepContext) -> Result<(Values, Rendered), Failure> {
        let answers = &self.planned.plan.answers;
        let address = match (&answers.domain, cx.value(ADDRESS)) {
            (Domain::None, Some(address)) => address.to_owned(),
            _ => values::late(ADDRESS),
        };
        let settings = values::settings(answers, &address);
        let release = self.planned.releases.get(service);
        let release = release.ok_or_else(|| Failure::new(Cause::new("unknown-step").with("service", service)))?;
        let as_ours = |error: crate::Error| {
            let view = error.view();
            Failure {
                cause: Cause { code: view.code, args: view.args },
                evidence: vec![error.to_string()],
                retry_after: None,
            }
        };
        let values = self
            .bundle
            .values(service, &self.planned.selection, &settings, &|name: &str| self.secrets.get(name))
            .map_err(|e| as_ours(e.into()))?;
        let draws = self.secrets.draws(service);
        let rendered = release.render(&values, &self.capabilities, self.about.created, &draws).map_err(as_ours)?;
        draws.ended().map_err(as_ours)?;
        Ok((values, rendered))
    }
}

fn in_namespace(object: &Value, owner: &Owner) -> ObjectRef {
    let mut named = ObjectRef::of(object);
    if named.namespace.is_empty() {
        named.namespace.clone_from(&owner.namespace);
    }
    named
}

fn groups_of_crds(rendered: &Rendered) -> BTreeSet<String> {
    let group =
        |m: &helm_template::Manifest| m.object.pointer("/spec/group").and_then(Value::as_str).map(str::to_owned);
    rendered.crds.iter().filter_map(group).collect()
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
