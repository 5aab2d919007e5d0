//! A world that steps change, a disk that fills up or dies, and time that passes as fast as nobody works.

// Each file of tests uses a part of it.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::*;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// What happens with one step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) needs: Vec<usize>,
    pub(crate) millis: u64,
    /// So many tries fail for a passing reason before one goes well.
    pub(crate) hiccups: u32,
    pub(crate) breaks: Option<Break>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Break {
    Fails,
    Panics,
    BelongsToSomeoneElse,
}

/// The purpose of a run that makes what the plan says.
pub(crate) fn install() -> RunPurpose {
    RunPurpose { name: "install".to_owned(), learns: true, ..RunPurpose::default() }
}

/// The purpose of a run that takes it back.
pub(crate) fn remove() -> RunPurpose {
    RunPurpose { name: "remove".to_owned(), direction: Direction::Backward, ends_empty: true, learns: false }
}

pub(crate) fn id(n: usize) -> String {
    format!("release:s{n}")
}

pub(crate) fn steps(scripts: &[Script]) -> Vec<Step> {
    let step = |(n, script): (usize, &Script)| Step {
        id: id(n),
        kind: if n % 3 == 0 { "wait".to_owned() } else { "release".to_owned() },
        subject: format!("s{n}"),
        stage: format!("stage-{}", n / 3),
        needs: script.needs.iter().map(|n| id(*n)).collect(),
        estimate: Estimate { low: script.millis as f64 / 2000.0, high: script.millis as f64 / 500.0, measured: false },
        changes: Vec::new(),
        content: None,
        counted: n % 3 != 0,
        cost: None,
    };
    scripts.iter().enumerate().map(step).collect()
}

/// The world, which outlives any run.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) half_made: BTreeSet<String>,
    pub(crate) made: BTreeSet<String>,
    /// How often each was made or taken back, in order.
    pub(crate) made_times: BTreeMap<String, u32>,
    pub(crate) unmade: Vec<String>,
    pub(crate) tries: BTreeMap<String, u32>,
    /// Everything that was asked of the world: look, act, undo.
    pub(crate) calls: Vec<(&'static str, String)>,
    pub(crate) calls_after_stop: u32,
    pub(crate) needs_missing: u32,
    pub(crate) values_missing: u32,
}

pub(crate) struct Sim {
    pub(crate) world: Arc<World>,
    pub(crate) scripts: Vec<Script>,
    pub(crate) disk: Disk,
    pub(crate) stop: CancellationToken,
}

impl Sim {
    async fn call(&self, what: &'static str, step: &Step) -> Script {
        if self.disk.is_dead() {
            // The computer is off.
            std::future::pending::<()>().await;
        }
        let n: usize = step.subject[1..].parse().unwrap();
        let mut state = self.world.state.lock().unwrap();
        state.calls.push((what, step.id.clone()));
        if self.stop.is_cancelled() {
            state.calls_after_stop += 1;
        }
        self.scripts[n].clone()
    }
}

#[async_trait]
impl Act for Sim {
    fn knows(&self, _: &str) -> bool {
        true
    }
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
        let script = self.call("look", step).await;
        // Long enough for a stop to come in between.
        tokio::time::sleep(Duration::from_millis(script.millis / 2)).await;
        if script.breaks == Some(Break::BelongsToSomeoneElse) {
            return Ok(Found::SomeoneElses(Cause::new("someone-elses")));
        }
        let state = self.world.state.lock().unwrap();
        if state.made.contains(&step.id) {
            cx.found(&step.subject, "here");
            return Ok(Found::AsWanted);
        }
        Ok(if state.half_made.contains(&step.id) { Found::Different } else { Found::Absent })
    }

    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        let script = self.call("act", step).await;
        {
            let mut state = self.world.state.lock().unwrap();
            for need in &script.needs {
                if !state.made.contains(&id(*need)) {
                    state.needs_missing += 1;
                }
                if cx.value(&format!("s{need}")) != Some("here") {
                    state.values_missing += 1;
                }
            }
            state.half_made.insert(step.id.clone());
        }
        cx.progress(1.0, 2.0, "objects", "applying");
        cx.waiting_on(vec![Awaited { kind: "object".into(), name: "Pod".into(), why: Cause::new("starting") }]);
        tokio::time::sleep(Duration::from_millis(script.millis)).await;
        cx.waiting_on(Vec::new());
        let tries = {
            let mut state = self.world.state.lock().unwrap();
            let tries = state.tries.entry(step.id.clone()).or_default();
            *tries += 1;
            *tries
        };
        match script.breaks {
            Some(Break::Fails) => {
                return Err(Failure::new(Cause::new("broken").with("name", &step.subject)).with_evidence("log line"));
            }
            Some(Break::Panics) => panic!("a step panics"),
            _ => {}
        }
        if tries <= script.hiccups {
            return Err(Failure::new(Cause::new("not-yet")).retry_after(1.0));
        }
        if self.disk.is_dead() {
            std::future::pending::<()>().await;
        }
        let mut state = self.world.state.lock().unwrap();
        *state.made_times.entry(step.id.clone()).or_default() += 1;
        state.made.insert(step.id.clone());
        cx.found(&step.subject, "here");
        Ok(Did::changed(2, 1))
    }

    async fn undo(&self, step: &Step, _: &StepContext) -> Result<Did, Failure> {
        let script = self.call("undo", step).await;
        tokio::time::sleep(Duration::from_millis(script.millis)).await;
        if self.disk.is_dead() {
            std::future::pending::<()>().await;
        }
        let mut state = self.world.state.lock().unwrap();
        state.made.remove(&step.id);
        state.half_made.remove(&step.id);
        state.unmade.push(step.id.clone());
        Ok(Did::changed(1, 0))
    }
}

