//! What a person sees at moments that are easy to get wrong.

#![allow(clippy::unwrap_used)]

use engine::*;
use jiff::Timestamp;

fn at(s: i64) -> Timestamp {
    Timestamp::from_second(s).unwrap()
}

fn install() -> RunPurpose {
    RunPurpose { name: "install".to_owned(), learns: true, ..RunPurpose::default() }
}

struct Tale {
    events: Vec<Event>,
}

impl Tale {
    fn new(steps: &[(&str, &[&str])]) -> Self {
        let mut tale = Tale { events: Vec::new() };
        tale.begin(0, steps);
        tale
    }
    fn begin(&mut self, time: i64, steps: &[(&str, &[&str])]) {
        let step = |(id, needs): &(&str, &[&str])| Step {
            id: (*id).to_owned(),
            kind: "release".to_owned(),
            subject: (*id).to_owned(),
            stage: id[..1].to_owned(),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            estimate: Estimate { low: 50.0, high: 150.0, measured: false },
            changes: vec![],
            counted: true,
        };
        let steps = steps.iter().map(step).collect();
        self.then(time, None, What::RunStarted { plan: "p".into(), steps, purpose: install(), parallel: 2 });
    }
    fn then(&mut self, time: i64, step: Option<&str>, what: What) {
        let seq = self.events.len() as u64 + 1;
        self.events.push(Event { run: "r".into(), seq, at: at(time), step: step.map(str::to_owned), what });
    }
    fn start(&mut self, time: i64, step: &str) {
        self.then(time, Some(step), What::StepStarted { attempt: 1 });
    }
    fn done(&mut self, time: i64, step: &str) {
        self.then(time, Some(step), What::Done { changed: 1, unchanged: 0, skipped: None });
    }
    fn report(&self, time: i64) -> Report {
        fold(&self.events, at(time))
    }
}

fn states(r: &Report) -> Vec<(&str, StepState)> {
    r.stages.iter().flat_map(|s| &s.steps).map(|s| (s.id.as_str(), s.state)).collect()
}

#[test]
fn nothing_at_all_is_a_report_too() {
    let r = fold(&[], at(0));
    assert_eq!((r.state, r.percent, r.eta, r.stages.len()), (RunState::NotStarted, 0.0, None, 0));
}

#[test]
fn percent_counts_weight_and_the_progress_of_what_runs() {
    let mut tale = Tale::new(&[("a1", &[]), ("a2", &[]), ("b1", &["a1"]), ("b2", &["a2"])]);
    tale.start(0, "a1");
    tale.start(0, "a2");
    tale.done(100, "a1");
    assert_eq!(tale.report(100).percent, 25.0);
    tale.then(100, Some("a2"), What::Progress { done: 1.0, total: 2.0, unit: "pods".into(), code: "x".into() });
    let r = tale.report(110);
    assert_eq!(r.percent, 37.5);
    assert_eq!((r.stages[0].took, r.stages[0].done, r.stages[0].state), (110.0, 1, StepState::Running));
    // A progress that is nonsense, or goes back, moves nothing.
    for (done, total) in [(0.0, 0.0), (0.1, 2.0), (-5.0, 1.0)] {
        tale.then(100, Some("a2"), What::Progress { done, total, unit: "pods".into(), code: "x".into() });
        assert_eq!(tale.report(110).percent, 37.5);
    }
}

#[test]
fn the_time_left_follows_what_is_left() {
    let mut tale = Tale::new(&[("a1", &[]), ("a2", &[]), ("b1", &["a1"]), ("b2", &["a2"])]);
    let eta = tale.report(0).eta.unwrap();
    assert_eq!((eta.low, eta.high, eta.measured), (100.0, 300.0, false));
    tale.start(0, "a1");
    tale.start(0, "a2");
    tale.done(100, "a1");
    tale.done(100, "a2");
    let eta = tale.report(100).eta.unwrap();
    assert_eq!((eta.low, eta.high, eta.measured), (50.0, 150.0, true));
}

