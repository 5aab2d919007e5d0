//! An installation's files on this computer.
//!
//! ```text
//! ROOT/settings.json            language, theme, proxy
//! ROOT/identity.json            what tells this home from every other one, drawn once
//! ROOT/draft.json               what the wizard was told so far
//! ROOT/measured.json            how long steps took, by cluster, for the next estimate
//! ROOT/verified.json            which complaint is ours in a DIGIT that was looked at
//! ROOT/installations/NAME/      what is real
//! ROOT/rehearsals/NAME/         what was rehearsed, also under the name of something real; each of both holds
//!   about.json                  format, name, creation time
//!   answers.yaml  plan.json     what was decided
//!   journal.jsonl               what happened
//!   vault.age                   secrets, encrypted
//!   logs/                       what was said
//!   lock                        held by the process that works on it
//!   pretend.jsonl               a rehearsal's cluster
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
    rehearsal: bool,
    path: PathBuf,
}

/// What a rehearsal's id begins with. Names are DNS labels, so no name does.
const REHEARSAL: &str = "rehearsal/";

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

    /// The ids of all installations: those that are real by name, then rehearsals.
    pub fn ids(&self) -> Result<Vec<String>, Error> {
        let real = self.names(false)?.into_iter();
        let rehearsed = self.names(true)?.into_iter().map(|name| format!("{REHEARSAL}{name}"));
        Ok(real.chain(rehearsed).collect())
    }

    fn names(&self, rehearsal: bool) -> Result<Vec<String>, Error> {
        let path = self.root.join(room(rehearsal));
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

    /// The folder of an installation that is there, by its id. A bare name also finds a rehearsal, where nothing real is
    /// called so.
    pub fn find(&self, id: &str) -> Result<Folder, Error> {
        let candidates = match id.strip_prefix(REHEARSAL) {
            Some(name) => vec![self.folder(name, true)],
            None => vec![self.folder(id, false), self.folder(id, true)],
        };
        let found = candidates.into_iter().find(|folder| is_label(&folder.name) && folder.is_there());
        found.ok_or_else(|| Error::NoInstallation { name: id.to_owned() })
    }

    /// The folder of an installation, there or not. Names are DNS labels, so none climbs out.
    pub fn folder(&self, name: &str, rehearsal: bool) -> Folder {
        Folder { name: name.to_owned(), rehearsal, path: self.root.join(room(rehearsal)).join(name) }
    }

    /// Puts rehearsals where they belong: up to version 0.1.0 they lay among what is real. One that a process of that
    /// version still works on stays until the next time.
    pub(crate) fn sort_rehearsals(&self) {
        for name in self.names(false).unwrap_or_default() {
            let among = self.folder(&name, false);
            let is_free = matches!(engine::Lock::holder(&among.join("lock")), Ok(None));
            if !(is_free && among.about().is_ok_and(|about| about.is_some_and(|about| about.rehearsal))) {
                continue;
            }
            let own = self.folder(&name, true);
            let moved = std::fs::create_dir_all(self.root.join(room(true))).and_then(|()| {
                if own.is_there() {
                    std::fs::remove_dir_all(&among.path)
                } else {
                    std::fs::rename(&among.path, &own.path)
                }
            });
            if let Err(why) = moved {
                tracing::warn!(name, %why, "a rehearsal stays among what is real");
            }
        }
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
        self.make()?;
        self.write_answers(answers)?;
        write_json(&self.path.join("plan.json"), plan)?;
        // Last, since this file is what makes it an installation: one that is cut short here never was.
        if self.about()?.is_none() {
            write_json(&self.path.join("about.json"), about)?;
        }
        Ok(())
    }

    /// Makes its folder, which is its owner's alone, as is all above it up to the home; also if it was made before, when others
    /// could read it.
    pub(crate) fn make(&self) -> Result<(), Error> {
        let home = self.path.ancestors().nth(2).unwrap_or(&self.path);
        std::fs::create_dir_all(&self.path).map_err(|source| Error::File { path: self.path.clone(), source })?;
        for folder in self.path.ancestors().take_while(|folder| folder.starts_with(home)) {
            private(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
        }
        Ok(())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is called on this computer, where a rehearsal may have the name of something real.
    pub fn id(&self) -> String {
        if self.rehearsal { format!("{REHEARSAL}{}", self.name) } else { self.name.clone() }
    }

    /// Whether it is a rehearsal's.
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal
    }

    fn is_there(&self) -> bool {
        self.path.join("about.json").is_file()
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

#[cfg(unix)]
fn private(folder: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

/// On Windows the folder of a person's data is that person's alone.
#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn room(rehearsal: bool) -> &'static str {
    if rehearsal { "rehearsals" } else { "installations" }
}

/// Whether an id that a person typed is a name, and not a path.
fn is_label(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
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
