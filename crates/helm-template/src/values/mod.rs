//! Values: read from files, merged, set one by one.

mod set;

use serde_json::Value as Json;

pub use set::{set_string_value, set_value};

use crate::error::{Error, Result};
use crate::json;
use crate::yaml::{self, Numbers};

/// A tree of values, as in `values.yaml`.
pub type Values = serde_json::Map<String, Json>;

/// Reads a values file. Several documents are merged, later ones win; numbers become floats, as in Helm.
pub fn parse_values(text: &str) -> Result<Values> {
    read(text.as_bytes(), "values")
}

/// The same for a file that errors call by its name.
pub fn parse_values_file(name: &str, bytes: &[u8]) -> Result<Values> {
    read(bytes, name)
}

/// Reads a values file; `path` is for the error.
pub(crate) fn read(bytes: &[u8], path: &str) -> Result<Values> {
    let bad = |before: &str, start: usize, wrong: yaml::Unreadable| Error::Yaml {
        path: path.to_owned(),
        // Of the file, not of one of its documents.
        line: wrong.line.map(|line| start + line),
        reason: format!("cannot load values.yaml: cannot unmarshal yaml document: {before}{wrong}"),
        problem: wrong.problem,
    };
    let text = yaml::text(bytes).map_err(|wrong| bad(CONVERTING, 0, wrong))?;
    let mut values = Values::new();
    for (start, document) in documents(text) {
        match yaml::parse(&document, Numbers::Float).map_err(|wrong| bad(CONVERTING, start, wrong))? {
            Json::Object(more) => merge_values(&mut values, more),
            Json::Null => {}
            other => {
                let message = json::cannot(json::kind(&other), "Go value of type map[string]interface {}");
                return Err(bad(json::WHILE_DECODING, start, yaml::Unreadable::new(Some(1), message)));
            }
        }
    }
    Ok(values)
}

/// What `sigs.k8s.io/yaml` puts before the words of its YAML reader.
const CONVERTING: &str = "error converting YAML to JSON: ";

/// The documents of a file, each line with a line end, as Kubernetes' reader hands them on, and how many lines stand
/// before each.
fn documents(text: &str) -> Vec<(usize, String)> {
    let mut documents = vec![(0, String::new())];
    for (at, line) in text.lines().enumerate() {
        let separator = line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty());
        match documents.last_mut() {
            Some((_, last)) if !separator => {
                last.push_str(line);
                last.push('\n');
            }
            _ => documents.push((at + 1, String::new())),
        }
    }
    documents.retain(|(_, document)| !document.is_empty());
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
