//! Answers to plan, plan to run, run to report: the one API that window and command line stand on.
//!
//! Everything here is wiring: what can be installed is decided in `catalog`, how charts become objects in
//! `helm-template`, what is said to a cluster in `cluster`, how steps run in `engine`. This crate turns what they can do
//! into steps, and keeps an installation's files. [`Installer`] is where views begin.

mod act;
mod ahead;
pub mod answers;
mod checks;
mod error;
pub mod home;
pub mod images;
mod installer;
mod interrupts;
mod log_view;
mod place;
pub mod plan;
pub mod planning;
mod presign;
mod priors;
mod products;
mod record;
mod removal;
pub mod render;
mod secrets;
pub mod settings;
pub mod sizes;
mod telling;
pub mod template;
mod tries;
pub mod view;
pub mod words;
mod work;

pub use answers::Answers;
pub use catalog::Progress;
pub use checks::Checked;
pub use error::Error;
pub use home::Home;
pub use installer::{Changes, Installer, Start, Surroundings};
pub use interrupts::Interrupts;
pub use plan::Plan;
pub use planning::Planned;
pub use secrets::RecoveryKit;
pub use settings::AppSettings;
pub use work::{End, Work};
