//! The secrets of an installation: drawn once, kept encrypted, taken out of logs, and given back with a recovery kit.
//!
//! All secrets of an installation are in one file, encrypted with age for a key of its own. That key is in the operating
//! system's keychain, or stands in the file itself, encrypted with a passphrase. There is no third way: without either
//! nothing is started, and nothing is ever written in the clear.
//!
//! Nothing is drawn twice: [`Vault::draw`] gives back what it gave before, and what it gives is on the disk first. Which secrets
//! there are is not known here: whoever opens a vault says of which names data depend, and those are never replaced.

mod error;
mod format;
mod keychain;
mod patterns;
mod redact;
mod sealed;
mod vault;

pub use error::Error;
pub use format::{Alphabet, Format};
pub use keychain::{KeySource, Keychain};
pub use patterns::redact_patterns;
pub use redact::Redactor;
pub use secrecy::{ExposeSecret, SecretString};
pub use vault::{Imported, NewKey, Vault, WriteOnce, drawn_name};
