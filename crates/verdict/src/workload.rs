//! Deployments, StatefulSets, DaemonSets, ReplicaSets and Jobs: ready by their own counts, in trouble by their newest pods.

use serde_json::Value;

use crate::json::{condition, count, is_true, list, name, number, observed, owned_by, subject, text, time};
use crate::trouble::{Scene, Trouble, decide};
use crate::{Cause, Phase, Verdict, events, messages, pod};

/// A Deployment: every wanted replica is of the newest ReplicaSet and available, none of an older one is left.
pub(crate) fn deployment(object: &Value, scene: &Scene<'_>) -> Verdict {
    let wanted = wanted(object);
    let (updated, available) = (count(object, "/status/updatedReplicas"), count(object, "/status/availableReplicas"));
    let done = updated.min(available).min(wanted);
    if let Some(verdict) = leaving(object, done, wanted) {
        return verdict;
    }
    if observed(object) && updated >= wanted && available >= wanted && count(object, "/status/replicas") <= updated {
        return Verdict::ready(wanted, wanted);
    }
    if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return paused(object, scene, done, wanted);
    }
    let sets: Vec<&Value> =
        scene.children.iter().copied().filter(|c| text(c, "/kind") == "ReplicaSet" && owned_by(c, object)).collect();
    let revision =
        |set: &Value| text(set, "/metadata/annotations/deployment.kubernetes.io~1revision").parse::<u64>().unwrap_or(0);
    let newest = sets.iter().copied().max_by_key(|set| revision(set));
    let pods: Vec<&Value> = match newest {
        Some(set) => pods(set, scene),
        // Without the ReplicaSets at hand the pods of this name are the best guess.
        None if sets.is_empty() => orphans(object, scene),
        None => Vec::new(),
    };
    let mut troubles = pod::troubles(&pods, scene);
    if let Some(failure) = condition(object, "ReplicaFailure").filter(|c| text(c, "/status") == "True") {
        let since = time(failure, "/lastTransitionTime").unwrap_or(scene.at.now);
        troubles.push(refused(object, text(failure, "/message"), since));
    } else if let Some(set) = newest {
        troubles.extend(not_created(set, scene));
    }
    // Kubernetes' own deadline is the last word only when nothing says more: it knows no dependencies.
    if troubles.is_empty()
        && observed(object)
        && let Some(late) =
            condition(object, "Progressing").filter(|c| text(c, "/reason") == "ProgressDeadlineExceeded")
    {
        let since = time(late, "/lastTransitionTime").unwrap_or(scene.at.now);
        let deadline = u32::try_from(number(object, "/spec/progressDeadlineSeconds").unwrap_or(600)).unwrap_or(600);
        // Counted again from `not_before`: a deadline that ran out before that says nothing about now.
        let budget = if scene.at.not_before.is_some_and(|start| start > since) { deadline } else { 0 };
        let cause = Cause::new("deadline-exceeded").with("name", name(object));
        let line = format!("{}: {}", subject(object), text(late, "/message"));
        troubles.push(Trouble::new(cause, since).budget(budget).evidence(line));
    }
    decide(troubles, scene.at, done, wanted)
}

/// A StatefulSet: every wanted replica is ready and of the update revision (above the partition).
pub(crate) fn stateful_set(object: &Value, scene: &Scene<'_>) -> Verdict {
    let wanted = wanted(object);
    let ready = count(object, "/status/readyReplicas").min(wanted);
    if let Some(verdict) = leaving(object, ready, wanted) {
        return verdict;
    }
    let update = text(object, "/status/updateRevision");
    let partition = count(object, "/spec/updateStrategy/rollingUpdate/partition");
    let on_delete = text(object, "/spec/updateStrategy/type") == "OnDelete";
    let updated = count(object, "/status/updatedReplicas");
    let rolled =
        on_delete || update == text(object, "/status/currentRevision") || updated >= wanted.saturating_sub(partition);
    if observed(object) && ready >= wanted && count(object, "/status/replicas") <= wanted && rolled {
        return Verdict::ready(wanted, wanted);
    }
    let pods: Vec<&Value> = pods(object, scene)
        .into_iter()
        .filter(|pod| {
            let revision = text(pod, "/metadata/labels/controller-revision-hash");
            on_delete || update.is_empty() || revision.is_empty() || revision == update
        })
        .collect();
    let mut troubles = pod::troubles(&pods, scene);
    troubles.extend(not_created(object, scene));
    let done = if rolled { ready } else { ready.min(updated) };
    decide(troubles, scene.at, done, wanted)
}

