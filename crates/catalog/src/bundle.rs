//! A combination that has been read and verified: from here come selections, charts and values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use helm_template::{Values, merge_values, set_value};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::chart::{ChartFiles, ChartIndex, gather};
use crate::combinations::{Combination, Origin, Pin};
use crate::data::Data;
use crate::data::city::City;
use crate::data::configuration::Wanted;
use crate::data::pack::{Packed, Repository, pack};
use crate::data::readers::{self, Reader};
use crate::product::{self, ProductList};
use crate::secrets::{self, Secret};
use crate::select::{DATABASE_SERVICE, FILES_SERVICE, InCluster, SETTINGS_SERVICE, Selection, select, stages};
use crate::settings::Settings;
use crate::source::git::ObjectFormat;
use crate::source::{self, Limits, Progress, SourceSpec, Tree, git};
use crate::{Error, own, patches, values, yaml};

/// Name and namespace of a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseName {
    /// Its name: the service's.
    pub name: String,
    /// Its namespace: the one that its objects go into.
    pub namespace: String,
}

/// A combination, read and verified.
#[derive(Debug, Clone)]
pub struct Bundle {
    combination: Combination,
    charts: Tree,
    charts_id: String,
    list_id: String,
    index: ChartIndex,
    list: ProductList,
    environment: Values,
    releases: BTreeMap<String, ReleaseName>,
}

/// Reads a combination from a source; the practice product needs none.
///
/// # Errors
/// Everything that reading and understanding it can meet.
pub async fn open(
    combination: &Combination,
    spec: &SourceSpec,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Bundle, Error> {
    match combination.origin {
        Origin::Embedded => open_embedded(combination),
        Origin::Pinned { charts, list, environment, .. } => {
            let pins = [charts, list, environment];
            let read = source::read(spec, &pins, Limits::default(), progress).await?;
            Bundle::from_pinned(combination, pins, read)
        }
    }
}

/// [`open`] from a folder, at once.
///
/// # Errors
/// As [`open`].
pub fn open_folder(combination: &Combination, folder: &Path) -> Result<Bundle, Error> {
    match combination.origin {
        Origin::Embedded => open_embedded(combination),
        Origin::Pinned { charts, list, environment, .. } => {
            let pins = [charts, list, environment];
            let read = source::read_folder(folder, &pins, Limits::default())?;
            Bundle::from_pinned(combination, pins, read)
        }
    }
}

/// Whether the folder (a source or the cache) holds the combination's archives. Nothing is read or verified.
#[must_use]
pub fn is_at_hand(combination: &Combination, folder: &Path) -> bool {
    match combination.origin {
        Origin::Embedded => true,
        Origin::Pinned { charts, list, environment, .. } => source::holds(folder, &[charts, list, environment]),
    }
}

fn open_embedded(combination: &Combination) -> Result<Bundle, Error> {
    let mut charts = own::practice();
    let charts_id = git::tree_id(&charts, false, ObjectFormat::Sha1);
    let take = |charts: &mut Tree, path: &str| {
        charts
            .remove(path)
            .ok_or_else(|| Error::PathMissing { source_name: "practice".to_owned(), path: path.to_owned() })
    };
    let list = take(&mut charts, own::PRACTICE_LIST)?.content;
    let environment = take(&mut charts, own::PRACTICE_ENVIRONMENT)?.content;
    let list_id = git::blob_id(&list, ObjectFormat::Sha1);
    Bundle::from_parts(
        combination,
        Parts { charts, charts_id, list_path: own::PRACTICE_LIST, list, list_id, environment },
    )
}

struct Parts<'a> {
    charts: Tree,
    charts_id: String,
    list_path: &'a str,
    list: Vec<u8>,
    list_id: String,
    environment: Vec<u8>,
}

