//! What is told while it goes on: data, no sentences.

use std::time::Duration;

use cause::Cause;
use serde::Serialize;

/// A part of the last stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The first administrator.
    Administrator,
    /// Sample people, in a demo.
    People,
    /// Messages of pages and notices.
    Messages,
    /// Workflows.
    Workflows,
    /// Sample employees, in a demo.
    Employees,
    /// Master data: looked at only.
    Masters,
    /// The checks.
    Acceptance,
}

/// How something came to be as it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It was there: nothing was written.
    Found,
    /// It was made.
    Made,
    /// Part of it was there, the rest was written.
    Completed,
    /// It was not wanted here.
    NotWanted,
}

/// A part that is done, with what was found afterwards: never what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Which part.
    pub part: Part,
    /// How it came about.
    pub how: How,
    /// How many were wanted.
    pub wanted: u64,
    /// How many of these were found afterwards.
    pub found: u64,
    /// What else is to be said: corrections, differences.
    pub notes: Vec<Cause>,
}

/// Something that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// So many of so many of a part.
    Progress {
        /// Which part.
        part: Part,
        /// How many are done.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// Nothing is sent for so long, and why.
    Waiting {
        /// Which part.
        part: Part,
        /// Why.
        cause: Cause,
        /// How long.
        pause: Duration,
    },
}

/// Who is told.
pub type Tell<'a> = dyn Fn(News) + Send + Sync + 'a;
