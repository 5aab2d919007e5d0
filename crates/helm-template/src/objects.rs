//! What templates see beside values and has methods: `.Files`, `.Capabilities`.

use std::any::Any;
use std::rc::Rc;

use crate::known_versions::KNOWN_API_VERSIONS;
use crate::param::{FunctionError, Param};
use crate::release::Capabilities;
use crate::value::{Map, Object, Text, Value};
use crate::yaml;

type Called = Option<Result<Value, FunctionError>>;

fn text_argument(method: &str, arguments: &[Value]) -> Result<Text, FunctionError> {
    match arguments {
        [Value::Str(text)] => Ok(text.clone()),
        [other] => {
            let got = other.type_name();
            Err(FunctionError(format!("wrong type for value; expected string; got {got}")))
        }
        _ => Err(FunctionError(format!("wrong number of args for {method}: want 1 got {}", arguments.len()))),
    }
}

/// `.Files`: the chart's files that are neither templates nor values.
pub(crate) struct Files(Map);

impl Files {
    pub(crate) fn value(files: &[(String, Text)]) -> Value {
        let map = files.iter().map(|(path, bytes)| (path.as_str(), Value::Bytes(bytes.clone()))).collect();
        Value::Object(Rc::new(Self(map)))
    }

    fn bytes(&self, path: &[u8]) -> Text {
        match self.0.get(path) {
            Some(Value::Bytes(bytes)) => bytes,
            _ => Text::from(""),
        }
    }

    /// A YAML map from file names, without folders, to what `content` makes of the bytes.
    fn flat(&self, content: impl Fn(&Text) -> Value) -> Value {
        let flat = Map::new();
        for (path, bytes) in self.0.entries() {
            let Value::Bytes(bytes) = bytes else { continue };
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(&path);
            flat.set(name, content(&bytes));
        }
        let mut text = yaml::to_yaml(&Value::Map(flat)).unwrap_or_default();
        if text.last() == Some(&b'\n') {
            text.pop();
        }
        Value::text(text)
    }

    fn lines(&self, path: &[u8]) -> Result<Value, FunctionError> {
        let Some(Value::Bytes(bytes)) = self.0.get(path) else {
            return Ok(Value::strings(Vec::<Text>::new()));
        };
        if bytes.is_empty() {
            // Helm looks at the last byte, and Go's runtime stops it.
            return Err(FunctionError::new("runtime error: index out of range [-1]"));
        }
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        Ok(Value::strings(text.split(|byte| *byte == b'\n').map(Text::from)))
    }
}

impl Object for Files {
    fn type_name(&self) -> String {
        "engine.files".to_owned()
    }

