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
mod verifying;

pub use base::Installer;
pub use running::Start;
pub use shown::Changes;
pub use verifying::Verifying;
