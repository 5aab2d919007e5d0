//! Files packed into parts that fit into ConfigMaps: the same files give the same bytes and the same names. Pure.

use std::collections::BTreeSet;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

use crate::Error;
use crate::source::git::{ObjectFormat, tree_id};
use crate::source::{Entry, Tree};

/// Bytes of a part: in base64, with everything around it, it stays below the 1 MiB that a ConfigMap may have.
pub const LARGEST_PART: usize = 700_000;
/// The key of a part in its ConfigMap.
pub const KEY: &str = "part";
/// Who unpacks: the user of git-sync, whom nothing else runs as.
pub const USER: u32 = 65533;

/// One of the two repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repository {
    /// `egov-mdms-data`.
    Masters,
    /// `configs`.
    Configuration,
}

impl Repository {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Masters, Self::Configuration];

    /// The name of the folder that pods read, which is the repository's own.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Masters => "egov-mdms-data",
            Self::Configuration => "configs",
        }
    }

    /// What the names of its parts begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Masters => "mdms-data",
            Self::Configuration => "configs",
        }
    }
}

/// Files of a repository, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Of which repository.
    pub repository: Repository,
    /// SHA-256 of all parts together, in hex digits.
    pub sha256: String,
    /// Bytes that the files need on a disk.
    pub unpacked: u64,
    /// The parts in their order.
    pub parts: Vec<Part>,
}

/// What one ConfigMap holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Name of the ConfigMap: prefix, the first 16 digits of the hash of all parts, place from 0.
    pub name: String,
    /// Its bytes, under [`KEY`]; at most [`LARGEST_PART`].
    pub content: Vec<u8>,
}

impl Part {
    /// The ConfigMap, which can never change; labels are up to who applies it.
    #[must_use]
    pub fn object(&self, namespace: &str) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self.name, "namespace": namespace},
            "immutable": true,
            "binaryData": {KEY: STANDARD.encode(&self.content)},
        })
    }
}

/// Whether a name is that of a part.
#[must_use]
pub fn is_part(name: &str) -> bool {
    Repository::ALL.iter().any(|repository| {
        let rest = name.strip_prefix(repository.prefix()).and_then(|rest| rest.strip_prefix('-'));
        rest.and_then(|rest| rest.split_once('-')).is_some_and(|(hash, place)| {
            hash.len() == 16
                && hash.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
                && !place.is_empty()
                && place.chars().all(|c| c.is_ascii_digit())
        })
    })
}

/// Packs files as git-sync leaves them: in a folder that is named after what it holds, with a link of the repository's
/// name to it, which comes last.
///
/// # Errors
/// [`Error::Io`] if a path is longer than an archive takes.
pub fn pack(repository: Repository, files: &Tree) -> Result<Packed, Error> {
    let failed = |error| Error::Io { path: repository.folder().into(), error };
    let packed = archive(repository, files).map_err(failed)?;
    let sha256 = hex::encode(Sha256::digest(&packed));
    let name = |at| format!("{}-{}-{at}", repository.prefix(), &sha256[..16]);
    let parts = packed.chunks(LARGEST_PART).enumerate();
    let parts = parts.map(|(at, content)| Part { name: name(at), content: content.to_vec() }).collect();
    Ok(Packed { repository, sha256, unpacked: unpacked(files), parts })
}

fn archive(repository: Repository, files: &Tree) -> io::Result<Vec<u8>> {
    let folder = tree_id(files, false, ObjectFormat::Sha1);
    let out = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let mut tar = tar::Builder::new(out);
    let mut made = BTreeSet::new();
    put(&mut tar, EntryType::Directory, &format!("{folder}/"), &[])?;
    for (path, Entry { content, .. }) in files {
        for (at, _) in path.match_indices('/') {
            if made.insert(&path[..at]) {
                put(&mut tar, EntryType::Directory, &format!("{folder}/{}/", &path[..at]), &[])?;
            }
        }
        put(&mut tar, EntryType::Regular, &format!("{folder}/{path}"), content)?;
    }
    let mut link = header(EntryType::Symlink, 0);
    tar.append_link(&mut link, repository.folder(), &folder)?;
    tar.into_inner()?.finish()
}

fn put(out: &mut tar::Builder<impl io::Write>, kind: EntryType, path: &str, content: &[u8]) -> io::Result<()> {
    out.append_data(&mut header(kind, content.len() as u64), path, content)
}

fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(match kind {
        EntryType::Regular => 0o644,
        EntryType::Symlink => 0o777,
        _ => 0o755,
    });
    header.set_mtime(0);
    header.set_uid(USER.into());
    header.set_gid(USER.into());
    header
}

/// Bytes on a disk of blocks of 4 KiB, folders among them.
fn unpacked(files: &Tree) -> u64 {
    const BLOCK: u64 = 4096;
    let folders: BTreeSet<&str> =
        files.keys().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at])).collect();
    let blocks = |entry: &Entry| (entry.content.len() as u64).div_ceil(BLOCK);
    (files.values().map(blocks).sum::<u64>() + folders.len() as u64 + 2) * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn files(all: &[(&str, &[u8])]) -> Tree {
        let entry = |content: &[u8]| Entry { content: content.to_vec(), executable: true };
        all.iter().map(|(path, content)| ((*path).to_owned(), entry(content))).collect()
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_others_another_name() {
        let one = files(&[("data/a.json", b"{}"), ("x.json", b"1")]);
        let packed = pack(Repository::Masters, &one).unwrap();
        assert_eq!(packed, pack(Repository::Masters, &one).unwrap());
        let other = pack(Repository::Masters, &files(&[("data/a.json", b"{}"), ("x.json", b"2")])).unwrap();
        assert_ne!(packed.parts[0].name, other.parts[0].name);
        // No clock and no name of a file or system is in it.
        assert_eq!(packed.parts[0].content[..10], [31, 139, 8, 0, 0, 0, 0, 0, 2, 255]);
        assert_eq!(packed.parts[0].name, format!("mdms-data-{}-0", &packed.sha256[..16]));
        assert_eq!(packed.unpacked, 5 * 4096);
    }

    #[test]
    fn an_archive_has_files_folders_and_the_link_in_order_with_nothing_of_this_computer() {
        let packed = pack(Repository::Configuration, &files(&[("b/c/d.yml", b"d"), ("b/a.yml", b"a")])).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&packed.parts[0].content[..]));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header().clone();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()), (65533, 65533, 0));
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            let link = entry.link_name().unwrap().map(|l| l.to_string_lossy().into_owned()).unwrap_or_default();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            found.push((path, format!("{:o}", header.mode().unwrap()), text + &link));
        }
        let folder = &found[0].0.trim_end_matches('/').to_owned();
        assert_eq!(folder.len(), 40);
        let wanted = [
            (format!("{folder}/"), "755", ""),
            (format!("{folder}/b/"), "755", ""),
            (format!("{folder}/b/a.yml"), "644", "a"),
            (format!("{folder}/b/c/"), "755", ""),
            (format!("{folder}/b/c/d.yml"), "644", "d"),
            ("configs".to_owned(), "777", folder.as_str()),
        ];
        let wanted: Vec<_> = wanted.iter().map(|(p, m, c)| (p.clone(), (*m).to_owned(), (*c).to_owned())).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_large_goes_into_several_parts_none_too_large() {
        // What cannot be packed.
        let mut noise = vec![0u8; 1_500_000];
        let mut state = 1u64;
        for byte in &mut noise {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        let packed = pack(Repository::Masters, &files(&[("n", &noise)])).unwrap();
        let sizes: Vec<usize> = packed.parts.iter().map(|part| part.content.len()).collect();
        assert_eq!((sizes.len(), sizes[0], sizes[1]), (3, LARGEST_PART, LARGEST_PART));
        let all: Vec<u8> = packed.parts.iter().flat_map(|part| part.content.clone()).collect();
        assert_eq!(hex::encode(Sha256::digest(&all)), packed.sha256);
        for (at, part) in packed.parts.iter().enumerate() {
            assert!(part.name.ends_with(&format!("-{at}")) && is_part(&part.name), "{}", part.name);
            let object = part.object("egov");
            assert!(object.to_string().len() < 1 << 20);
            assert_eq!(object["immutable"], true);
            let content = STANDARD.decode(object["binaryData"][KEY].as_str().unwrap()).unwrap();
            assert_eq!(content, part.content);
        }
    }

    #[test]
    fn a_part_is_known_by_its_name() {
        for (name, is) in [
            ("mdms-data-0123456789abcdef-0", true),
            ("configs-0123456789abcdef-12", true),
            ("configs-0123456789abcdef", false),
            ("configs-0123456789abcdeg-0", false),
            ("configs-0123456789abcdef-", false),
            ("egov-config", false),
        ] {
            assert_eq!(is_part(name), is, "{name}");
        }
    }
}
