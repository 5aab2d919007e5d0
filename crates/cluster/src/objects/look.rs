//! What cluster it is: version, machines, room, classes and who we are. Changes nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{StreamExt, TryStreamExt};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::verbs::parse_resources;
use crate::connect::api::{Call, Cluster, Patience};
use crate::error::{Error, Result};
use crate::object::{Resource, annotation, group, label, root, text};

/// Calls that are made side by side at most.
const SIDE_BY_SIDE: usize = 8;

/// How long trouble with a group of another server is waited out at a time, how long one call to it may take, and how often it is asked.
const FOREIGN_PATIENCE: Duration = Duration::from_secs(1);
const FOREIGN_TIME_OUT: Duration = Duration::from_secs(10);
const FOREIGN_TRIES: usize = 2;

/// One machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether it says that it is ready.
    pub ready: bool,
    /// Whether ordinary pods may be placed there: not cordoned, no `NoSchedule` or `NoExecute` taint.
    pub schedulable: bool,
    /// Memory that pods may use, in bytes.
    pub memory: u64,
    /// Processors that pods may use, in thousandths.
    pub cpu: u64,
    /// Pods that it may run.
    pub pods: u64,
    /// For example `amd64`.
    pub architecture: String,
}

/// What pods ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Requests {
    /// Memory, in bytes.
    pub memory: u64,
    /// Processors, in thousandths.
    pub cpu: u64,
    /// How many there are.
    pub pods: u64,
}

/// A pod that is not finished.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pod {
    /// The machine that it stands on; empty before it has one.
    pub node: String,
    /// What made it, as `Kind/namespace/name`: a Deployment and not its ReplicaSet; the pod itself where nothing did.
    pub workload: String,
    /// Memory that it asks for, in bytes.
    pub memory: u64,
    /// Processors that it asks for, in thousandths.
    pub cpu: u64,
}

/// A storage class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StorageClass {
    /// Its name.
    pub name: String,
    /// Whether claims without a class get it.
    pub default: bool,
    /// Who makes its volumes.
    pub provisioner: String,
}

/// What was found out about a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Overview {
    /// The server's address.
    pub server: String,
    /// For example `v1.36.3`.
    pub version: String,
    /// UID of `kube-system`; empty if we may not see it.
    pub uid: String,
    /// The user's name as the server knows it.
    pub user: String,
    /// Machines; empty if we may not see them.
    pub nodes: Vec<Node>,
    /// What pods that are not finished ask for, on machines that are ready and schedulable.
    pub requested: Requests,
    /// Pods that are not finished; empty if we may not see them.
    pub pods: Vec<Pod>,
    /// Storage classes.
    pub storage_classes: Vec<StorageClass>,
    /// Ingress classes.
    pub ingress_classes: Vec<String>,
}

/// Everything that a cluster serves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// Kinds, each with its resource.
    pub resources: Vec<Resource>,
    /// Group versions that are registered and whose server does not answer, for example `metrics.k8s.io/v1beta1`.
    pub broken: BTreeSet<String>,
}

impl Served {
    /// Group versions, and group versions with kinds, as Helm's `.Capabilities.APIVersions` has them.
    pub fn api_versions(&self) -> BTreeSet<String> {
        self.resources.iter().flat_map(|r| [r.api_version.clone(), format!("{}/{}", r.api_version, r.kind)]).collect()
    }

    /// The resource behind a kind.
    pub fn resource(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.resources.iter().find(|r| r.api_version == api_version && r.kind == kind)
    }

    /// What a chart is told about the cluster.
    pub fn capabilities(&self, version: &str) -> helm_template::Capabilities {
        helm_template::Capabilities { kube_version: version.to_owned(), api_versions: self.api_versions() }
    }
}

