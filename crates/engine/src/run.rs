//! A run: one attempt to carry a plan out.
//!
//! Independent steps go side by side, as many as are allowed, those with the longest way behind them first. A failure
//! stops what depends on it and nothing else. Every run looks at every step before it acts, also at those that an
//! earlier run has done: going on after a crash is the normal way to start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use crate::carry::Direction;
use crate::carry::{Message, Say, carry};
use crate::clock::Clock;
use crate::error::Error;
use crate::event::{Event, Outcome, Skip, What};
use crate::fold::{INSTALL, REMOVE};
use crate::graph::Graph;
use crate::journal::Journal;
use crate::step::{Act, Did, Failure, STOPPED, Step, StepContext};

/// Chooses steps.
pub type Wanted = Arc<dyn Fn(&Step) -> bool + Send + Sync>;
/// Is given every event, in order: durable ones after they are on the disk. It is called from the run and must not block.
pub type Publish = Arc<dyn Fn(&Event) + Send + Sync>;

/// What a run is to do.
#[derive(Clone)]
pub struct RunOptions {
    /// Its name, unique in the installation.
    pub run: String,
    /// [`INSTALL`] or [`REMOVE`].
    pub purpose: String,
    /// Hash of the plan.
    pub plan: String,
    /// How many steps may be under way at once.
    pub parallel: usize,
    /// Which steps are asked for; the others are noted as [`Skip::NotAsked`], and what needs them does not wait.
    pub wanted: Wanted,
    /// How long failures that may pass are tried again.
    pub patience: Patience,
    /// Whether steps are done or taken back.
    pub direction: Direction,
}

impl RunOptions {
    /// A run that does all steps, four at a time.
    pub fn install(run: impl Into<String>, plan: impl Into<String>) -> Self {
        RunOptions {
            run: run.into(),
            purpose: INSTALL.to_owned(),
            plan: plan.into(),
            parallel: 4,
            wanted: Arc::new(|_| true),
            patience: Patience::default(),
            direction: Direction::Forward,
        }
    }
    /// A run that takes all steps back, four at a time.
    pub fn remove(run: impl Into<String>, plan: impl Into<String>) -> Self {
        let purpose = REMOVE.to_owned();
        RunOptions { purpose, direction: Direction::Backward, ..RunOptions::install(run, plan) }
    }
}

/// How long a step that fails for a passing reason is tried again, within one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// So many tries in all.
    pub tries: u32,
    /// And no try begins later than this after the first.
    pub total: Duration,
    /// Waits grow by half each time, up to this; a longer wait that the step itself asks for is kept.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { tries: 12, total: Duration::from_secs(1800), longest_wait: Duration::from_secs(60) }
    }
}

impl Patience {
    /// How long to wait before the next try; `None`: no more. `attempt` is the one that failed, from 1; `spent` the time
    /// since the first began; `asked` what the step asks for, in seconds.
    pub fn next(&self, attempt: u32, spent: Duration, asked: f64) -> Option<Duration> {
        let asked = Duration::try_from_secs_f64(asked).unwrap_or(self.longest_wait);
        let growth = 1.5f64.powi(i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX).min(64));
        let grown = Duration::try_from_secs_f64(asked.as_secs_f64() * growth).unwrap_or(self.longest_wait);
        let wait = grown.min(self.longest_wait).max(asked);
        (attempt < self.tries && spent.saturating_add(wait) <= self.total).then_some(wait)
    }
}

/// What a run works with.
#[derive(Clone)]
pub struct Means {
    /// Carries the steps out.
    pub act: Arc<dyn Act>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where events go.
    pub publish: Publish,
    /// Cancelled when the person wants it to stop: no new call is begun.
    pub stop: CancellationToken,
}

/// How often the run looks at the clock.
const TICK: Duration = Duration::from_secs(5);
/// The clock went on for so much longer than a tick: the computer slept. The wall is asked and nothing else, since some
/// systems stop the other clocks during sleep and some do not.
const ASLEEP: Duration = Duration::from_secs(30);
/// How often a run that waits for room on the disk tries again.
const ROOM: Duration = Duration::from_secs(3);

