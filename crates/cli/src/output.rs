//! Where results and words go.

use std::io::{ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};

use install::words::Words;
use serde::Serialize;

/// Results, to standard output. What cannot be written never ends the work that is told about: it goes on to its safe end.
pub(crate) struct Output {
    words: Arc<Words>,
    results: Mutex<Results<std::io::Stdout>>,
}

impl Output {
    pub(crate) fn new(words: Arc<Words>) -> Self {
        Output { words, results: Mutex::new(Results::to(std::io::stdout())) }
    }

    /// A line of a result, or several.
    pub(crate) fn line(&self, text: &str) {
        let lost = self.results.lock().unwrap_or_else(PoisonError::into_inner).line(text);
        if let Some(error) = lost {
            complain(&self.words.text("cli-output-lost", &[("detail", &error.to_string())]));
        }
    }

    /// One JSON object on a line of its own.
    pub(crate) fn json(&self, value: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(value) {
            self.line(&text);
        }
    }

    /// The exit code of a command that ended with this one: results that were lost are no success.
    pub(crate) fn exit_code(&self, code: u8) -> u8 {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).exit_code(code)
    }
}

/// Lines that are written until that fails for the first time: what came after a gap would pass for the whole.
struct Results<W> {
    to: W,
    end: Option<End>,
}

/// Why nothing is written any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Whoever read it has read enough (`| head`).
    ReaderGone,
    /// It cannot be written: the disk is full, for example.
    Lost,
}

impl<W: Write> Results<W> {
    fn to(to: W) -> Self {
        Results { to, end: None }
    }

    /// Writes a line. Gives the error that a person has to be told, once.
    fn line(&mut self, text: &str) -> Option<std::io::Error> {
        if self.end.is_some() {
            return None;
        }
        // In one piece: a line that is cut in two could be taken for two.
        let written = self.to.write_all(format!("{text}\n").as_bytes()).and_then(|()| self.to.flush());
        match written {
            Ok(()) => None,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.end = Some(End::ReaderGone);
                None
            }
            Err(error) => {
                self.end = Some(End::Lost);
                Some(error)
            }
        }
    }

    fn exit_code(&self, code: u8) -> u8 {
        match (self.end, code) {
            (Some(End::Lost), 0) => 1,
            _ => code,
        }
    }
}

/// A sentence for a person, to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many lines, then fails so.
    struct Takes {
        lines: usize,
        then: ErrorKind,
        written: Vec<u8>,
    }

    impl Write for Takes {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.lines == 0 {
                return Err(self.then.into());
            }
            self.lines -= 1;
            self.written.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_cannot_be_written_is_told_once_and_a_reader_who_is_gone_is_no_error() {
        // lines that are taken, then what; how often a person is told; codes for a command that ended with 0, 3 and 130
        for (lines, then, told, codes) in [
            (9, ErrorKind::StorageFull, 0, [0, 3, 130]),
            (2, ErrorKind::StorageFull, 1, [1, 3, 130]),
            (0, ErrorKind::Other, 1, [1, 3, 130]),
            (2, ErrorKind::BrokenPipe, 0, [0, 3, 130]),
            (0, ErrorKind::BrokenPipe, 0, [0, 3, 130]),
        ] {
            let mut results = Results::to(Takes { lines, then, written: Vec::new() });
            let said = (0..5).filter_map(|n| results.line(&format!("line {n}"))).count();
            let written: String = (0..lines.min(5)).map(|n| format!("line {n}\n")).collect();
            assert_eq!(String::from_utf8(std::mem::take(&mut results.to.written)).unwrap(), written);
            assert_eq!((said, [0, 3, 130].map(|code| results.exit_code(code))), (told, codes), "{lines} {then}");
        }
    }
}
