//! The pretend DIGIT against the reference page, over HTTP: a table of cases for each service.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod asking;
mod conditions;
mod faults;
mod filestore;
mod gateway;
mod hrms;
mod localization;
mod masters;
mod pgr;
mod seed;
mod users;
mod workflow;
