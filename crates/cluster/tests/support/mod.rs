//! The control plane that tests speak to, and names of their own in it.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use cluster::{Cluster, ObjectRef, Target, connect};
use serde_json::json;

/// Kubeconfig of an administrator.
pub fn kubeconfig() -> PathBuf {
    match std::env::var_os("DIGIT_TEST_KUBECONFIG") {
        Some(path) => path.into(),
        None => panic!("DIGIT_TEST_KUBECONFIG is not set: `cargo xtask test` starts a control plane and sets it"),
    }
}

/// Another kubeconfig of the same control plane, for example `viewer`.
pub fn kubeconfig_of(user: &str) -> PathBuf {
    kubeconfig().with_file_name(format!("{user}.kubeconfig"))
}

pub fn target(path: PathBuf) -> Target {
    Target { kubeconfig: Some(path), ..Target::default() }
}

/// The cluster, as administrator.
pub async fn cluster() -> Cluster {
    connect(&target(kubeconfig())).await.unwrap()
}

/// A name that no other test and no earlier run uses.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() % 100_000_000;
    format!("{prefix}-{time}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A namespace of the test's own.
pub async fn namespace(cluster: &Cluster, prefix: &str) -> String {
    let name = unique(prefix);
    cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await.unwrap();
    name
}

pub fn named(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectRef {
    ObjectRef::new(api_version, kind, namespace, name)
}

/// A Deployment whose pods the test bed runs.
pub fn deployment(name: &str, replicas: u32) -> serde_json::Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": "stand.in/app:1", "env": [{"name": "A", "value": "1"}]}]}}}})
}
