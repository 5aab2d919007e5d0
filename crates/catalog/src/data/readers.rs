//! Which services read master data or configuration, by what their charts' values say, and what these values become when
//! the files go along. Pure.
//!
//! All of them build on DIGIT's `common`, whose values have a place for volumes, mounts and containers that come first:
//! no chart's source is changed.

use std::collections::BTreeSet;

use helm_template::{Values, merge_values};
use serde_json::{Value, json};

use super::configuration::{at_place, named};
use super::pack::Repository;
use super::unpack::{Unpacking, fragment};
use crate::yaml::{get, set};

/// A service that reads files of one of the repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The service.
    pub service: String,
    /// The namespace of its pods, which its parts must be in.
    pub namespace: String,
    /// What it reads.
    pub repository: Repository,
    /// The files of the configuration, as paths in the repository, some with a `*`. Master data are read whole.
    pub files: BTreeSet<String>,
}

const GIT_SYNC: &str = "gitSync";

/// The values of a service as its chart merges them: its own, with the environment's section over them.
fn own(service: &str, environment: &Values, chart: &Values) -> Values {
    let mut own = chart.clone();
    if let Some(section) = environment.get(service).and_then(Value::as_object) {
        merge_values(&mut own, section.clone());
    }
    own
}

/// What a service reads, if it does.
pub(crate) fn reader(service: &str, namespace: &str, environment: &Values, chart: &Values) -> Option<Reader> {
    let own = own(service, environment, chart);
    let sync = |key| get(&own, &["initContainers", GIT_SYNC, key]);
    let pulled = if sync("enabled") == Some(&Value::Bool(true)) {
        let name = sync("repo").and_then(Value::as_str).and_then(|repo| repo.rsplit('/').next());
        Some(Repository::ALL.into_iter().find(|repository| name == Some(repository.folder()))?)
    } else {
        None
    };
    let mut files = BTreeSet::new();
    let mut raw = false;
    each_text(&own, &mut Vec::new(), &mut |_, text| {
        files.extend(named(text));
        raw |= at_place(text).is_some();
    });
    let repository = pulled.or(raw.then_some(Repository::Configuration))?;
    if repository == Repository::Masters {
        files.clear();
    }
    Some(Reader { service: service.to_owned(), namespace: namespace.to_owned(), repository, files })
}

/// What the service's section becomes so that its pods unpack what goes along; `false`: they go on pulling.
pub(crate) fn unpack(
    over: &mut Values,
    service: &str,
    environment: &Values,
    chart: &Values,
    unpacking: &Unpacking,
) -> bool {
    let Some(reader) = reader(service, "", environment, chart) else { return false };
    let Some(carried) = unpacking.of(reader.repository) else { return false };
    let own = own(service, environment, chart);
    let text = |path: &[&str]| get(&own, path).and_then(Value::as_str).unwrap_or_default();
    let fragment = fragment(carried, &unpacking.image);
    let mut put = |path: &[&str], value: Value| {
        let path: Vec<&str> = [service].iter().chain(path).copied().collect();
        set(over, &path, value);
    };
    put(&["initContainers", GIT_SYNC, "enabled"], json!(false));
    put(&["securityContext", "fsGroup"], json!(fragment.fs_group));
    put(&["extraVolumes"], json!(and(text(&["extraVolumes"]), &fragment.volumes)));
    put(&["extraVolumeMounts"], json!(and(text(&["extraVolumeMounts"]), &[fragment.mount])));
    let mut first = text(&["initContainers", "extraInitContainers"]).to_owned();
    // The chart cannot put both in one list: it writes them at different depths.
    if get(&own, &["initContainers", "dbMigration", "enabled"]) == Some(&Value::Bool(true)) {
        put(&["initContainers", "dbMigration", "enabled"], json!(false));
        first = and_line(&first) + DB_MIGRATION;
    }
    put(&["initContainers", "extraInitContainers"], json!(and(&first, &[fragment.init_container])));
    each_text(&own, &mut Vec::new(), &mut |path, text| {
        if let Some(text) = at_place(text) {
            put(path, json!(text));
        }
    });
    true
}

/// The container that makes a service's tables, as the chart writes it.
const DB_MIGRATION: &str = r#"{{- $migration := .Values.initContainers.dbMigration }}
- name: "db-migration"
  image: {{ template "common.image" (dict "Values" .Values "repository" $migration.image.repository "tag" $migration.image.tag) }}
  imagePullPolicy: {{ $migration.image.pullPolicy }}
  {{- if $migration.env }}
  env:
    {{- tpl $migration.env . | nindent 4 }}
  {{- end }}
