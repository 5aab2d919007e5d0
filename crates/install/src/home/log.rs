//! The kept log: which lines are asked for, and what is given.

use logs::{Filter, Level, LogLine};
use serde::{Deserialize, Serialize};

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
