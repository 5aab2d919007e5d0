//! Charts of our own, inside the program: a database and a file store for installations that have none, and the practice
//! product.

use helm_template::Values;
use include_dir::{Dir, include_dir};
use serde_json::json;

use crate::select::DATABASE_SERVICE;
use crate::settings::Settings;
use crate::source::{Entry, Tree};
use crate::yaml::set;

static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/own/data");
static PRACTICE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/own/practice");

/// Path of the practice product's list.
pub const PRACTICE_LIST: &str = "list.yaml";
/// Path of the practice product's environment.
pub const PRACTICE_ENVIRONMENT: &str = "environment.yaml";
/// The namespace that it goes into.
pub const PRACTICE_NAMESPACE: &str = "practice";

/// Database and file store, by the paths of their files.
#[must_use]
pub fn data_charts() -> Tree {
    tree(&DATA)
}

/// Charts, list and environment of the practice product.
#[must_use]
pub fn practice() -> Tree {
    tree(&PRACTICE)
}

fn tree(dir: &Dir<'_>) -> Tree {
    let mut files = Tree::new();
    let mut open = vec![dir];
    while let Some(dir) = open.pop() {
        open.extend(dir.dirs());
        for file in dir.files() {
            let parts: Vec<&str> = file.path().components().filter_map(|c| c.as_os_str().to_str()).collect();
            // A checkout may have turned line ends; what is embedded is the same on every system.
            let content = String::from_utf8_lossy(file.contents()).replace("\r\n", "\n").into_bytes();
            files.insert(parts.join("/"), Entry { content, executable: false });
        }
    }
    files
}

/// The image of our database, which has PostgreSQL's client too: for trying a database that is not ours.
#[must_use]
pub fn database_client_image() -> String {
    let files = data_charts();
    let text = files.get(&format!("{DATABASE_SERVICE}/values.yaml")).map(|entry| entry.content.as_slice());
    let values = crate::yaml::values("values.yaml", text.unwrap_or_default()).unwrap_or_default();
    values.get("image").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Values of the database's or the file store's chart, but for their secrets.
pub(crate) fn data_values(service: &str, settings: &Settings) -> Values {
    let mut values = Values::new();
    let mut put = |path: &[&str], value| set(&mut values, path, value);
    if service == DATABASE_SERVICE {
        put(&["database", "name"], json!(settings.database.name));
        put(&["database", "user"], json!(settings.database.user));
    } else {
        put(&["bucket"], json!(settings.files.bucket));
        put(&["region"], json!(settings.files.region));
        put(&["domain"], json!(settings.domain.clone().unwrap_or_default()));
    }
    values
}

/// The practice environment for an installation.
pub(crate) fn practice_environment(pinned: &Values, settings: &Settings) -> Values {
    let mut values = pinned.clone();
    let timezone = ["cluster-configs", "configmaps", "practice-config", "data", "timezone"];
    set(&mut values, &["global", "domain"], json!(settings.domain.clone().unwrap_or_default()));
    set(&mut values, &["global", "setup"], json!(settings.setup()));
    set(&mut values, &timezone, json!(settings.timezone));
    values
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_client_of_databases_is_postgresqls_own_image() {
        assert!(super::database_client_image().starts_with("docker.io/library/postgres:"));
    }
}
