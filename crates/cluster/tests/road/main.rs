//! Roads to programs in the cluster: they find a pod, heal, and send nothing twice that may have been done.
#![allow(clippy::unwrap_used)]

mod place;
#[cfg(unix)]
mod real;
#[path = "../support/mod.rs"]
mod support;
mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cluster::pretend::{Broken, Mishap, Pretend, Program, Rule};
use cluster::road::{Ask, Destination};
use cluster::{Cluster, Error, Patience};
use http::{HeaderName, HeaderValue, Method, Response};
use place::{Heard, between, digit, gateway, heard, program, ready, settled};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(60);

fn post(path: &str, body: impl Into<Bytes>) -> Ask {
    Ask::new(Method::POST, path).body(HeaderValue::from_static("application/octet-stream"), body)
}

/// Answers with what it was sent, and where it arrived.
fn echo(pretend: &Pretend) -> Heard {
    program(pretend, |arrived, _| async move {
        let pod = HeaderValue::from_str(&arrived.pod).unwrap();
        let kind = arrived.request.headers().get("content-type").cloned().unwrap_or(HeaderValue::from_static("none"));
        Ok(Response::builder()
            .status(201)
            .header("x-pod", pod)
            .header("content-type", kind)
            .body(arrived.request.into_body())
            .unwrap())
    })
}

#[tokio::test(start_paused = true)]
async fn requests_and_answers_pass_as_they_are_over_one_connection() {
    let (pretend, cluster) = digit(1).await;
    let seen = echo(&pretend);
    let (cluster, asked) = between(&cluster, |_, _| None);
    let road = cluster.road_to(gateway());
    let all_bytes: Vec<u8> = (0..=255).cycle().take(5_000_000).collect();
    let ask = post("/filestore/v1/files?tenantId=pg", all_bytes.clone())
        .repeatable()
        .header(HeaderName::from_static("x-more"), HeaderValue::from_static("yes"));
    let reply = road.call(&ask, SOON).await.unwrap();
    assert_eq!(
        (reply.status, &reply.headers["content-type"]),
        (201, &HeaderValue::from_static("application/octet-stream"))
    );
    assert!(reply.body == all_bytes, "{reply:?}");
    let reply = road.call(&Ask::get("/health"), SOON).await.unwrap();
    assert_eq!((reply.status, reply.body.len()), (201, 0));
    assert_eq!(heard(&seen), ["POST /filestore/v1/files?tenantId=pg", "GET /health"]);
    let forwards: Vec<String> =
        asked.lock().unwrap().iter().filter(|line| line.contains("portforward")).cloned().collect();
    assert_eq!(forwards.len(), 1, "{forwards:?}");
    assert!(forwards[0].ends_with("/portforward?&ports=8081"), "{forwards:?}");
}

#[tokio::test(start_paused = true)]
async fn a_named_pod_and_a_named_port_are_found_and_several_go_side_by_side() {
    let (pretend, cluster) = digit(1).await;
    echo(&pretend);
    let pod = ready(&cluster).await.remove(0);
    for to in [
        Destination::pod("egov", &pod, 8081),
        Destination::pod("egov", &pod, "http"),
        Destination::service("egov", "gateway", "web"),
    ] {
        let road = cluster.road_to(to);
        let calls = (0..5).map(|number| {
            let road = road.clone();
            tokio::spawn(async move { road.call(&post("/", number.to_string()), SOON).await.unwrap().body })
        });
        let bodies: Vec<Bytes> = futures::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(bodies, ["0", "1", "2", "3", "4"]);
    }
}

