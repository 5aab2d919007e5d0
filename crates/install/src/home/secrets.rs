//! The secrets of an installation: drawn once, kept in its vault, given to charts by name.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::secrets::is_kept_for_ever;
use catalog::{Bundle, Secret, SecretFormat, SecretSource};
use helm_template::{Draw, DrawKey};
use secrecy::{ExposeSecret as _, SecretString};
use vault::{Alphabet, Format, KeySource, Keychain, Vault};

use super::files::{About, FOLDER_FORMAT, Folder};
use crate::answers::{Answers, Database, Files};
use crate::error::Error;
use crate::plan::{draw_name, values};
use crate::surroundings::Surroundings;

/// The secrets of one installation.
#[derive(Clone)]
pub(crate) struct Secrets {
    vault: Arc<Vault>,
    rehearsal: bool,
}

fn format(format: SecretFormat) -> Format {
    match format {
        SecretFormat::Alphanumeric(length) => Format::Chars(length, Alphabet::Alphanumeric),
        SecretFormat::CapitalsAndDigits(length) => Format::Chars(length, Alphabet::CapitalsAndDigits),
        SecretFormat::Base64Url(bytes) => Format::Base64Url(bytes),
    }
}

/// A secret that the answers bring, from the file that they name; `None`: it is drawn.
fn brought(source: SecretSource, answers: &Answers) -> Result<Option<SecretString>, Error> {
    Ok(match (source, &answers.database, &answers.files) {
        (SecretSource::DatabasePassword, Database::Ours(ours), _) => Some(read_secret(&ours.password_file)?),
        (SecretSource::FilesAccessKey, _, Files::Ours(ours)) => Some(read_keys(&ours.key_file)?.0),
        (SecretSource::FilesSecretKey, _, Files::Ours(ours)) => Some(read_keys(&ours.key_file)?.1),
        (
            SecretSource::Drawn
            | SecretSource::DatabasePassword
            | SecretSource::FilesAccessKey
            | SecretSource::FilesSecretKey,
            ..,
        ) => None,
    })
}

impl Secrets {
    /// Opens or makes the vault. Its key is in the system's keychain, or comes from the passphrase.
    pub(crate) async fn open(around: &Surroundings, folder: &Folder, about: &About) -> Result<Self, Error> {
        let path = folder.join("vault.age");
        let source = if about.rehearsal {
            KeySource::Passphrase(rehearsed())
        } else {
            KeySource::choose(&path, keychain(&about.name), around.passphrase.clone()).await?
        };
        Ok(Secrets {
            vault: Arc::new(Vault::open(&path, &source, is_kept_for_ever).await?),
            rehearsal: about.rehearsal,
        })
    }

    /// The same, with the key that [`new_key`] began to draw, if it did and there is still no vault.
    pub(crate) async fn open_or_make(
        around: &Surroundings,
        folder: &Folder,
        about: &About,
        new_key: Option<PendingKey>,
    ) -> Result<Self, Error> {
        let path = folder.join("vault.age");
        match new_key {
            Some(pending) if !path.exists() => {
                let key = pending.await.map_err(|_| vault::Error::Encryption)??;
                Ok(Secrets {
                    vault: Arc::new(Vault::make_with(&path, key, is_kept_for_ever)?),
                    rehearsal: about.rehearsal,
                })
            }
            _ => Self::open(around, folder, about).await,
        }
    }

    /// Those of an installation whose vault is there and can be opened without asking anybody for anything.
    pub(crate) async fn open_if_there(around: &Surroundings, folder: &Folder, about: &About) -> Option<Self> {
        if !folder.join("vault.age").exists() {
            return None;
        }
        Self::open(around, folder, about).await.inspect_err(|why| tracing::warn!(%why, "the vault stays closed")).ok()
    }

    /// What takes secrets out of everything that is logged.
    pub(crate) fn redact(&self) -> logs::Redact {
        let redactor = self.vault.redactor();
        Arc::new(move |text| redactor.redact(text))
    }

    /// Has every secret that is needed: drawn once, or read from the files that the answers name.
    pub(crate) fn prepare(&self, needs: &[&Secret], answers: &Answers) -> Result<(), Error> {
        for need in needs {
            // A rehearsal needs nobody's real secrets, and keeps none.
            let brought = if self.rehearsal { None } else { brought(need.source, answers)? };
            match brought {
                Some(secret) => self.vault.put(need.kept_as, secret)?,
                None => drop(self.vault.draw(need.kept_as, || format(need.format).draw(&mut rand::rng()))?),
            }
        }
        Ok(())
    }

