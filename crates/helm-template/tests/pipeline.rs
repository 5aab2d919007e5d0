//! The whole way of `helm install --dry-run=client`, by us and by Helm's SDK: subcharts switched by conditions and tags,
//! aliases, imported values, globals, nulls, library charts, hooks left out, objects sorted.

#![allow(clippy::expect_used, reason = "a missing prerequisite fails the test")]

mod common;

use helm_template::{Chart, FreshDraw, NoLookup, Release, RenderContext};
use serde_json::{Value as Json, json};

type Files = &'static [(&'static str, &'static str)];

const SHOW: &str = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: \"{{ .Chart.Name }}\"}\ndata:\n  v: {{ toJson .Values | quote }}\n  t: {{ .Template.BasePath }}\n";

const FAMILY: Files = &[
    (
        "Chart.yaml",
        "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n\
         - {name: sub, version: '>=1.0', condition: 'sub.enabled,global.sub', tags: [front, back], import-values: [data, {child: deep.er, parent: brought.up}]}\n\
         - {name: other, version: 2.x, alias: second, condition: second.on, tags: [back]}\n\
         - {name: other, version: 2.x}\n\
         - {name: lib, version: 0.1.0}\n\
         - {name: wrong, version: 9.x}\n",
    ),
    (
        "values.yaml",
        "own: 1\nnulled: {a: 1, b: 2}\nsub: {fromParent: yes, list: [1, 2], gone: 3}\nglobal: {g: parent, deep: {x: 1}}\nsecond: {s: 1}\n",
    ),
    ("templates/show.yaml", SHOW),
    (
        "templates/order.yaml",
        "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: d}\n---\nkind: Custom\napiVersion: a/v1\nmetadata: {name: c}\n---\nkind: Service\napiVersion: v1\nmetadata: {name: s}\n---\n# only words\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: n}\n",
    ),
    (
        "templates/hook.yaml",
        "kind: Job\napiVersion: batch/v1\nmetadata: {name: h, annotations: {\"helm.sh/hook\": pre-install}}\n",
    ),
    ("templates/_lib.tpl", "{{ define \"who\" }}parent{{ end }}"),
    (
        "templates/who.yaml",
        "kind: Who\napiVersion: w/v1\nmetadata: {name: '{{ include \"who\" . }}-{{ include \"fromlib\" . }}'}\n",
    ),
    ("templates/NOTES.txt", "Thanks, {{ .Release.Name }}\n"),
    ("templates/empty.yaml", "{{ if .Values.never }}x{{ end }}\n\n"),
    ("crds/crd.yaml", "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nmetadata: {name: crd}\n"),
    ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.2.3\n"),
    (
        "charts/sub/values.yaml",
        "own: sub\nlist: [9]\ngone: 1\nnil: null\nexports: {data: {imported: 7, own: not-this}}\ndeep: {er: {y: 2}}\nglobal: {g: sub, s: 1, deep: {y: 2}}\n",
    ),
    ("charts/sub/templates/show.yaml", SHOW),
    ("charts/sub/templates/_lib.tpl", "{{ define \"who\" }}sub{{ end }}"),
    ("charts/sub/templates/NOTES.txt", "sub notes"),
    ("charts/sub/charts/leaf/Chart.yaml", "apiVersion: v1\nname: leaf\nversion: 0.0.1\n"),
    ("charts/sub/charts/leaf/values.yaml", "l: 1\n"),
    ("charts/sub/charts/leaf/templates/show.yaml", SHOW),
    ("charts/other/Chart.yaml", "apiVersion: v2\nname: other\nversion: 2.5.0\n"),
    ("charts/other/values.yaml", "o: 1\n"),
    ("charts/other/templates/show.yaml", SHOW),
    ("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n"),
    ("charts/lib/templates/_l.tpl", "{{ define \"fromlib\" }}lib{{ end }}"),
    ("charts/lib/templates/no.yaml", "kind: Never\n"),
    ("charts/wrong/Chart.yaml", "apiVersion: v2\nname: wrong\nversion: 1.0.0\n"),
    ("charts/wrong/templates/show.yaml", SHOW),
    ("charts/_ignored/Chart.yaml", "apiVersion: v2\nname: ignored\nversion: 1.0.0\n"),
];

const OLD: Files = &[
    ("Chart.yaml", "apiVersion: v1\nname: old\nversion: 1.0.0\n"),
    ("requirements.yaml", "dependencies:\n- {name: sub, version: 1.x, condition: want.sub}\n"),
    ("values.yaml", "want: {sub: false}\n---\nmore: 1\n"),
    ("templates/show.yaml", SHOW),
    ("charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0\n"),
    ("charts/sub/templates/show.yaml", SHOW),
];

const NEWER: Files = &[
    ("Chart.yaml", "apiVersion: v2\nname: newer\nversion: 1.0.0\nkubeVersion: '>=1.99.0-0'\n"),
    ("templates/show.yaml", SHOW),
];

