//! A step as a plan holds it, and as the engine carries it out.

use std::collections::BTreeMap;

use engine::{Change, Estimate, HourlyCost, Step, StepId};
use serde::{Deserialize, Serialize};

use super::kinds::StepKind;
use crate::error::Error;

/// One thing that a plan will do. It is written as the engine's [`Step`] is, so that whoever reads a plan finds the same words
/// there as in a journal; further data of a kind stand beside them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedStep {
    /// Unique in the plan.
    pub id: StepId,
    /// What it does.
    #[serde(flatten)]
    pub kind: StepKind,
    /// The stage that it is shown under.
    pub stage: String,
    /// Steps that must be done before this one begins.
    pub needs: Vec<StepId>,
    /// How long it is expected to take.
    pub estimate: Estimate,
    /// What it changes, for Review.
    pub changes: Vec<Change>,
    /// What it costs from when it was made until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<HourlyCost>,
}

impl PlannedStep {
    /// As the engine carries it out: of the kind it knows the code and what it is about.
    pub fn step(&self) -> Step {
        Step {
            id: self.id.clone(),
            kind: self.kind.code().to_owned(),
            subject: self.kind.subject().to_owned(),
            stage: self.stage.clone(),
            needs: self.needs.clone(),
            estimate: self.estimate,
            changes: self.changes.clone(),
            content: None,
            counted: self.kind.released().is_some(),
            cost: self.cost.clone(),
        }
    }
}

/// The same in the order of the engine: each after all that it needs.
pub(super) fn in_order(steps: Vec<PlannedStep>) -> Result<Vec<PlannedStep>, Error> {
    let ordered = engine::in_order(steps.iter().map(PlannedStep::step).collect()).map_err(|error| match error {
        engine::Error::Circle(steps) => Error::Circle { steps },
        other => other.into(),
    })?;
    let mut by_id: BTreeMap<StepId, PlannedStep> = steps.into_iter().map(|step| (step.id.clone(), step)).collect();
    let planned = |step: Step| Some(PlannedStep { needs: step.needs, ..by_id.remove(&step.id)? });
    Ok(ordered.into_iter().filter_map(planned).collect())
}
