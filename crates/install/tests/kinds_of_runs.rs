//! What a run is for: an install, a change of what stands whole, a removal; and what each takes for given.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::sync::Arc;

use engine::Outcome;
use install::answers::Answers;
use install::{Installer, Start};
use serde_json::json;
use support::{for_real, installer, quick};

/// Installs, and says what kind of run that was.
async fn installed(installer: &Arc<Installer>, answers: &Answers) -> String {
    let work = installer.install(answers, Start::default()).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    installer.report("practice").unwrap().purpose
}

fn definition(group: &str) -> serde_json::Value {
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": format!("cogs.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "cogs", "kind": "Cog"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn another_plan_for_what_stands_whole_is_a_change_and_is_made_for_the_cluster_as_it_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let installer = installer(folder.path(), &cluster);
    let answers = for_real();
    assert_eq!(installed(&installer, &answers).await, "install");
    let plan = async |answers: &Answers| installer.plan(answers, false).await.unwrap().plan;
    let first = plan(&answers).await;
    assert_eq!(installed(&installer, &answers).await, "install", "the same plan again changes nothing");

    // Somebody adds an API: what stands whole is planned anew for it.
    cluster.cluster().create(&definition("others.example")).await.unwrap();
    let now = plan(&answers).await;
    let added: Vec<&String> = now.cluster.api_versions.difference(&first.cluster.api_versions).collect();
    assert_eq!(added, ["others.example/v1", "others.example/v1/Cog"]);

    let mut other = answers.clone();
    other.city.name = "Shelbyville".to_owned();
    assert_eq!(installed(&installer, &other).await, "change");
    // A run that is stopped is gone on with as what it was, for the cluster as it was taken for then.
    let mut third = answers.clone();
    third.city.name = "Ogdenville".to_owned();
    let work = installer.install(&third, Start::default()).await.unwrap();
    work.begun().await.unwrap();
    work.stop();
    assert_eq!(work.ended().await.unwrap(), Outcome::Stopped);
    cluster.cluster().create(&definition("later.example")).await.unwrap();
    assert!(!plan(&third).await.cluster.api_versions.contains("later.example/v1"));
    assert_eq!(installed(&installer, &third).await, "change");

    let work = installer.remove("practice", false).await.unwrap();
    work.ended().await.unwrap();
    assert_eq!(installer.report("practice").unwrap().purpose, "remove");
    assert!(plan(&answers).await.cluster.api_versions.contains("later.example/v1"));
    assert_eq!(installed(&installer, &answers).await, "install");
}
