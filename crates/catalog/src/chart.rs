//! Charts as plain files: found by service, with what they depend on put under `charts/`, as `helm dependency update`
//! would leave them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Error;
use crate::source::Tree;

/// One chart with all it needs, ready to be loaded: paths (forward slashes, relative to the chart) and bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFiles {
    /// The folder it came from, for example `core-services/egov-user`.
    pub folder: String,
    /// Its files.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl ChartFiles {
    /// Whether the chart builds on DIGIT's `common`, whose templates expect an image tag.
    #[must_use]
    pub fn has_common(&self) -> bool {
        self.files.contains_key("charts/common/Chart.yaml")
    }

    /// The files as a list, in the order of their paths.
    #[must_use]
    pub fn into_files(self) -> Vec<(String, Vec<u8>)> {
        self.files.into_iter().collect()
    }
}

/// Where each service's chart is.
///
/// The key is the name of a folder that has `values.yaml`, or what stands before `-values.yaml` in a folder's file: one
/// chart can serve several services. As DIGIT's deployer does it, but only folders with a `Chart.yaml` count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartIndex {
    folders: BTreeMap<String, String>,
}

impl ChartIndex {
    /// Looks through all charts.
    #[must_use]
    pub fn of(charts: &Tree) -> Self {
        let mut folders = BTreeMap::new();
        for path in charts.keys() {
            let Some((folder, file)) = path.rsplit_once('/') else { continue };
            if !charts.contains_key(&format!("{folder}/Chart.yaml")) {
                continue;
            }
            let name = folder.rsplit('/').next().unwrap_or(folder);
            let service = match file {
                "values.yaml" => name,
                _ => match file.strip_suffix("-values.yaml") {
                    Some(service) => service,
                    None => continue,
                },
            };
            folders.insert(service.to_owned(), folder.to_owned());
        }
        Self { folders }
    }

    /// The folder of a service's chart.
    #[must_use]
    pub fn folder(&self, service: &str) -> Option<&str> {
        self.folders.get(service).map(String::as_str)
    }

    /// All services that have a chart.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.folders.keys().map(String::as_str)
    }
}

/// The chart in `folder`, with its `file://` dependencies under `charts/`.
///
/// # Errors
/// [`Error::Chart`] if there is no chart, or a dependency is remote, missing or circular.
pub fn gather(charts: &Tree, folder: &str) -> Result<ChartFiles, Error> {
    let mut files = BTreeMap::new();
    put(charts, folder, "", &mut files, 0)?;
    Ok(ChartFiles { folder: folder.to_owned(), files })
}

fn put(
    charts: &Tree,
    folder: &str,
    below: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
    depth: usize,
) -> Result<(), Error> {
    let bad = |detail: String| Error::Chart { chart: folder.to_owned(), detail };
    if depth > 8 {
        return Err(bad("its dependencies go round in circles".to_owned()));
    }
    let prefix = format!("{folder}/");
    for (path, entry) in charts.range(prefix.clone()..) {
        let Some(path) = path.strip_prefix(&prefix) else { break };
        files.insert(format!("{below}{path}"), entry.content.clone());
    }
    let about = charts.get(&format!("{prefix}Chart.yaml")).ok_or_else(|| bad("it has no Chart.yaml".to_owned()))?;
    let about: About = yaml_serde::from_slice(&about.content).map_err(|error| bad(error.to_string()))?;
    for dependency in about.dependencies.unwrap_or_default() {
        let target = format!("{below}charts/{}/", dependency.name);
        let repository = dependency.repository.unwrap_or_default();
        let Some(relative) = repository.strip_prefix("file://") else {
            // A dependency that is already there needs no repository.
            if files.contains_key(&format!("{target}Chart.yaml")) {
                continue;
            }
            return Err(bad(format!("its dependency {} is not at hand: {repository:?}", dependency.name)));
        };
        let from = resolve(folder, relative).ok_or_else(|| bad(format!("{repository:?} leaves the charts")))?;
        put(charts, &from, &target, files, depth + 1)?;
    }
    Ok(())
}

/// A relative path from a folder, if it stays inside.
fn resolve(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[derive(Deserialize)]
struct About {
    #[serde(default)]
    dependencies: Option<Vec<Dependency>>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    #[serde(default)]
    repository: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Entry;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files
            .iter()
            .map(|(p, c)| ((*p).to_owned(), Entry { content: c.as_bytes().to_vec(), executable: false }))
            .collect()
    }

    #[test]
    fn a_chart_takes_its_file_dependencies_along() {
        let charts = tree(&[
            ("common/Chart.yaml", "name: common"),
            ("common/templates/_a.tpl", "a"),
            ("core/user/Chart.yaml", "name: u\ndependencies: [{name: common, repository: 'file://../../common'}]"),
            ("core/user/values.yaml", ""),
            ("core/user/user-enc-values.yaml", ""),
            ("core/userx/Chart.yaml", "name: x"),
            ("core/user/ci/odd-values.yaml", ""),
        ]);
        let chart = gather(&charts, "core/user").unwrap();
        assert!(chart.has_common());
        assert_eq!(chart.files["charts/common/templates/_a.tpl"], b"a");
        assert!(!chart.files.keys().any(|p| p.contains("userx")));
        let index = ChartIndex::of(&charts);
        assert_eq!(index.folder("user-enc"), Some("core/user"));
        assert_eq!(index.folder("odd"), None);
    }

    #[test]
    fn dependencies_that_are_remote_missing_or_circular_are_refused() {
        let refused = |repository: &str| {
            let about = format!("name: a\ndependencies: [{{name: b, repository: '{repository}'}}]");
            gather(&tree(&[("x/a/Chart.yaml", &about)]), "x/a").unwrap_err().to_string()
        };
        assert!(refused("https://charts.example").contains("not at hand"));
        assert!(refused("file://../../../b").contains("leaves the charts"));
        assert!(refused("file://../b").contains("no Chart.yaml"));
        assert!(refused("file://../a").contains("circles"));
    }
}
