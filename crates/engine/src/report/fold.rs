//! Events to report. Pure: the same events and the same time give the same report anywhere.
//!
//! Time spent is counted on a clock that stands still while nothing is worked: between runs, while a run pauses, while
//! the computer sleeps. Everything called `took` or `running-for` is read from it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::cause::Cause;
use crate::events::event::{Event, Outcome, SecondLook, Skip, What};
use crate::events::purpose::{Direction, RunPurpose};
use crate::events::values::Values;
use crate::plan::graph::Graph;
use crate::plan::step::Step;
use crate::report::cost::Costs;
use crate::report::eta::{self, Left};
use crate::report::shape::{Attention, EtaRange, Report, RunState, StageReport, StepProgress, StepReport, StepState};
use crate::report::step_fold::{Phase, StepFold, again, done};
use crate::report::work_clock::{WorkClock, is_possible};
use crate::step_id::StepId;

/// The report that these events make at this time.
pub fn fold(events: &[Event], now: Timestamp) -> Report {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.apply(event));
    fold.report(now)
}

/// How long steps really took, in seconds, by kind and subject; the newest figure of each. Steps that found everything
/// as wanted say nothing about that, and removals are another matter.
pub fn measured(events: &[Event]) -> BTreeMap<(String, String), f64> {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.apply(event));
    fold.measured.into_iter().map(|(step, took)| (step, took.as_secs_f64())).collect()
}

/// A fold under way, for who follows a run: apply each event once, ask for a report at any time.
#[derive(Debug, Clone)]
pub struct Fold {
    run: String,
    purpose: RunPurpose,
    plan: String,
    seq: u64,
    state: RunState,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    work: WorkClock,
    steps: Vec<StepFold>,
    index: BTreeMap<StepId, usize>,
    graph: Graph,
    parallel: usize,
    percent: f64,
    values: Values,
    costs: Costs,
    left: Option<BTreeMap<String, u32>>,
    look: Option<SecondLook>,
    paused: Option<(String, Timestamp)>,
    holds: Vec<HeldBy>,
    slept: Option<f64>,
    troubles: u32,
    run_failed: Option<(Cause, Timestamp)>,
    measured: BTreeMap<(String, String), SignedDuration>,
}

impl Default for Fold {
    fn default() -> Self {
        Fold {
            run: String::new(),
            purpose: RunPurpose::default(),
            plan: String::new(),
            seq: 0,
            state: RunState::NotStarted,
            started_at: None,
            ended_at: None,
            work: WorkClock::default(),
            steps: Vec::new(),
            index: BTreeMap::new(),
            graph: Graph::default(),
            parallel: 1,
            percent: 0.0,
            values: Values::default(),
            costs: Costs::default(),
            left: None,
            look: None,
            paused: None,
            holds: Vec::new(),
            slept: None,
            troubles: 0,
            run_failed: None,
            measured: BTreeMap::new(),
        }
    }
}

/// A step that holds the run, what for and since when.
#[derive(Debug, Clone)]
struct HeldBy {
    step: StepId,
    cause: Cause,
    since: Timestamp,
}

impl Fold {
    /// Takes in the next event.
    pub fn apply(&mut self, event: &Event) {
        self.seq = self.seq.max(event.seq);
        self.values.apply(event);
        self.pass_time(event);
        match (&event.what, &event.step) {
            (What::RunStarted { plan, steps, purpose, parallel }, _) => {
                self.begin(&event.run, plan, steps, purpose, event.at);
                self.parallel = (*parallel).max(1) as usize;
            }
            (What::Paused { why }, _) => {
                self.work.stop();
                self.paused = Some((why.clone(), event.at));
                self.state = RunState::Paused;
            }
            (What::Resumed { after }, _) => self.resumed(*after),
            (What::Finished { outcome }, _) => self.finished(*outcome, event.at),
            (What::Removed { left, look }, _) => {
                self.left = Some(left.clone());
                self.look = Some(look.clone());
                if left.values().all(|count| *count == 0) {
                    self.costs.all_undone(event.at);
                }
                self.state = RunState::Removed;
            }
            (What::Held { cause }, Some(step)) => {
                self.work.stop();
                self.holds.push(HeldBy { step: step.clone(), cause: cause.clone(), since: event.at });
            }
            (What::Released { cause }, Some(step)) => {
                self.release(|held| held.step == *step && held.cause == *cause);
            }
            (What::Failed { cause, .. }, None) => self.run_failed = Some((cause.clone(), event.at)),
            (What::Retrying { .. }, None) => self.troubles += 1,
            (what, Some(id)) => {
                if let Some(n) = self.index.get(id) {
                    self.about_step(*n, what, event.at);
                }
            }
            (_, None) => {}
        }
        self.percent = self.percent.max(self.percent_now());
    }

