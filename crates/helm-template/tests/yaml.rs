//! YAML by the thousand: values written and texts read by us and by Helm's SDK.

#![allow(clippy::expect_used, reason = "a missing prerequisite fails the test")]

mod common;

use helm_template::{Chart, FreshDraw, NoLookup, Release, RenderContext};
use serde_json::{Value as Json, json};

/// A small generator with a fixed seed: the same cases every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const PIECES: &[&str] = &[
    "a",
    "b",
    "Z",
    "0",
    "7",
    "1.5",
    ".",
    "-",
    "_",
    ":",
    ": ",
    " :",
    "#",
    " #",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "'",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "?",
    "? ",
    "- ",
    "=",
    "~",
    "true",
    "null",
    "yes",
    "0x",
    "e3",
    "é",
    "ü",
    "日本",
    "\u{1F600}",
    "\u{a0}",
    "\r",
    "\u{7}",
    "word word word",
    "a long piece of text with blanks ",
];

fn text(random: &mut Random) -> String {
    let count = random.below(12);
    (0..count).map(|_| random.pick(PIECES)).collect()
}

fn value(random: &mut Random, depth: usize) -> Json {
    match random.below(if depth == 0 { 8 } else { 11 }) {
        0 => json!(random.below(1000) as f64),
        1 => json!(random.below(1_000_000) as f64 / 1000.0),
        2 => json!(random.pick(&[1e21, 1e-9, 123456789.125, -4.0, 1e15, 0.1, 5e-324])),
        3 => random.pick(&[Some(true), Some(false), None]).map_or(Json::Null, Json::Bool),
        4..8 => json!(text(random)),
        8 => Json::Array((0..random.below(4)).map(|_| value(random, depth - 1)).collect()),
        _ => Json::Object((0..random.below(5)).map(|_| (text(random), value(random, depth - 1))).collect()),
    }
}

const LINES: &[&str] = &[
    "a: 1",
    "b: text",
    "c:",
    "  d: 2",
    "  e: [1, 2, {x: y}]",
    "- item",
    "- - nested",
    "  - k: v",
    "f: |",
    "  line one",
    "",
    "  line two",
    "    deeper",
    "g: >-",
    "h: 'single ''quoted'''",
    "i: \"double\\tquoted\"",
    "j: yes",
    "k: 0755",
    "l: 1_000",
    "m: ~",
    "n: &anchor {p: q}",
    "o: *anchor",
    "p:",
    "  <<: *anchor",
    "  r: s",
    "# comment",
    "t: a # comment",
    "u: a#b",
    "\"quoted key\": 1",
    "? complex",
    ": value",
    "v: !!str 5",
    "w: 2024-01-02",
    "x: 12:30:45",
    "y: n",
    "z: .5",
    "aa: +1",
    "ab: 1e3",
    "ac: plain",
    "  continued",
    "ad: {a: b,",
    "  c: d}",
    "ae: [",
    "]",
    "af: -",
    "ag: a: b",
    "ah: @x",
    "ai: `x",
    "aj: %x",
    "\ttab: 1",
    "ak:\tx",
    "al: |+",
    "am: >",
    "---",
    "...",
    "an: '",
    "ao: null",
    "1: one",
    "true: t",
    "ap: |2",
    "   x",
    "aq: \"multi",
    "  line\"",
    "ar: ''",
    "a: 2",
];

fn document(random: &mut Random) -> String {
    let count = 1 + random.below(7);
    let mut lines: Vec<&str> = (0..count).map(|_| random.pick(LINES)).collect();
    if random.below(3) > 0 {
        lines.push("");
    }
    lines.join("\n")
}

fn files(template: &str) -> Vec<(String, Vec<u8>)> {
    [("Chart.yaml", "apiVersion: v2\nname: yaml\nversion: 1.0.0\n"), ("templates/t.txt", template)]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .to_vec()
}

/// Runs a template over all cases, `\u{1}` between them, with both.
fn both(template: &str, cases: &[Json]) -> (Vec<String>, Vec<String>) {
    let template = format!("{{{{ range .Values.cases }}}}{template}\u{1}{{{{ end }}}}");
    let folder = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files(&template) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    let values = json!({ "cases": cases });
    let answer =
        common::oracle(&[json!({ "chart": folder.path(), "values": values, "name": "rel", "namespace": "ns" })]);
    let theirs =
        answer["results"][0]["templates"]["yaml/templates/t.txt"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let release = Release { name: "rel".into(), namespace: "ns".into(), revision: 1, install: true };
    let capabilities = common::capabilities(&answer);
    let now = jiff::Timestamp::UNIX_EPOCH;
    let context =
        RenderContext { release: &release, capabilities: &capabilities, now, draw: &FreshDraw, lookup: &NoLookup };
    let chart = Chart::from_files(files(&template)).expect("a chart");
    let mine =
        helm_template::render_templates(&chart, values.as_object().expect("a map"), &context).expect("it renders");
    let split = |text: &str| text.split('\u{1}').map(ToOwned::to_owned).collect::<Vec<_>>();
    (split(theirs), split(&mine["yaml/templates/t.txt"]))
}

#[test]
fn values_are_written_as_helm_writes_them() {
    let mut random = Random(20_241_124);
    let cases: Vec<Json> = (0..3_000).map(|_| json!({ "v": value(&mut random, 3) })).collect();
    for template in
        ["{{ toYaml .v }}", "{{ toYaml . | indent 4 }}", "{{ toJson .v }}", "{{ fromYaml (toYaml .) | toJson }}"]
    {
        let (theirs, mine) = both(template, &cases);
        assert_eq!(theirs.len(), mine.len());
        let wrong: Vec<_> = theirs.iter().zip(&mine).zip(&cases).filter(|((theirs, mine), _)| theirs != mine).collect();
        println!("{template}: {}/{} as Helm", cases.len() - wrong.len(), cases.len());
        for ((theirs, mine), case) in wrong.iter().take(5) {
            println!("{case}\n  helm {theirs:?}\n  ours {mine:?}");
        }
        assert!(wrong.is_empty(), "{template}: {} differ", wrong.len());
    }
}

#[test]
fn texts_are_read_as_helm_reads_them() {
    let mut random = Random(7);
    let cases: Vec<Json> = (0..5_000).map(|_| json!(document(&mut random))).collect();
    let (theirs, mine) = both("{{ fromYaml . | toJson }}", &cases);
    // What is refused is refused in the same words.
    let wrong: Vec<_> = theirs.iter().zip(&mine).zip(&cases).filter(|((theirs, mine), _)| theirs != mine).collect();
    let accepted = theirs.iter().filter(|text| !text.starts_with("{\"Error\":\"error converting")).count();
    println!("read: {}/{} as Helm, {accepted} of them good YAML", cases.len() - wrong.len(), cases.len());
    for ((theirs, mine), case) in wrong.iter().take(20) {
        println!("{case}\n  helm {theirs}\n  ours {mine}");
    }
    assert!(wrong.is_empty(), "{} differ", wrong.len());
}
