//! What can go wrong with the engine itself. What goes wrong with a step is a [`Failure`](crate::Failure).

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::holder::Holder;
use crate::step_id::StepId;

/// What can go wrong with the engine itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The journal could not be read or written.
    #[error("journal: {0}")]
    Journal(#[source] io::Error),
    /// The disk is full, and the person stopped waiting for room.
    #[error("journal: no room on the disk")]
    DiskFull,
    /// The file is not a journal.
    #[error("not a journal")]
    NotAJournal,
    /// The journal was written by a newer version, in a format this one cannot add to.
    #[error("journal has format {found}, this version knows {known}")]
    NewerFormat {
        /// Its format.
        found: u32,
        /// The newest one that is known here.
        known: u32,
    },
    /// A line in the middle of the journal is not readable, so something other than a crash damaged it.
    #[error("journal: line {line} is damaged")]
    Damaged {
        /// Counts from 1.
        line: usize,
    },
    /// An event stands where it cannot stand, so that the journal is not the whole of what happened, or not of one
    /// installation. Nothing is concluded from it.
    #[error("journal: the event in line {line} cannot follow those before it: {reason}")]
    Impossible {
        /// Counts from 1.
        line: usize,
        /// What is wrong with it, as a code: `number-out-of-order`, `other-run`, `unknown-step`, `begun-twice`, …
        reason: &'static str,
    },
    /// The lock file could not be made or locked.
    #[error("lock {path}: {source}")]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process works on this installation.
    #[error("in use by {holder:?}")]
    Held {
        /// Who, if it could be read.
        holder: Option<Holder>,
    },
    /// Two steps have the same id.
    #[error("two steps are called {0}")]
    DuplicateStep(StepId),
    /// A step needs one that is not in the plan.
    #[error("{step} needs {need}, which is not in the plan")]
    UnknownNeed {
        /// The step.
        step: StepId,
        /// What it needs.
        need: StepId,
    },
    /// A step is of a kind that nobody here can carry out: a newer program planned it.
    #[error("{step} is of the kind {kind}, which is not known")]
    UnknownKind {
        /// The step.
        step: StepId,
        /// Its kind.
        kind: String,
    },
    /// Steps need each other in a circle.
    #[error("steps need each other in a circle: {0:?}")]
    Circle(Vec<StepId>),
    /// The plan cannot be written as JSON.
    #[error("plan: {0}")]
    Plan(#[source] serde_json::Error),
}

impl Error {
    /// Stable code, for words.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Journal(_) => "journal-io",
            Error::DiskFull => "disk-full",
            Error::NotAJournal => "not-a-journal",
            Error::NewerFormat { .. } => "journal-newer",
            Error::Damaged { .. } => "journal-damaged",
            Error::Impossible { .. } => "journal-impossible",
            Error::Lock { .. } => "lock-io",
            Error::Held { .. } => "in-use",
            Error::DuplicateStep(_) => "duplicate-step",
            Error::UnknownNeed { .. } => "unknown-need",
            Error::UnknownKind { .. } => "unknown-step-kind",
            Error::Circle(_) => "steps-in-a-circle",
            Error::Plan(_) => "plan-not-writable",
        }
    }

    /// What the words for it need: names and numbers as strings; `detail` is all of it, for engineers.
    pub fn args(&self) -> BTreeMap<String, String> {
        let own: Vec<(&str, String)> = match self {
            Error::Damaged { line } => vec![("line", line.to_string())],
            Error::Impossible { line, reason } => vec![("line", line.to_string()), ("reason", (*reason).to_owned())],
            Error::UnknownKind { step, kind } => vec![("step", step.clone()), ("kind", kind.clone())],
            _ => Vec::new(),
        };
        let all = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        all.chain([("detail".to_owned(), self.to_string())]).collect()
    }

    /// Whether room on the disk would help.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Error::DiskFull => true,
            Error::Journal(e) => is_disk_full(e),
            _ => false,
        }
    }
}

/// Whether an error of the file system means that there is no room.
pub(crate) fn is_disk_full(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
