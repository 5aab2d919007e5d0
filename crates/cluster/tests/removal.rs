//! What is ours is read from the cluster and taken away exactly, whatever else is broken there or was made in its place.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cluster::pretend::{Pace, Pretend, Setup};
use cluster::remove::{Removal, Stage};
use cluster::{Cluster, Need, ObjectRef, Owner, Patience, Unowned, connect_service};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::time::Instant;

/// A pretend cluster in virtual time.
fn pretend() -> Pretend {
    let begun = Instant::now();
    let first: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
    let clock = Arc::new(move || first + begun.elapsed());
    Pretend::new(Setup { clock, pace: Pace { speed: 100.0, ..Pace::default() }, ..Setup::default() }).unwrap()
}

/// How an aggregated API answers whose server is not what it was.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Dead {
    /// 503 to whoever asks.
    Gone,
    /// Nothing comes, ever.
    Silent,
    /// It answers, and knows nobody.
    Stranger,
}

/// The same with an aggregated API whose server is gone: registered, and no use to whoever asks.
fn with_dead_api(pretend: &Pretend, how: Dead) -> Cluster {
    let client = pretend.client();
    let service = tower::service_fn(move |mut request: Request<Body>| {
        let client = client.clone();
        // Each group is asked for by itself: a server that says everything at once would hide how it answers.
        request.headers_mut().insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
        async move {
            let path = request.uri().path().to_owned();
            if path.starts_with("/apis/metrics.k8s.io") {
                return dead(how).await;
            }
            let answer = client.send(request).await?;
            if path != "/apis" {
                return Ok::<_, tower::BoxError>(answer);
            }
            let (parts, body) = answer.into_parts();
            let mut groups: Value = serde_json::from_slice(&body.collect().await?.to_bytes())?;
            groups["groups"].as_array_mut().unwrap().push(
                json!({"name": "metrics.k8s.io", "versions": [{"groupVersion": "metrics.k8s.io/v1beta1", "version": "v1beta1"}]}),
            );
            Ok(Response::from_parts(parts, Body::from(groups.to_string().into_bytes())))
        }
    });
    connect_service(service, "https://fake").with_patience(Patience::Endless)
}

async fn dead(how: Dead) -> Result<Response<Body>, tower::BoxError> {
    let code = match how {
        Dead::Gone => 503,
        Dead::Silent => std::future::pending().await,
        Dead::Stranger => 401,
    };
    Ok(Response::builder().status(code).body(Body::from(b"service unavailable\n".to_vec()))?)
}

fn settings(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "b"}})
}

/// The record of a release, as far as anybody looks at it here.
async fn record(cluster: &Cluster, namespace: &str, name: &str, installation: &str) {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
        "metadata": {"name": format!("sh.helm.release.v1.{name}.v1"), "namespace": namespace,
            "labels": {"owner": "helm", "name": name, "version": "1", "status": "deployed", "digit-installer/installation": installation}}});
    cluster.create(&secret).await.unwrap();
}

/// One release of `springfield` in a namespace of its own, and one of somebody else's.
async fn installed(cluster: &Cluster) {
    cluster.ensure_namespace("egov", "springfield").await.unwrap();
    for (release, installation) in [("ours", "springfield"), ("theirs", "shelbyville")] {
        let owner = Owner { release: release.to_owned(), namespace: "egov".to_owned() };
        cluster.apply(&settings(release), &owner, Unowned::Refuse).await.unwrap();
        record(cluster, "egov", release, installation).await;
    }
}

fn of_springfield() -> Removal {
    Removal { installation: "springfield".to_owned(), ..Removal::default() }
}