    /// A secret by the catalog's name. [`Self::prepare`] has it; a name that nobody prepared is empty, and the service
    /// that reads it says so.
    pub(crate) fn get(&self, name: &str) -> SecretString {
        catalog::secrets::find(name).and_then(|secret| self.vault.get(secret.kept_as)).unwrap_or_default()
    }

    /// Everything, for the record that the installation keeps in its cluster.
    pub(crate) fn all(&self) -> Vec<(String, SecretString)> {
        self.vault.names().into_iter().filter_map(|name| Some((name.clone(), self.vault.get(&name)?))).collect()
    }

    /// The same, encrypted with the vault's key.
    pub(crate) fn sealed(&self) -> Result<Vec<u8>, Error> {
        Ok(self.vault.export()?)
    }

    /// Makes the vault of an installation that another computer made, from what its record holds and the kit that opens it.
    pub(crate) async fn restore(
        around: &Surroundings,
        folder: &Folder,
        about: &About,
        kit: &RecoveryKit,
        sealed: &[u8],
    ) -> Result<(), Error> {
        let content = std::fs::read(&kit.file).map_err(|source| Error::File { path: kit.file.clone(), source })?;
        let keychain = keychain(&about.name);
        // Made beside what may be there, and in its place only when everything fits.
        let (path, beside) = (folder.join("vault.age"), folder.join("vault.age.new"));
        Vault::destroy(&beside, &keychain).await?;
        let source = KeySource::choose(&beside, keychain.clone(), around.passphrase.clone()).await?;
        let unfit = |why| match why {
            vault::Error::Damaged { .. } | vault::Error::WrongKey => Error::NotTheKit { name: about.name.clone() },
            other => other.into(),
        };
        let vault =
            Vault::restore(&beside, &source, &content, &kit.passphrase, is_kept_for_ever).await.map_err(unfit)?;
        if let Err(why) = vault.import(sealed) {
            Vault::destroy(&beside, &keychain).await?;
            return Err(unfit(why));
        }
        Vault::destroy(&path, &keychain).await?;
        std::fs::rename(&beside, &path).map_err(|source| Error::File { path, source })
    }

    /// Takes in what the record held.
    pub(crate) fn take_in(&self, all: Vec<(String, SecretString)>) -> Result<(), Error> {
        for (name, secret) in all {
            self.vault.put(&name, secret)?;
        }
        Ok(())
    }

    /// Draws for one release.
    pub(crate) fn draws<'a>(&'a self, release: &'a str) -> Kept<'a> {
        Kept { release, vault: &self.vault, failed: RefCell::new(None) }
    }
}

/// A key for a new vault that is being encrypted with a passphrase.
pub(crate) type PendingKey = tokio::task::JoinHandle<Result<vault::NewKey, vault::Error>>;

/// Begins to draw the key of a vault that will be made with a passphrase: it is ready when everything else has been looked
/// at. Nothing if there is a vault, or a keychain will hold its key.
pub(crate) fn new_key(around: &Surroundings, folder: &Folder, rehearsal: bool) -> Option<PendingKey> {
    let passphrase = if rehearsal { Some(rehearsed()) } else { around.passphrase.clone() };
    let passphrase = passphrase.filter(|_| !folder.join("vault.age").exists())?;
    Some(tokio::spawn(vault::NewKey::draw(passphrase)))
}

/// What a rehearsal draws opens nothing, so a known passphrase does where there is no keychain.
fn rehearsed() -> SecretString {
    "rehearsal".to_owned().into()
}

/// All secrets of an installation in one encrypted file, and what opens it.
#[derive(Debug, Clone)]
pub struct RecoveryKit {
    /// The file.
    pub file: PathBuf,
    /// Its passphrase.
    pub passphrase: SecretString,
}

impl RecoveryKit {
    /// A kit whose passphrase stands in a file.
    pub fn with(file: PathBuf, passphrase: &Path) -> Result<Self, Error> {
        Ok(RecoveryKit { file, passphrase: read_secret(passphrase)? })
    }
}

/// Drops the secrets of an installation with their key. A keychain that is locked keeps a key that opens nothing any more.
pub(crate) async fn destroy_secrets(folder: &Folder) {
    if let Err(why) = Vault::destroy(&folder.join("vault.age"), &keychain(folder.name())).await {
        tracing::warn!(name = folder.name(), %why, "a key stays in the keychain");
    }
}

fn keychain(name: &str) -> Keychain {
    Keychain::of_system(format!("DIGIT Installer: {name}"))
}