    fn begin(&mut self, run: &str, plan: &str, steps: &[Step], purpose: &RunPurpose, at: Timestamp) {
        // Runs that were cut off worked until their last event.
        self.work.stop();
        let done_with = self.state == RunState::Removed || (self.state == RunState::Ready && self.plan != plan);
        let goes_on = self.purpose.name == purpose.name && !done_with;
        let is_another = self.plan != plan;
        let mut before: BTreeMap<StepId, StepFold> = BTreeMap::new();
        if goes_on {
            let work = self.work.at(at);
            for mut step in std::mem::take(&mut self.steps) {
                step.halt(work);
                before.insert(step.step.id.clone(), step);
            }
        } else {
            let values = std::mem::take(&mut self.values);
            let measured = std::mem::take(&mut self.measured);
            let mut costs = std::mem::take(&mut self.costs);
            if self.state == RunState::Removed {
                costs.forget_spent();
            }
            *self = Fold { seq: self.seq, values, measured, costs, started_at: Some(at), ..Fold::default() };
        }
        let stands = |before: &StepFold, step: &Step| {
            !is_another || (step.content.is_some() && before.step.content == step.content)
        };
        let known = |step: &Step| before.remove(&step.id).filter(|before| stands(before, step));
        self.steps = steps.iter().zip(steps.iter().map(known)).map(|(step, known)| again(known, step)).collect();
        if is_another {
            // What is about to be made anew is not done.
            self.percent = 0.0;
        }
        self.index = steps.iter().enumerate().map(|(n, step)| (step.id.clone(), n)).collect();
        self.graph = Graph::lenient(steps);
        self.run = run.to_owned();
        self.plan = plan.to_owned();
        self.purpose = purpose.clone();
        self.state = RunState::Running;
        self.started_at = self.started_at.or(Some(at));
        self.ended_at = None;
        self.paused = None;
        self.holds.clear();
        self.slept = None;
        self.run_failed = None;
        self.left = None;
        self.look = None;
        self.work.event(at);
        self.work.go();
    }

    /// Counts the time until this event.
    fn pass_time(&mut self, event: &Event) {
        match &event.what {
            // A run that begins leaves out the time since the one before.
            What::RunStarted { .. } => {}
            What::Resumed { after: Some(after) } if self.paused.is_none() => {
                let jump = SignedDuration::try_from_secs_f64(*after).unwrap_or(SignedDuration::MAX);
                self.work.event_after_jump(event.at, jump);
                if !is_possible(jump) {
                    self.costs.clock_jumped(jump);
                }
            }
            _ => self.work.event(event.at),
        }
        self.costs.event(event.at);
    }

    fn resumed(&mut self, after: Option<f64>) {
        let asleep = self.paused.take().is_none_or(|(why, _)| why == "asleep");
        let is_sleep = |s: &f64| SignedDuration::try_from_secs_f64(*s).is_ok_and(is_possible);
        if self.ended_at.is_some() {
            // The end itself was written while the disk was full.
            return;
        }
        if asleep && let Some(slept) = after.filter(is_sleep) {
            self.slept = Some(slept);
        }
        if self.holds.is_empty() {
            self.work.go();
        }
        if self.state == RunState::Paused {
            self.state = RunState::Running;
        }
    }

    fn release(&mut self, is_released: impl Fn(&HeldBy) -> bool) {
        let held = self.holds.len();
        self.holds.retain(|held| !is_released(held));
        if held > 0 && self.holds.is_empty() && self.paused.is_none() && self.ended_at.is_none() {
            self.work.go();
        }
    }

    fn finished(&mut self, outcome: Outcome, at: Timestamp) {
        let work = self.work.at(at);
        self.work.stop();
        for step in self.steps.iter_mut().filter(|step| step.phase == Phase::Running) {
            step.halt(work);
            step.phase = if step.was_done { Phase::Done } else { Phase::Pending };
        }
        self.paused = None;
        if outcome != Outcome::Stopped {
            self.holds.clear();
        }
        self.ended_at = Some(at);
        self.state = match outcome {
            // Nothing is removed until a second look has shown it; who is cut off before that goes on with it.
            Outcome::Ready if self.purpose.ends_empty => RunState::Running,
            Outcome::Ready => RunState::Ready,
            Outcome::Failed => RunState::Failed,
            Outcome::Stopped => RunState::Stopped,
        };
    }

