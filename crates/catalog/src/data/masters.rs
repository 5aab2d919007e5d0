//! DIGIT's master data: one file for each master, by tenant and module.

use serde::Deserialize;

use super::json::{Json, Texts};
use super::parse;
use crate::Error;
use crate::source::{Entry, Tree};

/// The folder that DIGIT's master data service reads, in the repository.
pub const FOLDER: &str = "data";
/// Which masters are kept for the state alone, and what makes a row of each unique.
pub const CONFIG: &str = "master-config.json";

/// All master data, each file read without fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterData {
    pub(super) files: Texts,
}

impl MasterData {
    /// The files that the service reads: those below [`FOLDER`] that end in `.json`, `.yaml` or `.yml`, all as JSON, and
    /// [`CONFIG`]. What else the repository holds is left out.
    ///
    /// # Errors
    /// [`Error::DataBroken`], [`Error::DataTooLarge`]; [`Error::DataMissing`] without [`CONFIG`] or without any master.
    pub fn read(tree: &Tree) -> Result<Self, Error> {
        let mut files = Texts::new();
        for (path, entry) in tree.iter().filter(|(path, _)| is_read(path)) {
            let text = parse::json(path, &entry.content)?;
            // The service reads each file into a map; a list ends it too.
            if !text.trim_start().starts_with('{') {
                return Err(parse::broken(path, 1, 1, "it is no map".to_owned()));
            }
            files.insert(path.clone(), text.into_owned());
        }
        let missing = |file: &str| Error::DataMissing { file: file.to_owned(), services: Vec::new() };
        if !files.contains_key(CONFIG) {
            return Err(missing(CONFIG));
        }
        if files.len() == 1 {
            return Err(missing(FOLDER));
        }
        Ok(Self { files })
    }

    /// The files by their path in the repository, in the order of the paths. What nothing has edited is as it was read,
    /// but for a mark or another encoding.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files as they are packed.
    #[must_use]
    pub fn into_tree(self) -> Tree {
        let entry = |text: String| Entry { content: text.into_bytes(), executable: false };
        self.files.into_iter().map(|(path, text)| (path, entry(text))).collect()
    }

    /// Every text in the files: path of the file, way to it, the text. For whoever looks for something in all of them.
    ///
    /// # Errors
    /// [`Error::DataBroken`].
    pub fn each_text(&self, seen: &mut dyn FnMut(&str, &str, &str)) -> Result<(), Error> {
        for (path, text) in &self.files {
            json(path, text)?.each_text("", &mut |way, text| seen(path, way, text));
        }
        Ok(())
    }

    /// Edits a file's JSON, and writes it again if that changed it.
    pub(super) fn edit(&mut self, path: &str, edit: impl FnOnce(&mut Json)) -> Result<(), Error> {
        let Some(text) = self.files.get_mut(path) else { return Ok(()) };
        let before = json(path, text)?;
        let mut after = before.clone();
        edit(&mut after);
        if after != before {
            *text = after.write();
        }
        Ok(())
    }

    /// The files that hold a master of a tenant. A master may be spread over several.
    pub(super) fn of(&self, tenant: &str, module: &str, master: &str) -> Vec<String> {
        let key = format!("{master:?}");
        let named = self.files.iter().filter(|(_, text)| text.contains(&key));
        let is = |said: Option<String>, wanted: &str| said.as_deref() == Some(wanted);
        let own = named.filter(|(_, text)| {
            let owner = Owner::of(text);
            is(owner.tenant_id, tenant) && is(owner.module_name, module)
        });
        own.map(|(path, _)| path.clone()).collect()
    }

    /// What a file holds.
    pub(super) fn json(&self, path: &str) -> Result<Json, Error> {
        json(path, self.files.get(path).map_or("null", String::as_str))
    }

    /// Edits each row of a master of a tenant.
    pub(super) fn edit_rows(
        &mut self,
        tenant: &str,
        module: &str,
        master: &str,
        edit: &mut dyn FnMut(&mut Json),
    ) -> Result<usize, Error> {
        let mut rows = 0;
        for path in self.of(tenant, module, master) {
            self.edit(&path, |json| {
                for row in json.get_mut(master).map(Json::items_mut).unwrap_or_default() {
                    rows += 1;
                    edit(row);
                }
            })?;
        }
        Ok(rows)
    }
}

