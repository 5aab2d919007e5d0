//! Everything said to a Kubernetes API: connect, look, apply, watch, logs, release records, removal.
//!
//! The rooms in the order of the work, each using only those before it: [`connect`](mod@connect), [`objects`], [`wait`], [`road`],
//! [`helm`], [`record`], [`pretend`]; beneath them [`error`], the names of [`object`]s, and [`text`]s of people.
//!
//! Objects are plain JSON. Every request goes through [`Cluster`], which waits out trouble that passes (a busy or
//! restarting server, a lost connection, an expired token) and tells about it; only what will not pass by itself comes
//! back as an [`Error`]. What is decided is decided in pure functions beside the calls.

pub mod error;
mod fault;
pub mod object;
pub mod text;

pub mod connect;
pub mod objects;
pub mod road;
pub mod wait;

pub mod helm;
pub mod record;

pub mod pretend;

pub use connect::api::{Cluster, Document, OnHold, OnTrouble, Patience, Permit, Trouble};
pub use connect::retry::Person;
pub use connect::{Target, connect, connect_service, kubeconfig, proxy, retry};
pub use error::{Claim, Error, Fault, Result};
pub use helm::{crds, hooks, release};
pub use object::{ObjectRef, Resource};
pub use objects::apply::{Applied, Owner, Standing, Unowned};
pub use objects::discovery::Served;
pub use objects::look::Overview;
pub use objects::rights::Need;
pub use objects::{apply, look};
pub use pretend::Pretend;
pub use record::{inventory, lease, remove, uninstall};
pub use wait::one_off::OneOff;
pub use wait::watch::{Now, Watch};
pub use wait::{Awaited, WaitContext, Waiting, one_off, pod_logs, watch, webhook};