/// A disk that outlives any run.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    inner: Arc<Mutex<Platter>>,
}

#[derive(Default)]
struct Platter {
    bytes: Vec<u8>,
    synced: usize,
    /// The computer dies when the file would grow beyond this.
    dies_at: Option<usize>,
    /// The disk is full when the file would grow beyond this.
    full_at: Option<usize>,
    died: CancellationToken,
}

impl Disk {
    pub(crate) fn holding(bytes: Vec<u8>) -> Self {
        let disk = Disk::default();
        disk.inner.lock().unwrap().bytes = bytes;
        disk
    }
    pub(crate) fn dies_at(&self, len: Option<usize>) {
        let mut p = self.inner.lock().unwrap();
        p.dies_at = len;
        p.died = CancellationToken::new();
    }
    pub(crate) fn dies_now(&self) {
        self.died().cancel();
    }
    pub(crate) fn full_at(&self, len: Option<usize>) {
        self.inner.lock().unwrap().full_at = len;
    }
    pub(crate) fn is_dead(&self) -> bool {
        self.died().is_cancelled()
    }
    pub(crate) fn died(&self) -> CancellationToken {
        self.inner.lock().unwrap().died.clone()
    }
    pub(crate) fn len(&self) -> usize {
        self.inner.lock().unwrap().bytes.len()
    }
    pub(crate) fn synced(&self) -> Vec<u8> {
        let p = self.inner.lock().unwrap();
        p.bytes[..p.synced].to_vec()
    }
    pub(crate) fn lines(&self) -> usize {
        self.synced().iter().filter(|b| **b == b'\n').count()
    }
    pub(crate) fn open(&self) -> (Journal, Opened) {
        Journal::on(Box::new(self.clone())).unwrap()
    }
    pub(crate) fn try_open(&self) -> Result<(Journal, Opened), Error> {
        Journal::on(Box::new(self.clone()))
    }
}

impl Storage for Disk {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.inner.lock().unwrap().bytes.clone())
    }
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut p = self.inner.lock().unwrap();
        if p.died.is_cancelled() {
            return Err(io::Error::other("off"));
        }
        let room = |limit: Option<usize>, p: &Platter| limit.map_or(usize::MAX, |l| l.saturating_sub(p.bytes.len()));
        let (until_death, until_full) = (room(p.dies_at, &p), room(p.full_at, &p));
        let fits = bytes.len().min(until_death).min(until_full);
        p.bytes.extend_from_slice(&bytes[..fits]);
        if fits == bytes.len() {
            return Ok(());
        }
        if until_death <= until_full {
            p.died.cancel();
            return Err(io::Error::other("off"));
        }
        Err(io::ErrorKind::StorageFull.into())
    }
    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let mut p = self.inner.lock().unwrap();
        if p.died.is_cancelled() {
            return Err(io::Error::other("off"));
        }
        p.bytes.truncate(len as usize);
        p.synced = p.synced.min(len as usize);
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut p = self.inner.lock().unwrap();
        if p.died.is_cancelled() {
            return Err(io::Error::other("off"));
        }
        p.synced = p.bytes.len();
        Ok(())
    }
}

