//! What a smaller choice no longer holds: releases of the installation that are there and that the plan does not bring. They go
//! when everything else is ready. Pure.

use std::collections::BTreeSet;

use super::frozen::{Leaving, Plan};
use super::kinds::{self, StepKind};
use super::step::PlannedStep;
use crate::error::Error;

/// What the one step of that kind is about.
const SUBJECT: &str = "services";

impl Plan {
    /// The same plan in a cluster where these releases of the installation are, each as namespace and name. Those that the
    /// plan does not bring go in a step that needs all others.
    pub(crate) fn with_there(mut self, there: &BTreeSet<(String, String)>) -> Result<Self, Error> {
        let brings: BTreeSet<(&str, &str)> =
            self.services.iter().map(|s| (s.namespace.as_str(), s.name.as_str())).collect();
        let goes = there.iter().filter(|(namespace, name)| !brings.contains(&(namespace.as_str(), name.as_str())));
        let mut leaving: Vec<Leaving> =
            goes.map(|(namespace, name)| Leaving { name: name.clone(), namespace: namespace.clone() }).collect();
        leaving.sort();
        if leaving.is_empty() {
            return Ok(self);
        }
        let kind = StepKind::Leave { name: SUBJECT.to_owned() };
        self.steps.push(PlannedStep {
            id: kind.id(),
            kind,
            stage: kinds::LEAVE.to_owned(),
            needs: self.steps.iter().map(|step| step.id.clone()).collect(),
            estimate: engine::Estimate { low: 0.0, high: 0.0, measured: false },
            changes: Vec::new(),
            cost: None,
        });
        self.leaving = leaving;
        self.sealed()
    }
}
