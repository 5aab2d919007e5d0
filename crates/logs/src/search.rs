//! Finding a text in many lines, as quickly as can be: files are searched as they lie on the disk, several at a time, and a line is
//! read only where something was found in it.

use std::io::{self, Read, Seek, SeekFrom};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input};
use regex::bytes::{Regex, RegexBuilder};

use crate::error::Error;
use crate::line::Level;
use crate::segment;
use crate::store::file_error;

/// At most so many files at a time: beyond, the disk is what takes the time.
const AT_ONCE: usize = 8;

/// A text that is looked for, in whatever case.
pub(crate) struct Needle {
    /// As it stands in a text.
    plain: Finder,
    /// As it stands in the file, where quotes and ends of lines are escaped.
    raw: Finder,
}

/// What finds one text in many bytes.
enum Finder {
    /// Letters of ASCII: twice as fast, and most of what is looked for.
    Ascii(AhoCorasick),
    Any(Regex),
}

impl Finder {
    fn of(text: &str) -> Option<Self> {
        if text.is_ascii() {
            let mut builder = AhoCorasick::builder();
            return builder
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::DFA))
                .build([text])
                .ok()
                .map(Finder::Ascii);
        }
        RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build().ok().map(Finder::Any)
    }

    /// Where it begins and ends next, from a place on.
    fn find(&self, bytes: &[u8], from: usize) -> Option<(usize, usize)> {
        match self {
            Finder::Ascii(finder) => finder.find(Input::new(bytes).range(from..)).map(|m| (m.start(), m.end())),
            Finder::Any(finder) => finder.find_at(bytes, from).map(|m| (m.start(), m.end())),
        }
    }
}

impl Needle {
    /// What finds the text; `None`: everything does.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let quoted = serde_json::to_string(text).ok()?;
        let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
        Some(Needle { plain: Finder::of(text)?, raw: Finder::of(inner)? })
    }

    /// Which of the lines hold it, in their order. `bytes` begins where the first line does.
    fn hits(&self, bytes: &[u8], part: &Part) -> Vec<(u64, Level)> {
        let from = part.lines.first().map_or(0, |line| line.start);
        let at = |place: u64| usize::try_from(place - from).unwrap_or(usize::MAX).min(bytes.len());
        let text_of = |line: &Place| at(line.start + u64::from(line.text));
        let (mut hits, mut n) = (Vec::new(), 0);
        let mut looked_to = 0;
        while let Some(mut line) = part.lines.get(n) {
            // What stands before a text is no text.
            looked_to = text_of(line).max(looked_to);
            let Some((start, end)) = self.raw.find(bytes, looked_to) else { break };
            if at(line.end) <= start {
                n += skip(&part.lines[n..], from + start as u64);
                match part.lines.get(n) {
                    Some(next) => line = next,
                    None => break,
                }
                if start < text_of(line) {
                    continue;
                }
            }
            let text = bytes.get(text_of(line)..at(line.end)).unwrap_or_default();
            let is_plain = line.text > 0 && !text.contains(&b'\\');
            let is_in = if is_plain {
                end <= at(line.end) - END.len()
            } else {
                // Half of an escaped sign may have been found.
                let whole = bytes.get(at(line.start)..at(line.end)).unwrap_or_default();
                segment::text(whole).is_some_and(|text| self.plain.find(text.as_bytes(), 0).is_some())
            };
            if is_in {
                hits.push((line.no, line.level));
            }
            n += 1;
        }
        hits
    }
}

/// How many of the lines end before a place. Mostly it is in the next ones.
fn skip(lines: &[Place], place: u64) -> usize {
    let near = lines.iter().take(8).take_while(|line| line.end <= place).count();
    if near < 8 { near } else { lines.partition_point(|line| line.end <= place) }
}

/// What stands after a text.
const END: &str = "\"}\n";

/// Lines of one file.
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    pub(crate) lines: Vec<Place>,
    /// The number after the last line that was looked at.
    pub(crate) end: u64,
}

/// A line, and where it is in its file.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) no: u64,
    pub(crate) level: Level,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Where its text begins, from its start; 0: not known.
    pub(crate) text: u16,
}

