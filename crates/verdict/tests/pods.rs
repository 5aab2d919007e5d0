//! Every cause that a pod can have, as a cluster shows it.

#![allow(clippy::needless_pass_by_value, clippy::unwrap_used)]

mod common;

use common::*;
use serde_json::{Value, json};
use verdict::{Circumstances, Phase, assess};

struct Case {
    what: &'static str,
    pod: Value,
    events: Vec<Value>,
    /// Seconds after the pod was made: phase then.
    then: &'static [(i64, Phase)],
    code: &'static str,
    args: &'static [(&'static str, &'static str)],
}

fn unscheduled(message: &str) -> Value {
    let mut pod = alone();
    pod["status"] = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": message, "lastTransitionTime": start().to_string()}]});
    pod
}

fn pull(reason: &str, message: &str) -> Value {
    state(alone(), 0, waiting(reason, message), json!({}))
}

fn probe(pod: Value) -> Value {
    let mut pod = pod;
    pod["spec"]["containers"][0]["readinessProbe"] =
        json!({"initialDelaySeconds": 30, "periodSeconds": 10, "failureThreshold": 5});
    pod
}

fn running(pod: Value) -> Value {
    let mut pod = state(pod, 0, json!({"running": {"startedAt": at(5).to_string()}}), json!({}));
    pod["status"]["phase"] = "Running".into();
    pod
}

use Phase::{Failed, Progressing, Ready};

