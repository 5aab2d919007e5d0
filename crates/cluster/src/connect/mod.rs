//! The way to a cluster: which one, through what, and one call after the other until it is answered for good.

pub mod api;
mod client;
mod exec;
pub mod kubeconfig;
pub mod proxy;
pub(crate) mod refusal;
pub mod retry;
mod signing_in;

pub use client::{Target, connect, connect_service};
