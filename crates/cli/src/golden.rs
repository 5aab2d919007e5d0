//! What the command line prints, as files that are read in reviews (`snapshots/`): everything in both languages.

use clap::CommandFactory as _;
use install::plan::Plan;
use install::view::{CheckState, Event, InstallationView, RemovalView, Report};
use install::words::Words;
use serde_json::{Value, json};

use crate::args::Args;
use crate::fixed::{RUN, cause, check, error, page, plan, report, stage, step};
use crate::news::Announced;
use crate::show;

/// A title, and what prints under it.
type Case<'a> = (&'a str, &'a dyn Fn(&Words) -> String);

/// A title and what is printed under it, in English and in Hindi.
fn in_both(cases: &[Case<'_>]) -> String {
    let mut all = String::new();
    for language in ["en", "hi"] {
        let words = Words::of(language);
        for (title, printed) in cases {
            all.push_str(&format!("=== {language}: {title}\n{}\n", printed(&words)));
        }
    }
    all
}

/// Compares with the file of that name.
fn golden(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn help_of_every_command() {
    let mut command = Args::command().term_width(120);
    command.build();
    let mut all = format!("$ digit --help\n{}", command.render_long_help());
    for sub in command.get_subcommands_mut() {
        all.push_str(&format!("\n$ digit {} --help\n{}", sub.get_name().to_owned(), sub.render_long_help()));
    }
    golden("help_of_every_command", &all);
}

fn sign_in_needed() -> Value {
    json!({"step": "release:egov-user", "cause": cause("person-sign-in", &[]), "since": "2026-01-02T03:04:05Z"})
}

/// One report for each state that an installation can be in, with every state of a step.
fn reports() -> Vec<(&'static str, Report)> {
    let awaited = |names: &[&str]| -> Value {
        let all = names.iter().map(|name| json!({"kind": "object", "name": name, "why": cause("starting", &[])}));
        json!({ "waiting-on": all.collect::<Vec<_>>() })
    };
    let crash = || cause("crash-loop", &[("container", "egov-user"), ("restarts", "5")]);
    let two = |state: &str, more: Value| {
        vec![
            stage("namespaces", "done", &[step("namespaces", "namespaces", "done", 0.4, json!({}))]),
            stage("core", state, &[step("release", "egov-user", state, 100.0, more)]),
        ]
    };
    let removal = |state: &str| {
        vec![
            stage("remove-workloads", state, &[step("remove", "workloads", state, 31.0, awaited(&["Pod/egov/a"]))]),
            stage("remove-record", "pending", &[step("remove", "record", "pending", 0.0, json!({}))]),
        ]
    };
    let failed = json!({"attention": {"step": "release:egov-user", "cause": crash(), "since": "2026-01-02T03:04:05Z"}, "failures": 1});
    let held = json!({"attention": sign_in_needed(), "held": "person-sign-in"});
    vec![
        ("not started", report("not-started", &[], json!({}))),
        ("running", report("running", &two("running", json!({})), json!({}))),
        ("waiting for one", report("running", &two("waiting", awaited(&["Pod/egov/a"])), json!({}))),
        (
            "waiting for many",
            report(
                "running",
                &two("waiting", awaited(&["Pod/egov/a", "Pod/egov/b", "Pod/egov/c", "Pod/egov/d"])),
                json!({}),
            ),
        ),
        ("trying again", report("running", &two("retrying", json!({"attempt": 2, "cause": crash()})), json!({}))),
        ("paused", report("paused", &two("running", json!({})), json!({"held": "disk-full"}))),
        ("a person is needed", report("needs-person", &two("running", json!({})), held.clone())),
        ("stopped", report("stopped", &two("pending", json!({})), json!({}))),
        ("stopped while a person was needed", report("stopped", &two("pending", json!({})), held)),
        (
            "failed",
            report(
                "failed",
                &two("failed", json!({"cause": crash(), "evidence": ["Error: no route to host", "exit code 1"]})),
                failed,
            ),
        ),
        ("ready", report("ready", &two("done", json!({})), json!({"percent": 100.0}))),
        ("being removed", report("running", &removal("waiting"), json!({"purpose": "remove"}))),
        ("removed", report("removed", &removal("done"), json!({"purpose": "remove", "left": {}}))),
        (
            "removed, with something left",
            report(
                "removed",
                &removal("done"),
                json!({"purpose": "remove", "left": {"Secret": 1, "Pod": 2}, "look": {"names": ["Pod/egov/a", "Pod/egov/b", "Secret/egov/c"],
                    "unanswered": ["metrics.k8s.io/v1beta1"], "came": ["Pod/other/x"], "went": ["Pod/other/y"]}}),
            ),
        ),
    ]
}

#[test]
fn status_of_every_state() {
    let reports = reports();
    let printed = |working: bool| {
        let of = |report: &Report| {
            let page = page(report, working, (report.counted_done > 0).then_some("http://203.0.113.7"), false);
            move |words: &Words| show::report(words, &page)
        };
        let all: Vec<_> = reports.iter().map(|(title, report)| (*title, of(report))).collect();
        in_both(&all.iter().map(|(title, print)| (*title, print as &dyn Fn(&Words) -> String)).collect::<Vec<_>>())
    };
    golden("status_while_somebody_works_on_it", &printed(true));
    golden("status_while_nobody_works_on_it", &printed(false));
}

#[test]
fn status_of_one_whose_files_cannot_be_read() {
    let (_, report) = reports().remove(0);
    let page = |summary: Value, plan: Value| -> InstallationView {
        let mut page = serde_json::to_value(page(&report, false, None, false)).unwrap();
        page["summary"]["error"] = summary.clone();
        page["unreadable"] = if summary.is_null() { plan } else { summary };
        page["plan"] = Value::Null;
        serde_json::from_value(page).unwrap()
    };
    let path = "/home/me/installations/springfield/plan.json";
    let no_plan = page(
        Value::Null,
        json!({"code": "file-unreadable", "args": {"path": path, "detail": "line 1"}, "field": null}),
    );
    let no_answers =
        page(json!({"code": "answers-unreadable", "args": {"detail": "line 1"}, "field": null}), Value::Null);
    let shown = |page: InstallationView| move |words: &Words| show::report(words, &page);
    golden(
        "status_of_unreadable_files",
        &in_both(&[("no plan", &shown(no_plan) as &dyn Fn(&Words) -> String), ("no answers", &shown(no_answers))]),
    );
}

#[test]
fn ending_of_every_run() {
    let ends = ["stopped", "failed", "ready", "removed"];
    let printed: Vec<_> = reports()
        .into_iter()
        .filter(|(title, _)| ends.iter().any(|end| title.starts_with(end)))
        .map(|(title, report)| {
            let page = page(&report, false, (report.counted_done > 0).then_some("http://203.0.113.7"), true);
            let print =
                move |words: &Words| show::ending(words, "springfield", "rehearsal/springfield", &report, Some(&page));
            (title, print)
        })
        .collect();
    let cases: Vec<_> = printed.iter().map(|(title, print)| (*title, print as &dyn Fn(&Words) -> String)).collect();
    golden("ending_of_every_run", &in_both(&cases));
}

#[test]
fn progress_lines_of_runs() {
    let lines = |reports: &[Report], events: &[Event]| {
        let reports = reports.to_vec();
        let events = events.to_vec();
        move |words: &Words| {
            let mut told = Announced::of(RUN);
            events.iter().for_each(|event| told.heard(event));
            reports
                .iter()
                .map(|report| {
                    let lines = told.lines(words, report).into_iter().map(|line| format!("  {line}\n"));
                    format!("look:\n{}", lines.collect::<String>())
                })
                .collect::<String>()
                .trim_end()
                .to_owned()
        }
    };
    let all: Vec<Report> = reports().into_iter().map(|(_, report)| report).collect();
    let install = lines(&all[..11], &[]);
    let removal = lines(&all[11..13], &[]);
    // What an earlier run did: told neither before this run begins, nor when it is not come to, nor when it is only seen to.
    let before = |attempt: u32| {
        vec![stage(
            "core",
            "done",
            &[
                step("release", "kafka-kraft", "done", 700.0, json!({"attempt": attempt})),
                step("release", "egov-user", "done", 80.0, json!({"attempt": 0})),
            ],
        )]
    };
    let made_sure: Event = serde_json::from_value(json!({"run": RUN, "seq": 9, "at": "2026-01-02T03:04:05Z",
        "step": "release:kafka-kraft", "what": "done", "changed": 0, "unchanged": 3, "skipped": "as-wanted"}))
    .unwrap();
    let again = [
        report("ready", &before(1), json!({"run": "springfield-1"})),
        report("running", &before(0), json!({})),
        report("running", &before(1), json!({})),
    ];
    let resumed = lines(&again, &[made_sure]);
    golden(
        "progress_lines_of_runs",
        &in_both(&[
            ("an install, state after state", &install),
            ("a removal", &removal),
            ("a run that goes on with what is done", &resumed),
        ]),
    );
}

#[test]
fn line_beside_the_bar() {
    let eta = |low: f64, high: f64| json!({"eta": {"low": low, "high": high, "measured": true}});
    let services = |count: usize| {
        let steps = (0..count).map(|n| step("release", &format!("s{n}"), "done", 1.0, json!({})));
        vec![stage("core", "running", &steps.collect::<Vec<_>>())]
    };
    let of = |services: Vec<Value>, more: Value| {
        let report = report("running", &services, more);
        move |words: &Words| show::progress(words, &report)
    };
    golden(
        "line_beside_the_bar",
        &in_both(&[
            ("no service", &of(vec![], eta(200.0, 300.0))),
            ("one, no estimate", &of(services(1), json!({}))),
            ("two, soon done", &of(services(2), eta(10.0, 90.0))),
            ("five", &of(services(5), eta(900.0, 1500.0))),
        ]),
    );
}

#[test]
fn plans_of_one_and_of_many() {
    let of = |services: u32| {
        let plan: Plan = serde_json::from_value(plan(services)).unwrap();
        move |words: &Words| show::plan(words, &plan)
    };
    golden("plans_of_one_and_of_many", &in_both(&[("one service", &of(1)), ("four services, one leaves", &of(4))]));
}

#[test]
fn checks_of_every_state() {
    let left_out = [("not-ready", "0"), ("cordoned", "1"), ("tainted", "2"), ("taint", "gpu=yes:NoSchedule")];
    let left_out = [&left_out[..], &[("windows", "0"), ("other-processor", "0")]].concat();
    let nodes = || Some(cause("check-nodes", &[&[("needed", "3"), ("ready", "1")], &left_out[..]].concat()));
    let names = || Some(cause("check-names", &[("all", "Deployment/egov/zuul")]));
    let of = |name: &'static str, state: CheckState, cause: Option<Value>, can_accept: bool| {
        let check = check(name, state, cause, can_accept);
        move |words: &Words| show::check(words, &check)
    };
    golden(
        "checks_of_every_state",
        &in_both(&[
            ("passed", &of("access", CheckState::Passed, None, false)),
            (
                "take note",
                &of(
                    "version",
                    CheckState::TakeNote,
                    Some(cause("check-version", &[("version", "v1.37.0"), ("from", "1.29"), ("to", "1.36")])),
                    true,
                ),
            ),
            ("not passed", &of("names", CheckState::NotPassed, names(), false)),
            ("not passed, may be accepted", &of("nodes", CheckState::NotPassed, nodes(), true)),
            ("accepted", &of("nodes", CheckState::Accepted, nodes(), true)),
        ]),
    );
}

#[test]
fn errors_with_what_is_safe_and_what_to_do() {
    let of = |code: &str, pairs: &[(&str, &str)], details: Value| {
        let error = error(code, pairs, &details);
        move |words: &Words| words.error(&error)
    };
    let differences = json!([
        cause("services-added", &[("count", "1"), ("names", "a")]),
        cause("services-gone", &[("count", "2"), ("names", "b, c")]),
        cause("of-tomorrow", &[]),
    ]);
    golden(
        "errors_with_what_is_safe_and_what_to_do",
        &in_both(&[
            ("answers", &of("answers-missing-key", &[("detail", "target")], json!([]))),
            ("no installation", &of("no-installation", &[("name", "springfield")], json!([]))),
            ("busy", &of("busy", &[("name", "springfield"), ("pid", "7")], json!([]))),
            ("checks", &of("checks-not-passed", &[("names", "nodes, names")], json!([]))),
            ("part", &of("no-such-part", &[("part", "moon"), ("parts", "services")], json!([]))),
            ("plan outdated", &of("plan-outdated", &[("count", "3")], differences)),
            ("no words", &of("of-tomorrow", &[("detail", "x")], json!([]))),
        ]),
    );
}

#[test]
fn removal_list_with_and_without_disks() {
    let view = |objects: Value, disks: Value, unanswered: Value| -> RemovalView {
        serde_json::from_value(json!({"at": "2026-01-02T03:04:05Z", "unanswered": unanswered,
            "whole": {"objects": objects, "claims": disks, "namespaces": ["egov"], "claims-kept": [], "namespaces-kept": []},
            "keeping": {"objects": objects, "claims": [], "namespaces": [], "claims-kept": disks, "namespaces-kept": ["egov"]}}))
        .unwrap()
    };
    let all = view(
        json!([{"kind": "Deployment", "count": 2}, {"kind": "Secret", "count": 1}]),
        json!(["egov/data-kafka-0", "egov/data-redis-0"]),
        json!(["metrics.k8s.io/v1beta1"]),
    );
    let mut nothing = view(json!([]), json!([]), json!([]));
    nothing.whole.namespaces.clear();
    golden(
        "removal_list_with_and_without_disks",
        &in_both(&[
            ("with the disks", &|words| show::removal(words, &all, false)),
            ("without the disks", &|words| show::removal(words, &all, true)),
            ("nothing is there", &|words| show::removal(words, &nothing, false)),
        ]),
    );
}
