//! What a program that uses this crate brings along: where files are, time, a passphrase.

use std::path::PathBuf;
use std::sync::Arc;

use engine::Clock;
use secrecy::SecretString;

use crate::error::Error;

/// What a program that uses this crate brings along.
#[derive(Clone)]
pub struct Surroundings {
    /// The folder of all installations.
    pub home: PathBuf,
    /// Where downloads are kept.
    pub cache: PathBuf,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// A passphrase for secrets, in place of the system's keychain.
    pub passphrase: Option<SecretString>,
    /// How much faster than real a rehearsal's cluster goes.
    pub rehearsal_speed: f64,
}

impl Surroundings {
    /// Where a program of this system works: its cache folder, its clock, and the passphrase from a file if one is
    /// named.
    pub fn usual(home: PathBuf, passphrase_file: Option<PathBuf>, rehearsal_speed: f64) -> Result<Self, Error> {
        let passphrase = match passphrase_file {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(&path).map_err(|source| Error::File { path, source })?;
                Some(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        };
        let cache = dirs::cache_dir().map_or_else(|| home.join("cache"), |d| d.join("digit-installer"));
        Ok(Surroundings { home, cache, clock: Arc::new(engine::SystemClock), passphrase, rehearsal_speed })
    }
}

/// Runs what computes or reads files for long beside the threads that wait for the network.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
