//! `Chart.yaml`, and `requirements.yaml` of old charts.

use serde_json::Value as Json;

use super::shape::{METADATA, field, line_of};
use crate::error::{Error, Result};
use crate::functions::is_version;
use crate::json;
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
        let items = |key: &str| field(&self.raw, key).and_then(Json::as_array).into_iter().flatten();
        let strings = |key: &str| Value::list(items(key).map(|item| Value::text(sanitized(&scalar(item)))).collect());
        let maintainers = items("maintainers").filter_map(Json::as_object).map(|maintainer| {
            let text = |name: &str| Value::text(text_of(maintainer, name));
            Value::Map([("Name", text("name")), ("Email", text("email")), ("URL", text("url"))].into_iter().collect())
        });
        let annotations = match field(&self.raw, "annotations").and_then(Json::as_object) {
            None => Value::Map(Map::nil(Elem::Str)),
            Some(entries) => {
                let annotations = Map::of(Elem::Str);
                for (key, value) in entries {
                    annotations.set(key.as_str(), Value::text(scalar(value)));
                }
                Value::Map(annotations)
            }
        };
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
            ("Deprecated", Value::Bool(field(&self.raw, "deprecated") == Some(&Json::Bool(true)))),
            ("Annotations", annotations),
            ("KubeVersion", Value::text(self.kube_version.as_str())),
            ("Dependencies", Value::list(dependencies)),
            ("Type", Value::text(self.kind.as_str())),
            ("IsRoot", Value::Bool(is_root)),
        ];
        Value::Map(entries.into_iter().collect())
    }

    fn text(&self, key: &str) -> String {
        text_of(&self.raw, key)
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
            // Those that are switched off are not there any more.
            ("Enabled", Value::Bool(true)),
            ("ImportValues", Value::list(self.import_values.iter().map(Value::from_json).collect())),
            ("Alias", text(&self.alias)),
        ];
        Value::Map(entries.into_iter().collect())
    }

    fn read(json: &serde_json::Map<String, Json>) -> Self {
        let list = |key: &str| field(json, key).and_then(Json::as_array).cloned().unwrap_or_default();
        Self {
            name: text_of(json, "name"),
            version: text_of(json, "version"),
            repository: text_of(json, "repository"),
            condition: text_of(json, "condition"),
            alias: field(json, "alias").map(scalar).unwrap_or_default(),
            tags: list("tags").iter().map(|tag| sanitized(&scalar(tag))).collect(),
            import_values: list("import-values"),
        }
    }
}

/// Reads and checks a chart's metadata; `file` gives a file of the chart, `folder` is where the chart lies, with `/` behind.
pub(super) fn read<'a>(folder: &str, file: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Metadata> {
    let path = format!("{folder}Chart.yaml");
    let Some(bytes) = file("Chart.yaml") else {
        let reason = "Chart.yaml file is missing".to_owned();
        return Err(Error::ChartInvalid { path, line: None, problem: reason.clone(), reason });
    };
    let raw = object(bytes, folder, "Chart.yaml")?;
    let mut dependencies = field(&raw, "dependencies").cloned();
    if let Some(bytes) = file("requirements.yaml") {
        let requirements = object(bytes, folder, "requirements.yaml")?;
        dependencies = field(&requirements, "dependencies").cloned().or(dependencies);
    }
    let plain = |key: &str| field(&raw, key).map(scalar).unwrap_or_default();
    let api_version = plain("apiVersion");
    let entries = dependencies.as_ref().and_then(Json::as_array).into_iter().flatten();
    let metadata = Metadata {
        name: text_of(&raw, "name"),
        version: plain("version"),
        api_version: if api_version.is_empty() { "v1".to_owned() } else { api_version },
        app_version: text_of(&raw, "appVersion"),
        kube_version: text_of(&raw, "kubeVersion"),
        kind: plain("type"),
        description: text_of(&raw, "description"),
        dependencies: entries.clone().filter_map(Json::as_object).map(Dependency::read).collect(),
        raw,
    };
    let has_null = |key: &str, items: Option<&Json>| {
        items
            .and_then(Json::as_array)
            .is_some_and(|items| items.contains(&Json::Null))
            .then(|| (key.to_owned(), format!("{key} must not contain empty or null nodes")))
    };
    let wrong = metadata
        .wrong()
        .or_else(|| has_null("maintainers", field(&metadata.raw, "maintainers")))
        .or_else(|| has_null("dependencies", dependencies.as_ref()))
        .or_else(|| metadata.wrong_dependency());
    match wrong {
        None => Ok(metadata),
        Some((key, problem)) => {
            let line = std::str::from_utf8(bytes).ok().and_then(|text| line_of(text, &key));
            let reason = format!("validation: {problem}");
            Err(Error::ChartInvalid { path, line, problem, reason })
        }
    }
}

