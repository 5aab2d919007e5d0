//! A chart as files: read from a folder or an archive, patched, and only then understood.
//!
//! Files are shared between clones, so a chart is cheap to clone and a patch copies only the file it changes.

mod archive;
mod coalesce;
mod dependencies;
mod ignore;
mod load;
mod metadata;
mod misfits;
pub(crate) mod schema;
mod shape;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub use archive::Limits;
pub(crate) use coalesce::coalesce_into;
pub(crate) use dependencies::{check_dependencies, process_dependencies};
pub(crate) use load::Loaded;
pub use metadata::{Dependency, Metadata};

use crate::error::{Error, Result};
use crate::values::{self, Values};

/// A chart with everything below `charts/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    name: String,
    files: BTreeMap<String, Arc<Vec<u8>>>,
}

impl Chart {
    /// From its files: paths relative to the chart, with `/` between.
    pub fn from_files(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self> {
        Ok(Self::with_metadata(files)?.0)
    }

    fn with_metadata(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<(Self, Metadata)> {
        let files: BTreeMap<_, _> =
            files.into_iter().map(|(path, bytes)| (path, Arc::new(archive::without_bom(bytes)))).collect();
        let metadata = metadata::read("", |path| files.get(path).map(|bytes| bytes.as_slice()))?;
        Ok((Self { name: metadata.name.clone(), files }, metadata))
    }

    /// From a folder, with its `.helmignore` obeyed and its `file://` dependencies copied in, as
    /// `helm dependency update` would package them.
    pub fn from_dir(folder: &Path) -> Result<Self> {
        let (mut chart, metadata) = Self::with_metadata(ignore::walk(folder)?)?;
        for dependency in chart.missing(metadata.dependencies)? {
            let Some(path) = dependency.repository.strip_prefix("file://") else {
                continue;
            };
            chart.add_dependency(&Self::from_dir(&folder.join(path))?);
        }
        Ok(chart)
    }

    /// From a `.tgz` archive.
    pub fn from_archive(bytes: &[u8], limits: Limits) -> Result<Self> {
        Self::from_files(archive::read(bytes, limits)?)
    }

    /// The name in `Chart.yaml`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `Chart.yaml` says.
    pub fn metadata(&self) -> Result<Metadata> {
        metadata::read("", |path| self.file(path))
    }

    /// All files by path, those of subcharts under `charts/NAME/`.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// One file.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(|bytes| bytes.as_slice())
    }

    /// One file, to be patched. Clones of this chart keep theirs.
    pub fn file_mut(&mut self, path: &str) -> Option<&mut Vec<u8>> {
        self.files.get_mut(path).map(Arc::make_mut)
    }

    /// Adds or replaces a file.
    pub fn set_file(&mut self, path: impl Into<String>, bytes: Vec<u8>) {
        self.files.insert(path.into(), Arc::new(bytes));
    }

    /// Removes a file; whether it was there.
    pub fn remove_file(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }

    /// The chart's own default values: `values.yaml`, empty if there is none.
    pub fn values(&self) -> Result<Values> {
        match self.file("values.yaml") {
            Some(bytes) => values::read(bytes, "values.yaml"),
            None => Ok(Values::new()),
        }
    }

    /// Dependencies that `Chart.yaml` names and `charts/` does not hold.
    pub fn missing_dependencies(&self) -> Result<Vec<Dependency>> {
        self.missing(self.metadata()?.dependencies)
    }

    fn missing(&self, mut dependencies: Vec<Dependency>) -> Result<Vec<Dependency>> {
        if !dependencies.is_empty() && self.files.keys().any(|path| path.starts_with("charts/")) {
            let there = Loaded::new(self.files())?.children;
            dependencies.retain(|dependency| !there.iter().any(|child| child.metadata.name == dependency.name));
        }
        Ok(dependencies)
    }

    /// Puts a chart into `charts/`.
    pub fn add_dependency(&mut self, chart: &Self) {
        for (path, bytes) in &chart.files {
            self.files.insert(format!("charts/{}/{path}", chart.name), Arc::clone(bytes));
        }
    }

    /// Copies every missing `file://` dependency from where `find` has it, given the repository's path (`../../common`).
    pub fn add_missing_dependencies(&mut self, mut find: impl FnMut(&str) -> Option<Self>) -> Result<()> {
        for dependency in self.missing_dependencies()? {
            let found = dependency.repository.strip_prefix("file://").and_then(&mut find);
            let Some(chart) = found else {
                return Err(Error::DependencyMissing {
                    chart: self.name.clone(),
                    name: dependency.name,
                    repository: dependency.repository,
                });
            };
            self.add_dependency(&chart);
        }
        Ok(())
    }
}
