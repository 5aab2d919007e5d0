//! Taking an installation away, in an order in which nothing blocks and nothing is left.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::labels::INSTALLATION_LABEL;
use crate::connect::api::{Cluster, encode};
use crate::error::{Error, Result};
use crate::helm::release::ReleaseSummary;
use crate::object::{ObjectRef, Resource, annotation, group, label, text};
use crate::objects::discovery::Served;

/// What is taken away together. Each waits until the one before is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Webhook configurations: with nobody behind them they would refuse everything that follows.
    Webhooks,
    /// Services of type LoadBalancer, while the controllers that free their addresses live.
    LoadBalancers,
    /// Custom resources, while the controllers that finish them live.
    CustomResources,
    /// Everything that runs.
    Workloads,
    /// Claims: one in use never goes.
    Claims,
    /// All the rest: configuration, roles, classes.
    Rest,
    /// Definitions that nobody else uses.
    Definitions,
    /// Helm's release records.
    Records,
    /// Namespaces that we made.
    Namespaces,
}

impl Stage {
    /// Stable, in kebab case.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Webhooks => "webhooks",
            Stage::LoadBalancers => "load-balancers",
            Stage::CustomResources => "custom-resources",
            Stage::Workloads => "workloads",
            Stage::Claims => "claims",
            Stage::Rest => "rest",
            Stage::Definitions => "definitions",
            Stage::Records => "records",
            Stage::Namespaces => "namespaces",
        }
    }
}

/// What is to be taken away.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    /// Name of the installation: its label is on namespaces that we made.
    pub installation: String,
    /// Releases that are known to be its own: namespace, name. Those that the cluster says are its own are found as well.
    pub releases: BTreeSet<(String, String)>,
    /// Claims, their volumes and their namespaces stay.
    pub keep_data: bool,
}

/// Everything that will go, stage by stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemovalPlan {
    /// In order.
    pub stages: BTreeMap<Stage, BTreeSet<ObjectRef>>,
    /// UID of each object as it was found: what was made in its place since stays.
    pub uids: BTreeMap<ObjectRef, String>,
    /// Group versions whose server did not answer: of these, and of what they hold, nothing is known.
    pub unanswered: BTreeSet<String>,
}

impl RemovalPlan {
    /// What goes in one stage.
    #[must_use]
    pub fn only(&self, stage: Stage) -> RemovalPlan {
        let stages = self.stages.iter().filter(|(other, _)| **other == stage);
        RemovalPlan { stages: stages.map(|(stage, objects)| (*stage, objects.clone())).collect(), ..self.clone() }
    }

    /// How many objects there are.
    pub fn count(&self) -> usize {
        self.stages.values().map(BTreeSet::len).sum()
    }
}

/// How far a removal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removing {
    /// The stage.
    pub stage: Stage,
    /// Objects gone, over all stages.
    pub done: usize,
    /// Objects in all.
    pub total: usize,
    /// What of this stage is not gone yet.
    pub on: Vec<ObjectRef>,
}

/// How long a stage may stand still before we say that it will not go by itself.
const STANDSTILL: Duration = Duration::from_secs(900);

/// After this long, finalizers of custom resources of our own definitions are lifted: the controller that would have
/// done it is ours too and does not come back.
const FINALIZERS: Duration = Duration::from_secs(20);

/// After this long a namespace that does not go is asked for the reason.
const NAMESPACE_HELD: Duration = Duration::from_secs(30);

/// How often we look.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The stage in which an object goes. `crd_groups` are the groups of custom resources.
pub(crate) fn stage(object: &Value, crd_groups: &BTreeSet<String>) -> Stage {
    let api_group = group(text(object, "/apiVersion"));
    match (api_group, text(object, "/kind")) {
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") => {
            Stage::Webhooks
        }
        ("", "Service") if text(object, "/spec/type") == "LoadBalancer" => Stage::LoadBalancers,
        ("apps" | "batch" | "autoscaling" | "policy", _) | ("", "Pod" | "ReplicationController") => Stage::Workloads,
        ("", "PersistentVolumeClaim") => Stage::Claims,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => Stage::Definitions,
        ("", "Namespace") => Stage::Namespaces,
        (custom, _) if crd_groups.contains(custom) => Stage::CustomResources,
        _ => Stage::Rest,
    }
}

