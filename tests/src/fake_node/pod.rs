//! What a kubelet does with pods, without containers: those that serve run and get ready, those that end do so after a while,
//! those that are deleted go at once.

use super::behaviour::{Behaviour, Failure, Rule};
use super::node;
use super::seen::Seen;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

#[derive(Default)]
pub(super) struct Pods {
    /// By uid.
    told: HashMap<String, Told>,
    addresses: u16,
}

/// What was said about a pod.
struct Told {
    /// The last thing.
    key: String,
    /// When that was.
    at: Timestamp,
    /// When it began to run. Its status says that in whole seconds, and what ends after one would do so after any part of it.
    began: Timestamp,
}

/// After this long the watch has seen what was told.
const CAUGHT_UP: SignedDuration = SignedDuration::from_secs(3);
/// Seconds between two kills of a container that takes too much memory.
const KILLED_EVERY: u64 = 4;

/// What is to be done about a pod.
#[derive(Debug, PartialEq)]
enum Act {
    Nothing,
    Delete,
    /// A new status, and a short key that is the same as long as the status says the same.
    Tell(String, Value),
}

impl Pods {
    pub(super) async fn turn(&mut self, client: &Client, seen: &Seen, behaviour: &Behaviour, rules: &[Rule]) {
        let now = Timestamp::now();
        let pods = seen.pods.state();
        self.told.retain(|uid, _| pods.iter().any(|p| p.uid().as_deref() == Some(uid)));
        let mut calls = Vec::new();
        for pod in pods {
            let name = format!("{}/{}", pod.namespace().unwrap_or_default(), pod.name_any());
            let age = age(pod.metadata.creation_timestamp.as_ref(), now);
            let fails = rules
                .iter()
                .find(|r| r.pod.is_match(&name) && r.until.is_none_or(|until| age < until))
                .map(|r| r.fails);
            let address = format!("10.244.{}.{}", self.addresses / 250, self.addresses % 250 + 1);
            let began = pod.uid().and_then(|uid| self.told.get(&uid)).map(|told| told.began);
            match act(&pod, fails, behaviour, &address, began, now) {
                Act::Nothing => {}
                Act::Delete => calls.push((pod, None)),
                Act::Tell(key, status) => {
                    let told = pod.uid().and_then(|uid| self.told.get(&uid));
                    // While its node was given up for lost a controller may have said otherwise.
                    let is_said = told.is_some_and(|told| {
                        told.key == key
                            && (now.duration_since(told.at) < CAUGHT_UP || is_ready(&pod) == is_told_ready(&status))
                    });
                    if !is_said {
                        self.addresses = self.addresses.wrapping_add(1);
                        calls.push((pod, Some((key, status))));
                    }
                }
            }
        }
        let done: Vec<_> = futures::stream::iter(calls)
            .map(|(pod, told)| async move {
                let api = Api::<Pod>::namespaced(client.clone(), &pod.namespace().unwrap_or_default());
                let name = pod.name_any();
                match told {
                    None => {
                        let _ = api.delete(&name, &DeleteParams::default().grace_period(0)).await;
                        None
                    }
                    Some((key, status)) => {
                        let patch = Patch::Strategic(json!({"status": status}));
                        api.patch_status(&name, &PatchParams::default(), &patch)
                            .await
                            .ok()
                            .and_then(|_| Some((pod.uid()?, key)))
                    }
                }
            })
            .buffer_unordered(8)
            .collect()
            .await;
        for (uid, key) in done.into_iter().flatten() {
            let began = self.told.get(&uid).map_or(now, |told| told.began);
            self.told.insert(uid, Told { key, at: now, began });
        }
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|c| c.type_ == "Ready" && c.status == "True")
}

