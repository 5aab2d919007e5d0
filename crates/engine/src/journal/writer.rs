//! The journal, open for adding.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::Error;
use crate::events::event::{Event, What};
use crate::events::redact::Redact;
use crate::events::values::Values;
use crate::journal::read::{Header, parse};
use crate::journal::storage::{DiskFile, Storage};
use crate::step_id::StepId;

/// The journal of one installation, open for adding. Only the holder of the [`Lock`](crate::Lock) opens it so.
pub struct Journal {
    storage: Box<dyn Storage>,
    /// Bytes that are known to be whole lines on the disk.
    good: u64,
    /// Something past `good` may be in the file.
    dirty: bool,
    seq: u64,
    values: Values,
    redact: Redact,
}

/// What was in a journal when it was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Its events.
    pub events: Vec<Event>,
    /// Bytes of a torn last line that were cut off; 0 if the last writer ended in peace.
    pub healed: u64,
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
        let mut values = Values::default();
        parsed.events.iter().for_each(|event| values.apply(event));
        let mut journal =
            Journal { storage, good: parsed.good, dirty: healed > 0, seq, values, redact: Arc::new(str::to_owned) };
        if journal.good == 0 {
            let header = Header::current();
            journal.write_line(&header)?;
        } else {
            journal.clean()?;
        }
        Ok((journal, Opened { events: parsed.events, healed }))
    }

    /// The same, and what is said from now on, to the disk and to who looks on, goes through this first.
    #[must_use]
    pub fn redacting(self, redact: Redact) -> Self {
        Journal { redact, ..self }
    }

    /// Adds an event and comes back when it is on the disk: with the event, numbered, to be shown. Its time is what the
    /// clock says, also if that was wrong before: the number tells the order. After an error it is not in the journal.
    pub fn say(&mut self, run: &str, at: Timestamp, step: Option<&StepId>, what: What) -> Result<Event, Error> {
        let what = what.redacted(&*self.redact);
        let event = Event { run: run.to_owned(), seq: self.seq + 1, at, step: step.cloned(), what };
        self.write_line(&event)?;
        self.seq = event.seq;
        self.values.apply(&event);
        Ok(event)
    }

    /// An event that is only shown: it has the number of the last durable one, and a crash forgets it.
    pub fn passing(&self, run: &str, at: Timestamp, step: Option<&StepId>, what: What) -> Event {
        Event { run: run.to_owned(), seq: self.seq, at, step: step.cloned(), what: what.redacted(&*self.redact) }
    }

    /// A lasting event that cannot be written yet, with the number that it gets when it is the next to be written.
    pub fn upcoming(&self, run: &str, at: Timestamp, what: What) -> Event {
        Event { run: run.to_owned(), seq: self.seq + 1, at, step: None, what: what.redacted(&*self.redact) }
    }

    /// Number of the last event; 0 if there is none.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Every value that steps of the newest run may use, by name.
    pub fn found(&self) -> &BTreeMap<String, String> {
        self.values.usable()
    }

    /// Whether the report knows this value already, so that it need not be said again.
    pub(crate) fn knows(&self, name: &str, value: &str) -> bool {
        self.values.current().get(name).is_some_and(|known| known == value)
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
