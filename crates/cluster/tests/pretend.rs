//! The pretend cluster beyond the wire: its clock, its troubles as verdicts read them, its file.

#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

use std::sync::{Arc, Mutex};

use cluster::pretend::{Mishap, Pace, Place, Pretend, Rule, Setup};
use futures::AsyncReadExt as _;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use kube::Client;
use serde_json::{Value, json};
use verdict::{Phase, Verdict, assess};

/// A clock that a test moves.
#[derive(Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    fn new() -> Self {
        Hands(Arc::new(Mutex::new("2026-11-24T10:00:00Z".parse().unwrap())))
    }
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
    fn pass(&self, millis: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_millis(millis);
    }
    fn setup(&self) -> Setup {
        let hands = self.clone();
        Setup { clock: Arc::new(move || hands.now()), ..Setup::default() }
    }
}

async fn send(client: &Client, method: &str, path: &str, body: Value) -> Value {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = Request::builder().method(method).uri(path).header("content-type", kind).body(bytes).unwrap();
    client.request::<Value>(request).await.unwrap()
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    let list = send(client, "GET", path, Value::Null).await;
    list["items"].as_array().unwrap().clone()
}

fn template(more: Value) -> Value {
    let mut container = json!({"name": "main", "image": "example/app:1", "resources": {"limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "initialDelaySeconds": 30}});
    for (key, value) in more.as_object().unwrap() {
        container[key] = value.clone();
    }
    json!({"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [container]}})
}

fn deployment(template: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "egov-user"},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template}})
}

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";

/// What the verdict says of an object, by all that the cluster shows.
async fn judged(client: &Client, path: &str, now: Timestamp) -> Verdict {
    let object = send(client, "GET", path, Value::Null).await;
    let mut children = Vec::new();
    for (path, api, kind) in [
        ("/apis/apps/v1/namespaces/default/replicasets", "apps/v1", "ReplicaSet"),
        ("/api/v1/namespaces/default/pods", "v1", "Pod"),
        ("/api/v1/namespaces/default/persistentvolumeclaims", "v1", "PersistentVolumeClaim"),
    ] {
        children.extend(items(client, path).await.into_iter().map(|mut child| {
            child["apiVersion"] = api.into();
            child["kind"] = kind.into();
            child
        }));
    }
    let events = items(client, "/api/v1/namespaces/default/events").await;
    assess(&object, &children.iter().collect::<Vec<_>>(), &events.iter().collect::<Vec<_>>(), now)
}

#[tokio::test]
async fn a_service_gets_ready_in_its_own_time_and_tells_on_the_way() {
    let hands = Hands::new();
    let client = Pretend::new(hands.setup()).unwrap().client();
    send(&client, "POST", DEPLOYMENTS, deployment(template(json!({})))).await;
    let mut phases = Vec::new();
    let mut ready_after = 0;
    for tenth in 0..200 {
        let pods = items(&client, "/api/v1/namespaces/default/pods").await;
        let phase = pods.first().map_or("none", |pod| pod["status"]["phase"].as_str().unwrap()).to_owned();
        if phases.last() != Some(&phase) {
            phases.push(phase);
        }
        if judged(&client, &format!("{DEPLOYMENTS}/egov-user"), hands.now()).await.phase == Phase::Ready {
            ready_after = tenth;
            break;
        }
        hands.pass(100);
    }
    assert_eq!(phases, ["Pending", "Running"]);
    assert!((40..150).contains(&ready_after), "{ready_after} tenths of a second");
    let said: Vec<String> = items(&client, "/api/v1/namespaces/default/events")
        .await
        .iter()
        .map(|e| e["reason"].as_str().unwrap().to_owned())
        .collect();
    for reason in ["ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulling", "Pulled", "Started"] {
        assert!(said.iter().any(|s| s == reason), "{reason} not in {said:?}");
    }
}

/// Makes the object, lets it be for a while, and judges it.
async fn after(
    rule: Option<(Mishap, Option<f64>)>,
    path: &str,
    object: Value,
    seconds: i64,
) -> (Phase, String, Verdict) {
    let hands = Hands::new();
    let rules =
        rule.into_iter().map(|(mishap, until)| Rule { pod: "default/".parse().unwrap(), mishap, until }).collect();
    let client = Pretend::new(Setup { rules, ..hands.setup() }).unwrap().client();
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    send(&client, "POST", path, object).await;
    for _ in 0..seconds {
        hands.pass(1000);
        // Someone has to look: without watches and requests the pretend cluster stands still.
        send(&client, "GET", "/version", Value::Null).await;
    }
    let verdict = judged(&client, &format!("{path}/{name}"), hands.now()).await;
    (verdict.phase, verdict.cause.as_ref().map_or_else(String::new, |c| c.code.clone()), verdict)
}

#[tokio::test]
async fn verdicts_read_its_troubles_as_they_read_real_ones() {
    use Phase::{Failed, Progressing, Ready};
    let plain = || deployment(template(json!({})));
    let secret = || {
        deployment(template(
            json!({"env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}),
        ))
    };
    let big = || deployment(template(json!({"resources": {"requests": {"memory": "999Gi"}}})));
    let mut account = plain();
    account["spec"]["template"]["spec"]["serviceAccountName"] = "nobody".into();
    let mut volume = plain();
    volume["spec"]["template"]["spec"]["volumes"] = json!([{"name": "v", "secret": {"secretName": "git-creds"}}]);
    let cases = [
        ("nothing wrong", None, plain(), 20, Ready, ""),
        ("crash", Some((Mishap::Crash, None)), plain(), 150, Failed, "crash-loop"),
        ("out of memory", Some((Mishap::Oom, None)), plain(), 30, Failed, "out-of-memory"),
        ("image, at first", Some((Mishap::ImagePull, None)), plain(), 20, Progressing, "image-not-found"),
        ("image", Some((Mishap::ImagePull, None)), plain(), 70, Failed, "image-not-found"),
        ("never ready", Some((Mishap::Unready, None)), plain(), 60, Progressing, "probe-failing"),
        ("never ready, for long", Some((Mishap::Unready, None)), plain(), 400, Failed, "probe-failing"),
        ("a crash that passes", Some((Mishap::Crash, Some(20.0))), plain(), 120, Ready, ""),
        ("no Secret", None, secret(), 190, Failed, "config-missing"),
        ("no Secret to mount", None, volume, 190, Failed, "config-missing"),
        ("no ServiceAccount", None, account, 190, Failed, "config-missing"),
        ("too big", None, big(), 310, Failed, "insufficient-memory"),
    ];
    for (what, rule, object, seconds, phase, code) in cases {
        let (found, cause, verdict) = after(rule, DEPLOYMENTS, object, seconds).await;
        assert_eq!((found, cause.as_str()), (phase, code), "{what}: {verdict:#?}");
    }
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "seed"}, "spec": {"backoffLimit": 1,
        "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "i:1"}]}}}});
    let (phase, code, verdict) =
        after(Some((Mishap::Fail, None)), "/apis/batch/v1/namespaces/default/jobs", job.clone(), 60).await;
    assert_eq!((phase, code.as_str()), (Failed, "job-failed"), "{verdict:#?}");
    assert_eq!(after(None, "/apis/batch/v1/namespaces/default/jobs", job, 20).await.0, Ready);
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": {"storageClassName": "none",
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let (phase, code, verdict) = after(None, "/api/v1/namespaces/default/persistentvolumeclaims", claim, 70).await;
    assert_eq!((phase, code.as_str()), (Failed, "storage-class-missing"), "{verdict:#?}");
}

#[tokio::test]
async fn it_survives_being_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cluster");
    let place = |key: Option<u8>| Place { path: path.clone(), key: key.map(|byte| Box::new([byte; 32]).into()) };
    let setup = |key: Option<u8>| Setup {
        place: Some(place(key)),
        pace: Pace { speed: 1000.0, ..Pace::default() },
        ..Setup::default()
    };
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": "KLARTEXT"}});
    let first = Pretend::new(setup(Some(1))).unwrap().client();
    let made = send(&first, "POST", "/api/v1/namespaces/default/secrets", secret.clone()).await;
    send(&first, "POST", DEPLOYMENTS, deployment(template(json!({})))).await;
    // Nothing is closed and nothing is flushed: what is on disk now is what a kill would leave, and the last line is cut on top of it.
    let twin = Pretend::new(setup(Some(1))).unwrap().client();
    assert_eq!(
        send(&twin, "GET", "/api/v1/namespaces/default/secrets/s", Value::Null).await,
        made,
        "two that open one file are one"
    );
    let mut bytes = std::fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        !text.contains("KLARTEXT") && !text.contains("S0xBUlRFWFQ") && !text.contains("egov-user"),
        "the file is not sealed"
    );
    bytes.truncate(bytes.len() - 20);
    let path = folder.path().join("left");
    std::fs::write(&path, bytes).unwrap();
    let place = |key: u8| Place { path: path.clone(), key: Some(Box::new([key; 32]).into()) };
    let setup = |key: Option<u8>| Setup {
        place: key.map(place),
        pace: Pace { speed: 1000.0, ..Pace::default() },
        ..Setup::default()
    };

    let other_program = std::fs::File::create(path.with_extension("lock")).unwrap();
    other_program.lock().unwrap();
    assert_eq!(Pretend::new(setup(Some(1))).unwrap_err().kind(), std::io::ErrorKind::ResourceBusy);
    drop(other_program);
    assert!(Pretend::new(setup(Some(2))).is_err(), "another key opens it");
    let again = Pretend::new(setup(Some(1))).unwrap().client();
    assert_eq!(send(&again, "GET", "/api/v1/namespaces/default/secrets/s", Value::Null).await, made);
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        if send(&again, "GET", &format!("{DEPLOYMENTS}/egov-user"), Value::Null).await["status"]["readyReplicas"] == 1 {
            break;
        }
    }
    assert_eq!(
        send(&again, "GET", &format!("{DEPLOYMENTS}/egov-user"), Value::Null).await["status"]["readyReplicas"],
        1
    );

    // A watch from before the restart cannot be served: what happened then is not remembered.
    let request = Request::get("/api/v1/secrets?watch=true&resourceVersion=3").body(Vec::new()).unwrap();
    let mut said = String::new();
    again.request_stream(request).await.unwrap().read_to_string(&mut said).await.unwrap();
    let event: Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(
        (&event["type"], &event["object"]["code"], &event["object"]["reason"]),
        (&"ERROR".into(), &410.into(), &"Expired".into())
    );
}

