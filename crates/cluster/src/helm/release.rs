//! Release records: Secrets as Helm 4 writes them, so that `helm list`, `history`, `upgrade`, `rollback` and `uninstall`
//! go on with what we installed.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use helm_template::{Hook, Manifest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::connect::api::{Cluster, encode};
use crate::error::{Error, Result};
use crate::object::{ObjectRef, Resource, label, text};

/// Most bytes of a record's content: a Secret holds 1 MiB, less some room for what is around it.
const LIMIT: usize = 1_000_000;

/// How a release stands, in Helm's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The current revision.
    Deployed,
    /// An older revision.
    Superseded,
    /// It could not be installed or upgraded.
    Failed,
    /// Being installed.
    PendingInstall,
    /// Being upgraded.
    PendingUpgrade,
    /// Written by Helm; we only read it.
    #[serde(other)]
    Other,
}

impl Status {
    /// Helm's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Deployed => "deployed",
            Status::Superseded => "superseded",
            Status::Failed => "failed",
            Status::PendingInstall => "pending-install",
            Status::PendingUpgrade => "pending-upgrade",
            Status::Other => "unknown",
        }
    }

    fn parse(word: &str) -> Self {
        serde_json::from_value(Value::String(word.to_owned())).unwrap_or(Status::Other)
    }
}

/// A chart as it is kept in a record: what `helm upgrade --reuse-values` and `helm get` need.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChartContent {
    /// `Chart.yaml`.
    pub metadata: Map<String, Value>,
    /// `Chart.lock`, if there is one.
    pub lock: Option<Value>,
    /// Everything below `templates/`: path within the chart, content.
    pub templates: Vec<(String, Vec<u8>)>,
    /// `values.yaml`.
    pub values: Map<String, Value>,
    /// `values.schema.json`, if there is one.
    pub schema: Option<Vec<u8>>,
    /// All other files.
    pub files: Vec<(String, Vec<u8>)>,
}

/// One revision of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseRecord {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// From 1.
    pub revision: u32,
    /// How it stands.
    pub status: Status,
    /// Helm shows it in `helm history`.
    pub description: String,
    /// When revision 1 was installed.
    pub first_deployed: Timestamp,
    /// When this one was.
    pub last_deployed: Timestamp,
    /// The chart.
    pub chart: ChartContent,
    /// Values given beyond the chart's own.
    pub config: Map<String, Value>,
    /// All objects, as [`manifest_text`] writes them.
    pub manifest: String,
    /// Hooks.
    pub hooks: Vec<Hook>,
    /// `NOTES.txt` rendered.
    pub notes: String,
    /// Labels of our own on the Secret, for example the installation's name.
    pub labels: BTreeMap<String, String>,
}

/// What a list of releases tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseSummary {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The revision.
    pub revision: u32,
    /// How it stands.
    pub status: Status,
    /// All labels of the Secret.
    pub labels: BTreeMap<String, String>,
    /// UID of the Secret.
    pub uid: String,
}

/// Objects as a record holds them: as they were rendered, each with its source. Also where environment names are repeated,
/// which we merge before sending: Helm's upgrade renders them again and compares the two texts, and where one of them held a
/// name once and the other twice, its rollback would take the variable away.
pub fn manifest_text(manifests: &[Manifest]) -> String {
    let mut all = String::new();
    for manifest in manifests {
        all.push_str("---\n# Source: ");
        all.push_str(&manifest.source);
        all.push('\n');
        let text = manifest.text.trim_start_matches('\n');
        // The source is in the text already when it comes from a whole rendering.
        let text = text.strip_prefix(&format!("# Source: {}\n", manifest.source)).unwrap_or(text);
        all.push_str(text);
        if !all.ends_with('\n') {
            all.push('\n');
        }
    }
    all
}

impl ReleaseRecord {
    /// Name of its Secret.
    pub fn secret_name(&self) -> String {
        secret_name(&self.name, self.revision)
    }