    fn about_step(&mut self, n: usize, what: &What, at: Timestamp) {
        let work = self.work.at(at);
        let step = &mut self.steps[n];
        match what {
            What::StepStarted { attempt } => {
                step.halt(work);
                step.phase = Phase::Running;
                step.attempt = *attempt;
                step.in_trouble = *attempt > 1;
                step.began = Some(work);
                step.first_began = step.first_began.or(Some(work));
            }
            // Passing events may come after the end of their step; they say nothing then.
            What::Progress { done, total, unit, code } if step.phase == Phase::Running => {
                let (unit, code) = (unit.clone(), code.clone());
                step.progress = Some(StepProgress { done: *done, total: *total, unit, code });
            }
            What::WaitingOn { on } if step.phase == Phase::Running => {
                if step.waiting_on != *on {
                    step.waiting_since = at;
                }
                step.waiting_on.clone_from(on);
            }
            What::Retrying { cause, .. } => {
                step.in_trouble = true;
                step.cause = Some(cause.clone());
                self.troubles += 1;
            }
            What::Part(part) => step.part(part),
            What::CostBegan => self.costs.made(&step.step, at),
            What::Failed { cause, evidence } => {
                step.halt(work);
                step.phase = Phase::Failed;
                step.was_done = false;
                step.failed_before = true;
                step.failed_at = at;
                step.cause = Some(cause.clone());
                step.evidence.clone_from(evidence);
            }
            What::Done { changed, unchanged, skipped } => {
                if std::mem::take(&mut step.failed_before) && *skipped != Some(Skip::NotAsked) {
                    self.troubles += 1;
                }
                let step = &mut self.steps[n];
                match self.purpose.direction {
                    _ if *skipped == Some(Skip::NotAsked) => {}
                    Direction::Forward => self.costs.made(&step.step, at),
                    Direction::Backward => self.costs.undone(&step.step.id, at),
                }
                done(step, *changed, *unchanged, *skipped, work);
                if let (true, Some(took)) = (self.purpose.learns, step.acted) {
                    self.measured.insert((step.step.kind.clone(), step.step.subject.clone()), took);
                }
            }
            _ => {}
        }
    }

    fn percent_now(&self) -> f64 {
        let all: f64 = self.steps.iter().map(StepFold::weight).sum();
        if all == 0.0 {
            return if self.state == RunState::Ready { 100.0 } else { 0.0 };
        }
        if self.steps.iter().all(StepFold::is_done) {
            return 100.0;
        }
        let done: f64 = self.steps.iter().map(|s| s.weight() * s.fraction()).sum();
        // Nearly done is not done.
        (100.0 * done / all).min(99.9)
    }

    /// The report at this time.
    pub fn report(&self, now: Timestamp) -> Report {
        let work = self.work.at(now);
        let blocked = self.blocked();
        let counted = || self.steps.iter().filter(|s| s.step.counted);
        Report {
            run: self.run.clone(),
            purpose: self.purpose.name.clone(),
            seq: self.seq,
            state: self.state_now(),
            started_at: self.started_at,
            ended_at: self.ended_at,
            running_for: work.as_secs_f64(),
            percent: self.percent,
            eta: (self.state_now() == RunState::Running).then(|| self.eta(work, &blocked)),
            stages: self.stages(work, &blocked),
            counted_done: count(counted().filter(|s| s.is_done())),
            counted_total: count(counted()),
            attention: self.attention(),
            failures: count(self.steps.iter().filter(|s| s.phase == Phase::Failed)),
            troubles: self.troubles,
            costs: self.costs.report(now),
            found: self.values.current().clone(),
            left: self.left.clone(),
            look: self.look.clone(),
            held: self.held(),
            slept: self.slept,
        }
    }

    fn held(&self) -> Option<String> {
        let paused = self.paused.as_ref().map(|(why, _)| why);
        let held = self.holds.first().filter(|_| self.ended_at.is_none()).map(|held| &held.cause.code);
        paused.or(held).cloned()
    }

    fn state_now(&self) -> RunState {
        let is_held = self.state == RunState::Running && self.ended_at.is_none() && !self.holds.is_empty();
        if is_held { RunState::NeedsPerson } else { self.state }
    }

    /// Which steps cannot begin, since something they need failed.
    fn blocked(&self) -> Vec<bool> {
        let mut blocked = vec![false; self.steps.len()];
        for n in &self.graph.order {
            let stuck = |need: &usize| self.steps[*need].phase == Phase::Failed || blocked[*need];
            blocked[*n] = self.steps[*n].phase == Phase::Pending && self.graph.needs[*n].iter().any(stuck);
        }
        blocked
    }

