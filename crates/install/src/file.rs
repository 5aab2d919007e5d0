//! Files that are replaced as a whole.

use std::path::Path;

use crate::error::Error;

/// Replaces a file as a whole: what was there stays until the new content is on the disk.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    atomic_file::replace(path, content).map_err(|source| Error::File { path: path.to_owned(), source })
}
