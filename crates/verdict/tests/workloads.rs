//! Workloads: ready by their counts, in trouble by their newest pods only.

#![allow(clippy::needless_pass_by_value, clippy::unwrap_used)]

mod common;

use common::*;
use serde_json::{Value, json};
use verdict::{Circumstances, Phase, Verdict, assess};

use Phase::{Failed, Progressing, Ready, Waiting};

fn judge(object: &Value, children: &[Value], events: &[Value], here: impl Into<Circumstances>) -> Verdict {
    assess(object, &children.iter().collect::<Vec<_>>(), &events.iter().collect::<Vec<_>>(), here)
}

fn code(verdict: &Verdict) -> &str {
    verdict.cause.as_ref().map_or("", |c| c.code.as_str())
}

fn missing_image(pod: Value) -> Value {
    state(pod, 0, waiting("ErrImagePull", "manifest unknown"), json!({}))
}

#[test]
fn a_deployment_is_ready_by_its_counts() {
    let unseen = with(deployment(1, 1, 1), json!({"metadata": {"generation": 3}}));
    let old_left = with(deployment(2, 2, 2), json!({"status": {"replicas": 3}}));
    let paused = with(deployment(1, 0, 0), json!({"spec": {"paused": true}}));
    let leaving = with(deployment(1, 1, 1), json!({"metadata": {"deletionTimestamp": start().to_string()}}));
    let cases = [
        ("all there", deployment(2, 2, 2), Ready, 2, 2),
        ("one to go", deployment(2, 2, 1), Progressing, 1, 2),
        ("none wanted", deployment(0, 0, 0), Ready, 0, 0),
        ("spec not seen yet", unseen, Progressing, 1, 1),
        ("an old pod is left", old_left, Progressing, 2, 2),
        ("paused", paused, Waiting, 0, 1),
        ("on its way out", leaving, Progressing, 1, 1),
    ];
    for (what, object, phase, done, total) in cases {
        let verdict = judge(&object, &[], &[], at(10));
        assert_eq!((verdict.phase, verdict.done, verdict.total), (phase, done, total), "{what}: {verdict:#?}");
    }
}

#[test]
fn only_pods_of_the_newest_replica_set_count() {
    let old = missing_image(pod("old", "ReplicaSet", "user-1"));
    let new = pod("new", "ReplicaSet", "user-2");
    let sets = [replica_set("user-1", 9), replica_set("user-2", 10)];
    let [first, second] = sets;
    let verdict = judge(&deployment(1, 1, 0), &[old.clone(), new, first.clone(), second.clone()], &[], at(600));
    assert_eq!((verdict.phase, code(&verdict)), (Progressing, ""), "{verdict:#?}");
    let broken = missing_image(pod("new", "ReplicaSet", "user-2"));
    let verdict = judge(&deployment(1, 1, 0), &[old, broken, first, second], &[], at(600));
    assert_eq!((verdict.phase, code(&verdict)), (Failed, "image-not-found"), "{verdict:#?}");
    assert_eq!(verdict.evidence.len(), 1, "{verdict:#?}");
}

#[test]
fn what_is_ready_is_ready_whatever_it_went_through() {
    let late = with(
        deployment(1, 1, 1),
        json!({"status": {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}}),
    );
    let crashed = state(
        ready_pod("a", "ReplicaSet", "user-1"),
        9,
        json!({"running": {"startedAt": at(1).to_string()}}),
        ended("Error", 1, 0, 1),
    );
    assert_eq!(judge(&late, &[replica_set("user-1", 1), crashed], &[], at(900)).phase, Ready);
}

