//! Trials of steps by injection: every step of a plan is carried out twice, and killed right before and right after its
//! effect, and whatever the fault the next run must come to the same end.
//!
//! Behind the feature `testing`, for tests of whoever brings the steps. Time comes from the caller's clock: in tokio's
//! paused time, or with steps that do not wait, a trial takes milliseconds.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::events::event::{Event, Outcome, What};
use crate::events::purpose::Direction;
use crate::journal::storage::Storage;
use crate::journal::writer::Journal;
use crate::plan::step::Step;
use crate::run::act::{Act, Did, Failure, Found};
use crate::run::context::StepContext;
use crate::run::options::{RunContext, RunOptions};
use crate::run::scheduler::run;
use crate::step_id::StepId;

/// What is done to one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out twice in a row.
    Twice,
    /// The program is killed before its effect.
    KilledBefore,
    /// The program is killed after its effect, before anybody knows of it.
    KilledAfter,
}

/// All of them.
pub const FAULTS: [Fault; 3] = [Fault::Twice, Fault::KilledBefore, Fault::KilledAfter];

/// What did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The step that the fault was injected into.
    pub step: StepId,
    /// The fault.
    pub fault: Fault,
    /// What went wrong then, for whoever reads the failing test.
    pub what: String,
}

/// Tries every fault on every step. `fresh` makes a world in which the run can begin, `act` gives what carries steps out in
/// it, `check` says what is wrong with a world in which the run came to its end. The world outlives the kill; what `act`
/// gives does not. No violation: the steps are idempotent.
pub async fn inject<W>(
    steps: &[Step],
    options: &RunOptions,
    clock: &Arc<dyn Clock>,
    fresh: impl AsyncFn() -> W,
    act: impl Fn(&W) -> Arc<dyn Act>,
    check: impl AsyncFn(&W) -> Result<(), String>,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for step in steps.iter().filter(|step| (options.wanted)(step)) {
        for fault in FAULTS {
            let world = fresh().await;
            let trial = Trial { steps, options, clock, journal: MemoryStorage::default() };
            let result = match trial.of(step, fault, &|| act(&world)).await {
                Ok(()) => check(&world).await,
                wrong => wrong,
            };
            violations.extend(result.err().map(|what| Violation { step: step.id.clone(), fault, what }));
        }
    }
    violations
}

struct Trial<'a> {
    steps: &'a [Step],
    options: &'a RunOptions,
    clock: &'a Arc<dyn Clock>,
    journal: MemoryStorage,
}

impl Trial<'_> {
    async fn of(&self, step: &Step, fault: Fault, act: &dyn Fn() -> Arc<dyn Act>) -> Result<(), String> {
        let injected = Arc::new(Injected::new(act(), step.id.clone(), fault));
        let killed = injected.killed.clone();
        let outcome = tokio::select! {
            biased;
            () = killed.cancelled() => None,
            outcome = self.run(1, injected.clone()) => Some(outcome?),
        };
        if !injected.fired.load(Ordering::Relaxed) {
            return Err(format!("it was not acted on: {}", self.told()?));
        }
        if outcome.is_some_and(|outcome| outcome != Outcome::Ready) {
            return Err(format!("the run did not end ready: {}", self.told()?));
        }
        for again in [2, 3] {
            if self.run(again, act()).await? != Outcome::Ready {
                return Err(format!("run {again} did not end ready: {}", self.told()?));
            }
        }
        let changed = |event: &&Event| matches!(event.what, What::Done { changed, .. } if changed > 0);
        let of_last = |event: &&Event| event.run == name(3);
        match self.events()?.iter().filter(of_last).find(changed).and_then(|event| event.step.clone()) {
            // What was taken back and what was made are both finished.
            Some(step) => Err(format!("{step} changed something though all was done")),
            None => Ok(()),
        }
    }

    async fn run(&self, number: u32, act: Arc<dyn Act>) -> Result<Outcome, String> {
        let (mut journal, _) = Journal::on(Box::new(self.journal.clone())).map_err(|e| e.to_string())?;
        let options = RunOptions { run: name(number), ..self.options.clone() };
        let cx =
            RunContext { act, clock: self.clock.clone(), publish: Arc::new(|_| {}), stop: CancellationToken::new() };
        run(self.steps, &options, &cx, &mut journal).await.map_err(|e| e.to_string())
    }

    fn events(&self) -> Result<Vec<Event>, String> {
        Ok(Journal::on(Box::new(self.journal.clone())).map_err(|e| e.to_string())?.1.events)
    }

    /// Everything that failed, for the message.
    fn told(&self) -> Result<String, String> {
        let failed = |event: &Event| match &event.what {
            What::Failed { cause, evidence } => Some(format!("{:?} {} {evidence:?}", event.step, cause.code)),
            _ => None,
        };
        Ok(self.events()?.iter().filter_map(failed).collect::<Vec<_>>().join("; "))
    }
}

