//! Trouble on the wire, played by a service under the client: what passes is waited out and told, what stays is not.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::pod_logs::{Line, LineKind};
use cluster::{Awaited, Cluster, Error, ObjectRef, Patience, Trouble, WaitContext, Watch, connect_service};
use futures::StreamExt;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use kube::client::Body;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

type AnyBody = UnsyncBoxBody<bytes::Bytes, std::io::Error>;

/// What the service does with one request.
enum Answer {
    Whole(u16, Option<u64>, String),
    /// The connection breaks.
    Reset,
    /// Nothing comes.
    Silence,
    /// These pieces, and then the connection stays open.
    Open(Vec<String>),
    /// These pieces, and then the connection breaks.
    Cut(Vec<String>),
}

fn ok(body: &Value) -> Answer {
    Answer::Whole(200, None, body.to_string())
}

fn status(code: u16, reason: &str, message: &str) -> Answer {
    Answer::Whole(code, None, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}).to_string())
}

fn response(answer: Answer) -> Option<Result<Response<AnyBody>, std::io::Error>> {
    let broken = || std::io::Error::new(std::io::ErrorKind::ConnectionReset, "connection reset by peer");
    let pieces = |pieces: Vec<String>| {
        futures::stream::iter(pieces.into_iter().map(|piece| Ok(http_body::Frame::data(bytes::Bytes::from(piece)))))
    };
    Some(match answer {
        Answer::Silence => return None,
        Answer::Reset => Err(broken()),
        Answer::Whole(code, retry_after, body) => {
            let mut response = Response::builder().status(code);
            if let Some(seconds) = retry_after {
                response = response.header("retry-after", seconds);
            }
            Ok(response.body(Full::from(body).map_err(|never| match never {}).boxed_unsync()).unwrap())
        }
        Answer::Open(all) => {
            Ok(Response::new(StreamBody::new(pieces(all).chain(futures::stream::pending())).boxed_unsync()))
        }
        Answer::Cut(all) => Ok(Response::new(
            StreamBody::new(pieces(all).chain(futures::stream::once(async move { Err(broken()) }))).boxed_unsync(),
        )),
    })
}

type Seen = Arc<Mutex<Vec<String>>>;

/// A cluster whose server answers as `respond` says to `METHOD path`; and the requests that it has seen.
fn served(respond: impl FnMut(&str) -> Answer + Send + 'static) -> (Cluster, Seen) {
    let seen = Seen::default();
    let (log, respond) = (seen.clone(), Arc::new(Mutex::new(respond)));
    let service = tower::service_fn(move |request: Request<Body>| {
        let line = format!("{} {}", request.method(), request.uri());
        log.lock().unwrap().push(line.clone());
        let answer = response((respond.lock().unwrap())(&line));
        async move {
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }
    });
    (connect_service(service, "https://fake"), seen)
}

/// Notes what trouble is told.
fn listen(cluster: &Cluster) -> (Cluster, Arc<Mutex<Vec<Trouble>>>) {
    let told = Arc::new(Mutex::new(vec![]));
    let ears = told.clone();
    (cluster.with_listener(Arc::new(move |trouble| ears.lock().unwrap().push(trouble))), told)
}

fn version() -> Answer {
    ok(&json!({"gitVersion": "v1.36.3"}))
}