#[tokio::test]
async fn without_a_key_no_secret_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cluster");
    let setup =
        |path: &std::path::Path| Setup { place: Some(Place { path: path.to_owned(), key: None }), ..Setup::default() };
    let client = Pretend::new(setup(&path)).unwrap().client();
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": "KLARTEXT"}});
    send(&client, "POST", "/api/v1/namespaces/default/secrets", secret).await;
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "open"}});
    send(&client, "POST", "/api/v1/namespaces/default/configmaps", map).await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("open") && !text.contains("KLARTEXT") && !text.contains("S0xBUlRFWFQ"));
    let left = folder.path().join("left");
    std::fs::copy(&path, &left).unwrap();
    let again = Pretend::new(setup(&left)).unwrap().client();
    assert_eq!(items(&again, "/api/v1/namespaces/default/secrets").await.len(), 0);
    assert_eq!(send(&again, "GET", "/api/v1/namespaces/default/configmaps/m", Value::Null).await["data"]["a"], "open");
}

#[tokio::test]
async fn logs_say_that_they_are_made_up_and_can_be_followed() {
    let hands = Hands::new();
    let client = Pretend::new(hands.setup()).unwrap().client();
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "seed"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "example/x-db:1"}]}}}});
    send(&client, "POST", "/apis/batch/v1/namespaces/default/jobs", job).await;
    let pod =
        items(&client, "/api/v1/namespaces/default/pods").await[0]["metadata"]["name"].as_str().unwrap().to_owned();
    let log = format!("/api/v1/namespaces/default/pods/{pod}/log");
    let early = client.request_text(Request::get(&log).body(Vec::new()).unwrap()).await.unwrap_err().to_string();
    assert!(early.contains("waiting to start"), "{early}");
    for _ in 0..5 {
        hands.pass(1000);
        send(&client, "GET", "/version", Value::Null).await;
    }
    let moving = hands.clone();
    tokio::spawn(async move {
        for _ in 0..100 {
            moving.pass(200);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    let request = Request::get(format!("{log}?follow=true&timestamps=true")).body(Vec::new()).unwrap();
    let mut said = String::new();
    client.request_stream(request).await.unwrap().read_to_string(&mut said).await.unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines.len() == 3
            && lines.iter().all(|line| line.starts_with("2026-11-24T10:00:") && line.contains("Z [rehearsal] ")),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_there_twice_under_one_key_goes_in_once_and_changes_nothing_when_it_is_looked_at_again() {
    let hands = Hands::new();
    let cluster = Pretend::new(hands.setup()).unwrap().cluster();
    let owner = cluster::Owner { release: "a".to_owned(), namespace: "default".to_owned() };
    let mut pods = template(json!({
        "ports": [{"containerPort": 80, "name": "a"}, {"containerPort": 80, "protocol": "TCP", "name": "b"}],
        "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}],
        "volumeMounts": [{"mountPath": "/a", "name": "v"}, {"mountPath": "/a", "name": "v"}],
    }));
    pods["spec"]["imagePullSecrets"] = json!([{"name": "r"}, {"name": "r"}]);
    pods["spec"]["hostAliases"] =
        json!([{"ip": "10.0.0.1", "hostnames": ["a"]}, {"ip": "10.0.0.1", "hostnames": ["b"]}]);
    pods["spec"]["volumes"] = json!([{"name": "v", "emptyDir": {}}, {"name": "v", "emptyDir": {}}]);
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "egov-user"},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]}});
    for object in [deployment(pods), service] {
        let (applied, made) = cluster.apply(&object, &owner, cluster::Unowned::Refuse).await.unwrap();
        assert_eq!(applied, cluster::Applied::Created);
        let lists = ["/spec/template/spec/imagePullSecrets", "/spec/template/spec/volumes", "/spec/ports"];
        let there: Vec<usize> = lists.iter().filter_map(|at| Some(made.pointer(at)?.as_array()?.len())).collect();
        assert!(!there.is_empty() && there.iter().all(|len| *len == 1), "{made}");
        let again = cluster.apply(&object, &owner, cluster::Unowned::Refuse).await.unwrap();
        assert_eq!(again.0, cluster::Applied::Unchanged, "{}", again.1);
    }
}
