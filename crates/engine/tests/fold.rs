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
        self.begin_for(time, steps, install());
    }
    fn begin_for(&mut self, time: i64, steps: &[(&str, &[&str])], purpose: RunPurpose) {
        let step = |(id, needs): &(&str, &[&str])| Step {
            id: (*id).to_owned(),
            kind: "release".to_owned(),
            subject: (*id).to_owned(),
            stage: id[..1].to_owned(),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            estimate: Estimate { low: 50.0, high: 150.0, measured: false },
            changes: vec![],
            content: None,
            counted: true,
            cost: None,
        };
        let steps = steps.iter().map(step).collect();
        self.then(time, None, What::RunStarted { plan: "p".into(), steps, purpose, parallel: 2 });
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
    let whole = |report: &Report| report.eta.map(|eta| (eta.low.round(), eta.high.round(), eta.measured)).unwrap();
    assert_eq!(whole(&tale.report(0)), (100.0, 300.0, false));
    tale.start(0, "a1");
    tale.start(0, "a2");
    tale.done(100, "a1");
    tale.done(100, "a2");
    // Both took what was thought, nearly; half of it is known.
    let (low, high, measured) = whole(&tale.report(100));
    assert!(measured && (50.0..70.0).contains(&low) && (150.0..180.0).contains(&high), "{low} to {high}");
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

/// Steps `a` and `b`, which cost 1.5 and 0.5 of a currency's unit an hour.
fn with_costs(tale: &mut Tale) {
    if let What::RunStarted { steps, .. } = &mut tale.events.last_mut().unwrap().what {
        for (step, micros) in steps.iter_mut().zip([1_500_000, 500_000]) {
            step.cost = Some(HourlyCost { currency: "USD".into(), micros });
        }
    }
}

#[test]
fn what_was_made_costs_until_it_is_taken_back_whether_anything_runs_or_not() {
    const HOUR: i64 = 3600;
    let usd = |so_far, per_hour| vec![CostReport { currency: "USD".into(), so_far, per_hour }];
    let plan: &[(&str, &[&str])] = &[("a", &[]), ("b", &[])];
    let mut tale = Tale::new(plan);
    with_costs(&mut tale);
    tale.start(0, "a");
    tale.start(0, "b");
    assert_eq!(tale.report(HOUR).costs, []);
    // The first says itself when it begins to cost, and fails after that.
    tale.then(HOUR, Some("a"), What::CostBegan);
    tale.then(2 * HOUR, Some("a"), What::Failed { cause: Cause::new("c"), evidence: vec![] });
    tale.done(2 * HOUR, "b");
    tale.then(2 * HOUR, None, What::Finished { outcome: Outcome::Failed });
    assert_eq!(tale.report(2 * HOUR).costs, usd(1_500_000, 2_000_000));
    assert_eq!(tale.report(12 * HOUR).costs, usd(21_500_000, 2_000_000), "it costs while nothing runs");
    // The next run finds both there: nothing begins anew.
    tale.begin(12 * HOUR, plan);
    with_costs(&mut tale);
    for step in ["a", "b"] {
        tale.start(12 * HOUR, step);
        tale.then(12 * HOUR, Some(step), What::Done { changed: 0, unchanged: 1, skipped: Some(Skip::AsWanted) });
    }
    tale.then(12 * HOUR, None, What::Finished { outcome: Outcome::Ready });
    assert_eq!(tale.report(12 * HOUR).costs, usd(21_500_000, 2_000_000));
    // A removal takes one back, and is cut off.
    let remove = RunPurpose { name: "remove".into(), direction: Direction::Backward, ends_empty: true, learns: false };
    tale.begin_for(20 * HOUR, plan, remove.clone());
    tale.start(20 * HOUR, "b");
    tale.done(22 * HOUR, "b");
    assert_eq!(tale.report(24 * HOUR).costs, usd(44_500_000, 1_500_000));
    tale.begin_for(24 * HOUR, plan, remove);
    tale.then(24 * HOUR, Some("a"), What::Done { changed: 0, unchanged: 0, skipped: Some(Skip::NotAsked) });
    assert_eq!(tale.report(24 * HOUR).costs[0].per_hour, 1_500_000, "what was not asked for is still there");
    tale.then(24 * HOUR, None, What::Finished { outcome: Outcome::Ready });
    tale.then(25 * HOUR, None, What::Removed { left: [].into(), look: engine::SecondLook::default() });
    assert_eq!(tale.report(99 * HOUR).costs, usd(46_000_000, 0));
    // What is installed after that has a sum of its own.
    tale.begin(100 * HOUR, plan);
    assert_eq!(tale.report(100 * HOUR).costs, []);
}

#[test]
fn a_clock_that_was_wrong_when_something_was_made_does_not_make_it_dear_or_free() {
    const YEARS: i64 = 300_000_000;
    for wrong in [YEARS, -YEARS] {
        let mut tale = Tale::new(&[("a", &[]), ("b", &[])]);
        with_costs(&mut tale);
        tale.start(wrong, "a");
        tale.done(wrong, "a");
        // It is put right: the run notices.
        tale.then(10, None, What::Resumed { after: Some((10 - wrong) as f64) });
        let costs = tale.report(3610).costs;
        assert_eq!((costs[0].so_far, costs[0].per_hour), (1_500_000, 1_500_000), "{wrong}");
    }
}

#[test]
fn parts_stand_below_their_step_and_only_what_ended_outlives_a_crash() {
    use PartState::*;
    let part = |name: &str, state| What::Part(Part { name: name.into(), kind: "bucket".into(), state, cause: None });
    let parts = |r: &Report| r.stages[0].steps[0].parts.iter().map(|p| (p.name.clone(), p.state)).collect::<Vec<_>>();
    let named = |all: &[(&str, PartState)]| all.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect::<Vec<_>>();
    let plan: &[(&str, &[&str])] = &[("a", &[])];
    let mut tale = Tale::new(plan);
    tale.start(0, "a");
    for (name, state) in [("x", Running), ("y", Pending), ("x", Done), ("y", Running), ("z", Failed), ("z", Running)] {
        tale.then(1, Some("a"), part(name, state));
    }
    assert_eq!(parts(&tale.report(1)), named(&[("x", Done), ("z", Running), ("y", Running)]));
    // What the journal keeps of it.
    let durable: Vec<Event> = tale.events.iter().filter(|e| e.what.is_durable()).cloned().collect();
    assert_eq!(parts(&fold(&durable, at(1))), named(&[("x", Done), ("z", Failed)]));
    tale.begin(100, plan);
    assert_eq!(parts(&tale.report(100)), named(&[("x", Done), ("z", Failed)]));
    tale.start(100, "a");
    tale.then(101, Some("a"), part("z", Done));
    tale.done(102, "a");
    assert_eq!(parts(&tale.report(200)), named(&[("x", Done), ("z", Done)]));
    tale.begin_for(300, plan, RunPurpose { direction: Direction::Backward, ..install() });
    tale.start(300, "a");
    tale.then(301, Some("a"), part("x", Gone));
    assert_eq!(parts(&tale.report(301)), named(&[("x", Gone), ("z", Done)]));
}

#[test]
fn what_another_plan_makes_otherwise_is_not_done_yet() {
    let mut tale = Tale::new(&[("a1", &[]), ("a2", &[]), ("b1", &["a1"]), ("c1", &["a2"])]);
    // What a step makes, by its id; `c1` cannot say.
    let with = |plan: &str, contents: [&str; 3]| {
        let step = |id: &str, needs: &[&str], content: Option<&str>| Step {
            id: id.to_owned(),
            kind: "release".to_owned(),
            subject: id.to_owned(),
            stage: id[..1].to_owned(),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            estimate: Estimate { low: 50.0, high: 150.0, measured: false },
            changes: vec![],
            content: content.map(str::to_owned),
            counted: true,
            cost: None,
        };
        let [a1, a2, b1] = contents;
        let steps = vec![
            step("a1", &[], Some(a1)),
            step("a2", &[], Some(a2)),
            step("b1", &["a1"], Some(b1)),
            step("c1", &["a2"], None),
        ];
        What::RunStarted { plan: plan.into(), steps, purpose: install(), parallel: 2 }
    };
    tale.events.clear();
    tale.then(0, None, with("p", ["x", "x", "x"]));
    for step in ["a1", "a2", "c1"] {
        tale.start(0, step);
        tale.done(100, step);
    }
    tale.start(100, "b1");
    tale.then(110, Some("b1"), What::Failed { cause: Cause::new("broken"), evidence: vec![] });
    tale.then(110, None, What::Finished { outcome: Outcome::Failed });
    assert_eq!((tale.report(110).counted_done, tale.report(110).percent), (3, 75.0));
    let of = |next: What| {
        let mut events = tale.events.clone();
        events.push(Event { run: "r2".into(), seq: 99, at: at(200), step: None, what: next });
        let report = fold(&events, at(200));
        (report.counted_done, report.percent, report.eta.unwrap().high)
    };
    let (done, percent, _) = of(with("p", ["x", "x", "x"]));
    assert_eq!((done, percent), (3, 75.0), "the same plan goes on");
    // Of another plan stands what it makes as it is made; what cannot say is looked at again.
    let (done, percent, high) = of(with("q", ["x", "y", "x"]));
    assert_eq!((done, percent), (1, 25.0));
    assert!(high >= 300.0, "{high}: two are done anew, one after the other");
}
