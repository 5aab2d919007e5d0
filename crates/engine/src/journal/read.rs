//! A journal's bytes as events.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::events::event::{Event, What};
use crate::events::order::Order;
use crate::journal::older;
use crate::step_id::StepId;

/// The name in the first line.
const FORMAT: &str = "digit-journal";
/// The version in the first line. It changes only when an older program could do harm by adding to the file.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(crate) struct Header {
    format: String,
    version: u32,
}

impl Header {
    pub(crate) fn current() -> Self {
        Header { format: FORMAT.to_owned(), version: VERSION }
    }
}

/// The events of a journal, without touching it: another process may be writing. No file, no events.
pub fn read(path: &Path) -> Result<Vec<Event>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(parse(&bytes)?.events),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::Journal(e)),
    }
}

pub(crate) struct Parsed {
    pub(crate) events: Vec<Event>,
    /// Bytes that are whole lines.
    pub(crate) good: u64,
}

/// Reads whole lines. What is unreadable at the end is a crash's; what is unreadable before readable lines is damage.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, Error> {
    let mut parsed = Parsed { events: Vec::new(), good: 0 };
    let mut order = Order::default();
    let mut unreadable = None;
    let mut end = 0u64;
    for (n, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        end += line.len() as u64;
        let whole = line.ends_with(b"\n");
        if n == 0 {
            match serde_json::from_slice::<Header>(line) {
                Ok(h) if whole && h.format == FORMAT && h.version <= VERSION => parsed.good = end,
                Ok(h) if whole && h.format == FORMAT => {
                    return Err(Error::NewerFormat { found: h.version, known: VERSION });
                }
                // The first write ever was cut off; anything else in there is not ours to overwrite.
                _ if !whole && is_start_of_header(line) => return Ok(parsed),
                _ => return Err(Error::NotAJournal),
            }
            continue;
        }
        match read_event(line) {
            Some(event) if whole => {
                if let Some(line) = unreadable {
                    return Err(Error::Damaged { line });
                }
                order.next(&event).map_err(|reason| Error::Impossible { line: n + 1, reason })?;
                parsed.events.push(event);
                parsed.good = end;
            }
            _ => unreadable = unreadable.or(Some(n + 1)),
        }
    }
    Ok(parsed)
}

fn is_start_of_header(line: &[u8]) -> bool {
    let header = format!(r#"{{"format":"{FORMAT}","version":"#);
    // A crash can also leave room that was set aside and never filled.
    line.iter().all(|b| *b == 0) || header.as_bytes().starts_with(line) || line.starts_with(header.as_bytes())
}

/// An event; one of a kind or shape that only a newer version knows is [`What::Unknown`].
fn read_event(line: &[u8]) -> Option<Event> {
    #[derive(Deserialize)]
    struct Envelope {
        run: String,
        seq: u64,
        at: Timestamp,
        #[serde(default)]
        step: Option<StepId>,
    }
    if let Ok(mut event) = serde_json::from_slice(line) {
        older::complete(line, &mut event);
        return Some(event);
    }
    let e: Envelope = serde_json::from_slice(line).ok()?;
    Some(Event { run: e.run, seq: e.seq, at: e.at, step: e.step, what: What::Unknown })
}
