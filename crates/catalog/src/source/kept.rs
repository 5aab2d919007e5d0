//! Sources that are at hand in a folder, as archives or unpacked: what the pins name in them, verified.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::git::ObjectFormat;
use super::tree::{Limits, Tree};
use super::{archive, folder, git};
use crate::Error;
use crate::combinations::Pin;

/// [`read`](super::read) from a folder, at once.
///
/// # Errors
/// As [`read`](super::read).
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
pub(super) fn verified(pin: &Pin, source: &Tree) -> Result<Tree, Error> {
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

/// Reading and hashing takes a while: elsewhere than where others are waited for.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::Io { path: PathBuf::new(), error: std::io::Error::other(error) }),
    }
}
