//! A pretend cluster with one service, what answers behind it, and what stands between it and us.
#![allow(clippy::unwrap_used, unreachable_pub)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cluster::pretend::{Arrived, Broken, Pace, Pretend, Program, Setup};
use cluster::road::Destination;
use cluster::{Cluster, ObjectRef, connect_service};
use http::{HeaderMap, Request, Response};
use jiff::Timestamp;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::time::Instant;

/// What arrived at a program.
pub struct One {
    pub pod: String,
    pub line: String,
}

/// All that arrived, in its order.
pub type Heard = Arc<Mutex<Vec<One>>>;

/// Method and path of all that arrived.
pub fn heard(heard: &Heard) -> Vec<String> {
    heard.lock().unwrap().iter().map(|one| one.line.clone()).collect()
}

/// The service of [`digit`].
pub fn gateway() -> Destination {
    Destination::service("egov", "gateway", 80)
}

pub fn pod(namespace: &str, name: &str) -> ObjectRef {
    ObjectRef::new("v1", "Pod", namespace, name)
}

/// A cluster in virtual time, with a service whose pods are ready.
pub async fn digit(replicas: usize) -> (Pretend, Cluster) {
    let begun = Instant::now();
    let first: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
    let clock = Arc::new(move || first + begun.elapsed());
    let pretend =
        Pretend::new(Setup { clock, pace: Pace { speed: 100.0, ..Pace::default() }, ..Setup::default() }).unwrap();
    let cluster = pretend.cluster();
    let objects = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "egov"}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "gateway", "namespace": "egov"},
            "spec": {"selector": {"app": "gateway"}, "ports": [{"name": "web", "port": 80, "targetPort": "http"}]}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gateway", "namespace": "egov"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "gateway"}}, "template": {
                "metadata": {"labels": {"app": "gateway"}},
                "spec": {"containers": [{"name": "main", "image": "example/gateway:1", "ports": [{"name": "http", "containerPort": 8081}]}]}}}}),
    ];
    for object in objects {
        cluster.create(&object).await.unwrap();
    }
    settled(&cluster, replicas).await;
    (pretend, cluster)
}

/// Names of the pods that are ready.
pub async fn ready(cluster: &Cluster) -> Vec<String> {
    let resource = cluster.resource("v1", "Pod").await.unwrap();
    let pods = cluster.list(&resource, "egov", "").await.unwrap();
    let is_ready = |pod: &&Value| {
        let conditions = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
            && pod["metadata"]["deletionTimestamp"].is_null()
    };
    pods.iter().filter(is_ready).map(|pod| pod["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

/// Waits until so many pods are ready.
pub async fn settled(cluster: &Cluster, count: usize) {
    for _ in 0..6000 {
        if ready(cluster).await.len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not {count} ready pods: {:?}", ready(cluster).await);
}

/// Lets a program answer behind the service: what it does follows from the request and from how many it has had, from 1.
pub fn program<F>(pretend: &Pretend, respond: impl Fn(Arrived, usize) -> F + Send + Sync + 'static) -> Heard
where
    F: Future<Output = Result<Response<Bytes>, Broken>> + Send + 'static,
{
    let heard = Heard::default();
    let ears = heard.clone();
    let program = Program::new("example/gateway".parse().unwrap(), 8081, move |arrived: Arrived| {
        let line = format!("{} {}", arrived.request.method(), arrived.request.uri());
        let mut all = ears.lock().unwrap();
        all.push(One { pod: arrived.pod.clone(), line });
        respond(arrived, all.len())
    });
    pretend.set_programs(vec![program]);
    heard
}

/// The same cluster behind something that answers itself, or changes headers, and what passed it.
pub fn between(
    cluster: &Cluster,
    act: impl Fn(&str, &mut HeaderMap) -> Option<(u16, String)> + Send + Sync + 'static,
) -> (Cluster, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(vec![]));
    let (log, client, act) = (seen.clone(), cluster.client().clone(), Arc::new(act));
    let service = tower::service_fn(move |mut request: Request<Body>| {
        log.lock().unwrap().push(request.uri().to_string());
        let path = request.uri().path().to_owned();
        let own = act(&path, request.headers_mut());
        let client = client.clone();
        async move {
            match own {
                Some((code, body)) => Ok(Response::builder().status(code).body(Body::from(body.into_bytes()))?),
                None => Ok::<_, tower::BoxError>(client.send(request).await?),
            }
        }
    });
    (connect_service(service, "https://fake"), seen)
}

/// Deletes a pod of the service.
pub async fn delete(cluster: &Cluster, name: &str) {
    cluster.delete(&pod("egov", name)).await.unwrap();
}
