//! Reading an archive that somebody has unpacked.

use std::fs;
use std::path::Path;

use super::tree::{Entry, Limits, Tree};
use crate::Error;

/// The files below `wanted` of `folder`, by their path in it.
///
/// # Errors
/// Files that cannot be read, links, more than `limits` allow.
pub fn read(folder: &Path, wanted: &[&str], limits: Limits) -> Result<Tree, Error> {
    let mut walk = Walk { folder, tree: Tree::new(), left: limits.kept, entries: limits.entries, limits };
    for path in wanted {
        let on_disk = path.split('/').filter(|p| !p.is_empty()).fold(folder.to_owned(), |at, part| at.join(part));
        if on_disk.exists() {
            walk.visit(&on_disk, path)?;
        }
    }
    Ok(walk.tree)
}

struct Walk<'a> {
    folder: &'a Path,
    tree: Tree,
    left: u64,
    entries: u64,
    limits: Limits,
}

impl Walk<'_> {
    fn visit(&mut self, at: &Path, path: &str) -> Result<(), Error> {
        let io = |error| Error::Io { path: at.to_owned(), error };
        let too_large = |limit| Error::ArchiveTooLarge { archive: self.folder.to_owned(), limit };
        let refused = |reason| Error::ArchivePath { archive: self.folder.to_owned(), path: path.to_owned(), reason };
        let about = fs::symlink_metadata(at).map_err(io)?;
        self.entries = self.entries.checked_sub(1).ok_or_else(|| too_large(self.limits.entries))?;
        if about.is_symlink() {
            return Err(refused("link"));
        }
        if about.is_dir() {
            for child in fs::read_dir(at).map_err(io)? {
                let child = child.map_err(io)?;
                let name = child.file_name();
                let Some(name) = name.to_str() else { return Err(refused("kind")) };
                // A folder that was unpacked with git may hold git's own.
                if name == ".git" {
                    continue;
                }
                let below = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
                self.visit(&child.path(), &below)?;
            }
            return Ok(());
        }
        if !about.is_file() {
            return Err(refused("kind"));
        }
        self.left = self.left.checked_sub(about.len()).ok_or_else(|| too_large(self.limits.kept))?;
        let content = fs::read(at).map_err(io)?;
        self.tree.insert(path.to_owned(), Entry { content, executable: is_executable(&about) });
        Ok(())
    }
}

#[cfg(unix)]
fn is_executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
