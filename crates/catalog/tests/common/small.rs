//! A small repository as an archive, and pins that fit it.

use std::io::Write as _;

use catalog::combinations::Pin;
use catalog::source::git::{ObjectFormat, blob_id, tree_id};
use catalog::source::{Entry, Tree};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Name of the archive and of its folder.
pub(crate) const NAME: &str = "repo-0123456789012345678901234567890123456789";

const FILES: [(&str, &str); 4] = [
    ("charts/a/Chart.yaml", "name: a\n"),
    ("charts/a/values.yaml", "x: 1\n"),
    ("charts/b.txt", "b"),
    ("lists/list.yaml", "version: v1\nmodules: []\n"),
];

/// One entry of a tar, written without any of the tar crate's own checks.
pub(crate) fn entry(path: &str, kind: tar::EntryType, link: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    let raw = header.as_old_mut();
    raw.name[..path.len()].copy_from_slice(path.as_bytes());
    raw.linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// The good archive with more entries before its end.
pub(crate) fn archive_with(more: &[Vec<u8>]) -> Vec<u8> {
    let mut tar = Vec::new();
    // As GitHub's archives begin.
    tar.extend(entry(
        "pax_global_header",
        tar::EntryType::XGlobalHeader,
        "",
        b"52 comment=0123456789012345678901234567890123456789\n",
    ));
    tar.extend(entry(&format!("{NAME}/"), tar::EntryType::Directory, "", b""));
    for (path, content) in FILES {
        tar.extend(entry(&format!("{NAME}/{path}"), tar::EntryType::Regular, "", content.as_bytes()));
    }
    // Something beside that cannot be packed, so that an archive is longer than what is pinned in it.
    let mut state = 1u64;
    let noise: Vec<u8> = (0..60_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    tar.extend(entry(&format!("{NAME}/beside.bin"), tar::EntryType::Regular, "", &noise));
    more.iter().for_each(|entry| tar.extend_from_slice(entry));
    tar.extend([0; 1024]);
    gz(&tar)
}

/// The good archive.
pub(crate) fn archive() -> Vec<u8> {
    archive_with(&[])
}

/// Gzipped.
pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// What is pinned in the good archive: a folder and a file.
pub(crate) fn pins() -> [Pin; 2] {
    let tree: Tree = FILES
        .iter()
        .filter_map(|(path, content)| {
            Some((
                path.strip_prefix("charts/")?.to_owned(),
                Entry { content: content.as_bytes().to_vec(), executable: false },
            ))
        })
        .collect();
    let leak = |id: String| -> &'static str { Box::leak(id.into_boxed_str()) };
    let (repository, commit) = NAME.split_once('-').unwrap();
    let pin = |path, id: &dyn Fn(ObjectFormat) -> String| {
        let (id, sha256) = (leak(id(ObjectFormat::Sha1)), leak(id(ObjectFormat::Sha256)));
        Pin { repository, commit, path, id, sha256 }
    };
    [
        pin("charts", &|format| tree_id(&tree, true, format)),
        pin("lists/list.yaml", &|format| blob_id(FILES[3].1.as_bytes(), format)),
    ]
}
