//! One step's part of the fold.

use jiff::{SignedDuration, Timestamp};

use crate::cause::{Awaited, Cause};
use crate::events::event::{Part, Skip};
use crate::plan::step::Step;
use crate::report::shape::{StepProgress, StepReport, StepState};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    Pending,
    Running,
    Done,
    Skipped(Skip),
    Failed,
}

#[derive(Debug, Clone)]
pub(crate) struct StepFold {
    pub(crate) step: Step,
    pub(crate) phase: Phase,
    pub(crate) attempt: u32,
    /// Whether it was done before in this report: its weight stays, while a later run only makes sure.
    pub(crate) was_done: bool,
    /// Whether it is tried again, by the run or by itself.
    pub(crate) in_trouble: bool,
    pub(crate) failed_before: bool,
    /// Work of earlier tries.
    pub(crate) took: SignedDuration,
    /// When the present try began, on the clock of work.
    pub(crate) began: Option<SignedDuration>,
    pub(crate) first_began: Option<SignedDuration>,
    pub(crate) ended: Option<SignedDuration>,
    /// What it took to carry it out, if that was done in this report.
    pub(crate) acted: Option<SignedDuration>,
    pub(crate) progress: Option<StepProgress>,
    /// Parts by how they last ended, or stood first.
    parts: Vec<Part>,
    /// Parts that go right now. Forgotten with what is under way.
    moving: Vec<Part>,
    pub(crate) waiting_on: Vec<Awaited>,
    pub(crate) waiting_since: Timestamp,
    pub(crate) cause: Option<Cause>,
    pub(crate) evidence: Vec<String>,
    pub(crate) failed_at: Timestamp,
    pub(crate) changed: u32,
    pub(crate) unchanged: u32,
}

impl StepFold {
    pub(crate) fn new(step: Step) -> Self {
        StepFold {
            step,
            phase: Phase::Pending,
            attempt: 0,
            was_done: false,
            in_trouble: false,
            failed_before: false,
            took: SignedDuration::ZERO,
            began: None,
            first_began: None,
            ended: None,
            acted: None,
            progress: None,
            parts: Vec::new(),
            moving: Vec::new(),
            waiting_on: Vec::new(),
            waiting_since: Timestamp::UNIX_EPOCH,
            cause: None,
            evidence: Vec::new(),
            failed_at: Timestamp::UNIX_EPOCH,
            changed: 0,
            unchanged: 0,
        }
    }

    /// Stops the present try's time. It does not count if it only made sure.
    pub(crate) fn halt(&mut self, work: SignedDuration) {
        if let (Some(began), false) = (self.began.take(), self.was_done) {
            self.took += work - began;
            self.ended = Some(work);
        }
        self.progress = None;
        self.moving.clear();
        self.waiting_on.clear();
    }

    /// A part stands so.
    pub(crate) fn part(&mut self, part: &Part) {
        let is_it = |other: &Part| other.name == part.name;
        if part.state.is_end() {
            self.moving.retain(|other| !is_it(other));
            put(&mut self.parts, part);
        } else if self.phase == Phase::Running {
            put(&mut self.moving, part);
        }
    }

    /// Those that are told of: what goes right now stands over how it ended before.
    fn parts(&self) -> Vec<Part> {
        let mut parts = self.parts.clone();
        self.moving.iter().for_each(|part| put(&mut parts, part));
        parts
    }

    pub(crate) fn took(&self, work: SignedDuration) -> SignedDuration {
        // While a later run only makes sure, the figure of the real work stays.
        let present = if self.was_done { None } else { self.began };
        self.took + present.map_or(SignedDuration::ZERO, |began| work - began)
    }

    pub(crate) fn weight(&self) -> f64 {
        self.step.estimate.midpoint().max(0.001)
    }

    pub(crate) fn is_done(&self) -> bool {
        self.was_done || matches!(self.phase, Phase::Done | Phase::Skipped(Skip::AsWanted))
    }

    /// How much of it is done, 0 to 1.
    pub(crate) fn fraction(&self) -> f64 {
        if self.is_done() { 1.0 } else { self.progressed().unwrap_or(0.0) }
    }

    pub(crate) fn progressed(&self) -> Option<f64> {
        let p = self.progress.as_ref()?;
        let part = p.done / p.total;
        part.is_finite().then(|| part.clamp(0.0, 1.0))
    }

    pub(crate) fn state(&self, blocked: bool) -> StepState {
        match self.phase {
            Phase::Pending if blocked => StepState::Blocked,
            Phase::Pending => StepState::Pending,
            Phase::Running if !self.waiting_on.is_empty() => StepState::Waiting,
            Phase::Running if self.in_trouble => StepState::Retrying,
            Phase::Running => StepState::Running,
            Phase::Done => StepState::Done,
            Phase::Skipped(_) => StepState::Skipped,
            Phase::Failed => StepState::Failed,
        }
    }

    pub(crate) fn report(&self, work: SignedDuration, blocked: bool) -> StepReport {
        StepReport {
            id: self.step.id.clone(),
            kind: self.step.kind.clone(),
            subject: self.step.subject.clone(),
            state: self.state(blocked),
            attempt: self.attempt,
            took: self.took(work).as_secs_f64(),
            progress: self.progress.clone(),
            parts: self.parts(),
            waiting_on: self.waiting_on.clone(),
            cause: self.cause.clone(),
            evidence: self.evidence.clone(),
            changed: self.changed,
            unchanged: self.unchanged,
        }
    }
}

fn put(parts: &mut Vec<Part>, part: &Part) {
    match parts.iter_mut().find(|other| other.name == part.name) {
        Some(known) => known.clone_from(part),
        None => parts.push(part.clone()),
    }
}

/// A step at the beginning of a run, with what earlier runs of the same report say about it.
pub(crate) fn again(before: Option<StepFold>, step: &Step) -> StepFold {
    let Some(mut it) = before else { return StepFold::new(step.clone()) };
    it.step = step.clone();
    it.was_done = it.is_done();
    if !it.was_done {
        it.phase = Phase::Pending;
        it.cause = None;
        it.evidence.clear();
    } else if it.phase == Phase::Running {
        it.phase = Phase::Done;
    }
    it.attempt = 0;
    it.in_trouble = false;
    it
}

pub(crate) fn done(step: &mut StepFold, changed: u32, unchanged: u32, skipped: Option<Skip>, work: SignedDuration) {
    if skipped.is_some() && step.was_done {
        // It only made sure. What the step really did and took is what the person wants to read.
        step.halt(work);
        step.phase = Phase::Done;
    } else {
        if std::mem::take(&mut step.was_done) {
            step.took = SignedDuration::ZERO;
        }
        step.halt(work);
        step.phase = skipped.map_or(Phase::Done, Phase::Skipped);
        step.changed += changed;
        step.unchanged = unchanged;
        if skipped.is_none() {
            step.acted = Some(step.took);
        }
    }
    step.in_trouble = false;
    step.cause = None;
    step.evidence.clear();
}