impl Bundle {
    fn from_pinned(combination: &Combination, pins: [Pin; 3], read: Vec<Tree>) -> Result<Self, Error> {
        let mut read = read.into_iter();
        let mut next = || read.next().unwrap_or_default();
        let (mut charts, mut list, mut environment) = (next(), next(), next());
        charts.extend(own::data_charts());
        let parts = Parts {
            charts,
            charts_id: pins[0].id.to_owned(),
            list_path: pins[1].path,
            list: list.remove(pins[1].path).unwrap_or_default().content,
            list_id: pins[1].id.to_owned(),
            environment: environment.remove(pins[2].path).unwrap_or_default().content,
        };
        Self::from_parts(combination, parts)
    }

    fn from_parts(combination: &Combination, parts: Parts<'_>) -> Result<Self, Error> {
        let list = product::read(parts.list_path, &parts.list)?;
        let index = ChartIndex::of(&parts.charts);
        let without: Vec<String> =
            list.services().filter(|s| index.folder(&s.name).is_none()).map(|s| s.name.clone()).collect();
        if !without.is_empty() {
            return Err(Error::ServiceWithoutChart { list: parts.list_path.to_owned(), services: without });
        }
        let environment = yaml::values("environment", &parts.environment)?;
        let mut bundle = Self {
            combination: *combination,
            charts: parts.charts,
            charts_id: parts.charts_id,
            list_id: parts.list_id,
            index,
            list,
            environment,
            releases: BTreeMap::new(),
        };
        let own = [SETTINGS_SERVICE, DATABASE_SERVICE, FILES_SERVICE];
        let services: BTreeSet<&str> = bundle.list.services().map(|s| s.name.as_str()).chain(own).collect();
        let mut releases = BTreeMap::new();
        for service in services {
            if bundle.index.folder(service).is_some() {
                releases.insert(service.to_owned(), bundle.read_release(service)?);
            }
        }
        bundle.releases = releases;
        Ok(bundle)
    }

    /// Which combination it is.
    #[must_use]
    pub fn combination(&self) -> &Combination {
        &self.combination
    }

    /// Git id of the charts' folder, verified.
    #[must_use]
    pub fn charts_id(&self) -> &str {
        &self.charts_id
    }

    /// Git id of the product list, verified.
    #[must_use]
    pub fn list_id(&self) -> &str {
        &self.list_id
    }

    /// The product list.
    #[must_use]
    pub fn list(&self) -> &ProductList {
        &self.list
    }

    /// All services that have a chart, whether or not the list names them.
    pub fn charts(&self) -> impl Iterator<Item = &str> {
        self.index.services()
    }

