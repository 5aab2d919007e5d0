//! Deployments, ReplicaSets, StatefulSets and DaemonSets, as their controllers move them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::json::{child, list, map, name, namespace, number, seconds, text};
use super::store::{Key, hash};
use super::world::World;

pub(super) fn leaves(object: &Value) -> bool {
    !text(object, "/metadata/deletionTimestamp").is_empty()
}

pub(super) fn is_ready(pod: &Value) -> bool {
    !leaves(pod) && list(pod, "/status/conditions").iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

fn wanted(object: &Value) -> usize {
    usize::try_from(number(object, "/spec/replicas").unwrap_or(1)).unwrap_or(0)
}

/// A status without the zeros that Kubernetes leaves out.
fn counts(pairs: &[(&str, usize)]) -> Value {
    let mut status = json!({});
    for (field, count) in pairs.iter().filter(|(_, count)| *count > 0) {
        status[*field] = (*count).into();
    }
    status
}

/// A condition that keeps its time while its status stays.
pub(super) fn condition(before: &Value, kind: &str, holds: bool, reason: &str, message: &str, now: &str) -> Value {
    let status = if holds { "True" } else { "False" };
    let old = list(before, "/status/conditions").iter().find(|c| c["type"] == kind && c["status"] == status);
    let since = old.map_or(now, |c| text(c, "/lastTransitionTime")).to_owned();
    let mut condition = json!({"type": kind, "status": status, "lastTransitionTime": since});
    if !reason.is_empty() {
        condition["reason"] = reason.into();
    }
    if !message.is_empty() {
        condition["message"] = message.into();
    }
    condition
}

const REVISION: &str = "deployment.kubernetes.io/revision";

fn revision(object: &Value) -> u64 {
    object["metadata"]["annotations"][REVISION].as_str().and_then(|r| r.parse().ok()).unwrap_or(0)
}

pub(super) fn deployments(world: &mut World) {
    for deployment in world.store.all("apps", "deployments", "") {
        if !leaves(&deployment) {
            deploy(world, &deployment);
        }
    }
}

fn deploy(world: &mut World, deployment: &Arc<Value>) {
    let sets = world.owned("apps", "replicasets", deployment);
    let template = deployment["spec"]["template"].clone();
    let named = format!("{}-{}", name(deployment), hash(&template, 9));
    let (newest, old): (Vec<_>, Vec<_>) = sets.iter().cloned().partition(|set| name(set) == named);
    let last = sets.iter().map(|set| revision(set)).max().unwrap_or(0);
    let want = wanted(deployment);
    let recreate = text(deployment, "/spec/strategy/type") == "Recreate";
    let running = |world: &World, set: &Value| world.owned("", "pods", set).len();
    let mut number = last;
    match newest.first() {
        None if recreate && old.iter().any(|set| running(world, set) > 0) => {}
        None => {
            number = last + 1;
            replica_set(world, deployment, &named, template, number);
        }
        Some(set) => {
            let mut changed = (**set).clone();
            if revision(set) < last {
                number = last + 1;
                child(&mut changed, &["metadata", "annotations"]).insert(REVISION.into(), number.to_string().into());
            }
            resize(&mut changed, want);
            if changed != **set {
                world.put("apps", "replicasets", changed);
            }
        }
    }
    let ready = newest.first().map_or(0, |set| count(set, "readyReplicas"));
    for set in old.iter().filter(|set| wanted(set) > 0) {
        if recreate || ready >= want {
            let mut changed = (**set).clone();
            resize(&mut changed, 0);
            world.put("apps", "replicasets", changed);
            world.event(
                deployment,
                false,
                "ScalingReplicaSet",
                &format!("Scaled down replica set {} to 0", name(set)),
                "deployment-controller",
            );
        }
    }
    let mut changed = (**deployment).clone();
    child(&mut changed, &["metadata", "annotations"]).insert(REVISION.into(), number.to_string().into());
    let sets = world.owned("apps", "replicasets", deployment);
    let total: usize = sets.iter().map(|set| count(set, "replicas")).sum();
    let all_ready: usize = sets.iter().map(|set| count(set, "readyReplicas")).sum();
    let updated = sets.iter().find(|set| name(set) == named).map_or(0, |set| count(set, "replicas"));
    changed["status"] = deployment_status(world, deployment, &named, [want, total, updated, all_ready, ready], &sets);
    if changed != **deployment {
        world.put("apps", "deployments", changed);
    }
}

fn deployment_status(
    world: &mut World,
    deployment: &Value,
    set: &str,
    numbers: [usize; 5],
    sets: &[Arc<Value>],
) -> Value {
    let [want, total, updated, ready, new_ready] = numbers;
    let now = seconds(world.now);
    let mut status = counts(&[
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", ready),
        ("unavailableReplicas", want.max(total).saturating_sub(ready)),
    ]);
    status["observedGeneration"] = deployment["metadata"]["generation"].clone();
    let complete = updated >= want && new_ready >= want && total <= updated;
    let available = if ready >= want.saturating_sub(want / 4) && ready > 0 || want == 0 {
        condition(
            deployment,
            "Available",
            true,
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
            &now,
        )
    } else {
        condition(
            deployment,
            "Available",
            false,
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
            &now,
        )
    };
    let old = list(deployment, "/status/conditions").iter().find(|c| c["type"] == "Progressing");
    // The clock of the deadline runs from the last step forward.
    let moved = number(deployment, "/status/readyReplicas").unwrap_or(0) != i64::try_from(ready).unwrap_or(0)
        || number(deployment, "/status/updatedReplicas").unwrap_or(0) != i64::try_from(updated).unwrap_or(0)
        || number(deployment, "/status/observedGeneration") != number(deployment, "/metadata/generation");
    let since = old.filter(|_| !moved).and_then(|c| super::json::time(c, "/lastUpdateTime")).unwrap_or(world.now);
    #[allow(clippy::cast_precision_loss, reason = "a deadline in seconds")]
    let deadline = number(deployment, "/spec/progressDeadlineSeconds").unwrap_or(600) as f64;
    let mut progressing = if complete {
        let message = format!("ReplicaSet \"{set}\" has successfully progressed.");
        condition(deployment, "Progressing", true, "NewReplicaSetAvailable", &message, &now)
    } else if world.passed(since, deadline) {
        let message = format!("ReplicaSet \"{set}\" has timed out progressing.");
        condition(deployment, "Progressing", false, "ProgressDeadlineExceeded", &message, &now)
    } else {
        condition(
            deployment,
            "Progressing",
            true,
            "ReplicaSetUpdated",
            &format!("ReplicaSet \"{set}\" is progressing."),
            &now,
        )
    };
    progressing["lastUpdateTime"] = seconds(since).into();
    let mut conditions = vec![available, progressing];
    conditions.extend(
        sets.iter()
            .find(|s| name(s) == set)
            .and_then(|s| list(s, "/status/conditions").iter().find(|c| c["type"] == "ReplicaFailure").cloned()),
    );
    status["conditions"] = conditions.into();
    status
}

fn count(object: &Value, field: &str) -> usize {
    object["status"][field].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

fn resize(object: &mut Value, want: usize) {
    if object["spec"]["replicas"] != json!(want) {
        object["spec"]["replicas"] = want.into();
        let generation = number(object, "/metadata/generation").unwrap_or(1);
        object["metadata"]["generation"] = (generation + 1).into();
    }
}

fn replica_set(world: &mut World, deployment: &Value, named: &str, mut template: Value, number: u64) {
    let hashed = named.rsplit('-').next().unwrap_or_default();
    child(&mut template, &["metadata", "labels"]).insert("pod-template-hash".into(), hashed.into());
    let mut selector = deployment["spec"]["selector"].clone();
    child(&mut selector, &["matchLabels"]).insert("pod-template-hash".into(), hashed.into());
    let set = json!({"metadata": {"name": named, "namespace": namespace(deployment), "labels": template["metadata"]["labels"],
            "annotations": {REVISION: number.to_string()}, "ownerReferences": World::owner(deployment)},
        "spec": {"replicas": deployment["spec"]["replicas"], "selector": selector, "template": template}, "status": {"replicas": 0}});
    world.make("apps", "replicasets", set);
    let message = format!("Scaled up replica set {named} from 0 to {}", wanted(deployment));
    world.event(deployment, false, "ScalingReplicaSet", &message, "deployment-controller");
}

/// A pod of a workload; `None` when the server would refuse it.
pub(super) fn pod(world: &mut World, owner: &Value, named: &str, mut more: Value) -> Option<Arc<Value>> {
    let template = &owner["spec"]["template"];
    let account = match text(template, "/spec/serviceAccountName") {
        "" => text(template, "/spec/serviceAccount"),
        account => account,
    };
    if !matches!(account, "" | "default")
        && world.store.find("", "serviceaccounts", namespace(owner), account).is_none()
    {
        let message = format!(
            "Error creating: pods \"{}-\" is forbidden: error looking up service account {}/{account}: serviceaccount \"{account}\" not found",
            name(owner),
            namespace(owner)
        );
        world.event_once(owner, true, "FailedCreate", &message, "controller");
        return None;
    }
    let mut pod = json!({"metadata": template["metadata"], "spec": template["spec"], "status": {"phase": "Pending"}});
    let metadata = child(&mut pod, &["metadata"]);
    metadata.insert("name".into(), named.into());
    metadata.insert("namespace".into(), namespace(owner).into());
    metadata.insert("ownerReferences".into(), World::owner(owner));
    if let Some(labels) = more.get_mut("labels").map(Value::take) {
        for (key, value) in labels.as_object().into_iter().flatten() {
            child(&mut pod, &["metadata", "labels"]).insert(key.clone(), value.clone());
        }
    }
    for (field, value) in map(&more, "/spec").into_iter().flatten() {
        child(&mut pod, &["spec"]).insert(field.clone(), value.clone());
    }
    let made = world.make("", "pods", pod);
    world.event(owner, false, "SuccessfulCreate", &format!("Created pod: {named}"), "controller");
    Some(made)
}

fn live(pods: Vec<Arc<Value>>) -> Vec<Arc<Value>> {
    pods.into_iter()
        .filter(|pod| !leaves(pod) && !matches!(text(pod, "/status/phase"), "Failed" | "Succeeded"))
        .collect()
}

pub(super) fn replica_sets(world: &mut World) {
    for set in world.store.all("apps", "replicasets", "") {
        if leaves(&set) {
            continue;
        }
        let mut pods = live(world.owned("", "pods", &set));
        let want = wanted(&set);
        let mut refused = false;
        while pods.len() < want {
            let named = format!("{}-{}", name(&set), world.store.draw_suffix());
            match pod(world, &set, &named, json!({})) {
                Some(made) => pods.push(made),
                None => {
                    refused = true;
                    break;
                }
            }
        }
        pods.sort_by_key(|pod| is_ready(pod));
        while pods.len() > want {
            end(world, &pods.remove(0));
        }
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        let mut status =
            counts(&[("fullyLabeledReplicas", pods.len()), ("readyReplicas", ready), ("availableReplicas", ready)]);
        status["replicas"] = pods.len().into();
        status["observedGeneration"] = set["metadata"]["generation"].clone();
        if refused {
            let account = text(&set, "/spec/template/spec/serviceAccountName");
            let message = format!(
                "pods \"{}-\" is forbidden: error looking up service account {}/{account}: serviceaccount \"{account}\" not found",
                name(&set),
                namespace(&set)
            );
            status["conditions"] =
                json!([condition(&set, "ReplicaFailure", true, "FailedCreate", &message, &seconds(world.now))]);
        }
        world.status("apps", "replicasets", &set, status);
    }
}

/// Tells a pod to end, as a controller does.
pub(super) fn end(world: &mut World, pod: &Value) {
    let key = Key::new("", "pods", namespace(pod), name(pod));
    if text(pod, "/spec/nodeName").is_empty() || matches!(text(pod, "/status/phase"), "Failed" | "Succeeded") {
        world.store.remove(&key);
    } else if !leaves(pod) {
        let mut pod = pod.clone();
        let grace = number(&pod, "/spec/terminationGracePeriodSeconds").unwrap_or(30);
        #[allow(clippy::cast_precision_loss, reason = "a grace period in seconds")]
        let until = super::store::after(world.now, grace as f64);
        pod["metadata"]["deletionTimestamp"] = seconds(until).into();
        pod["metadata"]["deletionGracePeriodSeconds"] = grace.into();
        world.store.put(key, pod);
    }
}

pub(super) fn stateful_sets(world: &mut World) {
    for set in world.store.all("apps", "statefulsets", "") {
        if !leaves(&set) {
            stateful_set(world, &set);
        }
    }
}

fn stateful_set(world: &mut World, set: &Arc<Value>) {
    let update = format!("{}-{}", name(set), hash(&set["spec"]["template"], 10));
    let want = wanted(set);
    let ordered = text(set, "/spec/podManagementPolicy") != "Parallel";
    let mut complete = true;
    for index in 0..want {
        let named = format!("{}-{index}", name(set));
        match world.store.find("", "pods", namespace(set), &named).cloned() {
            Some(pod) if is_ready(&pod) => continue,
            Some(_) => complete = false,
            None => {
                complete = false;
                let volumes = claims(world, set, index);
                let labels = json!({"controller-revision-hash": update, "statefulset.kubernetes.io/pod-name": named,
                    "apps.kubernetes.io/pod-index": index.to_string()});
                let mut spec = json!({"hostname": named, "subdomain": set["spec"]["serviceName"]});
                if !volumes.is_empty() {
                    let mut all = list(set, "/spec/template/spec/volumes").to_vec();
                    all.retain(|v| !volumes.iter().any(|own| own["name"] == v["name"]));
                    all.extend(volumes);
                    spec["volumes"] = all.into();
                }
                pod(world, set, &named, json!({"labels": labels, "spec": spec}));
            }
        }
        if ordered {
            break;
        }
    }
    let mut pods = world.owned("", "pods", set);
    pods.sort_by_key(|pod| ordinal(pod));
    let of_update = |pod: &Value| text(pod, "/metadata/labels/controller-revision-hash") == update;
    let surplus: Vec<_> = pods.iter().filter(|pod| ordinal(pod) >= want).cloned().collect();
    if let Some(pod) = surplus.last() {
        end(world, pod);
    } else if complete
        && text(set, "/spec/updateStrategy/type") != "OnDelete"
        && let Some(old) = pods.iter().rev().find(|pod| !of_update(pod))
    {
        end(world, old);
    }
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let updated = pods.iter().filter(|pod| of_update(pod)).count();
    let current = match text(set, "/status/currentRevision") {
        "" => update.clone(),
        _ if updated >= want && ready >= want => update.clone(),
        current => current.to_owned(),
    };
    let mut status = counts(&[("readyReplicas", ready), ("updatedReplicas", updated)]);
    if current == update && updated > 0 {
        status["currentReplicas"] = updated.into();
    }
    status["replicas"] = pods.len().into();
    status["availableReplicas"] = ready.into();
    status["observedGeneration"] = set["metadata"]["generation"].clone();
    status["currentRevision"] = current.into();
    status["updateRevision"] = update.into();
    status["collisionCount"] = 0.into();
    world.status("apps", "statefulsets", set, status);
}

fn ordinal(pod: &Value) -> usize {
    name(pod).rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Makes the claims of one replica; the volumes that name them.
fn claims(world: &mut World, set: &Value, index: usize) -> Vec<Value> {
    let mut volumes = Vec::new();
    for template in list(set, "/spec/volumeClaimTemplates") {
        let named = format!("{}-{}-{index}", name(template), name(set));
        if world.store.find("", "persistentvolumeclaims", namespace(set), &named).is_none() {
            let mut labels = map(template, "/metadata/labels").cloned().unwrap_or_default();
            labels.extend(map(set, "/spec/selector/matchLabels").cloned().unwrap_or_default());
            let claim = json!({"metadata": {"name": named, "namespace": namespace(set), "labels": labels}, "spec": template["spec"]});
            world.make("", "persistentvolumeclaims", claim);
        }
        volumes.push(json!({"name": name(template), "persistentVolumeClaim": {"claimName": named}}));
    }
    volumes
}

pub(super) fn daemon_sets(world: &mut World) {
    let nodes = world.store.all("", "nodes", "");
    for set in world.store.all("apps", "daemonsets", "") {
        if leaves(&set) {
            continue;
        }
        let generation = number(&set, "/metadata/generation").unwrap_or(1).to_string();
        let all = world.owned("", "pods", &set);
        for node in &nodes {
            let here: Vec<_> = all.iter().filter(|pod| text(pod, "/spec/nodeName") == name(node)).collect();
            if let Some(old) =
                here.iter().find(|pod| text(pod, "/metadata/labels/pod-template-generation") != generation)
            {
                end(world, old);
            } else if here.is_empty() {
                let named = format!("{}-{}", name(&set), world.store.draw_suffix());
                let labels = json!({"pod-template-generation": generation});
                let made = pod(world, &set, &named, json!({"labels": labels, "spec": {"nodeName": name(node)}}));
                if made.is_none() {
                    break;
                }
            }
        }
        let pods = live(world.owned("", "pods", &set));
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        let updated =
            pods.iter().filter(|pod| text(pod, "/metadata/labels/pod-template-generation") == generation).count();
        let mut status = counts(&[
            ("updatedNumberScheduled", updated),
            ("numberAvailable", ready),
            ("numberUnavailable", nodes.len().saturating_sub(ready)),
        ]);
        status["currentNumberScheduled"] = pods.len().into();
        status["desiredNumberScheduled"] = nodes.len().into();
        status["numberMisscheduled"] = 0.into();
        status["numberReady"] = ready.into();
        status["observedGeneration"] = set["metadata"]["generation"].clone();
        world.status("apps", "daemonsets", &set, status);
    }
}