    fn kind(&self) -> &'static str {
        "map"
    }

    fn print(&self) -> Vec<u8> {
        self.data().print()
    }

    fn data(&self) -> Value {
        Value::Map(self.0.clone())
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(self.0.get(name).unwrap_or(Value::Bytes(Text::from(""))))
    }

    fn params(&self, name: &str) -> &'static [Param] {
        if matches!(name, "Get" | "GetBytes" | "Lines" | "Glob") { &[Param::Text] } else { &[] }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Called {
        let with_text = |run: &dyn Fn(&Text) -> Value| Some(text_argument(name, arguments).map(|text| run(&text)));
        match name {
            "Get" => with_text(&|path| Value::Str(self.bytes(path))),
            "GetBytes" => with_text(&|path| Value::Bytes(self.bytes(path))),
            "Lines" => Some(text_argument(name, arguments).and_then(|path| self.lines(&path))),
            "Glob" => with_text(&|pattern| {
                let pattern: Vec<char> = pattern.to_str().chars().collect();
                let matching = |path: &Text| glob(&pattern, &path.to_str().chars().collect::<Vec<_>>());
                let found = self.0.entries().into_iter().filter(|(path, _)| matching(path)).collect();
                Value::Object(Rc::new(Self(found)))
            }),
            "AsConfig" => Some(Ok(self.flat(|bytes| Value::Str(bytes.clone())))),
            "AsSecrets" => Some(Ok(self.flat(|bytes| {
                use base64::Engine as _;
                Value::text(base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes()))
            }))),
            _ => None,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The glob language of Helm's `.Files.Glob`: `*` and `?` stop at `/`, `**` does not, `[…]`, `{a,b}`, `\`.
fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', '*', rest @ ..] => (0..=text.len()).any(|at| glob(rest, &text[at..])),
        ['*', rest @ ..] => {
            let reach = text.iter().position(|c| *c == '/').unwrap_or(text.len());
            (0..=reach).any(|at| glob(rest, &text[at..]))
        }
        ['?', rest @ ..] => text.first().is_some_and(|c| *c != '/') && glob(rest, &text[1..]),
        ['\\', c, rest @ ..] => text.first() == Some(c) && glob(rest, &text[1..]),
        ['[', rest @ ..] => {
            let Some(end) = rest.iter().position(|c| *c == ']') else { return false };
            let (class, negated) = match &rest[..end] {
                ['!' | '^', class @ ..] => (class, true),
                class => (class, false),
            };
            let Some(c) = text.first() else { return false };
            let found = match class {
                [from, '-', to] => (from..=to).contains(&c),
                class => class.contains(c),
            };
            found != negated && glob(&rest[end + 1..], &text[1..])
        }
        ['{', rest @ ..] => {
            let Some(end) = closing(rest) else { return false };
            alternatives(&rest[..end]).into_iter().any(|alternative| {
                let whole: Vec<char> = alternative.iter().chain(&rest[end + 1..]).copied().collect();
                glob(&whole, text)
            })
        }
        [c, rest @ ..] => text.first() == Some(c) && glob(rest, &text[1..]),
    }
}

/// Where the brace that is open ends.
fn closing(pattern: &[char]) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in pattern.iter().enumerate() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn alternatives(pattern: &[char]) -> Vec<&[char]> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in pattern.iter().enumerate() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&pattern[start..]);
    parts
}

/// A field of a Go struct.
struct Field {
    name: &'static str,
    /// What JSON calls it; none if JSON does not see it, nor a template.
    json: Option<&'static str>,
    value: Value,
}

/// A Go struct.
struct Struct {
    type_name: &'static str,
    kind: &'static str,
    fields: Vec<Field>,
    /// What Go's `String` method says. It belongs to the pointer: an action calls it, `printf` does not.
    string: Option<String>,
}

impl Object for Struct {
    fn type_name(&self) -> String {
        self.type_name.to_owned()
    }

