//! `digit` as a program: in a home of its own, its `--json` lines read, killed where a test wants it.

use crate::error::{Error, at};
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A home for `digit` (`DIGIT_HOME`), gone when it is dropped. Its vault is kept by a passphrase, so that no key ring is needed.
pub struct Home {
    folder: tempfile::TempDir,
}

/// How a run of `digit` ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Everything on standard output.
    pub out: String,
    /// Everything on standard error.
    pub err: String,
}

impl Ended {
    /// The lines of `--json`.
    ///
    /// # Errors
    /// When a line is not JSON.
    pub fn json(&self) -> Result<Vec<Value>, Error> {
        self.out.lines().filter(|l| !l.trim().is_empty()).map(|l| Ok(serde_json::from_str(l)?)).collect()
    }
}

impl Home {
    /// An empty home with a passphrase file.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn new() -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("digit-home-").tempdir().map_err(at(std::env::temp_dir()))?;
        let passphrase = folder.path().join("passphrase");
        std::fs::write(&passphrase, format!("{:032x}\n", rand::random::<u128>())).map_err(at(&passphrase))?;
        Ok(Self { folder })
    }

    /// Where everything of this home is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `$DIGIT_HOME`.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The file with the passphrase of the vault.
    pub fn passphrase(&self) -> PathBuf {
        self.folder.path().join("passphrase")
    }

    /// Writes a file into the home, for example answers.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).map_err(at(&path))?;
        Ok(path)
    }

    /// `digit` with these arguments, ready to run. Nothing of the environment of the tests reaches it that could change what it does.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn command(&self, arguments: &[&str]) -> Result<Command, Error> {
        let program = program("digit")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("DIGIT_HOME", self.data())
            .env("DIGIT_PASSPHRASE_FILE", self.passphrase())
            .env("NO_COLOR", "1")
            .env("CI", "1")
            .env("LANG", "C.UTF-8")
            .env_remove("KUBECONFIG")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs `digit` to its end.
    ///
    /// # Errors
    /// When it cannot be started. An exit code other than 0 is not an error here.
    pub fn run(&self, arguments: &[&str]) -> Result<Ended, Error> {
        let out = self.command(arguments)?.output().map_err(at("digit"))?;
        Ok(Ended {
            code: out.status.code(),
            out: String::from_utf8_lossy(&out.stdout).into_owned(),
            err: String::from_utf8_lossy(&out.stderr).into_owned(),
        })
    }

    /// Starts `digit` (give `--json`) to follow its lines while it runs.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, arguments: &[&str]) -> Result<Running, Error> {
        self.follow(self.command(arguments)?)
    }

    /// The same with a command that [`Self::command`] gave and that was changed since.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn follow(&self, mut command: Command) -> Result<Running, Error> {
        let errors = self.folder.path().join("stderr.log");
        let log = std::fs::File::options().create(true).append(true).open(&errors).map_err(at(&errors))?;
        let begun = Timestamp::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().map_err(at("digit"))?;
        let (send, lines) = channel();
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Running { child, lines, begun, seen: Vec::new() })
    }
}

/// `digit` while it runs; killed when it is dropped.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    begun: Timestamp,
    /// Every line so far.
    pub seen: Vec<Value>,
}

impl Running {
    /// The next line, or nothing when the program has ended.
    ///
    /// # Errors
    /// When no line comes in time, or it is not JSON.
    pub fn next_line(&mut self, at_most: Duration) -> Result<Option<Value>, Error> {
        match self.lines.recv_timeout(at_most) {
            Ok(line) => {
                let value: Value = serde_json::from_str(&line)?;
                self.seen.push(value.clone());
                Ok(Some(value))
            }
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                Err(Error::Late { what: "a line of digit".into(), seconds: at_most.as_secs() })
            }
        }
    }

    /// Reads lines until one is wanted. Gives it, or nothing when the program ended before.
    ///
    /// # Errors
    /// As [`Self::next_line`].
    pub fn until(&mut self, between_lines: Duration, wanted: impl Fn(&Value) -> bool) -> Result<Option<Value>, Error> {
        while let Some(line) = self.next_line(between_lines)? {
            if wanted(&line) {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    /// The same, of what happens from now on: first of all the program tells what earlier runs left in the journal.
    ///
    /// # Errors
    /// As [`Self::next_line`].
    pub fn until_new(
        &mut self,
        between_lines: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Option<Value>, Error> {
        let begun = self.begun;
        let at = |event: &Value| event["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
        self.until(between_lines, |event| at(event).is_some_and(|at| at >= begun) && wanted(event))
    }

    /// kill -9, at once.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(mut self) -> Result<(), Error> {
        self.child.kill().map_err(at("digit"))?;
        self.child.wait().map(drop).map_err(at("digit"))
    }

    /// Ctrl-C.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn interrupt(&self) -> Result<(), Error> {
        self.signal("-INT")
    }

    /// A signal, by its flag of `kill`.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn signal(&self, flag: &str) -> Result<(), Error> {
        let status = Command::new("kill").args([flag, &self.child.id().to_string()]).status().map_err(at("kill"))?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Failed { command: format!("kill {flag}"), status: status.to_string(), stderr: String::new() })
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When the lines between cannot be read.
    pub fn end(mut self, between_lines: Duration) -> Result<(ExitStatus, Vec<Value>), Error> {
        while self.next_line(between_lines)?.is_some() {}
        let status = self.child.wait().map_err(at("digit"))?;
        Ok((status, std::mem::take(&mut self.seen)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of the workspace, beside the tests that cargo built.
///
/// # Errors
/// When it has not been built.
pub fn program(name: &str) -> Result<PathBuf, Error> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let here = std::env::current_exe().map_err(at("this test"))?;
    here.ancestors().skip(1).take(2).map(|folder| folder.join(&file)).find(|p| p.is_file()).ok_or_else(|| {
        Error::Missing(places::Missing {
            what: format!("the program {name} (cargo build --workspace builds it)"),
            looked_in: here.ancestors().skip(1).take(2).map(|f| f.display().to_string()).collect(),
        })
    })
}
