//! The vault of one installation.

use std::collections::btree_map::Entry;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use age::x25519;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;

use crate::error::Error;
use crate::keychain::{KeySource, Keychain};
use crate::redact::Redactor;
use crate::sealed::{self, KeptKey, Secrets};

/// The secrets of one installation. What it gives out is on the disk; what it is given is on the disk when it comes back.
/// Only the holder of the installation's lock opens it.
pub struct Vault {
    path: PathBuf,
    key: x25519::Identity,
    kept: KeptKey,
    secrets: Mutex<Secrets>,
    write_once: WriteOnce,
    redactor: Redactor,
}

/// Whether a secret of this name can never be replaced, since data that was written with it could not be read any more.
pub type WriteOnce = fn(&str) -> bool;

/// What an import brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Secrets that were not here.
    pub added: usize,
    /// Secrets that had another value here.
    pub replaced: usize,
    /// Secrets that were the same.
    pub unchanged: usize,
}

/// The name under which a value that a chart draws is kept: release, function, arguments, and which of several calls
/// with the same arguments it is, from 0.
pub fn drawn_name(release: &str, function: &str, arguments: &str, occurrence: usize) -> String {
    format!("{release}|{function}|{arguments}|{occurrence}")
}

/// A key for a vault that is still to be made, and where it is kept. To encrypt it with a passphrase takes a third of a
/// second, which whoever knows early that it will be needed has to spare.
pub struct NewKey {
    key: x25519::Identity,
    kept: KeptKey,
}

impl NewKey {
    /// Draws a key and encrypts it. Writes nothing.
    pub async fn draw(passphrase: SecretString) -> Result<Self, Error> {
        NewKey::lock(x25519::Identity::generate(), passphrase).await
    }

    async fn lock(key: x25519::Identity, passphrase: SecretString) -> Result<Self, Error> {
        blocking(move || Ok(NewKey { kept: sealed::lock_key(&key, &passphrase)?, key })).await
    }
}

impl Vault {
    /// Makes an empty vault in this file; [`Error::Exists`] if there is one.
    pub fn make_with(path: &Path, key: NewKey, write_once: WriteOnce) -> Result<Self, Error> {
        if path.exists() {
            return Err(Error::Exists(path.to_owned()));
        }
        Vault::write_new(path, key, Secrets::new(), write_once)
    }

    /// Opens the vault in this file, or makes it. Nothing is made if the key cannot be kept.
    pub async fn open(path: &Path, source: &KeySource, write_once: WriteOnce) -> Result<Self, Error> {
        let Some(sealed) = sealed::read(path)? else {
            return Vault::make(path, source, x25519::Identity::generate(), Secrets::new(), write_once).await;
        };
        let key = match (&sealed.key, source) {
            (KeptKey::Keychain(account), KeySource::Keychain(keychain)) => {
                sealed::key_from(&keychain.get(account).await?)?
            }
            (KeptKey::Passphrase(kept), KeySource::Passphrase(passphrase)) => {
                let (kept, passphrase, path) = (kept.clone(), passphrase.clone(), path.to_owned());
                blocking(move || sealed::unlock_key(&kept, &passphrase, &path)).await?
            }
            (KeptKey::Passphrase(_), KeySource::Keychain(_)) => return Err(Error::NeedsPassphrase),
            (KeptKey::Keychain(_), KeySource::Passphrase(_)) => return Err(Error::KeyMissing),
        };
        let secrets = sealed::unseal(&sealed.content, &key, path)?;
        Ok(Vault::with(path, key, sealed.key, secrets, write_once))
    }

    /// Makes a vault from a recovery kit, on a computer that has none of this installation. The key is the old one, so
    /// that what was exported can be imported.
    pub async fn restore(
        path: &Path,
        source: &KeySource,
        kit: &[u8],
        passphrase: &SecretString,
        write_once: WriteOnce,
    ) -> Result<Self, Error> {
        if path.exists() {
            return Err(Error::Exists(path.to_owned()));
        }
        let (kit, passphrase) = (kit.to_vec(), passphrase.clone());
        let kit = blocking(move || sealed::read_kit(&kit, &passphrase)).await?;
        Vault::make(path, source, kit.key, kit.secrets, write_once).await
    }

    async fn make(
        path: &Path,
        source: &KeySource,
        key: x25519::Identity,
        secrets: Secrets,
        write_once: WriteOnce,
    ) -> Result<Self, Error> {
        let key = match source {
            KeySource::Keychain(keychain) => {
                let account = keychain.new_account(rand::random());
                keychain.keep(&account, &key.to_string()).await?;
                NewKey { key, kept: KeptKey::Keychain(account) }
            }
            KeySource::Passphrase(passphrase) => NewKey::lock(key, passphrase.clone()).await?,
        };
        Vault::write_new(path, key, secrets, write_once)
    }

