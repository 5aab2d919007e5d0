//! What all steps of a run work with, and what the run has found out so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::Bundle;
use cluster::remove::RemovalPlan;
use cluster::wait::WaitContext;
use cluster::watch::Watch;
use cluster::{Cluster, ObjectRef, Owner};
use engine::{Cause, Clock, Did, Failure, StepContext, StepId};
use helm_template::{Capabilities, Rendered, Values};
use serde_json::Value;

use super::calls::Called;
use super::tell::{as_failure, count, failure, tell_removing};
use crate::answers::Domain;
use crate::home::{About, Secrets};
use crate::place::{Place, Probes};
use crate::plan::kinds::ADDRESS;
use crate::plan::{Planned, early, values};
use crate::run::record::Recorder;

/// What all steps of a run work with.
pub(super) struct Context {
    pub(super) place: Place,
    /// The same, as the steps' calls go: patient, told of trouble, and only while the lease is ours.
    pub(super) cluster: Cluster,
    pub(super) watch: Watch,
    pub(super) bundle: Arc<Bundle>,
    pub(super) planned: Planned,
    pub(super) about: About,
    pub(super) secrets: Secrets,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) recorder: Recorder,
    pub(super) probes: Probes,
    pub(super) capabilities: Capabilities,
    pub(super) known: Mutex<Known>,
}

/// What this run found and did.
#[derive(Default)]
pub(super) struct Known {
    /// Services of which it found nothing when it looked.
    pub(super) absent: BTreeSet<String>,
    /// Services whose hooks ran ahead of them.
    pub(super) hooked: BTreeSet<String>,
    /// Namespaces that it made: what nobody put there since is absent without being looked for.
    pub(super) made: BTreeSet<String>,
    /// Services whose record it began.
    pub(super) begun: BTreeSet<String>,
    /// Where each of its steps stands, those that have not begun left out.
    pub(super) steps: BTreeMap<StepId, Called>,
}

impl Context {
    pub(super) fn wait_context(&self) -> WaitContext {
        // A step begins when all it needs is done, so what it needs is ready. What it only calls is another matter: see `calls`.
        WaitContext { dependencies_ready: true, since: self.clock.now() }
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this run made a namespace and put nothing of a release there yet.
    pub(super) fn is_untouched(&self, release: &str, namespace: &str) -> bool {
        let known = self.known();
        known.made.contains(namespace) && !known.begun.contains(release)
    }

    pub(super) fn owner(&self, service: &str) -> Owner {
        let namespace = self.planned.releases.get(service).map(|r| r.namespace.clone()).unwrap_or_default();
        Owner { release: service.to_owned(), namespace }
    }

    pub(super) fn webhooks(&self, service: &str) -> Vec<ObjectRef> {
        let rendered = self.planned.rendered.get(service);
        let objects = rendered.into_iter().flat_map(|r| &r.manifests).map(|m| ObjectRef::of(&m.object));
        objects.filter(|o| o.kind.ends_with("WebhookConfiguration")).collect()
    }

    pub(super) fn early_objects<'a>(&self, service: &str, rendered: &'a Rendered) -> Vec<&'a Value> {
        let namespace = self.owner(service).namespace;
        let early = self.planned.early.get(service);
        let goes = |o: &&Value| early.is_some_and(|all| all.contains(&early::place(o, &namespace)));
        rendered.manifests.iter().map(|m| &m.object).filter(goes).collect()
    }

    /// The release as it is applied: with its secrets and with what was found out in this run.
    pub(super) fn rendered(&self, service: &str, cx: &StepContext) -> Result<(Values, Rendered), Failure> {
        let answers = &self.planned.plan.answers;
        let address = match (&answers.domain, cx.value(ADDRESS)) {
            (Domain::None, Some(address)) => address.to_owned(),
            _ => values::late(ADDRESS),
        };
        let settings = values::settings(answers, &address);
        let release = self.planned.releases.get(service);
        let release = release.ok_or_else(|| Failure::new(Cause::new("unknown-step").with("service", service)))?;
        let values = self
            .bundle
            .values(service, &self.planned.selection, &settings, &|name: &str| self.secrets.get(name))
            .map_err(|e| as_failure(&e.into()))?;
        let draws = self.secrets.draws(service);
        let rendered =
            release.render(&values, &self.capabilities, self.about.created, &draws).map_err(|e| as_failure(&e))?;
        draws.ended().map_err(|e| as_failure(&e))?;
        Ok((values, rendered))
    }

    /// Takes away what was found, and waits until it is gone.
    pub(super) async fn take_away(&self, found: &RemovalPlan, cx: &StepContext) -> Result<Did, Failure> {
        let gone = self.cluster.remove(found, &mut |now| tell_removing(cx, now)).await.map_err(failure)?;
        cx.waiting_on(Vec::new());
        Ok(Did::changed(count(gone), 0))
    }
}

/// The object's name, in its release's namespace if it names none.
pub(super) fn in_namespace(object: &Value, owner: &Owner) -> ObjectRef {
    let mut named = ObjectRef::of(object);
    if named.namespace.is_empty() {
        named.namespace.clone_from(&owner.namespace);
    }
    named
}
