//! How services hang together: which need which, what waits for what, what goes ahead. Pure.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Selection;
use helm_template::Rendered;
use serde_json::Value;

use super::early::{self, EarlyObjects, Needs};
use super::kinds::{ENTRY_SERVICE, FIND_ADDRESS, StepKind};
use super::objects::{everything, has_webhooks};
use super::render::{Charts, ReleaseChart};
use super::sizes::kind_of;
use crate::answers::{Answers, Domain};
use crate::error::Error;

/// How services hang together.
pub(super) struct Links {
    pub(super) needs: Needs,
    /// Service to the services that it may call when it starts and does not need before.
    pub(super) calls: BTreeMap<String, BTreeSet<String>>,
    /// References that nothing answers and need not be, with the reason.
    pub(super) optional: BTreeMap<String, String>,
    pub(super) early: EarlyObjects,
    /// Services whose hooks run ahead of them.
    pub(super) hooks: BTreeSet<String>,
}

/// Which services need which, and what of them goes ahead. `elsewhere` renders a release for another address.
pub(super) fn links(
    answers: &Answers,
    charts: &Charts,
    elsewhere: &dyn Fn(&ReleaseChart) -> Result<Rendered, Error>,
) -> Result<Links, Error> {
    let Charts { selection, releases, rendered } = charts;
    let catalog::edges::Edges { needs, calls, optional } = edges(selection, rendered)?;
    let (mut free, mut hooks) = (BTreeMap::new(), BTreeSet::new());
    let in_parts = early::wanted_in_parts(&needs);
    for (service, release) in releases {
        let Some(r) = rendered.get(service) else { continue };
        let is_wanted = in_parts.contains(service.as_str());
        let has_hooks = early::pre_install(r).next().is_some();
        // What waits for nobody need not go ahead of itself.
        if !(is_wanted || has_hooks) || waits(answers, selection, service, r, rendered).is_empty() {
            continue;
        }
        let other = elsewhere(release)?;
        if is_wanted {
            free.insert(service.clone(), early::free(r, &other, &release.namespace));
        }
        if early::has_early_hooks(r, &other) {
            hooks.insert(service.clone());
        }
    }
    let early = early::objects(free, &needs);
    Ok(Links { needs, calls, optional, early, hooks })
}

/// Which services each service needs and which it calls, and what does not resolve and may.
fn edges(selection: &Selection, rendered: &BTreeMap<String, Rendered>) -> Result<catalog::edges::Edges, Error> {
    let objects: BTreeMap<String, Vec<Value>> =
        rendered.iter().map(|(s, r)| (s.clone(), everything(r).into_iter().cloned().collect())).collect();
    Ok(catalog::edges::edges(selection, &objects)?)
}

/// Steps that a release waits for besides the services it needs: admission checks of others, and the web entry's address.
pub(super) fn waits(
    answers: &Answers,
    selection: &Selection,
    service: &str,
    release: &Rendered,
    rendered: &BTreeMap<String, Rendered>,
) -> Vec<String> {
    let guards = rendered.iter().filter(|(guard, r)| *guard != service && has_webhooks(r));
    let mut waits: Vec<String> = guards
        .filter(|(guard, _)| release.manifests.iter().any(|m| is_guarded(guard, &m.object)))
        .map(|(guard, _)| StepKind::Webhook { service: guard.clone() }.id())
        .collect();
    let wants_address = [catalog::select::SETTINGS_SERVICE, catalog::select::FILES_SERVICE].contains(&service);
    if wants_address && finds_address(answers, selection) {
        waits.push(FIND_ADDRESS.to_owned());
    }
    waits
}

pub(super) fn finds_address(answers: &Answers, selection: &Selection) -> bool {
    answers.domain == Domain::None && selection.has(ENTRY_SERVICE)
}

/// Whether one chart's definitions hold a kind that the other has an object of.
pub(super) fn defines_some(one: &Rendered, other: &Rendered) -> bool {
    let group = |o: &Value| o.get("apiVersion").and_then(Value::as_str).map(|v| cluster::object::group(v).to_owned());
    let groups: BTreeSet<String> = everything(other).into_iter().filter_map(group).collect();
    let defined = one.crds.iter().filter_map(|m| m.object.pointer("/spec/group").and_then(Value::as_str));
    defined.into_iter().any(|group| groups.contains(group))
}

/// Whether objects of this kind go through the webhook of that service.
fn is_guarded(guard: &str, object: &Value) -> bool {
    let group = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    match guard {
        ENTRY_SERVICE => kind_of(object) == "Ingress",
        _ => group.contains(&guard.replace('-', "")) || group.contains(guard),
    }
}
