//! What happens when a person is needed in the middle of a run.

#![allow(clippy::unwrap_used)]

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use engine::*;
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;
use world::*;

/// Steps that get nowhere while the person is signed out.
struct SignedOut {
    is_out: Arc<AtomicBool>,
    /// These hold the run then, the others fail and are tried again.
    hold: Vec<bool>,
    /// Whether those that hold fail in the end.
    fail: bool,
}

#[async_trait]
impl Act for SignedOut {
    fn knows(&self, _: &str) -> bool {
        true
    }
    async fn look(&self, _: &Step, _: &StepContext) -> Result<Found, Failure> {
        Ok(Found::Absent)
    }
    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let n: usize = step.subject[1..].parse().unwrap();
        if self.hold[n] && self.is_out.load(Ordering::Relaxed) {
            let hold = cx.hold(Cause::new("sign-in-failed"));
            // Two calls of one step meet the same.
            let _again = cx.hold(Cause::new("sign-in-failed"));
            for _ in 0.. {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(5)) => {}
                    () = cx.stop().cancelled() => return Err(Failure::stopped()),
                }
                if self.fail {
                    return Err(Failure::new(Cause::new("broken")));
                }
                if !self.is_out.load(Ordering::Relaxed) {
                    break;
                }
            }
            hold.go_on();
        } else if self.is_out.load(Ordering::Relaxed) {
            return Err(Failure::new(Cause::new("sign-in-failed")).retry_after(2.0));
        }
        Ok(Did::changed(1, 0))
    }
    async fn undo(&self, _: &Step, _: &StepContext) -> Result<Did, Failure> {
        Ok(Did::changed(1, 0))
    }
}

struct Held {
    stage: Stage,
    act: Arc<SignedOut>,
}

impl Held {
    /// As many steps as `hold` is long, all of which may go at once but for the last, which needs the first.
    fn new(hold: &[bool], fail: bool) -> Self {
        let mut scripts = vec![Script { millis: 1000, ..Script::default() }; hold.len()];
        scripts.push(Script { needs: vec![0], millis: 1000, ..Script::default() });
        let hold = hold.iter().copied().chain([false]).collect();
        let act = Arc::new(SignedOut { is_out: Arc::new(AtomicBool::new(true)), hold, fail });
        Held { stage: Stage::new(scripts, 8), act }
    }

    async fn run(&mut self, stop: &CancellationToken) -> Option<Result<Outcome, Error>> {
        let retry = RetryPolicy { tries: 3, total: Duration::from_secs(30), longest_wait: Duration::from_secs(3) };
        let options = RunOptions { retry, ..self.stage.options() };
        self.stage.run_with(self.act.clone(), &options, stop.clone()).await
    }

    /// What is done to the run so many seconds after it began, while it goes.
    async fn run_and(&mut self, secs: u64, then: impl AsyncFnOnce(&SignedOut, &CancellationToken)) -> Option<Outcome> {
        let (stop, act) = (CancellationToken::new(), self.act.clone());
        let press = stop.clone();
        let meanwhile = async move {
            tokio::time::sleep(Duration::from_secs(secs)).await;
            then(&act, &press).await;
        };
        let (outcome, ()) = tokio::join!(self.run(&stop), meanwhile);
        outcome.map(Result::unwrap)
    }
}