#[test]
fn the_deadline_of_kubernetes_knows_no_dependencies() {
    let late = with(
        deployment(1, 1, 0),
        json!({"status": {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
            "message": "ReplicaSet has timed out progressing.", "lastTransitionTime": at(600).to_string()}]}}),
    );
    let here = |seconds| Circumstances::from(at(seconds));
    let cases = [
        (here(601), Failed, "deadline-exceeded"),
        (here(601).dependencies_ready(false), Waiting, "deadline-exceeded"),
        (here(1000).not_before(at(900)), Progressing, "deadline-exceeded"),
        (here(1500).not_before(at(900)), Failed, "deadline-exceeded"),
    ];
    for (here, phase, wanted) in cases {
        let verdict = judge(&late, &[], &[], here);
        assert_eq!((verdict.phase, code(&verdict)), (phase, wanted), "{here:?}");
    }
    // A pod that says more than the deadline is heard instead.
    let crash =
        state(pod("a", "ReplicaSet", "user-1"), 6, waiting("CrashLoopBackOff", ""), ended("Error", 1, 500, 510));
    let verdict = judge(&late, &[replica_set("user-1", 1), crash], &[], at(700));
    assert_eq!((verdict.phase, code(&verdict)), (Failed, "crash-loop"));
}

#[test]
fn what_the_cluster_refuses_to_create_is_said_at_once() {
    let failure = |message: &str| {
        with(
            deployment(1, 0, 0),
            json!({"status": {"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message,
                "lastTransitionTime": start().to_string()}]}}),
        )
    };
    let cases = [
        (
            "pods \"x\" is forbidden: exceeded quota: compute, requested: memory=512Mi",
            31,
            "quota-exceeded",
            "quota",
            "compute",
        ),
        (
            "admission webhook \"policy.example\" denied the request: no",
            31,
            "admission-denied",
            "webhook",
            "policy.example",
        ),
        (
            "failed calling webhook \"v.cert-manager.io\": refused",
            181,
            "webhook-unavailable",
            "webhook",
            "v.cert-manager.io",
        ),
        ("pods \"x\" is forbidden: violates PodSecurity \"baseline\"", 31, "pod-security-denied", "name", "egov-user"),
        ("error looking up service account egov/x: serviceaccount \"x\" not found", 181, "config-missing", "name", "x"),
    ];
    for (message, seconds, wanted, arg, value) in cases {
        let early = judge(&failure(message), &[], &[], at(seconds - 2));
        assert_eq!((early.phase, code(&early)), (Progressing, wanted), "{message}");
        let verdict = judge(&failure(message), &[], &[], at(seconds));
        assert_eq!((verdict.phase, code(&verdict)), (Failed, wanted), "{message}");
        assert_eq!(verdict.cause.unwrap().args[arg], value, "{message}");
    }
    // StatefulSets and Jobs only say it in events.
    let refused = event(
        "StatefulSet",
        "kafka",
        "FailedCreate",
        "create Pod kafka-0 failed: exceeded quota: compute, requested: x",
        0,
    );
    let verdict = judge(&stateful_set(3, 0, "a", "a"), &[], &[refused], at(60));
    assert_eq!((verdict.phase, code(&verdict)), (Failed, "quota-exceeded"));
}

fn stateful_set(wanted: u32, ready: u32, current: &str, update: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "kafka", "namespace": "egov", "uid": "kafka", "generation": 1},
        "spec": {"replicas": wanted, "updateStrategy": {"type": "RollingUpdate"}},
        "status": {"observedGeneration": 1, "replicas": wanted, "readyReplicas": ready, "updatedReplicas": if current == update { wanted } else { 1 },
            "currentRevision": current, "updateRevision": update}})
}

#[test]
fn a_stateful_set_follows_its_update_revision() {
    let of = |name: &str, revision: &str| {
        with(pod(name, "StatefulSet", "kafka"), json!({"metadata": {"labels": {"controller-revision-hash": revision}}}))
    };
    assert_eq!(judge(&stateful_set(3, 3, "a", "a"), &[], &[], at(1)).phase, Ready);
    let verdict = judge(&stateful_set(3, 3, "a", "b"), &[], &[], at(1));
    assert_eq!((verdict.phase, verdict.done), (Progressing, 1));
    let pods = [missing_image(of("kafka-0", "a")), of("kafka-2", "b")];
    assert_eq!(judge(&stateful_set(3, 2, "a", "b"), &pods, &[], at(600)).phase, Progressing);
    let pods = [missing_image(of("kafka-2", "b"))];
    let verdict = judge(&stateful_set(3, 2, "a", "b"), &pods, &[], at(600));
    assert_eq!((verdict.phase, code(&verdict)), (Failed, "image-not-found"));
    let partition =
        with(stateful_set(3, 3, "a", "b"), json!({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 2}}}}));
    assert_eq!(judge(&partition, &[], &[], at(1)).phase, Ready);
}

