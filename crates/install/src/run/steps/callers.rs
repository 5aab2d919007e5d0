//! What a run knows of the services that others call, and the wait of those that call them.

use std::collections::BTreeSet;

use cluster::wait::{WaitContext, Waiting};
use engine::{Cause, Failure, Found, StepContext, StepId};
use jiff::Timestamp;

use super::calls::{Called, wait_context};
use super::context::{Context, Known};
use super::tell::tell;
use crate::plan::StepKind;

impl Context {
    /// What a wait for a release rests on that calls these, and since when it is waited for.
    pub(super) fn wait_context_calling(
        &self,
        calls: &BTreeSet<String>,
        began: Timestamp,
        now: Timestamp,
    ) -> WaitContext {
        let known = self.known();
        wait_context(began, now, calls.iter().map(|service| known.called(service)))
    }

    /// Says how far the wait for such a release is: what is not ready waits for the first of those that are not over.
    pub(super) fn tell_calling(&self, calls: &BTreeSet<String>, waiting: &Waiting, cx: &StepContext) {
        let on_its_way = |service: &&String| !matches!(self.known().called(service), Called::Over(_));
        let Some(service) = calls.iter().find(on_its_way) else { return tell(cx, waiting) };
        let may_wait = |code: &str| verdict::codes::rule(code).is_some_and(|rule| rule.waits);
        let mut waiting = waiting.clone();
        for cause in waiting.on.iter_mut().filter_map(|(_, cause)| cause.as_mut()).filter(|c| may_wait(&c.code)) {
            *cause = Cause::new("called-not-ready").with("service", service);
        }
        tell(cx, &waiting);
    }

    /// Notes that a step is under way.
    pub(super) fn note_begun(&self, step: &StepId) {
        self.known().steps.insert(step.clone(), Called::UnderWay);
    }

    /// Notes what a look at a step led to: nothing more is done about what is as wanted.
    pub(super) fn note_found(&self, step: &StepId, found: &Result<Found, Failure>) {
        match found {
            Ok(Found::AsWanted) => self.note_over(step, false),
            Ok(Found::SomeoneElses(_)) => self.note_over(step, true),
            Ok(Found::Absent | Found::Different) => {}
            Err(failure) => self.note_failed(step, failure),
        }
    }

    /// Notes what doing it led to.
    pub(super) fn note_done<T>(&self, step: &StepId, done: &Result<T, Failure>) {
        match done {
            Ok(_) => self.note_over(step, false),
            Err(failure) => self.note_failed(step, failure),
        }
    }

    fn note_failed(&self, step: &StepId, failure: &Failure) {
        // What is tried again is still on its way.
        if failure.retry_after.is_none() {
            self.note_over(step, true);
        }
    }

    /// What needs a step that failed does not begin in this run: nobody has to wait for it.
    fn note_over(&self, step: &StepId, has_failed: bool) {
        let now = self.clock.now();
        let mut known = self.known();
        known.steps.insert(step.clone(), Called::Over(now));
        let mut failed = if has_failed { vec![step.clone()] } else { Vec::new() };
        while let Some(needed) = failed.pop() {
            for behind in self.planned.plan.steps.iter().filter(|other| other.needs.contains(&needed)) {
                if !known.steps.contains_key(&behind.id) {
                    known.steps.insert(behind.id.clone(), Called::Over(now));
                    failed.push(behind.id.clone());
                }
            }
        }
    }
}

impl Known {
    fn called(&self, service: &str) -> Called {
        self.steps.get(&StepKind::release(service).id()).copied().unwrap_or(Called::NotBegun)
    }
}
