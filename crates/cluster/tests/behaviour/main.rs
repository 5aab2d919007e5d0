//! How a Kubernetes API server behaves, as a table: run against the pretend cluster and against a real one. Whatever is written here is
//! true of both.

#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

mod moving;
mod objects;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use cluster::pretend::{Pace, Pretend, Setup};
use http::{Method, Request};
use kube::Client;
use serde_json::{Value, json};

const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";
const JSON_PATCH: &str = "application/json-patch+json";
const JSON: &str = "application/json";

/// What is said of a value in an answer.
enum Is {
    /// Equal.
    Eq(Value),
    /// A text that contains this.
    Has(&'static str),
    /// There, whatever it is.
    Some,
    /// Not there.
    None,
    /// Equal to what an earlier step remembered under this name.
    Same(&'static str),
    /// Different from it.
    Other(&'static str),
    /// A list of this length.
    Len(usize),
}

use Is::{Eq, Has, Len, None as Missing, Other, Same, Some as There};
use moving::{endings, others, workloads};
use objects::{MAPS, applying, basics};

struct Step {
    what: &'static str,
    method: Method,
    path: &'static str,
    content: &'static str,
    body: Value,
    code: u16,
    says: Vec<(&'static str, Is)>,
    /// Pointer and the name under which its value is remembered.
    remember: Option<(&'static str, &'static str)>,
    /// Asked again until it is true, for what controllers do in their own time.
    in_time: bool,
}

fn step(
    what: &'static str,
    method: Method,
    path: &'static str,
    content: &'static str,
    body: Value,
    code: u16,
    says: Vec<(&'static str, Is)>,
) -> Step {
    Step { what, method, path, content, body, code, says, remember: None, in_time: false }
}
fn get(what: &'static str, path: &'static str, code: u16, says: Vec<(&'static str, Is)>) -> Step {
    step(what, Method::GET, path, JSON, Value::Null, code, says)
}
fn post(what: &'static str, path: &'static str, body: Value, code: u16, says: Vec<(&'static str, Is)>) -> Step {
    step(what, Method::POST, path, JSON, body, code, says)
}
fn apply(what: &'static str, path: &'static str, body: Value, code: u16, says: Vec<(&'static str, Is)>) -> Step {
    step(what, Method::PATCH, path, APPLY, body, code, says)
}
fn delete(what: &'static str, path: &'static str, body: Value, code: u16, says: Vec<(&'static str, Is)>) -> Step {
    step(what, Method::DELETE, path, JSON, body, code, says)
}
impl Step {
    fn remember(mut self, pointer: &'static str, name: &'static str) -> Self {
        self.remember = Some((pointer, name));
        self
    }
    fn in_time(mut self) -> Self {
        self.in_time = true;
        self
    }
}

fn filled(value: &Value, space: &str) -> Value {
    serde_json::from_str(&value.to_string().replace("{ns}", space)).unwrap()
}

async fn ask(client: &Client, step: &Step, space: &str) -> (u16, Value) {
    let body = if step.body.is_null() { Vec::new() } else { filled(&step.body, space).to_string().into_bytes() };
    let request = Request::builder()
        .method(step.method.clone())
        .uri(step.path.replace("{ns}", space))
        .header("content-type", step.content)
        .header("accept", "application/json")
        .header("user-agent", "helm/4")
        .body(kube::client::Body::from(body))
        .unwrap();
    let response = client.send(request).await.unwrap();
    let code = response.status().as_u16();
    let bytes = response.into_body().collect_bytes().await.unwrap();
    (code, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

type Memory = std::collections::HashMap<&'static str, Value>;

/// What is not as the step says.
fn wrong(step: &Step, code: u16, answer: &Value, memory: &Memory) -> Vec<String> {
    let mut wrong = Vec::new();
    if code != step.code {
        wrong.push(format!("HTTP {code} instead of {}", step.code));
    }
    for (pointer, is) in &step.says {
        let value = answer.pointer(pointer);
        let holds = match is {
            Eq(wanted) => value == Some(wanted),
            Has(part) => value.and_then(Value::as_str).is_some_and(|text| text.contains(part)),
            There => value.is_some_and(|v| !v.is_null() && *v != ""),
            Missing => value.is_none(),
            Same(name) => value == memory.get(name),
            Other(name) => value.is_some() && value != memory.get(name),
            Len(length) => value.and_then(Value::as_array).map_or(0, Vec::len) == *length,
        };
        if !holds {
            wrong.push(format!("{pointer} is {value:?}"));
        }
    }
    wrong
}

/// Runs the whole table; everything that is not so, with the step it was found in.
async fn run(client: &Client, space: &str, patience: Duration) -> Vec<String> {
    let mut memory = Memory::new();
    let mut found = Vec::new();
    for step in [basics(), applying(), workloads(), others(), endings()].into_iter().flatten() {
        let begun = Instant::now();
        loop {
            let (code, answer) = ask(client, &step, space).await;
            let wrong = wrong(&step, code, &answer, &memory);
            if !wrong.is_empty() && step.in_time && begun.elapsed() < patience {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            if let Some((pointer, name)) = step.remember {
                memory.insert(name, answer.pointer(pointer).cloned().unwrap_or_default());
            }
            if !wrong.is_empty() {
                let shown: String = answer.to_string().chars().take(600).collect();
                found.push(format!("{}: {} {}: {}\n    {shown}", step.what, step.method, step.path, wrong.join("; ")));
            }
            break;
        }
    }
    found
}

/// Lines of a watch until one is of the type `last`.
async fn watched(client: &Client, path: &str, last: &str) -> Vec<(String, String, u64)> {
    use futures::{AsyncBufReadExt as _, StreamExt as _};
    let request = Request::get(path).body(Vec::new()).unwrap();
    let mut lines = client.request_stream(request).await.unwrap().lines();
    let mut seen = Vec::new();
    while let Some(line) = lines.next().await {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        seen.push((
            text("/type"),
            text("/object/metadata/name"),
            text("/object/metadata/resourceVersion").parse().unwrap_or(0),
        ));
        if text("/type") == last {
            break;
        }
    }
    seen
}

/// A watch from a version shows each later change once, in order, with rising versions.
async fn watch_in_order(client: &Client, space: &str) {
    let (_, space_object) = ask(
        client,
        &post(
            "",
            "/api/v1/namespaces",
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{ns}"}}),
            201,
            vec![],
        ),
        space,
    )
    .await;
    let before = space_object["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let own = "&labelSelector=mine%3D1";
    let object = |data: &str, label: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "w", "labels": {"mine": label}}, "data": {"a": data}});
    let steps = [
        post("", MAPS, object("1", "1"), 201, vec![]),
        step("", Method::PATCH, "/api/v1/namespaces/{ns}/configmaps/w", MERGE, object("2", "1"), 200, vec![]),
        step("", Method::PATCH, "/api/v1/namespaces/{ns}/configmaps/w", MERGE, object("2", "other"), 200, vec![]),
    ];
    for step in &steps {
        assert_eq!(ask(client, step, space).await.0, step.code);
    }
    let path =
        format!("/api/v1/namespaces/{space}/configmaps?watch=true&resourceVersion={before}&timeoutSeconds=10{own}");
    let seen = watched(client, &path, "DELETED").await;
    let kinds: Vec<&str> = seen.iter().map(|(kind, _, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["ADDED", "MODIFIED", "DELETED"],
        "what stops matching a selector is gone for those who watch with it: {seen:?}"
    );
    assert!(seen.is_sorted_by_key(|(_, _, version)| *version), "{seen:?}");
    ask(client, &delete("", "/api/v1/namespaces/{ns}", Value::Null, 200, vec![]), space).await;
}

#[tokio::test]
async fn the_pretend_cluster_behaves_like_a_server() {
    let pace = Pace { speed: 100.0, ..Pace::default() };
    let client = Pretend::new(Setup { pace, ..Setup::default() }).unwrap().client();
    let wrong = run(&client, "one", Duration::from_secs(10)).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    watch_in_order(&client, "two").await;
}

#[tokio::test]
async fn a_real_server_behaves_as_the_table_says() {
    let cluster = support::cluster().await;
    let wrong = run(cluster.client(), &support::unique("same"), Duration::from_secs(90)).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    watch_in_order(cluster.client(), &support::unique("watch")).await;
}