impl Cluster {
    /// Its version, for example `v1.36.3`.
    pub async fn version(&self) -> Result<String> {
        let answer = self.call(&Call::get("/version")).await?;
        match answer["gitVersion"].as_str() {
            Some(version) => Ok(version.to_owned()),
            None => Err(Error::Unexpected {
                what: "GET /version".to_owned(),
                status: 200,
                message: "no gitVersion".to_owned(),
            }),
        }
    }

    /// UID of the namespace `kube-system`: the same cluster, however it is reached.
    pub async fn uid(&self) -> Result<String> {
        let found = self.call(&Call::get("/api/v1/namespaces/kube-system")).await?;
        Ok(text(&found, "/metadata/uid").to_owned())
    }

    /// Who the server says we are.
    pub async fn whoami(&self) -> Result<String> {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let call = Call::new(Method::POST, "/apis/authentication.k8s.io/v1/selfsubjectreviews").json(&review);
        let answer = self.call(&call).await?;
        Ok(text(&answer, "/status/userInfo/username").to_owned())
    }

    /// Everything it serves. A group version whose own server is down (an aggregated API) is named and left out.
    pub async fn served(&self) -> Result<Served> {
        let core = self.call(&Call::get("/api")).await?;
        let groups = self.call(&Call::get("/apis")).await?;
        let answers: Vec<(String, Option<Vec<Resource>>)> = futures::stream::iter(group_versions(&core, &groups))
            .map(|api_version| async move {
                let call = Call::get(root(&api_version));
                let ask = |cluster: Cluster| {
                    let call = call.clone();
                    async move { cluster.call(&call).await }.boxed()
                };
                let list = self.unless_broken(&api_version, ask).await;
                match list {
                    Ok(list) => Ok((api_version.clone(), list.map(|list| parse_resources(&api_version, &list)))),
                    Err(Error::NotFound { .. } | Error::Forbidden { .. }) => Ok((api_version, Some(vec![]))),
                    Err(other) => Err(other),
                }
            })
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let mut served = Served::default();
        for (api_version, resources) in answers {
            match resources {
                Some(resources) => served.resources.extend(resources),
                None => drop(served.broken.insert(api_version)),
            }
        }
        served.resources.sort();
        Ok(served)
    }

    /// Asks for something of a group version that may be answered by another server than the API server itself, which may be gone for
    /// good. `None`: it does not answer while the API server does. The API server's own groups are waited for like everything else.
    pub(crate) async fn unless_broken<T>(
        &self,
        api_version: &str,
        ask: impl Fn(Cluster) -> BoxFuture<'static, Result<T>>,
    ) -> Result<Option<T>> {
        if is_built_in(group(api_version)) {
            return ask(self.clone()).await.map(Some);
        }
        let brief = self.with_patience(Patience::For(FOREIGN_PATIENCE)).with_time_out(FOREIGN_TIME_OUT);
        for _ in 0..FOREIGN_TRIES {
            match ask(brief.clone()).await {
                // One that answers too late, wrongly, or not at all.
                Err(
                    Error::NotAnswering { .. }
                    | Error::Unexpected { .. }
                    | Error::WebhookFailing { .. }
                    | Error::Invalid { .. },
                ) => {}
                // One that does not know us, while the API server may.
                Err(error) if error.needs_person() => {}
                other => return other.map(Some),
            }
            // Is it the group alone? With all the patience that the caller has.
            self.version().await?;
        }
        Ok(None)
    }

    /// Group versions that another server than the API server answers for it; none if we may not see which.
    pub(crate) async fn aggregated(&self) -> Result<BTreeSet<String>> {
        let services = self.listed("apiregistration.k8s.io/v1", "APIService").await?;
        let others = services.iter().filter(|service| service["spec"]["service"].is_object());
        Ok(others.map(|api| format!("{}/{}", text(api, "/spec/group"), text(api, "/spec/version"))).collect())
    }

