//! What Helm does with a chart's objects: definitions before everything else, hooks, release records.

pub mod crds;
pub mod hooks;
pub mod release;
