//! What stands in the files: the vault itself, and the recovery kit.
//!
//! The vault is a line of JSON with the content as an age file in base64. The content is encrypted for the vault's own
//! X25519 key, so that writing costs nothing; a passphrase, which costs a second each time, encrypts only that key. Both
//! parts can be opened with the `age` program alone. The recovery kit is a plain age file for a passphrase.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::str::FromStr;

use age::{DecryptError, scrypt, x25519};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::error::Error;

pub(crate) type Secrets = BTreeMap<String, SecretString>;

const FORMAT: &str = "digit-vault";
const KIT_FORMAT: &str = "digit-recovery-kit";
const VERSION: u32 = 1;
/// 2^17 rounds, which OWASP advises: a third of a second and 128 MiB.
const WORK: u8 = 17;
/// More than that is not tried: a file could be made to keep a computer busy for hours.
const MOST_WORK: u8 = 20;

/// How the key of a vault is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Keychain,
    Passphrase,
}

/// How the key of a vault is kept, as its file says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeptKey {
    /// In the keychain, under this account.
    Keychain(String),
    /// Here, as an age file for a passphrase, in base64.
    Passphrase(String),
}

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    version: u32,
    key: KeptKey,
    content: String,
}

/// What is said first, whatever the version.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// A vault's file as read, still encrypted.
pub(crate) struct Sealed {
    pub(crate) key: KeptKey,
    pub(crate) content: Vec<u8>,
}

/// How the vault in this file keeps its key; `None`: there is no file.
pub(crate) fn kind(path: &Path) -> Result<Option<Kind>, Error> {
    Ok(read(path)?.map(|sealed| match sealed.key {
        KeptKey::Keychain(_) => Kind::Keychain,
        KeptKey::Passphrase(_) => Kind::Passphrase,
    }))
}

pub(crate) fn read(path: &Path) -> Result<Option<Sealed>, Error> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::File { path: path.to_owned(), source }),
    };
    check_head(&bytes, FORMAT, path)?;
    let damaged = |what| Error::Damaged { path: path.to_owned(), what };
    let file: File = serde_json::from_slice(&bytes).map_err(|_| damaged("not readable"))?;
    let content = BASE64_STANDARD.decode(file.content).map_err(|_| damaged("content is no base64"))?;
    Ok(Some(Sealed { key: file.key, content }))
}

fn check_head(bytes: &[u8], format: &str, path: &Path) -> Result<(), Error> {
    let damaged = |what| Error::Damaged { path: path.to_owned(), what };
    let head: Head = serde_json::from_slice(bytes).map_err(|_| damaged("not readable"))?;
    if head.format != format {
        return Err(damaged("something else"));
    }
    if head.version > VERSION {
        return Err(Error::Newer { path: path.to_owned(), found: head.version, known: VERSION });
    }
    Ok(())
}

/// Replaces the file as a whole: whoever opens it later finds the old one or the new one.
pub(crate) fn write(path: &Path, key: &KeptKey, content: &[u8]) -> Result<(), Error> {
    let content = BASE64_STANDARD.encode(content);
    let file = File { format: FORMAT.to_owned(), version: VERSION, key: key.clone(), content };
    let mut bytes = serde_json::to_vec(&file).map_err(|_| Error::Encryption)?;
    bytes.push(b'\n');
    atomic_file::replace(path, &bytes).map_err(|source| Error::File { path: path.to_owned(), source })
}

/// Encrypts all secrets for the vault's key.
pub(crate) fn seal(secrets: &Secrets, key: &x25519::Identity) -> Result<Vec<u8>, Error> {
    let plain: BTreeMap<&str, &str> = secrets.iter().map(|(n, s)| (n.as_str(), s.expose_secret())).collect();
    let text = Zeroizing::new(serde_json::to_vec(&plain).map_err(|_| Error::Encryption)?);
    age::encrypt(&key.to_public(), &text).map_err(|_| Error::Encryption)
}