#[test]
fn a_stateful_set_whose_disk_does_not_come_says_why() {
    let mut waits = pod("kafka-0", "StatefulSet", "kafka");
    waits["spec"]["volumes"] = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data-kafka-0"}}]);
    waits["status"] = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: x"}]});
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data-kafka-0", "namespace": "egov", "uid": "c",
        "creationTimestamp": start().to_string()}, "spec": {}, "status": {"phase": "Pending"}});
    let event = with(
        event(
            "PersistentVolumeClaim",
            "data-kafka-0",
            "FailedBinding",
            "no persistent volumes available for this claim and no storage class is set",
            1,
        ),
        json!({"involvedObject": {"uid": "c"}}),
    );
    let verdict =
        judge(&stateful_set(3, 0, "a", "a"), &[waits.clone(), claim.clone()], std::slice::from_ref(&event), at(60));
    assert_eq!((verdict.phase, code(&verdict)), (Failed, "no-default-storage-class"), "{verdict:#?}");
    assert_eq!(code(&judge(&stateful_set(3, 0, "a", "a"), &[waits, claim], &[], at(60))), "volume-pending");
}

#[test]
fn a_daemon_set_counts_nodes() {
    let of = |desired: u32, updated: u32, available: u32| {
        json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "fluentd", "namespace": "egov", "uid": "f", "generation": 1}, "spec": {},
            "status": {"observedGeneration": 1, "desiredNumberScheduled": desired, "updatedNumberScheduled": updated, "numberAvailable": available}})
    };
    assert_eq!(judge(&of(3, 3, 3), &[], &[], at(1)).phase, Ready);
    assert_eq!(judge(&of(3, 1, 3), &[], &[], at(1)).done, 1);
    let crash = state(pod("f-1", "DaemonSet", "f"), 6, waiting("CrashLoopBackOff", ""), ended("Error", 1, 500, 510));
    let verdict = judge(&of(1, 1, 0), &[crash], &[], at(600));
    assert_eq!((verdict.phase, code(&verdict)), (Failed, "crash-loop"));
}

fn job(status: Value) -> Value {
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "seed", "namespace": "egov", "uid": "seed", "generation": 1},
        "spec": {"completions": 1, "backoffLimit": 2}, "status": status})
}

#[test]
fn a_job_is_ready_when_complete_and_failed_when_it_says_so() {
    let failed_pod = with(
        state(pod("seed-a", "Job", "seed"), 0, ended("Error", 3, 1, 2), json!({})),
        json!({"status": {"phase": "Failed"}}),
    );
    let limit = json!({"failed": 3, "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
        "message": "Job has reached the specified backoff limit", "lastTransitionTime": at(5).to_string()}]});
    let late =
        json!({"conditions": [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "x"}]});
    let cases = [
        ("started is not done", json!({"active": 1}), vec![], Progressing, ""),
        (
            "complete",
            json!({"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}),
            vec![],
            Ready,
            "",
        ),
        ("one try failed", json!({"failed": 1, "active": 1}), vec![failed_pod.clone()], Progressing, "job-retrying"),
        ("all tries failed", limit, vec![failed_pod], Failed, "job-failed"),
        ("too long", late, vec![], Failed, "job-deadline-exceeded"),
        ("image", json!({"active": 1}), vec![missing_image(pod("seed-a", "Job", "seed"))], Failed, "image-not-found"),
    ];
    for (what, status, pods, phase, wanted) in cases {
        let verdict = judge(&job(status), &pods, &[], at(600));
        assert_eq!((verdict.phase, code(&verdict)), (phase, wanted), "{what}: {verdict:#?}");
        if what == "all tries failed" {
            assert_eq!(verdict.cause.as_ref().unwrap().args["exit"], "3");
            assert_eq!(verdict.evidence.len(), 2, "{verdict:#?}");
        }
    }
    assert_eq!(judge(&with(job(json!({})), json!({"spec": {"suspend": true}})), &[], &[], at(1)).phase, Waiting);
}
