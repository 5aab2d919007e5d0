//! What a cluster has that would stop an install is said by the checks, before anything is made.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeMap;

use cluster::{Cluster, ObjectRef, Pretend};

use install::view::{CheckState, CheckView};
use serde_json::{Value, json};
use support::{for_real, installer, quick};

/// Every check that is not simply passed: its name, state, and the code of its cause.
fn told(checks: &[CheckView]) -> BTreeMap<String, (CheckState, String)> {
    let told = checks.iter().filter_map(|check| Some((check, check.cause.as_ref()?)));
    told.map(|(check, cause)| (check.name.clone(), (check.state, cause.code.clone()))).collect()
}

/// Changes the machines of a cluster, by their place.
async fn machines(cluster: &Cluster, change: impl Fn(usize, &mut Value)) {
    let nodes = cluster.listed("v1", "Node").await.unwrap();
    for (at, mut node) in nodes.into_iter().enumerate() {
        change(at, &mut node);
        node["metadata"].as_object_mut().unwrap().remove("resourceVersion");
        cluster.replace(&node).await.unwrap();
    }
}

async fn webhook(cluster: &Cluster, policy: &str) {
    let config = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "left-behind"},
        "webhooks": [{"name": "w.example", "failurePolicy": policy, "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": {"service": {"namespace": "gone", "name": "policy"}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}]});
    cluster.create(&config).await.unwrap();
}

/// A namespace that does not go, since something in it is held.
async fn leaving(cluster: &Cluster, namespace: &str) {
    cluster.ensure_namespace(namespace, "").await.unwrap();
    let held = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "namespace": namespace, "finalizers": ["x.example/hold"]}});
    cluster.create(&held).await.unwrap();
    cluster.delete(&ObjectRef::new("v1", "Namespace", "", namespace)).await.unwrap();
}

/// The checks of a cluster to which something was done, and whether its plan may begin with `accept`.
async fn checked(pretend: &Pretend, accept: &[&str]) -> BTreeMap<String, (CheckState, String)> {
    let folder = tempfile::tempdir().unwrap();
    let installer = installer(folder.path(), pretend);
    let mut answers = for_real();
    answers.accept = accept.iter().map(ToString::to_string).collect();
    let planned = installer.plan(&answers, false).await.unwrap();
    told(&installer.check(&planned, false, &|_| {}).await.unwrap().checks)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_of_a_cluster_is_told_by_its_own_check() {
    let pretend = quick();
    let nothing = checked(&pretend, &[]).await;
    let told_of = async |pretend: &Pretend, accept: &[&str]| {
        let mut told = checked(pretend, accept).await;
        told.retain(|name, what| nothing.get(name) != Some(what));
        told
    };
    let one = |name: &str, state: CheckState, code: &str| BTreeMap::from([(name.to_owned(), (state, code.to_owned()))]);

    let pretend = quick();
    webhook(&pretend.cluster(), "Ignore").await;
    assert_eq!(told_of(&pretend, &[]).await, BTreeMap::new());
    let pretend = quick();
    webhook(&pretend.cluster(), "Fail").await;
    assert_eq!(told_of(&pretend, &[]).await, one("webhooks", CheckState::NotPassed, "check-webhooks"));
    assert_eq!(told_of(&pretend, &["webhooks"]).await, one("webhooks", CheckState::Accepted, "check-webhooks"));

    let pretend = quick();
    leaving(&pretend.cluster(), "practice-of-somebody-else").await;
    assert_eq!(told_of(&pretend, &[]).await, BTreeMap::new());
    leaving(&pretend.cluster(), "digit-installer").await;
    let told = told_of(&pretend, &[]).await;
    let (state, code) = &told["namespaces"];
    assert!(told.len() == 1 && code.starts_with("check-namespaces"), "{told:?}");
    assert_eq!(*state, CheckState::NotPassed);

    let windows = |_: usize, node: &mut Value| node["metadata"]["labels"]["kubernetes.io/os"] = "windows".into();
    let cordoned = |_: usize, node: &mut Value| node["spec"]["unschedulable"] = true.into();
    let tainted = |_: usize, node: &mut Value| node["spec"]["taints"] = json!([{"key": "gpu", "effect": "NoSchedule"}]);
    for change in [&windows as &(dyn Fn(usize, &mut Value) + Sync), &cordoned, &tainted] {
        // One of three: the others have room, and Kubernetes may place pods on it only if nothing keeps them away.
        let pretend = quick();
        machines(&pretend.cluster(), |at, node| {
            if at == 0 {
                change(at, node);
            }
        })
        .await;
        let told = told_of(&pretend, &[]).await;
        let node = &pretend.cluster().overview().await.unwrap().nodes[0];
        let wanted =
            if node.schedulable { one("nodes", CheckState::NotPassed, "check-nodes-windows") } else { BTreeMap::new() };
        assert_eq!(told, wanted, "{node:?}");
        // All of them.
        machines(&pretend.cluster(), change).await;
        let told = told_of(&pretend, &[]).await;
        assert_eq!(told["nodes"], (CheckState::NotPassed, "check-nodes-unusable".to_owned()), "{told:?}");
    }
    assert!(!nothing.contains_key("nodes") && !nothing.contains_key("webhooks"), "{nothing:?}");
}
