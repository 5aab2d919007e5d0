//! What changed in a run since the last look, in lines for a person.

use std::collections::{BTreeMap, BTreeSet};

use install::Work;
use install::view::{Event, Report, RunState, StepState, What};
use install::words::Words;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use crate::session::Session;
use crate::show;

/// A run that is followed.
pub(crate) struct News {
    events: Receiver<Event>,
    announced: Announced,
}

impl News {
    pub(crate) fn of(work: &Work) -> Self {
        let (past, events) = work.follow();
        let mut announced = Announced::of(work.run());
        past.iter().for_each(|event| announced.heard(event));
        News { events, announced }
    }

    /// Lines about what came since the last look.
    pub(crate) fn since(&mut self, session: &Session, work: &Work) -> Vec<String> {
        // Before the report is made: what it holds has been heard of.
        let report = work.report(session.installer.clock().now());
        loop {
            match self.events.try_recv() {
                Ok(event) => self.announced.heard(&event),
                // What lasts is known there still.
                Err(TryRecvError::Lagged(_)) => {
                    let (past, events) = work.follow();
                    self.events = events;
                    past.iter().for_each(|event| self.announced.heard(event));
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        self.announced.lines(&session.words, &report)
    }
}

/// What has been announced of a run.
pub(crate) struct Announced {
    run: String,
    /// Steps of this run that found everything as wanted. The report says of them what an earlier run did and how long that took.
    made_sure: BTreeSet<String>,
    held: String,
    said: BTreeMap<String, String>,
}

impl Announced {
    pub(crate) fn of(run: &str) -> Self {
        Announced { run: run.to_owned(), made_sure: BTreeSet::new(), held: String::new(), said: BTreeMap::new() }
    }

    pub(crate) fn heard(&mut self, event: &Event) {
        if let (true, What::Done { skipped: Some(_), .. }, Some(step)) =
            (event.run == self.run, &event.what, &event.step)
        {
            self.made_sure.insert(step.clone());
        }
    }

    /// Lines about what changed in this run since the last look.
    pub(crate) fn lines(&mut self, words: &Words, report: &Report) -> Vec<String> {
        let mut lines = Vec::new();
        // Until this run has begun to tell, the report is of the one before.
        if report.run != self.run {
            return lines;
        }
        let held = report.held.clone().unwrap_or_default();
        if std::mem::replace(&mut self.held, held.clone()) != held {
            if !held.is_empty() {
                lines.push(words.held(&held));
            } else if report.state == RunState::Running {
                // A run that was stopped meanwhile is held up no more, and does not go on.
                lines.push(words.text("cli-goes-on", &[]));
            }
        }
        // What no run has begun, or an earlier one did and this one has not come to, is no news.
        for step in report.stages.iter().flat_map(|stage| &stage.steps).filter(|step| step.attempt > 0) {
            let mut step = step.clone();
            if step.state == StepState::Done && self.made_sure.contains(&step.id) {
                step.state = StepState::Skipped;
            }
            let state = match step.state {
                StepState::Pending | StepState::Blocked => continue,
                StepState::Running => "running".to_owned(),
                StepState::Waiting => format!("waiting {}", show::awaited(words, &step)),
                StepState::Retrying => format!("retrying {}", step.attempt),
                StepState::Done | StepState::Skipped => "done".to_owned(),
                StepState::Failed => "failed".to_owned(),
            };
            // Waiting for something, running again and waiting for the same is no news.
            let key = if state == "running" { format!("{}#running", step.id) } else { step.id.clone() };
            let is_news = self.said.insert(key, state.clone()) != Some(state);
            if is_news && let Some(text) = show::step(words, &step) {
                lines.push(text);
            }
        }
        lines
    }
}