    /// Everything that the screen and the checks want to know. What we may not see is left empty; who asks
    /// [`missing`](Cluster::missing) learns why.
    pub async fn overview(&self) -> Result<Overview> {
        // The version first and alone: if nobody answers, this says so once.
        let version = self.version().await?;
        let (user, uid, nodes, pods, storage, ingress) = futures::try_join!(
            self.whoami(),
            or_default(self.uid()),
            self.listed("v1", "Node"),
            self.listed("v1", "Pod"),
            self.listed("storage.k8s.io/v1", "StorageClass"),
            self.listed("networking.k8s.io/v1", "IngressClass"),
        )?;
        let nodes: Vec<Node> = nodes.iter().map(node).collect();
        let pods: Vec<Pod> = pods.iter().filter(|pod| !is_finished(pod)).map(pod).collect();
        Ok(Overview {
            server: self.server().to_owned(),
            version,
            uid,
            user,
            requested: requested(&pods, &nodes),
            nodes,
            pods,
            storage_classes: storage.iter().map(storage_class).collect(),
            ingress_classes: ingress.iter().map(|class| text(class, "/metadata/name").to_owned()).collect(),
        })
    }

    async fn listed(&self, api_version: &str, kind: &str) -> Result<Vec<Value>> {
        or_default(async {
            let resource = self.resource(api_version, kind).await?;
            self.list(&resource, "", "").await
        })
        .await
    }
}

/// What we may not see, or is not there, is empty.
async fn or_default<T: Default>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    match asked.await {
        Err(Error::Forbidden { .. } | Error::NotServed { .. } | Error::NotFound { .. }) => Ok(T::default()),
        other => other,
    }
}

/// Whether a group is answered by the API server itself, whatever else is installed.
fn is_built_in(group: &str) -> bool {
    const BUILT_IN: [&str; 21] = [
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    ];
    BUILT_IN.contains(&group)
}

fn group_versions(core: &Value, groups: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut all: Vec<String> = list(&core["versions"]).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
    for group in list(&groups["groups"]) {
        all.extend(list(&group["versions"]).iter().filter_map(|v| v["groupVersion"].as_str().map(str::to_owned)));
    }
    all
}

