//! What is to be done: steps, what they need of each other, and the name of a plan.

pub(crate) mod graph;
pub(crate) mod id;
pub(crate) mod step;
