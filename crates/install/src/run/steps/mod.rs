//! What the steps of an installation do, each through `cluster`. Every step looks first, and doing it twice does it once.

mod release;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use catalog::Bundle;
use cluster::wait::{Basis, Waiting};
use cluster::watch::Watch;
use cluster::{Cluster, ObjectRef, Owner};
use engine::{Act, Awaited, Cause, Clock, Did, Failure, Found, Step, StepContext};
use helm_template::Capabilities;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::record::Recorder;
use crate::error::Error;
use crate::home::{About, Secrets};
use crate::place::Place;
use crate::plan::kinds::{self, ADDRESS, ENTRY_SERVICE};
use crate::plan::{Planned, namespaces};

/// Carries out the steps of one plan.
pub(crate) struct Acts {
    cluster: Cluster,
    watch: Watch,
    bundle: Arc<Bundle>,
    planned: Planned,
    about: About,
    secrets: Secrets,
    clock: Arc<dyn Clock>,
    recorder: Recorder,
    capabilities: Capabilities,
    known: Mutex<Known>,
}

/// What this run found and did.
#[derive(Default)]
struct Known {
    /// Services of which it found nothing when it looked.
    absent: BTreeSet<String>,
    /// Services whose hooks ran ahead of them.
    hooked: BTreeSet<String>,
    /// Namespaces that it made: what nobody put there since is absent without being looked for.
    made: BTreeSet<String>,
    /// Services whose record it began.
    begun: BTreeSet<String>,
}

/// What a run's steps work with.
pub(crate) struct Means {
    pub(crate) place: Place,
    pub(crate) bundle: Arc<Bundle>,
    pub(crate) planned: Planned,
    pub(crate) about: About,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) recorder: Recorder,
    pub(crate) stop: CancellationToken,
    pub(crate) on_trouble: cluster::OnTrouble,
}