fn whats(events: &[Event], is: impl Fn(&What) -> bool) -> usize {
    events.iter().filter(|event| is(&event.what)).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn while_a_person_is_needed_nothing_is_used_up_and_it_goes_on_by_itself(
        hold in proptest::collection::vec(any::<bool>(), 1..5),
        minutes in 5..120u64,
    ) {
        in_paused_time(|| async move {
            // At least one holds; the others are out of patience in half a minute, were it not for that.
            let hold: Vec<bool> = [true].into_iter().chain(hold).collect();
            let mut held = Held::new(&hold, false);
            let shown = held.stage.shown.clone();
            let disk = held.stage.disk.clone();
            let clock = held.stage.clock.clone();
            let outcome = held.run_and(minutes * 60, async move |act, _| {
                let report = fold(&disk.open().1.events, clock.now());
                assert_eq!((report.state, report.eta, report.failures), (RunState::NeedsPerson, None, 0));
                let attention = report.attention.clone().unwrap();
                assert_eq!((attention.step, attention.cause), (Some(id(0)), Cause::new("sign-in-failed")));
                assert!(report.needs_person() && report.running_for < 5.0, "{}", report.running_for);
                act.is_out.store(false, Ordering::Relaxed);
            }).await;
            assert_eq!(outcome, Some(Outcome::Ready));
            let events = held.stage.events();
            let count = hold.iter().filter(|holds| **holds).count();
            assert_eq!(whats(&events, |w| matches!(w, What::Held { .. })), count, "one for each step");
            assert_eq!(whats(&events, |w| matches!(w, What::Released { .. })), count);
            let mut holding = 0;
            for event in shown.lock().unwrap().iter() {
                match event.what {
                    What::Held { .. } => holding += 1,
                    What::Released { .. } => holding -= 1,
                    What::StepStarted { .. } => assert_eq!(holding, 0, "a step began while the run was held up"),
                    _ => {}
                }
            }
            let report = held.stage.report();
            assert_eq!((report.state, report.attention.clone(), report.needs_person()), (RunState::Ready, None, false));
            assert!(report.running_for < 60.0, "waiting for a person is no work: {}", report.running_for);
        });
    }
}

#[test]
fn a_run_that_is_stopped_while_a_person_is_needed_goes_on_saying_so() {
    in_paused_time(|| async {
        let mut held = Held::new(&[true, true], false);
        assert_eq!(held.run_and(100, async |_, stop| stop.cancel()).await, Some(Outcome::Stopped));
        let report = held.stage.report();
        assert_eq!(report.attention.as_ref().map(|a| a.cause.code.as_str()), Some("sign-in-failed"));
        assert_eq!((report.state, report.needs_person(), report.failures), (RunState::Stopped, true, 0));
        // Signed in meanwhile, the next run goes through.
        held.act.is_out.store(false, Ordering::Relaxed);
        assert_eq!(held.run_and(1, async |_, _| {}).await, Some(Outcome::Ready));
        assert!(held.stage.report().attention.is_none());
    });
}

#[test]
fn a_run_that_was_stopped_for_nothing_needs_nobody() {
    in_paused_time(|| async {
        let mut stage = Stage::new(vec![Script { millis: 60_000, ..Script::default() }; 2], 1);
        let (stop, options) = (CancellationToken::new(), stage.options());
        let press = stop.clone();
        let pressing = async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            press.cancel();
        };
        let (outcome, ()) = tokio::join!(stage.run_as(&options, stop), pressing);
        assert_eq!(outcome.unwrap().unwrap(), Outcome::Stopped);
        assert!(!stage.report().needs_person());
    });
}

#[test]
fn killed_while_a_person_is_needed_it_says_so_until_the_next_run() {
    in_paused_time(|| async {
        let mut held = Held::new(&[true], false);
        let disk = held.stage.disk.clone();
        let dying = held.run_and(100, async move |_, _| disk.dies_now()).await;
        assert_eq!(dying, None);
        held.stage.disk.dies_at(None);
        let report = held.stage.report();
        assert_eq!((report.state, report.needs_person()), (RunState::NeedsPerson, true));
        held.act.is_out.store(false, Ordering::Relaxed);
        assert_eq!(held.run_and(1, async |_, _| {}).await, Some(Outcome::Ready));
    });
}

#[test]
fn a_step_that_is_over_holds_nothing() {
    in_paused_time(|| async {
        let mut held = Held::new(&[true, true], true);
        assert_eq!(held.run_and(60, async |_, _| {}).await, Some(Outcome::Failed));
        let report = held.stage.report();
        assert_eq!(report.attention.as_ref().map(|a| a.cause.code.as_str()), Some("broken"));
        assert!(!report.needs_person());
    });
}
