//! Objects as a cluster shows them, shortened to what matters.
#![allow(dead_code, clippy::needless_pass_by_value, clippy::unwrap_used)]

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The moment all cases start from.
pub(crate) fn start() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

/// Seconds after the start, as a time.
pub(crate) fn at(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

/// Merges `more` into `base`, like a merge patch.
pub(crate) fn with(mut base: Value, more: Value) -> Value {
    fn merge(base: &mut Value, more: Value) {
        match (base, more) {
            (Value::Object(base), Value::Object(more)) => {
                for (key, value) in more {
                    merge(base.entry(key).or_insert(Value::Null), value);
                }
            }
            (base, more) => *base = more,
        }
    }
    merge(&mut base, more);
    base
}

pub(crate) fn deployment(replicas: u32, updated: u32, available: u32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "egov-user", "namespace": "egov", "uid": "d", "generation": 2, "creationTimestamp": start().to_string()},
        "spec": {"replicas": replicas, "progressDeadlineSeconds": 600},
        "status": {"observedGeneration": 2, "replicas": updated, "updatedReplicas": updated, "readyReplicas": available, "availableReplicas": available}})
}

pub(crate) fn replica_set(name: &str, revision: u32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": "egov", "uid": name, "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
            "ownerReferences": [{"kind": "Deployment", "name": "egov-user", "uid": "d", "controller": true}]},
        "spec": {"replicas": 1}, "status": {}})
}

/// A pod of `owner` with one container `app`, scheduled and pending.
pub(crate) fn pod(name: &str, kind: &str, owner: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "egov", "uid": name, "creationTimestamp": start().to_string(),
            "ownerReferences": [{"kind": kind, "name": owner, "uid": owner, "controller": true}]},
        "spec": {"restartPolicy": "Always", "containers": [{"name": "app", "image": "egovio/egov-user:v1",
            "resources": {"requests": {"memory": "512Mi", "cpu": "100m"}, "limits": {"memory": "512Mi"}}}]},
        "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False",
            "message": "containers with unready status: [app]"}],
            "containerStatuses": [{"name": "app", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "ContainerCreating"}}}]}})
}

pub(crate) fn alone() -> Value {
    let mut pod = pod("hook", "", "");
    pod["metadata"].as_object_mut().unwrap().remove("ownerReferences");
    pod
}

/// The pod with its container in this state.
pub(crate) fn state(pod: Value, restarts: u32, state: Value, last: Value) -> Value {
    with(
        pod,
        json!({"status": {"containerStatuses": [{"name": "app", "ready": false, "restartCount": restarts, "state": state, "lastState": last}]}}),
    )
}

pub(crate) fn ready_pod(name: &str, kind: &str, owner: &str) -> Value {
    with(
        pod(name, kind, owner),
        json!({"status": {"phase": "Running", "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "app", "ready": true, "restartCount": 0, "state": {"running": {"startedAt": start().to_string()}}}]}}),
    )
}

pub(crate) fn waiting(reason: &str, message: &str) -> Value {
    json!({"waiting": {"reason": reason, "message": message}})
}

/// A run that ended, begun and ended this many seconds after the start.
pub(crate) fn ended(reason: &str, exit: i32, began: i64, finished: i64) -> Value {
    json!({"terminated": {"reason": reason, "exitCode": exit, "startedAt": at(began).to_string(), "finishedAt": at(finished).to_string()}})
}

pub(crate) fn event(kind: &str, name: &str, reason: &str, message: &str, first: i64) -> Value {
    json!({"apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": reason, "message": message,
        "involvedObject": {"kind": kind, "namespace": "egov", "name": name, "uid": name},
        "firstTimestamp": at(first).to_string(), "lastTimestamp": at(first + 5).to_string()})
}
