//! How a plan is carried out: what acts on a step, one try at it, how often it is tried, and which goes when.

pub(crate) mod act;
pub(crate) mod attempt;
pub(crate) mod context;
pub(crate) mod hold;
pub(crate) mod options;
pub(crate) mod registry;
pub(crate) mod retry;
pub(crate) mod scheduler;
