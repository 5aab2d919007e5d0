//! What of a service can be there before the service itself. Pure.
//!
//! The settings hold an Ingress, which the web entry's webhook guards, and the address that the web entry gets; but Kafka
//! and Elasticsearch want no more of them than a few Secrets. These go ahead in a step of their own, and so do the hooks
//! that Kibana runs before it is installed, which take longer than it does. The backbone then starts beside the web entry
//! and not after it.

use std::collections::{BTreeMap, BTreeSet};

use catalog::edges::Need;
use helm_template::{Hook, Rendered};
use serde_json::Value;

use super::sizes::kind_of;

/// Service to what others want of it, per service: [`catalog::edges::Edges::needs`].
pub(crate) type Needs = BTreeMap<String, BTreeMap<String, Need>>;

/// Service to those of its objects that go ahead of it, each as `Kind/namespace/name`.
pub(crate) type EarlyObjects = BTreeMap<String, BTreeSet<String>>;

/// Kinds that go ahead: pods read them and they do nothing by themselves.
const KINDS: [&str; 2] = ["Secret", "ConfigMap"];

/// Services of which somebody wants no more than a few objects.
pub(crate) fn wanted_in_parts(needs: &Needs) -> BTreeSet<&str> {
    let all = needs.values().flatten();
    all.filter(|(_, need)| !need.whole && !need.objects.is_empty()).map(|(service, _)| service.as_str()).collect()
}

/// Whether a release runs something before it is installed that can be run while it still waits for the web entry.
pub(crate) fn has_early_hooks(one: &Rendered, other: &Rendered) -> bool {
    let early = |r: &Rendered| pre_install(r).map(|hook| hook.manifest.text.clone()).collect::<Vec<_>>();
    let hooks = early(one);
    // What holds the address waits for it.
    !hooks.is_empty()
        && hooks == early(other)
        && pre_install(one).all(|hook| kind_of(&hook.manifest.object) != "Ingress")
}

/// Hooks that run before a release is installed.
pub(crate) fn pre_install(rendered: &Rendered) -> impl Iterator<Item = &Hook> {
    rendered.hooks.iter().filter(|hook| is_pre_install(hook))
}

/// Whether a hook runs before its release is installed.
pub(crate) fn is_pre_install(hook: &Hook) -> bool {
    hook.events.iter().any(|event| event == "pre-install")
}

/// Objects of a release that may go ahead: the same in two renderings that differ only in the installation's address.
pub(crate) fn free(one: &Rendered, other: &Rendered, namespace: &str) -> BTreeSet<String> {
    let others: BTreeSet<String> = other.manifests.iter().map(|m| m.text.clone()).collect();
    one.manifests
        .iter()
        .filter(|m| KINDS.contains(&kind_of(&m.object)) && others.contains(&m.text))
        .map(|m| place(&m.object, namespace))
        .collect()
}

/// Which of the free objects go ahead: all of a service of which at least one other wants nothing else.
pub(crate) fn objects(free: BTreeMap<String, BTreeSet<String>>, needs: &Needs) -> EarlyObjects {
    let is_of_use = |service: &str, free: &BTreeSet<String>| {
        needs.values().any(|of| of.get(service).is_some_and(|need| suffices(need, free)))
    };
    free.into_iter().filter(|(service, objects)| is_of_use(service, objects)).collect()
}

/// Whether these objects are all that is needed.
pub(crate) fn suffices(need: &Need, objects: &BTreeSet<String>) -> bool {
    !need.whole && !need.objects.is_empty() && need.objects.is_subset(objects)
}

/// `Kind/namespace/name` of an object of a release in that namespace, as [`catalog::edges`] names them.
pub(crate) fn place(object: &Value, namespace: &str) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let namespace = text("/metadata/namespace").unwrap_or(namespace);
    format!("{}/{namespace}/{}", kind_of(object), text("/metadata/name").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use helm_template::Manifest;
    use serde_json::json;

    use super::*;

    fn rendered(objects: &[Value]) -> Rendered {
        let manifest =
            |object: &Value| Manifest { source: String::new(), text: object.to_string(), object: object.clone() };
        Rendered { manifests: objects.iter().map(manifest).collect(), ..Rendered::default() }
    }

    fn object(kind: &str, name: &str, value: &str) -> Value {
        json!({"kind": kind, "metadata": {"name": name, "namespace": "n"}, "data": {"k": value}})
    }

    #[test]
    fn what_holds_the_address_or_does_something_stays_behind() {
        let at = |address: &str| {
            rendered(&[
                object("Secret", "s", "x"),
                object("ConfigMap", "c", address),
                object("Ingress", "i", "x"),
                json!({"kind": "Secret", "metadata": {"name": "bare"}}),
            ])
        };
        let free = free(&at("a"), &at("b"), "own");
        assert_eq!(free.iter().map(String::as_str).collect::<Vec<_>>(), ["Secret/n/s", "Secret/own/bare"]);
    }

    #[test]
    fn hooks_go_ahead_that_wait_for_nothing_of_the_web_entry() {
        let with = |hooks: &[(&str, &str)]| Rendered {
            hooks: hooks
                .iter()
                .map(|(kind, event)| Hook {
                    manifest: rendered(&[object(kind, "h", "x")]).manifests.remove(0),
                    events: vec![(*event).to_owned()],
                    weight: 0,
                    delete_policies: vec![],
                })
                .collect(),
            ..Rendered::default()
        };
        for (hooks, expected) in [
            (vec![], false),
            (vec![("Job", "post-install")], false),
            (vec![("Job", "pre-install"), ("Ingress", "post-install")], true),
            (vec![("Job", "pre-install"), ("Ingress", "pre-install")], false),
        ] {
            assert_eq!(has_early_hooks(&with(&hooks), &with(&hooks)), expected, "{hooks:?}");
        }
        assert!(!has_early_hooks(&with(&[("Job", "pre-install")]), &with(&[("Secret", "pre-install")])));
    }

    #[test]
    fn objects_go_ahead_when_they_are_all_that_somebody_wants() {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
        let free = || BTreeMap::from([("settings".to_owned(), set(&["Secret/n/a", "Secret/n/b"]))]);
        let objects = |names: &[&str]| Need { objects: set(names), ..Need::default() };
        let whole = || Need { whole: true, ..objects(&["Secret/n/a"]) };
        let cases: [(&[Need], bool); 6] = [
            (&[], false),
            (&[Need { admission: true, ..Need::default() }], false),
            (&[whole()], false),
            (&[objects(&["Secret/n/a"])], true),
            (&[objects(&["Secret/n/a", "ConfigMap/n/c"])], false),
            (&[whole(), objects(&["Secret/n/a", "Secret/n/b"])], true),
        ];
        for (wants, expected) in cases {
            let needs: Needs = wants
                .iter()
                .enumerate()
                .map(|(n, need)| (n.to_string(), BTreeMap::from([("settings".to_owned(), need.clone())])))
                .collect();
            assert_eq!(!super::objects(free(), &needs).is_empty(), expected, "{wants:?}");
        }
    }
}
