//! `Chart.yaml`, and `requirements.yaml` of old charts.

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::value::{Elem, Map, Value};
use crate::yaml::{self, Numbers};

/// What `Chart.yaml` says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata {
    /// `name`.
    pub name: String,
    /// `version`, a semantic version.
    pub version: String,
    /// `apiVersion`, `v1` if not given.
    pub api_version: String,
    /// `appVersion`.
    pub app_version: String,
    /// `kubeVersion`, a constraint.
    pub kube_version: String,
    /// `type`: empty, `application` or `library`.
    pub kind: String,
    /// `description`.
    pub description: String,
    /// `dependencies`.
    pub dependencies: Vec<Dependency>,
    /// The whole of `Chart.yaml` as read.
    pub raw: serde_json::Map<String, Json>,
}

/// One entry of `dependencies`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dependency {
    /// The chart's name.
    pub name: String,
    /// A version constraint.
    pub version: String,
    /// Where it comes from; `file://` paths are relative to the chart.
    pub repository: String,
    /// Paths into the values that switch it, comma between.
    pub condition: String,
    /// Tags that switch it.
    pub tags: Vec<String>,
    /// Another name to use it under.
    pub alias: String,
    /// `import-values` as read.
    pub import_values: Vec<Json>,
}

impl Metadata {
    /// Whether only its `_` files count.
    pub(crate) fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }

    /// `.Chart` in templates: the fields of Helm's struct, by their Go names.
    pub(crate) fn to_value(&self, is_root: bool) -> Value {
        let text = |key: &str| Value::text(self.text(key));
        let strings = |key: &str| {
            let items = self.raw.get(key).and_then(Json::as_array).into_iter().flatten();
            Value::list(items.map(|item| Value::text(scalar(item))).collect())
        };
        let maintainers = self.raw.get("maintainers").and_then(Json::as_array).into_iter().flatten();
        let maintainers = maintainers.map(|maintainer| {
            let field = |name: &str| Value::text(maintainer.get(name).map(scalar).unwrap_or_default());
            Value::Map(
                [("Name", field("name")), ("Email", field("email")), ("URL", field("url"))].into_iter().collect(),
            )
        });
        let annotations = Map::of(Elem::Str);
        for (key, value) in self.raw.get("annotations").and_then(Json::as_object).into_iter().flatten() {
            annotations.set(key.as_str(), Value::text(scalar(value)));
        }
        let dependencies = self.dependencies.iter().map(Dependency::to_value).collect();
        let entries = [
            ("Name", Value::text(self.name.as_str())),
            ("Home", text("home")),
            ("Sources", strings("sources")),
            ("Version", Value::text(self.version.as_str())),
            ("Description", Value::text(self.description.as_str())),
            ("Keywords", strings("keywords")),
            ("Maintainers", Value::list(maintainers.collect())),
            ("Icon", text("icon")),
            ("APIVersion", Value::text(self.api_version.as_str())),
            ("Condition", text("condition")),
            ("Tags", text("tags")),
            ("AppVersion", Value::text(self.app_version.as_str())),
            ("Deprecated", Value::Bool(self.raw.get("deprecated") == Some(&Json::Bool(true)))),
            ("Annotations", Value::Map(annotations)),
            ("KubeVersion", Value::text(self.kube_version.as_str())),
            ("Dependencies", Value::list(dependencies)),
            ("Type", Value::text(self.kind.as_str())),
            ("IsRoot", Value::Bool(is_root)),
        ];
        Value::Map(entries.into_iter().collect())
    }

    fn text(&self, key: &str) -> String {
        self.raw.get(key).map(|value| sanitized(&scalar(value))).unwrap_or_default()
    }
}

impl Dependency {
    fn to_value(&self) -> Value {
        let text = |text: &str| Value::text(text);
        let entries = [
            ("Name", text(&self.name)),
            ("Version", text(&self.version)),
            ("Repository", text(&self.repository)),
            ("Condition", text(&self.condition)),
            ("Tags", Value::list(self.tags.iter().map(|tag| text(tag)).collect())),
            ("Enabled", Value::Bool(false)),
            ("ImportValues", Value::list(self.import_values.iter().map(Value::from_json).collect())),
            ("Alias", text(&self.alias)),
        ];
        Value::Map(entries.into_iter().collect())
    }

