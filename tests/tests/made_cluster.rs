//! A cluster that the run makes, killed before, while and after it is made: the rehearsal's, so that nothing is needed.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tests::digit::{Home, Running};

const ANSWERS: &str = "name: practice\n\
    target: {kind: rehearsal}\n\
    product: {name: practice, version: v1, modules: [m_requests]}\n\
    demo: true\n";
const STEP: &str = "cluster:rehearsal";
const PATIENT: Duration = Duration::from_secs(60);

struct Rehearsal {
    home: Home,
    file: String,
}

impl Rehearsal {
    fn new() -> Self {
        let home = Home::new().unwrap();
        let file = home.write("answers.yaml", ANSWERS).unwrap().display().to_string();
        Rehearsal { home, file }
    }

    fn start(&self, arguments: &[&str], speed: &str) -> Running {
        let mut command = self.home.command(arguments).unwrap();
        command.env("DIGIT_REHEARSAL_SPEED", speed);
        self.home.follow(command).unwrap()
    }

    fn install(&self, speed: &str) -> Running {
        self.start(&["install", "--answers", &self.file, "--yes", "--json"], speed)
    }

    /// Everything that a cluster keeps in the installation's folder.
    fn files_of_cluster(&self) -> Vec<String> {
        let folder: PathBuf = self.home.data().join("rehearsals/practice");
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.starts_with("pretend")).collect();
        names.sort();
        names
    }
}

/// Follows until an event, and kills it there.
fn kill_at(mut running: Running, what: impl Fn(&Value) -> bool) {
    assert!(running.until_new(PATIENT, what).unwrap().is_some(), "{:?}", running.seen.last());
    running.kill().unwrap();
}

fn of_the_cluster(event: &Value, what: &str) -> bool {
    event["step"] == STEP && event["what"] == what
}

/// The last line of a run that ended well, and its events.
fn ended(running: Running) -> Vec<Value> {
    let (status, lines) = running.end(PATIENT).unwrap();
    assert!(status.success(), "{:#}", lines.last().unwrap());
    lines
}

#[test]
fn killed_before_while_and_after_the_cluster_is_made_it_comes_to_the_same_end_and_leaves_nothing() {
    let it = Rehearsal::new();
    // Before anything of it is made, and while it is being made.
    kill_at(it.install("0.5"), |event| of_the_cluster(event, "step-started"));
    assert_eq!(it.files_of_cluster(), Vec::<String>::new());
    let half_way = |event: &Value| of_the_cluster(event, "progress") && event["done"].as_f64() >= Some(1.0);
    kill_at(it.start(&["resume", "practice", "--yes", "--json"], "0.5"), half_way);
    // As a program leaves it that is killed while it writes.
    let half = it.home.data().join("rehearsals/practice/pretend-being-made.jsonl");
    std::fs::write(&half, "cut off in the mid").unwrap();
    // After it is made.
    kill_at(it.install("30"), |event| event["what"] == "found" && event["name"] == "cluster");
    assert_eq!(it.files_of_cluster(), ["pretend.jsonl", "pretend.lock"]);

    let lines = ended(it.install("30"));
    let report = lines.last().unwrap();
    assert_eq!((report["state"].as_str(), &report["services-ready"]), (Some("ready"), &report["services-total"]));
    let found: Vec<&Value> = lines.iter().filter(|line| line["name"] == "cluster").collect();
    assert!(found.windows(2).all(|pair| pair[0]["value"] == pair[1]["value"]), "always the same cluster: {found:?}");
    assert_eq!(report["found"]["cluster"], found.last().unwrap()["value"]);

    // A removal that is killed when the cluster is gone, but not yet proved to be, goes on and proves it.
    let removed = it.start(&["remove", "practice", "--yes", "--json"], "30");
    kill_at(removed, |event| event["step"] == "remove:cluster" && event["what"] == "done");
    assert_eq!(it.files_of_cluster(), Vec::<String>::new());
    let lines = ended(it.start(&["remove", "practice", "--yes", "--json"], "30"));
    assert_eq!(lines.last().unwrap()["state"], "removed");
}

#[test]
fn a_cluster_alone_is_a_part_that_an_install_may_end_with_and_disks_that_are_kept_keep_it() {
    let it = Rehearsal::new();
    let arguments = ["install", "--answers", &it.file, "--until", "infrastructure", "--yes", "--json"];
    ended(it.start(&arguments, "30"));
    assert_eq!(it.files_of_cluster(), ["pretend.jsonl", "pretend.lock"]);
    ended(it.install("30"));
    let lines = ended(it.start(&["remove", "practice", "--keep-data", "--yes", "--json"], "30"));
    assert_eq!(lines.last().unwrap()["state"], "removed");
    assert_eq!(it.files_of_cluster(), ["pretend.jsonl", "pretend.lock"]);
    // What was kept is found again.
    ended(it.install("30"));
    let lines = ended(it.start(&["remove", "practice", "--yes", "--json"], "30"));
    assert_eq!(lines.last().unwrap()["state"], "removed");
    assert_eq!(it.files_of_cluster(), Vec::<String>::new());
}