#[tokio::test(start_paused = true)]
async fn what_is_ours_is_found_without_the_plan() {
    let cluster = pretend().cluster();
    installed(&cluster).await;
    let ours = BTreeSet::from([("egov".to_owned(), "ours".to_owned())]);
    assert_eq!(cluster.releases_of("springfield").await.unwrap(), ours);
    let plan = cluster.plan_removal(&of_springfield()).await.unwrap();
    let names: Vec<String> = plan.stages.values().flatten().map(ToString::to_string).collect();
    assert_eq!(names, ["ConfigMap/egov/ours", "Secret/egov/sh.helm.release.v1.ours.v1", "Namespace/egov"]);
    assert!(plan.uids.values().all(|uid| !uid.is_empty()), "{:?}", plan.uids);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_never_answers_is_named_and_holds_nothing_up() {
    for (how, patience) in [
        (Dead::Gone, Patience::Endless),
        (Dead::Silent, Patience::Endless),
        (Dead::Stranger, Patience::Endless),
        (Dead::Gone, Patience::For(Duration::from_secs(5))),
        (Dead::Silent, Patience::For(Duration::from_secs(5))),
        (Dead::Stranger, Patience::For(Duration::from_secs(5))),
    ] {
        let pretend = pretend();
        let cluster = with_dead_api(&pretend, how).with_patience(patience);
        let begun = Instant::now();
        let before = cluster.inventory().await.unwrap_or_else(|error| panic!("{how:?} {patience:?}: {error}"));
        installed(&cluster).await;
        let plan = cluster.plan_removal(&of_springfield()).await.unwrap();
        let dead = BTreeSet::from(["metrics.k8s.io/v1beta1".to_owned()]);
        assert_eq!(plan.unanswered, dead);
        assert_eq!(plan.count(), 3);
        assert_eq!(cluster.remove(&plan, &mut |_| {}).await.unwrap(), 3);
        let after = cluster.inventory().await.unwrap();
        assert_eq!((&after.unanswered, after.beyond(&before)), (&dead, BTreeSet::new()));
        assert!(begun.elapsed() < Duration::from_secs(90), "{how:?} {patience:?}: {:?}", begun.elapsed());
        let needs = [Need::new("list", "metrics.k8s.io", "pods", ""), Need::new("create", "", "pods", "egov")];
        assert_eq!(cluster.missing(&needs).await.unwrap(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_that_ends_while_something_of_ours_is_in_it_ends_the_removal_no_less() {
    for how in [Dead::Gone, Dead::Silent] {
        let pretend = pretend();
        let cluster = with_dead_api(&pretend, how);
        let api = json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": {"group": "metrics.k8s.io", "version": "v1beta1", "service": {"name": "metrics", "namespace": "kube-system"}, "groupPriorityMinimum": 100, "versionPriority": 100}});
        cluster.create(&api).await.unwrap();
        installed(&cluster).await;
        let mut plan = cluster.plan_removal(&of_springfield()).await.unwrap();
        let ours = ObjectRef::new("metrics.k8s.io/v1beta1", "Gauge", "egov", "ours");
        plan.stages.entry(Stage::Rest).or_default().insert(ours);
        let mut unseen = |_: &cluster::remove::Removing| {};
        let removing = cluster.remove(&plan, &mut unseen);
        tokio::time::timeout(Duration::from_secs(300), removing)
            .await
            .unwrap_or_else(|_| panic!("{how:?}: it never ends"))
            .unwrap();
        for object in plan.stages.values().flatten().filter(|object| object.kind != "Gauge") {
            assert_eq!(cluster.get(object).await.unwrap(), None, "{object}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_made_in_the_place_of_something_of_ours_stays() {
    let cluster = pretend().cluster();
    installed(&cluster).await;
    let plan = cluster.plan_removal(&of_springfield()).await.unwrap();
    let name = ObjectRef::new("v1", "ConfigMap", "egov", "ours");
    assert!(cluster.delete(&name).await.unwrap());
    let mut another = settings("ours");
    another["metadata"]["namespace"] = "egov".into();
    cluster.create(&another).await.unwrap();
    cluster.remove(&plan.only(Stage::Rest), &mut |_| {}).await.unwrap();
    assert!(cluster.get(&name).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_a_hook_made_stays() {
    let cluster = pretend().cluster();
    installed(&cluster).await;
    let owner = Owner { release: "ours".to_owned(), namespace: "egov".to_owned() };
    for (plural, annotations) in [("wheels", json!({})), ("cogs", json!({"helm.sh/hook": "pre-install"}))] {
        let name = format!("{plural}.example.org");
        let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": name, "annotations": annotations},
            "spec": {"group": "example.org", "scope": "Namespaced", "names": {"plural": plural, "kind": plural},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}]}});
        cluster.apply(&definition, &owner, Unowned::Refuse).await.unwrap();
    }
    let plan = cluster.plan_removal(&of_springfield()).await.unwrap();
    let going: Vec<&str> = plan.stages[&Stage::Definitions].iter().map(|object| object.name.as_str()).collect();
    assert_eq!(going, ["wheels.example.org"]);
}