fn is_read(path: &str) -> bool {
    let below = path.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/'));
    path == CONFIG || (below && [".json", ".yaml", ".yml"].iter().any(|end| path.ends_with(end)))
}

/// What a file says of itself.
#[derive(Default, Deserialize)]
pub(super) struct Owner {
    #[serde(default, rename = "tenantId")]
    pub(super) tenant_id: Option<String>,
    #[serde(default, rename = "moduleName")]
    pub(super) module_name: Option<String>,
}

impl Owner {
    /// Nothing, where it says something else than texts.
    pub(super) fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// A file's JSON.
fn json(path: &str, text: &str) -> Result<Json, Error> {
    Json::read(text).map_err(|error| parse::broken_json(path, &error))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Master data of a few files.
    pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
        let entry = |text: &str| Entry { content: text.as_bytes().to_vec(), executable: false };
        files.iter().map(|(path, text)| ((*path).to_owned(), entry(text))).collect()
    }

    #[test]
    fn what_the_service_reads_is_kept_and_nothing_else() {
        let all = tree(&[
            ("master-config.json", "{}"),
            ("data/pg/a/b.json", "\u{feff}{\"tenantId\": \"pg\"}"),
            ("data/pg/a/c.yml", "{}"),
            ("data/pg/a/README.md", "no JSON"),
            ("data/pg/a/without-end", "no JSON"),
            ("database/x.json", "no JSON"),
            ("test.py", "print()"),
        ]);
        let data = MasterData::read(&all).unwrap();
        let files: Vec<_> = data.files().collect();
        let wanted =
            [("data/pg/a/b.json", "{\"tenantId\": \"pg\"}"), ("data/pg/a/c.yml", "{}"), ("master-config.json", "{}")];
        assert_eq!(files, wanted);
    }

    #[test]
    fn what_would_end_the_service_is_refused_by_file_and_place() {
        let broken = |path: &str, text: &str| {
            let files = tree(&[("master-config.json", "{}"), ("data/pg/a/a.json", "{}"), (path, text)]);
            MasterData::read(&files).unwrap_err().to_string()
        };
        assert!(broken("data/pg/a/b.json", "{\"a\":\n1,}").starts_with("data/pg/a/b.json, line 2, column 3: "));
        assert!(broken("data/pg/a/b.yaml", "a: 1").starts_with("data/pg/a/b.yaml, line 1"));
        assert_eq!(broken("data/pg/a/b.json", " [{}]"), "data/pg/a/b.json, line 1, column 1: it is no map");
        assert_eq!(broken("master-config.json", "[]"), "master-config.json, line 1, column 1: it is no map");
        for (files, missing) in
            [(tree(&[("data/pg/a.json", "{}")]), CONFIG), (tree(&[("master-config.json", "{}")]), FOLDER)]
        {
            let Error::DataMissing { file, .. } = MasterData::read(&files).unwrap_err() else { panic!() };
            assert_eq!(file, missing);
        }
    }

    #[test]
    fn only_what_an_edit_changes_is_written_again() {
        let text = "{\"tenantId\":\"pg\",\"moduleName\":\"m\",\"a\":[{\"n\":\"x\"}]}";
        let files = tree(&[("master-config.json", "{}"), ("data/pg/m/a.json", text)]);
        let mut data = MasterData::read(&files).unwrap();
        assert_eq!(data.edit_rows("pg", "m", "a", &mut |row| row.set_text("n", "x")).unwrap(), 1);
        assert_eq!(data.files["data/pg/m/a.json"], text);
        assert_eq!(data.edit_rows("pg", "m", "a", &mut |row| row.set_text("n", "y")).unwrap(), 1);
        assert!(data.files["data/pg/m/a.json"].contains("\n      \"n\": \"y\"\n"));
        assert_eq!(data.edit_rows("pb", "m", "a", &mut |_| panic!()).unwrap(), 0);
    }
}
