//! The journal on a real disk.

#![allow(clippy::unwrap_used)]

use engine::*;
use jiff::Timestamp;

fn at(s: i64) -> Timestamp {
    Timestamp::from_second(s).unwrap()
}

fn begun(steps: Vec<Step>) -> What {
    let purpose = RunPurpose { name: "install".into(), ..RunPurpose::default() };
    What::RunStarted { plan: "p".into(), steps, purpose, parallel: 3 }
}

fn step(id: &str) -> Step {
    Step {
        id: id.into(),
        kind: "x".into(),
        subject: "y".into(),
        stage: "s".into(),
        needs: vec![],
        estimate: Estimate { low: 1.0, high: 1.0, measured: false },
        changes: vec![],
        content: None,
        counted: false,
        cost: None,
    }
}

#[test]
fn events_come_back_in_order_with_the_time_that_the_clock_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    assert_eq!(read(&path).unwrap(), []);
    let (mut journal, opened) = Journal::open(&path).unwrap();
    assert_eq!(opened, Opened { events: vec![], healed: 0 });
    let id = "x:y".to_owned();
    let a = journal.say("r", at(100), None, begun(vec![step("x:y")])).unwrap();
    let b = journal.say("r", at(50), Some(&id), What::StepStarted { attempt: 1 }).unwrap();
    let c = journal.say("r", at(60), Some(&id), What::Found { name: "n".into(), value: "v".into() }).unwrap();
    assert_eq!((a.seq, b.seq, b.at), (1, 2, at(50)));
    drop(journal);
    let (mut journal, opened) = Journal::open(&path).unwrap();
    assert_eq!(opened.events, [a.clone(), b.clone(), c.clone()]);
    assert_eq!(journal.found()["n"], "v");
    let d = journal.say("r", at(20), None, What::Resumed { after: None }).unwrap();
    assert_eq!(read(&path).unwrap(), [a, b, c, d.clone()]);
    assert_eq!((d.seq, d.at), (4, at(20)));
}

#[test]
fn a_torn_last_line_is_cut_off_and_reported() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let (mut journal, _) = Journal::open(&path).unwrap();
    let a = journal.say("r", at(1), None, begun(vec![])).unwrap();
    drop(journal);
    let good = std::fs::read(&path).unwrap();
    for tail in
        [&br#"{"run":"r","se"#[..], b"\0\0\0\0", br#"{"run":"r","seq":2,"at":"2026-01-01T00:00:00Z","what":"resumed"}"#]
    {
        std::fs::write(&path, [&good, tail].concat()).unwrap();
        assert_eq!(read(&path).unwrap(), std::slice::from_ref(&a));
        let (_, opened) = Journal::open(&path).unwrap();
        assert_eq!(opened, Opened { events: vec![a.clone()], healed: tail.len() as u64 });
        assert_eq!(std::fs::read(&path).unwrap(), good);
    }
}

#[test]
fn what_a_newer_version_wrote_is_kept_and_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let newer = concat!(
        r#"{"format":"digit-journal","version":1}"#,
        "\n",
        r#"{"run":"r","seq":1,"at":"2026-01-01T00:00:00Z","what":"telepathy","of":{"a":[1]}}"#,
        "\n",
        r#"{"run":"r","seq":2,"at":"2026-01-01T00:00:00Z","step":"a:b","what":"done","changed":1,"unchanged":0,"skipped":"too-boring"}"#,
        "\n",
        r#"{"run":"r","seq":3,"at":"2026-01-01T00:00:00Z","what":"paused","why":"asked","colour":"blue"}"#,
        "\n"
    );
    std::fs::write(&path, newer).unwrap();
    let (mut journal, opened) = Journal::open(&path).unwrap();
    let whats: Vec<_> = opened.events.iter().map(|e| (e.seq, e.what.clone())).collect();
    assert_eq!(whats, [(1, What::Unknown), (2, What::Unknown), (3, What::Paused { why: "asked".into() })]);
    assert_eq!(journal.say("r", at(1), None, What::Resumed { after: None }).unwrap().seq, 4);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with(newer));
    assert_eq!(fold(&read(&path).unwrap(), at(2)).seq, 4);
}

