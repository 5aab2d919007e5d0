//! Reading: windows into a filtered view, following, exporting.

use std::collections::BTreeSet;
use std::io::{self, Write};

use tokio::sync::watch;

use crate::error::Error;
use crate::line::{Level, Numbered};
use crate::search::{self, Hits, Needle, Part};
use crate::segment::{self, Segment};
use crate::store::{Log, file_error, lock};
use crate::view::{Anchor, Counts, Filter, Page, View};

impl Log {
    /// A window of at most `limit` lines. The first one with a new text reads all of the store; asked again with the same
    /// text and sources, only what was added since is read.
    pub fn page(&self, filter: &Filter, anchor: Anchor, limit: usize) -> Result<Page, Error> {
        let (first, total, counts, wanted, end, dropped) = {
            let is_searched = !filter.text.is_empty() || !filter.sources.is_empty();
            let view = &mut *lock(if is_searched { &self.inner.searched } else { &self.inner.all });
            self.look(view, filter)?;
            let of_level = |(_, level): &&(u64, Level)| filter.levels.is_empty() || filter.levels.contains(level);
            let total = view.hits.iter().filter(of_level).count() as u64;
            let first = match anchor {
                Anchor::Index(n) => n.min(total),
                Anchor::Line(no) => view.hits.iter().filter(of_level).take_while(|(n, _)| *n < no).count() as u64,
                Anchor::End => total.saturating_sub(limit as u64),
            };
            let skip = usize::try_from(first).unwrap_or(usize::MAX);
            let wanted: Vec<u64> = view.hits.iter().filter(of_level).skip(skip).take(limit).map(|h| h.0).collect();
            (first, total, view.counts, wanted, view.looked_to, self.dropped())
        };
        Ok(Page { first, lines: self.read(&wanted)?, total, counts, dropped, end })
    }

    /// At most `limit` lines of the filter with this number or a higher one.
    pub fn since(&self, filter: &Filter, no: u64, limit: usize) -> Result<Vec<Numbered>, Error> {
        Ok(self.page(filter, Anchor::Line(no), limit)?.lines)
    }

    /// Follows the store from this line on.
    pub fn follow(&self, filter: Filter, since: u64) -> Follow {
        Follow { log: self.clone(), filter, next: since, grown: self.grown() }
    }

    /// Writes all lines of the filter as text, one a line: time, level, source, text. Comes back with their number.
    pub fn export(&self, filter: &Filter, to: &mut dyn Write) -> Result<u64, Error> {
        let mut next = 0;
        let mut written = 0;
        loop {
            let lines = self.since(filter, next, 2000)?;
            let Some(last) = lines.last() else { break };
            next = last.no + 1;
            for Numbered { line, .. } in &lines {
                let level = match line.level {
                    Level::Error => "ERROR",
                    Level::Warning => "WARN ",
                    Level::Info => "INFO ",
                    Level::Debug => "DEBUG",
                };
                writeln!(to, "{} {level} {} {}", line.at, line.source, line.text).map_err(Error::Export)?;
                written += 1;
            }
        }
        to.flush().map_err(Error::Export)?;
        Ok(written)
    }

    /// Brings a view up to the present. Who adds lines waits for one file at most, and for none while it is read.
    fn look(&self, view: &mut View, filter: &Filter) -> Result<(), Error> {
        if view.sources != filter.sources || view.text != filter.text {
            *view = View { sources: filter.sources.clone(), text: filter.text.clone(), ..View::default() };
        }
        let dropped = self.dropped();
        if view.hits.first().is_some_and(|(no, _)| *no < dropped) {
            view.hits.retain(|(no, _)| *no >= dropped);
            view.counts = Counts::default();
            view.hits.iter().for_each(|(_, level)| view.counts.add(*level));
        }
        let end = {
            let files = &mut *lock(&self.inner.files);
            // Lines that cannot be written, as the disk is full, are read when there is room.
            let _ = files.write();
            files.written_end()
        };
        let mut parts = Vec::new();
        while let Some(part) = self.part(parts.last().map_or(view.looked_to, Part::end), end, &filter.sources) {
            parts.push(part);
        }
        let looked_to = parts.last().map_or(view.looked_to, Part::end);
        let found = match Needle::of(&filter.text) {
            Some(needle) => search::hits(&parts, &needle)?,
            None => parts.iter().map(all_of).collect(),
        };
        for hits in found {
            view.hits.extend(hits.lines);
            view.counts.add_all(&hits.counts);
        }
        view.looked_to = looked_to;
        Ok(())
    }