    fn as_json(&self, files: &[(String, Vec<u8>)]) -> Value {
        let chart = &self.chart;
        let listed = |files: &[(String, Vec<u8>)]| -> Vec<Value> {
            files
                .iter()
                .map(|(name, data)| json!({"name": name, "data": STANDARD.encode(data), "modtime": ZERO_TIME}))
                .collect()
        };
        let hooks: Vec<Value> = self.hooks.iter().map(hook_json).collect();
        let mut record = json!({
            "name": self.name,
            "info": {
                "first_deployed": self.first_deployed.to_string(), "last_deployed": self.last_deployed.to_string(),
                "description": self.description, "status": self.status.as_str(), "notes": self.notes,
            },
            "chart": {
                "metadata": chart.metadata, "lock": chart.lock, "templates": listed(&chart.templates), "values": chart.values,
                "schema": chart.schema.as_ref().map(|schema| STANDARD.encode(schema)), "schemamodtime": ZERO_TIME,
                "files": listed(files), "modtime": ZERO_TIME,
            },
            "config": self.config,
            "manifest": self.manifest,
            "version": self.revision,
            "namespace": self.namespace,
            // Helm's own upgrade follows this: with server-side apply it fails on charts that repeat environment names.
            "apply_method": "csa",
        });
        if !hooks.is_empty() {
            record["hooks"] = hooks.into();
        }
        record
    }

    /// The content of its Secret. Where a chart is too large for one, its largest files that are no templates are left
    /// out; returns their names.
    pub fn content(&self) -> Result<(String, Vec<String>)> {
        let mut files = self.chart.files.clone();
        let mut left_out = Vec::new();
        loop {
            let packed = STANDARD.encode(pack(self.as_json(&files).to_string().as_bytes())?);
            if packed.len() <= LIMIT {
                return Ok((packed, left_out));
            }
            let Some(largest) = files.iter().enumerate().max_by_key(|(_, (_, data))| data.len()).map(|(at, _)| at)
            else {
                return Err(Error::RecordTooLarge { name: self.secret_name(), size: packed.len() });
            };
            left_out.push(files.remove(largest).0);
        }
    }

    /// Its Secret, and the names of files that were left out. `created` is the label as it was or is to be.
    fn secret(&self, created: Option<String>, modified: Option<Timestamp>) -> Result<(Value, Vec<String>)> {
        let (content, left_out) = self.content()?;
        let mut labels: BTreeMap<String, String> = self.labels.clone();
        labels.extend([
            ("name".to_owned(), self.name.clone()),
            ("owner".to_owned(), "helm".to_owned()),
            ("status".to_owned(), self.status.as_str().to_owned()),
            ("version".to_owned(), self.revision.to_string()),
        ]);
        labels.extend(created.map(|created| ("createdAt".to_owned(), created)));
        labels.extend(modified.map(|at| ("modifiedAt".to_owned(), at.as_second().to_string())));
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
            "metadata": {"name": self.secret_name(), "namespace": self.namespace, "labels": labels},
            "data": {"release": STANDARD.encode(content)},
        });
        Ok((secret, left_out))
    }

    /// Reads the content of a Secret.
    pub fn read(secret: &Value) -> Result<Self> {
        let name = text(secret, "/metadata/name").to_owned();
        let broken = |reason: &str| Error::RecordBroken { name: name.clone(), reason: reason.to_owned() };
        let outer = STANDARD.decode(text(secret, "/data/release")).map_err(|_| broken("not base64"))?;
        let inner = STANDARD.decode(outer).map_err(|_| broken("not base64 twice"))?;
        let record: Value =
            serde_json::from_slice(&unpack(&inner).map_err(|_| broken("not gzip"))?).map_err(|_| broken("not JSON"))?;
        let time = |pointer: &str| text(&record, pointer).parse::<Timestamp>().unwrap_or(Timestamp::UNIX_EPOCH);
        let map = |pointer: &str| record.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default();
        let files = |pointer: &str| -> Vec<(String, Vec<u8>)> {
            let listed = record.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
            listed
                .iter()
                .map(|file| (text(file, "/name").to_owned(), STANDARD.decode(text(file, "/data")).unwrap_or_default()))
                .collect()
        };
        let revision = record["version"]
            .as_u64()
            .and_then(|version| u32::try_from(version).ok())
            .ok_or_else(|| broken("no version"))?;
        Ok(ReleaseRecord {
            name: text(&record, "/name").to_owned(),
            namespace: text(&record, "/namespace").to_owned(),
            revision,
            status: Status::parse(text(&record, "/info/status")),
            description: text(&record, "/info/description").to_owned(),
            first_deployed: time("/info/first_deployed"),
            last_deployed: time("/info/last_deployed"),
            chart: ChartContent {
                metadata: map("/chart/metadata"),
                lock: record.pointer("/chart/lock").filter(|lock| !lock.is_null()).cloned(),
                templates: files("/chart/templates"),
                values: map("/chart/values"),
                schema: record
                    .pointer("/chart/schema")
                    .and_then(Value::as_str)
                    .and_then(|schema| STANDARD.decode(schema).ok()),
                files: files("/chart/files"),
            },
            config: map("/config"),
            manifest: text(&record, "/manifest").to_owned(),
            hooks: record["hooks"].as_array().map(|hooks| hooks.iter().map(read_hook).collect()).unwrap_or_default(),
            notes: text(&record, "/info/notes").to_owned(),
            labels: own_labels(secret),
        })
    }
}

