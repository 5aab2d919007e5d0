//! A cluster that the run makes, and what was promised of it.

use std::sync::Arc;

use engine::RunOptions;
use tokio_util::sync::CancellationToken;

use super::{Bed, QUICK, World, all_kinds, names};
use crate::plan::{ClusterFacts, StepKind};
use crate::run::RunKind;

/// Carries it out, and says which step failed, what for, and what that rests on.
async fn failed(bed: &Bed, world: &World, run: &str) -> (String, String, Vec<String>) {
    let storage = engine::testing::MemoryStorage::default();
    let mut journal = engine::Journal::on(Box::new(storage.clone())).unwrap().0;
    let cx = engine::RunContext {
        act: bed.acts(world),
        clock: bed.clock.clone(),
        publish: Arc::new(|_| {}),
        stop: CancellationToken::new(),
    };
    let options = RunOptions::new(run, "p", RunKind::Install.purpose());
    assert_eq!(engine::run(&bed.steps(), &options, &cx, &mut journal).await.unwrap(), engine::Outcome::Failed);
    let events = engine::Journal::on(Box::new(storage)).unwrap().1.events;
    let failed = events.into_iter().find_map(|event| match event.what {
        engine::What::Failed { cause, evidence } => Some((event.step.unwrap(), cause.code, evidence)),
        _ => None,
    });
    failed.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_was_made_and_is_not_fit_is_told_by_the_check_and_nothing_goes_into_it() {
    let bed = Bed::new(Vec::new(), all_kinds()).await;
    let world = bed.fresh(QUICK).await;
    world.cluster.ensure_namespace("town", "").await.unwrap();
    let theirs = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "town"}});
    world.cluster.create(&theirs).await.unwrap();
    let before = names(&world.cluster).await;
    let (step, cause, evidence) = failed(&bed, &world, "r").await;
    assert_eq!((step.as_str(), cause.as_str()), ("check:cluster", "check-names"));
    assert!(evidence.len() == 1 && evidence[0].contains("ConfigMap/town/settings"), "{evidence:?}");
    assert_eq!(names(&world.cluster).await, before);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_not_as_promised_is_told_with_what_differs_and_nothing_goes_into_it() {
    type Promise = fn(&mut ClusterFacts);
    let cases: [(&str, Promise, &str); 3] = [
        ("another version", |facts| facts.version = "v1.31.0".to_owned(), "version: is: v1.36.3, was: v1.31.0"),
        (
            "an API that is not served",
            |facts| assert!(facts.api_versions.insert("example.org/v9".to_owned())),
            "apis-gone: count: 1, names: example.org/v9",
        ),
        (
            "an API that nobody spoke of",
            |facts| assert!(facts.api_versions.remove("apps/v1")),
            "apis-added: count: 1, names: apps/v1",
        ),
    ];
    for (case, promise, said) in cases {
        let mut bed = Bed::new(Vec::new(), vec![StepKind::cluster("pretend"), StepKind::namespaces()]).await;
        promise(&mut bed.planned.plan.cluster);
        let world = bed.fresh(QUICK).await;
        // Twice: what was found to be otherwise stays so.
        for run in ["first", "second"] {
            let failed = failed(&bed, &world, run).await;
            let expected = ("cluster:pretend".to_owned(), "plan-outdated".to_owned(), vec![said.to_owned()]);
            assert_eq!(failed, expected, "{case}, {run} run");
            assert_eq!(names(&world.cluster).await, world.before, "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_a_program_made_that_promised_nothing_is_gone_on_with() {
    let mut bed = Bed::new(Vec::new(), all_kinds()).await;
    let world = bed.fresh(QUICK).await;
    bed.installed(&world).await;
    // What it serves besides came with the installation; no event says that it was found to be as promised.
    assert!(bed.planned.plan.cluster.api_versions.remove("apps/v1"));
    bed.installed(&world).await;
}
