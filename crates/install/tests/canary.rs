//! No secret that was drawn leaves the vault and the cluster: not through what a server answers with, not through what a
//! container says, into no event, journal, log, report or error.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use cluster::Cluster;
use http_body_util::BodyExt as _;
use install::{Installer, Start};
use kube::client::Body;
use serde_json::{Value, json};
use support::{around, for_real, quick};

/// The same cluster, but that every Deployment is refused in words that quote a password which went by before: as a server
/// does whose validation repeats what it was given.
fn quoting(cluster: &cluster::Pretend, seen: Arc<Mutex<Vec<String>>>) -> Cluster {
    let client = cluster.client();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (client, seen) = (client.clone(), seen.clone());
        async move {
            let (parts, body) = request.into_parts();
            let sent = body.collect().await?.to_bytes();
            let object: Value = serde_json::from_slice(&sent).unwrap_or_default();
            if object["kind"] == "Secret" && parts.uri.path().ends_with("/secrets/practice") {
                let data =
                    object["data"].as_object().into_iter().flatten().map(|(_, v)| v.as_str().unwrap_or_default());
                let decoded = data.filter_map(|v| base64::prelude::BASE64_STANDARD.decode(v).ok());
                let plain = object["stringData"].as_object().into_iter().flatten();
                let plain = plain.map(|(_, v)| v.as_str().unwrap_or_default().to_owned());
                let all = decoded.filter_map(|v| String::from_utf8(v).ok()).chain(plain).filter(|v| v.len() >= 12);
                seen.lock().unwrap().extend(all);
            }
            let quoted = seen.lock().unwrap().first().cloned();
            if let Some(secret) = quoted.filter(|_| object["kind"] == "Deployment" && parts.method != http::Method::GET)
            {
                let basic = base64::prelude::BASE64_STANDARD.encode(format!("digit:{secret}"));
                let message =
                    format!("Invalid value: \"{secret}\": Authorization: Basic {basic}; DB_TOKEN=not-ours-but-secret");
                let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Invalid", "code": 422, "message": message});
                let answer = http::Response::builder().status(422).header("content-type", "application/json");
                return Ok(answer.body(Body::from(status.to_string().into_bytes()))?);
            }
            Ok::<_, tower::BoxError>(client.send(http::Request::from_parts(parts, Body::from(sent.to_vec()))).await?)
        }
    });
    cluster::connect_service(service, "pretend")
}

/// Every file below a folder but the vault, with its text.
fn files(folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.file_name().unwrap() != "vault.age" {
            out.push((
                path.display().to_string(),
                String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned(),
            ));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_quotes_a_password_puts_it_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let pretend = quick();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let quotes = quoting(&pretend, seen.clone());
    let mut surroundings = around(folder.path(), &pretend);
    surroundings.reach = Arc::new(move |_| {
        let cluster = quotes.clone();
        Box::pin(async move { Ok(cluster) })
    });
    let installer = Installer::new(surroundings);
    let work = installer.install(&for_real(), Start::default()).await.unwrap();
    let (mut said, mut events) = work.follow();
    work.ended().await.unwrap();
    while let Ok(event) = events.try_recv() {
        said.push(event);
    }
    let secrets = seen.lock().unwrap().clone();
    assert!(!secrets.is_empty(), "a password went by");

    let mut texts = vec![
        ("events".to_owned(), serde_json::to_string(&said).unwrap()),
        ("report".to_owned(), serde_json::to_string(&installer.report("practice").unwrap()).unwrap()),
        ("view".to_owned(), serde_json::to_string(&installer.view("practice").unwrap()).unwrap()),
    ];
    files(&folder.path().join("home"), &mut texts);
    assert!(texts.iter().any(|(_, text)| text.contains("Invalid value")), "the answer was told");
    for secret in secrets.iter().map(String::as_str).chain(["not-ours-but-secret"]) {
        let encoded = base64::prelude::BASE64_STANDARD.encode(format!("digit:{secret}"));
        for (place, text) in &texts {
            assert!(!text.contains(secret) && !text.contains(&encoded), "a secret is in {place}");
        }
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_its_owners_alone_also_where_others_could_read_it_before() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let pretend = quick();
    let installer = support::installer(folder.path(), &pretend);
    let home = folder.path().join("home");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    installer.install(&for_real(), Start::default()).await.unwrap().ended().await.unwrap();
    let (own, journal) = (home.join("installations/practice"), home.join("installations/practice/journal.jsonl"));
    for (path, open) in [(&home, 0o755), (&own, 0o755), (&journal, 0o644)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(open)).unwrap();
    }
    installer.install(&for_real(), Start::default()).await.unwrap().ended().await.unwrap();
    assert_eq!([mode(&home), mode(&own), mode(&journal)].map(|m| format!("{m:o}")), ["700", "700", "600"]);
}
