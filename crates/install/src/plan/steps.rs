//! Services to steps, each with what it waits for. Pure.

use std::collections::BTreeMap;

use catalog::{Selection, stages};
use engine::Step;
use helm_template::{Hook, Rendered};
use serde_json::Value;

use super::ahead;
use super::estimates::Priors;
use super::kinds::{self, ADDRESS, ENTRY_SERVICE, id};
use super::links::{Links, defines_some, finds_address, waits};
use super::objects::{has_webhooks, is_install_hook};
use super::sizes;
use crate::answers::Answers;

pub(super) fn steps(
    answers: &Answers,
    selection: &Selection,
    rendered: &BTreeMap<String, Rendered>,
    links: &Links,
    priors: &Priors,
) -> Vec<Step> {
    let namespaces = || vec![id(kinds::NAMESPACES, "namespaces")];
    let mut steps = vec![step(kinds::NAMESPACES, "namespaces", stages::NAMESPACES, vec![], vec![], priors)];
    for (service, r) in rendered.iter().filter(|(_, r)| !r.crds.is_empty()) {
        let changes = sizes::by_kind(r.crds.iter().map(|m| &m.object));
        steps.push(step(kinds::CRDS, service, stages::CRDS, namespaces(), changes, priors));
    }
    for service in &selection.services {
        let name = service.name.as_str();
        let Some(r) = rendered.get(name) else { continue };
        let mut before = namespaces();
        let defined = rendered.iter().filter(|(of, other)| *of == name || defines_some(other, r));
        before.extend(defined.filter(|(_, other)| !other.crds.is_empty()).map(|(of, _)| id(kinds::CRDS, of)));
        for (need, what) in links.needs.get(name).into_iter().flatten() {
            let early = links.ahead.get(need).is_some_and(|objects| ahead::suffices(what, objects));
            if what.whole || !what.objects.is_empty() {
                before.push(id(if early { kinds::AHEAD } else { kinds::RELEASE }, need));
            }
        }
        let is_early = |h: &&Hook| links.hooks.contains(name) && ahead::is_pre_install(h);
        let (early, hooks): (Vec<&Hook>, Vec<&Hook>) =
            r.hooks.iter().filter(|h| is_install_hook(&h.events)).partition(is_early);
        if !early.is_empty() {
            let changes = sizes::by_kind(early.iter().map(|h| &h.manifest.object));
            steps.push(step(kinds::HOOKS, name, service.stage, before.clone(), changes, priors));
            before.push(id(kinds::HOOKS, name));
        }
        let admitted = links.needs.get(name).into_iter().flatten().filter(|(_, what)| what.admission);
        before.extend(admitted.map(|(need, _)| id(kinds::RELEASE, need)));
        before.extend(waits(answers, selection, name, r, rendered));
        let early = links.ahead.get(name);
        let goes = |o: &&Value| early.is_some_and(|all| all.contains(&ahead::place(o, &service.namespace)));
        let (ahead, rest): (Vec<&Value>, Vec<&Value>) = r.manifests.iter().map(|m| &m.object).partition(goes);
        if !ahead.is_empty() {
            let changes = sizes::by_kind(ahead);
            steps.push(step(kinds::AHEAD, name, service.stage, namespaces(), changes, priors));
            before.push(id(kinds::AHEAD, name));
        }
        let changes = sizes::by_kind(rest.into_iter().chain(hooks.iter().map(|h| &h.manifest.object)));
        steps.push(step(kinds::RELEASE, name, service.stage, before, changes, priors));
        let released = || vec![id(kinds::RELEASE, name)];
        if has_webhooks(r) {
            steps.push(step(kinds::WEBHOOK, name, service.stage, released(), vec![], priors));
        }
        if finds_address(answers, selection) && name == ENTRY_SERVICE {
            steps.push(step(kinds::FIND, ADDRESS, service.stage, released(), vec![], priors));
        }
    }
    steps
}

fn step(
    kind: &str,
    subject: &str,
    stage: &str,
    needs: Vec<String>,
    changes: Vec<engine::Change>,
    priors: &Priors,
) -> Step {
    Step {
        id: id(kind, subject),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        stage: stage.to_owned(),
        needs,
        estimate: priors.estimate(kind, subject, stage),
        changes,
    }
}
