//! One process works on an installation at a time.
//!
//! The lock is the operating system's, on an empty file: it goes away with the process, however that ends. Who holds it
//! stands in a file beside it, as a locked file cannot be read by others on Windows.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::error::Error;
use crate::holder::Holder;

/// The right to work on an installation; given back when dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    holder_path: PathBuf,
}

/// A look at the lock by somebody else lasts this long at most; whoever takes it tries again after that.
const A_LOOK: Duration = Duration::from_millis(20);

impl Lock {
    /// Takes the lock; [`Error::Held`] if another process has it.
    pub fn acquire(path: &Path, holder: &Holder) -> Result<Self, Error> {
        let lost = |source| Error::Lock { path: path.to_owned(), source };
        let file = open(path).map_err(lost)?;
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries < 3 => {
                    tries += 1;
                    std::thread::sleep(A_LOOK);
                }
                Err(TryLockError::WouldBlock) => return Err(Error::Held { holder: read_holder(path) }),
                Err(TryLockError::Error(e)) => return Err(lost(e)),
            }
        }
        let holder_path = beside(path);
        let text = serde_json::to_vec(holder).map_err(|e| lost(e.into()))?;
        std::fs::write(&holder_path, text).map_err(lost)?;
        Ok(Lock { file, holder_path })
    }

    /// Who holds the lock now; `None` if nobody does. A holder whose name cannot be read has pid 0.
    pub fn holder(path: &Path) -> Result<Option<Holder>, Error> {
        let lost = |source| Error::Lock { path: path.to_owned(), source };
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(lost(e)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => {
                let unnamed = || Holder { pid: 0, host: String::new(), since: Timestamp::UNIX_EPOCH };
                Ok(Some(read_holder(path).unwrap_or_else(unnamed)))
            }
            Err(TryLockError::Error(e)) => Err(lost(e)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The name goes first, so that it never stands beside a free lock. Both are only tidiness: closing the file frees it.
        let _ = std::fs::remove_file(&self.holder_path);
        let _ = self.file.unlock();
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("holder")
}

fn read_holder(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&std::fs::read(beside(path)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        assert_eq!(Lock::holder(&path).unwrap(), None);
        let me = Holder::this_process(Timestamp::UNIX_EPOCH);
        let lock = Lock::acquire(&path, &me).unwrap();
        assert_eq!(Lock::holder(&path).unwrap(), Some(me.clone()));
        match Lock::acquire(&path, &me) {
            Err(Error::Held { holder }) => assert_eq!(holder, Some(me.clone())),
            other => panic!("{other:?}"),
        }
        drop(lock);
        assert_eq!(Lock::holder(&path).unwrap(), None);
        Lock::acquire(&path, &me).unwrap();
    }

    #[test]
    fn what_a_killed_process_left_behind_does_not_hold() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        std::fs::write(&path, "").unwrap();
        std::fs::write(beside(&path), r#"{"pid":1,"host":"gone","since":"2026-01-01T00:00:00Z"}"#).unwrap();
        assert_eq!(Lock::holder(&path).unwrap(), None);
        let me = Holder::this_process(Timestamp::UNIX_EPOCH);
        let _lock = Lock::acquire(&path, &me).unwrap();
        assert_eq!(Lock::holder(&path).unwrap(), Some(me));
    }
}
