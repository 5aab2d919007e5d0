//! What a person sees of a run: a pure fold of its events.

pub(crate) mod cost;
pub(crate) mod eta;
pub(crate) mod fold;
pub(crate) mod shape;
pub(crate) mod step_fold;
pub(crate) mod work_clock;