const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

fn secret_name(release: &str, revision: u32) -> String {
    format!("sh.helm.release.v1.{release}.v{revision}")
}

fn hook_json(hook: &Hook) -> Value {
    let object = &hook.manifest.object;
    let mut written = json!({
        "name": text(object, "/metadata/name"), "kind": text(object, "/kind"), "path": hook.manifest.source,
        "manifest": hook.manifest.text, "events": hook.events,
        "last_run": {"started_at": "", "completed_at": "", "phase": ""},
    });
    if hook.weight != 0 {
        written["weight"] = hook.weight.into();
    }
    if !hook.delete_policies.is_empty() {
        written["delete_policies"] = hook.delete_policies.clone().into();
    }
    written
}

fn read_hook(written: &Value) -> Hook {
    let words = |key: &str| {
        written[key]
            .as_array()
            .map(|list| list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect())
            .unwrap_or_default()
    };
    let manifest = text(written, "/manifest").to_owned();
    Hook {
        manifest: Manifest {
            source: text(written, "/path").to_owned(),
            object: yaml_serde::from_str(&manifest).unwrap_or_default(),
            text: manifest,
        },
        events: words("events"),
        weight: written["weight"].as_i64().and_then(|weight| i32::try_from(weight).ok()).unwrap_or(0),
        delete_policies: words("delete_policies"),
    }
}

/// Compresses as Helm does.
pub(crate) fn pack(content: &[u8]) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::RecordBroken { name: String::new(), reason: error.to_string() };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).map_err(failed)?;
    encoder.finish().map_err(failed)
}

/// Most bytes that a record may unpack to: somebody else may have written it.
const UNPACKED_LIMIT: u64 = 256 << 20;