fn node(node: &Value) -> Node {
    let conditions = node["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let taints = node["spec"]["taints"].as_array().map(Vec::as_slice).unwrap_or_default();
    let kept_away = taints.iter().any(|taint| taint["effect"] == "NoSchedule" || taint["effect"] == "NoExecute");
    let room = &node["status"]["allocatable"];
    Node {
        name: text(node, "/metadata/name").to_owned(),
        ready: conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"),
        schedulable: node["spec"]["unschedulable"] != true && !kept_away,
        memory: bytes(&room["memory"]),
        cpu: thousandths(&room["cpu"]),
        pods: bytes(&room["pods"]),
        architecture: label(node, "kubernetes.io/arch").unwrap_or_default().to_owned(),
    }
}

fn storage_class(class: &Value) -> StorageClass {
    StorageClass {
        name: text(class, "/metadata/name").to_owned(),
        default: annotation(class, "storageclass.kubernetes.io/is-default-class") == Some("true"),
        provisioner: text(class, "/provisioner").to_owned(),
    }
}

fn is_finished(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

fn pod(pod: &Value) -> Pod {
    let (memory, cpu) = pod_requests(&pod["spec"]);
    Pod { node: text(pod, "/spec/nodeName").to_owned(), workload: workload(pod), memory, cpu }
}

/// What made a pod. A ReplicaSet is named after its Deployment and the hash of the template that the pod carries too.
fn workload(pod: &Value) -> String {
    let namespace = text(pod, "/metadata/namespace");
    let owners = pod["metadata"]["ownerReferences"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(owner) = owners.iter().find(|owner| owner["controller"] == true) else {
        return format!("Pod/{namespace}/{}", text(pod, "/metadata/name"));
    };
    let (kind, name) = (text(owner, "/kind"), text(owner, "/name"));
    let hash = label(pod, "pod-template-hash").unwrap_or_default();
    match name.strip_suffix(hash).and_then(|name| name.strip_suffix('-')) {
        Some(deployment) if kind == "ReplicaSet" && !hash.is_empty() => format!("Deployment/{namespace}/{deployment}"),
        _ => format!("{kind}/{namespace}/{name}"),
    }
}

/// What pods ask for, on machines that count.
fn requested(pods: &[Pod], nodes: &[Node]) -> Requests {
    let counts: BTreeSet<&str> = nodes.iter().filter(|n| n.ready && n.schedulable).map(|n| n.name.as_str()).collect();
    pods.iter().filter(|pod| counts.contains(pod.node.as_str())).fold(Requests::default(), |sum, pod| Requests {
        memory: sum.memory + pod.memory,
        cpu: sum.cpu + pod.cpu,
        pods: sum.pods + 1,
    })
}

/// Memory in bytes and processors in thousandths that a pod asks for: all containers and side cars together, or the
/// largest init container if that is more.
pub fn pod_requests(spec: &Value) -> (u64, u64) {
    let asked = |container: &Value| {
        let requests = &container["resources"]["requests"];
        (bytes(&requests["memory"]), thousandths(&requests["cpu"]))
    };
    let add = |a: (u64, u64), b: (u64, u64)| (a.0 + b.0, a.1 + b.1);
    let list = |key: &str| spec[key].as_array().cloned().unwrap_or_default();
    let mut running = list("containers").iter().map(asked).fold((0, 0), add);
    let mut start = (0, 0);
    let mut beside = (0, 0);
    for init in list("initContainers") {
        if init["restartPolicy"] == "Always" {
            beside = add(beside, asked(&init));
        } else {
            let with = add(beside, asked(&init));
            start = (start.0.max(with.0), start.1.max(with.1));
        }
    }
    running = add(running, beside);
    let overhead = &spec["overhead"];
    add((running.0.max(start.0), running.1.max(start.1)), (bytes(&overhead["memory"]), thousandths(&overhead["cpu"])))
}

/// A quantity in whole units, rounded up: `1Gi`, `500M`, `64`, `1.5e3`. 0 if it is none.
pub fn bytes(quantity: &Value) -> u64 {
    number(quantity).ceil() as u64
}

/// A quantity of processors in thousandths, rounded up: `1`, `250m`, `0.5`. 0 if it is none.
pub fn thousandths(quantity: &Value) -> u64 {
    (number(quantity) * 1000.0).ceil() as u64
}

fn number(quantity: &Value) -> f64 {
    let text = match quantity {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return 0.0,
    };
    const SUFFIXES: [(&str, f64); 15] = [
        ("Ki", 1024.0),
        ("Mi", 1048576.0),
        ("Gi", 1073741824.0),
        ("Ti", 1099511627776.0),
        ("Pi", 1125899906842624.0),
        ("Ei", 1152921504606846976.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
    ];
    if let Ok(plain) = text.parse::<f64>() {
        return plain.max(0.0);
    }
    for (suffix, factor) in SUFFIXES {
        if let Some(Ok(head)) = text.strip_suffix(suffix).map(str::parse::<f64>) {
            // Thousandths of decimal fractions are not exact in binary: 0.1m more would round up.
            return (head * factor * 1e6).round().max(0.0) / 1e6;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        let cases = [
            (json!("1Gi"), 1_073_741_824, 1_073_741_824_000),
            (json!("250m"), 1, 250),
            (json!("0.5"), 1, 500),
            (json!(2), 2, 2000),
            (json!("1.5e3"), 1500, 1_500_000),
            (json!("128M"), 128_000_000, 128_000_000_000),
            (json!("1E"), 1_000_000_000_000_000_000, u64::MAX),
            (json!("rubbish"), 0, 0),
            (json!(null), 0, 0),
            (json!("-1"), 0, 0),
        ];
        for (quantity, whole, thousand) in cases {
            assert_eq!(bytes(&quantity), whole, "{quantity}");
            if thousand != u64::MAX {
                assert_eq!(thousandths(&quantity), thousand, "{quantity}");
            }
        }
    }

    #[test]
    fn a_pod_asks_for_its_containers_or_its_largest_init_container() {
        let ask = |cpu: &str, memory: &str| json!({"resources": {"requests": {"cpu": cpu, "memory": memory}}});
        let mut sidecar = ask("100m", "100");
        sidecar["restartPolicy"] = json!("Always");
        let cases = [
            (json!({"containers": [ask("100m", "100"), ask("200m", "50")]}), (150, 300)),
            (
                json!({"containers": [ask("100m", "100")], "initContainers": [ask("1", "50"), ask("50m", "400")]}),
                (400, 1000),
            ),
            (json!({"containers": [ask("100m", "100")], "initContainers": [sidecar, ask("50m", "150")]}), (250, 200)),
            (json!({"containers": [{}]}), (0, 0)),
        ];
        for (spec, expected) in cases {
            assert_eq!(pod_requests(&spec), expected, "{spec}");
        }
    }

    #[test]
    fn only_unfinished_pods_on_usable_machines_count() {
        let machine = |name: &str, ready: &str, extra: Value| {
            node(
                &json!({"metadata": {"name": name}, "spec": extra, "status": {"allocatable": {"cpu": "2", "memory": "8Gi", "pods": "110"}, "conditions": [{"type": "Ready", "status": ready}]}}),
            )
        };
        let nodes = [
            machine("a", "True", json!({})),
            machine("b", "False", json!({})),
            machine("c", "True", json!({"taints": [{"effect": "NoSchedule", "key": "k"}]})),
            machine("d", "True", json!({"unschedulable": true})),
            machine("e", "True", json!({"taints": [{"effect": "PreferNoSchedule", "key": "k"}]})),
        ];
        let usable: Vec<_> = nodes.iter().filter(|n| n.ready && n.schedulable).map(|n| n.name.as_str()).collect();
        assert_eq!(usable, ["a", "e"]);
        assert_eq!((nodes[0].cpu, nodes[0].memory, nodes[0].pods), (2000, 8 << 30, 110));
        let pod = |node: &str, phase: &str| json!({"spec": {"nodeName": node, "containers": [{"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}]}, "status": {"phase": phase}});
        let pods =
            [pod("a", "Running"), pod("a", "Succeeded"), pod("b", "Running"), pod("e", "Pending"), pod("", "Pending")];
        let pods: Vec<Pod> = pods.iter().filter(|p| !is_finished(p)).map(super::pod).collect();
        assert_eq!(requested(&pods, &nodes), Requests { memory: 2 << 30, cpu: 2000, pods: 2 });
    }

    #[test]
    fn a_pod_belongs_to_what_made_it() {
        let made_by = |kind: &str, name: &str| json!({"metadata": {"namespace": "n", "name": "p", "labels": {"pod-template-hash": "5f6"}, "ownerReferences": [{"kind": "Node", "name": "x"}, {"kind": kind, "name": name, "controller": true}]}});
        let alone = json!({"metadata": {"namespace": "n", "name": "p"}});
        for (pod, made) in [
            (made_by("ReplicaSet", "egov-user-5f6"), "Deployment/n/egov-user"),
            (made_by("ReplicaSet", "of-its-own"), "ReplicaSet/n/of-its-own"),
            (made_by("StatefulSet", "kafka"), "StatefulSet/n/kafka"),
            (made_by("Job", "migrate-5f6"), "Job/n/migrate-5f6"),
            (alone, "Pod/n/p"),
        ] {
            assert_eq!(workload(&pod), made);
        }
    }

    #[test]
    fn group_versions_come_from_both_roots() {
        let core = json!({"versions": ["v1"]});
        let groups = json!({"groups": [{"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}]}]});
        assert_eq!(group_versions(&core, &groups), ["v1", "apps/v1"]);
    }
}