/// Decrypts them. `path`: the file they come from, for the error.
pub(crate) fn unseal(content: &[u8], key: &x25519::Identity, path: &Path) -> Result<Secrets, Error> {
    let text = age::decrypt(key, content).map_err(|e| decrypt_error(&e, Error::WrongKey, path))?;
    let text = Zeroizing::new(text);
    let plain: BTreeMap<String, String> = serde_json::from_slice(&text)
        .map_err(|_| Error::Damaged { path: path.to_owned(), what: "content is not readable" })?;
    Ok(into_secrets(plain))
}

fn into_secrets(plain: BTreeMap<String, String>) -> Secrets {
    plain.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect()
}

pub(crate) fn key_from(text: &SecretString) -> Result<x25519::Identity, Error> {
    x25519::Identity::from_str(text.expose_secret()).map_err(|_| Error::WrongKey)
}

/// Encrypts with a passphrase. Takes about a third of a second.
fn lock(text: &[u8], passphrase: &SecretString) -> Result<Vec<u8>, Error> {
    let mut recipient = scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(WORK);
    age::encrypt(&recipient, text).map_err(|_| Error::Encryption)
}

fn unlock(bytes: &[u8], passphrase: &SecretString, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MOST_WORK);
    let text = age::decrypt(&identity, bytes).map_err(|e| decrypt_error(&e, Error::WrongPassphrase, path))?;
    Ok(Zeroizing::new(text))
}

fn decrypt_error(e: &DecryptError, wrong_key: Error, path: &Path) -> Error {
    match e {
        DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => wrong_key,
        _ => Error::Damaged { path: path.to_owned(), what: "cannot be decrypted" },
    }
}

/// The vault's key, encrypted with a passphrase.
pub(crate) fn lock_key(key: &x25519::Identity, passphrase: &SecretString) -> Result<KeptKey, Error> {
    let bytes = lock(key.to_string().expose_secret().as_bytes(), passphrase)?;
    Ok(KeptKey::Passphrase(BASE64_STANDARD.encode(bytes)))
}

pub(crate) fn unlock_key(kept: &str, passphrase: &SecretString, path: &Path) -> Result<x25519::Identity, Error> {
    let damaged = |what| Error::Damaged { path: path.to_owned(), what };
    let bytes = BASE64_STANDARD.decode(kept).map_err(|_| damaged("key is no base64"))?;
    let text = unlock(&bytes, passphrase, path)?;
    let text = std::str::from_utf8(&text).map_err(|_| damaged("key is no text"))?;
    key_from(&SecretString::from(text))
}

/// What a recovery kit holds.
pub(crate) struct Kit {
    pub(crate) key: x25519::Identity,
    pub(crate) secrets: Secrets,
}

#[derive(Serialize)]
struct KitOut<'a> {
    format: &'a str,
    version: u32,
    key: &'a str,
    secrets: BTreeMap<&'a str, &'a str>,
}

#[derive(Deserialize)]
struct KitIn {
    key: String,
    secrets: BTreeMap<String, String>,
}

pub(crate) fn write_kit(
    key: &x25519::Identity,
    secrets: &Secrets,
    passphrase: &SecretString,
) -> Result<Vec<u8>, Error> {
    let key = key.to_string();
    let secrets = secrets.iter().map(|(n, s)| (n.as_str(), s.expose_secret())).collect();
    let kit = KitOut { format: KIT_FORMAT, version: VERSION, key: key.expose_secret(), secrets };
    lock(&Zeroizing::new(serde_json::to_vec(&kit).map_err(|_| Error::Encryption)?), passphrase)
}

pub(crate) fn read_kit(bytes: &[u8], passphrase: &SecretString) -> Result<Kit, Error> {
    let path = Path::new("");
    let text = unlock(bytes, passphrase, path)?;
    check_head(&text, KIT_FORMAT, path)?;
    let kit: KitIn =
        serde_json::from_slice(&text).map_err(|_| Error::Damaged { path: path.to_owned(), what: "not readable" })?;
    let KitIn { mut key, secrets } = kit;
    let identity = key_from(&SecretString::from(key.as_str()));
    key.zeroize();
    Ok(Kit { key: identity?, secrets: into_secrets(secrets) })
}
