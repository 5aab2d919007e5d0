//! Master data in memory, as egov-mdms-service holds it from its start on (§6.2).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Error;

type Modules = BTreeMap<String, BTreeMap<String, Vec<Value>>>;

/// Masters by tenant, module and name.
#[derive(Debug, Default, Clone)]
pub(crate) struct Masters {
    tenants: BTreeMap<String, Modules>,
    /// Module and master that `master-config.json` calls state level.
    state_level: BTreeSet<(String, String)>,
}

impl Masters {
    /// Reads a folder of master data. Every `.json`, `.yaml` and `.yml` below `data` is read as JSON, other files are passed
    /// over; an unreadable `master-config.json` only means no rules (§3.1, READ; §6.2).
    ///
    /// # Errors
    /// At the first file that is no JSON: the real service ends at one bad file (§3.1).
    pub(crate) fn load(folder: &Path) -> Result<Masters, Error> {
        let data = if folder.join("data").is_dir() { folder.join("data") } else { folder.to_path_buf() };
        let config = data.parent().map(|parent| parent.join("master-config.json"));
        let mut masters = Masters::default();
        if let Some(config) = config.and_then(|file| std::fs::read(file).ok())
            && let Ok(config) = serde_json::from_slice::<Value>(&config)
        {
            masters.state_level = state_level(&config);
        }
        for file in files(&data).map_err(|file| Error::Masters { file })? {
            let broken = || Error::Masters { file: file.clone() };
            let text = std::fs::read(&file).map_err(|_| broken())?;
            let value: Value = serde_json::from_slice(&text).map_err(|_| broken())?;
            masters.take(&value);
        }
        Ok(masters)
    }

    /// Puts the masters of one file in: `tenantId`, `moduleName`, and lists by name.
    pub(crate) fn take(&mut self, file: &Value) {
        let (Some(tenant), Some(module)) = (file["tenantId"].as_str(), file["moduleName"].as_str()) else { return };
        let module = self.tenants.entry(tenant.to_owned()).or_default().entry(module.to_owned()).or_default();
        for (name, value) in file.as_object().into_iter().flatten() {
            match value {
                Value::Array(items) => module.entry(name.clone()).or_default().extend(items.iter().cloned()),
                Value::Object(_) => module.entry(name.clone()).or_default().push(value.clone()),
                _ => {}
            }
        }
    }

    /// Calls a master state level.
    pub(crate) fn of_the_state(&mut self, module: &str, master: &str) {
        self.state_level.insert((module.to_owned(), master.to_owned()));
    }

    /// A master as a tenant sees it: the state's for what is state level, also for cities that do not exist (§6.2).
    pub(crate) fn get(&self, tenant: &str, module: &str, master: &str) -> Option<&[Value]> {
        let of_the_state = self.state_level.contains(&(module.to_owned(), master.to_owned()));
        let tenant = if of_the_state { super::tenant::state_of(tenant) } else { tenant };
        self.tenants.get(tenant)?.get(module)?.get(master).map(Vec::as_slice)
    }

    /// Whether there is any master of exactly this tenant.
    pub(crate) fn knows(&self, tenant: &str) -> bool {
        self.tenants.contains_key(tenant)
    }
}

fn state_level(config: &Value) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (module, masters) in config.as_object().into_iter().flatten() {
        for (name, rules) in masters.as_object().into_iter().flatten() {
            if rules["isStateLevel"] == true {
                found.insert((module.clone(), name.clone()));
            }
        }
    }
    found
}

/// Every file that is read, in order of names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, PathBuf> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|_| folder.to_path_buf())?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|e| e == "json" || e == "yaml" || e == "yml") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Applies a filter of a search to a master. The real one is Jayway's JSONPath, which lets `$` and a dot before a bracket
/// stand or be left out.
///
/// # Errors
/// When it is no JSONPath, or finds nothing to stand on: `PathNotFoundException` (§6.2).
pub(crate) fn filtered(items: &[Value], filter: &str) -> Result<Vec<Value>, String> {
    use jsonpath_rust::JsonPath as _;
    let path = filter.trim();
    let path = match path.chars().next() {
        Some('$') => path.to_owned(),
        Some('[' | '.') => format!("${path}"),
        Some(_) => format!("$.{path}"),
        None => return Ok(items.to_vec()),
    };
    let path = path.replace(".[", "[").replace('"', "'");
    let list = Value::Array(items.to_vec());
    let found = list.query(&path).map_err(|e| e.to_string())?;
    Ok(found.into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn filters_as_clients_write_them() {
        let items = [json!({"code": "A", "active": true}), json!({"code": "B", "active": false})];
        for (filter, expected) in [
            ("$.*.code", json!(["A", "B"])),
            ("$.[?(@.active==true)]", json!([{"code": "A", "active": true}])),
            ("[?(@.active == true)].code", json!(["A"])),
            ("$[?(@.code=='B')].active", json!([false])),
            ("[?(@.code==\"B\")].active", json!([false])),
            ("", json!([{"code": "A", "active": true}, {"code": "B", "active": false}])),
        ] {
            assert_eq!(Value::Array(filtered(&items, filter).unwrap()), expected, "{filter}");
        }
        assert!(filtered(&items, "$.[?(").is_err());
    }

    #[test]
    fn one_broken_file_ends_the_load_and_other_files_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data/pg/tenant");
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(folder.path().join("master-config.json"), "{\"tenant\":{\"tenants\":{\"isStateLevel\":true}}}")
            .unwrap();
        std::fs::write(data.join("readme.txt"), "no JSON").unwrap();
        let file = json!({"tenantId": "pg", "moduleName": "tenant", "tenants": [{"code": "pg"}]});
        std::fs::write(data.join("tenants.json"), file.to_string()).unwrap();
        let masters = Masters::load(folder.path()).unwrap();
        assert_eq!(masters.get("pg.nowhere", "tenant", "tenants").map(<[Value]>::len), Some(1));
        assert_eq!(masters.get("xx", "tenant", "tenants"), None);
        std::fs::write(data.join("bad.yml"), "a: b").unwrap();
        let error = Masters::load(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with("bad.yml"), "{error}");
    }
}
