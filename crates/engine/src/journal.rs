//! The journal: every durable event of an installation, in order, one JSON object a line, on the disk before anyone
//! sees it.
//!
//! The file begins with a line that names its format. A line that a crash tore is cut off at the next opening; lines of
//! a newer version stay as they are and are read as [`What::Unknown`].

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::event::{Event, What};
use crate::step::StepId;

/// The name in the first line.
const FORMAT: &str = "digit-journal";
/// The version in the first line. It changes only when an older program could do harm by adding to the file.
const VERSION: u32 = 1;

/// The few things a journal asks of a file. Tests put one under it whose disk fills up or whose computer dies.
pub trait Storage: Send {
    /// Everything in it.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// Adds at the end. What an error leaves behind is cut off before anything else is added.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts it off after so many bytes.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
    /// Comes back when everything is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// The journal of one installation, open for adding. Only the holder of the [`Lock`](crate::Lock) opens it so.
pub struct Journal {
    storage: Box<dyn Storage>,
    /// Bytes that are known to be whole lines on the disk.
    good: u64,
    /// Something past `good` may be in the file.
    dirty: bool,
    seq: u64,
    at: Timestamp,
    found: BTreeMap<String, String>,
}

/// What was in a journal when it was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Its events.
    pub events: Vec<Event>,
    /// Bytes of a torn last line that were cut off; 0 if the last writer ended in peace.
    pub healed: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
}

impl Journal {
    /// Opens the file, or makes it; heals it if a crash tore its last line.
    pub fn open(path: &Path) -> Result<(Self, Opened), Error> {
        Journal::on(Box::new(DiskFile::open(path).map_err(Error::Journal)?))
    }

    /// The same on any storage.
    pub fn on(mut storage: Box<dyn Storage>) -> Result<(Self, Opened), Error> {
        let bytes = storage.read().map_err(Error::Journal)?;
        let parsed = parse(&bytes)?;
        let healed = bytes.len() as u64 - parsed.good;
        let seq = parsed.events.iter().map(|e| e.seq).max().unwrap_or(0);
        let at = parsed.events.iter().map(|e| e.at).max().unwrap_or(Timestamp::MIN);
        let mut found = BTreeMap::new();
        for event in &parsed.events {
            remember(&mut found, event);
        }
        let mut journal = Journal { storage, good: parsed.good, dirty: healed > 0, seq, at, found };
        if journal.good == 0 {
            let header = Header { format: FORMAT.to_owned(), version: VERSION };
            journal.write_line(&header)?;
        } else {
            journal.clean()?;
        }
        Ok((journal, Opened { events: parsed.events, healed }))
    }

    /// Adds an event and comes back when it is on the disk: with the event, numbered, to be shown. Its time is never
    /// before that of the last one, whatever the clock does. After an error it is not in the journal.
    pub fn say(&mut self, run: &str, at: Timestamp, step: Option<&StepId>, what: What) -> Result<Event, Error> {
        let at = at.max(self.at);
        let event = Event { run: run.to_owned(), seq: self.seq + 1, at, step: step.cloned(), what };
        self.write_line(&event)?;
        self.seq = event.seq;
        self.at = at;
        remember(&mut self.found, &event);
        Ok(event)
    }

    /// An event that is only shown: it has the number of the last durable one, and a crash forgets it.
    pub fn passing(&self, run: &str, at: Timestamp, step: Option<&StepId>, what: What) -> Event {
        Event { run: run.to_owned(), seq: self.seq, at: at.max(self.at), step: step.cloned(), what }
    }

    /// Number of the last event; 0 if there is none.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Every value that was ever found, the newest of each name.
    pub fn found(&self) -> &BTreeMap<String, String> {
        &self.found
    }

    fn write_line(&mut self, value: &impl Serialize) -> Result<(), Error> {
        let mut line = serde_json::to_vec(value).map_err(|e| Error::Journal(e.into()))?;
        line.push(b'\n');
        self.clean()?;
        self.dirty = true;
        if let Err(e) = self.storage.append(&line).and_then(|()| self.storage.sync()) {
            // Tried now, so that others do not read half a line; if it cannot be, the next write begins with it.
            let _ = self.clean();
            return Err(Error::Journal(e));
        }
        self.dirty = false;
        self.good += line.len() as u64;
        Ok(())
    }

    fn clean(&mut self) -> Result<(), Error> {
        if self.dirty {
            self.storage.truncate(self.good).and_then(|()| self.storage.sync()).map_err(Error::Journal)?;
            self.dirty = false;
        }
        Ok(())
    }
}

fn remember(found: &mut BTreeMap<String, String>, event: &Event) {
    if let What::Found { name, value } = &event.what {
        found.insert(name.clone(), value.clone());
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

struct Parsed {
    events: Vec<Event>,
    good: u64,
}

/// Reads whole lines. What is unreadable at the end is a crash's; what is unreadable before readable lines is damage.
fn parse(bytes: &[u8]) -> Result<Parsed, Error> {
    let mut parsed = Parsed { events: Vec::new(), good: 0 };
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
    serde_json::from_slice(line).ok().or_else(|| {
        let e: Envelope = serde_json::from_slice(line).ok()?;
        Some(Event { run: e.run, seq: e.seq, at: e.at, step: e.step, what: What::Unknown })
    })
}

/// A file on the disk.
struct DiskFile {
    file: File,
}

impl DiskFile {
    fn open(path: &Path) -> io::Result<Self> {
        let is_new = !path.exists();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        if is_new {
            file.sync_all()?;
            sync_folder(path)?;
        }
        Ok(DiskFile { file })
    }
}

impl Storage for DiskFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(bytes)
    }
    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Makes a new file's name durable. Windows does that by itself, and cannot be asked to.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => File::open(dir)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
