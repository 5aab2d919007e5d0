//! An installation's files on this computer.
//!
//! ```text
//! ROOT/settings.json            language, theme, proxy
//! ROOT/identity.json            what tells this home from every other one, drawn once
//! ROOT/draft.json               what the wizard was told so far
//! ROOT/measured.json            how long steps took here, for the next estimate
//! ROOT/installations/NAME/
//!   about.json                  format, name, creation time
//!   answers.yaml  plan.json     what was decided
//!   journal.jsonl               what happened
//!   vault.age                   secrets, encrypted
//!   logs/                       what was said
//!   lock                        held by the process that works on it
//!   pretend.json                a rehearsal's cluster
//! ```

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::answers::Answers;
use crate::error::Error;
use crate::file::write;
use crate::plan::Plan;
use crate::surroundings::Surroundings;

/// Where all installations of a person live.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

/// One installation's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    name: String,
    path: PathBuf,
}

/// What never changes about an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct About {
    /// Shape of the folder.
    pub format: u32,
    /// Its name.
    pub name: String,
    /// When it was made; `now` in all its charts.
    pub created: Timestamp,
    /// Whether nothing real is touched, whatever its target says.
    pub rehearsal: bool,
}

/// Shape of an installation's folder.
pub const FOLDER_FORMAT: u32 = 1;

impl Home {
    /// A home at `root`, made when something is written to it.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Home { root: root.into() }
    }

    /// The home of a program that runs in these surroundings.
    pub fn of(around: &Surroundings) -> Self {
        Home::at(&around.home)
    }

    /// `named` (`$DIGIT_HOME`), or the usual place of this system for a program's data. `None` if the system has none.
    pub fn usual(named: Option<PathBuf>) -> Option<Self> {
        named.or_else(|| dirs::data_dir().map(|d| d.join("digit-installer"))).map(Home::at)
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The names of all installations, sorted.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let path = self.root.join("installations");
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(Error::File { path, source }),
        };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|e| e.path().join("about.json").is_file())
            .filter_map(|e| e.file_name().into_string().ok())
            .collect();
        names.sort();
        Ok(names)
    }

    /// The folder of an installation that is there.
    pub fn find(&self, name: &str) -> Result<Folder, Error> {
        let folder = self.folder(name);
        if folder.path.join("about.json").is_file() {
            Ok(folder)
        } else {
            Err(Error::NoInstallation { name: name.to_owned() })
        }
    }

    /// The folder of an installation, there or not. Names are DNS labels, so none climbs out.
    pub fn folder(&self, name: &str) -> Folder {
        Folder { name: name.to_owned(), path: self.root.join("installations").join(name) }
    }

    /// What tells this home from every other one, whatever their computers and folders are called: drawn once, and kept.
    pub fn identity(&self) -> Result<String, Error> {
        const FILE: &str = "identity.json";
        if let Some(known) = self.read::<String>(FILE)? {
            return Ok(known);
        }
        self.write(FILE, &format!("{:016x}", rand::random::<u64>()))?;
        // As it is kept now: another process of this home may have drawn one at the same time.
        self.read(FILE)?.ok_or_else(|| Error::Unreadable { path: self.root.join(FILE), detail: "not there".to_owned() })
    }

    /// Reads one of the home's own JSON files; `None` if it is not there.
    pub fn read<T: DeserializeOwned>(&self, file: &str) -> Result<Option<T>, Error> {
        read_json(&self.root.join(file))
    }

    /// Writes one of the home's own JSON files.
    pub fn write<T: Serialize>(&self, file: &str, value: &T) -> Result<(), Error> {
        write_json(&self.root.join(file), value)
    }

    /// Drops one of the home's own files; no error if it is not there.
    pub fn drop(&self, file: &str) -> Result<(), Error> {
        let path = self.root.join(file);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::File { path, source }),
            _ => Ok(()),
        }
    }
}

impl Folder {
    /// Makes the folder. What is there already stays: the creation time above all.
    pub fn create(&self, about: &About, answers: &Answers, plan: &Plan) -> Result<(), Error> {
        std::fs::create_dir_all(&self.path).map_err(|source| Error::File { path: self.path.clone(), source })?;
        self.write_answers(answers)?;
        write_json(&self.path.join("plan.json"), plan)?;
        // Last, since this file is what makes it an installation: one that is cut short here never was.
        if self.about()?.is_none() {
            write_json(&self.path.join("about.json"), about)?;
        }
        Ok(())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path in it.
    pub fn join(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// What never changes about it; `None` before it is made.
    pub fn about(&self) -> Result<Option<About>, Error> {
        read_json(&self.path.join("about.json"))
    }

    /// The same, of an installation that is there.
    pub fn about_it(&self) -> Result<About, Error> {
        self.about()?.ok_or_else(|| Error::NoInstallation { name: self.name.clone() })
    }

    /// Its answers.
    pub fn answers(&self) -> Result<Answers, Error> {
        let path = self.path.join("answers.yaml");
        let text = std::fs::read_to_string(&path).map_err(|source| Error::File { path, source })?;
        Answers::read(&text, &self.path)
    }

    /// Replaces its answers.
    pub fn write_answers(&self, answers: &Answers) -> Result<(), Error> {
        let path = self.path.join("answers.yaml");
        let text = yaml_serde::to_string(answers)
            .map_err(|e| Error::Unreadable { path: path.clone(), detail: e.to_string() })?;
        write(&path, text.as_bytes())
    }

    /// Its plan.
    pub fn plan(&self) -> Result<Plan, Error> {
        let path = self.path.join("plan.json");
        let plan: Plan = read_json(&path)?.ok_or_else(|| Error::Unreadable { path, detail: "not there".to_owned() })?;
        plan.verified()
    }

    /// Drops everything that this computer knows of it.
    pub fn forget(&self) -> Result<(), Error> {
        std::fs::remove_dir_all(&self.path).map_err(|source| Error::File { path: self.path.clone(), source })
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::File { path: path.to_owned(), source }),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|e| Error::Unreadable { path: path.to_owned(), detail: e.to_string() })
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(|e| Error::Unreadable { path: path.to_owned(), detail: e.to_string() })?;
    text.push(b'\n');
    write(path, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_told_from_every_other_one_and_stays_itself() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Home::at(folder.path().join("one")), Home::at(folder.path().join("two")));
        let known = one.identity().unwrap();
        assert_eq!(one.identity().unwrap(), known);
        assert_ne!(two.identity().unwrap(), known);
    }
}