    fn kind(&self) -> &'static str {
        self.kind
    }

    fn print(&self) -> Vec<u8> {
        let mut out = if self.kind == "ptr" { b"&{".to_vec() } else { b"{".to_vec() };
        for (at, field) in self.fields.iter().enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            field.value.print_to(&mut out);
        }
        out.push(b'}');
        out
    }

    fn shown(&self) -> Vec<u8> {
        match &self.string {
            Some(string) => string.clone().into_bytes(),
            None => self.print(),
        }
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let full = |value: &Value| value.as_text().is_none_or(|text| !text.is_empty());
        let seen = self.fields.iter().filter(|field| full(&field.value));
        Some(seen.filter_map(|field| Some((field.json?, field.value.clone()))).collect())
    }

    fn data(&self) -> Value {
        Value::Map(self.json_fields().into_iter().flatten().collect())
    }

    fn field(&self, name: &str) -> Option<Value> {
        let found = self.fields.iter().find(|field| field.name == name && field.json.is_some());
        found.map(|field| field.value.clone())
    }

    fn call(&self, name: &str, _: &[Value]) -> Called {
        match (name, &self.string) {
            ("String", Some(string)) => Some(Ok(Value::text(string.as_str()))),
            ("GitVersion", Some(_)) => Some(Ok(self.field("Version").unwrap_or(Value::Nil))),
            _ => None,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `.Capabilities.APIVersions`.
struct ApiVersions(Value, std::collections::BTreeSet<String>);

impl Object for ApiVersions {
    fn type_name(&self) -> String {
        "common.VersionSet".to_owned()
    }

    fn kind(&self) -> &'static str {
        "slice"
    }

    fn print(&self) -> Vec<u8> {
        self.0.print()
    }

    fn data(&self) -> Value {
        self.0.clone()
    }

    fn params(&self, name: &str) -> &'static [Param] {
        if name == "Has" { &[Param::Text] } else { &[] }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Called {
        (name == "Has")
            .then(|| text_argument(name, arguments).map(|version| Value::Bool(self.1.contains(&*version.to_str()))))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The version of Helm that this crate does as; `.Capabilities.HelmVersion`.
const HELM_VERSION: &str = "v4.2";
/// What that Helm was built with.
const GO_VERSION: &str = "go1.26.6";
const KUBE_CLIENT_VERSION: &str = "v1.36";

/// `.Capabilities`.
pub(crate) fn capabilities(capabilities: &Capabilities) -> Value {
    let version = format!("v{}", capabilities.kube_version.trim_start_matches('v'));
    let (major, minor, patch) = numbers(&version);
    let plain = format!("v{major}.{minor}.{patch}");
    let field =
        |name: &'static str, json: &'static str, text: &str| Field { name, json: Some(json), value: Value::text(text) };
    let kube_version = Struct {
        type_name: "common.KubeVersion",
        kind: "struct",
        fields: vec![
            field("Version", "Version", &version),
            Field { name: "normalizedVersion", json: None, value: Value::text(plain.as_str()) },
            field("Major", "Major", &major),
            field("Minor", "Minor", &minor),
        ],
        string: Some(plain),
    };
    // Helm's own list first, in its order; what a cluster serves has none there.
    let known = KNOWN_API_VERSIONS.iter().copied().filter(|known| capabilities.api_versions.contains(*known));
    let others = capabilities.api_versions.iter().map(String::as_str);
    let versions = Value::strings(known.chain(others.filter(|other| !KNOWN_API_VERSIONS.contains(other))));
    let helm_version = Struct {
        type_name: "version.BuildInfo",
        kind: "struct",
        string: None,
        fields: vec![
            field("Version", "version", HELM_VERSION),
            field("GitCommit", "git_commit", ""),
            field("GitTreeState", "git_tree_state", ""),
            field("GoVersion", "go_version", GO_VERSION),
            field("KubeClientVersion", "kube_client_version", KUBE_CLIENT_VERSION),
        ],
    };
    let part =
        |name: &'static str, value: Rc<dyn Object>| Field { name, json: Some(name), value: Value::Object(value) };
    Value::Object(Rc::new(Struct {
        type_name: "*common.Capabilities",
        kind: "ptr",
        string: None,
        fields: vec![
            part("KubeVersion", Rc::new(kube_version)),
            part("APIVersions", Rc::new(ApiVersions(versions, capabilities.api_versions.clone()))),
            part("HelmVersion", Rc::new(helm_version)),
        ],
    }))
}

/// A Kubernetes version without what a distribution adds: `v1.33.4-gke.1` is `v1.33.4`.
pub(crate) fn plain_version(version: &str) -> String {
    let (major, minor, patch) = numbers(version);
    format!("v{major}.{minor}.{patch}")
}

fn numbers(version: &str) -> (String, String, String) {
    let mut parts = version.trim_start_matches('v').splitn(3, '.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        if digits.is_empty() { "0".to_owned() } else { digits }
    });
    let mut next = || parts.next().unwrap_or_else(|| "0".to_owned());
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_helm_matches_them() {
        for (pattern, path, expected) in [
            ("config/*", "config/a.yaml", true),
            ("config/*", "config/deep/a.yaml", false),
            ("config/**", "config/deep/a.yaml", true),
            ("**.yaml", "a/b.yaml", true),
            ("{a,b}/*.txt", "b/x.txt", true),
            ("{a,b}/*.txt", "c/x.txt", false),
            ("[a-c]?", "b1", true),
            ("[!a-c]?", "b1", false),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(glob(&chars(pattern), &chars(path)), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_distribution_s_suffix_is_left_out() {
        assert_eq!(plain_version("v1.33.4-gke.1245000"), "v1.33.4");
        assert_eq!(plain_version("1.30+"), "v1.30.0");
    }
}
