//! A program that is run once inside the pretend cluster, and what is left of it: nothing.
#![allow(clippy::unwrap_used, reason = "in a test, a failure")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cluster::one_off::{Ended, LABEL, Limits, NotRun, OneOff};
use cluster::pretend::{Mishap, Pace, Pretend, Rule, Setup};
use cluster::{Cluster, ObjectRef};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio_util::task::TaskTracker;

fn pretend(mishap: Option<Mishap>) -> (Pretend, Cluster) {
    let rules = mishap.map(|mishap| Rule { pod: "^try-".parse().unwrap(), mishap, until: None }).into_iter().collect();
    let setup = Setup { rules, pace: Pace { speed: 100.0, ..Pace::default() }, ..Setup::default() };
    let pretend = Pretend::new(setup).unwrap();
    let cluster = Cluster::new(pretend.client(), "https://pretend.invalid".to_owned());
    (pretend, cluster)
}

fn one() -> OneOff {
    OneOff {
        image: "example/client:1".into(),
        user: 999,
        script: "true".into(),
        env: vec![],
        secret_env: vec![("WORD".into(), "secret".to_owned().into())],
    }
}

fn limits() -> Limits {
    let (start, obstacle, run) = (Duration::from_secs(10), Duration::from_millis(500), Duration::from_secs(10));
    Limits { start, obstacle, run }
}

async fn namespaces(cluster: &Cluster) -> Vec<String> {
    let resource = cluster.resource("v1", "Namespace").await.unwrap();
    let found = cluster.list(&resource, "", "").await.unwrap();
    found.iter().map(|n| n["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn it_ends_as_its_pod_ends_and_leaves_nothing() {
    let ran = |code| Ended::Ran { code, said: String::new() };
    for (mishap, wanted) in [
        (None, Some(ran(0))),
        (Some(Mishap::Fail), Some(ran(1))),
        (Some(Mishap::Exit(12)), Some(ran(12))),
        (Some(Mishap::ImagePull), None),
    ] {
        let (_pretend, cluster) = pretend(mishap);
        let before = namespaces(&cluster).await;
        let tracker = TaskTracker::new();
        let ended = cluster.run_once("try", one(), limits(), &tracker).await.unwrap();
        match wanted {
            Some(wanted) => assert_eq!(ended, wanted),
            None => assert!(
                matches!(&ended, Ended::NotRun { why: NotRun::Image, said } if said.contains("example/client:1"))
            ),
        }
        assert_eq!(namespaces(&cluster).await, before, "{mishap:?}");
    }
}

#[tokio::test]
async fn whoever_loses_patience_leaves_nothing_either() {
    let (_pretend, cluster) = pretend(Some(Mishap::ImagePull));
    let before = namespaces(&cluster).await;
    let tracker = TaskTracker::new();
    let long = Limits { obstacle: Duration::from_secs(60), start: Duration::from_secs(60), ..limits() };
    let (there, known) = (cluster.clone(), tracker.clone());
    let running = tokio::spawn(async move { there.run_once("try", one(), long, &known).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(namespaces(&cluster).await.len(), before.len() + 1, "it is still going on");
    // Were we killed now, its Secret would go with the Job, which Kubernetes ends and takes away.
    let space = namespaces(&cluster).await.into_iter().find(|n| !before.contains(n)).unwrap();
    let get = async |api: &str, kind: &str| {
        cluster.get(&ObjectRef::new(api, kind, &space, "one-off")).await.unwrap().unwrap()
    };
    let (secret, job) = (get("v1", "Secret").await, get("batch/v1", "Job").await);
    assert_eq!(secret["metadata"]["ownerReferences"][0]["uid"], job["metadata"]["uid"]);
    assert!(job["spec"]["ttlSecondsAfterFinished"].is_u64() && job["spec"]["activeDeadlineSeconds"].is_u64());
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    tracker.close();
    tracker.wait().await;
    assert_eq!(namespaces(&cluster).await, before);
}

#[tokio::test]
async fn what_a_killed_program_left_behind_is_swept_and_what_another_has_just_made_is_not() {
    // Minutes that the cluster's clock is ahead of ours.
    let ahead = Arc::new(AtomicI64::new(0));
    let minutes = ahead.clone();
    let clock = move || Timestamp::now() + SignedDuration::from_mins(minutes.load(Ordering::Relaxed));
    let setup = Setup { clock: Arc::new(clock), pace: Pace { speed: 100.0, ..Pace::default() }, ..Setup::default() };
    let pretend = Pretend::new(setup).unwrap();
    let cluster = Cluster::new(pretend.client(), "https://pretend.invalid".to_owned());
    let before = namespaces(&cluster).await;
    let left =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "try-old", "labels": {LABEL: "true"}}});
    cluster.create(&left).await.unwrap();
    let tracker = TaskTracker::new();
    for (minutes, is_there) in [(0, true), (14, true), (20, false)] {
        ahead.store(minutes, Ordering::Relaxed);
        cluster.run_once("try", one(), limits(), &tracker).await.unwrap();
        assert_eq!(namespaces(&cluster).await.contains(&"try-old".to_owned()), is_there, "{minutes} min");
    }
    assert_eq!(namespaces(&cluster).await, before);
}
