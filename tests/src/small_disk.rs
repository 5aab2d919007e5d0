//! A disk that can be filled: a file system in memory that only the processes of a namespace see. Linux.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::{Error, at};

/// A small file system over a folder; gone when it is dropped.
pub struct SmallDisk {
    holder: Child,
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// A file system of so many bytes.
    ///
    /// # Errors
    /// When the system lets nobody make namespaces.
    pub fn new(bytes: u64) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("small-disk-").tempdir().map_err(at(std::env::temp_dir()))?;
        let script = format!("mount -t tmpfs -o size={bytes} none \"$1\" && echo up && exec cat");
        let mut holder = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(at("unshare"))?;
        let mut said = String::new();
        if let Some(out) = holder.stdout.take() {
            BufReader::new(out).read_line(&mut said).map_err(at("unshare"))?;
        }
        let disk = Self { holder, folder };
        if said.trim() == "up" {
            return Ok(disk);
        }
        Err(Error::Failed {
            command: "unshare --user --mount".into(),
            status: "no file system of one's own".into(),
            stderr: String::new(),
        })
    }

    /// Where it is, for a program that [`Self::enter`] started.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The same place for everybody else.
    pub fn from_outside(&self) -> PathBuf {
        let inside = self.folder.path().strip_prefix("/").unwrap_or(self.folder.path());
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(inside)
    }

    /// The same command where the file system is.
    pub fn enter(&self, command: &Command) -> Command {
        let mut inside = Command::new("nsenter");
        inside.args(["--user", "--mount", "--preserve-credentials", "--target", &self.holder.id().to_string(), "--"]);
        inside.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(key, value),
                None => inside.env_remove(key),
            };
        }
        inside
    }

    /// Takes all room that is left. The file must be removed to give it back.
    ///
    /// # Errors
    /// When it cannot be written for another reason than that there is no room.
    pub fn fill(&self) -> Result<PathBuf, Error> {
        let path = self.from_outside().join("filler");
        let mut file = std::fs::File::create(&path).map_err(at(&path))?;
        // Smaller and smaller, until not even a byte fits.
        for size in [65_536, 4096, 512, 1] {
            let error = fill_with(&mut file, &vec![0; size]);
            if error.kind() != std::io::ErrorKind::StorageFull {
                return Err(at(&path)(error));
            }
        }
        Ok(path)
    }
}

/// Writes blocks until one does not fit, and says why.
fn fill_with(file: &mut std::fs::File, block: &[u8]) -> std::io::Error {
    loop {
        if let Err(error) = file.write_all(block) {
            return error;
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
