//! One file of the store, and what is known of it in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::line::{Level, LogLine};

/// One file. Its name is the number of its first line.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    /// Number of its first line.
    pub(crate) first: u64,
    /// Where each line begins.
    pub(crate) starts: Vec<u32>,
    pub(crate) levels: Vec<Level>,
    /// Numbers of names in the store's list.
    pub(crate) sources: Vec<u16>,
    pub(crate) texts: Vec<Text>,
    /// Bytes of whole lines.
    pub(crate) len: u64,
}

impl Segment {
    pub(crate) fn new(dir: &Path, first: u64) -> Self {
        let path = dir.join(format!("{first:012}.jsonl"));
        Segment { path, first, starts: Vec::new(), levels: Vec::new(), sources: Vec::new(), texts: Vec::new(), len: 0 }
    }

    /// The number of the line after its last one.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.starts.len() as u64
    }

    /// Takes a line in, at the end: these bytes.
    pub(crate) fn push(&mut self, level: Level, source: u16, bytes: &[u8]) {
        self.starts.push(u32::try_from(self.len).unwrap_or(u32::MAX));
        self.levels.push(level);
        self.sources.push(source);
        self.texts.push(text_at(bytes));
        self.len += bytes.len() as u64;
    }

    /// Takes in what is in the file after `len`, as far as it is whole lines; comes back with the bytes that are not.
    pub(crate) fn take_in(&mut self, names: &mut Names) -> io::Result<u64> {
        let bytes = read_from(&self.path, self.len)?;
        let mut good = 0;
        let mut skipped = 0;
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let head = if line.ends_with(b"\n") { serde_json::from_slice::<Head>(line).ok() } else { None };
            match head {
                Some(head) => {
                    // What a crash left in the middle belongs to no line.
                    self.len += skipped;
                    good += skipped + line.len() as u64;
                    skipped = 0;
                    self.push(head.level, names.number(&head.source), line);
                }
                None => skipped += line.len() as u64,
            }
        }
        Ok(bytes.len() as u64 - good)
    }
}

/// Bytes of a file from a place on.
pub(crate) fn read_from(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[derive(Deserialize)]
struct Head<'a> {
    level: Level,
    #[serde(borrow)]
    source: Cow<'a, str>,
}

/// The names of sources, each once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    names: Vec<String>,
}

impl Names {
    pub(crate) fn number(&mut self, name: &str) -> u16 {
        // There are as many as services: a few hundred at most. Beyond what a number holds, the last one stands for all.
        let known = self.names.iter().position(|n| n == name).unwrap_or_else(|| {
            if self.names.len() < usize::from(u16::MAX) {
                self.names.push(name.to_owned());
            }
            self.names.len() - 1
        });
        u16::try_from(known).unwrap_or(u16::MAX)
    }
    pub(crate) fn find(&self, name: &str) -> Option<u16> {
        self.names.iter().position(|n| n == name).and_then(|n| u16::try_from(n).ok())
    }
    pub(crate) fn all(&self) -> Vec<String> {
        self.names.clone()
    }
}

/// The line that begins here.
pub(crate) fn parse(bytes: &[u8]) -> Option<LogLine> {
    serde_json::from_slice(whole_line(bytes)).ok()
}

/// What stands before a line's text. Nowhere else: quotes in a name are escaped.
const KEY: &str = ",\"text\":\"";

/// How a line's text stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// As it is, so far from the line's beginning.
    At(u16),
    /// Some of it is escaped, or it begins beyond what a number holds.
    Escaped,
}

/// How the text of this line stands there.
pub(crate) fn text_at(line: &[u8]) -> Text {
    let key = line.windows(KEY.len()).position(|part| part == KEY.as_bytes()).map(|at| at + KEY.len());
    let plain = key.filter(|at| line.get(*at..).is_some_and(|text| !text.contains(&b'\\')));
    plain.and_then(|at| u16::try_from(at).ok()).map_or(Text::Escaped, Text::At)
}

/// The text of the line that begins here, read as quickly as can be: it is the last field, and in most lines nothing in
/// it is escaped.
pub(crate) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
    }
    let line = std::str::from_utf8(whole_line(bytes)).ok()?;
    let plain = line.find(KEY).and_then(|at| line[at + KEY.len()..].strip_suffix("\"}"));
    match plain.filter(|text| !text.contains('\\')) {
        Some(text) => Some(Cow::Borrowed(text)),
        None => serde_json::from_str::<Text>(line).ok().map(|t| t.text),
    }
}

fn whole_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == b'\n').next().unwrap_or_default()
}