/// The opposite of [`pack`].
pub(crate) fn unpack(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    GzDecoder::new(packed).take(UNPACKED_LIMIT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > UNPACKED_LIMIT { Err(std::io::Error::other("too large")) } else { Ok(content) }
}

const HELMS_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

fn own_labels(secret: &Value) -> BTreeMap<String, String> {
    let labels = secret["metadata"]["labels"].as_object().cloned().unwrap_or_default();
    labels
        .into_iter()
        .filter(|(key, _)| !HELMS_LABELS.contains(&key.as_str()))
        .map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn secrets() -> Resource {
    Resource {
        api_version: "v1".into(),
        kind: "Secret".into(),
        plural: "secrets".into(),
        namespaced: true,
        verbs: vec![],
    }
}

impl Cluster {
    /// Writes a revision: creates its Secret, or replaces it if it is there. Returns the names of files that were left
    /// out because the chart is too large.
    pub async fn save_release(&self, record: &ReleaseRecord, now: Timestamp) -> Result<Vec<String>> {
        let name = ObjectRef::new("v1", "Secret", &record.namespace, &record.secret_name());
        let Some(before) = self.get(&name).await? else { return self.create_release(record, now).await };
        let created = label(&before, "createdAt").map(str::to_owned);
        let (secret, left_out) = record.secret(created, Some(now))?;
        self.replace(&secret).await?;
        Ok(left_out)
    }

    /// Writes the first word of a revision that is not there, as far as is known.
    pub async fn create_release(&self, record: &ReleaseRecord, now: Timestamp) -> Result<Vec<String>> {
        let (secret, left_out) = record.secret(Some(now.as_second().to_string()), None)?;
        match self.create(&secret).await {
            // The answer to an earlier try was lost.
            Err(Error::AlreadyThere { .. }) => self.replace(&secret).await?,
            other => other?,
        };
        Ok(left_out)
    }

    /// Writes the next word of a revision that [`Self::create_release`] wrote at that time, without looking first.
    pub async fn replace_release(
        &self,
        record: &ReleaseRecord,
        created: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<String>> {
        let (secret, left_out) = record.secret(Some(created.as_second().to_string()), Some(now))?;
        match self.replace(&secret).await {
            Err(Error::NotFound { .. }) => self.create_release(record, now).await,
            other => other.map(|_| left_out),
        }
    }

    /// Marks older revisions that say they are deployed as superseded.
    pub async fn supersede_before(&self, record: &ReleaseRecord, now: Timestamp) -> Result<()> {
        for older in self.releases(&record.namespace, Some(&record.name)).await? {
            if older.revision < record.revision
                && older.status == Status::Deployed
                && let Some(mut old) = self.release(&older.namespace, &older.name, older.revision).await?
            {
                old.status = Status::Superseded;
                self.save_release(&old, now).await?;
            }
        }
        Ok(())
    }

    /// All revisions of a release, or of all releases; in one namespace, or (empty) everywhere. Sorted.
    pub async fn releases(&self, namespace: &str, name: Option<&str>) -> Result<Vec<ReleaseSummary>> {
        let selector = name.map_or_else(|| "owner=helm".to_owned(), |name| format!("owner=helm,name={name}"));
        let found = self.list_metadata(&secrets(), namespace, &format!("labelSelector={}", encode(&selector))).await?;
        let mut summaries: Vec<ReleaseSummary> = found
            .iter()
            .filter(|secret| text(secret, "/metadata/name").starts_with("sh.helm.release.v1."))
            .map(|secret| ReleaseSummary {
                name: label(secret, "name").unwrap_or_default().to_owned(),
                namespace: text(secret, "/metadata/namespace").to_owned(),
                revision: label(secret, "version").and_then(|version| version.parse().ok()).unwrap_or(0),
                status: Status::parse(label(secret, "status").unwrap_or_default()),
                labels: own_labels(secret),
                uid: text(secret, "/metadata/uid").to_owned(),
            })
            .collect();
        summaries.sort_by(|a, b| (&a.namespace, &a.name, a.revision).cmp(&(&b.namespace, &b.name, b.revision)));
        Ok(summaries)
    }

    /// One revision; none if it is not there.
    pub async fn release(&self, namespace: &str, name: &str, revision: u32) -> Result<Option<ReleaseRecord>> {
        let secret = self.get(&ObjectRef::new("v1", "Secret", namespace, &secret_name(name, revision))).await?;
        secret.as_ref().map(ReleaseRecord::read).transpose()
    }

    /// The newest revision; none if there is no release of that name.
    pub async fn newest_release(&self, namespace: &str, name: &str) -> Result<Option<ReleaseRecord>> {
        match self.releases(namespace, Some(name)).await?.last() {
            Some(newest) => self.release(namespace, name, newest.revision).await,
            None => Ok(None),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn record() -> ReleaseRecord {
        let at: Timestamp = "2026-11-24T10:00:00.5Z".parse().unwrap();
        let chart = json!({"apiVersion": "v2", "name": "web", "version": "0.1.0", "appVersion": "1"});
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
        let manifest = Manifest {
            source: "web/templates/a.yaml".into(),
            text: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n".into(),
            object,
        };
        ReleaseRecord {
            name: "web".into(),
            namespace: "egov".into(),
            revision: 1,
            status: Status::PendingInstall,
            description: "Initial install underway".into(),
            first_deployed: at,
            last_deployed: at,
            chart: ChartContent {
                metadata: chart.as_object().cloned().unwrap(),
                templates: vec![(
                    "templates/a.yaml".into(),
                    b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n".to_vec(),
                )],
                values: json!({"name": "a"}).as_object().cloned().unwrap(),
                files: vec![("README.md".into(), b"# web".to_vec())],
                ..ChartContent::default()
            },
            config: json!({"name": "a"}).as_object().cloned().unwrap(),
            manifest: manifest_text(std::slice::from_ref(&manifest)),
            hooks: vec![Hook {
                manifest,
                events: vec!["pre-install".into()],
                weight: -5,
                delete_policies: vec!["hook-succeeded".into()],
            }],
            notes: String::new(),
            labels: BTreeMap::from([("digit-installer/installation".to_owned(), "springfield".to_owned())]),
        }
    }

    #[test]
    fn a_record_has_helms_shape_and_is_read_back() {
        let record = record();
        let (content, left_out) = record.content().unwrap();
        assert!(left_out.is_empty());
        let inside: Value = serde_json::from_slice(&unpack(&STANDARD.decode(&content).unwrap()).unwrap()).unwrap();
        let keys: Vec<&str> = inside.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected =
            ["name", "info", "chart", "config", "manifest", "version", "namespace", "apply_method", "hooks"];
        expected.sort_unstable();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected);
        assert_eq!(inside["apply_method"], "csa");
        assert_eq!(
            inside["manifest"],
            "---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
        );
        assert_eq!(record.secret_name(), "sh.helm.release.v1.web.v1");
        let secret = json!({"metadata": {"name": "x", "labels": {"owner": "helm", "digit-installer/installation": "springfield"}}, "data": {"release": STANDARD.encode(&content)}});
        assert_eq!(ReleaseRecord::read(&secret).unwrap(), record);
    }

    #[test]
    fn of_a_chart_that_is_too_large_the_largest_files_are_left_out() {
        let noise = |seed: u32, size: usize| -> Vec<u8> {
            let mut state = seed;
            (0..size)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect()
        };
        let mut large = record();
        large.chart.files = vec![
            ("small.bin".into(), noise(1, 1000)),
            ("large.bin".into(), noise(2, 900_000)),
            ("middle.bin".into(), noise(3, 300_000)),
        ];
        let (content, left_out) = large.content().unwrap();
        assert_eq!(left_out, ["large.bin"]);
        assert!(content.len() <= LIMIT);
        large.chart.templates.push(("templates/huge.yaml".into(), noise(4, 1_500_000)));
        assert_eq!(large.content().unwrap_err().code(), "record-too-large");
    }

    #[test]
    fn a_broken_record_is_an_error() {
        for data in [
            "",
            "%%%",
            "aGVsbG8=",
            &STANDARD.encode(STANDARD.encode("no gzip")),
            &STANDARD.encode(STANDARD.encode(pack(b"{}").unwrap())),
        ] {
            let secret = json!({"metadata": {"name": "x"}, "data": {"release": data}});
            assert_eq!(ReleaseRecord::read(&secret).unwrap_err().code(), "record-broken", "{data}");
        }
    }

    #[test]
    fn objects_are_recorded_as_they_were_rendered() {
        let rendered = "env:\n- name: A\n  value: 1\n- name: A\n  value: 2";
        let with_source = format!("# Source: c/templates/d.yaml\n{rendered}");
        for text in [rendered, &with_source] {
            let manifest = Manifest { source: "c/templates/d.yaml".into(), text: text.to_owned(), object: Value::Null };
            assert_eq!(manifest_text(&[manifest]), format!("---\n# Source: c/templates/d.yaml\n{rendered}\n"));
        }
    }
}