"#;

/// A list in YAML with more items behind it, each on a line of its own.
fn and(list: &str, more: &[Value]) -> String {
    more.iter().fold(and_line(list), |list, item| format!("{list}- {item}\n"))
}

/// A text that ends its last line.
fn and_line(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// Calls `seen` with each text in some values and the way to it through maps.
fn each_text<'a>(values: &'a Values, way: &mut Vec<&'a str>, seen: &mut dyn FnMut(&[&str], &str)) {
    for (key, value) in values {
        way.push(key);
        match value {
            Value::String(text) => seen(way, text),
            Value::Object(map) => each_text(map, way, seen),
            _ => {}
        }
        way.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::unpack::Carried;
    use crate::yaml::values;

    const PULLS: &[u8] = b"paths: 'file:///work-dir/configs/a.yml,file:///work-dir/configs/b/*.json'\n\
        initContainers: {gitSync: {enabled: true, repo: 'git@github.com:egovernments/configs'}}\n";
    const ASKS: &[u8] = b"paths: 'https://raw.githubusercontent.com/egovernments/configs/main/c.yml'\n";

    fn unpacking() -> Unpacking {
        let carried = Carried {
            repository: Repository::Configuration,
            sha256: "0".repeat(64),
            parts: vec!["configs-0000000000000000-0".to_owned()],
            unpacked: 1,
        };
        Unpacking { image: "image:1".to_owned(), carried: vec![carried] }
    }

    #[test]
    fn a_reader_is_who_pulls_or_asks() {
        let none = Values::new();
        let of = |chart: &[u8], environment: &Values| reader("x", "egov", environment, &values("v", chart).unwrap());
        let pulls = of(PULLS, &none).unwrap();
        assert_eq!(pulls.repository, Repository::Configuration);
        assert_eq!(pulls.files.into_iter().collect::<Vec<_>>(), ["a.yml", "b/*.json"]);
        assert_eq!(of(ASKS, &none).unwrap().files.into_iter().collect::<Vec<_>>(), ["c.yml"]);
        let masters = "initContainers: {gitSync: {enabled: true, repo: 'https://x.example/egov-mdms-data'}}";
        assert_eq!(of(masters.as_bytes(), &none).unwrap().repository, Repository::Masters);
        assert_eq!(of(b"initContainers: {gitSync: {enabled: false}}", &none), None);
        // Another repository is none that goes along, whatever it is.
        let other = values("e", b"x: {initContainers: {gitSync: {repo: 'git@x:y/other'}}}").unwrap();
        assert_eq!(of(PULLS, &other), None);
        // The section counts, and nobody else's.
        let section = values("e", b"{x: {paths: 'file:///work-dir/configs/d.yml'}, y: {p: '/work-dir/configs/e.yml'}}");
        assert_eq!(of(PULLS, &section.unwrap()).unwrap().files.into_iter().collect::<Vec<_>>(), ["d.yml"]);
    }

    #[test]
    fn values_stay_as_they_are_where_nothing_goes_along() {
        let mut over = Values::new();
        let none = Unpacking { carried: Vec::new(), ..unpacking() };
        let chart = values("v", PULLS).unwrap();
        assert!(!unpack(&mut over, "x", &Values::new(), &chart, &none));
        assert!(!unpack(&mut over, "x", &Values::new(), &Values::new(), &unpacking()));
        assert!(over.is_empty());
    }

    #[test]
    fn what_a_chart_has_already_stays_before_what_is_added() {
        let mut over = Values::new();
        let chart = [ASKS, b"extraVolumes: '- name: a'\n"].concat();
        assert!(unpack(&mut over, "x", &Values::new(), &values("v", &chart).unwrap(), &unpacking()));
        let text = |key| over["x"][key].as_str().unwrap();
        assert!(text("extraVolumes").starts_with("- name: a\n- {\"emptyDir\""), "{}", text("extraVolumes"));
        assert_eq!(text("paths"), "file:///work-dir/configs/c.yml");
        assert!(over["x"]["initContainers"]["dbMigration"].is_null());
        assert_eq!(over["x"]["initContainers"]["gitSync"]["enabled"], false);
    }
}