    /// Ids of the patches that the combination takes.
    #[must_use]
    pub fn patches(&self) -> Vec<&'static str> {
        match self.combination.origin {
            Origin::Embedded => Vec::new(),
            Origin::Pinned { .. } => patches::ALL.iter().map(|p| p.id).collect(),
        }
    }

    /// Modules to services. The practice product keeps no data.
    ///
    /// # Errors
    /// Unknown or missing modules.
    pub fn select(&self, modules: &[String], data: InCluster) -> Result<Selection, Error> {
        let data = match self.combination.origin {
            Origin::Embedded => InCluster { database: false, files: false },
            Origin::Pinned { .. } => data,
        };
        let namespace = |service: &str| self.releases.get(service).map(|r| r.namespace.clone()).unwrap_or_default();
        select(self.combination.product, &self.list, modules, data, &namespace)
    }

    /// The chart of a service, patched, with what it depends on.
    ///
    /// # Errors
    /// [`Error::UnknownService`], a broken chart, a patch that does not fit.
    pub fn chart(&self, service: &str) -> Result<ChartFiles, Error> {
        let folder = self.folder(service)?;
        let mut chart = gather(&self.charts, folder)?;
        if !self.patches().is_empty() {
            patches::apply(folder, &mut chart.files)?;
        }
        Ok(chart)
    }

    /// Name and namespace of a service's release: the namespace that its chart and environment put its objects into.
    ///
    /// # Errors
    /// [`Error::UnknownService`].
    pub fn release(&self, service: &str) -> Result<ReleaseName, Error> {
        self.releases.get(service).cloned().ok_or_else(|| Error::UnknownService { service: service.to_owned() })
    }

    fn read_release(&self, service: &str) -> Result<ReleaseName, Error> {
        let folder = self.folder(service)?;
        let chart = self.chart_values(folder, service)?;
        let section = self.environment.get(service).and_then(Value::as_object);
        let text = |values: &Values, key: &str| values.get(key).and_then(Value::as_str).map(str::to_owned);
        let namespace = if into_egov(folder) {
            Some("egov".to_owned())
        } else {
            section
                .and_then(|s| text(s, "namespace"))
                .or_else(|| text(&chart, "namespaceOverride"))
                .or_else(|| text(&chart, "namespace"))
        };
        let namespace = namespace.filter(|n| !n.is_empty()).unwrap_or_else(|| self.home().to_owned());
        Ok(ReleaseName { name: service.to_owned(), namespace })
    }

    /// The services of a selection that read master data or configuration, and what of them.
    ///
    /// # Errors
    /// A chart whose values cannot be read.
    pub fn readers(&self, selection: &Selection) -> Result<Vec<Reader>, Error> {
        let mut all = Vec::new();
        for service in &selection.services {
            if let Some(folder) = self.index.folder(&service.name) {
                let chart = self.chart_values(folder, &service.name)?;
                all.extend(readers::reader(&service.name, &service.namespace, &self.environment, &chart));
            }
        }
        Ok(all)
    }

    /// Packs what the services of a selection read: the city's master data whole, of the configuration what they name.
    /// A repository that nobody reads is not packed. Parts go into the namespaces of their [`readers`](Self::readers);
    /// [`Unpacking`](crate::data::unpack::Unpacking) tells the values of them.
    ///
    /// # Errors
    /// [`Error::City`]; files that are missing or cannot be read.
    pub fn pack(&self, selection: &Selection, data: &Data, city: &City) -> Result<Vec<Packed>, Error> {
        let readers = self.readers(selection)?;
        let reads = |repository| readers.iter().any(|reader| reader.repository == repository);
        let mut packed = Vec::new();
        if reads(Repository::Masters) {
            let masters = data.masters.for_city(city)?;
            packed.push(pack(Repository::Masters, &masters.into_tree())?);
        }
        if reads(Repository::Configuration) {
            let mut wanted = Wanted::new();
            for reader in &readers {
                for file in &reader.files {
                    wanted.entry(file.clone()).or_default().insert(reader.service.clone());
                }
            }
            packed.push(pack(Repository::Configuration, &data.configuration.take(&wanted)?)?);
        }
        Ok(packed)
    }

    /// The namespaces that a selection's releases go into, in order.
    #[must_use]
    pub fn namespaces(&self, selection: &Selection) -> Vec<String> {
        let names: BTreeSet<&String> = selection.services.iter().map(|s| &s.namespace).collect();
        names.into_iter().cloned().collect()
    }

    /// The secrets that a selection needs, by name.
    #[must_use]
    pub fn secret_needs(&self, selection: &Selection) -> Vec<&'static Secret> {
        secrets::needed(&self.combination.origin, selection)
    }

    /// The values of a service's chart, as they are laid over the chart's own. `secret` gives a secret by its name;
    /// what comes back holds secrets for `cluster-configs`, the database and the file store, and is not to be written
    /// anywhere.
    ///
    /// # Errors
    /// As [`Bundle::chart`].
    pub fn values(
        &self,
        service: &str,
        selection: &Selection,
        settings: &Settings,
        secret: &dyn Fn(&str) -> SecretString,
    ) -> Result<Values, Error> {
        let origin = &self.combination.origin;
        if service == DATABASE_SERVICE || service == FILES_SERVICE {
            let mut values = own::data_values(service, settings);
            secrets::put(service, origin, selection, secret, &mut values);
            return Ok(values);
        }
        let folder = self.folder(service)?;
        let chart = self.chart_values(folder, service)?;
        let mut all = match self.combination.origin {
            Origin::Pinned { .. } => {
                let namespaces = self.namespaces(selection);
                values::environment(&self.environment, selection, settings, &namespaces)
            }
            Origin::Embedded => own::practice_environment(&self.environment, settings),
        };
        if let Origin::Pinned { .. } = self.combination.origin {
            let stage = selection.service(service).map_or(stages::CORE, |s| s.stage);
            let over = values::service_overrides(service, stage, &all, &chart, settings);
            merge_values(&mut all, over);
            if matches!(stage, stages::ENTRY | stages::BACKBONE) {
                values::keep_own(service, &mut all, &chart);
            }
        }
        let file = format!("{folder}/{service}-values.yaml");
        if let Some(entry) = self.charts.get(&file) {
            merge_values(&mut all, yaml::values(&file, &entry.content)?);
        }
        if service == SETTINGS_SERVICE {
            let mut over = match origin {
                Origin::Pinned { .. } => values::beside_secrets(selection, settings),
                Origin::Embedded => Values::new(),
            };
            secrets::put(service, origin, selection, secret, &mut over);
            merge_values(&mut all, over);
        }
        yaml::set(&mut all, &["name"], json!(service));
        let tag = selection.service(service).and_then(|s| s.tag.as_deref());
        if let (Some(tag), true) = (tag, self.depends_on_common(folder)) {
            for key in ["image.tag", "initContainers.dbMigration.image.tag"] {
                set_value(&mut all, &format!("{key}={tag}"))
                    .map_err(|error| Error::Values { file: format!("--set {key}"), detail: error.to_string() })?;
            }
        }
        if into_egov(folder) {
            yaml::set(&mut all, &["global", "namespace"], json!("egov"));
        }
        Ok(all)
    }

    fn folder(&self, service: &str) -> Result<&str, Error> {
        self.index.folder(service).ok_or_else(|| Error::UnknownService { service: service.to_owned() })
    }

    /// The namespace of charts that name none.
    fn home(&self) -> &'static str {
        match self.combination.origin {
            Origin::Pinned { .. } => "egov",
            Origin::Embedded => own::PRACTICE_NAMESPACE,
        }
    }

    fn depends_on_common(&self, folder: &str) -> bool {
        self.charts.get(&format!("{folder}/Chart.yaml")).is_some_and(|c| {
            let text = String::from_utf8_lossy(&c.content);
            text.lines().any(|line| line.trim().trim_start_matches("- ").trim_end() == "name: common")
        })
    }

    /// The chart's own values with the service's file over them.
    fn chart_values(&self, folder: &str, service: &str) -> Result<Values, Error> {
        let mut all = Values::new();
        for file in [format!("{folder}/values.yaml"), format!("{folder}/{service}-values.yaml")] {
            if let Some(entry) = self.charts.get(&file) {
                merge_values(&mut all, yaml::values(&file, &entry.content)?);
            }
        }
        Ok(all)
    }
}

