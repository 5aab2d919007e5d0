//! The control plane that the tests of one run share. It is a program of its own (crate `tests`), so that it ends with us.

use crate::sh;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Stops when it is dropped.
pub(crate) struct ControlPlane {
    program: Child,
    kubeconfig: PathBuf,
}

impl ControlPlane {
    /// Starts it and waits until its nodes are ready.
    ///
    /// # Errors
    /// When it does not come up; it has said why on standard error.
    pub(crate) fn start() -> Result<Self> {
        let program = sh::cargo()
            .args(["run", "--quiet", "--package", "tests", "--bin", "control-plane"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the control plane")?;
        let mut plane = Self { program, kubeconfig: PathBuf::new() };
        let mut line = String::new();
        if let Some(out) = plane.program.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        match line.trim().strip_prefix("KUBECONFIG=") {
            Some(path) => plane.kubeconfig = PathBuf::from(path),
            None => bail!("the control plane did not come up"),
        }
        Ok(plane)
    }

    /// Lets a program find it.
    pub(crate) fn reach<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("DIGIT_TEST_KUBECONFIG", &self.kubeconfig)
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        // it ends when its standard input does
        drop(self.program.stdin.take());
        if let Err(why) = self.program.wait() {
            eprintln!("waiting for the control plane: {why}");
        }
    }
}
