//! A chart understood: metadata, templates, other files, values, subcharts.

use std::collections::BTreeMap;

use super::{Limits, Metadata, archive, metadata};
use crate::error::{Error, Result};
use crate::value::{Map, Text, Value};

/// A chart ready to be rendered.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) metadata: Metadata,
    /// By path in the chart, `templates/…`.
    pub(crate) templates: Vec<(String, Text)>,
    /// All other files.
    pub(crate) files: Vec<(String, Text)>,
    pub(crate) values: Map,
    /// `values.schema.json`.
    pub(crate) schema: Option<Text>,
    pub(crate) children: Vec<Loaded>,
}

/// How deep subcharts may nest.
const MAX_DEPTH: usize = 20;

impl Loaded {
    /// From all files of a chart by path, those of subcharts under `charts/NAME/`.
    pub(crate) fn new<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Self> {
        Self::from(files.collect(), "", MAX_DEPTH)
    }

    /// `folder` is where the chart lies in the outermost one.
    fn from(files: BTreeMap<&str, &[u8]>, folder: &str, depth: usize) -> Result<Self> {
        let metadata = metadata::read(folder, |path| files.get(path).copied())?;
        if depth == 0 {
            let reason = "subcharts nest too deep".to_owned();
            let (path, problem) = (format!("{folder}Chart.yaml"), reason.clone());
            return Err(Error::ChartInvalid { path, line: None, problem, reason });
        }
        let mut loaded = Self {
            templates: Vec::new(),
            files: Vec::new(),
            values: Map::new(),
            schema: None,
            children: Vec::new(),
            metadata,
        };
        let mut subcharts: BTreeMap<&str, BTreeMap<&str, &[u8]>> = BTreeMap::new();
        for (path, bytes) in files {
            match path {
                "Chart.yaml" | "Chart.lock" => {}
                "values.schema.json" => loaded.schema = Some(Text::from(bytes)),
                "requirements.yaml" | "requirements.lock" if loaded.metadata.api_version != "v1" => {}
                "values.yaml" => {
                    let values = crate::values::read(bytes, &format!("{folder}values.yaml"))?;
                    if let Value::Map(map) = Value::from_json(&serde_json::Value::Object(values)) {
                        loaded.values = map;
                    }
                }
                _ if path.starts_with("templates/") => {
                    loaded.templates.push((path.to_owned(), Text::from(bytes)));
                }
                _ => match path.strip_prefix("charts/") {
                    Some(inner) if !path.ends_with(".prov") => {
                        let (name, file) = inner.split_once('/').unwrap_or((inner, ""));
                        subcharts.entry(name).or_default().insert(file, bytes);
                    }
                    _ => loaded.files.push((path.to_owned(), Text::from(bytes))),
                },
            }
        }
        for (name, mut files) in subcharts {
            let alone = files.remove("");
            let inner = format!("{folder}charts/{name}/");
            if name.starts_with(['_', '.']) {
                continue;
            }
            let parent = loaded.metadata.name.clone();
            let within = |error: Error| error.in_subchart(name, &parent);
            if name.ends_with(".tgz") {
                let Some(bytes) = alone else { continue };
                let files: BTreeMap<String, Vec<u8>> = archive::read(bytes, Limits::default())
                    .map_err(within)?
                    .into_iter()
                    .map(|(path, bytes)| (path, archive::without_bom(bytes)))
                    .collect();
                let files = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
                loaded.children.push(Self::from(files, &inner, depth - 1).map_err(within)?);
            } else {
                loaded.children.push(Self::from(files, &inner, depth - 1).map_err(within)?);
            }
        }
        Ok(loaded)
    }

    /// The manifests of `crds/`, of subcharts too: source and bytes.
    pub(crate) fn crds(&self, parent: &str) -> Vec<(String, Text)> {
        let full = self.full_path(parent);
        let manifest =
            |path: &str| path.starts_with("crds/") && [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
        let own = self.files.iter().filter(|(path, _)| manifest(path));
        let mut crds: Vec<_> = own.map(|(path, bytes)| (format!("{full}/{path}"), bytes.clone())).collect();
        for child in &self.children {
            crds.extend(child.crds(&full));
        }
        crds
    }

    /// The chart's path in the tree of charts; `parent` is empty for the root.
    pub(crate) fn full_path(&self, parent: &str) -> String {
        if parent.is_empty() { self.metadata.name.clone() } else { format!("{parent}/charts/{}", self.metadata.name) }
    }
}