fn name(number: u32) -> String {
    format!("trial-{number}")
}

/// Carries steps out, one of them with a fault.
struct Injected {
    inner: Arc<dyn Act>,
    step: StepId,
    fault: Fault,
    fired: AtomicBool,
    killed: CancellationToken,
}

impl Injected {
    fn new(inner: Arc<dyn Act>, step: StepId, fault: Fault) -> Self {
        Injected { inner, step, fault, fired: AtomicBool::new(false), killed: CancellationToken::new() }
    }

    async fn die(&self) {
        self.fired.store(true, Ordering::Relaxed);
        self.killed.cancel();
        std::future::pending::<()>().await;
    }

    async fn effect(&self, step: &Step, cx: &StepContext, direction: Direction) -> Result<Did, Failure> {
        match direction {
            Direction::Forward => self.inner.act(step, cx).await,
            Direction::Backward => self.inner.undo(step, cx).await,
        }
    }

    async fn inject(&self, step: &Step, cx: &StepContext, direction: Direction) -> Result<Did, Failure> {
        // Once: what goes on after the fault is as it would be.
        if step.id != self.step || self.fired.load(Ordering::Relaxed) {
            return self.effect(step, cx, direction).await;
        }
        if self.fault == Fault::KilledBefore {
            self.die().await;
        }
        // An effect that fails is not yet one; the next try is.
        let did = self.effect(step, cx, direction).await?;
        if self.fault == Fault::KilledAfter {
            self.die().await;
        }
        self.fired.store(true, Ordering::Relaxed);
        self.effect(step, cx, direction).await.map(|again| Did { changed: did.changed.max(again.changed), ..again })
    }
}

#[async_trait]
impl Act for Injected {
    fn knows(&self, kind: &str) -> bool {
        self.inner.knows(kind)
    }
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
        self.inner.look(step, cx).await
    }
    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        self.inject(step, cx, Direction::Forward).await
    }
    async fn undo(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        self.inject(step, cx, Direction::Backward).await
    }
}

