//! A combination rendered whole, as a plan does it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use catalog::{Bundle, Combination, Selection, Settings, open_folder, patches};
use helm_template::{Capabilities, Chart, FreshDraw, NoLookup, Release, RenderContext, Values, render};
use serde_json::Value;

type Made = Mutex<HashMap<String, Arc<OnceLock<Arc<Plan>>>>>;
static MADE: OnceLock<Made> = OnceLock::new();

/// A rendered selection.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) bundle: Bundle,
    pub(crate) selection: Selection,
    pub(crate) values: BTreeMap<String, Values>,
    /// Objects by service: definitions, hooks and the rest.
    pub(crate) objects: BTreeMap<String, Vec<Value>>,
}

impl Plan {
    /// With all modules, rendered once for all tests.
    pub(crate) fn of(combination: &Combination, settings: &Settings) -> Arc<Self> {
        let made = MADE.get_or_init(Mutex::default);
        let key = format!("{} {settings:?}", combination.product);
        let one = made.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        one.get_or_init(|| Arc::new(Self::afresh(combination, settings))).clone()
    }

    /// With all modules, rendered now.
    pub(crate) fn afresh(combination: &Combination, settings: &Settings) -> Self {
        let bundle = open_folder(combination, &crate::common::digit()).unwrap();
        let all: Vec<String> = bundle.list().modules().map(|m| m.name.clone()).collect();
        let selection = bundle.select(&all, settings.brings()).unwrap();
        let services = selection.services.iter().map(|s| s.name.clone()).collect();
        let mut plan = Self { bundle, selection, values: BTreeMap::new(), objects: BTreeMap::new() };
        plan.render(settings, services);
        plan
    }

    /// The same with one module. Only the settings depend on what else is selected.
    pub(crate) fn only(&self, settings: &Settings, module: &str) -> Self {
        let selection = self.bundle.select(&[module.to_owned()], settings.brings()).unwrap();
        let mut plan = Self { selection, ..self.clone() };
        plan.objects.retain(|service, _| plan.selection.has(service));
        plan.render(settings, vec!["cluster-configs".to_owned()]);
        plan
    }

    fn render(&mut self, settings: &Settings, services: Vec<String>) {
        for service in services {
            self.render_one(settings, &service).unwrap_or_else(|error| panic!("{service}: {error}"));
        }
    }

    /// Renders what a chart makes too, whether or not the selection has its service.
    pub(crate) fn render_one(&mut self, settings: &Settings, service: &str) -> Result<(), String> {
        let mut api_versions: BTreeSet<String> =
            ["v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1"].map(str::to_owned).into();
        api_versions.extend(patches::extra_api_versions().map(str::to_owned));
        let capabilities = Capabilities { kube_version: "v1.36.3".to_owned(), api_versions };
        let files = self.bundle.chart(service).map_err(|e| e.to_string())?.into_files();
        let chart = Chart::from_files(files).map_err(|e| e.to_string())?;
        let secret = |name: &str| format!("CANARY-{name}").into();
        let mut values = self.bundle.values(service, &self.selection, settings, &secret).map_err(|e| e.to_string())?;
        // Only lists have tags.
        if !self.selection.has(service) {
            catalog::yaml::set(&mut values, &["image", "tag"], "0".into());
            catalog::yaml::set(&mut values, &["initContainers", "dbMigration", "image", "tag"], "0".into());
        }
        let namespace = self.bundle.release(service).map_or_else(|_| "egov".to_owned(), |release| release.namespace);
        let release = Release { name: service.to_owned(), namespace, revision: 1, install: true };
        let context = RenderContext {
            release: &release,
            capabilities: &capabilities,
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            draw: &FreshDraw,
            lookup: &NoLookup,
        };
        let rendered = render(&chart, &values, &context).map_err(|e| e.to_string())?;
        let hooks = rendered.hooks.into_iter().map(|h| h.manifest);
        let objects = rendered.crds.into_iter().chain(hooks).chain(rendered.manifests).map(|m| m.object);
        self.objects.insert(service.to_owned(), objects.collect());
        self.values.insert(service.to_owned(), values);
        Ok(())
    }

    /// All objects with their services.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.objects.iter().flat_map(|(service, objects)| objects.iter().map(move |o| (service.as_str(), o)))
    }
}

pub(crate) fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap_or_default()
}

pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

pub(crate) fn namespace(object: &Value) -> Option<&str> {
    object["metadata"]["namespace"].as_str()
}
