//! What can go wrong with the vault. No message holds a secret.

use std::io;
use std::path::PathBuf;

/// What can go wrong with the vault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no keychain and no passphrase, so nothing can be kept.
    #[error("neither a keychain nor a passphrase: {keychain}")]
    NoKeySource {
        /// What the keychain said.
        keychain: Box<Error>,
    },
    /// There is no keychain on this computer, or it does not work.
    #[error("keychain: {0}")]
    KeychainUnavailable(String),
    /// The keychain is locked and was not unlocked.
    #[error("keychain is locked: {0}")]
    KeychainLocked(String),
    /// The keychain did not answer in time, perhaps as it waits for somebody to unlock it.
    #[error("keychain did not answer in {seconds} s")]
    KeychainTimeout {
        /// Seconds waited.
        seconds: u64,
    },
    /// The keychain does not have the key of this vault: it was deleted, or the file comes from another computer.
    #[error("the key of the vault is not in the keychain")]
    KeyMissing,
    /// The vault was made with a passphrase, and none was given.
    #[error("the vault needs its passphrase")]
    NeedsPassphrase,
    /// The passphrase is not the right one.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// What is to be read was encrypted for another vault.
    #[error("encrypted with another key")]
    WrongKey,
    /// The file is damaged. It is left as it is.
    #[error("{path}: damaged: {what}")]
    Damaged {
        /// The file; empty if it is none.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// It was written by a newer version.
    #[error("{path}: format {found} is newer than {known}")]
    Newer {
        /// The file; empty if it is none.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest one that is known here.
        known: u32,
    },
    /// There is a vault already.
    #[error("{0}: exists already")]
    Exists(PathBuf),
    /// A secret that data depends on would be replaced.
    #[error("{name} can never be replaced")]
    WriteOnce {
        /// Its name.
        name: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Encryption failed, which only a defect explains.
    #[error("encryption failed")]
    Encryption,
}

impl Error {
    /// Stable code, for words.
    pub fn code(&self) -> &'static str {
        match self {
            Error::NoKeySource { .. } => "no-key-source",
            Error::KeychainUnavailable(_) => "keychain-unavailable",
            Error::KeychainLocked(_) => "keychain-locked",
            Error::KeychainTimeout { .. } => "keychain-timeout",
            Error::KeyMissing => "vault-key-missing",
            Error::NeedsPassphrase => "needs-passphrase",
            Error::WrongPassphrase => "wrong-passphrase",
            Error::WrongKey => "vault-wrong-key",
            Error::Damaged { .. } => "vault-damaged",
            Error::Newer { .. } => "vault-newer",
            Error::Exists(_) => "vault-exists",
            Error::WriteOnce { .. } => "write-once",
            Error::File { source, .. }
                if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) =>
            {
                "disk-full"
            }
            Error::File { .. } => "vault-file",
            Error::Encryption => "encryption-failed",
        }
    }
}
