//! Lists whose items Kubernetes knows by keys. Server-side apply refuses one in which a key is there twice.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::object::{group, is_built_in, text};

/// Keys of the lists of built-in kinds, by the end of the path from the top of an object, list items left out. Longer paths first.
/// Source: `x-kubernetes-list-map-keys` in Kubernetes' own `api/openapi-spec/swagger.json`, 1.36; [`KINDS`] has the rest of it.
const ENDS: &[(&str, &[&str])] = &[
    ("metadata.ownerReferences", &["uid"]),
    ("spec.containers.ports", &["containerPort", "protocol"]),
    ("spec.initContainers.ports", &["containerPort", "protocol"]),
    ("spec.ephemeralContainers.ports", &["containerPort", "protocol"]),
    ("spec.containers.env", &["name"]),
    ("spec.initContainers.env", &["name"]),
    ("spec.ephemeralContainers.env", &["name"]),
    ("spec.containers.volumeMounts", &["mountPath"]),
    ("spec.initContainers.volumeMounts", &["mountPath"]),
    ("spec.ephemeralContainers.volumeMounts", &["mountPath"]),
    ("spec.containers.volumeDevices", &["devicePath"]),
    ("spec.initContainers.volumeDevices", &["devicePath"]),
    ("spec.ephemeralContainers.volumeDevices", &["devicePath"]),
    ("spec.containers.resources.claims", &["name"]),
    ("spec.initContainers.resources.claims", &["name"]),
    ("spec.containers", &["name"]),
    ("spec.initContainers", &["name"]),
    ("spec.ephemeralContainers", &["name"]),
    ("spec.volumes", &["name"]),
    ("spec.imagePullSecrets", &["name"]),
    ("spec.hostAliases", &["ip"]),
    ("spec.resourceClaims", &["name"]),
    ("spec.schedulingGates", &["name"]),
    ("spec.topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("status.conditions", &["type"]),
];

/// The same of single kinds, by kind and whole path.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("Service", "spec.ports", &["port", "protocol"]),
    ("ServiceAccount", "secrets", &["name"]),
    ("ValidatingWebhookConfiguration", "webhooks", &["name"]),
    ("ValidatingWebhookConfiguration", "webhooks.matchConditions", &["name"]),
    ("MutatingWebhookConfiguration", "webhooks", &["name"]),
    ("MutatingWebhookConfiguration", "webhooks.matchConditions", &["name"]),
    ("ValidatingAdmissionPolicy", "spec.matchConditions", &["name"]),
    ("ValidatingAdmissionPolicy", "spec.variables", &["name"]),
    ("MutatingAdmissionPolicy", "spec.matchConditions", &["name"]),
];

/// Programs: of two that differ, neither is left out in silence. The server refuses them.
const PROGRAMS: &[&str] = &["spec.containers", "spec.initContainers", "spec.ephemeralContainers"];

/// Whether a definition made the kind: its lists have keys of its own, only its metadata is as everywhere.
pub(crate) fn is_custom(object: &Value) -> bool {
    !is_built_in(group(text(object, "/apiVersion")))
}

/// The keys of a list; `path` is that from the top, its fields joined by dots. `None`: its items have none.
pub(crate) fn keys_of(kind: &str, is_custom: bool, path: &str) -> Option<&'static [&'static str]> {
    if is_custom && !path.starts_with("metadata.") {
        return None;
    }
    let of_kind = KINDS.iter().find(|(of, at, _)| *of == kind && *at == path).map(|(_, _, keys)| *keys);
    of_kind.or_else(|| ENDS.iter().find(|(end, _)| ends_with(path, end)).map(|(_, keys)| *keys))
}

/// Whether a path ends with these whole fields.
pub(crate) fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The values of an item's keys, with the one default that matters.
pub(crate) fn keys(item: &Value, fields: &[&str]) -> Map<String, Value> {
    let value = |field: &&str| {
        let given = item.get(*field).filter(|value| !value.is_null()).cloned();
        given.or_else(|| (*field == "protocol").then(|| "TCP".into())).map(|value| ((*field).to_owned(), value))
    };
    fields.iter().filter_map(value).collect()
}

/// Keeps each item of a keyed list once: the last one, at the place of the first, as creating such an object lets the last one win.
/// Of programs that are named alike only such are left out that say the same. Returns how many were dropped.
pub fn merge_doubled(object: &mut Value) -> usize {
    let kind = text(object, "/kind").to_owned();
    let is_custom = is_custom(object);
    let mut path = String::new();
    merge(object, &mut path, &|path| keys_of(&kind, is_custom, path))
}

fn merge(value: &mut Value, path: &mut String, of: &dyn Fn(&str) -> Option<&'static [&'static str]>) -> usize {
    let mut dropped = 0;
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let before = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                dropped += merge(inner, path, of);
                path.truncate(before);
            }
        }
        Value::Array(items) => {
            // What is inside first: programs are the same if they are after that.
            dropped += items.iter_mut().map(|item| merge(item, path, of)).sum::<usize>();
            if let Some(fields) = of(path) {
                let are_programs = PROGRAMS.iter().any(|end| ends_with(path, end));
                dropped += once(items, fields, are_programs);
            }
        }
        _ => {}
    }
    dropped
}

