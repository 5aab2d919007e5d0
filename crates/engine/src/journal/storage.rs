//! Where a journal's bytes are kept.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The few things a journal asks of a file. Tests put one under it whose disk fills up or whose computer dies.
pub trait Storage: Send {
    /// Everything in it.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// Adds at the end. What an error leaves behind is cut off before anything else is added.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts it off after so many bytes.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
    /// Comes back when everything is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file on the disk.
pub(crate) struct DiskFile {
    file: File,
}

impl DiskFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let is_new = !path.exists();
        let file = own(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)?;
        keep_private(&file)?;
        if is_new {
            file.sync_all()?;
            sync_folder(path)?;
        }
        Ok(DiskFile { file })
    }
}

impl Storage for DiskFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(bytes)
    }
    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// A new file is its owner's alone: what happened is nobody else's business.
#[cfg(unix)]
fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

/// On Windows the folder of a person's data is that person's alone.
#[cfg(not(unix))]
fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// The same for one that was made before, when others could read it.
#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn keep_private(_: &File) -> io::Result<()> {
    Ok(())
}

/// Makes a new file's name durable. Windows does that by itself, and cannot be asked to.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => File::open(dir)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