fn is_told_ready(status: &Value) -> bool {
    status["conditions"].as_array().into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

fn age(since: Option<&Time>, now: Timestamp) -> Duration {
    since.map_or(Duration::ZERO, |t| now.duration_since(t.0).try_into().unwrap_or_default())
}

fn act(
    pod: &Pod,
    fails: Option<Failure>,
    behaviour: &Behaviour,
    address: &str,
    began: Option<Timestamp>,
    now: Timestamp,
) -> Act {
    let Some(spec) = &pod.spec else { return Act::Nothing };
    if !spec.node_name.as_deref().is_some_and(|n| n.starts_with(node::PREFIX)) {
        return Act::Nothing;
    }
    if pod.metadata.deletion_timestamp.is_some() {
        return Act::Delete;
    }
    let status = pod.status.clone().unwrap_or_default();
    let before = status.phase.as_deref().unwrap_or("Pending");
    if before == "Succeeded" || before == "Failed" {
        return Act::Nothing;
    }
    let ends = spec.restart_policy.as_deref().unwrap_or("Always") != "Always";
    let start = status.start_time.clone().unwrap_or(Time(now));
    let ran = age(Some(&began.map_or(start.clone(), Time)), now);
    let written = |t: Timestamp| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (start, now) = (written(start.0), written(now));
    let running = json!({"running": {"startedAt": start}});
    let ended = |code: i32| {
        let reason = if code == 0 { "Completed" } else { "Error" };
        json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": start, "finishedAt": now}})
    };
    let waiting = |reason: &str, message: &str| json!({"waiting": {"reason": reason, "message": message}});

    // Again every few seconds, as a container does that is started again.
    let kills = i32::try_from(ran.as_secs() / KILLED_EVERY).unwrap_or(i32::MAX).saturating_add(1);

    let (phase, ready, state, restarts) = match fails {
        Some(Failure::Crash) => {
            ("Running", false, waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container"), 5)
        }
        Some(Failure::OutOfMemory) => {
            ("Running", false, waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container"), kills)
        }
        Some(Failure::ImagePull) => ("Pending", false, waiting("ImagePullBackOff", "Back-off pulling image"), 0),
        Some(Failure::Unready) => ("Running", false, running.clone(), 0),
        Some(Failure::Fail) if ends => ("Failed", false, ended(1), 0),
        Some(Failure::End(code, said)) if ends => {
            let mut state = ended(code);
            state["terminated"]["message"] = said.into();
            (if code == 0 { "Succeeded" } else { "Failed" }, false, state, 0)
        }
        _ if ends && before == "Running" && ran >= behaviour.job_takes => ("Succeeded", false, ended(0), 0),
        _ => ("Running", ran >= behaviour.ready_after, running.clone(), 0),
    };

    let killed = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": now, "finishedAt": now}});
    let last = if fails == Some(Failure::OutOfMemory) { killed } else { json!({}) };
    let uid = pod.uid().unwrap_or_default();
    let container = |c: &Container, state: &Value, ready: bool, restarts: i32| {
        let image = c.image.as_deref().unwrap_or_default();
        json!({"name": c.name, "image": image, "imageID": format!("fake://{image}"), "containerID": format!("fake://{uid}{}", c.name),
               "ready": ready, "started": ready, "restartCount": restarts, "state": state, "lastState": if restarts > 0 { last.clone() } else { json!({}) }})
    };
    let before_others: Vec<Value> = spec
        .init_containers
        .iter()
        .flatten()
        .map(|c| {
            container(
                c,
                &if c.restart_policy.as_deref() == Some("Always") { running.clone() } else { ended(0) },
                true,
                0,
            )
        })
        .collect();
    let containers: Vec<Value> = spec.containers.iter().map(|c| container(c, &state, ready, restarts)).collect();
    let condition = |kind: &str, holds: bool, reason: Option<&str>| json!({"type": kind, "status": if holds { "True" } else { "False" }, "reason": reason, "lastTransitionTime": now});
    let reason = match (ready, phase) {
        (true, _) => None,
        (false, "Succeeded") => Some("PodCompleted"),
        (false, _) => Some("ContainersNotReady"),
    };
    let mut told = json!({
        "phase": phase, "startTime": start, "hostIP": "10.1.0.1",
        "conditions": [condition("PodReadyToStartContainers", true, None), condition("Initialized", true, None),
            condition("Ready", ready, reason), condition("ContainersReady", ready, reason), condition("PodScheduled", true, None)],
        "initContainerStatuses": before_others, "containerStatuses": containers
    });
    if phase != "Pending" {
        let address = status.pod_ip.as_deref().unwrap_or(address);
        told["podIP"] = json!(address);
        told["podIPs"] = json!([{"ip": address}]);
    }
    let why = state["waiting"]["reason"].as_str().unwrap_or_default();
    let count = if restarts > 0 { format!(" {restarts}") } else { String::new() };
    Act::Tell(format!("{phase} {ready} {why}{count}"), told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(restart_policy: &str, phase: &str, started: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": "p", "namespace": "n", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"nodeName": "fake-1", "restartPolicy": restart_policy, "containers": [{"name": "c", "image": "i"}]},
            "status": {"phase": phase, "startTime": started}
        }))
        .unwrap()
    }

    #[test]
    fn pods_run_get_ready_end_and_fail() {
        let behaviour = Behaviour {
            job_takes: Duration::from_secs(2),
            ready_after: Duration::from_secs(3),
            ..Behaviour::default()
        };
        let now: Timestamp = "2026-01-01T00:00:10Z".parse().unwrap();
        let (fresh, old) = ("2026-01-01T00:00:10Z", "2026-01-01T00:00:05Z");
        for (policy, phase, started, fails, told) in [
            ("Always", "Pending", fresh, None, "Running false "),
            ("Always", "Running", old, None, "Running true "),
            ("Always", "Running", old, Some(Failure::Crash), "Running false CrashLoopBackOff 5"),
            ("Always", "Pending", old, Some(Failure::ImagePull), "Pending false ImagePullBackOff"),
            ("Always", "Running", old, Some(Failure::Unready), "Running false "),
            ("Never", "Pending", fresh, None, "Running false "),
            ("Never", "Running", old, None, "Succeeded false "),
            ("OnFailure", "Running", old, Some(Failure::Fail), "Failed false "),
        ] {
            let act = act(&pod(policy, phase, started), fails, &behaviour, "10.244.0.1", None, now);
            let Act::Tell(key, status) = act else { panic!("{policy} {phase}: {act:?}") };
            assert_eq!(key, told, "{policy} {phase} {fails:?}");
            assert_eq!(status["podIP"].is_null(), phase == "Pending" && fails == Some(Failure::ImagePull));
        }
    }

    #[test]
    fn what_ends_does_so_to_the_fraction_of_a_second() {
        let behaviour = Behaviour { job_takes: Duration::from_millis(1500), ..Behaviour::default() };
        let at = |time: &str| -> Timestamp { time.parse().unwrap() };
        let began = at("2026-01-01T00:00:05.9Z");
        for (now, told) in [("2026-01-01T00:00:07.3Z", "Running true "), ("2026-01-01T00:00:07.4Z", "Succeeded false ")]
        {
            let pod = pod("Never", "Running", "2026-01-01T00:00:05Z");
            let Act::Tell(key, _) = act(&pod, None, &behaviour, "10.244.0.1", Some(began), at(now)) else { panic!() };
            assert_eq!(key, told, "{now}");
        }
    }

    #[test]
    fn pods_that_are_over_or_elsewhere_are_left_alone_and_deleted_ones_go() {
        let now: Timestamp = "2026-01-01T00:00:10Z".parse().unwrap();
        let act = |pod: &Pod| act(pod, None, &Behaviour::default(), "10.244.0.1", None, now);
        assert_eq!(act(&pod("Never", "Succeeded", "2026-01-01T00:00:00Z")), Act::Nothing);
        let mut elsewhere = pod("Always", "Pending", "2026-01-01T00:00:00Z");
        elsewhere.spec.as_mut().unwrap().node_name = Some("node-1".into());
        assert_eq!(act(&elsewhere), Act::Nothing);
        let mut deleted = pod("Always", "Running", "2026-01-01T00:00:00Z");
        deleted.metadata.deletion_timestamp = Some(Time(now));
        assert_eq!(act(&deleted), Act::Delete);
    }
}
