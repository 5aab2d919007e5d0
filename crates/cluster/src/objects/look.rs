//! What cluster it is: version, machines, room, classes and who we are. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::connect::api::{Call, Cluster};
use crate::error::{Error, Result};
use crate::object::{annotation, label, text};

/// Versions of the API that says who we are, newest first: 1.28 brought the first of them, 1.26 the last.
const WHO_AM_I: [&str; 3] = ["v1", "v1beta1", "v1alpha1"];

/// Annotations that make a storage class the default: Kubernetes still heeds the one of before 1.6.
pub(crate) const DEFAULT_CLASS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// What k3s writes on its machines: with which arguments it was started.
const K3S_ARGUMENTS: &str = "k3s.io/node-args";

/// A mark on a machine that keeps pods away which do not bear it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value; may be empty.
    pub value: String,
    /// `NoSchedule` or `NoExecute`; what is only preferred is none.
    pub effect: String,
}

/// One machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether it says that it is ready.
    pub ready: bool,
    /// Whether ordinary pods may be placed there: not cordoned, and without taints.
    pub schedulable: bool,
    /// Whether it was closed for new pods.
    pub cordoned: bool,
    /// What keeps pods away, without what says that it is cordoned.
    pub taints: Vec<Taint>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// `linux`, `windows`; `linux` if it does not say.
    pub os: String,
    /// Where it comes from, as `spec.providerID` has it; may be empty.
    pub provider: String,
    /// The arguments that k3s was started with, if it was.
    pub k3s: Option<String>,
    /// Memory that pods may use, in bytes.
    pub memory: u64,
    /// Processors that pods may use, in thousandths.
    pub cpu: u64,
    /// Pods that it may run.
    pub pods: u64,
    /// For example `amd64`.
    pub architecture: String,
}