fn cases() -> Vec<Case> {
    let case = |what, pod, then, code, args| Case { what, pod, events: vec![], then, code, args };
    let with_events = |case: Case, events| Case { events, ..case };
    vec![
        case(
            "image that is not there",
            pull("ErrImagePull", "rpc error: code = NotFound desc = docker.io/egovio/egov-user:v1: not found"),
            &[(10, Progressing), (61, Failed)],
            "image-not-found",
            &[("image", "egovio/egov-user:v1"), ("container", "app"), ("pod", "hook")],
        ),
        with_events(
            case(
                "back-off repeats only the image; the event says why",
                pull("ImagePullBackOff", "Back-off pulling image \"egovio/egov-user:v1\""),
                &[(30, Progressing), (100, Failed)],
                "image-unauthorized",
                &[],
            ),
            vec![event("Pod", "hook", "Failed", "Failed to pull image \"egovio/egov-user:v1\": 401 Unauthorized", 20)],
        ),
        case(
            "rate limit: passes in time",
            pull(
                "ErrImagePull",
                "429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit as 'cityadmin': x. ",
            ),
            &[(600, Progressing), (900, Failed)],
            "image-rate-limited",
            &[],
        ),
        case(
            "network",
            pull("ErrImagePull", "dial tcp: lookup registry-1.docker.io: i/o timeout"),
            &[(300, Progressing), (600, Failed)],
            "registry-unreachable",
            &[],
        ),
        case(
            "no image for this kind of machine",
            pull("ErrImagePull", "no match for platform in manifest: not found"),
            &[(31, Failed)],
            "image-platform-missing",
            &[],
        ),
        case(
            "image name",
            pull("InvalidImageName", "couldn't parse image name"),
            &[(1, Failed)],
            "image-name-invalid",
            &[],
        ),
        case(
            "missing Secret",
            pull("CreateContainerConfigError", "secret \"db\" not found"),
            &[(100, Progressing), (180, Failed)],
            "config-missing",
            &[("kind", "Secret"), ("name", "db"), ("key", "")],
        ),
        case(
            "missing key",
            pull("CreateContainerConfigError", "couldn't find key db-url in ConfigMap egov/egov-config"),
            &[(180, Failed)],
            "config-missing",
            &[("kind", "ConfigMap"), ("name", "egov-config"), ("key", "db-url")],
        ),
        with_events(
            case(
                "missing Secret as a volume",
                alone(),
                &[(100, Progressing), (200, Failed)],
                "config-missing",
                &[("name", "git-creds")],
            ),
            vec![event(
                "Pod",
                "hook",
                "FailedMount",
                "MountVolume.SetUp failed for volume \"keys\" : secret \"git-creds\" not found",
                2,
            )],
        ),
        with_events(
            case("pull secret that is absent is noise", alone(), &[(100, Progressing)], "", &[]),
            vec![event(
                "Pod",
                "hook",
                "FailedToRetrieveImagePullSecret",
                "Unable to retrieve some image pull secrets (docker-registry-secret)",
                2,
            )],
        ),
        with_events(
            case(
                "disk that does not come",
                alone(),
                &[(300, Progressing), (610, Failed)],
                "volume-mount-failed",
                &[("volume", "pvc-1")],
            ),
            vec![event(
                "Pod",
                "hook",
                "FailedAttachVolume",
                "AttachVolume.Attach failed for volume \"pvc-1\" : timed out",
                2,
            )],
        ),
        case(
            "crash loop: counted",
            state(alone(), 4, waiting("CrashLoopBackOff", "back-off 1m20s"), ended("Error", 1, 130, 132)),
            &[(110, Progressing), (140, Failed)],
            "crash-loop",
            &[("restarts", "4"), ("exit", "1")],
        ),
        case(
            "one crash is no loop, however long ago the pod was made",
            state(alone(), 1, json!({"running": {"startedAt": at(900).to_string()}}), ended("Error", 1, 880, 899)),
            &[(1000, Progressing)],
            "crash-loop",
            &[("restarts", "1")],
        ),
        case(
            "crashes count also while the state says terminated",
            state(alone(), 5, ended("Error", 137, 200, 210), json!({})),
            &[(215, Failed)],
            "crash-loop",
            &[("exit", "137")],
        ),
        case(
            "init container in a crash loop",
            with(
                alone(),
                json!({"status": {"initContainerStatuses": [{"name": "db-migration", "ready": false, "restartCount": 5,
                    "state": waiting("CrashLoopBackOff", "back-off"), "lastState": ended("Error", 1, 150, 152)}]}}),
            ),
            &[(100, Progressing), (160, Failed)],
            "init-crash-loop",
            &[("container", "db-migration")],
        ),
        case(
            "init container that is through is no trouble",
            with(
                alone(),
                json!({"status": {"initContainerStatuses": [{"name": "db-migration", "ready": true, "restartCount": 0, "state": ended("Completed", 0, 1, 2)}]}}),
            ),
            &[(100, Progressing)],
            "",
            &[],
        ),
        case(
            "out of memory twice",
            state(alone(), 2, ended("OOMKilled", 137, 60, 90), json!({})),
            &[(91, Failed)],
            "out-of-memory",
            &[("limit", "512Mi"), ("restarts", "2")],
        ),
        case(
            "out of memory once",
            state(alone(), 1, json!({"running": {"startedAt": at(40).to_string()}}), ended("OOMKilled", 137, 10, 30)),
            &[(60, Progressing)],
            "out-of-memory",
            &[],
        ),
        case(
            "wrong machine",
            state(
                alone(),
                1,
                waiting("CrashLoopBackOff", "back-off"),
                json!({"terminated": {"reason": "Error", "exitCode": 1, "message": "exec /app: exec format error", "startedAt": at(1).to_string()}}),
            ),
            &[(40, Failed)],
            "wrong-architecture",
            &[],
        ),
        with_events(
            case(
                "killed by its liveness probe",
                state(probe(alone()), 4, waiting("CrashLoopBackOff", "back-off"), ended("Error", 143, 300, 400)),
                &[(380, Progressing), (450, Failed)],
                "probe-failing",
                &[("probe", "liveness")],
            ),
            vec![event("Pod", "hook", "Killing", "Container app failed liveness probe, will be restarted", 100)],
        ),
        case("within its first delay nothing is wrong", probe(running(alone())), &[(30, Progressing)], "", &[]),
        with_events(
            case(
                "runs but is never ready: the probe's own numbers and slack",
                probe(running(alone())),
                &[(60, Progressing), (380, Progressing), (400, Failed)],
                "probe-failing",
                &[("probe", "readiness"), ("container", "app")],
            ),
            vec![event(
                "Pod",
                "hook",
                "Unhealthy",
                "Readiness probe failed: HTTP probe failed with statuscode: 503",
                40,
            )],
        ),
        case(
            "memory",
            unscheduled(
                "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient memory. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
            ),
            &[(100, Progressing), (300, Failed)],
            "insufficient-memory",
            &[("wanted", "512Mi")],
        ),
        with_events(
            case(
                "memory, and an autoscaler brings a node",
                unscheduled("0/1 nodes are available: 1 Insufficient cpu."),
                &[(600, Progressing), (900, Failed)],
                "insufficient-cpu",
                &[("wanted", "100m")],
            ),
            vec![event("Pod", "hook", "TriggeredScaleUp", "pod triggered scale-up: [{ng 1->2 (max: 4)}]", 20)],
        ),
        with_events(
            case(
                "the autoscaler says no",
                unscheduled("0/1 nodes are available: 1 Too many pods."),
                &[(60, Progressing), (120, Failed)],
                "too-many-pods",
                &[],
            ),
            vec![event(
                "Pod",
                "hook",
                "NotTriggerScaleUp",
                "pod didn't trigger scale-up: 1 max node group size reached",
                20,
            )],
        ),
        case(
            "taint",
            unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: db}."),
            &[(300, Failed)],
            "node-taints",
            &[("taint", "dedicated: db")],
        ),
        case(
            "node that is not ready yet",
            unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }."),
            &[(300, Progressing), (600, Failed)],
            "nodes-not-ready",
            &[],
        ),
        case(
            "selector",
            unscheduled("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."),
            &[(300, Failed)],
            "node-selector-unmatched",
            &[],
        ),
        case(
            "anti-affinity on one node",
            unscheduled("0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."),
            &[(300, Failed)],
            "pod-anti-affinity",
            &[],
        ),
        case(
            "disk in another zone",
            unscheduled("0/3 nodes are available: 3 node(s) had volume node affinity conflict."),
            &[(60, Progressing), (120, Failed)],
            "volume-zone-conflict",
            &[],
        ),
        case(
            "claim that is not there",
            unscheduled("0/1 nodes are available: persistentvolumeclaim \"data\" not found."),
            &[(120, Failed)],
            "claim-missing",
            &[("claim", "data")],
        ),
        case(
            "no nodes",
            unscheduled("no nodes available to schedule pods"),
            &[(300, Progressing), (900, Failed)],
            "no-nodes",
            &[],
        ),
        case(
            "evicted",
            with(
                alone(),
                json!({"status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: ephemeral-storage."}}),
            ),
            &[(10, Progressing), (300, Failed)],
            "evicted",
            &[("reason", "Evicted")],
        ),
        case(
            "hook that failed",
            with(state(alone(), 0, ended("Error", 3, 1, 2), json!({})), json!({"status": {"phase": "Failed"}})),
            &[(5, Failed)],
            "pod-failed",
            &[("reason", "exit 3")],
        ),
        case("hook that is through", with(alone(), json!({"status": {"phase": "Succeeded"}})), &[(5, Ready)], "", &[]),
        case("pod that is ready", ready_pod("hook", "", ""), &[(5, Ready)], "", &[]),
    ]
}