    fn stages(&self, work: SignedDuration, blocked: &[bool]) -> Vec<StageReport> {
        let mut ids: Vec<&str> = Vec::new();
        for step in &self.steps {
            if !ids.contains(&step.step.stage.as_str()) {
                ids.push(&step.step.stage);
            }
        }
        ids.into_iter().map(|id| self.stage(id, work, blocked)).collect()
    }

    fn stage(&self, id: &str, work: SignedDuration, blocked: &[bool]) -> StageReport {
        let of_stage = || self.steps.iter().enumerate().filter(|(_, s)| s.step.stage == id);
        let steps: Vec<StepReport> = of_stage().map(|(n, s)| s.report(work, blocked[n])).collect();
        let began = of_stage().filter_map(|(_, s)| s.first_began).min();
        let under_way = of_stage().any(|(_, s)| s.phase == Phase::Running && !s.was_done);
        let ended = if under_way { Some(work) } else { of_stage().filter_map(|(_, s)| s.ended).max() };
        let is_active = matches!(self.state, RunState::Running | RunState::Paused);
        StageReport {
            id: id.to_owned(),
            state: worst(&steps, is_active),
            done: count(of_stage().filter(|(_, s)| s.is_done())),
            took: began.zip(ended).map_or(0.0, |(began, ended)| (ended - began).as_secs_f64().max(0.0)),
            steps,
        }
    }

    fn attention(&self) -> Option<Attention> {
        self.hold().or_else(|| self.awaited_person()).or_else(|| self.pause_to_mend()).or_else(|| self.failure())
    }

    /// The first of those that hold the run. What several hold it for is one thing.
    fn hold(&self) -> Option<Attention> {
        let first = self.holds.first()?;
        Some(Attention { step: Some(first.step.clone()), cause: first.cause.clone(), since: first.since })
    }

    fn awaited_person(&self) -> Option<Attention> {
        let waits = |s: &StepFold| {
            let awaited = s.waiting_on.iter().find(|on| on.kind == "person")?;
            Some(Attention { step: Some(s.step.id.clone()), cause: awaited.why.clone(), since: s.waiting_since })
        };
        self.steps.iter().filter(|s| s.phase == Phase::Running).find_map(waits)
    }

    fn pause_to_mend(&self) -> Option<Attention> {
        let (why, since) = self.paused.as_ref()?;
        // The first was asked for by the person, the second passes by itself.
        let needs_nobody = matches!(why.as_str(), "asked" | "asleep");
        (!needs_nobody).then(|| Attention { step: None, cause: Cause::new(why), since: *since })
    }

    fn failure(&self) -> Option<Attention> {
        let failed = self.steps.iter().filter(|s| s.phase == Phase::Failed).min_by_key(|s| s.failed_at);
        let of_step = failed.and_then(|s| {
            Some(Attention { step: Some(s.step.id.clone()), cause: s.cause.clone()?, since: s.failed_at })
        });
        of_step.or_else(|| {
            let (cause, since) = self.run_failed.clone()?;
            Some(Attention { step: None, cause, since })
        })
    }

    fn eta(&self, work: SignedDuration, blocked: &[bool]) -> EtaRange {
        let left = |(n, s): (usize, &StepFold)| match s.phase {
            _ if s.was_done => Left::Nothing,
            Phase::Done | Phase::Skipped(_) => Left::Nothing,
            Phase::Failed => Left::Never,
            Phase::Pending if blocked[n] => Left::Never,
            Phase::Pending => Left::All,
            Phase::Running => Left::Part { spent: s.took(work).as_secs_f64(), progressed: s.progressed() },
        };
        let lefts: Vec<Left> = self.steps.iter().enumerate().map(left).collect();
        let estimates: Vec<_> = self.steps.iter().map(|s| s.step.estimate).collect();
        let acted: Vec<Option<f64>> = self.steps.iter().map(|s| s.acted.map(|took| took.as_secs_f64())).collect();
        eta::range(&self.graph, &estimates, &acted, &lefts, self.parallel)
    }
}

/// How a stage stands: the worst of its steps, or how far it is.
fn worst(steps: &[StepReport], is_active: bool) -> StepState {
    let any = |state| steps.iter().any(|s| s.state == state);
    let under_way =
        [StepState::Failed, StepState::Retrying, StepState::Running, StepState::Waiting, StepState::Blocked];
    if let Some(state) = under_way.into_iter().find(|state| any(*state)) {
        return state;
    }
    match (any(StepState::Pending), any(StepState::Done)) {
        (false, true) => StepState::Done,
        (false, false) => StepState::Skipped,
        // Between two of its steps.
        (true, true) if is_active => StepState::Running,
        (true, _) => StepState::Pending,
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).unwrap_or(u32::MAX)
}