#[tokio::test(start_paused = true)]
async fn trouble_that_passes_is_waited_out_and_told() {
    let mut answers = vec![
        Answer::Reset,
        Answer::Silence,
        Answer::Whole(429, Some(7), json!({"message": "slow down"}).to_string()),
        status(500, "InternalError", "etcd is elsewhere"),
        Answer::Whole(503, None, "<html>a proxy's page</html>".to_owned()),
        Answer::Whole(200, None, "not json".to_owned()),
        version(),
    ]
    .into_iter();
    let (cluster, seen) = served(move |_| answers.next().unwrap());
    let (cluster, told) = listen(&cluster.with_patience(Patience::Endless));
    let begun = tokio::time::Instant::now();
    assert_eq!(cluster.version().await.unwrap(), "v1.36.3");
    assert_eq!(seen.lock().unwrap().len(), 7);
    let told = told.lock().unwrap();
    let codes: Vec<_> = told.iter().map(|trouble| trouble.code).collect();
    assert_eq!(
        codes,
        [
            "server-not-answering",
            "server-not-answering",
            "server-busy",
            "server-error",
            "server-error",
            "answer-garbled"
        ]
    );
    assert!(told[2].after >= Duration::from_secs(7), "the server's wish is heeded: {:?}", told[2].after);
    assert!(begun.elapsed() > Duration::from_secs(30 + 7), "the silent answer was given its time");
    assert_eq!(told.iter().map(|trouble| trouble.tries).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_a_server_is_no_reason_to_give_up_but_a_look_does_soon() {
    let begun = tokio::time::Instant::now();
    let (cluster, _) =
        served(move |_| if begun.elapsed() < Duration::from_secs(3600) { Answer::Reset } else { version() });
    let soon = tokio::time::Instant::now();
    let error = cluster.version().await.unwrap_err();
    assert_eq!(error.code(), "server-not-answering");
    assert!(soon.elapsed() < Duration::from_secs(6));
    assert_eq!(cluster.with_patience(Patience::Endless).version().await.unwrap(), "v1.36.3");
    assert!(begun.elapsed() >= Duration::from_secs(3600));
}

#[tokio::test(start_paused = true)]
async fn what_stays_is_not_tried_again() {
    let cases = [
        (status(403, "Forbidden", "no"), "forbidden"),
        (status(404, "NotFound", "no"), "not-found"),
        (status(409, "AlreadyExists", "there"), "already-there"),
        (status(409, "Conflict", "changed"), "changed-meanwhile"),
        (status(422, "Invalid", "wrong"), "invalid-object"),
        (
            status(500, "InternalError", "failed to create typed patch object: duplicate entries for key"),
            "invalid-object",
        ),
    ];
    for (answer, code) in cases {
        let mut answer = Some(answer);
        let (cluster, seen) = served(move |_| answer.take().unwrap_or_else(version));
        let error = cluster.with_patience(Patience::Endless).version().await.unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(seen.lock().unwrap().len(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_does_not_answer_is_given_ten_minutes() {
    let begun = tokio::time::Instant::now();
    let refusal = "Internal error occurred: failed calling webhook \"validate.nginx.ingress.kubernetes.io\": connect: connection refused";
    let (cluster, _) = served(move |_| status(500, "InternalError", refusal));
    let (cluster, told) = listen(&cluster.with_patience(Patience::Endless));
    assert_eq!(cluster.version().await.unwrap_err().code(), "webhook-failing");
    assert!(
        begun.elapsed() > Duration::from_secs(570) && begun.elapsed() <= Duration::from_secs(601),
        "{:?}",
        begun.elapsed()
    );
    assert!(told.lock().unwrap().iter().all(|trouble| trouble.code == "webhook-failing"));
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_no_call_is_begun() {
    let stop = CancellationToken::new();
    let (cluster, seen) = served(|_| Answer::Reset);
    let cluster = cluster.with_patience(Patience::Endless).with_stop(stop.clone());
    let (stopped, error) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            stop.cancel();
            seen.lock().unwrap().len()
        },
        cluster.version()
    );
    assert_eq!(error, Err(Error::Stopped));
    assert_eq!(cluster.version().await, Err(Error::Stopped));
    assert_eq!(seen.lock().unwrap().len(), stopped);
}

#[tokio::test(start_paused = true)]
async fn lists_come_in_pages_and_begin_anew_when_they_grow_too_old() {
    let page = |names: &[&str], next: &str| {
        ok(
            &json!({"metadata": {"continue": next}, "items": names.iter().map(|name| json!({"metadata": {"name": name}})).collect::<Vec<_>>()}),
        )
    };
    let mut answers = vec![
        ok(&json!({"resources": [{"name": "pods", "kind": "Pod", "namespaced": true, "verbs": ["list"]}, {"name": "pods/log", "kind": "Pod", "namespaced": true, "verbs": ["get"]}]})),
        page(&["old"], "a=&b"),
        status(410, "Expired", "too old"),
        page(&["one"], "token"),
        page(&["two"], ""),
    ]
    .into_iter();
    let (cluster, seen) = served(move |_| answers.next().unwrap());
    let pods = cluster.resource("v1", "Pod").await.unwrap();
    let found = cluster.list(&pods, "egov", "labelSelector=a%3Db").await.unwrap();
    assert_eq!(found.iter().map(|pod| pod["metadata"]["name"].as_str().unwrap()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(found[0]["kind"], "Pod");
    let seen = seen.lock().unwrap();
    assert_eq!(seen[2], "GET /api/v1/namespaces/egov/pods?limit=500&labelSelector=a%3Db&continue=a%3D%26b");
    assert_eq!(seen.len(), 5);
}

fn deployment(ready: u32, version: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "egov", "uid": "u", "generation": 1, "resourceVersion": version, "creationTimestamp": "2026-11-24T10:00:00Z"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}},
        "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": ready, "availableReplicas": ready, "conditions": [{"type": "Available", "status": if ready > 0 { "True" } else { "False" }}]}})
}

/// A server with one Deployment: the watch of it is too old at first, then breaks, and then tells that it is ready.
fn one_deployment() -> impl FnMut(&str) -> Answer + Send + 'static {
    let mut watches = 0;
    let mut lists = 0;
    move |request: &str| {
        let list = |items: Vec<Value>| {
            ok(&json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items}))
        };
        let kinds = |group: &str, kinds: &[(&str, &str)]| {
            let resources: Vec<_> = kinds.iter().map(|(plural, kind)| json!({"name": plural, "kind": kind, "namespaced": true, "verbs": ["list", "watch"]})).collect();
            ok(&json!({"groupVersion": group, "resources": resources}))
        };
        match request {
            "GET /api/v1" => kinds(
                "v1",
                &[("pods", "Pod"), ("events", "Event"), ("persistentvolumeclaims", "PersistentVolumeClaim")],
            ),
            "GET /apis/apps/v1" => kinds("apps/v1", &[("deployments", "Deployment"), ("replicasets", "ReplicaSet")]),
            "GET /apis/storage.k8s.io/v1" => kinds("storage.k8s.io/v1", &[("storageclasses", "StorageClass")]),
            _ if request.contains("/deployments?") && request.contains("watch=true") => {
                watches += 1;
                match watches {
                    1 => Answer::Open(vec![format!(
                        "{}\n",
                        json!({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}})
                    )]),
                    2 => Answer::Cut(vec![format!(
                        "{}\n",
                        json!({"type": "BOOKMARK", "object": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"resourceVersion": "3"}}})
                    )]),
                    3 => status(503, "ServiceUnavailable", "starting"),
                    _ => Answer::Open(vec![format!("{}\n", json!({"type": "MODIFIED", "object": deployment(1, "9")}))]),
                }
            }
            _ if request.contains("/deployments?") => {
                lists += 1;
                // The second list is the one after the watch grew too old.
                assert!(lists <= 2, "no more lists than needed");
                list(vec![deployment(0, "2")])
            }
            _ if request.contains("watch=true") => Answer::Open(vec![]),
            _ => list(vec![]),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_grows_too_old_or_breaks_goes_on() {
    let (cluster, seen) = served(one_deployment());
    let (cluster, told) = listen(&cluster);
    let now = Arc::new(|| "2026-11-24T10:00:10Z".parse().unwrap());
    let watch = Watch::new(&cluster, now.clone(), BTreeSet::from(["egov".to_owned()]));
    let awaited = Awaited::named(ObjectRef::new("apps/v1", "Deployment", "egov", "web"));
    let mut seen_progress = vec![];
    let wait_context = WaitContext { dependencies_ready: true, since: now() };
    watch
        .wait_ready(&[awaited], wait_context, &mut |waiting| seen_progress.push((waiting.done, waiting.total)))
        .await
        .unwrap();
    assert_eq!(seen_progress.first(), Some(&(0, 1)));
    assert_eq!(seen_progress.last(), Some(&(1, 1)));
    let watches = seen
        .lock()
        .unwrap()
        .iter()
        .filter(|line| line.contains("/deployments?") && line.contains("watch=true"))
        .count();
    assert_eq!(watches, 4);
    let told = told.lock().unwrap();
    assert!(told.iter().any(|trouble| trouble.code == "server-error"), "{told:?}");
    assert!(told.iter().all(|trouble| trouble.what == "WATCH /apis/apps/v1/deployments"), "{told:?}");
}

