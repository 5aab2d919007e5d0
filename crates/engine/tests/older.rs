//! A journal as version 94218fb wrote it: a run that failed, one that was killed, one that was stopped, one with a full disk
//! and a lid that was closed, a removal as `install` carried it out, and an install after it. Beside it are the reports
//! that 94218fb made of it, each 1.5 s after an event. How long it will still take is reckoned otherwise since, and left out.

#![allow(clippy::unwrap_used)]

use engine::*;
use jiff::Timestamp;
use serde_json::Value;

const JOURNAL: &str = include_str!("older/journal.jsonl");

/// Whether everything that was told then is told now. What is new may stand beside it.
fn tells(now: &Value, then: &Value) -> bool {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            let told = then.iter().filter(|(name, _)| *name != "eta");
            told.into_iter().all(|(name, then)| now.get(name).is_some_and(|now| tells(now, then)))
        }
        (Value::Array(now), Value::Array(then)) => {
            now.len() == then.len() && now.iter().zip(then).all(|(now, then)| tells(now, then))
        }
        (Value::Number(now), Value::Number(then)) => (now.as_f64().unwrap() - then.as_f64().unwrap()).abs() < 1e-6,
        (now, then) => now == then,
    }
}

#[test]
fn an_older_journal_tells_what_it_told_then() {
    #[derive(serde::Deserialize)]
    struct Told {
        events: usize,
        now: Timestamp,
        report: Value,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    std::fs::write(&path, JOURNAL).unwrap();
    let events = read(&path).unwrap();
    assert!(events.iter().all(|event| event.what != What::Unknown));
    for line in include_str!("older/reports.jsonl").lines() {
        let told: Told = serde_json::from_str(line).unwrap();
        let report = serde_json::to_value(fold(&events[..told.events], told.now)).unwrap();
        assert!(tells(&report, &told.report), "after {} events\nnow  {report}\nthen {}", told.events, told.report);
    }
    let then: Vec<((String, String), f64)> = serde_json::from_str(include_str!("older/measured.json")).unwrap();
    let now: Vec<((String, String), f64)> = measured(&events).into_iter().collect();
    assert!(tells(&serde_json::json!(now), &serde_json::json!(then)), "{now:?}");
}

#[test]
fn an_older_journal_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    std::fs::write(&path, JOURNAL).unwrap();
    let (mut journal, opened) = Journal::open(&path).unwrap();
    assert_eq!((opened.healed, journal.seq()), (0, opened.events.len() as u64));
    let purpose = RunPurpose { name: "remove".into(), ends_empty: true, ..RunPurpose::default() };
    let begun = What::RunStarted { plan: "plan".into(), steps: vec![], purpose, parallel: 1 };
    journal.say("r7", Timestamp::MAX, None, begun.clone()).unwrap();
    // What this version says is not taken for an older one's.
    assert_eq!(read(&path).unwrap().last().unwrap().what, begun);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with(JOURNAL));
}
