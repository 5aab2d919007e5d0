//! What can go wrong with the program itself; what the services answer is no error of ours.

use std::path::PathBuf;

/// Why the pretend DIGIT does not start, or does not know a name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No listener could be opened.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port that was asked for; 0 is any.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// A master file is not readable as JSON: the real service ends at that (§3.1).
    #[error("Stopping as all files could not be loaded: {file}")]
    Masters {
        /// The file.
        file: PathBuf,
    },
    /// No such service.
    #[error("no service is called {name}")]
    UnknownService {
        /// What was asked for.
        name: String,
    },
    /// No such condition.
    #[error("no condition is called {name}")]
    UnknownCondition {
        /// What was asked for.
        name: String,
    },
}

impl Error {
    /// Stable, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Listen { .. } => "pretend-digit-listen",
            Error::Masters { .. } => "pretend-digit-masters",
            Error::UnknownService { .. } => "pretend-digit-unknown-service",
            Error::UnknownCondition { .. } => "pretend-digit-unknown-condition",
        }
    }
}
