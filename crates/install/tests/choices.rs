//! A smaller choice takes away what it no longer holds, shown beforehand; a larger one brings it back.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use engine::Outcome;
use install::answers::Answers;
use install::view::CheckView;
use install::{Installer, Start};
use support::{for_real, installer, quick};

fn choosing(modules: &[&str]) -> Answers {
    let mut answers = for_real();
    answers.product.modules = modules.iter().map(|module| (*module).to_owned()).collect();
    answers
}

/// Installs a choice and says which checks took note of something that goes.
async fn install(installer: &Arc<Installer>, answers: &Answers) -> Vec<String> {
    let notes = Mutex::new(Vec::new());
    let tell = |check: CheckView| {
        if let (Some(cause), "leaving") = (check.cause, check.name.as_str()) {
            notes.lock().unwrap().push(cause.args["services"].clone());
        }
    };
    let work = installer.install_telling(answers, Start::default(), &tell).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    notes.into_inner().unwrap()
}

async fn releases(cluster: &cluster::Pretend) -> BTreeSet<String> {
    let releases = cluster.cluster().releases_of("practice").await.unwrap();
    releases.into_iter().map(|(_, name)| name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_goes_when_nothing_chooses_it_any_more_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let installer = installer(folder.path(), &cluster);
    let (both, one) = (choosing(&["m_requests", "m_notices"]), choosing(&["m_requests"]));
    assert!(install(&installer, &both).await.is_empty());
    let all = releases(&cluster).await;
    assert!(all.contains("practice-notices"), "{all:?}");

    let reviewed = installer.plan(&one, false).await.unwrap().plan;
    assert_eq!(reviewed.leaving.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["practice-notices"]);
    assert_eq!(install(&installer, &one).await, ["practice-notices"]);
    let rest = releases(&cluster).await;
    assert_eq!(all.difference(&rest).collect::<Vec<_>>(), ["practice-notices"]);
    let deployments = cluster.cluster().resource("apps/v1", "Deployment").await.unwrap();
    let there = cluster.cluster().list_metadata(&deployments, "", "").await.unwrap();
    assert!(there.iter().all(|d| d["metadata"]["name"] != "practice-notices"), "{there:?}");

    // What is there in the end is the same, so the plan is; what was reviewed as going is gone.
    let again = installer.plan(&one, false).await.unwrap().plan;
    assert_eq!((again.id.as_str(), again.leaving.len()), (reviewed.id.as_str(), 0));
    let work = installer.install(&one, Start { plan: Some(reviewed), ..Start::default() }).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);

    assert!(install(&installer, &both).await.is_empty());
    assert_eq!(releases(&cluster).await, all);

    // A plan that was reviewed before anything had to go does not let it go.
    let refused = installer.install(&one, Start { plan: Some(again), ..Start::default() }).await.err().unwrap();
    let install::Error::PlanOutdated { differences } = &refused else { panic!("{refused}") };
    assert_eq!(differences[0].code, "services-leaving");
    assert_eq!(releases(&cluster).await, all);
}
