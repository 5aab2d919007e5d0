//! Release records, judged by Helm's own SDK, and the installation's record and lease, all against a real control plane.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cluster::lease::Lease;
use cluster::record::Fence;
use cluster::release::{ChartContent, ReleaseRecord, Status, manifest_text};
use cluster::{Error, Owner, Unowned};
use helm_template::Manifest;
use serde_json::{Value, json};
use support::{cluster, kubeconfig, named, namespace, unique};

/// Asks Helm's SDK.
fn helm(namespace: &str, calls: &Value) -> Vec<Value> {
    let environment = places::helm_sdk().unwrap();
    assert!(
        environment.join("ready").exists(),
        "Helm's SDK is not in {}: `cargo xtask test` puts it there",
        environment.display()
    );
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/helm.py");
    // Helm writes under the name of the running program, so the interpreter goes by its name.
    let folder = tempfile::tempdir().unwrap();
    let python = folder.path().join(if cfg!(windows) { "helm.exe" } else { "helm" });
    #[cfg(unix)]
    std::os::unix::fs::symlink(places::python(&environment), &python).unwrap();
    #[cfg(not(unix))]
    std::fs::copy(places::python(&environment), &python).unwrap();
    let mut child = Command::new(python)
        .arg(script)
        .env("PYTHONPATH", packages(&environment))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let question = json!({"kubeconfig": kubeconfig(), "namespace": namespace, "calls": calls});
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Where an environment keeps its packages.
fn packages(environment: &std::path::Path) -> std::path::PathBuf {
    if cfg!(windows) {
        return environment.join("Lib").join("site-packages");
    }
    let versions = std::fs::read_dir(environment.join("lib")).unwrap();
    let version = versions.flatten().find(|entry| entry.file_name().to_string_lossy().starts_with("python")).unwrap();
    version.path().join("site-packages")
}

fn settings(value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": value}})
}

fn record(namespace: &str, revision: u32, value: &str) -> ReleaseRecord {
    let now = jiff::Timestamp::now();
    let manifest = Manifest {
        source: "web/templates/settings.yaml".to_owned(),
        text: yaml_serde::to_string(&settings(value)).unwrap(),
        object: settings(value),
    };
    let map = |value: Value| value.as_object().cloned().unwrap();
    ReleaseRecord {
        name: "web".to_owned(),
        namespace: namespace.to_owned(),
        revision,
        status: Status::PendingInstall,
        description: "Initial install underway".to_owned(),
        first_deployed: now,
        last_deployed: now,
        chart: ChartContent {
            metadata: map(json!({"apiVersion": "v2", "name": "web", "version": "0.1.0", "appVersion": "9"})),
            templates: vec![(
                "templates/settings.yaml".to_owned(),
                b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: {{ .Values.a }}}\n".to_vec(),
            )],
            values: map(json!({"a": "default"})),
            ..ChartContent::default()
        },
        config: map(json!({"a": value})),
        manifest: manifest_text(&[manifest]),
        hooks: vec![],
        notes: String::new(),
        labels: BTreeMap::from([("digit-installer/installation".to_owned(), "springfield".to_owned())]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn helm_lists_shows_rolls_back_and_uninstalls_what_we_installed() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "release").await;
    let owner = Owner { release: "web".to_owned(), namespace: namespace.clone() };
    for (revision, value) in [(1, "one"), (2, "two")] {
        let mut record = record(&namespace, revision, value);
        cluster.save_release(&record, jiff::Timestamp::now()).await.unwrap();
        cluster.apply(&settings(value), &owner, Unowned::Refuse).await.unwrap();
        record.status = Status::Deployed;
        record.description = "Install complete".to_owned();
        cluster.save_release(&record, jiff::Timestamp::now()).await.unwrap();
        cluster.supersede_before(&record, jiff::Timestamp::now()).await.unwrap();
        assert_eq!(cluster.newest_release(&namespace, "web").await.unwrap().unwrap(), record);
    }
    let summaries = cluster.releases(&namespace, Some("web")).await.unwrap();
    assert_eq!(
        summaries.iter().map(|s| (s.revision, s.status)).collect::<Vec<_>>(),
        [(1, Status::Superseded), (2, Status::Deployed)]
    );
    assert_eq!(summaries[1].labels["digit-installer/installation"], "springfield");

    let map = named("v1", "ConfigMap", &namespace, "settings");
    let answers = tokio::task::block_in_place(|| {
        helm(
            &namespace,
            &json!([["list", [], {}], ["history", ["web"], {}], ["get_values", ["web"], {}], ["status", ["web"], {}], ["rollback", ["web"], {"version": 1}]]),
        )
    });
    assert_eq!(answers[0].as_array().unwrap().len(), 1, "{}", answers[0]);
    assert!(answers[0].to_string().contains("deployed"), "{}", answers[0]);
    let history: Vec<&str> = answers[1]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|r| r["status"].as_str().or_else(|| r["info"]["status"].as_str()))
        .collect();
    assert_eq!(history, ["superseded", "deployed"], "{}", answers[1]);
    assert_eq!(answers[2], json!({"a": "two"}));
    assert!(answers[3]["manifest"].as_str().unwrap().contains("a: two"), "{}", answers[3]);
    assert_eq!(
        cluster.get(&map).await.unwrap().unwrap()["data"]["a"],
        "one",
        "Helm's rollback wrote the first revision"
    );

    // After Helm has written, our next apply meets Helm's own claims and goes on.
    let (_, after) = cluster.apply(&settings("three"), &owner, Unowned::Refuse).await.unwrap();
    assert_eq!(after["data"]["a"], "three");
    assert_eq!(
        cluster.newest_release(&namespace, "web").await.unwrap().unwrap().revision,
        3,
        "Helm's record of the rollback is read"
    );
    tokio::task::block_in_place(|| helm(&namespace, &json!([["uninstall", ["web"], {}]])));
    assert_eq!(cluster.get(&map).await.unwrap(), None);
    assert_eq!(cluster.releases(&namespace, None).await.unwrap(), vec![]);
}

