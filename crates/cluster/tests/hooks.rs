//! Hooks that wait say what for, and take no definition away.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cluster::pretend::{Pace, Pretend, Setup};
use cluster::{Cluster, ObjectRef, Owner, WaitContext, Watch, hooks};
use helm_template::{Hook, Manifest};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

fn pretend() -> Cluster {
    let begun = Instant::now();
    let first: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
    let clock = Arc::new(move || first + begun.elapsed());
    Pretend::new(Setup { clock, pace: Pace { speed: 100.0, ..Pace::default() }, ..Setup::default() }).unwrap().cluster()
}

fn hook(object: Value) -> Hook {
    Hook {
        manifest: Manifest { source: String::new(), text: String::new(), object },
        events: vec!["pre-install".to_owned()],
        weight: 0,
        delete_policies: vec!["before-hook-creation".to_owned(), "hook-succeeded".to_owned()],
    }
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_waits_for_a_finalizer_says_so_and_can_be_stopped() {
    let stop = tokio_util::sync::CancellationToken::new();
    let cluster = pretend().with_stop(stop.clone());
    cluster.ensure_namespace("egov", "").await.unwrap();
    let owner = Owner { release: "web".to_owned(), namespace: "egov".to_owned() };
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "seed", "namespace": "egov", "annotations": {"helm.sh/hook": "pre-install", "meta.helm.sh/release-name": "web"}, "finalizers": ["example.org/stuck"]}});
    cluster.create(&object).await.unwrap();
    let watch = Watch::new(&cluster, Arc::new(Timestamp::now), BTreeSet::new());
    let wait_context = WaitContext { dependencies_ready: true, since: Timestamp::now() };
    let mut told = Vec::new();
    let mut tell = |waiting: &cluster::Waiting| {
        told.extend(waiting.on.iter().filter_map(|(name, cause)| Some((name.to_string(), cause.clone()?))));
    };
    let all = [hook(object)];
    let running = hooks::run(&watch, &all, "pre-install", &owner, wait_context, &mut tell);
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        stop.cancel();
    };
    let (outcome, ()) = tokio::join!(running, stopping);
    assert_eq!(outcome.unwrap_err().code(), "stopped");
    let (name, cause) = told.first().expect("it says what it waits for");
    assert_eq!((name.as_str(), cause.code.as_str()), ("ConfigMap/egov/seed", "finalizers"));
    assert_eq!(cause.args["finalizers"], "example.org/stuck");
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_is_a_hook_is_never_taken_away() {
    let cluster = pretend();
    cluster.ensure_namespace("egov", "").await.unwrap();
    let owner = Owner { release: "web".to_owned(), namespace: "egov".to_owned() };
    let object = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "cogs.example.org", "annotations": {"helm.sh/hook": "pre-install"}},
        "spec": {"group": "example.org", "scope": "Namespaced", "names": {"plural": "cogs", "kind": "Cog"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}]}});
    let watch = Watch::new(&cluster, Arc::new(Timestamp::now), BTreeSet::new());
    let wait_context = WaitContext { dependencies_ready: true, since: Timestamp::now() };
    let name = ObjectRef::new("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "cogs.example.org");
    let mut uids = BTreeSet::new();
    for _ in 0..2 {
        hooks::run(&watch, &[hook(object.clone())], "pre-install", &owner, wait_context, &mut |_| {}).await.unwrap();
        uids.insert(cluster.get(&name).await.unwrap().unwrap()["metadata"]["uid"].to_string());
    }
    assert_eq!(uids.len(), 1, "the same one, from one run to the next");
}
