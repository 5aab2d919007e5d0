//! Who works on an installation: what stands beside its lock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who works on an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// The computer, as it calls itself.
    pub host: String,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    /// This process.
    pub fn this_process(since: Timestamp) -> Self {
        Holder { pid: std::process::id(), host: gethostname::gethostname().to_string_lossy().into_owned(), since }
    }
}
