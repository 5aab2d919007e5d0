//! The types that `Chart.yaml` and `requirements.yaml` must have, and how Go reads a map into a struct: keys in any case,
//! scalars where text is wanted are made text, all else that does not fit is refused.

use serde_json::{Map, Value as Json};

use crate::json;

/// What Go's field takes.
enum Takes {
    Text,
    Flag,
    Texts,
    TextMap,
    Anything,
    Structs(&'static Shape),
}

/// A Go struct.
pub(super) struct Shape {
    name: &'static str,
    fields: &'static [(&'static str, Takes)],
}

use Takes::{Anything, Flag, Structs, Text, TextMap, Texts};

const MAINTAINER: Shape = Shape { name: "Maintainer", fields: &[("name", Text), ("email", Text), ("url", Text)] };

const DEPENDENCY: Shape = Shape {
    name: "Dependency",
    fields: &[
        ("name", Text),
        ("version", Text),
        ("repository", Text),
        ("condition", Text),
        ("tags", Texts),
        ("enabled", Flag),
        ("import-values", Anything),
        ("alias", Text),
    ],
};

/// `Chart.yaml`.
pub(super) const METADATA: Shape = Shape {
    name: "Metadata",
    fields: &[
        ("name", Text),
        ("home", Text),
        ("sources", Texts),
        ("version", Text),
        ("description", Text),
        ("keywords", Texts),
        ("maintainers", Structs(&MAINTAINER)),
        ("icon", Text),
        ("apiVersion", Text),
        ("condition", Text),
        ("tags", Text),
        ("appVersion", Text),
        ("deprecated", Flag),
        ("annotations", TextMap),
        ("kubeVersion", Text),
        ("dependencies", Structs(&DEPENDENCY)),
        ("type", Text),
    ],
};

/// A value that is of another type than its field.
pub(super) struct Misfit {
    /// The outermost key, as the file has it.
    pub(super) key: String,
    /// Go's words.
    pub(super) message: String,
}

impl Shape {
    /// The first value that does not fit, in the order of keys.
    pub(super) fn misfit(&self, object: &Map<String, Json>) -> Option<Misfit> {
        sorted(object)
            .into_iter()
            .find_map(|(key, value)| Some(Misfit { key: key.clone(), message: self.wrong(key, value, "")? }))
    }

    fn wrong(&self, key: &str, value: &Json, path: &str) -> Option<String> {
        let (name, takes) = self.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
        let path = if path.is_empty() { (*name).to_owned() } else { format!("{path}.{name}") };
        let cannot = |value: &Json, wanted: &str| {
            Some(json::cannot(json::kind(value), &format!("Go struct field {}.{path} of type {wanted}", self.name)))
        };
        let is_text = |value: &Json| !matches!(value, Json::Array(_) | Json::Object(_));
        match (takes, value) {
            (_, Json::Null) | (Anything, Json::Array(_)) | (Flag, Json::Bool(_)) => None,
            (Text, value) => {
                if is_text(value) {
                    None
                } else {
                    cannot(value, "string")
                }
            }
            (Flag, value) => cannot(value, "bool"),
            (Texts, Json::Array(items)) => {
                items.iter().find(|item| !is_text(item)).and_then(|item| cannot(item, "string"))
            }
            (Texts, value) => cannot(value, "[]string"),
            (TextMap, Json::Object(entries)) => sorted(entries)
                .into_iter()
                .find(|(_, item)| !is_text(item))
                .and_then(|(_, item)| cannot(item, "string")),
            (TextMap, value) => cannot(value, "map[string]string"),
            (Anything, value) => cannot(value, "[]interface {}"),
            (Structs(shape), Json::Array(items)) => items.iter().find_map(|item| match item {
                Json::Null => None,
                Json::Object(inner) => {
                    sorted(inner).into_iter().find_map(|(key, value)| shape.wrong(key, value, &path))
                }
                item => cannot(item, &format!("v2.{}", shape.name)),
            }),
            (Structs(shape), value) => cannot(value, &format!("[]*v2.{}", shape.name)),
        }
    }
}

fn sorted(object: &Map<String, Json>) -> Vec<(&String, &Json)> {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

/// The value of a field: the last key in order that is its name in any case and holds something.
pub(super) fn field<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    let own = |(key, value): &(&String, &Json)| key.eq_ignore_ascii_case(name) && !value.is_null();
    sorted(object).into_iter().rfind(own).map(|(_, value)| value)
}

/// The line of a file that begins with `key`, from 1.
pub(super) fn line_of(text: &str, key: &str) -> Option<usize> {
    text.lines()
        .position(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':')))
        .map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_told_as_go_tells_it() {
        for (chart, wanted) in [
            (json!({"name": "c", "deprecated": true, "keywords": ["a", 1.0, null], "annotations": {"a": 1}}), None),
            (json!({"NAME": 5, "unknown": [], "maintainers": null, "dependencies": [null]}), None),
            (json!({"deprecated": "yes"}), Some("string into Go struct field Metadata.deprecated of type bool")),
            (json!({"keywords": "a"}), Some("string into Go struct field Metadata.keywords of type []string")),
            (json!({"keywords": [["a"]]}), Some("array into Go struct field Metadata.keywords of type string")),
            (
                json!({"name": [], "deprecated": 1, "appVersion": {}}),
                Some("object into Go struct field Metadata.appVersion of type string"),
            ),
            (
                json!({"maintainers": "bob"}),
                Some("string into Go struct field Metadata.maintainers of type []*v2.Maintainer"),
            ),
            (
                json!({"maintainers": ["bob"]}),
                Some("string into Go struct field Metadata.maintainers of type v2.Maintainer"),
            ),
            (
                json!({"maintainers": [{"name": []}]}),
                Some("array into Go struct field Maintainer.maintainers.name of type string"),
            ),
            (
                json!({"dependencies": {}}),
                Some("object into Go struct field Metadata.dependencies of type []*v2.Dependency"),
            ),
            (
                json!({"dependencies": [{"tags": "x"}]}),
                Some("string into Go struct field Dependency.dependencies.tags of type []string"),
            ),
            (
                json!({"dependencies": [{"enabled": 1}]}),
                Some("number into Go struct field Dependency.dependencies.enabled of type bool"),
            ),
            (
                json!({"dependencies": [{"import-values": "x"}]}),
                Some("string into Go struct field Dependency.dependencies.import-values of type []interface {}"),
            ),
            (
                json!({"annotations": []}),
                Some("array into Go struct field Metadata.annotations of type map[string]string"),
            ),
            (
                json!({"annotations": {"a": {}}}),
                Some("object into Go struct field Metadata.annotations of type string"),
            ),
        ] {
            let found = METADATA.misfit(chart.as_object().unwrap()).map(|misfit| misfit.message);
            assert_eq!(found, wanted.map(|wanted| format!("json: cannot unmarshal {wanted}")), "{chart}");
        }
    }

    #[test]
    fn keys_are_read_in_any_case_and_the_last_one_counts() {
        let chart = json!({"NAME": "a", "Name": "b", "name": null, "VERSION": 1});
        assert_eq!(field(chart.as_object().unwrap(), "name"), Some(&json!("b")));
        assert_eq!(field(chart.as_object().unwrap(), "version"), Some(&json!(1)));
        assert_eq!(field(chart.as_object().unwrap(), "type"), None);
        assert_eq!(line_of("a: 1\nb : 2\nbc: 3\n", "b"), Some(2));
        assert_eq!(line_of("a: 1\n b: 2\n", "b"), None);
    }
}
