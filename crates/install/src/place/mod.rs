//! Where an installation goes: what is found there, and whether it is fit for the plan.

mod address;
mod affinity;
mod around;
pub(crate) mod checks;
mod found;
mod kinds;
mod machines;
mod maker;
mod namespaces;
mod probes;
pub(crate) mod recorded;
mod rights;
mod room;
mod simulated;
mod site;
mod verdict;
mod version;
mod webhooks;

pub(crate) use checks::Probes;
pub use found::{ClusterView, ContextView, KubeconfigView};
pub(crate) use found::{Place, facts, kubeconfig_view, look, view};
pub(crate) use maker::Maker;
#[cfg(test)]
pub(crate) use maker::TellMaking;
pub(crate) use site::Site;
pub use verdict::{CheckState, CheckView, Checked};