const BROKEN: Files =
    &[("Chart.yaml", "apiVersion: v2\nname: broken\nversion: 1.0.0\n"), ("templates/a.yaml", "kind: [\n")];

fn cases() -> Vec<(Files, Json)> {
    vec![
        (FAMILY, json!({})),
        (FAMILY, json!({"sub": {"enabled": false}})),
        (FAMILY, json!({"sub": {"enabled": true}, "tags": {"front": false, "back": false}})),
        (FAMILY, json!({"tags": {"front": false, "back": false}})),
        (FAMILY, json!({"tags": {"front": false, "back": true}})),
        (FAMILY, json!({"global": {"sub": false}})),
        (FAMILY, json!({"sub": {"enabled": "yes"}, "global": {"sub": false}})),
        (FAMILY, json!({"second": {"on": false}})),
        (FAMILY, json!({"own": null, "nulled": {"a": null}, "sub": {"gone": null, "nil": 1.0}})),
        (FAMILY, json!({"nulled": null, "sub": null})),
        (
            FAMILY,
            json!({"global": {"g": "user", "deep": {"x": 5.0, "z": null}, "new": {"a": 1.0}}, "sub": {"global": {"g": "direct"}}}),
        ),
        (FAMILY, json!({"imported": "mine", "brought": {"up": {"y": 9.0}}, "sub": {"deep": {"er": {"y": 3.0}}}})),
        (FAMILY, json!({"sub": "not a map"})),
        (FAMILY, json!({"nulled": "text", "sub": {"list": {"a": 1.0}, "leaf": {"l": 2.0, "m": null}}})),
        (OLD, json!({})),
        (OLD, json!({"want": {"sub": true}})),
        (NEWER, json!({})),
        (BROKEN, json!({})),
    ]
}

#[test]
fn an_install_renders_what_helm_would_install() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut jobs = Vec::new();
    for (at, (files, values)) in cases().into_iter().enumerate() {
        let place = folder.path().join(at.to_string());
        for (path, text) in files {
            let path = place.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        jobs.push(json!({ "chart": place, "values": values, "name": "rel", "namespace": "ns", "install": true }));
    }
    let answer = common::oracle(&jobs);
    let capabilities = common::capabilities(&answer);
    let release = Release { name: "rel".into(), namespace: "ns".into(), revision: 1, install: true };
    let now = jiff::Timestamp::now();
    let context =
        RenderContext { release: &release, capabilities: &capabilities, now, draw: &FreshDraw, lookup: &NoLookup };
    let mut wrong = Vec::new();
    for (at, (_, values)) in cases().iter().enumerate() {
        let theirs = &answer["results"][at];
        let chart = Chart::from_dir(&folder.path().join(at.to_string())).expect("a chart");
        let mine = helm_template::render(&chart, values.as_object().expect("a map"), &context);
        match (mine, theirs["manifest"].as_str()) {
            (Ok(mine), Some(manifest)) => {
                let text: String =
                    mine.manifests.iter().map(|one| format!("---\n# Source: {}\n{}\n", one.source, one.text)).collect();
                // Helm keeps documents that hold only comments, as last ones; we do not.
                let theirs_text = manifest.replace("---\n# Source: parent/templates/order.yaml\n# only words\n", "");
                if text != theirs_text {
                    wrong.push(format!("case {at} {values}\n--- helm\n{theirs_text}\n--- ours\n{text}"));
                }
                assert_eq!(mine.notes.unwrap_or_default(), theirs["notes"].as_str().expect("notes"), "case {at}");
            }
            (Err(_), None) => {}
            (Ok(_), None) => wrong.push(format!("case {at} {values}: only Helm fails: {}", theirs["error"])),
            (Err(error), Some(_)) => wrong.push(format!("case {at} {values}: {error}")),
        }
    }
    println!("pipeline: {}/{} as Helm", cases().len() - wrong.len(), cases().len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hooks_and_definitions_stand_apart() {
    let files = FAMILY.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    let chart = Chart::from_files(files).expect("a chart");
    let release = Release { name: "rel".into(), namespace: "ns".into(), revision: 1, install: true };
    let capabilities = helm_template::Capabilities { kube_version: "v1.34.0".into(), api_versions: Default::default() };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let context =
        RenderContext { release: &release, capabilities: &capabilities, now, draw: &FreshDraw, lookup: &NoLookup };
    let rendered = helm_template::render(&chart, &helm_template::Values::new(), &context).expect("it renders");
    assert_eq!(rendered.hooks.len(), 1);
    assert_eq!(rendered.hooks[0].events, ["pre-install"]);
    assert_eq!(rendered.crds.len(), 1);
    assert_eq!(rendered.crds[0].source, "parent/crds/crd.yaml");
    assert_eq!(rendered.notes.as_deref(), Some("Thanks, rel\n"));
}
