//! The log store of an installation: lines are appended, kept on the disk up to a size, searched and read in windows.
//!
//! Lines are numbered from 0 and keep their numbers. They lie in segment files of one JSON object a line; a segment's
//! name is the number of its first line, so what was dropped to keep the size is known without being written anywhere.
//! In memory stands, for each line, where it and its text begin, its level and its source: eleven bytes. A million lines are a few
//! megabytes there, and only a search for text reads the disk.
//!
//! Log lines are no events: losing the last quarter of a second of them in a crash is allowed, losing track is not.

mod error;
mod guess;
mod line;
mod query;
mod search;
mod segment;
mod store;
mod view;

pub use error::Error;
pub use guess::guess;
pub use line::{Level, LogLine, Numbered, clean};
pub use query::Follow;
pub use store::{Log, Options, Redact};
pub use view::{Anchor, Counts, Filter, Page};