#[test]
fn what_a_failure_blocks_is_shown_and_the_first_failure_is_the_one_to_look_at() {
    let mut tale = Tale::new(&[("a1", &[]), ("a2", &[]), ("b1", &["a1"]), ("b2", &["b1", "a2"]), ("c", &["a2"])]);
    tale.start(0, "a1");
    tale.start(0, "a2");
    let cause = Cause::new("image-not-found").with("image", "x");
    tale.then(5, Some("a1"), What::Failed { cause: cause.clone(), evidence: vec!["e".into()] });
    use StepState::*;
    assert_eq!(
        states(&tale.report(5)),
        [("a1", Failed), ("a2", Running), ("b1", Blocked), ("b2", Blocked), ("c", Pending)]
    );
    tale.done(9, "a2");
    tale.start(9, "c");
    tale.then(20, Some("c"), What::Failed { cause: Cause::new("later"), evidence: vec![] });
    tale.then(20, None, What::Finished { outcome: Outcome::Failed });
    let r = tale.report(1000);
    assert_eq!((r.state, r.failures, r.running_for, r.ended_at), (RunState::Failed, 2, 20.0, Some(at(20))));
    assert_eq!(r.attention, Some(Attention { step: Some("a1".into()), cause, since: at(5) }));
    assert_eq!(r.stages.iter().map(|s| s.state).collect::<Vec<_>>(), [Failed, Blocked, Failed]);
    // The next run mends it: the trouble passed, and the hours in between were no work.
    let plan: &[(&str, &[&str])] = &[("a1", &[]), ("a2", &[]), ("b1", &["a1"]), ("b2", &["b1", "a2"]), ("c", &["a2"])];
    tale.begin(5000, plan);
    let r = tale.report(5001);
    assert_eq!(states(&r), [("a1", Pending), ("a2", Done), ("b1", Pending), ("b2", Pending), ("c", Pending)]);
    assert_eq!((r.started_at, r.running_for, r.attention, r.failures), (Some(at(0)), 21.0, None, 0));
    tale.start(5001, "a1");
    tale.done(5004, "a1");
    let r = tale.report(5004);
    assert_eq!((r.troubles, r.stages[0].steps[0].took), (1, 8.0));
}

#[test]
fn a_person_who_is_waited_for_comes_before_everything() {
    let mut tale = Tale::new(&[("a", &[]), ("b", &[])]);
    tale.start(0, "a");
    tale.start(0, "b");
    tale.then(1, Some("a"), What::Failed { cause: Cause::new("broken"), evidence: vec![] });
    let why = Cause::new("set-dns-record");
    let on = vec![Awaited { kind: "person".into(), name: "dns".into(), why: why.clone() }];
    tale.then(2, Some("b"), What::WaitingOn { on: on.clone() });
    tale.then(7, Some("b"), What::WaitingOn { on });
    let r = tale.report(9);
    assert_eq!(r.attention, Some(Attention { step: Some("b".into()), cause: why, since: at(2) }));
    assert_eq!(states(&r)[1].1, StepState::Waiting);
    tale.then(9, Some("b"), What::WaitingOn { on: vec![] });
    assert_eq!(tale.report(9).attention.unwrap().cause.code, "broken");
}

#[test]
fn pauses_stand_still_and_only_some_need_a_person() {
    for (why, needs) in
        [("asked", false), ("asleep", false), ("disk-full", true), ("signed-out", true), ("no-network", true)]
    {
        let mut tale = Tale::new(&[("a", &[])]);
        tale.start(0, "a");
        tale.then(10, None, What::Paused { why: why.into() });
        let r = tale.report(500);
        assert_eq!((r.state, r.running_for, r.held.as_deref(), r.eta), (RunState::Paused, 10.0, Some(why), None));
        assert_eq!(r.attention.is_some(), needs, "{why}");
        tale.then(600, None, What::Resumed { after: Some(590.0) });
        let r = tale.report(605);
        assert_eq!((r.state, r.running_for, r.held, r.stages[0].steps[0].took), (RunState::Running, 15.0, None, 15.0));
        assert_eq!(r.slept.is_some(), why == "asleep");
    }
}

#[test]
fn a_run_that_was_cut_off_worked_until_its_last_event() {
    let plan: &[(&str, &[&str])] = &[("a", &[])];
    let mut tale = Tale::new(plan);
    tale.start(0, "a");
    tale.then(30, Some("a"), What::Found { name: "lb".into(), value: "x".into() });
    tale.begin(1000, plan);
    tale.start(1000, "a");
    tale.done(1005, "a");
    tale.then(1006, None, What::Finished { outcome: Outcome::Ready });
    let r = tale.report(9999);
    assert_eq!((r.running_for, r.stages[0].steps[0].took, r.found["lb"].as_str()), (36.0, 35.0, "x"));
}

#[test]
fn an_event_from_the_future_freezes_nothing() {
    const YEARS: i64 = 300_000_000;
    let mut tale = Tale::new(&[("a", &[]), ("b", &["a"])]);
    tale.start(1, "a");
    // The clock is wrong for a moment, and right again.
    tale.then(YEARS, Some("a"), What::Found { name: "x".into(), value: "y".into() });
    tale.then(11, Some("a"), What::Found { name: "x".into(), value: "z".into() });
    tale.done(21, "a");
    tale.start(21, "b");
    let r = tale.report(31);
    assert_eq!((r.running_for, r.stages[0].steps[0].took, r.stages[1].steps[0].took), (21.0, 10.0, 10.0));
    assert!(r.eta.unwrap().high <= 150.0, "{:?}", r.eta);
    // Whoever looks with a clock that is wrong sees no more than what is known.
    assert_eq!(tale.report(YEARS).running_for, 11.0);
    assert_eq!(tale.report(-YEARS).running_for, 11.0);
}