#[test]
fn each_cause_is_named_and_has_its_own_budget() {
    for case in cases() {
        let events: Vec<&Value> = case.events.iter().collect();
        for (seconds, phase) in case.then {
            let verdict = assess(&case.pod, &[], &events, at(*seconds));
            assert_eq!(verdict.phase, *phase, "{} after {seconds} s: {verdict:#?}", case.what);
            assert_eq!(
                verdict.cause.as_ref().map_or("", |c| c.code.as_str()),
                case.code,
                "{}: {verdict:#?}",
                case.what
            );
            for (name, value) in case.args {
                assert_eq!(
                    verdict.cause.as_ref().unwrap().args.get(*name).map(String::as_str),
                    Some(*value),
                    "{}: {name}",
                    case.what
                );
            }
            if let Some(cause) = &verdict.cause {
                let rule = verdict::codes::rule(&cause.code).unwrap();
                for name in rule.args {
                    assert!(
                        cause.args.contains_key(*name),
                        "{}: {} comes without {name}: {cause:?}",
                        case.what,
                        cause.code
                    );
                }
                assert!(!verdict.evidence.is_empty(), "{}: no evidence", case.what);
                assert!(!verdict.evidence.iter().any(|line| line.contains("cityadmin")), "{}", case.what);
            }
        }
    }
}

