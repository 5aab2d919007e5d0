//! Fixed data for tests of what a person reads.

use install::view::{Cause, CheckState, CheckView, ErrorView, InstallationView, Report};
use serde_json::{Value, json};

pub(crate) const RUN: &str = "springfield-5";

/// A cause or an error's arguments, from pairs.
fn args(pairs: &[(&str, &str)]) -> Value {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

pub(crate) fn cause(code: &str, pairs: &[(&str, &str)]) -> Value {
    json!({ "code": code, "args": args(pairs) })
}

/// A step; `more` overrides what an ordinary one says.
pub(crate) fn step(kind: &str, subject: &str, state: &str, took: f64, more: Value) -> Value {
    let attempt = u32::from(!matches!(state, "pending" | "blocked"));
    let mut step = json!({
        "id": format!("{kind}:{subject}"), "kind": kind, "subject": subject, "state": state, "attempt": attempt,
        "took": took, "progress": null, "parts": [], "waiting-on": [], "cause": null, "evidence": [],
        "changed": 0, "unchanged": 0,
    });
    if let (Some(step), Value::Object(more)) = (step.as_object_mut(), more) {
        step.extend(more);
    }
    step
}

pub(crate) fn stage(id: &str, state: &str, steps: &[Value]) -> Value {
    let done = steps.iter().filter(|step| step["state"] == "done" || step["state"] == "skipped").count();
    json!({ "id": id, "state": state, "done": done, "took": 1.0, "steps": steps })
}

pub(crate) fn report(state: &str, stages: &[Value], more: Value) -> Report {
    let steps = || stages.iter().flat_map(|stage| stage["steps"].as_array().unwrap());
    let counted = || steps().filter(|step| step["kind"] == "release");
    let mut report = json!({
        "run": RUN, "purpose": "install", "seq": 12, "state": state, "started-at": "2026-01-02T03:04:05Z",
        "ended-at": null, "running-for": 100.0, "percent": 40.0, "eta": null,
        "services-ready": counted().filter(|step| step["state"] == "done").count(),
        "services-total": counted().count(),
        "attention": null, "failures": 0, "troubles": 0, "costs": [], "found": {}, "left": null, "look": null,
        "held": null, "slept": null, "stages": stages,
    });
    if let (Some(report), Value::Object(more)) = (report.as_object_mut(), more) {
        report.extend(more);
    }
    serde_json::from_value(report).unwrap()
}

/// A page, with a plan of two services.
pub(crate) fn page(report: &Report, working: bool, address: Option<&str>, door_open: bool) -> InstallationView {
    let summary = json!({
        "id": "springfield", "name": "springfield", "error": null, "target": "cluster", "place": "prod",
        "product": {"name": "DIGIT", "version": "v2.9.2", "modules": ["m_pgr"]}, "state": report.state, "working": working,
        "services-ready": report.counted_done, "services-total": report.counted_total, "percent": report.percent,
        "created": null, "changed": null,
    });
    serde_json::from_value(json!({
        "summary": summary, "report": report, "answers": plan(2)["answers"], "plan": plan(2), "unreadable": null, "folder": "/home/me/installations/springfield",
        "address": address, "door-open": door_open,
    }))
    .unwrap()
}

/// A plan of so many services, each with a pod and an image; from two on, one leaves.
pub(crate) fn plan(services: u32) -> Value {
    let all = [
        ("cluster-configs", "settings", "settings", ""),
        ("kafka-kraft", "backbone", "group", "core"),
        ("egov-user", "core", "group", "m_pgr"),
        ("pgr-services", "modules", "chosen", ""),
    ];
    let first = if services == 1 { 3 } else { 0 };
    let listed = all.iter().skip(first).take(services as usize).map(|(name, stage, code, of)| {
        json!({"name": name, "namespace": "egov", "stage": stage, "because": {"code": code, "of": of}, "workloads": [],
            "objects-hash": "00", "images": [], "memory": 512, "disk": 10})
    });
    let leaving = if services > 1 { json!([{"name": "dashboard-analytics", "namespace": "egov"}]) } else { json!([]) };
    let basis = if services > 1 {
        json!({"steps": 40, "measured": 12, "images": services, "to-download": services - 1, "unclear": 1, "sized": 1, "bytes": 123_456_789,
            "downloading": []})
    } else {
        json!({"steps": 4, "measured": 0, "images": 1, "to-download": 0, "unclear": 0, "sized": 0, "bytes": 0, "downloading": []})
    };
    json!({
        "format": 1, "id": "0123abcd", "installation": "springfield",
        "answers": {"name": "springfield", "target": {"kind": "rehearsal"},
            "product": {"name": "DIGIT", "version": "v2.9.2", "modules": ["m_pgr"]}},
        "combination": {"product": "DIGIT", "version": "v2.9.2", "charts-commit": "", "charts-tree": "", "list-commit": "",
            "list-blob": "", "patches": []},
        "cluster": {"uid": "u", "version": "v1.36.3", "simulated": false, "api-versions": []}, "services": listed.collect::<Vec<_>>(), "steps": [],
        "sizes": {"services": services, "workloads": services, "pods": services, "memory": 512 * services, "cpu": 100,
            "disk": 10 * services, "nodes": services, "images": services},
        "objects": [{"kind": "Deployment", "count": services}], "estimate": {"low": 600.0, "high": 1500.0, "measured": false}, "basis": basis,
        "shared": [], "optional": {}, "leaving": leaving,
    })
}

pub(crate) fn check(name: &str, state: CheckState, cause: Option<Value>, can_accept: bool) -> CheckView {
    let cause: Option<Cause> = cause.map(|cause| serde_json::from_value(cause).unwrap());
    CheckView { name: name.to_owned(), state, cause, can_accept }
}

pub(crate) fn error(code: &str, pairs: &[(&str, &str)], details: &Value) -> ErrorView {
    serde_json::from_value(json!({ "code": code, "args": args(pairs), "field": null, "details": details })).unwrap()
}
