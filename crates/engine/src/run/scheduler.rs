//! A run: one attempt to carry a plan out.
//!
//! Independent steps go side by side, as many as are allowed, those with the longest way behind them first. A failure
//! stops what depends on it and nothing else. Every run looks at every step before it acts, also at those that an
//! earlier run has done: going on after a crash is the normal way to start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::events::event::{Event, Outcome, Skip, What};
use crate::events::purpose::Direction;
use crate::journal::writer::Journal;
use crate::plan::graph::Graph;
use crate::plan::step::Step;
use crate::run::act::{Did, Failure, STOPPED};
use crate::run::attempt::{Message, attempt, speaker};
use crate::run::context::StepContext;
use crate::run::hold::Holds;
use crate::run::options::{RunContext, RunOptions};
use crate::run::registry::check_kinds;

/// How often the run looks at the clock.
const TICK: Duration = Duration::from_secs(5);
/// The clock went on for so much longer than a tick: the computer slept. The wall is asked and nothing else, since some
/// systems stop the other clocks during sleep and some do not.
const ASLEEP: SignedDuration = SignedDuration::from_secs(30);
/// How often a run that waits for room on the disk tries again.
const ROOM: Duration = Duration::from_secs(3);

/// Carries the steps out, or takes them back, and comes back when nothing more can be done. An error means that the
/// journal could not be written (or the steps are no plan, or of a kind that is not known: then nothing has begun): what was under way has ended, and the next run goes on.
///
/// Boxed, so that whoever spawns it need not prove for every lifetime at once that it may move between threads.
pub fn run<'a>(
    steps: &'a [Step],
    options: &'a RunOptions,
    cx: &'a RunContext,
    journal: &'a mut Journal,
) -> BoxFuture<'a, Result<Outcome, Error>> {
    Box::pin(carry_out(steps, options, cx, journal))
}

async fn carry_out(
    steps: &[Step],
    options: &RunOptions,
    cx: &RunContext,
    journal: &mut Journal,
) -> Result<Outcome, Error> {
    check_kinds(steps, |kind| cx.act.knows(kind))?;
    let graph = match options.purpose.direction {
        Direction::Forward => Graph::new(steps)?,
        Direction::Backward => Graph::new(steps)?.reversed(),
    };
    let (tell, messages) = unbounded_channel();
    let seconds: Vec<f64> = steps.iter().map(|s| s.estimate.midpoint()).collect();
    let mut run = Run {
        options,
        cx,
        journal,
        stop: cx.stop.child_token(),
        ways: graph.ways(&seconds),
        tasks: graph.needs.iter().map(|needs| StepTask::new(needs.len())).collect(),
        graph,
        steps,
        tell,
        deaf: Arc::default(),
        handles: JoinSet::new(),
        under_way: 0,
        timers: JoinSet::new(),
        holds: Holds::default(),
        seen: cx.clock.now(),
    };
    let outcome = run.go(messages).await;
    if outcome.is_err() {
        // Nothing that is done from here on would be known; let what is under way come to its end.
        run.deaf.store(true, Ordering::Relaxed);
        run.stop.cancel();
        while run.handles.join_next().await.is_some() {}
    }
    outcome
}

/// Where a step stands in this run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum TaskStatus {
    /// Waits for others, or for a free hand.
    Waiting,
    /// Under way.
    Running,
    /// Waits for its next try.
    BackingOff,
    /// Done, or not asked for.
    Settled,
    Failed,
}

#[derive(Debug, Clone, Copy)]
struct StepTask {
    status: TaskStatus,
    missing: usize,
    attempt: u32,
    /// Tries that used up patience: not those that failed while the run was held up.
    used: u32,
    first: Option<Timestamp>,
}

impl StepTask {
    fn new(missing: usize) -> Self {
        StepTask { status: TaskStatus::Waiting, missing, attempt: 0, used: 0, first: None }
    }
}

struct Run<'a> {
    options: &'a RunOptions,
    cx: &'a RunContext,
    journal: &'a mut Journal,
    /// Follows the person's token, and is also cancelled when the journal cannot be written.
    stop: CancellationToken,
    steps: &'a [Step],
    graph: Graph,
    ways: Vec<f64>,
    tasks: Vec<StepTask>,
    tell: UnboundedSender<Message>,
    deaf: Arc<AtomicBool>,
    handles: JoinSet<()>,
    under_way: usize,
    timers: JoinSet<usize>,
    holds: Holds,
    seen: Timestamp,
}

