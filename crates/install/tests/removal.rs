//! What is ours is taken away by what the cluster and the stored plan say, whatever else is gone.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::path::Path;

use engine::Outcome;
use install::Start;
use install::view::RunState;
use support::{for_real, installer, quick};

/// Installs the practice product and says where its files are.
async fn installed(folder: &Path, cluster: &cluster::Pretend) -> std::path::PathBuf {
    let work = installer(folder, cluster).install(&for_real(), Start::default()).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    folder.join("home/installations/practice")
}

fn replace(file: &Path, what: &str, by: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(what), "{text}");
    std::fs::write(file, text.replace(what, by)).unwrap();
}

/// Removes it with an installer that knows what is on disk and no more, and looks whether anything is left.
async fn removed(folder: &Path, cluster: &cluster::Pretend) {
    let installer = installer(folder, cluster);
    assert!(!installer.removal("practice").await.unwrap().whole.objects.is_empty());
    let work = installer.remove("practice", false).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    let report = installer.report("practice").unwrap();
    assert_eq!((report.state, report.left), (RunState::Removed, Some([].into())));
    gone(cluster).await;
}

async fn gone(cluster: &cluster::Pretend) {
    let cluster = cluster.cluster();
    assert!(cluster.releases("", None).await.unwrap().is_empty());
    let namespaces = cluster.resource("v1", "Namespace").await.unwrap();
    let names = cluster.list_metadata(&namespaces, "", "").await.unwrap();
    let names: Vec<_> = names.iter().filter_map(|n| n["metadata"]["name"].as_str()).collect();
    assert!(names.iter().all(|n| *n == "default" || n.starts_with("kube-")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_removed_without_its_charts() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let files = installed(folder.path(), &cluster).await;
    // Charts that nobody has any more: the folder they were read from is gone, and no download knows them.
    replace(&files.join("answers.yaml"), "version: v1", "version: v0\n  source: gone");
    removed(folder.path(), &cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_removed_with_a_plan_of_a_newer_program() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let files = installed(folder.path(), &cluster).await;
    replace(&files.join("plan.json"), "\"format\": 1", "\"format\": 2");
    removed(folder.path(), &cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_removed_when_plan_or_answers_cannot_be_read_and_refused_when_nothing_tells_the_cluster() {
    for (file, other) in [("plan.json", None), ("answers.yaml", None), ("plan.json", Some("answers.yaml"))] {
        let folder = tempfile::tempdir().unwrap();
        let cluster = quick();
        let files = installed(folder.path(), &cluster).await;
        std::fs::write(files.join(file), "{").unwrap();
        let Some(other) = other else {
            let view = installer(folder.path(), &cluster).view("practice").unwrap();
            let said = view.unreadable.map(|why| why.code);
            let (has_plan, code) =
                if file == "plan.json" { (false, "file-unreadable") } else { (true, "answers-unreadable") };
            assert_eq!((view.plan.is_some(), said.as_deref()), (has_plan, Some(code)));
            assert_eq!((view.summary.name.as_str(), view.answers.name.as_str()), ("practice", "practice"));
            removed(folder.path(), &cluster).await;
            continue;
        };
        std::fs::write(files.join(other), "{").unwrap();
        let refused = installer(folder.path(), &cluster).remove("practice", false).await.err().unwrap();
        assert_eq!(refused.code(), "answers-unreadable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_removed_when_the_key_of_its_secrets_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let files = installed(folder.path(), &cluster).await;
    std::fs::write(files.join("vault.age"), "no vault").unwrap();
    removed(folder.path(), &cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_plan_another_cluster_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let files = installed(folder.path(), &quick()).await;
    std::fs::write(files.join("plan.json"), "{").unwrap();
    let refused = installer(folder.path(), &quick()).remove("practice", false).await.err().unwrap();
    assert_eq!(refused.code(), "no-record");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_of_records_that_does_not_go_is_told_and_the_removal_can_be_stopped_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    installed(folder.path(), &cluster).await;
    let held = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "held", "namespace": "digit-installer", "finalizers": ["example.org/held"]}});
    cluster.cluster().create(&held).await.unwrap();
    let installer = installer(folder.path(), &cluster);
    let work = installer.remove("practice", false).await.unwrap();
    let mut changes = work.changes();
    let waits = async {
        loop {
            let report = installer.report("practice").unwrap();
            let steps = report.stages.iter().flat_map(|stage| &stage.steps);
            if steps.flat_map(|s| &s.waiting_on).any(|on| on.name == "Namespace/digit-installer") {
                return;
            }
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), waits).await.unwrap();
    work.stop();
    let end = tokio::time::timeout(std::time::Duration::from_secs(60), work.ended()).await.unwrap();
    assert_eq!(end.unwrap(), Outcome::Stopped);

    let held = cluster::ObjectRef::of(&held);
    cluster.cluster().merge(&held, &serde_json::json!({"metadata": {"finalizers": null}})).await.unwrap();
    while cluster.cluster().get(&held).await.unwrap().is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let namespace = cluster::ObjectRef::new("v1", "Namespace", "", "digit-installer");
    while cluster.cluster().get(&namespace).await.unwrap().is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let work = installer.resume("practice", None).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    assert_eq!(installer.report("practice").unwrap().state, RunState::Removed);
    gone(&cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_make_meanwhile_is_no_leftover_and_is_named_apart() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    installed(folder.path(), &cluster).await;
    let installer = installer(folder.path(), &cluster);
    let work = installer.remove("practice", false).await.unwrap();
    // Kept from the first look until the proof.
    let kept = folder.path().join("home/installations/practice/before-removal.json");
    while !kept.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let theirs = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "theirs"}});
    cluster.cluster().create(&theirs).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    let report = installer.report("practice").unwrap();
    let look = report.look.unwrap();
    assert_eq!((report.left, look.names.len()), (Some([].into()), 0));
    assert_eq!((look.came, look.went), (vec!["Namespace/theirs".to_owned()], vec![]));
    assert!(!kept.exists());
}
