//! Services to steps, each with what it waits for. Pure.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Selection, stages};
use helm_template::{Hook, Rendered};
use serde_json::Value;

use super::early;
use super::frozen::ClusterFacts;
use super::kinds::{ADDRESS, CLUSTER, ENTRY_SERVICE, StepKind};
use super::links::{Links, defines_some, finds_address, waits};
use super::objects::{has_webhooks, is_install_hook};
use super::sizes;
use super::step::PlannedStep;
use crate::answers::Answers;

pub(super) fn steps(
    answers: &Answers,
    cluster: &ClusterFacts,
    selection: &Selection,
    rendered: &BTreeMap<String, Rendered>,
    links: &Links,
) -> Vec<PlannedStep> {
    let namespaces = || vec![StepKind::namespaces().id()];
    let mut steps = making(answers, cluster);
    let made: Vec<String> = steps.iter().map(|step| step.id.clone()).collect();
    steps.push(step(StepKind::namespaces(), stages::NAMESPACES, made, vec![]));
    for (service, r) in rendered.iter().filter(|(_, r)| !r.crds.is_empty()) {
        let changes = sizes::by_kind(r.crds.iter().map(|m| &m.object));
        steps.push(step(crds(service), stages::CRDS, namespaces(), changes));
    }
    for service in &selection.services {
        let name = service.name.as_str();
        let Some(r) = rendered.get(name) else { continue };
        let own_hooks = || StepKind::Hooks { service: name.to_owned() };
        let mut before = namespaces();
        let defined = rendered.iter().filter(|(of, other)| *of == name || defines_some(other, r));
        before.extend(defined.filter(|(_, other)| !other.crds.is_empty()).map(|(of, _)| crds(of).id()));
        for (need, what) in links.needs.get(name).into_iter().flatten() {
            let early = links.early.get(need).is_some_and(|objects| early::suffices(what, objects));
            if what.whole || !what.objects.is_empty() {
                before.push(if early { early_of(need) } else { StepKind::release(need) }.id());
            }
        }
        let is_early = |h: &&Hook| links.hooks.contains(name) && early::is_pre_install(h);
        let (early, hooks): (Vec<&Hook>, Vec<&Hook>) =
            r.hooks.iter().filter(|h| is_install_hook(&h.events)).partition(is_early);
        if !early.is_empty() {
            let changes = sizes::by_kind(early.iter().map(|h| &h.manifest.object));
            steps.push(step(own_hooks(), service.stage, before.clone(), changes));
            before.push(own_hooks().id());
        }
        let admitted = links.needs.get(name).into_iter().flatten().filter(|(_, what)| what.admission);
        before.extend(admitted.map(|(need, _)| StepKind::release(need).id()));
        before.extend(waits(answers, selection, name, r, rendered));
        let early = links.early.get(name);
        let goes = |o: &&Value| early.is_some_and(|all| all.contains(&early::place(o, &service.namespace)));
        let (going, rest): (Vec<&Value>, Vec<&Value>) = r.manifests.iter().map(|m| &m.object).partition(goes);
        if !going.is_empty() {
            let changes = sizes::by_kind(going);
            steps.push(step(early_of(name), service.stage, namespaces(), changes));
            before.push(early_of(name).id());
        }
        let changes = sizes::by_kind(rest.into_iter().chain(hooks.iter().map(|h| &h.manifest.object)));
        steps.push(step(StepKind::release(name), service.stage, before, changes));
        let released = || vec![StepKind::release(name).id()];
        if has_webhooks(r) {
            steps.push(step(StepKind::Webhook { service: name.to_owned() }, service.stage, released(), vec![]));
        }
        if finds_address(answers, selection) && name == ENTRY_SERVICE {
            steps.push(step(StepKind::Find { value: ADDRESS.to_owned() }, service.stage, released(), vec![]));
        }
    }
    let calls = calls(&steps, &links.calls);
    for step in &mut steps {
        if let StepKind::Release { service, calls: own } = &mut step.kind {
            own.extend(calls.get(service).into_iter().flatten().cloned());
        }
    }
    steps
}

/// The cluster and a look at it, where the run makes it.
fn making(answers: &Answers, cluster: &ClusterFacts) -> Vec<PlannedStep> {
    if !cluster.promised {
        return Vec::new();
    }
    let what = StepKind::cluster(if cluster.simulated { "rehearsal" } else { answers.target.kind() });
    let after = vec![what.id()];
    vec![step(what, CLUSTER, vec![], vec![]), step(StepKind::check(), CLUSTER, after, vec![])]
}

