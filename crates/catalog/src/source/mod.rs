//! Where charts and lists are read from: a folder with the archives (or with them unpacked), or GitHub's archive of the
//! pinned commit. Whatever the way, nothing is used before its git id is the pinned one.
//!
//! Archives are read in memory and never unpacked to disk.

pub mod archive;
pub mod download;
pub mod folder;
pub mod git;
mod kept;
mod tree;

use std::path::PathBuf;

pub use kept::{holds, read_folder};
pub use tree::{Entry, Limits, Progress, Tree};

use crate::Error;
use crate::combinations::Pin;
pub(crate) use kept::run_blocking;

/// Where to read from.
pub enum SourceSpec {
    /// A folder that holds `REPOSITORY-COMMIT.tar.gz` archives or folders of that name, or one of those archives: the
    /// others are looked for beside it.
    Folder(PathBuf),
    /// GitHub's archive address, kept in a cache folder.
    Download(download::Download),
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
            let mut base = Progress { total: Some(0), ..Progress::default() };
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
                        let total = p.total.map(|t| before.done + t);
                        let sum = Progress { done: before.done + p.done, total, ..p };
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