#[tokio::test(start_paused = true)]
async fn another_pod_answers_when_the_first_goes_away_in_the_middle() {
    let (pretend, cluster) = digit(2).await;
    let own = cluster.clone();
    let seen = program(&pretend, move |arrived, count| {
        let own = own.clone();
        async move {
            if count == 1 {
                let (namespace, name) = arrived.pod.split_once('/').unwrap();
                own.delete(&place::pod(namespace, name)).await.unwrap();
                std::future::pending::<()>().await;
            }
            Ok(Response::new(arrived.pod.into()))
        }
    });
    let road = cluster.road_to(gateway());
    let begun = Instant::now();
    let reply = road.call(&Ask::get("/search"), SOON).await.unwrap();
    assert_eq!(heard(&seen).len(), 2);
    let first = seen.lock().unwrap()[0].pod.clone();
    assert_ne!(reply.body, first, "it is not that pod which answered");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "the end of the pod is noticed, not waited out: {:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn the_only_pod_is_replaced_and_the_next_call_finds_the_new_one() {
    let (pretend, cluster) = digit(1).await;
    let seen = echo(&pretend);
    let road = cluster.road_to(gateway());
    for _ in 0..3 {
        road.call(&post("/", "a"), SOON).await.unwrap();
        let pod = ready(&cluster).await.remove(0);
        place::delete(&cluster, &pod).await;
    }
    let pods: std::collections::BTreeSet<String> = seen.lock().unwrap().iter().map(|one| one.pod.clone()).collect();
    assert_eq!((heard(&seen).len(), pods.len()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_sent_again_only_if_that_is_allowed() {
    let (pretend, cluster) = digit(1).await;
    let seen = program(&pretend, |_, count| async move {
        if count % 2 == 1 { Err(Broken) } else { Ok(Response::new("done".into())) }
    });
    let road = cluster.road_to(gateway());
    let begun = Instant::now();
    let error = road.call(&post("/pgr/_create?token=hidden", "hidden"), SOON).await.unwrap_err();
    assert_eq!(error.code(), "maybe-done");
    assert_eq!(error.args()["what"], "POST Service/egov/gateway:80/pgr/_create");
    assert!(!error.to_string().contains("hidden"), "{error}");
    assert_eq!(heard(&seen).len(), 1);
    pretend.set_programs(vec![]);
    let seen =
        program(
            &pretend,
            |_, count| async move { if count == 1 { Err(Broken) } else { Ok(Response::new("done".into())) } },
        );
    let reply = road.call(&post("/pgr/_search", "").repeatable(), SOON).await.unwrap();
    assert_eq!((&*reply.body, heard(&seen).len()), (&b"done"[..], 2));
    assert!(begun.elapsed() < Duration::from_secs(5), "the break is noticed, not waited out: {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_never_reached_the_program_is_sent_when_it_listens() {
    let (pretend, cluster) = digit(1).await;
    let road = cluster.road_to(gateway());
    let calling = tokio::spawn({
        let road = road.clone();
        async move { road.call(&post("/pgr/_create", "a"), SOON).await }
    });
    tokio::time::sleep(Duration::from_secs(20)).await;
    let seen = echo(&pretend);
    assert_eq!(calling.await.unwrap().unwrap().status, 201);
    assert_eq!(heard(&seen).len(), 1);
    pretend.set_programs(vec![]);
    let other = cluster.road_to(gateway());
    let error = other.call(&post("/", ""), Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.code(), "no-answer");
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_ends_at_the_deadline_and_is_asked_for_again_if_it_may() {
    let (pretend, cluster) = digit(2).await;
    let seen = program(&pretend, |arrived, count| async move {
        if count <= 2 {
            std::future::pending::<()>().await;
        }
        Ok(Response::new(arrived.pod.into()))
    });
    let road = cluster.road_to(gateway());
    let begun = Instant::now();
    let error = road.call(&post("/_create", ""), Duration::from_secs(90)).await.unwrap_err();
    assert_eq!((error.code(), begun.elapsed().as_secs()), ("maybe-done", 90));
    let begun = Instant::now();
    let reply = road.call(&Ask::get("/").time_out(Duration::from_secs(3)), SOON).await.unwrap();
    assert_eq!((reply.status, heard(&seen).len()), (200, 3));
    assert!((3..6).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    let [_, silent, other] = [0, 1, 2].map(|index| seen.lock().unwrap()[index].pod.clone());
    assert_ne!(silent, other, "the pod that said nothing was not asked again while there was another");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_closed_while_idle_costs_nothing() {
    let (pretend, cluster) = digit(1).await;
    // As servers do that keep no connection open.
    program(&pretend, |_, _| async {
        Ok(Response::builder().header("connection", "close").body(Bytes::new()).unwrap())
    });
    let (cluster, _) = between(&cluster, |_, _| None);
    let told = Arc::new(Mutex::new(vec![]));
    let ears = told.clone();
    let road = cluster.with_listener(Arc::new(move |trouble| ears.lock().unwrap().push(trouble))).road_to(gateway());
    for pause in [0, 2, 4, 600] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        road.call(&post("/", "").repeatable(), SOON).await.unwrap();
    }
    assert_eq!(*told.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_said_at_once() {
    let (pretend, cluster) = digit(1).await;
    echo(&pretend);
    let cluster = cluster.with_patience(Patience::Endless);
    let forbidden = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Forbidden", "code": 403,
        "message": "pods \"a\" is forbidden: User \"u\" cannot create resource \"pods/portforward\" in API group \"\" in the namespace \"egov\""});
    let blocked = |code: u16, body: &'static str| {
        between(&cluster, move |path, _| path.contains("portforward").then(|| (code, body.to_owned()))).0
    };
    let refused =
        between(&cluster, move |path, _| path.contains("portforward").then(|| (403, forbidden.to_string()))).0;
    // A proxy that passes on what it knows, and knows no WebSockets.
    let stripped = between(&cluster, |_, headers| {
        headers.remove("upgrade");
        None
    })
    .0;
    let to = |port: u16| Destination::service("egov", "gateway", port);
    let cases: [(&Cluster, Destination, &str, &str); 9] = [
        (&cluster, Destination::service("egov", "gate", 80), "not-found", "Service/egov/gate is not there"),
        (&cluster, Destination::pod("egov", "gate-0", 80), "not-found", "Pod/egov/gate-0 is not there"),
        (&cluster, to(8081), "no-such-port", "Service/egov/gateway has no port 8081; there are [\"web:80\"]"),
        (&cluster, Destination::service("egov", "gateway", "http"), "no-such-port", "has no port http"),
        (&refused, to(80), "forbidden", "cannot create resource \"pods/portforward\""),
        (&blocked(403, "<html>no upgrades here</html>"), to(80), "websocket-blocked", "status 403"),
        (&blocked(200, "<html>welcome</html>"), to(80), "websocket-blocked", "200 OK"),
        (&blocked(302, ""), to(80), "network-portal", "302"),
        (&stripped, to(80), "websocket-blocked", "status 400"),
    ];
    for (cluster, to, code, words) in cases {
        let begun = Instant::now();
        // A portal holds a patient call until a person has acted; whoever only looks is told.
        let cluster =
            if code == "network-portal" { cluster.with_patience(Patience::For(SOON)) } else { cluster.clone() };
        let error = cluster.road_to(to).call(&post("/", ""), SOON).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{code} after {:?}", begun.elapsed());
    }
    let error = cluster.road_to(to(80)).call(&Ask::get("elsewhere"), SOON).await.unwrap_err();
    assert_eq!(error.code(), "invalid-object");
}

#[tokio::test(start_paused = true)]
async fn a_service_without_a_ready_pod_is_waited_for_until_the_deadline() {
    let (pretend, cluster) = digit(1).await;
    echo(&pretend);
    pretend.set_rules(vec![Rule { pod: "egov/".parse().unwrap(), mishap: Mishap::Crash, until: None }]);
    settled(&cluster, 0).await;
    let told = Arc::new(Mutex::new(vec![]));
    let ears = told.clone();
    let cluster = cluster.with_listener(Arc::new(move |trouble| ears.lock().unwrap().push(trouble.code)));
    let road = cluster.road_to(gateway());
    let begun = Instant::now();
    let error = road.call(&post("/", ""), Duration::from_secs(30)).await.unwrap_err();
    assert_eq!(error, Error::NoReadyPod { service: "Service/egov/gateway".to_owned(), pods: 1 });
    assert_eq!(begun.elapsed().as_secs(), 30);
    assert!(told.lock().unwrap().iter().all(|code| *code == "no-ready-pod"), "{told:?}");
    let calling = tokio::spawn(async move { road.call(&post("/", ""), SOON).await });
    tokio::time::sleep(Duration::from_secs(5)).await;
    pretend.set_rules(vec![]);
    assert_eq!(calling.await.unwrap().unwrap().status, 201);
}

#[tokio::test(start_paused = true)]
async fn trouble_of_a_node_or_of_the_server_is_waited_out() {
    let (pretend, cluster) = digit(1).await;
    let seen = echo(&pretend);
    let tries = Mutex::new(0);
    let (cluster, _) = between(&cluster, move |path, _| {
        if !path.contains("portforward") {
            return None;
        }
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        match *tries {
            1 => Some((502, "<html>bad gateway</html>".to_owned())),
            2 => Some((500, json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "error dialing backend: i/o timeout", "code": 500}).to_string())),
            3 => Some((404, json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "NotFound", "message": "pods \"a\" not found", "code": 404}).to_string())),
            _ => None,
        }
    });
    let told = Arc::new(Mutex::new(vec![]));
    let ears = told.clone();
    let cluster = cluster.with_listener(Arc::new(move |trouble| ears.lock().unwrap().push(trouble.code)));
    assert_eq!(cluster.road_to(gateway()).call(&post("/", ""), SOON).await.unwrap().status, 201);
    assert_eq!(*told.lock().unwrap(), ["unexpected-answer", "unexpected-answer", "not-found"]);
    assert_eq!(heard(&seen).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_more_is_read_than_was_asked_for() {
    let (pretend, cluster) = digit(1).await;
    let seen = echo(&pretend);
    let road = cluster.road_to(gateway());
    assert_eq!(road.call(&post("/", vec![7; 1000]).limit(1000), SOON).await.unwrap().body.len(), 1000);
    let error = road.call(&post("/file?a=hidden", vec![7; 1001]).limit(1000), SOON).await.unwrap_err();
    assert_eq!(error, Error::TooLarge { what: "POST Service/egov/gateway:80/file".to_owned(), limit: 1000 });
    assert_eq!(heard(&seen).len(), 2);
    // What is left of the answer hinders nobody.
    assert_eq!(road.call(&Ask::get("/"), SOON).await.unwrap().status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_what_is_under_way_and_begins_nothing() {
    let (pretend, cluster) = digit(1).await;
    let seen = program(&pretend, |_, _| std::future::pending());
    let stop = CancellationToken::new();
    let road = cluster.with_stop(stop.clone()).road_to(gateway());
    let calling = tokio::spawn({
        let road = road.clone();
        async move { road.call(&Ask::get("/"), SOON).await.map(|reply| reply.status) }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.cancel();
    assert_eq!(calling.await.unwrap(), Err(Error::Stopped));
    assert_eq!(road.call(&Ask::get("/"), SOON).await.unwrap_err(), Error::Stopped);
    assert_eq!(heard(&seen).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_that_writes_is_sent_while_that_is_not_permitted() {
    let (pretend, cluster) = digit(1).await;
    let seen = echo(&pretend);
    let road = cluster.with_permit(Arc::new(|| false)).road_to(gateway());
    assert_eq!(road.call(&Ask::get("/"), SOON).await.unwrap().status, 201);
    assert_eq!(road.call(&post("/", ""), SOON).await.unwrap_err().code(), "no-answer");
    assert_eq!(heard(&seen), ["GET /"]);
}

#[tokio::test(start_paused = true)]
async fn bytes_pass_both_ways_for_what_is_not_http() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (pretend, cluster) = digit(1).await;
    echo(&pretend);
    let mut stream = cluster.road_to(gateway()).stream(SOON).await.unwrap();
    stream
        .write_all(b"POST /raw HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc")
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(
        answer.starts_with(b"HTTP/1.1 201") && answer.ends_with(b"\r\n\r\nabc"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test(start_paused = true)]
async fn other_programs_are_put_behind_other_images() {
    let (pretend, cluster) = digit(1).await;
    let never = Program::new("example/other".parse().unwrap(), 8081, |_| async { Ok(Response::new("other".into())) });
    let elsewhere =
        Program::new("example/gateway".parse().unwrap(), 9999, |_| async { Ok(Response::new("port".into())) });
    let right = Program::new("example/gateway".parse().unwrap(), 8081, |_| async { Ok(Response::new("right".into())) });
    pretend.set_programs(vec![never, elsewhere, right]);
    assert_eq!(cluster.road_to(gateway()).call(&Ask::get("/"), SOON).await.unwrap().body, "right");
}