#[tokio::test]
async fn a_kind_that_we_may_not_watch_is_an_error_of_that_wait() {
    let (cluster, _) = served(|request| match request {
        "GET /apis/apps/v1" => ok(
            &json!({"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": true, "verbs": ["list"]}]}),
        ),
        _ => status(403, "Forbidden", "deployments.apps is forbidden"),
    });
    let watch = Watch::new(&cluster, Arc::new(jiff::Timestamp::now), BTreeSet::new());
    assert_eq!(watch.follow("apps/v1", "Deployment").await.unwrap_err().code(), "forbidden");
    assert_eq!(watch.follow("batch/v9", "Job").await.unwrap_err().code(), "forbidden");
}

/// What is read of a pod that was restarted once, whose nth stream of lines is this; and how often its lines were asked for within
/// so many seconds.
async fn read_logs(seconds: u64, mut stream: impl FnMut(u32) -> Answer + Send + 'static) -> (Vec<Line>, usize) {
    let pod = json!({"metadata": {"name": "web-1", "namespace": "egov", "uid": "p", "resourceVersion": "1", "labels": {"app": "web"}},
        "status": {"containerStatuses": [{"name": "main", "restartCount": 1, "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 1}}}]}});
    let event = json!({"metadata": {"name": "e", "namespace": "egov", "uid": "e", "resourceVersion": "1"}, "type": "Warning", "reason": "BackOff", "message": "restarting", "count": 3,
        "lastTimestamp": "2026-11-24T10:00:30Z", "involvedObject": {"kind": "Pod", "namespace": "egov", "name": "web-1"}});
    let mut streams = 0;
    let (cluster, seen) = served(move |request| {
        let list = |items: Vec<Value>| {
            ok(&json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items}))
        };
        match request {
            "GET /api/v1" => ok(
                &json!({"resources": [{"name": "pods", "kind": "Pod", "namespaced": true, "verbs": ["list"]}, {"name": "events", "kind": "Event", "namespaced": true, "verbs": ["list"]}]}),
            ),
            _ if request.contains("watch=true") => Answer::Open(vec![]),
            _ if request.contains("/log?") && request.contains("previous=true") => {
                Answer::Whole(200, None, "2026-11-24T10:00:00Z last words\n".to_owned())
            }
            _ if request.contains("/log?") => {
                streams += 1;
                stream(streams)
            }
            _ if request.contains("/pods?") => list(vec![pod.clone()]),
            _ if request.contains("/events?") => list(vec![event.clone()]),
            other => panic!("{other}"),
        }
    });
    let watch = Watch::new(&cluster, Arc::new(jiff::Timestamp::now), BTreeSet::from(["egov".to_owned()]));
    let lines = Arc::new(Mutex::new(Vec::<Line>::new()));
    let (sink, stop) = (lines.clone(), CancellationToken::new());
    let since = "2026-11-24T09:00:00Z".parse().unwrap();
    let (followed, ()) = tokio::join!(
        watch.follow_logs(since, 10, Arc::new(move |line| sink.lock().unwrap().push(line)), stop.clone()),
        async {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            stop.cancel();
        }
    );
    followed.unwrap();
    let asked = seen.lock().unwrap().iter().filter(|line| line.contains("/log?")).count();
    (lines.lock().unwrap().clone(), asked)
}

fn printed(lines: &[Line]) -> Vec<&str> {
    let printed = lines.iter().filter(|line| line.kind == LineKind::Container);
    printed.map(|line| line.text.get(..10).unwrap_or(&line.text)).collect()
}

#[tokio::test(start_paused = true)]
async fn logs_go_on_after_a_cut_repeat_nothing_and_end_with_the_container() {
    let (lines, asked) = read_logs(60, |stream| match stream {
        1 => Answer::Cut(vec!["2026-11-24T10:00:01Z one\n2026-11-24T10:00:0".to_owned(), "2Z two\n".to_owned()]),
        2 => {
            let long = format!("2026-11-24T10:00:02Z two\n2026-11-24T10:00:03Z {}\n", "x".repeat(100_000));
            Answer::Whole(200, None, long)
        }
        _ => Answer::Whole(200, None, String::new()),
    })
    .await;
    assert_eq!(printed(&lines), ["last words", "one", "two", "xxxxxxxxxx"]);
    assert!(lines.iter().all(|line| line.source == "web"), "{lines:?}");
    assert!(lines.iter().all(|line| line.text.len() < 20_000));
    let events = lines.iter().filter(|line| line.kind == LineKind::Warning);
    let events: Vec<_> = events.map(|line| (line.text.as_str(), line.from.as_str())).collect();
    assert_eq!(events, [("BackOff: restarting", "Pod/egov/web-1")]);
    assert_eq!(asked, 4, "it ends with the container");
}

#[tokio::test(start_paused = true)]
async fn logs_go_on_when_a_connection_is_gone_and_nobody_said_so() {
    let streams = |stream| match stream {
        1 => Answer::Open(vec!["2026-11-24T10:00:01Z one\n".to_owned()]),
        2 => Answer::Open(vec![]),
        3 => Answer::Open(vec!["2026-11-24T10:00:01Z one\n2026-11-24T10:03:00Z two\n".to_owned()]),
        _ => Answer::Open(vec![]),
    };
    for (seconds, wanted, least) in [(80, vec!["last words", "one"], 2), (300, vec!["last words", "one", "two"], 5)] {
        let (lines, asked) = read_logs(seconds, streams).await;
        assert_eq!((printed(&lines), asked), (wanted, least), "within {seconds} s");
    }
}

/// A server with one Deployment, whose watch is too old after a sleep and which then refuses whoever asks, in one way after another,
/// until it knows us again.
fn after_a_sleep(refusals: Vec<(u16, &'static str)>) -> impl FnMut(&str) -> Answer + Send + 'static {
    let mut healthy = one_deployment();
    let mut refusals = refusals.into_iter();
    let (mut lists, mut watches) = (0, 0);
    move |request: &str| {
        if !request.contains("/deployments?") {
            return healthy(request);
        }
        if request.contains("watch=true") {
            watches += 1;
            let expired = json!({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}});
            return Answer::Open(if watches == 1 { vec![format!("{expired}\n")] } else { vec![] });
        }
        lists += 1;
        if lists == 1 {
            return healthy(request);
        }
        match refusals.next() {
            Some((code, reason)) => status(code, reason, "no"),
            None => ok(
                &json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": [deployment(1, "9")]}),
            ),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_was_true_once_is_never_given_up() {
    for (code, reason, expected) in [
        (401, "Unauthorized", "sign-in-rejected"),
        (403, "Forbidden", "forbidden"),
        (404, "NotFound", "api-not-served"),
        (503, "ServiceUnavailable", "server-error"),
    ] {
        let (cluster, _) = served(after_a_sleep(vec![(code, reason); 4]));
        let (cluster, told) = listen(&cluster);
        let begun = tokio::time::Instant::now();
        let first: jiff::Timestamp = "2026-11-24T10:00:10Z".parse().unwrap();
        let clock = Arc::new(move || first + begun.elapsed());
        let watch = Watch::new(&cluster, clock, BTreeSet::from(["egov".to_owned()]));
        let awaited = Awaited::named(ObjectRef::new("apps/v1", "Deployment", "egov", "web"));
        let wait_context = WaitContext { dependencies_ready: true, since: first };
        let objects = [awaited];
        let mut quiet = |_: &cluster::Waiting| {};
        let wait = watch.wait_ready(&objects, wait_context, &mut quiet);
        let ended = tokio::time::timeout(Duration::from_secs(3600), wait).await;
        ended.unwrap_or_else(|_| panic!("after {code} the wait never ended")).unwrap();
        let told = told.lock().unwrap();
        assert!(told.iter().any(|trouble| trouble.code == expected), "{code}: {told:?}");
        let asked: Vec<_> = told.iter().map(|trouble| trouble.needs.is_some()).collect();
        assert!(asked.iter().all(|asked| *asked == (code == 401)), "{code}: {asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_hangs_is_told_and_what_was_seen_before_it_is_no_reason_to_give_up() {
    let mut healthy = one_deployment();
    let (mut lists, mut watches) = (0, 0);
    let (cluster, _) = served(move |request| {
        if !request.contains("/deployments?") {
            return healthy(request);
        }
        if request.contains("watch=true") {
            watches += 1;
            let expired = json!({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}});
            return Answer::Open(if watches == 1 { vec![format!("{expired}\n")] } else { vec![] });
        }
        lists += 1;
        let list = |items: Vec<Value>| {
            ok(&json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": items}))
        };
        match lists {
            1 => list(vec![deployment(0, "2")]),
            // Half an hour without a word.
            2..=30 => Answer::Silence,
            _ => list(vec![deployment(1, "9")]),
        }
    });
    let (cluster, told) = listen(&cluster);
    let begun = tokio::time::Instant::now();
    let first: jiff::Timestamp = "2026-11-24T10:00:10Z".parse().unwrap();
    let clock = Arc::new(move || first + begun.elapsed());
    let watch = Watch::new(&cluster, clock, BTreeSet::from(["egov".to_owned()]));
    let objects = [Awaited::named(ObjectRef::new("apps/v1", "Deployment", "egov", "web"))];
    let wait_context = WaitContext { dependencies_ready: true, since: first };
    watch.wait_ready(&objects, wait_context, &mut |_| {}).await.unwrap();
    assert!(begun.elapsed() > Duration::from_secs(29 * 60));
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 29, "{told:?}");
    assert!(told.iter().all(|trouble| trouble.code == "server-not-answering"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_begins_a_watch_and_is_given_up_leaves_nobody_waiting() {
    let mut healthy = one_deployment();
    let mut asked = 0;
    let (cluster, _) = served(move |request| {
        asked += usize::from(request == "GET /apis/apps/v1");
        if request == "GET /apis/apps/v1" && asked == 1 { Answer::Silence } else { healthy(request) }
    });
    let watch = Watch::new(&cluster.with_patience(Patience::Endless), Arc::new(jiff::Timestamp::now), BTreeSet::new());
    let given_up = tokio::time::timeout(Duration::from_secs(1), watch.follow("apps/v1", "Deployment")).await;
    assert!(given_up.is_err());
    let second = tokio::time::timeout(Duration::from_secs(600), watch.follow("apps/v1", "Deployment")).await;
    second.expect("the second one waits for ever").unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_person_has_to_mend_holds_a_patient_call_and_tells_once_each_way() {
    let mut answers = vec![
        status(401, "Unauthorized", "Unauthorized"),
        status(401, "Unauthorized", "Unauthorized"),
        Answer::Whole(302, None, "<html>welcome to the airport</html>".to_owned()),
        status(503, "ServiceUnavailable", "starting"),
        version(),
        version(),
    ]
    .into_iter();
    let (cluster, _) = served(move |_| answers.next().unwrap());
    let holds = Arc::new(Mutex::new(vec![]));
    let ears = holds.clone();
    let cluster = cluster
        .with_patience(Patience::Endless)
        .with_hold_listener(Arc::new(move |needs| ears.lock().unwrap().push(needs.map(cluster::retry::Person::code))));
    assert_eq!(cluster.version().await.unwrap(), "v1.36.3");
    assert_eq!(cluster.version().await.unwrap(), "v1.36.3");
    assert_eq!(*holds.lock().unwrap(), [Some("sign-in"), Some("network"), None]);
}

#[tokio::test(start_paused = true)]
async fn whoever_only_looks_is_told_at_once_that_a_person_is_needed() {
    for (code, expected) in [(401, "sign-in-rejected"), (302, "network-portal"), (511, "network-portal")] {
        let (cluster, seen) = served(move |_| status(code, "", "no"));
        let begun = tokio::time::Instant::now();
        assert_eq!(cluster.version().await.unwrap_err().code(), expected);
        assert_eq!((begun.elapsed(), seen.lock().unwrap().len()), (Duration::ZERO, 1));
    }
}
