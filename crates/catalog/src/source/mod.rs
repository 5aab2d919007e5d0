//! Where charts and lists are read from: a folder with the archives (or with them unpacked), or GitHub's archive of the
//! pinned commit. Whatever the way, nothing is used before its git id is the pinned one.
//!
//! Archives are read in memory and never unpacked to disk.

pub mod archive;
pub mod download;
pub mod folder;
pub mod git;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::combinations::Pin;
use crate::source::git::ObjectFormat;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Whether it is marked executable where it was read.
    pub executable: bool,
}

/// Files by path, with forward slashes.
pub type Tree = BTreeMap<String, Entry>;

/// Bounds on what is read from an archive or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that all of it may unpack to.
    pub unpacked: u64,
    /// Bytes that the files we keep may have together.
    pub kept: u64,
    /// Files and folders.
    pub entries: u64,
}

impl Default for Limits {
    /// Ten times what the pinned repositories need.
    fn default() -> Self {
        Self { unpacked: 1 << 30, kept: 128 << 20, entries: 200_000 }
    }
}

/// Where to read from.
pub enum SourceSpec {
    /// A folder that holds `REPOSITORY-COMMIT.tar.gz` archives or folders of that name, or one of those archives: the
    /// others are looked for beside it.
    Folder(PathBuf),
    /// GitHub's archive address, kept in a cache folder.
    Download(download::Download),
}

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes so far.
    pub done: u64,
    /// Bytes in all, if the server said so.
    pub total: Option<u64>,
}

/// What each pin names, verified: a file under its own path, a folder's files under paths relative to it.
///
/// # Errors
/// Everything that reading can meet, and [`Error::WrongHash`].
pub async fn read(
    spec: &SourceSpec,
    pins: &[Pin],
    limits: Limits,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Vec<Tree>, Error> {
    let folder = match spec {
        SourceSpec::Folder(folder) => folder.clone(),
        SourceSpec::Download(download) => {
            let mut base = Progress { done: 0, total: Some(0) };
            let mut names = Vec::new();
            for pin in pins {
                if names.contains(&pin.source_name()) {
                    continue;
                }
                names.push(pin.source_name());
                let of_source: Vec<Pin> =
                    pins.iter().copied().filter(|p| p.source_name() == pin.source_name()).collect();
                let before = base;
                let last = std::sync::Mutex::new(before);
                download
                    .fetch(&of_source, limits, &|p| {
                        let sum = Progress { done: before.done + p.done, total: p.total.map(|t| before.done + t) };
                        if let Ok(mut last) = last.lock() {
                            *last = sum;
                        }
                        progress(sum);
                    })
                    .await?;
                base = last.into_inner().unwrap_or(before);
            }
            download.cache.clone()
        }
    };
    let pins = pins.to_vec();
    run_blocking(move || read_folder(&folder, &pins, limits)).await
}

/// [`read`] from a folder, at once.
///
/// # Errors
/// As [`read`].
pub fn read_folder(folder: &Path, pins: &[Pin], limits: Limits) -> Result<Vec<Tree>, Error> {
    let folder = beside(folder);
    let mut sources: BTreeMap<String, Tree> = BTreeMap::new();
    for pin in pins {
        let name = pin.source_name();
        if sources.contains_key(&name) {
            continue;
        }
        let wanted: Vec<&str> = pins.iter().filter(|p| p.source_name() == name).map(|p| p.path).collect();
        let archive = folder.join(format!("{name}.tar.gz"));
        let unpacked = folder.join(&name);
        let tree = if archive.is_file() {
            archive::read(&archive, &name, &wanted, limits)?
        } else if unpacked.is_dir() {
            folder::read(&unpacked, &wanted, limits)?
        } else {
            return Err(Error::SourceMissing { folder: folder.to_owned(), name });
        };
        sources.insert(name, tree);
    }
    pins.iter().map(|pin| verified(pin, &sources[&pin.source_name()])).collect()
}

/// Whether a folder holds what the pins name, without reading it.
#[must_use]
pub fn holds(folder: &Path, pins: &[Pin]) -> bool {
    let folder = beside(folder);
    pins.iter().all(|pin| {
        let name = pin.source_name();
        folder.join(format!("{name}.tar.gz")).is_file() || folder.join(name).is_dir()
    })
}

/// The folder that is meant when an archive in it was named.
fn beside(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if path.is_file() => parent,
        _ => path,
    }
}

/// What a pin names out of a source's files, if both its ids are the pinned ones.
fn verified(pin: &Pin, source: &Tree) -> Result<Tree, Error> {
    let compare = |id: &dyn Fn(ObjectFormat) -> Vec<String>| {
        for (format, wanted) in [(ObjectFormat::Sha1, pin.id), (ObjectFormat::Sha256, pin.sha256)] {
            let found = id(format);
            if !found.iter().any(|id| id == wanted) {
                return Err(Error::WrongHash {
                    source_name: pin.source_name(),
                    path: pin.path.to_owned(),
                    wanted: wanted.to_owned(),
                    found: found.into_iter().next().unwrap_or_default(),
                });
            }
        }
        Ok(())
    };
    if let Some(file) = source.get(pin.path) {
        compare(&|format| vec![git::blob_id(&file.content, format)])?;
        return Ok(Tree::from([(pin.path.to_owned(), file.clone())]));
    }
    let prefix = if pin.path.is_empty() { String::new() } else { format!("{}/", pin.path) };
    let tree: Tree = source
        .iter()
        .filter_map(|(path, entry)| Some((path.strip_prefix(&prefix)?.to_owned(), entry.clone())))
        .collect();
    if tree.is_empty() {
        return Err(Error::PathMissing { source_name: pin.source_name(), path: pin.path.to_owned() });
    }
    // Some file systems mark every file executable: the id without any such mark is as good a proof of the content.
    compare(&|format| [true, false].map(|executable| git::tree_id(&tree, executable, format)).to_vec())?;
    Ok(tree)
}

/// Whether `path` is one of `wanted` or lies below one.
fn is_wanted(path: &str, wanted: &[&str]) -> bool {
    wanted.iter().any(|w| w.is_empty() || path == *w || path.strip_prefix(w).is_some_and(|rest| rest.starts_with('/')))
}

async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::Io { path: PathBuf::new(), error: std::io::Error::other(error) }),
    }
}
