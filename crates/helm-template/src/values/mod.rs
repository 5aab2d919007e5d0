//! Values: read from files, merged, set one by one.

mod set;

use serde_json::Value as Json;

pub use set::{set_string_value, set_value};

use crate::error::{Error, Result};
use crate::yaml::{self, Numbers};

/// A tree of values, as in `values.yaml`.
pub type Values = serde_json::Map<String, Json>;

/// Reads a values file. Several documents are merged, later ones win; numbers become floats, as in Helm.
pub fn parse_values(text: &str) -> Result<Values> {
    read(text.as_bytes(), "values")
}

/// Reads a values file; `path` is for the error.
pub(crate) fn read(bytes: &[u8], path: &str) -> Result<Values> {
    let bad = |reason: String| Error::Yaml { path: path.to_owned(), reason };
    let text = std::str::from_utf8(bytes).map_err(|error| bad(error.to_string()))?;
    let mut values = Values::new();
    for document in documents(text) {
        match yaml::parse(&document, Numbers::Float).map_err(bad)? {
            Json::Object(more) => merge_values(&mut values, more),
            Json::Null => {}
            _ => return Err(bad("not a map".to_owned())),
        }
    }
    Ok(values)
}

/// The documents of a file, each line with a line end, as Kubernetes' reader hands them on.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        let separator = line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty());
        match documents.last_mut() {
            Some(last) if !separator => {
                last.push_str(line);
                last.push('\n');
            }
            _ => documents.push(String::new()),
        }
    }
    documents.retain(|document| !document.is_empty());
    documents
}

/// Merges `over` into `base`, as a later `-f` into an earlier one: maps are merged, all else is replaced.
pub fn merge_values(base: &mut Values, over: Values) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Json::Object(below)), Json::Object(above)) => merge_values(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn later_documents_and_files_win_map_by_map() {
        let mut base = parse_values("a: {x: 1, z: 2}\nlist: [1]\n---\na: {z: 3}\n").unwrap();
        assert_eq!(Json::Object(base.clone()), json!({"a": {"x": 1.0, "z": 3.0}, "list": [1.0]}));
        merge_values(&mut base, parse_values("a: {x: null}\nlist: []").unwrap());
        assert_eq!(Json::Object(base), json!({"a": {"x": null, "z": 3.0}, "list": []}));
    }

    #[test]
    fn a_block_at_the_end_keeps_its_line_end() {
        assert_eq!(parse_values("a: |\n  x").unwrap()["a"], json!("x\n"));
    }

    #[test]
    fn what_is_not_a_map_is_refused() {
        assert!(parse_values("- 1").is_err());
        assert!(parse_values("a: [").is_err());
    }
}
