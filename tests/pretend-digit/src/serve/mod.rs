//! Thin HTTP around the services: listeners, reading a request, sending an answer.

mod connection;
mod read;
mod server;

pub(crate) use server::{Shared, bind, serve};
