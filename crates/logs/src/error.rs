//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Lines were to be added to a store that was opened for reading.
    #[error("opened for reading only")]
    ReadOnly,
    /// What an export goes to does not take it.
    #[error("export: {0}")]
    Export(#[source] io::Error),
}

impl Error {
    /// Stable code, for words.
    pub fn code(&self) -> &'static str {
        match self {
            Error::File { source, .. } | Error::Export(source) if is_full(source) => "disk-full",
            Error::File { .. } => "log-file",
            Error::ReadOnly => "log-read-only",
            Error::Export(_) => "log-export",
        }
    }
}

fn is_full(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
