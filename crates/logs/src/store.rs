//! The store: taking lines in, and keeping its size.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;

use crate::error::Error;
use crate::line::{LogLine, cap, clean};
use crate::segment::{Names, Segment};
use crate::view::View;

/// Takes secrets out of a text.
pub type Redact = Arc<dyn Fn(&str) -> Cow<'_, str> + Send + Sync>;

/// How a store is kept.
#[derive(Clone)]
pub struct Options {
    /// Bytes after which a new file is begun.
    pub segment: u64,
    /// Bytes that all files before the newest may have together; beyond, the oldest is dropped.
    pub total: u64,
    /// Bytes of text that a line may have.
    pub line: usize,
    /// Applied to every text before anything of it is kept.
    pub redact: Redact,
}

impl Default for Options {
    /// 8 MiB a file, 256 MiB in all, 16 KiB a line, nothing redacted.
    fn default() -> Self {
        Options { segment: 8 << 20, total: 256 << 20, line: 16 << 10, redact: Arc::new(|text| Cow::Borrowed(text)) }
    }
}

/// How long a line may wait in memory for others to be written with it.
const BATCH_TIME: Duration = Duration::from_millis(250);
/// So many bytes are written at once without waiting.
const BATCH_SIZE: usize = 64 << 10;
/// So many bytes wait for room when the disk is full; lines that come after that are counted and lost.
const WAITING: usize = 4 << 20;

/// The log store of one installation. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct Log {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    dir: PathBuf,
    /// `None`: opened for reading.
    options: Option<Options>,
    pub(crate) files: Mutex<Files>,
    /// All lines, as they are counted and shown without a search.
    pub(crate) all: Mutex<View>,
    /// The last search, continued when the same is asked again.
    pub(crate) searched: Mutex<View>,
    grown: watch::Sender<u64>,
}

pub(crate) struct Files {
    /// Never empty.
    pub(crate) segments: Vec<Segment>,
    pub(crate) names: Names,
    /// The last segment's file, open for adding.
    file: Option<File>,
    /// Lines of the last segment that are not in its file yet.
    pending: Vec<u8>,
    lost: u64,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log {
    /// Opens the store in this folder, or makes it. Only one process may have it open for adding.
    pub fn open(dir: &Path, options: Options) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(|e| file_error(dir, e))?;
        let log = Log::load(dir, Some(options))?;
        let weak = Arc::downgrade(&log.inner);
        std::thread::Builder::new()
            .name("log-store".to_owned())
            .spawn(move || write_now_and_then(&weak))
            .map_err(|e| file_error(dir, e))?;
        Ok(log)
    }

    /// Opens it for reading, also while another process adds to it; see [`Log::refresh`]. No folder, no lines.
    pub fn read_only(dir: &Path) -> Result<Self, Error> {
        Log::load(dir, None)
    }

    fn load(dir: &Path, options: Option<Options>) -> Result<Self, Error> {
        let mut names = Names::default();
        let mut segments = Vec::new();
        for first in numbers_of_files(dir)? {
            segments.push(Segment::new(dir, first));
        }
        if segments.is_empty() {
            segments.push(Segment::new(dir, 0));
        }
        let last = segments.len() - 1;
        for (n, segment) in segments.iter_mut().enumerate() {
            let torn = read_on(segment, &mut names)?;
            if options.is_some() && n == last && torn > 0 {
                cut_off(&segment.path, segment.len).map_err(|e| file_error(&segment.path, e))?;
            }
        }
        let end = segments.last().map_or(0, Segment::end);
        let mut files = Files { segments, names, file: None, pending: Vec::new(), lost: 0 };
        if let Some(options) = &options {
            files.drop_oldest(options.total);
        }
        let inner = Inner {
            dir: dir.to_owned(),
            options,
            files: Mutex::new(files),
            all: Mutex::default(),
            searched: Mutex::default(),
            grown: watch::Sender::new(end),
        };
        Ok(Log { inner: Arc::new(inner) })
    }

    /// Takes a line in: without colours, redacted, cut if too long. It is on the disk a quarter of a second later, or at
    /// the next [`Log::flush`]; it can be read at once.
    pub fn append(&self, line: LogLine) -> Result<(), Error> {
        self.append_all(std::iter::once(line))
    }

    /// The same with many lines.
    pub fn append_all(&self, lines: impl IntoIterator<Item = LogLine>) -> Result<(), Error> {
        let options = self.inner.options.as_ref().ok_or(Error::ReadOnly)?;
        for mut line in lines {
            // Redacted before it is cut: half a secret would not be found.
            let text = cap(Cow::Owned((options.redact)(&clean(&line.text)).into_owned()), options.line).into_owned();
            line.text = text;
            let mut bytes = serde_json::to_vec(&line).map_err(|e| file_error(&self.inner.dir, e.into()))?;
            bytes.push(b'\n');
            let files = &mut *lock(&self.inner.files);
            files.take(&line, &bytes, options, &self.inner.dir);
            let end = files.end();
            self.inner.grown.send_if_modified(|known| std::mem::replace(known, end) != end);
        }
        Ok(())
    }

    /// Writes what is not on the disk yet.
    pub fn flush(&self) -> Result<(), Error> {
        lock(&self.inner.files).write()
    }

