//! A plan carried out: its steps by kind, the record of it in the cluster, the way back, what is told of it.

mod holding;
mod kind;
mod proof;
pub(crate) mod record;
pub(crate) mod removal;
mod steps;
mod telling;
mod work;

pub(crate) use kind::RunKind;
pub use removal::{RemovalList, RemovalView};
pub use work::{End, Work};
pub(crate) use work::{Purpose, RunSetup};
