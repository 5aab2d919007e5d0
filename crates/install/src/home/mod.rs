//! What an installation keeps on this computer: files, secrets, settings, log.

mod files;
pub mod log;
mod secrets;
pub mod settings;

pub use files::{About, FOLDER_FORMAT, Folder, Home};
pub use secrets::RecoveryKit;
pub(crate) use secrets::{PendingKey, Secrets, new_key, read_keys, read_secret, recovery_kit};
pub use settings::{AppSettings, ProxyChoice};
