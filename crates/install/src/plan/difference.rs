//! In what two plans differ, for the person who reviewed one of them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use engine::Cause;

use super::frozen::{ClusterFacts, Plan, PlannedService};

/// How the plan that comes out now differs from the one that was reviewed: messages `difference-CODE`. Empty only if the ids are
/// the same.
pub(crate) fn differences(reviewed: &Plan, now: &Plan) -> Vec<Cause> {
    let mut out = Vec::new();
    // What was reviewed as going may be gone by now; what was not reviewed stays. Nothing of a rehearsal is anybody's.
    let more = now.leaving.iter().filter(|one| !now.cluster.simulated && !reviewed.leaving.contains(one));
    let more: Vec<String> = more.map(|one| one.name.clone()).collect();
    named(&mut out, "services-leaving", more.iter());
    if reviewed.id == now.id {
        return out;
    }
    if reviewed.installation != now.installation {
        out.push(changed("name", &reviewed.installation, &now.installation));
    }
    for key in changed_answers(reviewed, now) {
        out.push(Cause::new("answer").with("field", key));
    }
    let (was, is) = (&reviewed.combination, &now.combination);
    if was != is {
        let name = |c: &super::frozen::Combination| format!("{} {} ({})", c.product, c.version, short(&c.charts_tree));
        out.push(changed("combination", &name(was), &name(is)));
    }
    out.extend(facts_differ(&reviewed.cluster, &now.cluster));
    let (was, is) = (by_name(&reviewed.services), by_name(&now.services));
    let missing_in = |these: &BTreeMap<&str, &PlannedService>, others: &BTreeMap<&str, &PlannedService>| {
        these.keys().filter(|name| !others.contains_key(*name)).map(ToString::to_string).collect::<Vec<_>>()
    };
    named(&mut out, "services-added", missing_in(&is, &was).iter());
    named(&mut out, "services-gone", missing_in(&was, &is).iter());
    let others: Vec<String> = was
        .iter()
        .filter(|(name, one)| is.get(*name).is_some_and(|other| other != *one))
        .map(|(n, _)| (*n).to_owned())
        .collect();
    named(&mut out, "services-changed", others.iter());
    if out.is_empty() {
        // Steps, or something that a newer program knows: the ids differ, so something does.
        out.push(changed("other", short(&reviewed.id), short(&now.id)));
    }
    out
}

/// How a cluster differs from what a plan took for given about it.
pub(crate) fn facts_differ(was: &ClusterFacts, is: &ClusterFacts) -> Vec<Cause> {
    let mut out = Vec::new();
    if was.uid != is.uid {
        out.push(Cause::new("cluster"));
    }
    if was.version != is.version {
        out.push(changed("version", &was.version, &is.version));
    }
    named(&mut out, "apis-added", is.api_versions.difference(&was.api_versions));
    named(&mut out, "apis-gone", was.api_versions.difference(&is.api_versions));
    out
}

fn changed(code: &str, was: &str, is: &str) -> Cause {
    Cause::new(code).with("was", was).with("is", is)
}

fn by_name(services: &[PlannedService]) -> BTreeMap<&str, &PlannedService> {
    services.iter().map(|s| (s.name.as_str(), s)).collect()
}

/// How many names a message spells out.
const SPELLED_OUT: usize = 5;

fn named<'a>(out: &mut Vec<Cause>, code: &str, names: impl Iterator<Item = &'a String>) {
    let all: Vec<&str> = names.map(String::as_str).collect();
    if all.is_empty() {
        return;
    }
    let more = if all.len() > SPELLED_OUT { ", …" } else { "" };
    let spelled = all.iter().take(SPELLED_OUT).copied().collect::<Vec<_>>().join(", ");
    out.push(Cause::new(code).with("count", all.len()).with("names", format!("{spelled}{more}")));
}

/// Keys of the answers file whose values differ. What was accepted is no part of what is done.
fn changed_answers(reviewed: &Plan, now: &Plan) -> Vec<String> {
    let read = |plan: &Plan| match serde_json::to_value(&plan.answers) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (was, is) = (read(reviewed), read(now));
    let keys: BTreeSet<&String> =
        was.keys().chain(is.keys()).filter(|key| *key != "accept" && *key != "name").collect();
    keys.into_iter().filter(|key| was.get(*key) != is.get(*key)).cloned().collect()
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