impl Acts {
    /// Prepares: draws or reads every secret, connects the watch.
    pub(crate) fn new(means: Means) -> Result<Self, Error> {
        let Means { place, bundle, planned, about, secrets, clock, recorder, stop, on_trouble } = means;
        secrets.prepare(&bundle.secret_needs(&planned.selection), &planned.plan.answers)?;
        let patient = place.cluster.with_patience(cluster::Patience::Endless);
        let cluster = patient.with_listener(on_trouble).with_stop(stop).with_permit(recorder.permit());
        let time = clock.clone();
        let watch = Watch::new(&cluster, Arc::new(move || time.now()), namespaces(&planned));
        let facts = &planned.plan.cluster;
        let capabilities =
            Capabilities { kube_version: facts.version.clone(), api_versions: facts.api_versions.clone() };
        Ok(Acts {
            cluster,
            watch,
            bundle,
            planned,
            about,
            secrets,
            clock,
            recorder,
            capabilities,
            known: Mutex::default(),
        })
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    fn basis(&self) -> Basis {
        // A step begins when all it needs is done, so what it needs is ready.
        Basis { dependencies_ready: true, since: self.clock.now() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this run made a namespace and put nothing of a release there yet.
    fn is_untouched(&self, release: &str, namespace: &str) -> bool {
        let known = self.known();
        known.made.contains(namespace) && !known.begun.contains(release)
    }

    fn owner(&self, service: &str) -> Owner {
        let namespace = self.planned.releases.get(service).map(|r| r.namespace.clone()).unwrap_or_default();
        Owner { release: service.to_owned(), namespace }
    }

    async fn look_at_namespaces(&self) -> Result<Found, cluster::Error> {
        let mut absent = 0;
        let names = namespaces(&self.planned);
        for name in &names {
            match self.cluster.get(&ObjectRef::new("v1", "Namespace", "", name)).await? {
                None => absent += 1,
                Some(found) if found["status"]["phase"] == "Terminating" => return Ok(Found::Different),
                Some(_) => {}
            }
        }
        Ok(match absent {
            0 => Found::AsWanted,
            n if n == names.len() => Found::Absent,
            _ => Found::Different,
        })
    }

    async fn make_namespaces(&self, cx: &StepContext) -> Result<Did, cluster::Error> {
        let mut did = Did::default();
        let names = namespaces(&self.planned);
        for (n, name) in names.iter().enumerate() {
            cx.progress(n as f64, names.len() as f64, "objects", "applying");
            if self.cluster.ensure_namespace(name, &self.planned.plan.installation).await? {
                did.changed += 1;
                self.known().made.insert(name.clone());
            } else {
                did.unchanged += 1;
            }
        }
        Ok(did)
    }

    async fn look_at_crds(&self, service: &str) -> Result<Found, cluster::Error> {
        for crd in self.crds(service) {
            if self.cluster.get(&ObjectRef::of(&crd)).await?.is_none() {
                return Ok(Found::Absent);
            }
        }
        // Applying them anew costs nothing and changes nothing that is as wanted.
        Ok(Found::Different)
    }

    fn crds(&self, service: &str) -> Vec<Value> {
        let rendered = self.planned.rendered.get(service);
        rendered.into_iter().flat_map(|r| &r.crds).map(|m| m.object.clone()).collect()
    }

    async fn apply_crds(&self, service: &str, cx: &StepContext) -> Result<Did, cluster::Error> {
        let owner = self.owner(service);
        let (changed, unchanged) =
            cluster::crds::apply_crds(&self.watch, &self.crds(service), &owner, self.basis(), &mut |w| tell(cx, w))
                .await?;
        Ok(Did { changed, unchanged, skipped: None })
    }

    fn webhooks(&self, service: &str) -> Vec<ObjectRef> {
        let rendered = self.planned.rendered.get(service);
        let objects = rendered.into_iter().flat_map(|r| &r.manifests).map(|m| ObjectRef::of(&m.object));
        objects.filter(|o| o.kind.ends_with("WebhookConfiguration")).collect()
    }

    async fn wait_for_webhooks(&self, service: &str, cx: &StepContext) -> Result<Did, cluster::Error> {
        let configs = self.webhooks(service);
        self.watch.wait_webhooks(&configs, self.basis(), &mut |w| tell(cx, w)).await?;
        Ok(Did { changed: 0, unchanged: count(configs.len()), skipped: None })
    }

    /// The address of the web entry, once the cluster gave it one.
    async fn find_address(&self, cx: &StepContext) -> Result<Did, cluster::Error> {
        let rendered = self.planned.rendered.get(ENTRY_SERVICE);
        let services = rendered.into_iter().flat_map(|r| &r.manifests).map(|m| &m.object);
        let entry = services.filter(|o| o["kind"] == "Service").max_by_key(|o| {
            // The controller's own Service has the ports of the web; its admission webhook has one of its own.
            o["spec"]["ports"].as_array().map(|p| p.iter().filter(|p| p["port"] == 80.0 || p["port"] == 80).count())
        });
        let Some(entry) = entry else { return Ok(Did::default()) };
        let mut named = ObjectRef::of(entry);
        if named.namespace.is_empty() {
            named.namespace = self.owner(ENTRY_SERVICE).namespace;
        }
        if entry["spec"]["type"] == "LoadBalancer" {
            let awaited = [cluster::wait::Awaited::named(named.clone())];
            self.watch.wait_ready(&awaited, self.basis(), &mut |w| tell(cx, w)).await?;
        }
        let service = self.cluster.get(&named).await?.unwrap_or_default();
        let address = match load_balancer_host(&service) {
            Some(host) => Some(format!("http://{}", cluster::object::in_url(&host))),
            None => {
                let nodes = self.cluster.resource("v1", "Node").await?;
                node_address(&service, &self.cluster.list(&nodes, "", "").await?)
            }
        };
        let Some(address) = address else {
            return Err(cluster::Error::NotFound { what: format!("address of {named}") });
        };
        cx.found(ADDRESS, &address);
        Ok(Did { changed: 0, unchanged: 1, skipped: None })
    }
}

#[async_trait]
impl Act for Acts {
    fn knows(&self, kind: &str) -> bool {
        kinds::OF_PLAN.contains(&kind)
    }
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
        let found = match step.kind.as_str() {
            kinds::NAMESPACES => self.look_at_namespaces().await,
            kinds::CRDS => self.look_at_crds(&step.subject).await,
            kinds::AHEAD => return self.look_ahead(&step.subject, cx).await,
            kinds::HOOKS => return self.look_at_hooks(&step.subject).await,
            kinds::RELEASE => return self.look_at_release(&step.subject, cx).await,
            // A wait is over at once when there is nothing to wait for.
            _ => Ok(Found::Different),
        };
        found.map_err(failure)
    }

    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        let did = match step.kind.as_str() {
            // The first thing that is made is the record: from here on any computer can go on.
            kinds::NAMESPACES => match self.recorder.save().await {
                Ok(()) => self.make_namespaces(cx).await,
                Err(error) => Err(error),
            },
            kinds::CRDS => self.apply_crds(&step.subject, cx).await,
            kinds::AHEAD => return self.apply_ahead(&step.subject, cx).await,
            kinds::HOOKS => return self.run_hooks_ahead(&step.subject, cx).await,
            kinds::RELEASE => return self.install_release(&step.subject, cx).await,
            kinds::WEBHOOK => self.wait_for_webhooks(&step.subject, cx).await,
            kinds::FIND => self.find_address(cx).await,
            kinds::LEAVE => super::leaving::take_away(&self.cluster, &self.planned.plan, cx).await,
            _ => return Err(Failure::new(Cause::new("unknown-step").with("kind", &step.kind))),
        };
        did.map_err(failure)
    }

    async fn undo(&self, step: &Step, _: &StepContext) -> Result<Did, Failure> {
        // Things go in an order of their own: see `removal`.
        Err(Failure::new(Cause::new("unknown-step").with("kind", &step.kind)))
    }
}

fn load_balancer_host(service: &Value) -> Option<String> {
    let first = service.pointer("/status/loadBalancer/ingress/0")?;
    ["hostname", "ip"].iter().find_map(|key| first.get(key)?.as_str()).map(str::to_owned)
}

/// `http://ADDRESS:PORT` of the first machine that is ready, by its outer address if it has one.
fn node_address(service: &Value, nodes: &[Value]) -> Option<String> {
    let ports = service.pointer("/spec/ports")?.as_array()?;
    let port = ports.iter().find(|p| p["port"] == 80)?.get("nodePort")?.as_u64()?;
    let is_ready = |n: &&Value| {
        n["status"]["conditions"]
            .as_array()
            .is_some_and(|c| c.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"))
    };
    let addresses = nodes.iter().find(is_ready)?["status"]["addresses"].as_array()?;
    let of = |kind: &str| addresses.iter().find(|a| a["type"] == kind)?["address"].as_str();
    let host = of("ExternalIP").or_else(|| of("InternalIP"))?;
    Some(format!("http://{}:{port}", cluster::object::in_url(host)))
}

/// Says how far a wait is, and what for.
pub(crate) fn tell(cx: &StepContext, waiting: &Waiting) {
    cx.progress(f64::from(waiting.done), f64::from(waiting.total), "pods", "starting");
    let on = waiting.on.iter().map(|(object, cause)| Awaited {
        kind: "object".to_owned(),
        name: object.to_string(),
        why: cause
            .as_ref()
            .map_or_else(|| Cause::new("starting"), |c| Cause { code: c.code.clone(), args: c.args.clone() }),
    });
    cx.waiting_on(on.collect());
}

/// What a step failed with, from what the cluster said.
#[allow(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(crate) fn failure(error: cluster::Error) -> Failure {
    if matches!(error, cluster::Error::Stopped) {
        return Failure::stopped();
    }
    let retry_after = match error.code() {
        // Somebody else was quicker, or what guards it is not there yet.
        "changed-meanwhile" | "webhook-failing" | "not-found" | "unexpected-answer" | "api-not-served" => Some(5.0),
        _ => None,
    };
    let (code, args) = match &error {
        cluster::Error::NotReady { code, .. } => (code.clone(), error.args()),
        _ => (error.code().to_owned(), error.args()),
    };
    Failure { cause: Cause { code, args }, evidence: error.evidence(), retry_after }
}

pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_has_the_balancers_name_or_a_machines_port() {
        let balanced = json!({"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}});
        assert_eq!(load_balancer_host(&balanced).as_deref(), Some("lb.example"));
        assert_eq!(load_balancer_host(&json!({"status": {"loadBalancer": {}}})), None);
        let service = json!({"spec": {"ports": [{"port": 443, "nodePort": 30443}, {"port": 80, "nodePort": 30080}]}});
        let node = |ready: &str, addresses: Value| json!({"status": {"conditions": [{"type": "Ready", "status": ready}], "addresses": addresses}});
        let inner = json!([{"type": "InternalIP", "address": "10.0.0.1"}]);
        let both =
            json!([{"type": "InternalIP", "address": "10.0.0.2"}, {"type": "ExternalIP", "address": "192.0.2.7"}]);
        let nodes = [node("False", inner.clone()), node("True", both)];
        assert_eq!(node_address(&service, &nodes).as_deref(), Some("http://192.0.2.7:30080"));
        assert_eq!(node_address(&service, &[node("True", inner)]).as_deref(), Some("http://10.0.0.1:30080"));
        let six = json!([{"type": "InternalIP", "address": "2001:db8::7"}]);
        assert_eq!(node_address(&service, &[node("True", six)]).as_deref(), Some("http://[2001:db8::7]:30080"));
        assert_eq!(node_address(&service, &[]), None);
    }
}
