//! The pretend cluster on disk: a rehearsal survives closing the window and kill -9.
//!
//! One file, one change a line, appended before the answer is given; a line that a crash cut off is dropped when it is read. When the file
//! has grown to several times what is alive it is written anew beside itself and takes the old one's place in one step.
//!
//! Only one program at a time has it open (a lock beside it, which ends with the program); inside a program all who open the same file get
//! the same cluster.
//!
//! A rehearsal may hold real secrets (people carry its answers over), so each line is sealed with a key that the caller keeps in the vault.
//! Without a key Secrets are left out of the file: after loading they are gone and whoever needs them makes them again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretBox};
use serde_json::{Value, json};

use super::store::{Key, Store};

/// Where the pretend cluster is kept.
#[derive(Debug)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The key that seals it, 32 bytes from the vault. Without one Secrets are not written.
    pub key: Option<SecretBox<[u8; 32]>>,
}

/// The open file.
#[derive(Debug)]
pub(super) struct Keep {
    place: Place,
    file: Option<File>,
    /// Held while it is open.
    _lock: File,
    written: u64,
    /// What could not be written, for whoever asks.
    pub(super) trouble: Option<String>,
}

/// Below this nobody cares how much of a file is history.
const SMALL: u64 = 8 << 20;

impl Keep {
    /// Reads what is there into the store. A file that cannot be read with this key is an error; one that is not there is a new cluster.
    pub(super) fn open(place: Place, store: &mut Store) -> std::io::Result<(Keep, bool)> {
        let lock = private(&place.path.with_extension("lock"))?;
        lock.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => {
                std::io::Error::new(std::io::ErrorKind::ResourceBusy, "pretend cluster: open in another program")
            }
            TryLockError::Error(e) => e,
        })?;
        let mut keep = Keep { place, file: None, _lock: lock, written: 0, trouble: None };
        let known = match File::open(&keep.place.path) {
            Ok(file) => keep.read(file, store)?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => false,
            Err(e) => return Err(e),
        };
        store.saving = true;
        keep.rewrite(store)?;
        Ok((keep, known))
    }

    fn read(&self, file: File, store: &mut Store) -> std::io::Result<bool> {
        let mut objects = std::collections::BTreeMap::new();
        let (mut version, mut drawn, mut any) = (1, 0, false);
        let mut lines = BufReader::new(file).lines().peekable();
        while let Some(line) = lines.next() {
            let line = match line {
                Ok(line) => line,
                // Cut in the middle of a character.
                Err(_) if lines.peek().is_none() => break,
                Err(e) => return Err(e),
            };
            let Some(entry) = self.unsealed(&line) else {
                if lines.peek().is_none() {
                    break;
                }
                return Err(std::io::Error::new(
                    std::io::ErrorKind::InvalidData,
                    "pretend cluster: a line cannot be read with this key",
                ));
            };
            any = true;
            version = entry["version"].as_u64().unwrap_or(version);
            drawn = entry["drawn"].as_u64().unwrap_or(drawn);
            let part = |at: usize| entry["key"][at].as_str().unwrap_or_default().to_owned();
            let key = Key { group: part(0), plural: part(1), namespace: part(2), name: part(3) };
            if entry["object"].is_null() {
                objects.remove(&key);
            } else {
                objects.insert(key, entry["object"].clone());
            }
        }
        store.restore(objects.into_iter().collect(), version, drawn);
        Ok(any)
    }

    fn unsealed(&self, line: &str) -> Option<Value> {
        let Some(key) = &self.place.key else { return serde_json::from_str(line).ok() };
        let bytes = base64::engine::general_purpose::STANDARD.decode(line).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(24)?;
        let cipher = XChaCha20Poly1305::new(key.expose_secret().into());
        let plain = cipher.decrypt(XNonce::from_slice(nonce), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    fn sealed(&self, entry: &Value) -> Option<String> {
        let plain = entry.to_string();
        let Some(key) = &self.place.key else { return Some(plain) };
        let nonce: [u8; 24] = rand::rng().random();
        let cipher = XChaCha20Poly1305::new(key.expose_secret().into());
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), plain.as_bytes()).ok()?;
        Some(base64::engine::general_purpose::STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    fn line(&self, key: &Key, object: Option<&Value>, store: &Store) -> Option<String> {
        if self.place.key.is_none() && key.group.is_empty() && key.plural == "secrets" {
            return None;
        }
        let entry = json!({"key": [key.group, key.plural, key.namespace, key.name], "object": object, "version": store.version(), "drawn": store.drawn()});
        let mut line = self.sealed(&entry)?;
        line.push('\n');
        Some(line)
    }

    /// Appends changes. What goes wrong is noted, not fatal: the cluster in memory goes on.
    pub(super) fn write(&mut self, changes: &[(Key, Option<Arc<Value>>)], store: &Store) {
        let mut text = String::new();
        for (key, object) in changes {
            text.extend(self.line(key, object.as_deref(), store));
        }
        let done = match &mut self.file {
            Some(file) => file.write_all(text.as_bytes()),
            None => Ok(()),
        };
        self.written += text.len() as u64;
        let alive = || -> u64 { store.everything().map(|(_, object)| object.to_string().len() as u64).sum() };
        let done = match done {
            Ok(()) if self.written > SMALL && self.written > 8 * alive() => self.rewrite(store),
            other => other,
        };
        self.trouble = done.err().map(|e| e.to_string());
    }

    fn rewrite(&mut self, store: &Store) -> std::io::Result<()> {
        let mut text = String::new();
        for (key, object) in store.everything() {
            text.extend(self.line(key, Some(object), store));
        }
        // Windows replaces no file that is open.
        self.file = None;
        atomic_file::replace(&self.place.path, text.as_bytes())?;
        self.written = text.len() as u64;
        self.file = Some(OpenOptions::new().append(true).open(&self.place.path)?);
        Ok(())
    }
}

#[cfg(unix)]
fn private(path: &std::path::Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Elsewhere the folder's own rights hold: it lies in the user's profile.
#[cfg(not(unix))]
fn private(path: &std::path::Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}
