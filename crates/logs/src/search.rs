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
use crate::segment::{self, Text};
use crate::store::file_error;
use crate::view::Counts;

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
    fn hits(&self, bytes: &[u8], part: &Part) -> Hits {
        let mut hits = Hits::default();
        let (mut n, mut looked_to) = (0, 0);
        while n < part.levels.len() {
            // What stands before a text is no text.
            looked_to = part.text_of(n).max(looked_to);
            let Some((start, end)) = self.raw.find(bytes, looked_to.min(bytes.len())) else { break };
            if part.end_of(n) <= start {
                n += part.lines_before(n, start);
                if n >= part.levels.len() {
                    break;
                }
                if start < part.text_of(n) {
                    continue;
                }
            }
            let is_in = part.is_wanted(n)
                && match part.texts[n] {
                    Text::At(_) => end + END.len() <= part.end_of(n),
                    // Half of an escaped sign may have been found.
                    Text::Escaped => {
                        let whole = bytes.get(part.start_of(n)..part.end_of(n)).unwrap_or_default();
                        segment::text(whole).is_some_and(|text| self.plain.find(text.as_bytes(), 0).is_some())
                    }
                };
            if is_in {
                hits.push(part.first + n as u64, part.levels[n]);
            }
            n += 1;
        }
        hits
    }
}

/// What stands after a text.
const END: &str = "\"}\n";

/// Lines that were found, and how many of each level.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    pub(crate) lines: Vec<(u64, Level)>,
    pub(crate) counts: Counts,
}

impl Hits {
    pub(crate) fn push(&mut self, no: u64, level: Level) {
        self.lines.push((no, level));
        self.counts.add(level);
    }
}

/// Lines of one file, one after the other.
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    /// The number of the first one.
    pub(crate) first: u64,
    /// Where each begins in the file, and where the last one ends.
    pub(crate) starts: Vec<u32>,
    pub(crate) levels: Vec<Level>,
    pub(crate) texts: Vec<Text>,
    /// Whether each is asked for; none: all are.
    pub(crate) wanted: Option<Vec<bool>>,
}

impl Part {
    /// The number after the last one.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.levels.len() as u64
    }

    pub(crate) fn is_wanted(&self, n: usize) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted[n])
    }

    /// Where a line begins, from the first one's beginning.
    fn start_of(&self, n: usize) -> usize {
        (self.starts[n] - self.starts[0]) as usize
    }

    fn end_of(&self, n: usize) -> usize {
        self.start_of(n + 1)
    }

    fn text_of(&self, n: usize) -> usize {
        match self.texts[n] {
            Text::At(at) => self.start_of(n) + usize::from(at),
            Text::Escaped => self.start_of(n),
        }
    }

    /// How many lines from the nth on end before a place. Mostly it is in the next ones.
    fn lines_before(&self, n: usize, place: usize) -> usize {
        let near = (n..self.levels.len()).take(8).take_while(|line| self.end_of(*line) <= place).count();
        if near < 8 {
            return near;
        }
        let ends = &self.starts[n + 1..];
        ends.partition_point(|end| (end - self.starts[0]) as usize <= place)
    }
}

/// What of each part holds the text. Files that were dropped meanwhile hold none.
pub(crate) fn hits(parts: &[Part], needle: &Needle) -> Result<Vec<Hits>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(AT_ONCE).min(parts.len());
    let next = AtomicUsize::new(0);
    let mut found = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| search(parts, &next, needle))).collect();
        let mut found = search(parts, &next, needle)?;
        for other in others {
            match other.join() {
                Ok(more) => found.extend(more?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<_, Error>(found)
    })?;
    found.sort_unstable_by_key(|(part, _)| *part);
    Ok(found.into_iter().map(|(_, hits)| hits).collect())
}

/// Searches one part after the other, as long as there are some that nobody took.
fn search(parts: &[Part], next: &AtomicUsize, needle: &Needle) -> Result<Vec<(usize, Hits)>, Error> {
    let mut found = Vec::new();
    // One buffer for all: memory that is new every time costs as much as the search.
    let mut bytes = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(part) = parts.get(n) else { return Ok(found) };
        let (from, to) = (part.starts.first(), part.starts.last());
        let (Some(from), Some(to)) = (from.copied(), to.copied()) else { continue };
        match read(&part.path, from.into(), to.into(), &mut bytes) {
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
        let (mut bytes, mut starts) = (Vec::new(), vec![0]);
        let mut at = Vec::new();
        for text in texts {
            let source = "egov-user".to_owned();
            let time = jiff::Timestamp::UNIX_EPOCH;
            let line = LogLine { level: Level::Info, source, at: time, step: None, text: (*text).to_owned() };
            let start = bytes.len();
            serde_json::to_writer(&mut bytes, &line).unwrap();
            bytes.push(b'\n');
            at.push(segment::text_at(&bytes[start..]));
            starts.push(u32::try_from(bytes.len()).unwrap());
        }
        let levels = vec![Level::Info; texts.len()];
        (bytes, Part { path: PathBuf::new(), first: 0, starts, levels, texts: at, wanted: None })
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
            let found: Vec<u64> = needle_.hits(&bytes, &part).lines.into_iter().map(|hit| hit.0).collect();
            assert_eq!(found, wanted, "{needle:?}");
        }
        assert!(Needle::of("").is_none());
    }

    #[test]
    fn lines_that_are_not_asked_for_hold_nothing() {
        let (bytes, mut part) = part(&["one", "two one", "three", "one more"]);
        part.wanted = Some(vec![true, false, true, false]);
        let found = Needle::of("one").unwrap().hits(&bytes, &part);
        assert_eq!(found.lines, [(0, Level::Info)]);
        assert_eq!(found.counts.info, 1);
    }
}