    /// Takes in what another process has added since.
    pub fn refresh(&self) -> Result<(), Error> {
        if self.inner.options.is_some() {
            return Ok(());
        }
        let files = &mut *lock(&self.inner.files);
        let on_disk = numbers_of_files(&self.inner.dir)?;
        files.segments.retain(|s| on_disk.contains(&s.first) || on_disk.is_empty());
        let known = files.segments.last().map_or(0, |s| s.first);
        let is_known = !files.segments.is_empty();
        files.segments.extend(
            on_disk.into_iter().filter(|n| !is_known || *n > known).map(|first| Segment::new(&self.inner.dir, first)),
        );
        for segment in &mut files.segments {
            // Files before the last do not grow, but may have grown since they were the last.
            read_on(segment, &mut files.names)?;
        }
        let end = files.end();
        self.inner.grown.send_if_modified(|known| std::mem::replace(known, end) != end);
        Ok(())
    }

    /// How many lines were dropped to keep the size. They are the first ones.
    pub fn dropped(&self) -> u64 {
        lock(&self.inner.files).segments.first().map_or(0, |s| s.first)
    }

    /// How many lines could not be kept since the disk was full for too long, since the store was opened.
    pub fn lost(&self) -> u64 {
        lock(&self.inner.files).lost
    }

    /// Bytes on the disk, or on their way there.
    pub fn size(&self) -> u64 {
        lock(&self.inner.files).segments.iter().map(|s| s.len).sum()
    }

    /// Everyone who has said something, in the order of the first line.
    pub fn sources(&self) -> Vec<String> {
        lock(&self.inner.files).names.all()
    }

    /// Tells when lines are added: the number that the next line will have.
    pub fn grown(&self) -> watch::Receiver<u64> {
        self.inner.grown.subscribe()
    }
}

impl Files {
    /// The number of the next line.
    pub(crate) fn end(&self) -> u64 {
        self.segments.last().map_or(0, Segment::end)
    }

    /// The number after the last line that is in its file; those after it wait for room.
    pub(crate) fn written_end(&self) -> u64 {
        let waiting = self.segments.last().map_or(0, |last| {
            let in_file = last.len - self.pending.len() as u64;
            last.starts.len() - last.starts.partition_point(|start| u64::from(*start) < in_file)
        });
        self.end() - waiting as u64
    }

    fn take(&mut self, line: &LogLine, bytes: &[u8], options: &Options, dir: &Path) {
        let is_full = self.segments.last().is_some_and(|s| s.len > 0 && s.len + bytes.len() as u64 > options.segment);
        // When the disk is full the file grows on in memory until there is room.
        if is_full && self.write().is_ok() {
            self.file = None;
            self.segments.push(Segment::new(dir, self.end()));
            self.drop_oldest(options.total);
        }
        if self.pending.len() + bytes.len() > WAITING {
            self.lost += 1;
            return;
        }
        let source = self.names.number(&line.source);
        if let Some(last) = self.segments.last_mut() {
            last.push(line.level, source, bytes);
            self.pending.extend_from_slice(bytes);
        }
        if self.pending.len() >= BATCH_SIZE {
            // If it cannot be, it is tried again with the next line, and now and then.
            let _ = self.write();
        }
    }

    fn drop_oldest(&mut self, total: u64) {
        let mut size: u64 = self.segments.iter().rev().skip(1).map(|s| s.len).sum();
        while size > total && self.segments.len() > 1 {
            let oldest = self.segments.remove(0);
            size -= oldest.len;
            // If the system keeps it (a reader on Windows has it open), it is dropped at the next opening.
            let _ = fs::remove_file(&oldest.path);
        }
    }

    /// Puts what waits into the file.
    pub(crate) fn write(&mut self) -> Result<(), Error> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let Some(last) = self.segments.last() else { return Ok(()) };
        let in_file = last.len - self.pending.len() as u64;
        let mut attempt = || {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(OpenOptions::new().create(true).append(true).open(&last.path)?),
            };
            // Half a batch may have been written before the disk was full.
            if file.metadata()?.len() != in_file {
                cut_off(&last.path, in_file)?;
            }
            file.write_all(&self.pending)
        };
        match attempt() {
            Ok(()) => {
                self.pending.clear();
                Ok(())
            }
            Err(e) => {
                self.file = None;
                Err(file_error(&last.path, e))
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Nobody is there to be told if this fails.
        let _ = lock(&self.files).write();
    }
}

fn write_now_and_then(store: &Weak<Inner>) {
    loop {
        std::thread::sleep(BATCH_TIME);
        let Some(inner) = store.upgrade() else { return };
        let _ = lock(&inner.files).write();
    }
}

/// Takes in what the file has; no file, no lines. Comes back with the bytes that are no whole line.
fn read_on(segment: &mut Segment, names: &mut Names) -> Result<u64, Error> {
    match segment.take_in(names) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        read => read.map_err(|e| file_error(&segment.path, e)),
    }
}

fn cut_off(path: &Path, len: u64) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(len)
}

fn numbers_of_files(dir: &Path) -> Result<Vec<u64>, Error> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(file_error(dir, e)),
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(|e| file_error(dir, e))?.file_name();
        numbers.extend(name.to_str().and_then(|n| n.strip_suffix(".jsonl")?.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

pub(crate) fn file_error(path: &Path, source: io::Error) -> Error {
    Error::File { path: path.to_owned(), source }
}
