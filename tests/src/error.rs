//! Why something that tests stand on is not there.

use std::path::PathBuf;

/// What can go wrong before a test has begun.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program or folder outside the clone is missing.
    #[error(transparent)]
    Missing(#[from] places::Missing),
    /// A program ended, or did not come up in time.
    #[error("{name} {what}; the end of its log:\n{log}")]
    Program {
        /// Its name.
        name: String,
        /// What it did.
        what: String,
        /// The last lines of its log.
        log: String,
    },
    /// A program ended with an error.
    #[error("{command} ended with {status}: {stderr}")]
    Failed {
        /// What was run.
        command: String,
        /// How it ended.
        status: String,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// Something was awaited in vain.
    #[error("waited {seconds} s in vain for {what}")]
    Late {
        /// What was awaited.
        what: String,
        /// For how long.
        seconds: u64,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A certificate cannot be made.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The API refused or was not there.
    #[error("API: {0}")]
    Api(Box<kube::Error>),
    /// A kubeconfig that we wrote cannot be read.
    #[error("kubeconfig: {0}")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// The window's driver refused, or the window is not as wanted.
    #[error("window, {what}: {why}")]
    Window {
        /// What was wanted of it.
        what: String,
        /// What the driver said, or what the window shows instead.
        why: String,
    },
    /// Something that should be JSON is not.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<kube::Error> for Error {
    fn from(why: kube::Error) -> Self {
        Self::Api(Box::new(why))
    }
}

/// For `map_err`: names the file.
pub(crate) fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.into();
    move |source| Error::File { path, source }
}
