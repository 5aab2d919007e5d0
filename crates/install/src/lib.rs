//! Answers to plan, plan to run, run to report: the one API that window and command line stand on.
//!
//! Everything here is wiring: what can be installed is decided in `catalog`, how charts become objects in
//! `helm-template`, what is said to a cluster in `cluster`, how steps run in `engine`. This crate turns what they can do
//! into steps, and keeps an installation's files. [`Installer`] is where views begin.
//!
//! The rooms, from left to right: [`answers`] → [`plan`] → [`home`] → `place` → `run` → [`view`], the facade [`Installer`] on top,
//! [`Error`] and [`Surroundings`] beneath. A room uses those on its left and none on its right.

pub mod answers;
mod error;
mod file;
pub mod home;
mod installer;
mod interrupts;
mod place;
pub mod plan;
mod run;
mod surroundings;
pub mod view;

pub use answers::Answers;
pub use catalog::Progress;
pub use cluster::text::read as read_text;
pub use digit_api::acceptance;
pub use error::Error;
pub use home::settings;
pub use home::{AppSettings, Home, RecoveryKit};
pub use installer::{Changes, Installer, Start, Verifying};
pub use interrupts::Interrupts;
pub use place::Checked;
pub use plan::{Plan, Planned, images, template};
pub use run::{End, Work};
pub use surroundings::{Reach, Surroundings, over_the_network};
pub use view::words;
