//! A sign-in that ends in the middle of a run holds it, asks for a person, and lets it go on by itself.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cluster::Cluster;
use engine::{Event, Outcome, RunState, What};
use http_body_util::BodyExt as _;
use install::{Installer, Start, Work};
use kube::client::Body;
use support::{around, for_real, quick};

/// The same cluster, whose server knows nobody any more while `refuses` is set.
fn refusing(cluster: &cluster::Pretend, refuses: Arc<AtomicBool>) -> Cluster {
    let client = cluster.client();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (client, refuses) = (client.clone(), refuses.clone());
        async move {
            if refuses.load(Ordering::SeqCst) {
                let status = serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Unauthorized", "code": 401, "message": "Unauthorized"});
                let answer = http::Response::builder().status(401).header("content-type", "application/json");
                return Ok(answer.body(Body::from(status.to_string().into_bytes()))?);
            }
            let (parts, body) = request.into_parts();
            let sent = body.collect().await?.to_bytes();
            Ok::<_, tower::BoxError>(client.send(http::Request::from_parts(parts, Body::from(sent.to_vec()))).await?)
        }
    });
    cluster::connect_service(service, "pretend")
}

async fn until(what: &str, work: &Work, is_so: impl Fn(&engine::Report) -> bool) {
    for _ in 0..600 {
        if is_so(&work.report(jiff::Timestamp::now())) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: {:?}", work.report(jiff::Timestamp::now()));
}

/// A run whose first step is under way when its server knows nobody any more.
async fn held(folder: &Path) -> (Arc<Installer>, Arc<Work>, Arc<AtomicBool>) {
    let pretend = quick();
    let refuses = Arc::new(AtomicBool::new(false));
    let cluster = refusing(&pretend, refuses.clone());
    let mut surroundings = around(folder, &pretend);
    surroundings.reach = Arc::new(move |_| {
        let cluster = cluster.clone();
        Box::pin(async move { Ok(cluster) })
    });
    let installer = Installer::new(surroundings);
    let work = installer.install(&for_real(), Start::default()).await.unwrap();
    let (_, mut events) = work.follow();
    while !matches!(events.recv().await.unwrap().what, What::StepStarted { .. }) {}
    refuses.store(true, Ordering::SeqCst);
    until("held", &work, |report| report.state == RunState::NeedsPerson).await;
    (installer, work, refuses)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_ends_holds_the_run_until_it_works_again() {
    let folder = tempfile::tempdir().unwrap();
    let (_, work, refuses) = held(folder.path()).await;
    let report = work.report(jiff::Timestamp::now());
    assert_eq!(report.attention.unwrap().cause.code, "person-sign-in");
    assert_eq!(report.held.as_deref(), Some("person-sign-in"));
    assert!(!work.has_ended());

    refuses.store(false, Ordering::SeqCst);
    assert_eq!(tokio::time::timeout(Duration::from_secs(120), work.ended()).await.unwrap().unwrap(), Outcome::Ready);
    let (said, _) = work.follow();
    let of = |is: fn(&Event) -> bool| said.iter().filter(|event| is(event)).count();
    let (held, released) =
        (of(|e| matches!(e.what, What::Held { .. })), of(|e| matches!(e.what, What::Released { .. })));
    assert!(held > 0 && held == released, "{held} held, {released} released");
    assert!(!said.iter().any(|e| matches!(e.what, What::Failed { .. })), "nothing failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_while_it_is_held_still_says_that_a_person_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let (installer, work, _) = held(folder.path()).await;
    work.stop();
    assert_eq!(tokio::time::timeout(Duration::from_secs(60), work.ended()).await.unwrap().unwrap(), Outcome::Stopped);
    assert!(installer.report("practice").unwrap().needs_person());
}