#[test]
fn what_is_not_ours_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let header = "{\"format\":\"digit-journal\",\"version\":1}\n";
    let event = r#"{"run":"r","seq":1,"at":"2026-01-01T00:00:00Z","what":"paused","why":"asked"}"#;
    for (text, code) in [
        ("hello\n".to_owned(), "not-a-journal"),
        ("hello".to_owned(), "not-a-journal"),
        ("{\"format\":\"digit-journal\",\"version\":2}\n".to_owned(), "journal-newer"),
        (format!("{header}{event}\n{{\"run\":\"r\n{event}\n"), "journal-damaged"),
        (format!("{header}{event}\n{event}\n"), "journal-impossible"),
    ] {
        std::fs::write(&path, &text).unwrap();
        assert_eq!(Journal::open(&path).err().unwrap().code(), code, "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn every_event_survives_the_way_through_json() {
    let cause = Cause::new("c").with("n", 3);
    for what in [
        begun(vec![step("x:y")]),
        What::StepStarted { attempt: 2 },
        What::Progress { done: 1.5, total: 3.0, unit: "pods".into(), code: "x".into() },
        What::WaitingOn { on: vec![Awaited { kind: "person".into(), name: "you".into(), why: cause.clone() }] },
        What::Retrying { cause: cause.clone(), after: 2.0 },
        What::Failed { cause, evidence: vec!["e".into()] },
        What::Done { changed: 1, unchanged: 2, skipped: Some(Skip::AsWanted) },
        What::Done { changed: 1, unchanged: 2, skipped: None },
        What::Found { name: "n".into(), value: "v".into() },
        What::Part(Part {
            name: "n".into(),
            kind: "k".into(),
            state: PartState::Running,
            cause: Some(Cause::new("c")),
        }),
        What::CostBegan,
        What::Held { cause: Cause::new("c") },
        What::Released { cause: Cause::new("c") },
        What::Paused { why: "w".into() },
        What::Resumed { after: Some(1.0) },
        What::Finished { outcome: Outcome::Stopped },
        What::Removed { left: [("Pod".to_owned(), 1)].into(), look: engine::SecondLook::default() },
    ] {
        let event = Event { run: "r".into(), seq: 7, at: at(1), step: Some("k:s".into()), what };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
    }
}

#[test]
fn an_event_that_cannot_follow_is_named_by_its_line() {
    let mut a = step("a");
    a.needs = vec!["b".into()];
    let steps = vec![a, step("b")];
    let start = |attempt| What::StepStarted { attempt };
    let done = || What::Done { changed: 1, unchanged: 0, skipped: None };
    let not_asked = || What::Done { changed: 0, unchanged: 0, skipped: Some(Skip::NotAsked) };
    let failed = || What::Failed { cause: Cause::new("c"), evidence: vec![] };
    let retrying = || What::Retrying { cause: Cause::new("c"), after: 1.0 };
    let found = || What::Found { name: "n".into(), value: "v".into() };
    let end = |outcome| What::Finished { outcome };
    let pause = || What::Paused { why: "disk-full".into() };
    let resume = || What::Resumed { after: None };
    let removed = || What::Removed { left: [].into(), look: engine::SecondLook::default() };
    type Said = (&'static str, What);
    // What is said of whom after the run began with steps a and b, of which a needs b; and what is wrong with the last.
    let cases: Vec<(Vec<Said>, Option<&str>)> = vec![
        (
            vec![
                ("b", start(1)),
                ("b", found()),
                ("b", done()),
                ("a", start(1)),
                ("a", failed()),
                ("", end(Outcome::Failed)),
            ],
            None,
        ),
        (vec![("b", start(1)), ("b", retrying()), ("b", start(2)), ("b", retrying()), ("b", failed())], None),
        (vec![("b", not_asked()), ("a", start(1)), ("a", done()), ("", end(Outcome::Ready))], None),
        (vec![("b", start(1)), ("", pause()), ("", resume()), ("", end(Outcome::Stopped)), ("", resume())], None),
        (vec![("", end(Outcome::Stopped)), ("", failed())], None),
        (vec![("b", What::Unknown), ("a", start(1)), ("a", done()), ("", end(Outcome::Ready))], None),
        (vec![("c", start(1))], Some("unknown-step")),
        (vec![("b", done())], Some("not-begun")),
        (vec![("b", failed())], Some("not-begun")),
        (vec![("b", found())], Some("not-begun")),
        (vec![("a", start(1))], Some("begun-too-early")),
        (vec![("b", start(1)), ("b", start(2))], Some("begun-twice")),
        (vec![("b", start(2))], Some("attempt-out-of-order")),
        (vec![("b", start(1)), ("b", done()), ("b", done())], Some("ended-twice")),
        (vec![("b", start(1)), ("b", done()), ("b", failed())], Some("ended-twice")),
        (vec![("b", start(1)), ("b", done()), ("b", start(2))], Some("begun-twice")),
        (vec![("b", start(1)), ("b", done()), ("", end(Outcome::Ready))], Some("ready-too-early")),
        (vec![("", end(Outcome::Stopped)), ("", end(Outcome::Stopped))], Some("after-the-end")),
        (vec![("", end(Outcome::Stopped)), ("b", start(1))], Some("after-the-end")),
        (vec![("", removed())], Some("removed-too-early")),
        (vec![("", done())], Some("about-no-step")),
        (vec![("b", start(1)), ("b", end(Outcome::Failed))], Some("not-about-a-step")),
    ];
    let dir = tempfile::tempdir().unwrap();
    for (n, (said, wrong)) in cases.into_iter().enumerate() {
        let path = dir.path().join(n.to_string());
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.say("r", at(1), None, begun(steps.clone())).unwrap();
        let (of_case, line) = (format!("{said:?}"), said.len() + 2);
        for (id, what) in said {
            let id = (!id.is_empty()).then(|| id.to_owned());
            journal.say("r", at(2), id.as_ref(), what).unwrap();
        }
        match (Journal::open(&path), wrong) {
            (Ok(_), None) => {}
            (Err(Error::Impossible { line: l, reason }), Some(wrong)) => {
                assert_eq!((l, reason), (line, wrong), "{of_case}");
            }
            (opened, _) => panic!("{of_case}: {:?}", opened.err()),
        }
    }
}