/// A DaemonSet: every node that should have a pod has an available one of the newest template.
pub(crate) fn daemon_set(object: &Value, scene: &Scene<'_>) -> Verdict {
    let wanted = count(object, "/status/desiredNumberScheduled");
    let updated = count(object, "/status/updatedNumberScheduled");
    let on_delete = text(object, "/spec/updateStrategy/type") == "OnDelete";
    let available = count(object, "/status/numberAvailable");
    let done = if on_delete { available } else { available.min(updated) }.min(wanted);
    if let Some(verdict) = leaving(object, done, wanted) {
        return verdict;
    }
    if observed(object) && done >= wanted {
        return Verdict::ready(wanted, wanted);
    }
    let all = pods(object, scene);
    let generation = |pod: &Value| text(pod, "/metadata/labels/pod-template-generation").parse::<u64>().unwrap_or(0);
    let newest = all.iter().map(|pod| generation(pod)).max().unwrap_or(0);
    let pods: Vec<&Value> = all.into_iter().filter(|pod| on_delete || generation(pod) == newest).collect();
    let mut troubles = pod::troubles(&pods, scene);
    troubles.extend(not_created(object, scene));
    decide(troubles, scene.at, done, wanted)
}

/// A ReplicaSet on its own.
pub(crate) fn replica_set(object: &Value, scene: &Scene<'_>) -> Verdict {
    let wanted = wanted(object);
    let done = count(object, "/status/availableReplicas").min(wanted);
    if let Some(verdict) = leaving(object, done, wanted) {
        return verdict;
    }
    if observed(object) && done >= wanted {
        return Verdict::ready(wanted, wanted);
    }
    let mut troubles = pod::troubles(&pods(object, scene), scene);
    troubles.extend(not_created(object, scene));
    decide(troubles, scene.at, done, wanted)
}

/// A Job: complete. Until its own limits say otherwise a pod that fails is one try.
pub(crate) fn job(object: &Value, scene: &Scene<'_>) -> Verdict {
    let total = u32::try_from(number(object, "/spec/completions").unwrap_or(1)).unwrap_or(1).max(1);
    let done = count(object, "/status/succeeded").min(total);
    if is_true(object, "Complete") {
        return Verdict::ready(total, total);
    }
    let pods = pods(object, scene);
    if let Some(failed) = condition(object, "Failed").filter(|c| text(c, "/status") == "True") {
        return job_failed(object, failed, &pods, scene).verdict(scene.at, done, total);
    }
    if let Some(verdict) = leaving(object, done, total) {
        return verdict;
    }
    if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        return paused(object, scene, done, total);
    }
    let mut troubles: Vec<Trouble> = Vec::new();
    for pod in pods.iter().filter(|pod| text(pod, "/metadata/deletionTimestamp").is_empty()) {
        if text(pod, "/status/phase") == "Failed" {
            continue;
        }
        if let Some(mut trouble) = pod::trouble(pod, scene) {
            // Whether a crash is one too many is the Job's to say (backoffLimit).
            if matches!(trouble.cause.code.as_str(), "crash-loop" | "init-crash-loop" | "out-of-memory" | "pod-failed")
            {
                trouble.budget = None;
            }
            // A Job's pod need not get ready at all.
            if trouble.cause.code != "probe-failing" {
                troubles.push(trouble);
            }
        }
    }
    troubles.extend(not_created(object, scene));
    let failures = count(object, "/status/failed");
    if failures > 0 && troubles.is_empty() {
        let since = time(object, "/status/startTime").unwrap_or(scene.at.now);
        let cause = Cause::new("job-retrying").with("name", name(object)).with("failed", failures);
        let mut trouble = Trouble::new(cause, since);
        trouble.evidence = last_words(&pods, scene);
        troubles.push(trouble);
    }
    decide(troubles, scene.at, done, total)
}

