//! What is ours in a cluster: the installation's record and lease, what is there before and after, and its removal.

mod fence;
pub mod inventory;
mod labels;
pub mod lease;
mod parts;
pub mod remove;
mod standstill;
pub mod uninstall;

pub use fence::Fence;
pub use labels::{INSTALLATION_LABEL, NAMESPACE};
