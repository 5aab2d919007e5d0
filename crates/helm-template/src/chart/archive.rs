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

/// A file as Helm reads it: some editors write a mark before the text.
pub(super) fn without_bom(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A header without the checks that a well-meaning writer makes.
    fn entry(archive: &mut Vec<u8>, path: &str, kind: u8, size: u64, data: &[u8]) {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(data);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }

    fn packed(entries: &[(&str, u8, &[u8])]) -> Vec<u8> {
        let mut archive = Vec::new();
        for (path, kind, data) in entries {
            entry(&mut archive, path, *kind, data.len() as u64, data);
        }
        archive.extend_from_slice(&[0; 1024]);
        zipped(&archive)
    }

    fn zipped(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn a_chart_comes_out_of_its_archive() {
        let bytes = packed(&[
            ("web/Chart.yaml", b'0', b"apiVersion: v2\nname: web\nversion: 1.0.0\n"),
            ("web/templates/", b'5', b""),
            ("web/./templates//a.yaml", b'0', b"\xef\xbb\xbfkind: A\n"),
            ("web\\values.yaml", b'0', b"a: 1\n"),
        ]);
        let chart = crate::Chart::from_archive(&bytes, Limits::default()).unwrap();
        assert_eq!(chart.name(), "web");
        assert_eq!(chart.file("templates/a.yaml"), Some(&b"kind: A\n"[..]));
        assert_eq!(chart.values().unwrap()["a"], serde_json::json!(1.0));
    }

    #[test]
    fn what_climbs_out_is_refused() {
        for (path, kind) in [
            ("web/../../etc/passwd", b'0'),
            ("../web/Chart.yaml", b'0'),
            ("/etc/passwd", b'0'),
            ("web//etc/..", b'0'),
            ("web/..", b'0'),
            ("Chart.yaml", b'0'),
            ("web/c:/windows", b'0'),
            ("web\\..\\..\\x", b'0'),
            ("web/link", b'2'),
            ("web/hard", b'1'),
        ] {
            let error = read(&packed(&[(path, kind, b"")]), Limits::default()).unwrap_err();
            assert_eq!(error.code(), "chart-archive-escapes", "{path}: {error}");
        }
    }

    #[test]
    fn bombs_are_refused_before_they_unpack() {
        let small = Limits { total: 1_000, file: 600 };
        let one = packed(&[("web/a", b'0', &[0; 601])]);
        assert_eq!(read(&one, small).unwrap_err().code(), "chart-archive-too-big");
        let many = packed(&[("web/a", b'0', &[0; 600]), ("web/b", b'0', &[0; 600])]);
        assert_eq!(read(&many, small).unwrap_err().code(), "chart-archive-too-big");
        // A header that claims 2 GB is believed, not read.
        let mut claim = Vec::new();
        entry(&mut claim, "web/a", b'0', 2 << 30, &[0; 512]);
        assert_eq!(read(&zipped(&claim), Limits::default()).unwrap_err().code(), "chart-archive-too-big");
    }

    #[test]
    fn broken_archives_are_said_to_be_broken() {
        let whole = packed(&[("web/a", b'0', &[7; 5_000])]);
        for bytes in [&b""[..], b"not gzip", &whole[..whole.len() / 2], &zipped(b"not a tar file, but long enough")] {
            assert_eq!(read(bytes, Limits::default()).unwrap_err().code(), "chart-archive-broken");
        }
    }
}