/// Carries the steps out, or takes them back, and comes back when nothing more can be done. An error means that the
/// journal could not be written (or the steps are no plan): what was under way has ended, and the next run goes on.
///
/// Boxed, so that whoever spawns it need not prove for every lifetime at once that it may move between threads.
pub fn run<'a>(
    steps: &'a [Step],
    options: &'a RunOptions,
    means: &'a Means,
    journal: &'a mut Journal,
) -> BoxFuture<'a, Result<Outcome, Error>> {
    Box::pin(carry_out(steps, options, means, journal))
}

async fn carry_out(
    steps: &[Step],
    options: &RunOptions,
    means: &Means,
    journal: &mut Journal,
) -> Result<Outcome, Error> {
    let graph = match options.direction {
        Direction::Forward => Graph::new(steps)?,
        Direction::Backward => Graph::new(steps)?.reversed(),
    };
    let (tell, told) = unbounded_channel();
    let seconds: Vec<f64> = steps.iter().map(|s| s.estimate.midpoint()).collect();
    let mut going = Going {
        options,
        means,
        journal,
        stop: means.stop.child_token(),
        ways: graph.ways(&seconds),
        places: graph.needs.iter().map(|needs| Place::new(needs.len())).collect(),
        graph,
        steps,
        tell,
        deaf: Arc::default(),
        tasks: JoinSet::new(),
        under_way: 0,
        timers: JoinSet::new(),
        seen: means.clock.now(),
    };
    let outcome = going.go(told).await;
    if outcome.is_err() {
        // Nothing that is done from here on would be known; let what is under way come to its end.
        going.deaf.store(true, Ordering::Relaxed);
        going.stop.cancel();
        while going.tasks.join_next().await.is_some() {}
    }
    outcome
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stand {
    /// Waits for others, or for a free place.
    Waiting,
    /// Under way.
    UnderWay,
    /// Waits for its next try.
    Resting,
    /// Done, or not asked for.
    Settled,
    Failed,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    stand: Stand,
    missing: usize,
    attempt: u32,
    first: Option<Timestamp>,
}

impl Place {
    fn new(missing: usize) -> Self {
        Place { stand: Stand::Waiting, missing, attempt: 0, first: None }
    }
}

struct Going<'a> {
    options: &'a RunOptions,
    means: &'a Means,
    journal: &'a mut Journal,
    /// Follows the person's token, and is also cancelled when the journal cannot be written.
    stop: CancellationToken,
    steps: &'a [Step],
    graph: Graph,
    ways: Vec<f64>,
    places: Vec<Place>,
    tell: UnboundedSender<Message>,
    deaf: Arc<AtomicBool>,
    tasks: JoinSet<()>,
    under_way: usize,
    timers: JoinSet<usize>,
    seen: Timestamp,
}