/// Of the services that each one calls those that can be ready before it is: whose release is a step, and needs none of the caller's
/// by any way.
fn calls(steps: &[PlannedStep], all: &BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    let needs: BTreeMap<&str, &[String]> = steps.iter().map(|s| (s.id.as_str(), s.needs.as_slice())).collect();
    let comes_first = |caller: &str, called: &str| {
        let (caller, called) = (StepKind::release(caller).id(), StepKind::release(called).id());
        let (mut seen, mut next) = (BTreeSet::new(), vec![called.as_str()]);
        while let Some(step) = next.pop() {
            if seen.insert(step) {
                next.extend(needs.get(step).copied().unwrap_or_default().iter().map(String::as_str));
            }
        }
        needs.contains_key(called.as_str()) && !seen.contains(caller.as_str())
    };
    let kept = |caller: &str, called: &BTreeSet<String>| {
        called.iter().filter(|called| comes_first(caller, called)).cloned().collect()
    };
    all.iter().map(|(caller, called)| (caller.clone(), kept(caller, called))).collect()
}

fn crds(service: &str) -> StepKind {
    StepKind::Crds { service: service.to_owned() }
}

fn early_of(service: &str) -> StepKind {
    StepKind::Early { service: service.to_owned() }
}

fn step(kind: StepKind, stage: &str, needs: Vec<String>, changes: Vec<engine::Change>) -> PlannedStep {
    PlannedStep {
        id: kind.id(),
        estimate: engine::Estimate { low: 0.0, high: 0.0, measured: false },
        kind,
        stage: stage.to_owned(),
        needs,
        changes,
        cost: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_waits_for_those_that_it_calls_unless_they_wait_for_it() {
        let release = |(service, needs): (&str, &[&str])| {
            step(StepKind::release(service), "core", needs.iter().map(|n| (*n).to_owned()).collect(), vec![])
        };
        let steps: Vec<PlannedStep> = [
            ("user", &[][..]),
            ("idgen", &["namespaces:namespaces"]),
            ("hrms", &["release:user"]),
            ("pgr", &["webhook:hrms"]),
        ]
        .into_iter()
        .map(release)
        .chain([step(StepKind::Webhook { service: "hrms".into() }, "core", vec!["release:hrms".into()], vec![])])
        .collect();
        for (caller, called, kept) in [
            ("user", &["idgen"][..], &["idgen"][..]),
            // they stand in a circle of calls and in none of steps: both wait
            ("idgen", &["user"], &["user"]),
            ("user", &["hrms", "idgen"], &["idgen"]),
            // also over steps of other kinds
            ("user", &["pgr"], &[]),
            ("pgr", &["idgen", "user"], &["idgen", "user"]),
            ("user", &["nobody"], &[]),
            ("user", &["user"], &[]),
        ] {
            let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
            let found = calls(&steps, &BTreeMap::from([(caller.to_owned(), set(called))]));
            assert_eq!(found[caller], set(kept), "{caller} calls {called:?}");
        }
    }

    #[test]
    fn a_plan_names_whom_a_service_calls_when_it_starts() {
        let text = "name: practice\ntarget: {kind: rehearsal}\nproduct: {name: practice, version: v1, modules: [m_requests]}\n\
                    city: {state: Springfield State, name: Springfield}\n";
        let answers = Answers::read(text, std::path::Path::new(".")).unwrap();
        let practice = catalog::find("practice", "v1").unwrap();
        let bundle = catalog::open_folder(&practice, std::path::Path::new(".")).unwrap();
        let facts = crate::plan::ClusterFacts {
            uid: String::new(),
            version: "v1.36.3".to_owned(),
            simulated: true,
            promised: false,
            api_versions: BTreeSet::new(),
        };
        let plan = crate::plan::plan(&answers, &bundle, &facts).unwrap().plan;
        let calls = |service: &str| {
            plan.steps.iter().find_map(|step| match &step.kind {
                StepKind::Release { service: of, calls } if of == service => {
                    Some(calls.iter().cloned().collect::<Vec<_>>())
                }
                _ => None,
            })
        };
        assert_eq!(calls("practice-registry").unwrap(), ["practice-accounts"]);
        assert_eq!(calls("practice-accounts").unwrap(), Vec::<String>::new());
    }
}
