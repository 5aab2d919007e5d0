//! What is asked of the store and what it answers: filters, windows, counts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::line::{Level, Numbered};

/// Which lines. The default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", default)]
#[ts(export, rename = "LogFilter")]
pub struct Filter {
    /// Only these levels; empty: all.
    pub levels: BTreeSet<Level>,
    /// Only these sources; empty: all.
    pub sources: BTreeSet<String>,
    /// Only lines with this in their text, in whatever case; empty: all.
    pub text: String,
}

/// Where a window begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", content = "at", rename_all = "kebab-case")]
#[ts(export, rename = "LogAnchor")]
pub enum Anchor {
    /// Begins with this line of the filtered view, counting from 0.
    Index(#[ts(type = "number")] u64),
    /// Begins with the line of this number, or the first one after it that is in the view.
    Line(#[ts(type = "number")] u64),
    /// Ends with the last line.
    End,
}

/// How many lines there are of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "LogCounts")]
#[allow(missing_docs)]
pub struct Counts {
    #[ts(type = "number")]
    pub error: u64,
    #[ts(type = "number")]
    pub warning: u64,
    #[ts(type = "number")]
    pub info: u64,
    #[ts(type = "number")]
    pub debug: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, level: Level) {
        match level {
            Level::Error => self.error += 1,
            Level::Warning => self.warning += 1,
            Level::Info => self.info += 1,
            Level::Debug => self.debug += 1,
        }
    }

    pub(crate) fn add_all(&mut self, other: &Counts) {
        self.error += other.error;
        self.warning += other.warning;
        self.info += other.info;
        self.debug += other.debug;
    }
}

/// A window into a filtered view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "LogPage")]
pub struct Page {
    /// Which line of the filtered view the first one is, counting from 0.
    #[ts(type = "number")]
    pub first: u64,
    /// The lines.
    pub lines: Vec<Numbered>,
    /// How many lines the filtered view has.
    #[ts(type = "number")]
    pub total: u64,
    /// How many lines of each level there are with this text and these sources, whichever levels are chosen.
    pub counts: Counts,
    /// How many lines were dropped, at the beginning, to keep the size.
    #[ts(type = "number")]
    pub dropped: u64,
    /// The number that the next line will have.
    #[ts(type = "number")]
    pub end: u64,
}

/// The lines with some text and sources, of all levels, as far as they were looked at.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) sources: BTreeSet<String>,
    pub(crate) text: String,
    pub(crate) hits: Vec<(u64, Level)>,
    pub(crate) counts: Counts,
    pub(crate) looked_to: u64,
}
