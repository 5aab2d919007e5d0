//! kill -9: at every kind of event that the journal knows, and at random moments. Whatever was under way, going on ends
//! in the same state, and nothing is there twice.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use serde_json::Value;
use tests::cluster::{inventory, wait};
use tests::digit::{Home, Running};
use tests::fake_node::{Failure, Rule};
use tests::small_disk::SmallDisk;
use tests::{ControlPlane, Options, helm, product};

const PATIENT: Duration = Duration::from_secs(240);
/// Every kind of event that is journalled.
const KINDS: [&str; 10] =
    ["run-started", "step-started", "retrying", "failed", "done", "found", "paused", "resumed", "finished", "removed"];

fn rule(pod: &str, fails: Failure) -> Rule {
    Rule { pod: regex::Regex::new(pod).unwrap(), fails, until: None }
}

/// Follows a run until an event of a kind, and kills it there.
fn kill_at(mut running: Running, kind: &str) {
    let found = running.until_new(PATIENT, |event| event["what"] == kind);
    let found = found.unwrap_or_else(|why| panic!("no {kind}: {why}; {:?}", last(&running)));
    assert!(found.is_some(), "ended without {kind}: {:?}", last(&running));
    running.kill().unwrap();
}

/// The last events of a run, shortly.
fn last(running: &Running) -> Vec<String> {
    let seen = &running.seen[running.seen.len().saturating_sub(8)..];
    seen.iter().map(|event| format!("{} {} {}", event["what"], event["step"], event["state"])).collect()
}

/// That the cluster holds the installation as planned, once.
fn assert_whole(kubeconfig: &Path, home: &Path) {
    assert_eq!(product::workloads(kubeconfig).unwrap(), (product::WORKLOADS, product::WORKLOADS));
    assert_eq!(product::doubled(kubeconfig).unwrap(), Vec::<String>::new());
    let listed = helm::list(kubeconfig, home).unwrap();
    assert_eq!(listed.len(), product::RELEASES);
    assert!(listed.iter().all(|r| r.status == "deployed" && r.revision == "1"), "{listed:?}");
}

#[test]
fn killed_at_every_kind_of_event_it_goes_on() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let kubeconfig = plane.kubeconfig();
    let before = inventory(&kubeconfig).unwrap();
    let home = Home::new().unwrap();
    let disk = SmallDisk::new(64 << 20).unwrap();
    let file = home.write("answers.yaml", &product::answers(&kubeconfig).unwrap()).unwrap();
    let start = |arguments: &[&str]| {
        let mut command = home.command(arguments).unwrap();
        command.env("DIGIT_HOME", disk.path());
        home.follow(disk.enter(&command)).unwrap()
    };
    let install = || start(&["install", "--answers", file.to_str().unwrap(), "--yes", "--json"]);
    let resume = || start(&["resume", product::NAME, "--yes", "--json"]);
    let mut killed = BTreeSet::new();
    let mut kill = |running: Running, kind: &'static str| {
        kill_at(running, kind);
        killed.insert(kind);
    };

    plane.rules(vec![rule("/cert-manager", Failure::Unready), rule("^egov/egov-user-", Failure::OutOfMemory)]);
    kill(install(), "run-started");
    kill(resume(), "step-started");
    kill(resume(), "found");
    kill(resume(), "done");

    // Somebody deletes a kind of object while what needs it is on its way.
    let mut running = resume();
    let is_awaited = |event: &Value| {
        event["what"] == "waiting-on" && event["step"] == "release:cert-manager" && !event["on"][0].is_null()
    };
    running.until_new(PATIENT, is_awaited).unwrap().unwrap();
    plane.kubectl(&["delete", "crd", "clusterissuers.cert-manager.io"]).unwrap();
    plane.rules(vec![rule("^egov/egov-user-", Failure::OutOfMemory)]);
    kill(running, "retrying");

    kill(resume(), "failed");
    plane.rules(Vec::new());

    // The disk is full: the run stands still, says so, and goes on when there is room.
    for kind in ["paused", "resumed"] {
        let mut running = resume();
        running.until_new(PATIENT, |event| event["what"] == "done").unwrap().unwrap();
        let filler = disk.fill().unwrap();
        if kind == "resumed" {
            running.until_new(PATIENT, |event| event["what"] == "paused").unwrap().unwrap();
            std::fs::remove_file(&filler).unwrap();
        }
        kill(running, kind);
        let _ = std::fs::remove_file(filler);
    }

    kill(resume(), "finished");
    assert_whole(&kubeconfig, home.path());
    let pods = product::pods(&kubeconfig).unwrap();
    let (status, lines) = resume().end(PATIENT).unwrap();
    assert!(status.success(), "{:#}", lines.last().unwrap());
    assert_eq!(product::pods(&kubeconfig).unwrap(), pods);

    // A removal is over when a second look has shown it, not before.
    let remove = || start(&["remove", product::NAME, "--yes", "--json"]);
    kill(remove(), "finished");
    kill(remove(), "removed");
    assert_eq!(killed, BTreeSet::from(KINDS));
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&kubeconfig)? == before)).unwrap();
    places::measured("Kinds of journal events at which an install was killed, then the same end state", "10 of 10")
        .unwrap();
}

