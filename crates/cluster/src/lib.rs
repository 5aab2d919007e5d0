//! Everything said to a Kubernetes API: connect, look, apply, watch, logs, release records, removal.
//!
//! Objects are plain JSON. Every request goes through [`Cluster`], which waits out trouble that passes (a busy or
//! restarting server, a lost connection, an expired token) and tells about it; only what will not pass by itself comes
//! back as an [`Error`]. What is decided is decided in pure functions beside the calls.

pub mod api;
pub mod apply;
pub mod connect;
pub mod crds;
pub mod error;
pub mod hooks;
pub mod inventory;
pub mod kubeconfig;
pub mod lease;
pub mod look;
pub mod object;
pub mod one_off;
pub mod pod_logs;
pub mod pretend;
pub mod proxy;
pub mod record;
pub mod release;
pub mod remove;
pub mod retry;
pub mod wait;
pub mod watch;
pub mod webhook;

pub use api::{Cluster, OnTrouble, Patience, Trouble};
pub use apply::{Applied, Owner, Standing, Unowned};
pub use connect::{Target, connect, connect_service};
pub use error::{Claim, Error, Result};
pub use look::{Need, Overview, Served};
pub use object::{ObjectRef, Resource};
pub use one_off::OneOff;
pub use pretend::Pretend;
pub use wait::{Awaited, Basis, Waiting};
pub use watch::{Clock, Watch};