#[test]
fn a_verdict_says_when_it_changes_by_itself() {
    let pod = pull("ErrImagePull", "manifest unknown");
    let verdict = assess(&pod, &[], &[], at(20));
    assert_eq!((verdict.again_after, verdict.struggling_since), (Some(40), Some(start())));
    assert_eq!(assess(&pod, &[], &[], at(60)).phase, Failed);
}

#[test]
fn crashes_are_waiting_while_a_dependency_is_missing_and_get_a_new_budget_after() {
    let crashed = |began: i64| {
        state(alone(), 9, waiting("CrashLoopBackOff", "back-off 5m0s"), ended("Error", 1, began, began + 20))
    };
    let here = |seconds: i64| Circumstances::from(at(seconds));
    let cases = [
        (crashed(3000), here(3100).dependencies_ready(false), Phase::Waiting),
        // The dependency came at 3600; the pod still sits out its pause after a crash from before.
        (crashed(3400), here(3650).not_before(at(3600)), Progressing),
        (crashed(3400), here(3890).not_before(at(3600)), Progressing),
        // It crashed again with everything there.
        (crashed(3700), here(3710).not_before(at(3600)), Progressing),
        (crashed(3700), here(3725).not_before(at(3600)), Failed),
    ];
    for (pod, at, phase) in cases {
        let verdict = assess(&pod, &[], &[], at);
        assert_eq!(verdict.phase, phase, "{at:?}: {verdict:#?}");
    }
    // What no dependency can mend is a failure all the same.
    let pod = pull("ErrImagePull", "manifest unknown");
    assert_eq!(assess(&pod, &[], &[], here(100).dependencies_ready(false)).phase, Failed);
}

#[test]
fn a_restart_that_was_told_beforehand_is_waiting_and_the_next_is_not() {
    let crashed = |restarts: u32| {
        state(alone(), restarts, waiting("CrashLoopBackOff", "back-off 10s"), ended("Error", 1, 40, 60))
    };
    let mut again = state(alone(), 1, json!({"running": {"startedAt": at(70).to_string()}}), ended("Error", 1, 40, 60));
    again["status"]["phase"] = "Running".into();
    let told = |seconds: i64| Circumstances::from(at(seconds)).expected_restarts(1);
    let untold = |seconds: i64| Circumstances::from(at(seconds));
    let cases = [
        (crashed(0), untold(65), Progressing, "crash-loop"),
        (crashed(0), told(65), Phase::Waiting, "restart-expected"),
        // It has to be started again some time.
        (crashed(0), told(400), Failed, "restart-expected"),
        // It runs again: what its probes say is all there is to say.
        (again.clone(), told(80), Progressing, "probe-failing"),
        (again.clone(), told(1000), Failed, "probe-failing"),
        (again, untold(80), Progressing, "crash-loop"),
        // The second was not told, and the loop is counted from there.
        (crashed(1), told(200), Progressing, "crash-loop"),
        (crashed(3), told(400), Progressing, "crash-loop"),
        (crashed(3), untold(400), Failed, "crash-loop"),
        (crashed(4), told(400), Failed, "crash-loop"),
    ];
    for (pod, at, phase, code) in cases {
        let verdict = assess(&pod, &[], &[], at);
        let found = verdict.cause.as_ref().map_or("", |cause| cause.code.as_str());
        assert_eq!((verdict.phase, found), (phase, code), "{at:?}: {verdict:#?}");
    }
    // Running out of memory is never a part of starting.
    let killed = state(alone(), 0, waiting("CrashLoopBackOff", ""), ended("OOMKilled", 137, 40, 60));
    assert_eq!(assess(&killed, &[], &[], told(65)).cause.unwrap().code, "out-of-memory");
}