impl Node {
    /// What a Node object says.
    pub fn of(node: &Value) -> Node {
        let conditions = node["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let taints = node["spec"]["taints"].as_array().map(Vec::as_slice).unwrap_or_default();
        let part = |taint: &Value, key: &str| taint[key].as_str().unwrap_or_default().to_owned();
        let taints: Vec<Taint> = taints
            .iter()
            .filter(|taint| taint["effect"] == "NoSchedule" || taint["effect"] == "NoExecute")
            .map(|taint| Taint { key: part(taint, "key"), value: part(taint, "value"), effect: part(taint, "effect") })
            .collect();
        let is_mark_of_cordon = |taint: &Taint| taint.key == "node.kubernetes.io/unschedulable";
        let cordoned = node["spec"]["unschedulable"] == true || taints.iter().any(is_mark_of_cordon);
        let taints: Vec<Taint> = taints.into_iter().filter(|taint| !is_mark_of_cordon(taint)).collect();
        let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
        let said = |label_of: &str, info: &str| {
            let named = label(node, label_of).filter(|value| !value.is_empty());
            named.unwrap_or_else(|| text(node, info)).to_owned()
        };
        let os = said("kubernetes.io/os", "/status/nodeInfo/operatingSystem");
        let room = &node["status"]["allocatable"];
        Node {
            name: text(node, "/metadata/name").to_owned(),
            ready: conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"),
            schedulable: !cordoned && taints.is_empty(),
            cordoned,
            taints,
            labels: labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect(),
            os: if os.is_empty() { "linux".to_owned() } else { os },
            provider: text(node, "/spec/providerID").to_owned(),
            k3s: annotation(node, K3S_ARGUMENTS).map(str::to_owned),
            memory: bytes(&room["memory"]),
            cpu: thousandths(&room["cpu"]),
            pods: bytes(&room["pods"]),
            architecture: said("kubernetes.io/arch", "/status/nodeInfo/architecture"),
        }
    }

    /// Whether Kubernetes can run ordinary pods of Linux there.
    pub fn is_open(&self) -> bool {
        self.ready && self.schedulable && self.os == "linux"
    }
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
    /// The user's name as the server knows it; empty if it does not tell.
    pub user: String,
    /// Machines; empty if we may not see them.
    pub nodes: Vec<Node>,
    /// What pods that are not finished ask for, on machines that take ordinary pods.
    pub requested: Requests,
    /// Pods that are not finished; empty if we may not see them.
    pub pods: Vec<Pod>,
    /// Storage classes.
    pub storage_classes: Vec<StorageClass>,
    /// Ingress classes.
    pub ingress_classes: Vec<String>,
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

    /// Who the server says we are; empty if it is too old to say so, or does not want to. Whoever it does not know is told so either way.
    pub async fn whoami(&self) -> Result<String> {
        for version in WHO_AM_I {
            let review = json!({"apiVersion": format!("authentication.k8s.io/{version}"), "kind": "SelfSubjectReview"});
            let path = format!("/apis/authentication.k8s.io/{version}/selfsubjectreviews");
            match self.call(&Call::new(Method::POST, path).json(&review)).await {
                Ok(answer) => return Ok(text(&answer, "/status/userInfo/username").to_owned()),
                // 405: a server that has the group without this kind.
                Err(Error::NotFound { .. } | Error::Unexpected { status: 405, .. }) => {}
                Err(Error::Forbidden { .. }) => break,
                Err(other) => return Err(other),
            }
        }
        Ok(String::new())
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
        let nodes: Vec<Node> = nodes.iter().map(Node::of).collect();
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

    /// All objects of a kind; none if it is not served, or we may not see it.
    pub async fn listed(&self, api_version: &str, kind: &str) -> Result<Vec<Value>> {
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

fn storage_class(class: &Value) -> StorageClass {
    StorageClass {
        name: text(class, "/metadata/name").to_owned(),
        default: DEFAULT_CLASS.iter().any(|key| annotation(class, key) == Some("true")),
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
    let counts: BTreeSet<&str> = nodes.iter().filter(|n| n.is_open()).map(|n| n.name.as_str()).collect();
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
            Node::of(
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
    fn a_class_is_the_default_by_either_annotation() {
        for (annotations, wanted) in [
            (json!({"storageclass.kubernetes.io/is-default-class": "true"}), true),
            (json!({"storageclass.beta.kubernetes.io/is-default-class": "true"}), true),
            (
                json!({"storageclass.kubernetes.io/is-default-class": "false", "storageclass.beta.kubernetes.io/is-default-class": "true"}),
                true,
            ),
            (json!({"storageclass.kubernetes.io/is-default-class": "false"}), false),
            (json!({"storageclass.kubernetes.io/is-default-class": "True"}), false),
            (json!({}), false),
        ] {
            let class = json!({"metadata": {"name": "a", "annotations": annotations}, "provisioner": "p"});
            assert_eq!(storage_class(&class).default, wanted, "{class}");
        }
    }

    #[test]
    fn what_keeps_pods_off_a_machine_is_told_apart() {
        let cordon = json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
        let own = json!({"key": "gpu", "value": "yes", "effect": "NoExecute"});
        let soft = json!({"key": "soft", "effect": "PreferNoSchedule"});
        for (spec, cordoned, keys, schedulable) in [
            (json!({}), false, vec![], true),
            (json!({"unschedulable": true, "taints": [cordon]}), true, vec![], false),
            (json!({"taints": [own, soft]}), false, vec!["gpu=yes:NoExecute"], false),
            (json!({"unschedulable": true, "taints": [cordon, own]}), true, vec!["gpu=yes:NoExecute"], false),
        ] {
            let node = Node::of(&json!({"metadata": {"name": "a"}, "spec": spec}));
            let found: Vec<String> =
                node.taints.iter().map(|t| format!("{}={}:{}", t.key, t.value, t.effect)).collect();
            assert_eq!(
                (node.cordoned, found, node.schedulable),
                (cordoned, keys.iter().map(ToString::to_string).collect(), schedulable),
                "{spec}"
            );
        }
        // What the labels do not say, the machine's own report does.
        let info = json!({"nodeInfo": {"operatingSystem": "windows", "architecture": "arm64"}});
        for (labels, os, architecture) in [
            (json!({}), "windows", "arm64"),
            (json!({"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}), "linux", "amd64"),
        ] {
            let node = Node::of(&json!({"metadata": {"name": "a", "labels": labels}, "status": info}));
            assert_eq!((node.os.as_str(), node.architecture.as_str()), (os, architecture));
        }
        assert_eq!(Node::of(&json!({"metadata": {"name": "a"}})).os, "linux");
    }

    /// The status that each path is answered with.
    type Knows = fn(&str) -> u16;

    /// A server of which `knows` says which versions of the API tell who we are.
    fn server(knows: Knows) -> Cluster {
        let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
            let status = knows(request.uri().path());
            let body = if status == 201 {
                json!({"status": {"userInfo": {"username": "asha"}}})
            } else {
                json!({"kind": "Status", "code": status, "message": "no"})
            };
            let body = http_body_util::Full::new(bytes::Bytes::from(body.to_string()));
            async move { Ok::<_, std::convert::Infallible>(http::Response::builder().status(status).body(body).unwrap()) }
        });
        crate::connect::connect_service(service, "played")
    }

    #[tokio::test]
    async fn who_we_are_is_asked_in_the_words_that_the_server_knows() {
        let cases: [(Knows, &str); 5] = [
            (|_| 201, "asha"),
            (|path| if path.contains("/v1beta1/") { 201 } else { 404 }, "asha"),
            (|path| if path.contains("/v1alpha1/") { 201 } else { 404 }, "asha"),
            (|_| 404, ""),
            (|_| 403, ""),
        ];
        for (number, (knows, wanted)) in cases.into_iter().enumerate() {
            assert_eq!(server(knows).whoami().await.unwrap(), wanted, "case {number}");
        }
        assert_eq!(server(|_| 401).whoami().await.unwrap_err().code(), "sign-in-rejected");
    }
}