/// Whether an object carries the mark of one of our releases.
pub(crate) fn is_ours(object: &Value, releases: &BTreeSet<(String, String)>) -> bool {
    let release = annotation(object, "meta.helm.sh/release-name").unwrap_or_default();
    let namespace = annotation(object, "meta.helm.sh/release-namespace").unwrap_or_default();
    label(object, "app.kubernetes.io/managed-by") == Some("Helm")
        && releases.contains(&(namespace.to_owned(), release.to_owned()))
}

/// Whether a claim was made by a StatefulSet from a template: `TEMPLATE-SET-NUMBER`.
fn made_by(claim: &str, set: &Value) -> bool {
    let templates = set["spec"]["volumeClaimTemplates"].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = text(set, "/metadata/name");
    templates.iter().any(|template| {
        let prefix = format!("{}-{name}-", text(template, "/metadata/name"));
        claim
            .strip_prefix(&prefix)
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// Kinds that can be listed and deleted, each once however many versions are served.
fn removable(served: &Served) -> Vec<Resource> {
    let mut seen = BTreeSet::new();
    let can = |resource: &Resource, verb: &str| resource.verbs.iter().any(|v| v == verb);
    served
        .resources
        .iter()
        .filter(|r| can(r, "list") && can(r, "delete") && r.kind != "Event")
        .filter(|r| seen.insert((group(&r.api_version).to_owned(), r.kind.clone())))
        .cloned()
        .collect()
}

impl Cluster {
    /// The releases of an installation as the cluster knows them, by the label on their records: namespace, name.
    pub async fn releases_of(&self, installation: &str) -> Result<BTreeSet<(String, String)>> {
        let all = self.releases("", None).await?;
        Ok(of_installation(&all, installation))
    }

    /// Finds everything that a removal takes away, by the marks that applying left on it. Changes nothing.
    pub async fn plan_removal(&self, removal: &Removal) -> Result<RemovalPlan> {
        let served = self.served().await?;
        let kinds = removable(&served);
        let records = self.releases("", None).await?;
        let mut releases = of_installation(&records, &removal.installation);
        releases.extend(removal.releases.iter().cloned());
        let mut plan = RemovalPlan { unanswered: served.broken.clone(), ..RemovalPlan::default() };

        let lists: Vec<_> = kinds
            .iter()
            .map(|resource| async move { Ok::<_, Error>((resource, self.list_owned(resource).await?)) }.boxed())
            .collect();
        let mut owned: Vec<Value> = Vec::new();
        for (resource, listed) in futures::stream::iter(lists).buffer_unordered(8).try_collect::<Vec<_>>().await? {
            match listed {
                Some(listed) => owned.extend(listed.into_iter().filter(|object| is_ours(object, &releases))),
                None => drop(plan.unanswered.insert(resource.api_version.clone())),
            }
        }
        let of_ours = format!("labelSelector={}", encode(&format!("{INSTALLATION_LABEL}={}", removal.installation)));
        let namespaces: BTreeMap<String, String> = self
            .list_kind(&kinds, "v1", "Namespace", &of_ours)
            .await?
            .iter()
            .map(|namespace| (text(namespace, "/metadata/name").to_owned(), uid(namespace)))
            .collect();
        let all_definitions = self.list_kind(&kinds, "apiextensions.k8s.io/v1", "CustomResourceDefinition", "").await?;
        let crd_groups: BTreeSet<String> =
            all_definitions.iter().map(|crd| text(crd, "/spec/group").to_owned()).collect();

        let is_definition = |object: &&Value| object["kind"] == "CustomResourceDefinition";
        for object in owned.iter().filter(|object| !is_definition(object) && object["kind"] != "Namespace") {
            let stage = stage(object, &crd_groups);
            if !(removal.keep_data && stage == Stage::Claims) {
                plan.add(stage, ObjectRef::of(object), uid(object));
            }
        }
        // Objects of our definitions that others, mostly their controllers, made in our namespaces; and whether anybody else uses them.
        for definition in owned.iter().filter(is_definition) {
            let Some(instances) = self.instances(definition).await? else {
                // Whoever may use it cannot be asked for, so it stays.
                plan.unanswered.insert(format!(
                    "{} {}",
                    text(definition, "/spec/group"),
                    text(definition, "/spec/names/kind")
                ));
                continue;
            };
            let mut used_elsewhere = false;
            for object in instances {
                let name = ObjectRef::of(&object);
                if namespaces.contains_key(&name.namespace) || is_ours(&object, &releases) {
                    plan.add(Stage::CustomResources, name, uid(&object));
                } else {
                    used_elsewhere = true;
                }
            }
            // One that a hook made is not taken away, as with Helm: all that others made of it would go with it.
            if !used_elsewhere && annotation(definition, "helm.sh/hook").is_none() {
                plan.add(Stage::Definitions, ObjectRef::of(definition), uid(definition));
            }
        }
        let sets: Vec<&Value> = owned.iter().filter(|object| object["kind"] == "StatefulSet").collect();
        let mut with_claims = BTreeSet::new();
        for claim in self.list_kind(&kinds, "v1", "PersistentVolumeClaim", "").await? {
            let name = ObjectRef::of(&claim);
            let from_set =
                sets.iter().any(|set| text(set, "/metadata/namespace") == name.namespace && made_by(&name.name, set));
            if namespaces.contains_key(&name.namespace) || from_set || is_ours(&claim, &releases) {
                if removal.keep_data {
                    with_claims.insert(name.namespace);
                } else {
                    plan.add(Stage::Claims, name, uid(&claim));
                }
            }
        }
        for record in records {
            if releases.contains(&(record.namespace.clone(), record.name.clone())) {
                let secret = format!("sh.helm.release.v1.{}.v{}", record.name, record.revision);
                plan.add(Stage::Records, ObjectRef::new("v1", "Secret", &record.namespace, &secret), record.uid);
            }
        }
        for (namespace, uid) in namespaces {
            if !with_claims.contains(&namespace) {
                plan.add(Stage::Namespaces, ObjectRef::new("v1", "Namespace", "", &namespace), uid);
            }
        }
        Ok(plan)
    }

    /// Takes everything of a plan away and waits, stage by stage, until it is gone. Can be stopped and begun again.
    pub async fn remove(&self, plan: &RemovalPlan, progress: &mut (dyn FnMut(&Removing) + Send)) -> Result<usize> {
        let total = plan.count();
        let mut done = 0;
        let aggregated = self.aggregated().await?;
        for (&stage, objects) in &plan.stages {
            progress(&Removing { stage, done, total, on: objects.iter().cloned().collect() });
            let calls: Vec<_> = objects
                .iter()
                .map(|object| {
                    let (own, uid) = (object.clone(), plan.uid(object).to_owned());
                    let delete = move |cluster: Cluster| {
                        let (own, uid) = (own.clone(), uid.clone());
                        async move { cluster.delete_exactly(&own, &uid).await }.boxed()
                    };
                    self.unless_lost(&aggregated, object, delete).boxed()
                })
                .collect();
            futures::stream::iter(calls).buffer_unordered(8).try_collect::<Vec<_>>().await?;
            self.gone(stage, plan, &aggregated, objects, (done, total), progress).await?;
            done += objects.len();
        }
        Ok(done)
    }

    async fn gone(
        &self,
        stage: Stage,
        plan: &RemovalPlan,
        aggregated: &BTreeSet<String>,
        objects: &BTreeSet<ObjectRef>,
        (before, total): (usize, usize),
        progress: &mut (dyn FnMut(&Removing) + Send),
    ) -> Result<()> {
        let mut left: BTreeSet<ObjectRef> = objects.clone();
        let mut still_since = tokio::time::Instant::now();
        let mut lifted = false;
        loop {
            let looks: Vec<_> = left
                .iter()
                .map(|object| {
                    let (own, uid) = (object.clone(), plan.uid(object).to_owned());
                    let look = move |cluster: Cluster| {
                        let (own, uid) = (own.clone(), uid.clone());
                        async move { cluster.is_there(&own, &uid, stage).await }.boxed()
                    };
                    async move {
                        let is_there = self.unless_lost(aggregated, object, look).await?;
                        Ok::<_, Error>(is_there.unwrap_or_default().then(|| object.clone()))
                    }
                    .boxed()
                })
                .collect();
            let looks: Vec<Option<ObjectRef>> = futures::stream::iter(looks).buffer_unordered(8).try_collect().await?;
            let now_left: BTreeSet<ObjectRef> = looks.into_iter().flatten().collect();
            if now_left.len() < left.len() {
                still_since = tokio::time::Instant::now();
            }
            left = now_left;
            progress(&Removing {
                stage,
                done: before + objects.len() - left.len(),
                total,
                on: left.iter().cloned().collect(),
            });
            if left.is_empty() {
                return Ok(());
            }
            if stage == Stage::CustomResources && !lifted && still_since.elapsed() > FINALIZERS {
                lifted = true;
                for object in &left {
                    match self.merge(object, &json!({"metadata": {"finalizers": null}})).await {
                        Ok(_) | Err(Error::NotFound { .. } | Error::NotServed { .. }) => {}
                        Err(other) => return Err(other),
                    }
                }
            }
            if stage == Stage::Namespaces && still_since.elapsed() > NAMESPACE_HELD {
                self.unless_held(&left).await?;
            }
            if still_since.elapsed() > STANDSTILL {
                let evidence = left.iter().map(|object| format!("{object} is still there")).collect();
                let first = left.first().map(ToString::to_string).unwrap_or_default();
                return Err(Error::NotReady {
                    args: BTreeMap::from([("name".to_owned(), first.clone())]),
                    object: first,
                    code: "terminating".to_owned(),
                    evidence,
                });
            }
            self.rest(LOOK_AGAIN).await?;
        }
    }

    /// Asks about an object. `None`: it is in an aggregated API that does not answer while the API server does; whether it is there cannot
    /// be known, it may have ended with its server, and nothing waits for it. An inventory names that API.
    async fn unless_lost<T>(
        &self,
        aggregated: &BTreeSet<String>,
        object: &ObjectRef,
        ask: impl Fn(Cluster) -> BoxFuture<'static, Result<T>>,
    ) -> Result<Option<T>> {
        if aggregated.contains(&object.api_version) {
            return self.unless_broken(&object.api_version, ask).await;
        }
        ask(self.clone()).await.map(Some)
    }

    /// Whether an object is still there; a workload also while it has pods.
    async fn is_there(&self, object: &ObjectRef, uid: &str, stage: Stage) -> Result<bool> {
        if let Some(found) = self.get(object).await? {
            return Ok(uid.is_empty() || text(&found, "/metadata/uid") == uid);
        }
        if stage != Stage::Workloads
            || !matches!(object.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "Job")
        {
            return Ok(false);
        }
        // Its pods go in the background. They name their owner; a Deployment's name the ReplicaSet, which begins with its name.
        let pods = self.resource("v1", "Pod").await?;
        let found = self.list_metadata(&pods, &object.namespace, "").await?;
        Ok(found.iter().any(|pod| is_pod_of(pod, object)))
    }

    /// Objects that Helm's label says are managed by Helm. Kinds that we may not list have none of ours; `None`: whoever serves them does
    /// not answer.
    async fn list_owned(&self, resource: &Resource) -> Result<Option<Vec<Value>>> {
        let query = "labelSelector=app.kubernetes.io%2Fmanaged-by%3DHelm";
        // The stage depends on the content of these; of the rest the metadata is enough.
        let whole = matches!(resource.kind.as_str(), "Service" | "StatefulSet" | "CustomResourceDefinition");
        let wanted = resource.clone();
        let ask = move |cluster: Cluster| {
            let wanted = wanted.clone();
            async move {
                if whole {
                    return cluster.list(&wanted, "", query).await;
                }
                match cluster.list_metadata(&wanted, "", query).await {
                    Err(Error::Unexpected { status: 405, .. }) => Ok(vec![]),
                    other => other,
                }
            }
            .boxed()
        };
        let listed = self.unless_broken(&resource.api_version, ask).await;
        match listed {
            Err(Error::Forbidden { .. } | Error::NotFound { .. }) => Ok(Some(vec![])),
            other => other,
        }
    }

    async fn list_kind(&self, kinds: &[Resource], api_version: &str, kind: &str, query: &str) -> Result<Vec<Value>> {
        match kinds.iter().find(|r| r.api_version == api_version && r.kind == kind) {
            Some(resource) => self.list(resource, "", query).await,
            None => Ok(vec![]),
        }
    }

    /// All objects of a definition; `None` if they cannot be had, because what turns old versions into new ones is gone.
    pub(crate) async fn instances(&self, definition: &Value) -> Result<Option<Vec<Value>>> {
        let versions = definition["spec"]["versions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(version) = versions.iter().find(|version| version["served"] == true) else {
            return Ok(Some(vec![]));
        };
        let resource = Resource {
            api_version: format!("{}/{}", text(definition, "/spec/group"), text(version, "/name")),
            kind: text(definition, "/spec/names/kind").to_owned(),
            plural: text(definition, "/spec/names/plural").to_owned(),
            namespaced: definition["spec"]["scope"] == "Namespaced",
            verbs: vec![],
        };
        let api_version = resource.api_version.clone();
        let ask = move |cluster: Cluster| {
            let resource = resource.clone();
            async move { cluster.list_metadata(&resource, "", "").await }.boxed()
        };
        let listed = self.unless_broken(&api_version, ask).await;
        match listed {
            Err(Error::NotFound { .. }) => Ok(Some(vec![])),
            other => other,
        }
    }
}

impl RemovalPlan {
    pub(crate) fn add(&mut self, stage: Stage, object: ObjectRef, uid: String) {
        self.uids.insert(object.clone(), uid);
        self.stages.entry(stage).or_default().insert(object);
    }

    /// As it was found; empty if that is not known.
    fn uid(&self, object: &ObjectRef) -> &str {
        self.uids.get(object).map_or("", String::as_str)
    }
}

pub(crate) fn uid(object: &Value) -> String {
    text(object, "/metadata/uid").to_owned()
}

/// The releases whose records say that they are an installation's.
fn of_installation(records: &[ReleaseSummary], installation: &str) -> BTreeSet<(String, String)> {
    records
        .iter()
        .filter(|record| record.labels.get(INSTALLATION_LABEL).is_some_and(|name| name == installation))
        .map(|record| (record.namespace.clone(), record.name.clone()))
        .collect()
}

fn is_pod_of(pod: &Value, owner: &ObjectRef) -> bool {
    let owners = pod["metadata"]["ownerReferences"].as_array().map(Vec::as_slice).unwrap_or_default();
    owners.iter().any(|reference| match (text(reference, "/kind"), owner.kind.as_str()) {
        ("ReplicaSet", "Deployment") => {
            text(reference, "/name").rsplit_once('-').is_some_and(|(before, _)| before == owner.name)
        }
        (kind, wanted) => kind == wanted && text(reference, "/name") == owner.name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_of_each_kind() {
        let groups = BTreeSet::from(["cert-manager.io".to_owned()]);
        let object = |api_version: &str, kind: &str| json!({"apiVersion": api_version, "kind": kind});
        let mut balancer = object("v1", "Service");
        balancer["spec"] = json!({"type": "LoadBalancer"});
        let cases = [
            (object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"), Stage::Webhooks),
            (balancer, Stage::LoadBalancers),
            (object("v1", "Service"), Stage::Rest),
            (object("cert-manager.io/v1", "ClusterIssuer"), Stage::CustomResources),
            (object("apps/v1", "StatefulSet"), Stage::Workloads),
            (object("batch/v1", "CronJob"), Stage::Workloads),
            (object("autoscaling/v2", "HorizontalPodAutoscaler"), Stage::Workloads),
            (object("v1", "Pod"), Stage::Workloads),
            (object("v1", "PersistentVolumeClaim"), Stage::Claims),
            (object("v1", "ConfigMap"), Stage::Rest),
            (object("rbac.authorization.k8s.io/v1", "ClusterRole"), Stage::Rest),
            (object("networking.k8s.io/v1", "Ingress"), Stage::Rest),
            (object("apiextensions.k8s.io/v1", "CustomResourceDefinition"), Stage::Definitions),
            (object("v1", "Namespace"), Stage::Namespaces),
        ];
        for (object, expected) in cases {
            assert_eq!(stage(&object, &groups), expected, "{object}");
        }
        let mut order = vec![
            Stage::Namespaces,
            Stage::Rest,
            Stage::Claims,
            Stage::Workloads,
            Stage::LoadBalancers,
            Stage::Webhooks,
            Stage::Definitions,
            Stage::CustomResources,
            Stage::Records,
        ];
        order.sort();
        let codes: Vec<_> = order.into_iter().map(Stage::code).collect();
        assert_eq!(
            codes,
            [
                "webhooks",
                "load-balancers",
                "custom-resources",
                "workloads",
                "claims",
                "rest",
                "definitions",
                "records",
                "namespaces"
            ]
        );
    }

    #[test]
    fn ours_is_what_carries_the_mark_of_our_releases() {
        let releases = BTreeSet::from([("egov".to_owned(), "egov-user".to_owned())]);
        let object = |by: &str, namespace: &str, release: &str| json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": by}, "annotations": {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}}});
        let cases = [
            (object("Helm", "egov", "egov-user"), true),
            (object("Helm", "egov", "other"), false),
            (object("Helm", "backbone", "egov-user"), false),
            (object("kubectl", "egov", "egov-user"), false),
            (json!({"metadata": {}}), false),
        ];
        for (object, expected) in cases {
            assert_eq!(is_ours(&object, &releases), expected, "{object}");
        }
    }

    #[test]
    fn claims_of_a_stateful_set_are_known_by_name() {
        let set =
            json!({"metadata": {"name": "kafka"}, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}});
        for (claim, expected) in [
            ("data-kafka-0", true),
            ("data-kafka-12", true),
            ("data-kafka-", false),
            ("data-kafka-ui-0", false),
            ("logs-kafka-0", false),
            ("data-kafka-0x", false),
        ] {
            assert_eq!(made_by(claim, &set), expected, "{claim}");
        }
    }

    #[test]
    fn pods_are_known_by_their_owner() {
        let pod = |kind: &str, name: &str| json!({"metadata": {"ownerReferences": [{"kind": kind, "name": name}]}});
        let named = |kind: &str, name: &str| ObjectRef::new("apps/v1", kind, "n", name);
        let cases = [
            (pod("ReplicaSet", "web-5d4"), named("Deployment", "web"), true),
            (pod("ReplicaSet", "web-ui-5d4"), named("Deployment", "web"), false),
            (pod("StatefulSet", "db"), named("StatefulSet", "db"), true),
            (pod("StatefulSet", "db2"), named("StatefulSet", "db"), false),
            (json!({"metadata": {}}), named("StatefulSet", "db"), false),
        ];
        for (pod, owner, expected) in cases {
            assert_eq!(is_pod_of(&pod, &owner), expected, "{pod}");
        }
    }
}
