//! Values held against `values.schema.json`, by us and by Helm's SDK: the same are taken, and of what is refused the same
//! places are named.

#![allow(clippy::expect_used, reason = "a missing prerequisite fails the test")]

mod common;

use std::collections::BTreeSet;

use helm_template::{Chart, Error, FreshDraw, NoLookup, Release, RenderContext};
use serde_json::{Value as Json, json};

const SHOW: &str = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: \"{{ .Chart.Name }}\"}\ndata: {seen: '{{ .Files.Get \"values.schema.json\" | len }}'}\n";

const FILES: &[(&str, &str)] = &[
    (
        "Chart.yaml",
        "apiVersion: v2\nname: top\nversion: 0.1.0\ndependencies: [{name: sub, version: 0.1.0, condition: sub.enabled}]\n",
    ),
    ("values.yaml", "count: 1\nnested: {deep: {a: x}}\n"),
    (
        "values.schema.json",
        r##"{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["count"],
            "definitions": {"word": {"type": "string", "minLength": 1}},
            "properties": {
                "count": {"type": "integer", "minimum": 1},
                "name": {"type": "string", "pattern": "^x"},
                "list": {"type": "array", "uniqueItems": true, "items": {"$ref": "#/definitions/word"}},
                "either": {"oneOf": [{"type": "string"}, {"type": "integer", "maximum": 3}]},
                "mail": {"type": "string", "format": "email"},
                "nested": {"properties": {"deep": {"required": ["a"], "additionalProperties": {"type": "string"}}}}}}"##,
    ),
    ("templates/show.yaml", SHOW),
    ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
    ("charts/sub/values.yaml", "size: one\nenabled: true\n"),
    (
        "charts/sub/values.schema.json",
        r#"{"properties": {"size": {"enum": ["one", "two"]}, "enabled": true, "global": true}, "additionalProperties": false}"#,
    ),
    ("charts/sub/templates/show.yaml", SHOW),
];

/// What Helm refuses in each, at least once; and what it takes.
fn cases() -> Vec<Json> {
    vec![
        json!({}),
        json!({"count": 2.0, "name": "xy", "list": ["a", "b"], "either": 3, "mail": "a@b.example"}),
        json!({"sub": {"size": "two"}, "global": {"a": 1}}),
        json!({"sub": {"enabled": false, "size": "three"}}),
        json!({"count": "x"}),
        json!({"count": 0, "name": "y", "list": ["a", 7, ""]}),
        json!({"count": 1.5}),
        json!({"count": null}),
        json!({"list": ["a", "a"]}),
        json!({"either": 4}),
        json!({"either": true}),
        json!({"mail": "nobody"}),
        json!({"nested": {"deep": {"a": null}}}),
        json!({"nested": {"deep": {"b": 1}}}),
        json!({"sub": {"size": "three", "more": 1}}),
        json!({"count": "x", "sub": {"size": 1}}),
        json!({"sub": {"size": null}}),
    ]
}

/// The places that a refusal names, each behind the chart it is in.
fn places(refusal: &str) -> BTreeSet<String> {
    let mut chart = "";
    let mut found = BTreeSet::new();
    for line in refusal.lines() {
        let line = line.trim().trim_start_matches("- ");
        if let Some((place, _)) = line.strip_prefix("at '").and_then(|rest| rest.split_once('\'')) {
            found.insert(format!("{chart} {place}"));
        } else if let Some(name) = line.strip_suffix(':') {
            chart = name;
        }
    }
    found
}

#[test]
fn the_same_values_are_refused_at_the_same_places() {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in FILES {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("to make it");
        std::fs::write(path, text).expect("to write");
    }
    let job = |values: &Json| json!({"chart": folder.path(), "files": [], "values": values, "name": "r", "namespace": "n", "install": true});
    let answer = common::oracle(&cases().iter().map(job).collect::<Vec<_>>());
    let capabilities = common::capabilities(&answer);
    let chart =
        Chart::from_files(FILES.iter().map(|(p, t)| ((*p).to_owned(), t.as_bytes().to_vec()))).expect("a chart");
    let release = Release { name: "r".to_owned(), namespace: "n".to_owned(), revision: 1, install: true };
    let context = RenderContext {
        release: &release,
        capabilities: &capabilities,
        now: jiff::Timestamp::UNIX_EPOCH,
        draw: &FreshDraw,
        lookup: &NoLookup,
    };
    let mut refused = 0;
    for (values, theirs) in cases().iter().zip(answer["results"].as_array().expect("results")) {
        let ours = helm_template::render(&chart, values.as_object().expect("a map"), &context);
        match (theirs["error"].as_str(), &ours) {
            (None, Ok(_)) => {}
            (Some(theirs), Err(error @ Error::Schema { .. })) => {
                refused += 1;
                assert_eq!(error.code(), "values-schema");
                assert_eq!(places(&error.to_string()), places(theirs), "{values}\n{error}\n{theirs}");
                assert!(error.to_string().lines().next() == theirs.lines().next(), "{theirs}");
            }
            other => panic!("{values}: {other:?}"),
        }
    }
    assert!(refused >= 10, "{refused}");
}

#[test]
fn a_schema_reaches_for_nothing_outside_its_chart() {
    for reference in ["file:///etc/passwd", "https://schemas.example/x.json", "other.json"] {
        let schema = json!({"properties": {"a": {"$ref": reference}}}).to_string();
        let files = [("Chart.yaml", "apiVersion: v2\nname: top\nversion: 0.1.0\n"), ("values.schema.json", &schema)];
        let chart = Chart::from_files(files.map(|(p, t)| (p.to_owned(), t.as_bytes().to_vec()))).expect("a chart");
        let release = Release { name: "r".to_owned(), namespace: "n".to_owned(), revision: 1, install: true };
        let capabilities =
            helm_template::Capabilities { kube_version: "v1.36.0".to_owned(), api_versions: BTreeSet::new() };
        let context = RenderContext {
            release: &release,
            capabilities: &capabilities,
            now: jiff::Timestamp::UNIX_EPOCH,
            draw: &FreshDraw,
            lookup: &NoLookup,
        };
        let error = helm_template::render(&chart, &serde_json::Map::new(), &context).expect_err("it reaches out");
        assert!(error.to_string().contains("lies outside the chart"), "{reference}: {error}");
    }
}
