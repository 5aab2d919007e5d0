//! What was reviewed is what runs, and a plan is the same plan however often it was carried out.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use engine::Outcome;
use install::{Error, Start};
use support::{for_real, installer, quick};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_reviewed_is_carried_out_and_is_the_same_plan_after_that() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let installer = installer(folder.path(), &cluster);
    let answers = for_real();
    let reviewed = installer.plan(&answers, false).await.unwrap().plan;
    let start = || Start { plan: Some(reviewed.clone()), ..Start::default() };
    let work = installer.install(&answers, start()).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);

    // How long it took is known now; that makes no other plan.
    let again = installer.plan(&answers, false).await.unwrap().plan;
    assert!(again.estimate.measured && !reviewed.estimate.measured);
    assert_eq!(again.id, reviewed.id);
    let work = installer.install(&answers, start()).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    assert_eq!(installer.report("practice").unwrap().percent, 100.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_comes_out_otherwise_now_is_not_carried_out_and_the_difference_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let installer = installer(folder.path(), &cluster);
    let answers = for_real();
    let reviewed = installer.plan(&answers, false).await.unwrap().plan;

    let mut other = answers.clone();
    other.product.modules.insert("m_notices".into());
    let refused = installer.install(&other, Start { plan: Some(reviewed), ..Start::default() }).await.err().unwrap();
    let Error::PlanOutdated { differences } = &refused else { panic!("{refused}") };
    let said: Vec<&str> = differences.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(said, ["answer", "services-added"], "{differences:?}");
    assert_eq!(differences[1].args["names"], "practice-notices");
    assert_eq!((refused.code(), refused.exit_code()), ("plan-outdated", 2));
    assert!(installer.list().unwrap().is_empty(), "nothing was begun");
    assert!(cluster.cluster().recorded_installations().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_program_has_begun_is_refused_before_anything_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let installer = installer(folder.path(), &cluster);
    installer.install(&for_real(), Start::default()).await.unwrap().ended().await.unwrap();
    let mine = folder.path().join("home/installations/practice");
    let text = std::fs::read_to_string(mine.join("journal.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut newer = lines.iter().find(|line| line["what"] == "run-started").unwrap().clone();
    newer["run"] = "practice-newer".into();
    newer["seq"] = (lines.last().unwrap()["seq"].as_u64().unwrap() + 1).into();
    newer["steps"][0]["kind"] = "stack".into();
    std::fs::write(mine.join("journal.jsonl"), format!("{text}{newer}\n")).unwrap();
    // What stands beside it is the newer program's as well.
    let answers = std::fs::read_to_string(mine.join("answers.yaml")).unwrap() + "# as the newer program wrote it\n";
    std::fs::write(mine.join("answers.yaml"), &answers).unwrap();

    let refused = installer.install(&for_real(), Start::default()).await.err().unwrap().view();
    assert_eq!((refused.code.as_str(), refused.args["kind"].as_str()), ("unknown-step-kind", "stack"));
    assert_eq!(std::fs::read_to_string(mine.join("answers.yaml")).unwrap(), answers, "nothing is written over");
}
