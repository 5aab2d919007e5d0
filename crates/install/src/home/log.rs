//! The kept log: which lines are asked for, and what is given.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use logs::{Filter, Level, Log, LogLine};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Which lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct LogFilter {
    /// Levels by name; none: all.
    pub levels: Vec<String>,
    /// Sources; none: all.
    pub sources: Vec<String>,
    /// Text that lines hold, in any case; empty: any.
    pub text: String,
}

/// A window on the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LogPage {
    /// Lines that pass the filter.
    pub total: u64,
    /// Errors in the whole log.
    pub errors: u64,
    /// Warnings in the whole log.
    pub warnings: u64,
    /// Sources in the whole log.
    pub sources: Vec<String>,
    /// Number of the first line among those that pass, from 0.
    pub first: u64,
    /// The lines.
    pub lines: Vec<LogLine>,
}

/// How many lines there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LogCounts {
    /// All.
    pub total: u64,
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
}

impl LogFilter {
    pub(crate) fn as_asked(&self) -> Filter {
        Filter {
            levels: self.levels.iter().filter_map(|l| level(l)).collect(),
            sources: self.sources.iter().cloned().collect(),
            text: self.text.clone(),
        }
    }
}

pub(crate) fn level(name: &str) -> Option<Level> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// The log that was read last, kept open: opening reads all of it.
pub(crate) type LogKept = Arc<Mutex<Option<OpenLog>>>;

pub(crate) struct OpenLog {
    path: PathBuf,
    /// When its installation was made: another one of that name has another log.
    created: Option<Timestamp>,
    log: Log,
}

/// The log in a folder with all that was added to it so far.
pub(crate) fn opened(kept: &LogKept, path: &Path, created: Option<Timestamp>) -> Result<Log, Error> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(open) = kept.as_ref().filter(|open| open.path == path && open.created == created) {
        open.log.refresh()?;
        return Ok(open.log.clone());
    }
    let log = Log::read_only(path)?;
    *kept = Some(OpenLog { path: path.to_owned(), created, log: log.clone() });
    Ok(log)
}

#[cfg(test)]
mod tests {
    use logs::Options;

    use super::*;

    #[test]
    fn a_log_is_opened_once_and_another_installation_of_that_name_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs");
        let say = |text: &str| {
            let log = Log::open(&path, Options::default()).unwrap();
            let (source, at) = ("installer".to_owned(), Timestamp::UNIX_EPOCH);
            log.append(LogLine { level: Level::Info, source, at, step: None, text: text.to_owned() }).unwrap();
        };
        let (kept, first, second) =
            (LogKept::default(), Timestamp::from_second(1).ok(), Timestamp::from_second(2).ok());
        let texts = |created| {
            let lines = opened(&kept, &path, created).unwrap().since(&Filter::default(), 0, 9).unwrap();
            lines.into_iter().map(|numbered| numbered.line.text).collect::<Vec<_>>()
        };
        assert_eq!(texts(first), Vec::<String>::new(), "the folder is not there yet");
        say("one");
        assert_eq!(texts(first), ["one"]);
        say("two");
        assert_eq!(texts(first), ["one", "two"]);
        // Forgotten and installed anew, by whichever program: as long as the old one, and not the same.
        std::fs::remove_dir_all(&path).unwrap();
        say("three");
        say("four");
        assert_eq!(texts(second), ["three", "four"]);
    }

    #[test]
    fn what_is_read_again_is_the_open_log() {
        let folder = tempfile::tempdir().unwrap();
        let kept = LogKept::default();
        let log = opened(&kept, folder.path(), None).unwrap();
        let mut grown = log.grown();
        let other = Log::open(folder.path(), Options::default()).unwrap();
        let (source, at) = ("installer".to_owned(), Timestamp::UNIX_EPOCH);
        other.append(LogLine { level: Level::Info, source, at, step: None, text: "more".to_owned() }).unwrap();
        other.flush().unwrap();
        opened(&kept, folder.path(), None).unwrap();
        assert!(grown.has_changed().unwrap(), "the store that was opened first has taken the line in");
        assert_eq!(*grown.borrow_and_update(), 1);
    }
}