/// Follows tokio's paused time, and can oversleep.
#[derive(Clone)]
pub(crate) struct TestClock {
    pub(crate) start: tokio::time::Instant,
    shift: Arc<Mutex<SignedDuration>>,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        TestClock { start: tokio::time::Instant::now(), shift: Arc::default() }
    }
    pub(crate) fn oversleep(&self, d: Duration) {
        self.shift(SignedDuration::try_from(d).unwrap());
    }
    /// The clock on the wall is put forward or back.
    pub(crate) fn shift(&self, d: SignedDuration) {
        *self.shift.lock().unwrap() += d;
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.start.elapsed() + *self.shift.lock().unwrap()
    }
    async fn sleep(&self, d: Duration) {
        tokio::time::sleep(d).await;
    }
}

/// Everything a test needs, over several runs.
pub(crate) struct Stage {
    pub(crate) scripts: Vec<Script>,
    pub(crate) world: Arc<World>,
    pub(crate) disk: Disk,
    pub(crate) clock: TestClock,
    pub(crate) shown: Arc<Mutex<Vec<Event>>>,
    pub(crate) runs: u32,
    pub(crate) parallel: usize,
}

impl Stage {
    pub(crate) fn new(scripts: Vec<Script>, parallel: usize) -> Self {
        Stage {
            scripts,
            world: Arc::default(),
            disk: Disk::default(),
            clock: TestClock::new(),
            shown: Arc::default(),
            runs: 0,
            parallel,
        }
    }

    pub(crate) fn options(&mut self) -> RunOptions {
        self.runs += 1;
        RunOptions { parallel: self.parallel, ..RunOptions::new(format!("r{}", self.runs), "plan", install()) }
    }

    /// One run; `None`: the computer died.
    pub(crate) async fn run(&mut self) -> Option<Result<Outcome, Error>> {
        let options = self.options();
        self.run_as(&options, CancellationToken::new()).await
    }

    pub(crate) async fn run_as(&self, options: &RunOptions, stop: CancellationToken) -> Option<Result<Outcome, Error>> {
        let act = Sim {
            world: self.world.clone(),
            scripts: self.scripts.clone(),
            disk: self.disk.clone(),
            stop: stop.clone(),
        };
        self.run_with(Arc::new(act), options, stop).await
    }

    /// The same with something else that acts.
    pub(crate) async fn run_with(
        &self,
        act: Arc<dyn Act>,
        options: &RunOptions,
        stop: CancellationToken,
    ) -> Option<Result<Outcome, Error>> {
        let (mut journal, opened) = match self.disk.try_open() {
            Ok(opened) => opened,
            Err(_) if self.disk.is_dead() => return None,
            Err(e) => return Some(Err(e)),
        };
        // What was shown as durable is all there.
        let shown: Vec<Event> = self.shown.lock().unwrap().iter().filter(|e| must_stay(e)).cloned().collect();
        let kept: Vec<Event> = opened.events.into_iter().filter(must_stay).collect();
        assert!(kept.starts_with(&shown), "an event was shown that the crash took back");
        let (disk, all_shown) = (self.disk.clone(), self.shown.clone());
        let publish: Publish = Arc::new(move |event: &Event| {
            if must_stay(event) {
                assert_eq!(disk.lines() as u64, event.seq + 1, "shown before it was on the disk");
            }
            all_shown.lock().unwrap().push(event.clone());
        });
        let cx = RunContext { act, clock: Arc::new(self.clock.clone()), publish, stop };
        let steps = steps(&self.scripts);
        let died = self.disk.died();
        let outcome = tokio::select! {
            biased;
            () = died.cancelled() => None,
            outcome = run(&steps, options, &cx, &mut journal) => Some(outcome),
        };
        // A dead computer may also be noticed by the run first.
        if self.disk.is_dead() { None } else { outcome }
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.disk.open().1.events
    }

    pub(crate) fn report(&self) -> Report {
        fold(&self.events(), self.clock.now())
    }
}

/// Durable events, but for the pause for a full disk: it is shown before it can be written.
pub(crate) fn must_stay(event: &Event) -> bool {
    event.what.is_durable() && !matches!(&event.what, What::Paused { why } if why == "disk-full")
}

/// Runs a test where time passes as soon as nobody works.
pub(crate) fn in_paused_time<F: Future>(test: impl FnOnce() -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async { test().await })
}
