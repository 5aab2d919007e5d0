//! One way to speak to DIGIT: `connect` makes the clients, `ask` is one call, `envelope` what DIGIT wants around it, `retry`
//! what may be asked again, `poll` how a search is repeated until it finds. Services' own calls are in [`crate::services`] and [`crate::user`].

mod ask;
mod connect;
mod envelope;
mod open;
mod poll;
mod retry;

pub use ask::LARGEST_BODY;
pub(crate) use ask::{Ask, Body, Door};
pub use connect::{Addresses, Client, Now, Patience, Sleep};
pub use envelope::Session;
pub(crate) use envelope::request_info;
pub(crate) use open::Opened;