fn once(items: &mut Vec<Value>, fields: &[&str], are_programs: bool) -> usize {
    let before = items.len();
    let mut kept: Vec<Value> = Vec::with_capacity(before);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for item in items.drain(..) {
        let has_keys = item.is_object() && fields.iter().any(|field| item.get(*field).is_some_and(|v| !v.is_null()));
        let key = Value::Object(keys(&item, fields)).to_string();
        match places.get(&key).filter(|_| has_keys).and_then(|at| kept.get_mut(*at)) {
            Some(same) if !are_programs || *same == item => *same = item,
            _ => {
                if has_keys {
                    places.insert(key, kept.len());
                }
                kept.push(item);
            }
        }
    }
    *items = kept;
    before - items.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A Deployment with these fields of its pods.
    fn deployment(pod: &Value) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": pod}}})
    }

    #[test]
    fn what_is_there_twice_is_kept_once_the_last_at_the_place_of_the_first() {
        let container = |field: &str, list: Value| deployment(&json!({"containers": [{"name": "a", field: list}]}));
        let pod = |field: &str, list: Value| deployment(&json!({ field: list }));
        let service = |ports: Value| json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": ports}});
        let account = |field: &str, list: Value| json!({"apiVersion": "v1", "kind": "ServiceAccount", field: list});
        let cron = |pod: Value| json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}}});
        let custom = |list: Value| json!({"apiVersion": "x.example/v1", "kind": "Deployment", "spec": {"containers": [{"name": "a", "env": list}]}});
        let two = json!([{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "2"}]);
        let one = json!([{"name": "A", "value": "2"}, {"name": "B"}]);
        let from = json!({"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}});
        let cases = [
            (container("env", two.clone()), container("env", one.clone()), 1),
            (container("env", one.clone()), container("env", one.clone()), 0),
            (container("env", json!([{"name": "A", "value": "1"}, from])), container("env", json!([from])), 1),
            (
                cron(json!({"initContainers": [{"name": "i", "env": two}]})),
                cron(json!({"initContainers": [{"name": "i", "env": one}]})),
                1,
            ),
            // A port is TCP if it says nothing, and one of both protocols is two.
            (
                container(
                    "ports",
                    json!([{"containerPort": 80, "name": "a"}, {"containerPort": 80, "protocol": "UDP"}, {"containerPort": 80, "protocol": "TCP", "name": "b"}]),
                ),
                container(
                    "ports",
                    json!([{"containerPort": 80, "protocol": "TCP", "name": "b"}, {"containerPort": 80, "protocol": "UDP"}]),
                ),
                1,
            ),
            (
                container(
                    "volumeMounts",
                    json!([{"mountPath": "/a", "name": "x"}, {"mountPath": "/a", "name": "y"}, {"mountPath": "/b", "name": "x"}]),
                ),
                container("volumeMounts", json!([{"mountPath": "/a", "name": "y"}, {"mountPath": "/b", "name": "x"}])),
                1,
            ),
            (
                pod("imagePullSecrets", json!([{"name": "r"}, {"name": "r"}, {"name": "q"}, {"name": "r"}])),
                pod("imagePullSecrets", json!([{"name": "r"}, {"name": "q"}])),
                2,
            ),
            (
                pod(
                    "hostAliases",
                    json!([{"ip": "1.1.1.1", "hostnames": ["a"]}, {"ip": "1.1.1.1", "hostnames": ["b"]}]),
                ),
                pod("hostAliases", json!([{"ip": "1.1.1.1", "hostnames": ["b"]}])),
                1,
            ),
            (
                pod("volumes", json!([{"name": "v", "emptyDir": {}}, {"name": "v", "configMap": {"name": "c"}}])),
                pod("volumes", json!([{"name": "v", "configMap": {"name": "c"}}])),
                1,
            ),
            (
                pod(
                    "topologySpreadConstraints",
                    json!([{"topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 1}, {"topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 2}, {"topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway"}]),
                ),
                pod(
                    "topologySpreadConstraints",
                    json!([{"topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 2}, {"topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway"}]),
                ),
                1,
            ),
            (
                service(json!([{"port": 80, "name": "a"}, {"port": 80, "name": "b"}, {"port": 81}])),
                service(json!([{"port": 80, "name": "b"}, {"port": 81}])),
                1,
            ),
            (account("secrets", json!([{"name": "s"}, {"name": "s"}])), account("secrets", json!([{"name": "s"}])), 1),
            // These lists have no keys: what stands there twice is meant so, or does no harm.
            (
                account("imagePullSecrets", json!([{"name": "s"}, {"name": "s"}])),
                account("imagePullSecrets", json!([{"name": "s"}, {"name": "s"}])),
                0,
            ),
            (container("args", json!(["a", "a"])), container("args", json!(["a", "a"])), 0),
            (
                pod("tolerations", json!([{"key": "a"}, {"key": "a"}])),
                pod("tolerations", json!([{"key": "a"}, {"key": "a"}])),
                0,
            ),
            (
                container("env", json!([{"value": "1"}, {"value": "2"}, null])),
                container("env", json!([{"value": "1"}, {"value": "2"}, null])),
                0,
            ),
            // Two programs that differ stay two, which the server refuses; the same one twice is one.
            (
                deployment(&json!({"containers": [{"name": "a", "image": "x"}, {"name": "a", "image": "y"}]})),
                deployment(&json!({"containers": [{"name": "a", "image": "x"}, {"name": "a", "image": "y"}]})),
                0,
            ),
            (
                deployment(&json!({"containers": [{"name": "a", "image": "x"}, {"name": "a", "image": "x"}]})),
                deployment(&json!({"containers": [{"name": "a", "image": "x"}]})),
                1,
            ),
            (custom(two.clone()), custom(two.clone()), 0),
            (
                json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}),
                json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}),
                0,
            ),
        ];
        for (given, wanted, dropped) in cases {
            let mut merged = given.clone();
            assert_eq!(merge_doubled(&mut merged), dropped, "{given}");
            assert_eq!(merged, wanted, "{given}");
        }
    }
}
