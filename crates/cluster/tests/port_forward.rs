//! The `portforward` of the pretend cluster, as kube's own client speaks to it.
#![allow(clippy::unwrap_used)]

use cluster::pretend::{Broken, Pace, Pretend, Program, Setup};
use http::{Request, Response, StatusCode};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, PostParams};
use kube::client::Body;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A pretend cluster with one pod that runs.
async fn running() -> (Pretend, Api<Pod>) {
    let pretend = Pretend::new(Setup { pace: Pace { speed: 1000.0, ..Pace::default() }, ..Setup::default() }).unwrap();
    let pods = Api::<Pod>::namespaced(pretend.client(), "default");
    let pod = json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "main", "image": "example/app:1"}]}});
    pods.create(&PostParams::default(), &serde_json::from_value(pod).unwrap()).await.unwrap();
    for _ in 0..5000 {
        let phase = pods.get("a").await.unwrap().status.and_then(|status| status.phase);
        if phase.as_deref() == Some("Running") {
            return (pretend, pods);
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    panic!("the pod does not run");
}

#[tokio::test]
async fn bytes_reach_the_program_that_listens_and_its_end_is_theirs() {
    let (pretend, pods) = running().await;
    let respond = |arrived: cluster::pretend::Arrived| async move {
        if arrived.request.uri() == "/breaks" { Err(Broken) } else { Ok(Response::new(arrived.pod.into())) }
    };
    pretend.set_programs(vec![Program::new("example/app".parse().unwrap(), 80, respond)]);
    for (path, ends_with) in [("/", "\r\n\r\ndefault/a"), ("/breaks", "")] {
        let mut forward = pods.portforward("a", &[80]).await.unwrap();
        let mut stream = forward.take_stream(80).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with(ends_with) && answer.is_empty() == ends_with.is_empty(), "{answer}");
    }
}

#[tokio::test]
async fn where_nobody_listens_the_error_channel_says_so_as_a_node_does() {
    let (_pretend, pods) = running().await;
    let mut forward = pods.portforward("a", &[80]).await.unwrap();
    let said = forward.take_error(80).unwrap().await.unwrap();
    assert!(said.starts_with("error forwarding port 80 to pod a"), "{said}");
    assert!(said.contains("failed to connect to localhost:80") && said.contains("connection refused"), "{said}");
    let mut rest = Vec::new();
    forward.take_stream(80).unwrap().read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn what_is_no_upgrade_or_names_no_port_is_refused_as_a_server_does() {
    let (pretend, pods) = running().await;
    let error = pods.portforward("b", &[80]).await.err().unwrap();
    assert!(matches!(&error, kube::Error::Api(status) if status.code == 404 && status.reason == "NotFound"), "{error}");
    let cases = [
        (None, "v4.channel.k8s.io", "?ports=80", "Upgrade request required"),
        (Some("websocket"), "SPDY/3.1+portforward.k8s.io", "?ports=80", "none of the protocols is v4.channel.k8s.io"),
        (Some("websocket"), "v5.channel.k8s.io, v4.channel.k8s.io", "", "query parameter \"ports\" is required"),
    ];
    for (upgrade, protocol, query, words) in cases {
        let mut request = Request::get(format!("/api/v1/namespaces/default/pods/a/portforward{query}"))
            .header("sec-websocket-protocol", protocol)
            .header("connection", "Upgrade");
        if let Some(upgrade) = upgrade {
            request = request.header("upgrade", upgrade);
        }
        let answer = pretend.client().send(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let said = answer.into_body().collect_bytes().await.unwrap();
        let said = String::from_utf8_lossy(&said).replace("\\\"", "\"");
        assert!(said.contains(words), "{said}");
    }
}
