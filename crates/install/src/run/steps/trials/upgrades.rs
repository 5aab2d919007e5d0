//! A release that is there and is to be otherwise: its next revision, with the hooks of an upgrade, and without what it holds no more.

use std::collections::{BTreeMap, BTreeSet};

use cluster::ObjectRef;
use cluster::release::Status;
use engine::RunOptions;
use engine::testing::inject;

use super::{Bed, QUICK, SERVICE, World, all_kinds, hook, names, planned};
use crate::run::RunKind;

fn settings(name: &str) -> (String, String) {
    (
        format!("templates/{name}.yaml"),
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: b}}\n"),
    )
}

/// What both of them hold, with hooks of both kinds.
fn common() -> Vec<(String, String)> {
    vec![
        hook("Job", "prepare", "pre-install", 0, ""),
        hook("Job", "migrate", "pre-upgrade", 0, ""),
        hook("Job", "tell", "post-upgrade", 0, ""),
        hook("Job", "always", "pre-install,pre-upgrade", 5, "before-hook-creation,hook-succeeded"),
    ]
}

/// A bed whose plan holds these besides; and the same with the other plan.
async fn before_and_after() -> (Bed, Bed) {
    let was = [common(), vec![settings("old"), settings("same")]].concat();
    let is = [common(), vec![settings("new"), settings("same")]].concat();
    let before = Bed::new(was, all_kinds()).await;
    let after = planned(&before.bundle, is, all_kinds()).await;
    let after = Bed { planned: after, ..before.clone() };
    (before, after)
}

async fn revisions(world: &World) -> Vec<(u32, Status)> {
    let all = world.cluster.releases("town", Some(SERVICE)).await.unwrap();
    all.into_iter().map(|one| (one.revision, one.status)).collect()
}

async fn check(world: &World) -> Result<(), String> {
    let there = names(&world.cluster).await;
    let settings: BTreeSet<&str> = there.iter().filter_map(|name| name.strip_prefix("ConfigMap/town/")).collect();
    if settings != BTreeSet::from(["new", "same", "settings"]) {
        return Err(format!("{settings:?}"));
    }
    match revisions(world).await.as_slice() {
        [(1, Status::Superseded), (2, Status::Deployed)] => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_revision_goes_by_the_hooks_of_an_upgrade_and_takes_away_what_it_holds_no_more() {
    let (before, after) = before_and_after().await;
    let world = before.fresh(1.0).await;
    before.installed(&world).await;
    let job = async |name: &str| {
        let found = world.cluster.get(&ObjectRef::new("batch/v1", "Job", "town", name)).await.unwrap();
        found.map(|job| job["metadata"]["uid"].as_str().unwrap().to_owned())
    };
    let (prepared, migrated) = (job("prepare").await, job("migrate").await);
    assert!(prepared.is_some() && migrated.is_none(), "an install runs no hook of an upgrade");

    after.installed(&world).await;
    check(&world).await.unwrap();
    assert_eq!(job("prepare").await, prepared, "an upgrade runs no hook of an install");
    let ran: BTreeMap<&str, bool> =
        BTreeMap::from([("migrate", job("migrate").await.is_some()), ("tell", job("tell").await.is_some())]);
    assert_eq!(ran, BTreeMap::from([("migrate", true), ("tell", true)]));
    let record = world.cluster.newest_release("town", SERVICE).await.unwrap().unwrap();
    assert_eq!(record.description, "Upgrade complete");

    // And back: what came with it goes, and what went comes again.
    before.installed(&world).await;
    let there = names(&world.cluster).await;
    assert!(there.contains("ConfigMap/town/old") && !there.contains("ConfigMap/town/new"), "{there:?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_release_is_done_twice_and_killed_before_and_after_and_comes_to_the_same_end() {
    let (before, after) = before_and_after().await;
    let fresh = async || {
        let world = before.fresh(QUICK).await;
        before.installed(&world).await;
        world
    };
    // The steps that have something to do; the others find everything as it is wanted.
    let steps = after.steps();
    let does = |step: &engine::Step| ["check", "release", "find", "webhook"].contains(&step.kind.as_str());
    let options =
        RunOptions { wanted: std::sync::Arc::new(does), ..RunOptions::new("r", "p", RunKind::Install.purpose()) };
    let found = inject(&steps, &options, &after.clock, fresh, |world| after.acts(world), check).await;
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_half_done_and_given_up_for_another_leaves_nothing_of_itself() {
    let (before, after) = before_and_after().await;
    let world = before.fresh(QUICK).await;
    before.installed(&world).await;
    // Half done: its record is there, and what it brings, but it never came to its end.
    after.installed(&world).await;
    let mut record = world.cluster.newest_release("town", SERVICE).await.unwrap().unwrap();
    record.status = Status::PendingUpgrade;
    world.cluster.save_release(&record, after.clock.now()).await.unwrap();

    before.installed(&world).await;
    let there = names(&world.cluster).await;
    assert!(there.contains("ConfigMap/town/old") && !there.contains("ConfigMap/town/new"), "{there:?}");
    assert_eq!(revisions(&world).await.last(), Some(&(3, Status::Deployed)));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_killed_before_the_revision_of_before_was_put_away_puts_it_away() {
    let (before, after) = before_and_after().await;
    let world = before.fresh(QUICK).await;
    before.installed(&world).await;
    after.installed(&world).await;
    let mut first = world.cluster.release("town", SERVICE, 1).await.unwrap().unwrap();
    first.status = Status::Deployed;
    world.cluster.save_release(&first, after.clock.now()).await.unwrap();
    after.installed(&world).await;
    check(&world).await.unwrap();
}