    fn read(json: &Json) -> Self {
        let text = |key: &str| json.get(key).map(|value| sanitized(&scalar(value))).unwrap_or_default();
        let list = |key: &str| json.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
        Self {
            name: text("name"),
            version: text("version"),
            repository: text("repository"),
            condition: text("condition"),
            alias: text("alias"),
            tags: list("tags").iter().map(scalar).collect(),
            import_values: list("import-values"),
        }
    }
}

/// Reads and checks a chart's metadata; `file` gives a file of the chart.
pub(super) fn read<'a>(file: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Metadata> {
    let invalid = |reason: &str| Error::ChartInvalid { path: "Chart.yaml".to_owned(), reason: reason.to_owned() };
    let Some(bytes) = file("Chart.yaml") else { return Err(invalid("Chart.yaml file is missing")) };
    let raw = object(bytes, "Chart.yaml")?;
    let text = |key: &str| raw.get(key).map(|value| sanitized(&scalar(value))).unwrap_or_default();
    let mut metadata = Metadata {
        name: text("name"),
        version: text("version"),
        api_version: text("apiVersion"),
        app_version: text("appVersion"),
        kube_version: text("kubeVersion"),
        kind: text("type"),
        description: text("description"),
        dependencies: dependencies(&raw),
        raw,
    };
    if metadata.api_version.is_empty() {
        metadata.api_version = "v1".to_owned();
    }
    if let Some(bytes) = file("requirements.yaml") {
        let requirements = object(bytes, "requirements.yaml")?;
        if requirements.contains_key("dependencies") {
            metadata.dependencies = dependencies(&requirements);
        }
    }
    if metadata.name.is_empty() {
        return Err(invalid("chart.metadata.name is required"));
    }
    if metadata.name == "." || metadata.name == ".." || metadata.name.contains(['/', '\\']) {
        return Err(invalid(&format!("chart.metadata.name {:?} is invalid", metadata.name)));
    }
    if metadata.version.is_empty() {
        return Err(invalid("chart.metadata.version is required"));
    }
    if !matches!(metadata.kind.as_str(), "" | "application" | "library") {
        return Err(invalid("chart.metadata.type must be application or library"));
    }
    let mut names: Vec<&str> = Vec::new();
    for dependency in &metadata.dependencies {
        let name = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
        if names.contains(&name.as_str()) {
            return Err(invalid(&format!("more than one dependency with name or alias {name:?}")));
        }
        names.push(name);
    }
    Ok(metadata)
}

fn object(bytes: &[u8], path: &str) -> Result<serde_json::Map<String, Json>> {
    let bad = |reason: String| Error::Yaml { path: path.to_owned(), reason };
    let text = std::str::from_utf8(bytes).map_err(|error| bad(error.to_string()))?;
    match yaml::parse(text, Numbers::Exact).map_err(bad)? {
        Json::Object(entries) => Ok(entries),
        Json::Null => Ok(serde_json::Map::new()),
        _ => Err(bad("not a map".to_owned())),
    }
}

fn dependencies(raw: &serde_json::Map<String, Json>) -> Vec<Dependency> {
    let items = raw.get("dependencies").and_then(Json::as_array).into_iter().flatten();
    items.filter(|item| item.is_object()).map(Dependency::read).collect()
}

/// A scalar where a string is wanted, as `sigs.k8s.io/yaml` makes it one.
fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            // Go formats with the precision of a float32 here.
            (None, Some(float)) => (float as f32).to_string(),
            _ => number.to_string(),
        },
        _ => String::new(),
    }
}

/// Helm's `sanitizeString`: every white space a space, nothing that does not print.
fn sanitized(text: &str) -> String {
    text.chars()
        .filter_map(|c| if c.is_whitespace() { Some(' ') } else { crate::quote::is_print(c).then_some(c) })
        .collect()
}