    fn write_new(
        path: &Path,
        NewKey { key, kept }: NewKey,
        secrets: Secrets,
        write_once: WriteOnce,
    ) -> Result<Self, Error> {
        sealed::write(path, &kept, &sealed::seal(&secrets, &key)?)?;
        Ok(Vault::with(path, key, kept, secrets, write_once))
    }

    fn with(path: &Path, key: x25519::Identity, kept: KeptKey, secrets: Secrets, write_once: WriteOnce) -> Self {
        let redactor = Redactor::default();
        redactor.add_all(secrets.values());
        Vault { path: path.to_owned(), key, kept, secrets: Mutex::new(secrets), write_once, redactor }
    }

    /// Deletes a vault and its key, when the installation is gone. It is no error if there is none.
    pub async fn destroy(path: &Path, keychain: &Keychain) -> Result<(), Error> {
        let Some(sealed) = sealed::read(path)? else { return Ok(()) };
        std::fs::remove_file(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        match sealed.key {
            KeptKey::Keychain(account) => keychain.forget(&account).await,
            KeptKey::Passphrase(_) => Ok(()),
        }
    }

    /// A secret.
    pub fn get(&self, name: &str) -> Option<SecretString> {
        self.lock().get(name).cloned()
    }

    /// The names of all secrets.
    pub fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Keeps a secret, also in place of another one; [`Error::WriteOnce`] if data depends on that.
    pub fn put(&self, name: &str, secret: SecretString) -> Result<(), Error> {
        let mut secrets = self.lock();
        match secrets.get(name) {
            Some(there) if there.expose_secret() == secret.expose_secret() => return Ok(()),
            Some(_) if (self.write_once)(name) => return Err(Error::WriteOnce { name: name.to_owned() }),
            _ => {}
        }
        let mut new = secrets.clone();
        new.insert(name.to_owned(), secret);
        self.write(&mut secrets, new)
    }

    /// The secret of this name; made and kept if there is none yet. What comes back is on the disk.
    pub fn draw(&self, name: &str, make: impl FnOnce() -> SecretString) -> Result<SecretString, Error> {
        let mut secrets = self.lock();
        if let Some(there) = secrets.get(name) {
            return Ok(there.clone());
        }
        let secret = make();
        let mut new = secrets.clone();
        new.insert(name.to_owned(), secret.clone());
        self.write(&mut secrets, new)?;
        Ok(secret)
    }

    /// Forgets a secret; never one that data depends on.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        if (self.write_once)(name) {
            return Err(Error::WriteOnce { name: name.to_owned() });
        }
        let mut secrets = self.lock();
        let mut new = secrets.clone();
        if new.remove(name).is_some() { self.write(&mut secrets, new) } else { Ok(()) }
    }

    /// What takes this vault's secrets out of texts; it learns of those that come later, and goes on taking out those
    /// that are gone.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// All secrets, encrypted for this vault's key: to be kept in the cluster.
    pub fn export(&self) -> Result<Vec<u8>, Error> {
        sealed::seal(&self.lock(), &self.key)
    }

    /// Takes in what was exported. Nothing is taken in if a secret that data depends on would be replaced.
    pub fn import(&self, exported: &[u8]) -> Result<Imported, Error> {
        let incoming = sealed::unseal(exported, &self.key, Path::new(""))?;
        let mut secrets = self.lock();
        let mut new = secrets.clone();
        let mut imported = Imported { added: 0, replaced: 0, unchanged: 0 };
        for (name, secret) in incoming {
            let is_once = (self.write_once)(&name);
            match new.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(secret);
                    imported.added += 1;
                }
                Entry::Occupied(there) if there.get().expose_secret() == secret.expose_secret() => {
                    imported.unchanged += 1;
                }
                Entry::Occupied(there) if is_once => return Err(Error::WriteOnce { name: there.key().clone() }),
                Entry::Occupied(mut there) => {
                    there.insert(secret);
                    imported.replaced += 1;
                }
            }
        }
        if imported.added + imported.replaced > 0 {
            self.write(&mut secrets, new)?;
        }
        Ok(imported)
    }

    /// The recovery kit: key and secrets, encrypted with a passphrase; any age program opens it.
    pub async fn recovery_kit(&self, passphrase: &SecretString) -> Result<Vec<u8>, Error> {
        let (key, secrets, passphrase) = (self.key.clone(), self.lock().clone(), passphrase.clone());
        blocking(move || sealed::write_kit(&key, &secrets, &passphrase)).await
    }

    fn lock(&self) -> MutexGuard<'_, Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes first and remembers then: what could not be written was never there.
    fn write(&self, secrets: &mut Secrets, new: Secrets) -> Result<(), Error> {
        sealed::write(&self.path, &self.kept, &sealed::seal(&new, &self.key)?)?;
        self.redactor.add_all(new.values());
        *secrets = new;
        Ok(())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("path", &self.path).field("names", &self.names()).finish_non_exhaustive()
    }
}

/// For what takes a good part of a second.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    spawn_blocking(work).await.map_err(|_| Error::Encryption)?
}
