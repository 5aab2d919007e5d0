//! Where the key of a vault comes from: the operating system's keychain, or a passphrase.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::sealed;

/// Where the key of a vault comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// The operating system's keychain.
    Keychain(Keychain),
    /// A passphrase that a person knows, or that stands in the file `DIGIT_PASSPHRASE_FILE` names.
    Passphrase(SecretString),
}

impl KeySource {
    /// What is right for the vault in this file. One that exists says itself how it was made. A new one is made with the
    /// passphrase if one was given, as that was done on purpose, else with the keychain if it works;
    /// [`Error::NoKeySource`] otherwise, and then nothing is to be started.
    pub async fn choose(path: &Path, keychain: Keychain, passphrase: Option<SecretString>) -> Result<Self, Error> {
        match (sealed::kind(path)?, passphrase) {
            (Some(sealed::Kind::Keychain), _) => Ok(KeySource::Keychain(keychain)),
            (Some(sealed::Kind::Passphrase) | None, Some(passphrase)) => Ok(KeySource::Passphrase(passphrase)),
            (Some(sealed::Kind::Passphrase), None) => Err(Error::NeedsPassphrase),
            (None, None) => match keychain.probe().await {
                Ok(()) => Ok(KeySource::Keychain(keychain)),
                Err(e) => Err(Error::NoKeySource { keychain: Box::new(e) }),
            },
        }
    }
}

/// The service under which keys are listed in the keychain's own window.
const SERVICE: &str = "digit-installer";
/// A person may be asked to unlock it, and then it answers late or never.
const PATIENCE: Duration = Duration::from_secs(30);

type Connect = Arc<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync>;

/// The operating system's keychain.
#[derive(Clone)]
pub struct Keychain {
    label: String,
    patience: Duration,
    connect: Connect,
}

impl Keychain {
    /// The one of this computer. `label`: what a person recognises the key by: the name of the installation.
    pub fn of_system(label: impl Into<String>) -> Self {
        Keychain { label: label.into(), patience: PATIENCE, connect: Arc::new(system_store) }
    }

    /// Another store, for tests.
    pub fn of(
        label: impl Into<String>,
        connect: impl Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync + 'static,
    ) -> Self {
        Keychain { label: label.into(), patience: PATIENCE, connect: Arc::new(connect) }
    }

    /// The same with another time to wait for an answer.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether it works: keeps something, gives it back and forgets it.
    pub async fn probe(&self) -> Result<(), Error> {
        self.bounded(|store| {
            let entry = Entry::new_in_store(store, SERVICE, "probe")?;
            entry.set_password("probe")?;
            let kept = entry.get_password()?;
            entry.delete_credential()?;
            Ok(kept == "probe")
        })
        .await
        .and_then(|works| if works { Ok(()) } else { Err(Error::KeychainUnavailable("keeps nothing".to_owned())) })
    }

    pub(crate) fn new_account(&self, random: [u8; 4]) -> String {
        // Two installations of the same name, under two homes, must not share a key.
        format!("{}/{}", self.label, hex::encode(random))
    }

    /// Keeps a key, and makes sure that it is kept.
    pub(crate) async fn keep(&self, account: &str, key: &SecretString) -> Result<(), Error> {
        let (account, key) = (account.to_owned(), key.clone());
        let kept = self.bounded(move |store| {
            let entry = Entry::new_in_store(store, SERVICE, &account)?;
            entry.set_password(key.expose_secret())?;
            Ok(*Zeroizing::new(entry.get_password()?) == key.expose_secret())
        });
        if kept.await? { Ok(()) } else { Err(Error::KeychainUnavailable("keeps nothing".to_owned())) }
    }

    pub(crate) async fn get(&self, account: &str) -> Result<SecretString, Error> {
        let account = account.to_owned();
        let found = self.bounded(move |store| match Entry::new_in_store(store, SERVICE, &account)?.get_password() {
            Ok(key) => Ok(Some(SecretString::from(key))),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(e) => Err(e),
        });
        found.await?.ok_or(Error::KeyMissing)
    }

    /// Forgets a key; it is no error if there is none.
    pub(crate) async fn forget(&self, account: &str) -> Result<(), Error> {
        let account = account.to_owned();
        self.bounded(move |store| match Entry::new_in_store(store, SERVICE, &account)?.delete_credential() {
            Err(keyring_core::Error::NoEntry) => Ok(()),
            result => result,
        })
        .await
    }

    /// Asks the keychain from a thread of its own, for a bounded time. Not one of tokio's: a question that is never
    /// answered would keep the program from ending.
    async fn bounded<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Arc<CredentialStore>) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, told) = tokio::sync::oneshot::channel();
        let connect = self.connect.clone();
        std::thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || {
                // Nobody may be waiting any more.
                let _ = tell.send(connect().and_then(|store| ask(&store)));
            })
            .map_err(|e| Error::KeychainUnavailable(e.to_string()))?;
        match tokio::time::timeout(self.patience, told).await {
            Ok(Ok(answer)) => answer.map_err(error),
            Ok(Err(_)) => Err(Error::KeychainUnavailable("panicked".to_owned())),
            Err(_) => Err(Error::KeychainTimeout { seconds: self.patience.as_secs() }),
        }
    }
}

impl fmt::Debug for Keychain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keychain").field("label", &self.label).finish_non_exhaustive()
    }
}

/// Some of the keychain's errors hold what it stored, so only two of them are passed on with their words.
fn error(e: keyring_core::Error) -> Error {
    match e {
        keyring_core::Error::NoStorageAccess(e) => Error::KeychainLocked(e.to_string()),
        keyring_core::Error::PlatformFailure(e) => Error::KeychainUnavailable(e.to_string()),
        keyring_core::Error::NoEntry => Error::KeyMissing,
        _ => Error::KeychainUnavailable("unexpected answer".to_owned()),
    }
}

#[cfg(target_os = "linux")]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NotSupportedByStore("no keychain on this system".to_owned()))
}
