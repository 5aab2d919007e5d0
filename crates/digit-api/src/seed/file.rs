//! The file itself: as JSON, or in the archive of the repository that it comes from.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use flate2::read::GzDecoder;

use crate::Error;

/// Where it lies in the archive, below the folder that the archive is named after.
const IN_ARCHIVE: &str = "deploy-as-code/bootstrap_scripts/seed_data.json";
/// No seed data are larger, in bytes.
const LARGEST: u64 = 32 << 20;

/// Reads the seed data's text from a `.json`, or from a `.tar.gz` that holds them.
///
/// # Errors
/// [`Error::Io`] when it cannot be read; [`Error::Seed`] when an archive holds none, or they are larger than any.
pub fn open(path: &Path) -> Result<String, Error> {
    let io = |error| Error::Io { path: path.to_owned(), error };
    let wrong = |reason| Error::Seed { place: path.display().to_string(), reason, detail: String::new() };
    let file = BufReader::new(File::open(path).map_err(io)?);
    let whole = |reader: &mut dyn std::io::Read| {
        let mut text = String::new();
        reader.take(LARGEST + 1).read_to_string(&mut text).map_err(io)?;
        if text.len() as u64 > LARGEST { Err(wrong("too-large")) } else { Ok(text) }
    };
    if !path.to_string_lossy().ends_with(".gz") {
        return whole(&mut { file });
    }
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    for entry in archive.entries().map_err(io)? {
        let mut entry = entry.map_err(io)?;
        let ours =
            entry.path().is_ok_and(|p| p.components().skip(1).collect::<std::path::PathBuf>() == Path::new(IN_ARCHIVE));
        if ours {
            return whole(&mut entry);
        }
    }
    Err(wrong("no-seed-data"))
}