#[tokio::test]
async fn an_installation_carries_its_record() {
    let cluster = cluster().await;
    let name = unique("inst");
    cluster.ensure_record_namespace().await.unwrap();
    assert_eq!(cluster.read_record(&name, "plan").await.unwrap(), None);
    assert!(cluster.save_record(&name, "plan", b"first", Fence(0)).await.unwrap());
    assert!(!cluster.save_record(&name, "plan", b"first", Fence(0)).await.unwrap());
    // Larger than a Secret, and smaller again.
    let mut state = 1_u32;
    let large: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(1_800_000)
    .collect();
    assert!(cluster.save_record(&name, "plan", &large, Fence(0)).await.unwrap());
    assert_eq!(cluster.read_record(&name, "plan").await.unwrap().unwrap(), large);
    assert!(cluster.save_record(&name, "plan", b"small", Fence(0)).await.unwrap());
    assert_eq!(cluster.read_record(&name, "plan").await.unwrap().unwrap(), b"small");
    let secrets = cluster.resource("v1", "Secret").await.unwrap();
    let left = cluster
        .list_metadata(&secrets, "digit-installer", &format!("labelSelector=digit-installer%2Finstallation%3D{name}"))
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "old pieces are gone");
    assert!(cluster.recorded_installations().await.unwrap().contains(&name));

    // A piece that somebody changed is noticed.
    let head = named("v1", "Secret", "digit-installer", &format!("{name}.plan"));
    cluster.merge(&head, &json!({"metadata": {"annotations": {"digit-installer/sha256": "00"}}})).await.unwrap();
    assert_eq!(cluster.read_record(&name, "plan").await.unwrap_err().code(), "record-broken");
    cluster.delete_record(&name).await.unwrap();
    assert!(!cluster.recorded_installations().await.unwrap().contains(&name));
}

#[tokio::test]
async fn a_lease_keeps_two_computers_apart() {
    let cluster = cluster().await;
    cluster.ensure_record_namespace().await.unwrap();
    let name = unique("lease");
    let lease = |identity: &str| Lease::new(&cluster, &name, identity, Arc::new(jiff::Timestamp::now));
    let (us, them) = (lease("us/1"), lease("them/2"));
    assert_eq!(us.acquire(&mut |_, _| {}).await.unwrap(), Fence(0));
    us.renew().await.unwrap();
    let renewing = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        us.renew().await.unwrap();
    };
    let mut quiet = |_: &str, _| {};
    let (held, ()) = tokio::join!(them.acquire(&mut quiet), renewing);
    assert!(matches!(held.unwrap_err(), Error::LeaseHeld { holder, .. } if holder == "us/1"));
    us.release_through(&cluster).await.unwrap();
    assert_eq!(them.acquire(&mut |_, _| {}).await.unwrap(), Fence(1));
    assert_eq!(us.renew().await.unwrap_err().code(), "lease-lost");
    cluster.delete_record(&name).await.unwrap();
    assert_eq!(them.renew().await.unwrap_err().code(), "lease-lost");
}