/// A journal's bytes in memory, which outlive a run. Clones are the same bytes.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Storage for MemoryStorage {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(())
    }
    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).truncate(len);
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::clock::ManualClock;
    use crate::events::purpose::RunPurpose;
    use crate::plan::step::Estimate;
    use jiff::Timestamp;

    /// How a step is wrong.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Wrong {
        Nothing,
        /// Carried out twice, it fails.
        RefusesTwice,
        /// It does not see what a killed run has made.
        Blind,
        /// It leaves something half made when it is carried out twice.
        Doubles,
    }

    #[derive(Default)]
    struct World {
        made: Mutex<BTreeMap<String, u32>>,
    }

    struct Maker {
        world: Arc<World>,
        wrong: Wrong,
    }

    #[async_trait]
    impl Act for Maker {
        fn knows(&self, _: &str) -> bool {
            true
        }
        async fn look(&self, step: &Step, _: &StepContext) -> Result<Found, Failure> {
            let is_made = self.world.made.lock().unwrap().contains_key(&step.id);
            Ok(if is_made && self.wrong != Wrong::Blind { Found::AsWanted } else { Found::Absent })
        }
        async fn act(&self, step: &Step, _: &StepContext) -> Result<Did, Failure> {
            let mut made = self.world.made.lock().unwrap();
            let times = made.entry(step.id.clone()).or_default();
            match self.wrong {
                Wrong::RefusesTwice if *times > 0 => {
                    return Err(Failure::new(crate::cause::Cause::new("already-there")));
                }
                Wrong::Doubles => *times += 1,
                _ => *times = 1,
            }
            Ok(Did::changed(1, 0))
        }
        async fn undo(&self, step: &Step, _: &StepContext) -> Result<Did, Failure> {
            let gone = self.world.made.lock().unwrap().remove(&step.id);
            Ok(Did::changed(u32::from(gone.is_some()), 0))
        }
    }

    fn steps() -> Vec<Step> {
        let step = |(id, needs): (&str, &[&str])| Step {
            id: id.to_owned(),
            kind: "thing".to_owned(),
            subject: id.to_owned(),
            stage: "s".to_owned(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            estimate: Estimate { low: 1.0, high: 1.0, measured: false },
            changes: Vec::new(),
            content: None,
            counted: false,
            cost: None,
        };
        [("a", &[][..]), ("b", &["a"]), ("c", &["a"])].into_iter().map(step).collect()
    }

    async fn violations(wrong: Wrong, direction: Direction) -> Vec<Violation> {
        let purpose = RunPurpose { name: "x".to_owned(), direction, ..RunPurpose::default() };
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let is_back = direction == Direction::Backward;
        let fresh = async || {
            let made = if is_back { steps().into_iter().map(|s| (s.id, 1)).collect() } else { BTreeMap::new() };
            Arc::new(World { made: Mutex::new(made) })
        };
        let act = |world: &Arc<World>| Arc::new(Maker { world: world.clone(), wrong }) as Arc<dyn Act>;
        let check = async |world: &Arc<World>| {
            let made = world.made.lock().unwrap().clone();
            let wanted = if is_back { BTreeMap::new() } else { steps().into_iter().map(|s| (s.id, 1)).collect() };
            if made == wanted { Ok(()) } else { Err(format!("{made:?}")) }
        };
        inject(&steps(), &RunOptions::new("r", "p", purpose), &clock, fresh, act, check).await
    }

    #[tokio::test]
    async fn steps_that_look_before_they_act_pass_every_fault_in_both_directions() {
        for direction in [Direction::Forward, Direction::Backward] {
            assert_eq!(violations(Wrong::Nothing, direction).await, []);
        }
    }

    #[tokio::test]
    async fn steps_that_a_fault_breaks_are_named_with_it() {
        use Fault::*;
        for (wrong, faults) in [
            (Wrong::RefusesTwice, &[Twice][..]),
            (Wrong::Blind, &[Twice, KilledBefore, KilledAfter]),
            (Wrong::Doubles, &[Twice]),
        ] {
            let found = violations(wrong, Direction::Forward).await;
            for step in steps() {
                let of_step: Vec<Fault> = found.iter().filter(|v| v.step == step.id).map(|v| v.fault).collect();
                assert_eq!(of_step, faults, "{wrong:?} {found:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_step_that_is_never_acted_on_is_not_passed_in_silence() {
        // Nothing is there that could be taken back.
        let purpose = RunPurpose { direction: Direction::Backward, ..RunPurpose::default() };
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let act = |world: &Arc<World>| Arc::new(Maker { world: world.clone(), wrong: Wrong::Nothing }) as Arc<dyn Act>;
        let options = RunOptions::new("r", "p", purpose);
        let found = inject(&steps(), &options, &clock, async || Arc::default(), act, async |_| Ok(())).await;
        let named: BTreeSet<&str> = found.iter().map(|v| v.step.as_str()).collect();
        assert_eq!((named.len(), found.len()), (3, 9));
        assert!(found.iter().all(|v| v.what.contains("not acted on")), "{found:?}");
    }
}
