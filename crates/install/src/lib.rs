//! Answers to plan, plan to run, run to report: the one API that window and command line stand on.
//!
//! Everything here is wiring: what can be installed is decided in `catalog`, how charts become objects in
//! `helm-template`, what is said to a cluster in `cluster`, how steps run in `engine`. This crate turns what they can do
//! into steps, and keeps an installation's files.

pub mod answers;
pub mod plan;
pub mod view;