impl Run<'_> {
    async fn go(&mut self, mut messages: UnboundedReceiver<Message>) -> Result<Outcome, Error> {
        self.begin().await?;
        let clock = self.cx.clock.clone();
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
                Some(message) = messages.recv() => Next::Message(message),
                Some(Ok(n)) = self.timers.join_next(), if !self.timers.is_empty() => Next::Retry(n),
                () = &mut tick => Next::Tick,
                () = self.stop.cancelled(), if !is_stopping => Next::Stop,
            };
            self.mind_the_clock().await?;
            match next {
                Next::Message(Message::Said(n, what)) => self.said(n, what).await?,
                Next::Message(Message::Ended(n, result)) => self.ended(n, result).await?,
                Next::Retry(n) => self.tasks[n].status = TaskStatus::Waiting,
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
        match self.options.purpose.direction {
            Direction::Forward => self.steps.to_vec(),
            Direction::Backward => (0..self.steps.len()).rev().map(as_in_run).collect(),
        }
    }

    async fn start_ready(&mut self) -> Result<(), Error> {
        while self.under_way < self.options.parallel.max(1) && !self.stop.is_cancelled() && self.holds.is_empty() {
            let is_ready = |n: &usize| self.tasks[*n].status == TaskStatus::Waiting && self.tasks[*n].missing == 0;
            let by_way = |a: &usize, b: &usize| self.ways[*a].total_cmp(&self.ways[*b]).then(b.cmp(a));
            let Some(n) = (0..self.steps.len()).filter(is_ready).max_by(by_way) else { break };
            let attempt = self.tasks[n].attempt + 1;
            self.say(Some(n), What::StepStarted { attempt }).await?;
            self.tasks[n].attempt = attempt;
            self.tasks[n].first.get_or_insert(self.cx.clock.now());
            // Writing took time, in which the person may have stopped it; the task looks at that before anything else.
            self.spawn(n);
        }
        Ok(())
    }

    fn spawn(&mut self, n: usize) {
        let emit = speaker(n, self.tell.clone(), self.deaf.clone());
        let found = Arc::new(self.journal.found().clone());
        let cx = StepContext { emit, stop: self.stop.clone(), found };
        let (act, step, direction) = (self.cx.act.clone(), self.steps[n].clone(), self.options.purpose.direction);
        let tell = self.tell.clone();
        self.handles.spawn(async move {
            let result = attempt(&*act, &step, &cx, direction).await;
            let _ = tell.send(Message::Ended(n, result));
        });
        self.tasks[n].status = TaskStatus::Running;
        self.under_way += 1;
    }

    /// Forgets handles that are over; their results come through the channel.
    fn tasks_that_ended(&mut self) {
        while self.handles.try_join_next().is_some() {}
    }

    async fn said(&mut self, n: usize, what: What) -> Result<(), Error> {
        if self.tasks[n].status != TaskStatus::Running {
            // Something that the step left behind still talks.
            return Ok(());
        }
        if let What::Found { name, value } = &what
            && self.journal.knows(name, value)
        {
            return Ok(());
        }
        match &what {
            What::Held { cause } if !self.holds.hold(n, cause, self.cx.clock.now()) => return Ok(()),
            What::Released { cause } if !self.holds.release(n, cause) => return Ok(()),
            _ => {}
        }
        self.say(Some(n), what).await?;
        self.go_on_if_released();
        Ok(())
    }

    /// When nobody holds the run any more, everybody has as much patience left as before.
    fn go_on_if_released(&mut self) {
        if let Some(since) = self.holds.take_since() {
            let held = self.cx.clock.now().duration_since(since);
            for task in &mut self.tasks {
                task.first = task.first.and_then(|first| first.checked_add(held).ok());
            }
        }
    }

    /// A step that is over holds nothing.
    async fn release_all_of(&mut self, n: usize) -> Result<(), Error> {
        for cause in self.holds.causes_of(n) {
            self.say(Some(n), What::Released { cause }).await?;
        }
        self.holds.forget(n);
        self.go_on_if_released();
        Ok(())
    }

    async fn ended(&mut self, n: usize, result: Result<Did, Failure>) -> Result<(), Error> {
        self.under_way -= 1;
        let failure = match result {
            Ok(Did { changed, unchanged, skipped }) => {
                self.release_all_of(n).await?;
                self.say(Some(n), What::Done { changed, unchanged, skipped }).await?;
                self.settle(n);
                return Ok(());
            }
            Err(failure) => failure,
        };
        let is_stopping = self.stop.is_cancelled();
        if is_stopping && (failure.cause.code == STOPPED || failure.retry_after.is_some()) {
            // What it held the run for is still to be done.
            self.tasks[n].status = TaskStatus::Waiting;
            return Ok(());
        }
        if self.holds.is_empty() {
            self.tasks[n].used += 1;
        }
        let next_try = self.next_try(n, &failure);
        self.release_all_of(n).await?;
        if let Some(wait) = next_try {
            self.say(Some(n), What::Retrying { cause: failure.cause, after: wait.as_secs_f64() }).await?;
            self.tasks[n].status = TaskStatus::BackingOff;
            let clock = self.cx.clock.clone();
            self.timers.spawn(async move {
                clock.sleep(wait).await;
                n
            });
            return Ok(());
        }
        self.say(Some(n), What::Failed { cause: failure.cause, evidence: failure.evidence }).await?;
        self.tasks[n].status = TaskStatus::Failed;
        Ok(())
    }

    fn next_try(&self, n: usize, failure: &Failure) -> Option<Duration> {
        let task = &self.tasks[n];
        let until = self.holds.since().unwrap_or_else(|| self.cx.clock.now());
        let spent = task.first.map(|first| since(first, until)).unwrap_or_default();
        self.options.retry.next(task.used.max(1), spent, failure.retry_after?)
    }

    fn settle(&mut self, n: usize) {
        self.tasks[n].status = TaskStatus::Settled;
        for dependent in &self.graph.dependents[n] {
            self.tasks[*dependent].missing -= 1;
        }
    }

    async fn finish(&mut self) -> Result<Outcome, Error> {
        let outcome = if self.tasks.iter().all(|p| p.status == TaskStatus::Settled) {
            Outcome::Ready
        } else if self.stop.is_cancelled() {
            Outcome::Stopped
        } else {
            Outcome::Failed
        };
        self.say(None, What::Finished { outcome }).await?;
        Ok(outcome)
    }

    /// Notes when the computer slept, or its clock was put right.
    async fn mind_the_clock(&mut self) -> Result<(), Error> {
        let now = self.cx.clock.now();
        let passed = now.duration_since(self.seen);
        self.seen = now;
        let went_back = passed.is_negative();
        let gap = passed - SignedDuration::try_from(TICK).unwrap_or_default();
        if went_back || gap > ASLEEP {
            let jump = if went_back { passed } else { gap };
            for task in &mut self.tasks {
                // Nobody's patience is used up by sleep, nor made endless by a clock that was put back.
                task.first = task.first.and_then(|first| first.checked_add(jump).ok());
            }
            self.holds.clock_jumped(jump);
            if jump.abs() > ASLEEP {
                self.say(None, What::Resumed { after: Some(jump.as_secs_f64()) }).await?;
            }
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
        self.write_at(self.cx.clock.now(), n, what)
    }

    fn write_at(&mut self, at: Timestamp, n: Option<usize>, what: &What) -> Result<(), Error> {
        let event = self.write_silently(at, n, what)?;
        (self.cx.publish)(&event);
        Ok(())
    }

    fn write_silently(&mut self, at: Timestamp, n: Option<usize>, what: &What) -> Result<Event, Error> {
        let step = n.map(|n| &self.steps[n].id);
        self.journal.say(&self.options.run, at, step, what.clone())
    }

    fn show_passing(&self, n: Option<usize>, what: What) {
        let step = n.map(|n| &self.steps[n].id);
        (self.cx.publish)(&self.journal.passing(&self.options.run, self.cx.clock.now(), step, what));
    }

    /// The disk is full: the run stands still until the event, and the pause before it, can be written. The pause is the
    /// one thing that is shown before it is durable, since being durable is what cannot be: once, with the number that it
    /// will have, since readers pass over a lasting event whose number they know.
    async fn wait_for_room(&mut self, n: Option<usize>, what: &What) -> Result<(), Error> {
        let clock = self.cx.clock.clone();
        let paused_at = clock.now();
        let paused = What::Paused { why: "disk-full".to_owned() };
        self.deaf.store(true, Ordering::Relaxed);
        (self.cx.publish)(&self.journal.upcoming(&self.options.run, paused_at, paused.clone()));
        self.when_there_is_room(|run| run.write_silently(paused_at, None, &paused).map(drop)).await?;
        self.when_there_is_room(|run| run.write_at(paused_at, n, what)).await?;
        let now = clock.now();
        let resumed = What::Resumed { after: Some(since(paused_at, now).as_secs_f64()) };
        self.when_there_is_room(|run| run.write_at(now, None, &resumed)).await?;
        self.deaf.store(false, Ordering::Relaxed);
        self.seen = clock.now();
        Ok(())
    }

    async fn when_there_is_room(&mut self, mut write: impl FnMut(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let clock = self.cx.clock.clone();
        loop {
            match write(self) {
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
    Message(Message),
    Retry(usize),
    Tick,
    Stop,
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}
