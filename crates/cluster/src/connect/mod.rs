//! The way to a cluster: which one, through what, and one call after the other until it is answered for good.

mod address;
#[cfg(test)]
mod any_input;
pub mod api;
mod client;
mod context;
mod exec;
mod file;
pub mod kubeconfig;
mod pem;
mod program;
pub mod proxy;
pub(crate) mod refusal;
pub mod retry;
mod signed;
mod signing_in;
mod system_proxy;
mod trust;
mod way;

pub use client::{Target, connect, connect_service};
