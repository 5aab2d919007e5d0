//! What is kept between two runs: the number of the complaint, a drawn password. For its owner alone.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use digit_api::{Error, Remembered};
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

const REMEMBERED: &str = "remembered.json";

/// The folder that these addresses are kept in when none is named.
pub(crate) fn usual(of: &[&str]) -> PathBuf {
    let hash = hex::encode(Sha256::digest(of.join("\n")));
    std::env::temp_dir().join(format!("digit-first-hour-{}", &hash[..16]))
}

/// Makes the folder, for its owner alone.
pub(crate) fn make(folder: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Error::Io { path: folder.to_owned(), error })
}

/// Whether nobody else can put something into the folder: in the common temporary folder anybody may have made it before us.
pub(crate) fn is_ours(folder: &Path) -> Result<(), Error> {
    let io = |error| Error::Io { path: folder.to_owned(), error };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let ours = tempfile::tempfile_in(folder).and_then(|f| f.metadata()).map_err(io)?.uid();
        let of = std::fs::symlink_metadata(folder).map_err(io)?;
        if !of.is_dir() || of.uid() != ours || of.mode() & 0o077 != 0 {
            return Err(io(io::Error::new(ErrorKind::PermissionDenied, "the folder is not ours alone")));
        }
    }
    #[cfg(not(unix))]
    std::fs::metadata(folder).map_err(io)?;
    Ok(())
}

/// What was remembered, or nothing.
pub(crate) fn remembered(folder: &Path) -> Result<Remembered, Error> {
    let path = folder.join(REMEMBERED);
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| Error::Io { path, error: io::Error::other(error) }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Remembered::default()),
        Err(error) => Err(Error::Io { path, error }),
    }
}

/// Keeps it: whole, on the disk, before anything goes on.
pub(crate) fn remember(folder: &Path, known: &Remembered) -> io::Result<()> {
    replace(&folder.join(REMEMBERED), serde_json::to_string(known).map_err(io::Error::other)?.as_bytes())
}

/// A file for its owner alone, replaced as a whole.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Made with 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// The password in a file; one line break at its end is not part of it.
pub(crate) fn read_password(path: &Path) -> Result<SecretString, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::Io { path: path.to_owned(), error })?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(SecretString::from(text.strip_suffix('\r').unwrap_or(text)))
}

/// The password that was drawn for this user, or a new one that is kept before it is used.
pub(crate) fn drawn_password(folder: &Path, user: &str) -> Result<SecretString, Error> {
    // The name may hold what no file name can.
    let path = folder.join(format!("password-{}", &hex::encode(Sha256::digest(user))[..16]));
    if path.exists() {
        return read_password(&path);
    }
    let mut rng = rand::rng();
    let password = digit_api::user::draw(&mut |bound| rng.random_range(0..bound));
    replace(&path, password.expose_secret().as_bytes()).map_err(|error| Error::Io { path, error })?;
    Ok(password)
}
