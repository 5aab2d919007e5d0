//! What takes time: objects that get ready, webhooks that can be asked, pods that speak, one pod that runs to its end.

pub mod one_off;
pub mod pod_logs;
mod ready;
pub mod watch;
pub mod webhook;

pub use ready::{Awaited, WaitContext, Waiting};
