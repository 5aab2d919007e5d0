//! The files of a source as they are read, and what bounds the reading.

use std::collections::BTreeMap;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Whether it is marked executable where it was read.
    pub executable: bool,
}

/// Files by path, with forward slashes.
pub type Tree = BTreeMap<String, Entry>;

/// Bounds on what is read from an archive or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that all of it may unpack to.
    pub unpacked: u64,
    /// Bytes that the files we keep may have together.
    pub kept: u64,
    /// Files and folders.
    pub entries: u64,
}

impl Default for Limits {
    /// Ten times what the pinned repositories need.
    fn default() -> Self {
        Self { unpacked: 1 << 30, kept: 128 << 20, entries: 200_000 }
    }
}

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes so far.
    pub done: u64,
    /// Bytes in all, if the server said so.
    pub total: Option<u64>,
    /// Which attempt this is, from 1; 0 where nothing is downloaded.
    pub attempt: u32,
    /// After how many it is given up.
    pub attempts: u32,
}

/// Whether `path` is one of `wanted` or lies below one.
pub(super) fn is_wanted(path: &str, wanted: &[&str]) -> bool {
    wanted.iter().any(|w| w.is_empty() || path == *w || path.strip_prefix(w).is_some_and(|rest| rest.starts_with('/')))
}
