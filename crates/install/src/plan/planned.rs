//! A plan with all that it was made from.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Selection;
use helm_template::Rendered;
use serde_json::Value;

use super::early::EarlyObjects;
use super::frozen::Plan;
use super::objects::{everything, is_shared};
use super::render::ReleaseChart;
use super::sizes::kind_of;

/// A plan with all that it was made from.
#[derive(Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What is installed.
    pub selection: Selection,
    /// Its releases, by service.
    pub releases: BTreeMap<String, ReleaseChart>,
    /// Its objects with blanks for secrets, by service.
    pub rendered: BTreeMap<String, Rendered>,
    /// Objects that go ahead of their service, by service, each as `Kind/namespace/name`.
    pub(crate) early: EarlyObjects,
}

impl Planned {
    /// Every object as it would be applied, with blanks for secrets: path and text.
    pub fn manifests(&self) -> Vec<(std::path::PathBuf, String)> {
        let mut out = Vec::new();
        for (n, name) in self.plan.steps.iter().filter_map(|s| s.kind.released()).enumerate() {
            let Some(rendered) = self.rendered.get(name) else { continue };
            let Some(release) = self.releases.get(name) else { continue };
            let owner = cluster::Owner { release: release.service.clone(), namespace: release.namespace.clone() };
            let text: String = everything(rendered)
                .into_iter()
                .map(|object| {
                    let namespaced = !is_shared(object) && kind_of(object) != "Namespace";
                    let sent = cluster::apply::prepare(object, &owner, namespaced);
                    format!("---\n{}", yaml_serde::to_string(&sent).unwrap_or_default())
                })
                .collect();
            out.push((format!("{:02}-{name}.yaml", n + 1).into(), text));
        }
        out
    }
}

/// Every namespace that an object of the plan lives in, but for those that each cluster has.
pub(crate) fn namespaces(planned: &Planned) -> BTreeSet<String> {
    let of_objects = planned
        .rendered
        .values()
        .flat_map(everything)
        .filter_map(|o| o.pointer("/metadata/namespace").and_then(Value::as_str).map(str::to_owned));
    let of_releases = planned.releases.values().map(|r| r.namespace.clone());
    of_objects
        .chain(of_releases)
        .filter(|n| !matches!(n.as_str(), "" | "default" | "kube-system" | "kube-public" | "kube-node-lease"))
        .collect()
}