/// A secret from a file that the answers name, without the line's end.
pub(crate) fn read_secret(path: &Path) -> Result<SecretString, Error> {
    let text = cluster::text::read(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// Access key id and secret key, a line each.
pub(crate) fn read_keys(path: &Path) -> Result<(SecretString, SecretString), Error> {
    let text = read_secret(path)?;
    let mut lines = text.expose_secret().lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
    match (lines.next(), lines.next()) {
        (Some(access), Some(secret)) => Ok((access.into(), secret.into())),
        _ => {
            let path = path.display().to_string();
            Err(Error::answer("files-keys-incomplete", "files.key-file", &[("path", &path)]))
        }
    }
}

/// Draws of a run: kept in the vault, made once, on the disk before anything is rendered with them.
pub(crate) struct Kept<'a> {
    release: &'a str,
    vault: &'a Vault,
    failed: RefCell<Option<vault::Error>>,
}

impl Kept<'_> {
    /// Whether everything that was drawn is kept.
    pub(crate) fn ended(self) -> Result<(), Error> {
        match self.failed.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

impl Draw for Kept<'_> {
    fn draw(&self, key: &DrawKey, make: &mut dyn FnMut() -> String) -> String {
        match self.vault.draw(&draw_name(self.release, key), || make().into()) {
            Ok(secret) => secret.expose_secret().to_owned(),
            Err(error) => {
                self.failed.borrow_mut().get_or_insert(error);
                String::new()
            }
        }
    }
}

/// Writes key and secrets of an installation to one file that any age program opens with the passphrase. The secrets are
/// drawn for it now, if they were not yet, so that the kit holds what will be used.
pub(crate) async fn recovery_kit(
    around: &Surroundings,
    folder: &Folder,
    answers: &Answers,
    bundle: &Bundle,
    kit: &RecoveryKit,
) -> Result<(), Error> {
    folder.make()?;
    let about = About {
        format: FOLDER_FORMAT,
        name: answers.name.clone(),
        created: around.clock.now(),
        rehearsal: folder.is_rehearsal(),
    };
    let secrets = Secrets::open(around, folder, &about).await?;
    let modules: Vec<String> = answers.product.modules.iter().cloned().collect();
    let settings = values::settings(answers, "");
    let selection = bundle.select(&modules, settings.brings())?;
    secrets.prepare(&bundle.secret_needs(&selection), answers)?;
    crate::file::write(&kit.file, &secrets.vault.recovery_kit(&kit.passphrase).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_secret_is_drawn_or_brought_and_kept_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "their password\n").unwrap();
        std::fs::write(folder.path().join("keys"), "THEIRID\ntheir key\n").unwrap();
        let text = "name: x\ntarget: {kind: cluster, context: c}\nproduct: {name: DIGIT, version: v2.9.2, modules: [m_pgr]}\n\
                    city: {state: Springfield State, name: Springfield}\n\
                    database: {host: db.example.org, port: 5432, name: d, user: u, password-file: password}\n\
                    files: {endpoint: 'https://s3.example.org', bucket: b, region: r, key-file: keys}\n";
        let ours = Answers::read(text, folder.path()).unwrap();
        let none = Answers { database: Database::default(), files: Files::default(), ..ours.clone() };
        let all: Vec<&Secret> = catalog::secrets::ALL.iter().collect();
        for (name, rehearsal, answers, theirs) in [
            ("own", false, &ours, Some(["their password", "THEIRID", "their key"])),
            ("in-cluster", false, &none, None),
            ("rehearsal", true, &ours, None),
        ] {
            let source = KeySource::Passphrase("phrase".into());
            let vault = Vault::open(&folder.path().join(name), &source, is_kept_for_ever).await.unwrap();
            let secrets = Secrets { vault: Arc::new(vault), rehearsal };
            secrets.prepare(&all, answers).unwrap();
            let kept: Vec<String> = secrets.vault.names();
            let mut wanted: Vec<&str> = all.iter().map(|secret| secret.kept_as).collect();
            wanted.sort_unstable();
            assert_eq!(kept, wanted, "{name}");
            let shown = |name: &str| secrets.get(name).expose_secret().to_owned();
            let brought = ["database-password", "files-access-key", "files-secret-key"].map(shown);
            match theirs {
                Some(theirs) => assert_eq!(brought, theirs),
                None => assert_eq!(brought.each_ref().map(String::len), [32, 20, 40], "{name}"),
            }
            // Another time gives the same, and what data depend on is never replaced.
            let before: Vec<String> = all.iter().map(|secret| shown(secret.name)).collect();
            secrets.prepare(&all, answers).unwrap();
            assert_eq!(all.iter().map(|secret| shown(secret.name)).collect::<Vec<_>>(), before, "{name}");
            for secret in &all {
                let is_replaced = secrets.vault.put(secret.kept_as, "another".into()).is_ok();
                assert_eq!(is_replaced, !secret.for_ever, "{}", secret.name);
            }
        }
    }
}
