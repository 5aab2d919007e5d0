//! The one API that window and command line stand on.

mod asked;
mod base;
mod foreseeing;
mod kit;
mod log;
mod planning;
mod running;
mod same;
mod shown;

pub use base::Installer;
pub use running::Start;
pub use shown::Changes;
