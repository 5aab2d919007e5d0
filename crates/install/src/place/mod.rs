//! Where an installation goes: what is found there, and whether it is fit for the plan.

pub(crate) mod checks;
mod found;
pub(crate) mod recorded;
mod rights;
mod room;
mod tries;
mod verdict;

pub use found::{ClusterView, ContextView, KubeconfigView};
pub(crate) use found::{Place, connect, facts, kubeconfig_view, look, view};
pub(crate) use tries::{Means, Passed};
pub use verdict::{CheckState, CheckView, Checked};