/// P14: charts of these folders would go into namespaces of their own, where no settings are.
fn into_egov(folder: &str) -> bool {
    folder.starts_with("urban/") || folder.starts_with("sanitation/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combinations::PRACTICE;

    fn with_list(list: &str) -> Result<Bundle, Error> {
        let (list, environment) = (list.as_bytes().to_vec(), b"global: {}".to_vec());
        let (charts_id, list_id) = (String::new(), String::new());
        let parts = Parts { charts: own::practice(), charts_id, list_path: "list.yaml", list, list_id, environment };
        Bundle::from_parts(&PRACTICE, parts)
    }

    #[test]
    fn services_without_a_chart_are_all_named() {
        let error = with_list("modules: [{name: m_a, services: [practice-queue, nowhere, 'x/lost:1']}]").unwrap_err();
        let Error::ServiceWithoutChart { services, .. } = error else { panic!("{error}") };
        assert_eq!(services, ["nowhere", "lost"]);
    }

    #[test]
    fn services_that_are_not_there_are_refused() {
        let bundle = with_list("modules: [{name: m_a, services: [practice-queue]}]").unwrap();
        assert_eq!(bundle.chart("nowhere").unwrap_err().code(), "unknown-service");
        assert_eq!(bundle.release("nowhere").unwrap_err().code(), "unknown-service");
        assert_eq!(bundle.release("practice-queue").unwrap().namespace, "practice");
    }
}