#[test]
#[ignore = "long: cargo xtask test --full"]
fn killed_at_twenty_random_moments_it_ends_the_same() {
    const KILLS: u32 = 20;
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let kubeconfig = plane.kubeconfig();
    let before = inventory(&kubeconfig).unwrap();
    let answers = product::answers(&kubeconfig).unwrap();

    // Once without a kill: how long it takes, and what it comes to.
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &answers).unwrap();
    let begun = Instant::now();
    let done = home.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
    assert_eq!(done.code, Some(0), "{}", done.err);
    let whole = begun.elapsed();
    let templates = product::pod_templates(&kubeconfig).unwrap();
    let remove = |home: &Home| {
        let removed = home.run(&["remove", product::NAME, "--yes"]).unwrap();
        assert_eq!(removed.code, Some(0), "{}", removed.err);
        wait("nothing left", Duration::from_secs(60), || Ok(inventory(&kubeconfig)? == before)).unwrap();
    };
    remove(&home);

    let mut after = Vec::new();
    for _ in 0..KILLS {
        let home = Home::new().unwrap();
        let file = home.write("answers.yaml", &answers).unwrap();
        let install = ["install", "--answers", file.to_str().unwrap(), "--yes", "--json"];
        let moment = whole.mul_f64(rand::rng().random_range(0.02..1.0));
        println!("kill -9 after {:.2} s of {:.2} s", moment.as_secs_f64(), whole.as_secs_f64());
        let running = home.start(&install).unwrap();
        std::thread::sleep(moment);
        running.kill().unwrap();
        let is_begun = home.data().join("installations").join(product::NAME).is_dir();
        let resume = ["resume", product::NAME, "--yes", "--json"];
        let done = home.run(if is_begun { &resume } else { &install }).unwrap();
        assert_eq!(done.code, Some(0), "{}", done.err);
        assert_whole(&kubeconfig, home.path());
        assert_eq!(
            product::differences(&templates, &product::pod_templates(&kubeconfig).unwrap()),
            Vec::<String>::new()
        );
        remove(&home);
        after.push(moment);
    }
    let (first, last) = (after.iter().min().unwrap(), after.iter().max().unwrap());
    places::measured(
        "Kills of an install of DIGIT 2.9.2 at random moments, then the same end state",
        &format!(
            "{} of {KILLS}, after {:.1} to {:.1} s of {:.1} s",
            after.len(),
            first.as_secs_f64(),
            last.as_secs_f64(),
            whole.as_secs_f64()
        ),
    )
    .unwrap();
}