    /// The lines of one file from a number on, up to another, with those of some sources; none if that is where they end.
    fn part(&self, from: u64, to: u64, sources: &BTreeSet<String>) -> Option<Part> {
        let files = lock(&self.inner.files);
        let segment = files.segments.iter().find(|s| s.end() > from).filter(|_| from < to)?;
        let begin = usize::try_from(from.saturating_sub(segment.first)).ok()?;
        let end = usize::try_from(segment.end().min(to) - segment.first).ok()?;
        let wanted: Option<BTreeSet<u16>> =
            (!sources.is_empty()).then(|| sources.iter().filter_map(|name| files.names.find(name)).collect());
        let mut starts = segment.starts[begin..end].to_vec();
        starts.push(segment.starts.get(end).copied().unwrap_or(u32::try_from(segment.len).unwrap_or(u32::MAX)));
        Some(Part {
            path: segment.path.clone(),
            first: segment.first + begin as u64,
            starts,
            levels: segment.levels[begin..end].to_vec(),
            texts: segment.texts[begin..end].to_vec(),
            wanted: wanted.map(|w| segment.sources[begin..end].iter().map(|source| w.contains(source)).collect()),
        })
    }

    /// The lines with these numbers, in rising order.
    fn read(&self, wanted: &[u64]) -> Result<Vec<Numbered>, Error> {
        let mut lines = Vec::with_capacity(wanted.len());
        let files = lock(&self.inner.files);
        let mut rest = wanted;
        while let Some(no) = rest.first() {
            let Some(segment) = files.segments.iter().find(|s| s.end() > *no) else { break };
            let (here, later) = rest.split_at(rest.partition_point(|n| *n < segment.end()));
            rest = later;
            lines.extend(read_lines(segment, here)?);
        }
        Ok(lines)
    }
}

/// All lines that are asked for.
fn all_of(part: &Part) -> Hits {
    let mut hits = Hits::default();
    for (n, level) in part.levels.iter().enumerate().filter(|(n, _)| part.is_wanted(*n)) {
        hits.push(part.first + n as u64, *level);
    }
    hits
}

fn read_lines(segment: &Segment, wanted: &[u64]) -> Result<Vec<Numbered>, Error> {
    use std::io::{Read, Seek, SeekFrom};
    let start =
        |no: u64| usize::try_from(no.checked_sub(segment.first)?).ok().and_then(|n| segment.starts.get(n).copied());
    let Some((first, last)) = wanted.iter().find(|n| **n >= segment.first).zip(wanted.last()) else {
        return Ok(Vec::new());
    };
    let from = start(*first).map_or(0, u64::from);
    let to = start(last + 1).map_or(segment.len, u64::from);
    let mut bytes = Vec::new();
    let mut read = || {
        let mut file = std::fs::File::open(&segment.path)?;
        file.seek(SeekFrom::Start(from))?;
        file.take(to.saturating_sub(from)).read_to_end(&mut bytes)
    };
    match read() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        result => result.map_err(|e| file_error(&segment.path, e))?,
    };
    let line = |no: &u64| {
        let at = usize::try_from(u64::from(start(*no)?).checked_sub(from)?).ok()?;
        Some(Numbered { no: *no, line: segment::parse(bytes.get(at..)?)? })
    };
    Ok(wanted.iter().filter_map(line).collect())
}

/// Gives lines as they come. In a store that was opened for reading they come when somebody calls [`Log::refresh`].
pub struct Follow {
    log: Log,
    filter: Filter,
    next: u64,
    grown: watch::Receiver<u64>,
}

impl Follow {
    /// The next lines, at most `limit`; waits until there are some.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<Numbered>, Error> {
        loop {
            let end = *self.grown.borrow_and_update();
            let lines = self.log.since(&self.filter, self.next, limit)?;
            match lines.last() {
                Some(last) => {
                    self.next = last.no + 1;
                    return Ok(lines);
                }
                None => self.next = self.next.max(end),
            }
            if self.grown.changed().await.is_err() {
                return Ok(Vec::new());
            }
        }
    }
}