fn job_failed(object: &Value, failed: &Value, pods: &[&Value], scene: &Scene<'_>) -> Trouble {
    let reason = text(failed, "/reason");
    let since = time(failed, "/lastTransitionTime").unwrap_or(scene.at.now);
    let code = if reason == "DeadlineExceeded" { "job-deadline-exceeded" } else { "job-failed" };
    let mut cause = Cause::new(code).with("name", name(object));
    let last = pods
        .iter()
        .filter(|p| text(p, "/status/phase") == "Failed")
        .max_by_key(|p| time(p, "/metadata/creationTimestamp"));
    if code == "job-failed" {
        let exit = last.and_then(|pod| {
            list(pod, "/status/initContainerStatuses")
                .iter()
                .chain(list(pod, "/status/containerStatuses"))
                .filter_map(|s| number(s, "/state/terminated/exitCode"))
                .find(|code| *code != 0)
        });
        cause = cause.with("exit", exit.map(|n| n.to_string()).unwrap_or_default());
    }
    let mut trouble =
        Trouble::new(cause, since).evidence(format!("{}: {reason}: {}", subject(object), text(failed, "/message")));
    trouble.evidence.extend(last_words(pods, scene));
    // A Job that is over does not come back, whenever that was.
    trouble.budget = Some(0);
    trouble
}

fn last_words(pods: &[&Value], scene: &Scene<'_>) -> Vec<String> {
    let last = pods
        .iter()
        .filter(|p| text(p, "/status/phase") == "Failed")
        .max_by_key(|p| time(p, "/metadata/creationTimestamp"));
    last.map(|pod| pod::ended(pod, scene).evidence).unwrap_or_default()
}

fn wanted(object: &Value) -> u32 {
    u32::try_from(number(object, "/spec/replicas").unwrap_or(1)).unwrap_or(0)
}

fn leaving(object: &Value, done: u32, total: u32) -> Option<Verdict> {
    if text(object, "/metadata/deletionTimestamp").is_empty() {
        return None;
    }
    Some(Verdict {
        cause: Some(Cause::new("terminating").with("name", name(object))),
        ..Verdict::progressing(done, total)
    })
}

/// Someone told it to stand still, and only someone can tell it to go on.
fn paused(object: &Value, scene: &Scene<'_>, done: u32, total: u32) -> Verdict {
    let trouble = Trouble::new(Cause::new("paused").with("name", name(object)), scene.at.now);
    Verdict { phase: Phase::Waiting, ..trouble.verdict(scene.at, done, total) }
}

fn pods<'a>(owner: &Value, scene: &Scene<'a>) -> Vec<&'a Value> {
    scene.children.iter().copied().filter(|c| text(c, "/kind") == "Pod" && owned_by(c, owner)).collect()
}

/// Pods whose ReplicaSet is named after the Deployment.
fn orphans<'a>(object: &Value, scene: &Scene<'a>) -> Vec<&'a Value> {
    let prefix = format!("{}-", name(object));
    let of_set = |pod: &Value| {
        list(pod, "/metadata/ownerReferences").iter().any(|r| {
            text(r, "/kind") == "ReplicaSet"
                && text(r, "/name").strip_prefix(&prefix).is_some_and(|hash| !hash.contains('-'))
        })
    };
    let here = |pod: &Value| text(pod, "/metadata/namespace") == text(object, "/metadata/namespace");
    scene.children.iter().copied().filter(|c| text(c, "/kind") == "Pod" && here(c) && of_set(c)).collect()
}

/// Pods (or claims) that the API server refuses to create: only events tell, and conditions of Deployment and ReplicaSet.
fn not_created(owner: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    if let Some(failure) = condition(owner, "ReplicaFailure").filter(|c| text(c, "/status") == "True") {
        let since = time(failure, "/lastTransitionTime").unwrap_or(scene.at.now);
        return Some(refused(owner, text(failure, "/message"), since));
    }
    let found = events::about(owner, scene.events);
    let event = found.last().filter(|e| e.reason == "FailedCreate")?;
    Some(refused(owner, event.message, event.first.unwrap_or(scene.at.now)))
}

fn refused(owner: &Value, message: &str, since: jiff::Timestamp) -> Trouble {
    let code = messages::refused(message);
    let mut cause = Cause::new(code);
    cause = match code {
        "quota-exceeded" => cause.with("name", name(owner)).with("quota", messages::quota(message)),
        "admission-denied" | "webhook-unavailable" => {
            cause.with("name", name(owner)).with("webhook", messages::webhook(message))
        }
        "config-missing" => match messages::missing(message) {
            Some(m) => cause.with("pod", name(owner)).with("kind", m.kind).with("name", m.name).with("key", m.key),
            None => cause.with("pod", name(owner)),
        },
        _ => cause.with("name", name(owner)),
    };
    Trouble::new(cause, since).evidence(format!("{}: {message}", subject(owner)))
}