/// Which lines of all parts hold the text, in their order. Files that were dropped meanwhile hold none.
pub(crate) fn hits(parts: &[Part], needle: &Needle) -> Result<Vec<(u64, Level)>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(AT_ONCE).min(parts.len());
    if threads < 2 {
        return search(parts, &AtomicUsize::new(0), needle).map(in_order);
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| search(parts, &next, needle))).collect();
        let mut found = search(parts, &next, needle)?;
        for other in others {
            match other.join() {
                Ok(more) => found.extend(more?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(in_order(found))
    })
}

type OfPart = (usize, Vec<(u64, Level)>);

fn in_order(mut found: Vec<OfPart>) -> Vec<(u64, Level)> {
    found.sort_unstable_by_key(|(part, _)| *part);
    found.into_iter().flat_map(|(_, hits)| hits).collect()
}

/// Searches one part after the other, as long as there are some that nobody took.
fn search(parts: &[Part], next: &AtomicUsize, needle: &Needle) -> Result<Vec<OfPart>, Error> {
    let mut found = Vec::new();
    // One buffer for all: memory that is new every time costs as much as the search.
    let mut bytes = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(part) = parts.get(n) else { return Ok(found) };
        let Some((first, last)) = part.lines.first().zip(part.lines.last()) else { continue };
        match read(&part.path, first.start, last.end, &mut bytes) {
            Ok(()) => found.push((n, needle.hits(&bytes, part))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(file_error(&part.path, error)),
        }
    }
}

/// Bytes of a file, as many as there are of these.
fn read(path: &Path, from: u64, to: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    bytes.clear();
    file.take(to - from).read_to_end(bytes).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::LogLine;

    /// The lines as a file holds them.
    fn part(texts: &[&str]) -> (Vec<u8>, Part) {
        let mut bytes = Vec::new();
        let lines = texts.iter().zip(0..).map(|(text, no)| {
            let at = jiff::Timestamp::UNIX_EPOCH;
            let source = "egov-user".to_owned();
            let line = LogLine { level: Level::Info, source, at, step: None, text: (*text).to_owned() };
            let start = bytes.len() as u64;
            serde_json::to_writer(&mut bytes, &line).unwrap();
            bytes.push(b'\n');
            let end = bytes.len() as u64;
            let text = segment::text_at(&bytes[usize::try_from(start).unwrap()..]);
            Place { no, level: Level::Info, start, end, text }
        });
        let lines: Vec<Place> = lines.collect();
        let end = lines.len() as u64;
        (bytes, Part { path: PathBuf::new(), lines, end })
    }

    #[test]
    fn a_text_is_found_in_texts_alone_in_any_case_and_as_it_was_before_it_was_escaped() {
        let texts = ["level EGOV-user", "says \"no\"", "a\nb\tc", "back\\slash", "नमस्ते", "ÄRGER", ""];
        let (bytes, part) = part(&texts);
        for (needle, wanted) in [
            ("egov-user", vec![0]),
            ("info", vec![]),
            ("text", vec![]),
            ("\"", vec![1]),
            ("\"NO\"", vec![1]),
            ("n", vec![1]),
            ("a\nb", vec![2]),
            ("\t", vec![2]),
            ("b\\n", vec![]),
            ("\\", vec![3]),
            ("k\\s", vec![3]),
            ("मस्", vec![4]),
            ("ärger", vec![5]),
            ("s", vec![0, 1, 3]),
            ("}", vec![]),
        ] {
            let needle_ = Needle::of(needle).unwrap();
            let found: Vec<u64> = needle_.hits(&bytes, &part).into_iter().map(|hit| hit.0).collect();
            assert_eq!(found, wanted, "{needle:?}");
        }
        assert!(Needle::of("").is_none());
    }

    #[test]
    fn lines_that_are_not_asked_for_hold_nothing() {
        let (bytes, mut part) = part(&["one", "two one", "three", "one more"]);
        part.lines.retain(|line| line.no != 1 && line.no != 3);
        let found = Needle::of("one").unwrap().hits(&bytes, &part);
        assert_eq!(found.iter().map(|hit| hit.0).collect::<Vec<_>>(), [0]);
    }
}