impl Metadata {
    /// The key that says something that is not allowed, and Helm's words for it.
    fn wrong(&self) -> Option<(String, String)> {
        let name = self.name.as_str();
        let (key, reason) = if name.is_empty() {
            ("name", "chart.metadata.name is required".to_owned())
        } else if matches!(name, "." | "..") {
            ("name", format!("chart.metadata.name {name:?} is not allowed"))
        } else if name.contains(['/', '\\']) {
            ("name", format!("chart.metadata.name {name:?} is invalid"))
        } else if self.version.is_empty() {
            ("version", "chart.metadata.version is required".to_owned())
        } else if !is_version(&self.version) {
            ("version", format!("chart.metadata.version {:?} is invalid", self.version))
        } else if !matches!(self.kind.as_str(), "" | "application" | "library") {
            ("type", "chart.metadata.type must be application or library".to_owned())
        } else {
            return None;
        };
        Some((key.to_owned(), reason))
    }

    fn wrong_dependency(&self) -> Option<(String, String)> {
        let mut names: Vec<&str> = Vec::new();
        for dependency in &self.dependencies {
            let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let name = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            let reason = if !dependency.alias.chars().all(letters) {
                format!("dependency {:?} has disallowed characters in the alias", dependency.name)
            } else if names.contains(&name.as_str()) {
                format!("more than one dependency with name or alias {name:?}")
            } else {
                names.push(name);
                continue;
            };
            return Some(("dependencies".to_owned(), reason));
        }
        None
    }
}

/// A map whose values have the types that they should.
fn object(bytes: &[u8], folder: &str, name: &str) -> Result<serde_json::Map<String, Json>> {
    let bad = |before: &str, wrong: yaml::Unreadable| Error::Yaml {
        path: format!("{folder}{name}"),
        line: wrong.line,
        reason: format!("cannot load {name}: {before}{wrong}"),
        problem: wrong.problem,
    };
    const CONVERTING: &str = "error converting YAML to JSON: ";
    let text = yaml::text(bytes).map_err(|wrong| bad(CONVERTING, wrong))?;
    match yaml::parse(text, Numbers::Exact).map_err(|wrong| bad(CONVERTING, wrong))? {
        Json::Object(entries) => match METADATA.misfit(&entries) {
            None => Ok(entries),
            Some(misfit) => {
                let line = line_of(text, &misfit.key);
                Err(bad(json::WHILE_DECODING, yaml::Unreadable::new(line, misfit.message)))
            }
        },
        Json::Null => Ok(serde_json::Map::new()),
        other => {
            let message = json::cannot(json::kind(&other), "Go value of type v2.Metadata");
            Err(bad(json::WHILE_DECODING, yaml::Unreadable::new(Some(1), message)))
        }
    }
}

fn text_of(object: &serde_json::Map<String, Json>, key: &str) -> String {
    field(object, key).map(|value| sanitized(&scalar(value))).unwrap_or_default()
}

/// A scalar where a string is wanted, as `sigs.k8s.io/yaml` makes it one.
fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), ..) => whole.to_string(),
            (None, Some(whole), _) => whole.to_string(),
            // Go formats with the precision of a float32 here.
            (None, None, Some(float)) => crate::value::format_float32(float as f32),
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
