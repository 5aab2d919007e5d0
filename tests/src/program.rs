//! A program that runs beside the tests: its output goes to a file, and it ends, by its own pid, when it is dropped.

use crate::error::{Error, at};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Program {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Program {
    /// Starts a program of the control plane in `folder`; its output is appended to `folder/log/NAME.log`.
    pub(crate) fn start(folder: &Path, name: &str, arguments: &[String]) -> Result<Self, Error> {
        let program = places::program(name)?;
        let log = folder.join("log").join(format!("{name}.log"));
        let out = std::fs::File::options().create(true).append(true).open(&log).map_err(at(&log))?;
        let err = out.try_clone().map_err(at(&log))?;
        let child = Command::new(&program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(at(&program))?;
        Ok(Self { name: name.to_owned(), log, child })
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
