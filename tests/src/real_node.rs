//! A control plane with a real kubelet, containerd and runc, where every image is one stand-in: the shared test bed, driven by
//! its own scripts. It needs root and Linux, and only one can run at a time. Used by `cargo xtask test --full`.

use crate::error::{Error, at};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A running bed; taken down when it is dropped.
pub struct RealNode {
    folder: tempfile::TempDir,
    scripts: PathBuf,
}

impl RealNode {
    /// Starts it (6 to 20 s). `switches` are those of the test bed's README, for example `("WEBHOOKS", "on")`.
    ///
    /// # Errors
    /// When something is missing or the bed does not come up; what the script said is in the error.
    pub fn start(switches: &[(&str, &str)]) -> Result<Self, Error> {
        let scripts = places::shared()?.join("testbed");
        // its paths must be short: the kubelet's sockets lie below
        let folder = tempfile::Builder::new().prefix("node-").tempdir().map_err(at(std::env::temp_dir()))?;
        let bed = Self { folder, scripts };
        let out = Command::new("bash")
            .arg(bed.scripts.join("up.sh"))
            .arg(bed.folder.path())
            .env("BIN", places::kubernetes()?)
            .env("BASE", "26840")
            .env("NODE", "real")
            .envs(switches.iter().copied())
            .stdin(Stdio::null())
            .output()
            .map_err(at("up.sh"))?;
        if !out.status.success() {
            return Err(Error::Failed {
                command: "up.sh".into(),
                status: out.status.to_string(),
                stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
            });
        }
        Ok(bed)
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("admin.kubeconfig")
    }

    /// Rules for images, as the test bed's README describes them (JSON).
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn images(&self, rules: &str) -> Result<(), Error> {
        let path = self.folder.path().join("images.json");
        std::fs::write(&path, rules).map_err(at(&path))
    }

    /// `kubectl` as administrator.
    ///
    /// # Errors
    /// When it fails.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String, Error> {
        crate::cluster::kubectl(&self.kubeconfig(), arguments)
    }

    /// Where the bed keeps its logs and data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for RealNode {
    fn drop(&mut self) {
        let down = Command::new("bash")
            .arg(self.scripts.join("down.sh"))
            .arg(self.folder.path())
            .arg("--wipe")
            .stdin(Stdio::null())
            .status();
        if !down.is_ok_and(|s| s.success()) {
            eprintln!("the real node in {} may still be up", self.folder.path().display());
        }
    }
}
