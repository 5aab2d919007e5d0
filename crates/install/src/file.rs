//! Files that are replaced as a whole.

use std::io::Write as _;
use std::path::Path;

use crate::error::Error;

/// Replaces a file as a whole: what was there stays until the new content is on the disk.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let as_ours = |source| Error::File { path: path.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(as_ours)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(as_ours)?;
    file.write_all(content).map_err(as_ours)?;
    file.as_file().sync_all().map_err(as_ours)?;
    file.persist(path).map_err(|e| as_ours(e.error))?;
    Ok(())
}
