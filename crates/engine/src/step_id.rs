//! The name of a step, which errors speak of too.

/// Names a step within its plan, as `kind:subject`, for example `release:egov-user`.
pub type StepId = String;
