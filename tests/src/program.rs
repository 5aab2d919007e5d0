//! A program that runs beside the tests: its output goes to a file, and it ends, by its own pid, when it is dropped.

use crate::error::{Error, at};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(crate) struct Program {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Program {
    /// Starts a program; its output is appended to `folder/NAME.log`.
    pub(crate) fn start(mut command: Command, name: &str, folder: &Path) -> Result<Self, Error> {
        let log = folder.join(format!("{name}.log"));
        let out = std::fs::File::options().create(true).append(true).open(&log).map_err(at(&log))?;
        let err = out.try_clone().map_err(at(&log))?;
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().map_err(at(name))?;
        Ok(Self { name: name.to_owned(), log, child })
    }

    /// Starts a program that says on its standard output where it can be reached; gives that line.
    pub(crate) fn start_announcing(mut command: Command, name: &str, folder: &Path) -> Result<(Self, String), Error> {
        let log = folder.join(format!("{name}.log"));
        let err = std::fs::File::options().create(true).append(true).open(&log).map_err(at(&log))?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(err).spawn().map_err(at(name))?;
        let mut program = Self { name: name.to_owned(), log, child };
        let mut line = String::new();
        if let Some(out) = program.child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(at(name))?;
        }
        if line.trim().is_empty() {
            return Err(program.trouble("ended without a word".into()));
        }
        Ok((program, line.trim().to_owned()))
    }

    /// Asks it to end and gives it two seconds for it: for programs that have programs of their own.
    pub(crate) fn ask_to_end(&mut self) {
        #[cfg(unix)]
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(2);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until `up` says yes.
    pub(crate) fn wait_until(&mut self, seconds: u64, mut up: impl FnMut() -> bool) -> Result<(), Error> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        while !up() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.trouble(format!("ended with {status}")));
            }
            if Instant::now() > deadline {
                return Err(self.trouble(format!("did not come up within {seconds} s")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    fn trouble(&self, what: String) -> Error {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let log = lines[lines.len().saturating_sub(15)..].join("\n");
        Error::Program { name: self.name.clone(), what, log }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // it may have ended by itself; what counts is that it is gone
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that is started again when it ends, as a kubelet does with the parts of a control plane. They count on it: a
/// scheduler that missed the end of a pod and sees the next one of that name on another node ends itself.
pub(crate) struct Kept {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Kept {
    pub(crate) fn new(mut program: Program, start: impl Fn() -> Result<Program, Error> + Send + 'static) -> Self {
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
                if program.has_ended()
                    && let Ok(next) = start()
                {
                    program = next;
                }
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may")]
mod tests {
    use super::*;

    #[test]
    fn what_ends_is_started_again_until_nobody_wants_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_owned();
        let start = move || {
            let mut command = Command::new("sh");
            command.args(["-c", "echo started"]);
            Program::start(command, "short", &place)
        };
        let starts = || std::fs::read_to_string(folder.path().join("short.log")).unwrap().lines().count();
        let kept = Kept::new(start().unwrap(), start);
        crate::cluster::wait("three starts", Duration::from_secs(20), || Ok(starts() >= 3)).unwrap();
        drop(kept);
        let so_far = starts();
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(starts(), so_far);
    }
}
