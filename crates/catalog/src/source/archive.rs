//! Reading a gzipped tar, with no trust in what it says about itself.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::tree::{Entry, Limits, Tree, is_wanted};
use crate::Error;

/// The files below `wanted` of the archive's folder `name`, by their path in that folder.
///
/// The whole archive is read to its end, so that its checksum counts.
///
/// # Errors
/// Truncated or damaged archives; paths that climb out or are absolute; links among the wanted files; more than
/// `limits` allow.
pub fn read(archive: &Path, name: &str, wanted: &[&str], limits: Limits) -> Result<Tree, Error> {
    let file = File::open(archive).map_err(|error| Error::Io { path: archive.to_owned(), error })?;
    read_from(BufReader::new(file), archive, name, wanted, limits)
}

/// [`read`] from any reader; `archive` is only what errors call it.
///
/// # Errors
/// As [`read`].
pub fn read_from(input: impl Read, archive: &Path, name: &str, wanted: &[&str], limits: Limits) -> Result<Tree, Error> {
    let failed = |error: io::Error| failure(archive, limits, &error);
    let refused = |path: &str, reason: &'static str| Error::ArchivePath {
        archive: archive.to_owned(),
        path: path.to_owned(),
        reason,
    };
    let bounded = Bounded { inner: MultiGzDecoder::new(input), left: limits.unpacked };
    let mut tar = tar::Archive::new(bounded);
    let mut tree = Tree::new();
    let mut kept = 0u64;
    for (count, entry) in tar.entries().map_err(failed)?.enumerate() {
        let mut entry = entry.map_err(failed)?;
        if count as u64 >= limits.entries {
            return Err(Error::ArchiveTooLarge { archive: archive.to_owned(), limit: limits.entries });
        }
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            continue;
        }
        let full = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        safe(&full).map_err(|reason| refused(&full, reason))?;
        let Some(path) = full.strip_prefix(name).and_then(|rest| rest.strip_prefix('/')) else { continue };
        let path = path.trim_end_matches('/').to_owned();
        if !is_wanted(&path, wanted) || kind == EntryType::Directory {
            continue;
        }
        match kind {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Symlink | EntryType::Link => return Err(refused(&full, "link")),
            _ => return Err(refused(&full, "kind")),
        }
        kept = kept.saturating_add(entry.size());
        if kept > limits.kept {
            return Err(Error::ArchiveTooLarge { archive: archive.to_owned(), limit: limits.kept });
        }
        let executable = entry.header().mode().map_err(failed)? & 0o111 != 0;
        let mut content = Vec::new();
        let size = entry.size();
        let read = entry.read_to_end(&mut content).map_err(failed)?;
        if (read as u64) < size {
            return Err(Error::ArchiveTruncated { archive: archive.to_owned() });
        }
        if tree.insert(path, Entry { content, executable }).is_some() {
            return Err(refused(&full, "twice"));
        }
    }
    // What follows the last entry: padding, and gzip's checksum.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(failed)?;
    Ok(tree)
}

/// Why a path in an archive is refused.
fn safe(path: &str) -> Result<(), &'static str> {
    let bytes = path.as_bytes();
    if path.starts_with(['/', '\\']) || (bytes.len() > 1 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic()) {
        return Err("absolute");
    }
    if path.split(['/', '\\']).any(|part| part == "..") || path.contains('\0') {
        return Err("climbs");
    }
    Ok(())
}

fn failure(archive: &Path, limits: Limits, error: &io::Error) -> Error {
    let archive = archive.to_owned();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = cause {
        let io = e.downcast_ref::<io::Error>();
        let inside = io.and_then(io::Error::get_ref);
        if e.is::<TooMuch>() || matches!(inside, Some(e) if e.is::<TooMuch>()) {
            return Error::ArchiveTooLarge { archive, limit: limits.unpacked };
        }
        if io.is_some_and(|e| e.kind() == io::ErrorKind::UnexpectedEof) || e.to_string().contains("unexpected EOF") {
            return Error::ArchiveTruncated { archive };
        }
        cause = e.source();
    }
    Error::ArchiveDamaged { archive, detail: error.to_string() }
}

#[derive(Debug, thiserror::Error)]
#[error("unpacks to too much")]
struct TooMuch;

/// A reader that fails after `left` bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(TooMuch))?;
        Ok(read)
    }
}
