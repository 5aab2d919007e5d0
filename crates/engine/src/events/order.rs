//! Which event may follow which. A journal in which one follows that cannot was not written by this program, or not as a
//! whole: what it says is not to be acted on.
//!
//! What an honest crash leaves is legal: a run that breaks off anywhere, followed by the next. What a newer version wrote
//! is passed over, and whatever depends on it with it.

use std::collections::BTreeMap;

use crate::events::event::{Event, Outcome, Skip, What};
use crate::plan::step::Step;
use crate::step_id::StepId;

/// Why an event cannot stand where it stands: a code.
pub(crate) type Reason = &'static str;

/// The events so far, as far as they say what may follow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    seq: u64,
    run: Option<RunOrder>,
}

#[derive(Debug, Clone, Default)]
struct RunOrder {
    run: String,
    /// A newer version began it: nobody knows its steps.
    is_unknown: bool,
    ends_empty: bool,
    steps: BTreeMap<StepId, StepOrder>,
    end: Option<Outcome>,
    is_proved: bool,
}

#[derive(Debug, Clone, Default)]
struct StepOrder {
    needs: Vec<StepId>,
    status: LoadStatus,
    attempt: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum LoadStatus {
    #[default]
    NotBegun,
    UnderWay,
    /// Under way, and something went wrong: it is tried again by itself or by the run.
    InTrouble,
    Done,
    Failed,
    /// A newer version said something of it.
    Unknown,
}

impl Order {
    /// Takes in the next event, or says why it cannot be the next one.
    pub(crate) fn next(&mut self, event: &Event) -> Result<(), Reason> {
        if event.seq != self.seq + 1 {
            return Err("number-out-of-order");
        }
        self.seq = event.seq;
        if let What::RunStarted { steps, purpose, .. } = &event.what {
            if event.step.is_some() {
                return Err("not-about-a-step");
            }
            self.run = Some(RunOrder::new(&event.run, steps, purpose.ends_empty));
            return Ok(());
        }
        match &mut self.run {
            Some(run) if run.run == event.run => run.next(event),
            // A newer version may begin runs in a way that we cannot read.
            _ if event.what == What::Unknown => {
                self.run = Some(RunOrder { run: event.run.clone(), is_unknown: true, ..RunOrder::default() });
                Ok(())
            }
            // A run that found the disk full before it began, or was ended before it could.
            _ if event.step.is_none() && matches!(event.what, What::Paused { .. } | What::Failed { .. }) => Ok(()),
            _ => Err("other-run"),
        }
    }
}

impl RunOrder {
    fn new(run: &str, steps: &[Step], ends_empty: bool) -> Self {
        let order = |step: &Step| (step.id.clone(), StepOrder { needs: step.needs.clone(), ..StepOrder::default() });
        RunOrder { run: run.to_owned(), ends_empty, steps: steps.iter().map(order).collect(), ..RunOrder::default() }
    }

    fn next(&mut self, event: &Event) -> Result<(), Reason> {
        match &event.step {
            _ if self.is_unknown => Ok(()),
            None => self.about_run(&event.what),
            Some(id) => self.about_step(id, &event.what),
        }
    }

    fn about_run(&mut self, what: &What) -> Result<(), Reason> {
        match what {
            // The end may be written while the disk is full, and something may go wrong after it.
            What::Paused { .. } | What::Resumed { .. } | What::Failed { .. } | What::Unknown => Ok(()),
            What::Removed { .. } => {
                let may_be = self.ends_empty && self.end == Some(Outcome::Ready) && !self.is_proved;
                self.is_proved = true;
                may_be.then_some(()).ok_or("removed-too-early")
            }
            _ if self.end.is_some() => Err("after-the-end"),
            What::Finished { outcome } => {
                self.end = Some(*outcome);
                let is_settled = |s: &StepOrder| matches!(s.status, LoadStatus::Done | LoadStatus::Unknown);
                let is_true = *outcome != Outcome::Ready || self.steps.values().all(is_settled);
                is_true.then_some(()).ok_or("ready-too-early")
            }
            What::Retrying { .. } => Ok(()),
            _ => Err("about-no-step"),
        }
    }

    fn about_step(&mut self, id: &StepId, what: &What) -> Result<(), Reason> {
        let Some(step) = self.steps.get(id) else { return Err("unknown-step") };
        let (status, attempt) = (step.status, step.attempt);
        let are_needs_met = || {
            let is_met = |need: &StepId| {
                self.steps.get(need).is_none_or(|n| matches!(n.status, LoadStatus::Done | LoadStatus::Unknown))
            };
            step.needs.iter().all(is_met)
        };
        let next = match what {
            What::Unknown => LoadStatus::Unknown,
            _ if status == LoadStatus::Unknown => status,
            _ if self.end.is_some() => return Err("after-the-end"),
            What::StepStarted { attempt: next } => match status {
                LoadStatus::UnderWay | LoadStatus::Done | LoadStatus::Failed => return Err("begun-twice"),
                _ if *next != attempt + 1 => return Err("attempt-out-of-order"),
                _ if !are_needs_met() => return Err("begun-too-early"),
                _ => LoadStatus::UnderWay,
            },
            What::Done { skipped: Some(Skip::NotAsked), .. } if status == LoadStatus::NotBegun => LoadStatus::Done,
            // What a step says may come in after its end, not before it begins.
            What::Found { .. }
            | What::Progress { .. }
            | What::WaitingOn { .. }
            | What::Part(_)
            | What::CostBegan
            | What::Held { .. }
            | What::Released { .. }
                if status != LoadStatus::NotBegun =>
            {
                status
            }
            What::Retrying { .. } if matches!(status, LoadStatus::UnderWay | LoadStatus::InTrouble) => {
                LoadStatus::InTrouble
            }
            What::Retrying { .. } if status != LoadStatus::NotBegun => status,
            What::Done { .. } if matches!(status, LoadStatus::UnderWay | LoadStatus::InTrouble) => LoadStatus::Done,
            What::Failed { .. } if matches!(status, LoadStatus::UnderWay | LoadStatus::InTrouble) => LoadStatus::Failed,
            What::Done { .. } | What::Failed { .. } if status != LoadStatus::NotBegun => return Err("ended-twice"),
            What::RunStarted { .. }
            | What::Paused { .. }
            | What::Resumed { .. }
            | What::Finished { .. }
            | What::Removed { .. } => return Err("not-about-a-step"),
            _ => return Err("not-begun"),
        };
        if let Some(step) = self.steps.get_mut(id) {
            step.status = next;
            if let What::StepStarted { attempt } = what {
                step.attempt = *attempt;
            }
        }
        Ok(())
    }
}
