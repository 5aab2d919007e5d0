//! Charts in `.tgz` archives, read with suspicion.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::error::{Error, Result};

/// How much an archive may unpack to, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All files together.
    pub total: u64,
    /// One file.
    pub file: u64,
}

impl Default for Limits {
    /// Helm's own: 100 MiB together, 5 MiB a file.
    fn default() -> Self {
        Self { total: 100 << 20, file: 5 << 20 }
    }
}

/// The files of an archive without its topmost folder.
pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Vec<(String, Vec<u8>)>> {
    let broken = |error: std::io::Error| Error::ArchiveBroken { reason: error.to_string() };
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let mut files = Vec::new();
    let mut left = limits.total;
    for entry in archive.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if !(kind.is_file() || kind.is_symlink() || kind.is_hard_link()) {
            continue;
        }
        let full = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !kind.is_file() {
            // Helm reads a link as an empty file; a chart that needs one is better refused.
            return Err(Error::ArchiveEscapes { path: full });
        }
        let path = inner_path(&full)?;
        let limit = limits.file.min(left);
        let too_big = || Error::ArchiveTooBig { path: full.clone(), limit };
        if entry.size() > limit {
            return Err(too_big());
        }
        let mut data = Vec::new();
        entry.take(limit + 1).read_to_end(&mut data).map_err(broken)?;
        let size = data.len() as u64;
        if size > limit {
            return Err(too_big());
        }
        left -= size;
        files.push((path, data));
    }
    if files.is_empty() {
        return Err(Error::ArchiveBroken { reason: "no files in chart archive".to_owned() });
    }
    Ok(files)
}

/// The path below the topmost folder; refuses what climbs out of it.
fn inner_path(full: &str) -> Result<String> {
    let escapes = || Error::ArchiveEscapes { path: full.to_owned() };
    let slashed = full.replace('\\', "/");
    let (_, inner) = slashed.split_once('/').ok_or_else(escapes)?;
    if slashed.starts_with('/') || inner.starts_with('/') || slashed.split('/').next() == Some("..") {
        return Err(escapes());
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in inner.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(escapes)?;
            }
            part => parts.push(part),
        }
    }
    let drive = parts.first().is_some_and(|first| first.len() == 2 && first.ends_with(':'));
    if parts.is_empty() || drive {
        return Err(escapes());
    }
    Ok(parts.join("/"))
}
