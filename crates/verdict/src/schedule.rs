//! Why the scheduler finds no node for a pod.

use serde_json::Value;

use crate::events::Event;
use crate::json::{between, condition, list, subject, text, time};
use crate::trouble::{Scene, Trouble};
use crate::{Cause, json, volume};

/// Words of the scheduler and what they mean. Order is the order of advice: a node that is full is more often the reason than one that is
/// tainted, as control-plane nodes always are.
const REASONS: &[(&str, &str)] = &[
    ("volume node affinity conflict", "volume-zone-conflict"),
    ("Insufficient memory", "insufficient-memory"),
    ("Insufficient cpu", "insufficient-cpu"),
    ("Too many pods", "too-many-pods"),
    ("Insufficient ", "insufficient-resource"),
    ("node.kubernetes.io/not-ready", "nodes-not-ready"),
    ("node.kubernetes.io/unreachable", "nodes-not-ready"),
    ("node.cloudprovider.kubernetes.io/uninitialized", "nodes-not-ready"),
    ("unschedulable", "nodes-not-ready"),
    ("anti-affinity rules", "pod-anti-affinity"),
    ("free ports", "host-port-taken"),
    ("node affinity/selector", "node-selector-unmatched"),
    ("node selector", "node-selector-unmatched"),
    ("untolerated taint", "node-taints"),
    ("no nodes available", "no-nodes"),
    ("0/0 nodes", "no-nodes"),
];

/// Reasons of events by which an autoscaler says that a node comes, and that none will.
const NODE_COMES: &[&str] = &["TriggeredScaleUp", "Nominated"];
const NO_NODE_COMES: &[&str] = &["NotTriggerScaleUp"];

/// What keeps a pod from being scheduled, if that is where it stands.
pub(crate) fn trouble(pod: &Value, events: &[Event<'_>], scene: &Scene<'_>) -> Option<Trouble> {
    let condition = condition(pod, "PodScheduled").filter(|c| text(c, "/status") == "False")?;
    let since = time(condition, "/lastTransitionTime")
        .or_else(|| time(pod, "/metadata/creationTimestamp"))
        .unwrap_or(scene.at.now);
    let message = text(condition, "/message");
    let line = format!("{}: unschedulable: {message}", subject(pod));
    if let Some(claim) = between(message, "persistentvolumeclaim \"", "\"").filter(|_| message.contains("not found")) {
        let cause = Cause::new("claim-missing").with("claim", claim).with("pod", json::name(pod));
        return Some(Trouble::new(cause, since).evidence(line));
    }
    if message.contains("unbound immediate PersistentVolumeClaims") {
        return Some(volume::of_pod(pod, scene).unwrap_or_else(|| {
            Trouble::new(Cause::new("volume-pending").with("claim", first_claim(pod)), since).evidence(line)
        }));
    }
    // What comes after "preemption:" repeats the reasons for another question.
    let nodes = message.split("preemption:").next().unwrap_or_default();
    let code = REASONS.iter().find(|(words, _)| nodes.contains(words)).map_or("unschedulable", |(_, code)| *code);
    let cause = Cause::new(code).with("pod", json::name(pod));
    let cause = match code {
        "insufficient-memory" => cause.with("wanted", wanted(pod, "memory")),
        "insufficient-cpu" => cause.with("wanted", wanted(pod, "cpu")),
        "insufficient-resource" => {
            let resource = nodes.split("Insufficient ").nth(1).and_then(|rest| rest.split([',', '.', ' ']).next());
            cause.with("resource", resource.unwrap_or_default())
        }
        "node-taints" => {
            cause.with("taint", between(nodes, "untolerated taint {", "}").unwrap_or_default().trim_end_matches(": "))
        }
        _ => cause,
    };
    let mut trouble = Trouble::new(cause, since).evidence(line);
    if let Some(event) =
        events.iter().rev().find(|e| NODE_COMES.contains(&e.reason) || NO_NODE_COMES.contains(&e.reason))
    {
        trouble = trouble.evidence(event.line(&subject(pod)));
        // A new node takes minutes to boot and join; a plain no needs no patience, but pods that leave may still make room.
        trouble = trouble.budget(if NODE_COMES.contains(&event.reason) { 900 } else { 120 });
    }
    Some(trouble)
}

fn first_claim(pod: &Value) -> &str {
    list(pod, "/spec/volumes")
        .iter()
        .map(|v| text(v, "/persistentVolumeClaim/claimName"))
        .find(|n| !n.is_empty())
        .unwrap_or_default()
}

/// What the containers ask for together, as written when there is only one.
fn wanted(pod: &Value, resource: &str) -> String {
    let asked: Vec<&str> = list(pod, "/spec/containers")
        .iter()
        .map(|c| text(c, &format!("/resources/requests/{resource}")))
        .filter(|quantity| !quantity.is_empty())
        .collect();
    asked.join(" + ")
}
