//! Calls whose answer need not be JSON: read as they are, bounded in size, borne like every other call.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use cluster::pretend::{Pace, Pretend, Setup};
use cluster::{Cluster, Error, Patience, connect_service};
use http::{Request, Response};
use kube::client::Body;
use serde_json::json;

/// What a server answers: status, content type, body.
type Answer = (u16, &'static str, Vec<u8>);

/// A cluster whose server gives these answers one after the other, and the paths that it was asked for.
fn served(answers: Vec<Answer>) -> (Cluster, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(vec![]));
    let (log, answers) = (seen.clone(), Arc::new(Mutex::new(answers.into_iter())));
    let service = tower::service_fn(move |request: Request<Body>| {
        log.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        let (code, kind, body) = answers.lock().unwrap().next().unwrap();
        async move { Response::builder().status(code).header("content-type", kind).body(Body::from(body)) }
    });
    (connect_service(service, "https://fake"), seen)
}

#[tokio::test]
async fn texts_of_the_pretend_server_are_read_as_they_are() {
    let pretend = Pretend::new(Setup { pace: Pace { speed: 1000.0, ..Pace::default() }, ..Setup::default() }).unwrap();
    let cluster = pretend.cluster();
    let health = cluster.read("/readyz", 100).await.unwrap();
    assert_eq!((health.status, &*health.bytes), (200, &b"ok"[..]));
    assert!(health.content_type.starts_with("text/plain"), "{health:?}");
    let version = cluster.read("/version", 10_000).await.unwrap();
    assert_eq!(version.content_type, "application/json");
    let metrics = cluster.read("/metrics", 100_000).await.unwrap();
    let metrics = String::from_utf8(metrics.bytes.to_vec()).unwrap();
    assert!(metrics.contains("apiserver_storage_objects{resource=\"nodes\"} 3\n"), "{metrics}");
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "default"},
        "spec": {"containers": [{"name": "main", "image": "redis:7"}]}});
    cluster.create(&pod).await.unwrap();
    let log = loop {
        match cluster.read("/api/v1/namespaces/default/pods/a/log?tailLines=1", 10_000).await {
            Ok(log) if !log.bytes.is_empty() => break log,
            Ok(_) | Err(Error::Invalid { .. }) => tokio::task::yield_now().await,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(String::from_utf8_lossy(&log.bytes).starts_with("[rehearsal] "), "{log:?}");
    let error = cluster.read("/api/v1/namespaces/default/pods/b/log", 100).await.unwrap_err();
    assert_eq!(error, Error::NotFound { what: "GET /api/v1/namespaces/default/pods/b/log".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn a_text_is_borne_and_told_like_every_other_answer() {
    let binary = vec![0, 159, 146, 150];
    let (cluster, seen) = served(vec![
        (503, "text/html", b"<html>".to_vec()),
        (429, "application/json", b"{}".to_vec()),
        (200, "application/octet-stream", binary.clone()),
    ]);
    let told = Arc::new(Mutex::new(vec![]));
    let ears = told.clone();
    let cluster = cluster
        .with_patience(Patience::Endless)
        .with_listener(Arc::new(move |trouble| ears.lock().unwrap().push((trouble.code, trouble.what))));
    let file = cluster.read("/file?token=hidden", 4).await.unwrap();
    assert_eq!((file.status, file.content_type.as_str(), &*file.bytes), (200, "application/octet-stream", &*binary));
    assert_eq!(*seen.lock().unwrap(), ["GET /file?token=hidden"; 3]);
    let what = || "GET /file".to_owned();
    assert_eq!(*told.lock().unwrap(), [("server-error", what()), ("server-busy", what())]);
    assert_eq!(format!("{file:?}"), "Document(200 \"application/octet-stream\", 4 bytes)");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_the_same_error_and_what_is_too_large_is_read_once() {
    let cases = [
        ((401, "text/plain", b"who".to_vec()), "sign-in-rejected"),
        ((403, "text/plain", b"no".to_vec()), "forbidden"),
        ((404, "text/plain", b"404 page not found".to_vec()), "not-found"),
        ((302, "text/html", vec![]), "network-portal"),
        ((200, "text/plain", b"12345".to_vec()), "answer-too-large"),
    ];
    for (answer, code) in cases {
        let (cluster, seen) = served(vec![answer]);
        let error = cluster.read("/metrics?a=hidden", 4).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(!error.to_string().contains("hidden"), "{error}");
        assert_eq!(seen.lock().unwrap().len(), 1, "{code}");
    }
}
