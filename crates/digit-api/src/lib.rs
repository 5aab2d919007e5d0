//! Everything said to DIGIT itself after its pods are ready: first administrator, seed data, acceptance.
//!
//! ```text
//! address ─► client ─► user, services ─► steps (administrator, seed's parts) ─► acceptance
//!            fault: what was seen ─► cause, remedy          seed: the file ─► what is to be done
//! ```
//!
//! Nothing here is believed because it was answered with 200: what is made is searched for. Nothing is made twice: each step looks
//! first, and what a crash must not take away is remembered before going on ([`Memory`]). Causes are codes with data; words live elsewhere.

pub mod acceptance;
mod address;
mod client;
mod error;
pub mod fault;
mod html;
mod memory;
mod news;
mod role;
pub mod seed;
mod services;
pub mod steps;
pub mod user;

pub use address::{Address, AddressKind, Tenants};
pub use client::{Addresses, Client, LARGEST_BODY, Now, Patience, Session, Sleep};
pub use error::Error;
pub use memory::{Keep, Memory, Remembered, UnderWay};
pub use news::{Done, How, News, Part, Tell};