impl Going<'_> {
    async fn go(&mut self, mut told: UnboundedReceiver<Message>) -> Result<Outcome, Error> {
        self.begin().await?;
        let clock = self.means.clock.clone();
        let mut tick = clock.sleep(TICK);
        loop {
            self.start_ready().await?;
            let is_stopping = self.stop.is_cancelled();
            if self.under_way == 0 && (is_stopping || self.timers.is_empty()) {
                break;
            }
            let next = tokio::select! {
                // What steps say first: a run that is to stop still takes in what was done.
                biased;
                Some(message) = told.recv() => Next::Told(message),
                Some(Ok(n)) = self.timers.join_next(), if !self.timers.is_empty() => Next::Rested(n),
                () = &mut tick => Next::Tick,
                () = self.stop.cancelled(), if !is_stopping => Next::Stop,
            };
            self.mind_the_clock().await?;
            match next {
                Next::Told(Message::Said(n, what)) => self.said(n, what).await?,
                Next::Told(Message::Ended(n, result)) => self.ended(n, result).await?,
                Next::Rested(n) => self.places[n].stand = Stand::Waiting,
                Next::Tick => tick = clock.sleep(TICK),
                Next::Stop => {}
            }
            self.tasks_that_ended();
        }
        self.finish().await
    }

    async fn begin(&mut self) -> Result<(), Error> {
        let started = What::RunStarted {
            plan: self.options.plan.clone(),
            steps: self.as_carried_out(),
            purpose: self.options.purpose.clone(),
            parallel: u32::try_from(self.options.parallel.max(1)).unwrap_or(u32::MAX),
        };
        self.say(None, started).await?;
        for n in 0..self.steps.len() {
            if !(self.options.wanted)(&self.steps[n]) {
                self.say(Some(n), What::Done { changed: 0, unchanged: 0, skipped: Some(Skip::NotAsked) }).await?;
                self.settle(n);
            }
        }
        Ok(())
    }

    /// The steps as this run goes through them: when things are taken back, last first, each waiting for those that need
    /// it. So whoever reads the journal need not know about directions.
    fn as_carried_out(&self) -> Vec<Step> {
        let as_in_run = |n: usize| {
            let needs = self.graph.needs[n].iter().map(|need| self.steps[*need].id.clone()).collect();
            Step { needs, ..self.steps[n].clone() }
        };
        match self.options.direction {
            Direction::Forward => self.steps.to_vec(),
            Direction::Backward => (0..self.steps.len()).rev().map(as_in_run).collect(),
        }
    }

    async fn start_ready(&mut self) -> Result<(), Error> {
        while self.under_way < self.options.parallel.max(1) && !self.stop.is_cancelled() {
            let is_ready = |n: &usize| self.places[*n].stand == Stand::Waiting && self.places[*n].missing == 0;
            let by_way = |a: &usize, b: &usize| self.ways[*a].total_cmp(&self.ways[*b]).then(b.cmp(a));
            let Some(n) = (0..self.steps.len()).filter(is_ready).max_by(by_way) else { break };
            let attempt = self.places[n].attempt + 1;
            self.say(Some(n), What::StepStarted { attempt }).await?;
            self.places[n].attempt = attempt;
            self.places[n].first.get_or_insert(self.means.clock.now());
            // Writing took time, in which the person may have stopped it; the task looks at that before anything else.
            self.spawn(n);
        }
        Ok(())
    }

    fn spawn(&mut self, n: usize) {
        let voice = Say { step: n, to: self.tell.clone(), deaf: self.deaf.clone() };
        let found = Arc::new(self.journal.found().clone());
        let cx = StepContext { voice: Arc::new(voice), stop: self.stop.clone(), found };
        let (act, step, direction) = (self.means.act.clone(), self.steps[n].clone(), self.options.direction);
        let tell = self.tell.clone();
        self.tasks.spawn(async move {
            let result = carry(&*act, &step, &cx, direction).await;
            let _ = tell.send(Message::Ended(n, result));
        });
        self.places[n].stand = Stand::UnderWay;
        self.under_way += 1;
    }

    /// Forgets tasks that are over; their results come through the channel.
    fn tasks_that_ended(&mut self) {
        while self.tasks.try_join_next().is_some() {}
    }

    async fn said(&mut self, n: usize, what: What) -> Result<(), Error> {
        if let What::Found { name, value } = &what
            && self.journal.found().get(name) == Some(value)
        {
            return Ok(());
        }
        self.say(Some(n), what).await
    }

    async fn ended(&mut self, n: usize, result: Result<Did, Failure>) -> Result<(), Error> {
        self.under_way -= 1;
        let failure = match result {
            Ok(Did { changed, unchanged, skipped }) => {
                self.say(Some(n), What::Done { changed, unchanged, skipped }).await?;
                self.settle(n);
                return Ok(());
            }
            Err(failure) => failure,
        };
        let is_stopping = self.stop.is_cancelled();
        if is_stopping && (failure.cause.code == STOPPED || failure.retry_after.is_some()) {
            self.places[n].stand = Stand::Waiting;
            return Ok(());
        }
        if let Some(wait) = self.next_try(n, &failure) {
            self.say(Some(n), What::Retrying { cause: failure.cause, after: wait.as_secs_f64() }).await?;
            self.places[n].stand = Stand::Resting;
            let clock = self.means.clock.clone();
            self.timers.spawn(async move {
                clock.sleep(wait).await;
                n
            });
            return Ok(());
        }
        self.say(Some(n), What::Failed { cause: failure.cause, evidence: failure.evidence }).await?;
        self.places[n].stand = Stand::Failed;
        Ok(())
    }

    fn next_try(&self, n: usize, failure: &Failure) -> Option<Duration> {
        let place = &self.places[n];
        let spent = place.first.map(|first| since(first, self.means.clock.now())).unwrap_or_default();
        self.options.patience.next(place.attempt, spent, failure.retry_after?)
    }

    fn settle(&mut self, n: usize) {
        self.places[n].stand = Stand::Settled;
        for dependent in &self.graph.dependents[n] {
            self.places[*dependent].missing -= 1;
        }
    }

    async fn finish(&mut self) -> Result<Outcome, Error> {
        let outcome = if self.places.iter().all(|p| p.stand == Stand::Settled) {
            Outcome::Ready
        } else if self.stop.is_cancelled() {
            Outcome::Stopped
        } else {
            Outcome::Failed
        };
        self.say(None, What::Finished { outcome }).await?;
        Ok(outcome)
    }

    /// Notes when the computer slept.
    async fn mind_the_clock(&mut self) -> Result<(), Error> {
        let now = self.means.clock.now();
        let gap = since(self.seen, now).saturating_sub(TICK);
        self.seen = now;
        if gap > ASLEEP {
            for place in &mut self.places {
                // Nobody's patience is used up by sleep.
                place.first = place.first.and_then(|first| first.checked_add(gap).ok());
            }
            self.say(None, What::Resumed { after: Some(gap.as_secs_f64()) }).await?;
        }
        Ok(())
    }

    /// Writes a durable event and shows it then; shows a passing one at once.
    async fn say(&mut self, n: Option<usize>, what: What) -> Result<(), Error> {
        if !what.is_durable() {
            self.show_passing(n, what);
            return Ok(());
        }
        match self.write(n, &what) {
            Err(e) if e.is_disk_full() => self.wait_for_room(n, &what).await,
            written => written,
        }
    }

    fn write(&mut self, n: Option<usize>, what: &What) -> Result<(), Error> {
        self.write_at(self.means.clock.now(), n, what)
    }

    fn write_at(&mut self, at: Timestamp, n: Option<usize>, what: &What) -> Result<(), Error> {
        let step = n.map(|n| &self.steps[n].id);
        let event = self.journal.say(&self.options.run, at, step, what.clone())?;
        (self.means.publish)(&event);
        Ok(())
    }

    fn show_passing(&self, n: Option<usize>, what: What) {
        let step = n.map(|n| &self.steps[n].id);
        (self.means.publish)(&self.journal.passing(&self.options.run, self.means.clock.now(), step, what));
    }

    /// The disk is full: the run stands still until the event, and the pause before it, can be written. The pause is the
    /// one thing that is shown before it is durable, since being durable is what cannot be.
    async fn wait_for_room(&mut self, n: Option<usize>, what: &What) -> Result<(), Error> {
        let clock = self.means.clock.clone();
        let paused_at = clock.now();
        let paused = What::Paused { why: "disk-full".to_owned() };
        self.deaf.store(true, Ordering::Relaxed);
        self.show_passing(None, paused.clone());
        self.write_when_there_is_room(paused_at, None, &paused).await?;
        self.write_when_there_is_room(paused_at, n, what).await?;
        let now = clock.now();
        let resumed = What::Resumed { after: Some(since(paused_at, now).as_secs_f64()) };
        self.write_when_there_is_room(now, None, &resumed).await?;
        self.deaf.store(false, Ordering::Relaxed);
        self.seen = clock.now();
        Ok(())
    }

    async fn write_when_there_is_room(&mut self, at: Timestamp, n: Option<usize>, what: &What) -> Result<(), Error> {
        let clock = self.means.clock.clone();
        loop {
            match self.write_at(at, n, what) {
                Err(e) if e.is_disk_full() => {}
                written => return written,
            }
            tokio::select! {
                () = clock.sleep(ROOM) => {}
                () = self.stop.cancelled() => return Err(Error::DiskFull),
            }
        }
    }
}

enum Next {
    Told(Message),
    Rested(usize),
    Tick,
    Stop,
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_and_ends() {
        let p = Patience { tries: 4, total: Duration::from_secs(100), longest_wait: Duration::from_secs(30) };
        let next = |attempt, spent, asked| p.next(attempt, Duration::from_secs(spent), asked).map(|d| d.as_secs_f64());
        for (attempt, spent, asked, wait) in [
            (1, 0, 10.0, Some(10.0)),
            (2, 0, 10.0, Some(15.0)),
            (3, 0, 10.0, Some(22.5)),
            (4, 0, 10.0, None),
            (3, 0, 20.0, Some(30.0)),
            (3, 0, 90.0, Some(90.0)),
            (1, 95, 10.0, None),
            (1, 90, 10.0, Some(10.0)),
            (1, 0, -1.0, Some(30.0)),
            (1, 0, f64::NAN, Some(30.0)),
            (1, 0, 0.0, Some(0.0)),
        ] {
            assert_eq!(next(attempt, spent, asked), wait, "{attempt} {spent} {asked}");
        }
    }
}
