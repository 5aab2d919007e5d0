//! A road to a program in the cluster: HTTP over a port-forward, which heals itself.
//!
//! The forward is a WebSocket to the API server and ends inside this program: no port is opened on this computer, so nobody else on it
//! can use the road. Which pod answers is chosen anew for each connection, and what is sent twice is decided in one place.

mod again;
mod destination;
mod exchange;
mod forward;
mod way;

pub use destination::{Destination, Port};
pub use exchange::{Ask, Reply};
pub use forward::Stream;
pub use way::Road;
