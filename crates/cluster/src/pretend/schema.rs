//! Which lists are merged by key and which maps are taken whole: the part of the OpenAPI schema that apply and patches turn on.

use serde_json::Value;

/// How a list is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// Replaced as a whole.
    Whole,
    /// Items with the same values of these fields are the same item.
    Keyed(&'static [&'static str]),
    /// Values, each once.
    Set,
}

/// Path of fields (list items left out) ends with … → merged how. Longer paths first.
const LISTS: &[(&str, Lists)] = &[
    ("metadata.ownerReferences", Lists::Keyed(&["uid"])),
    ("metadata.finalizers", Lists::Set),
    ("spec.containers.ports", Lists::Keyed(&["containerPort", "protocol"])),
    ("spec.initContainers.ports", Lists::Keyed(&["containerPort", "protocol"])),
    ("spec.containers.env", Lists::Keyed(&["name"])),
    ("spec.initContainers.env", Lists::Keyed(&["name"])),
    ("spec.containers.volumeMounts", Lists::Keyed(&["mountPath"])),
    ("spec.initContainers.volumeMounts", Lists::Keyed(&["mountPath"])),
    ("spec.containers.volumeDevices", Lists::Keyed(&["devicePath"])),
    ("spec.containers", Lists::Keyed(&["name"])),
    ("spec.initContainers", Lists::Keyed(&["name"])),
    ("spec.volumes", Lists::Keyed(&["name"])),
    ("spec.imagePullSecrets", Lists::Keyed(&["name"])),
    ("spec.hostAliases", Lists::Keyed(&["ip"])),
    ("spec.topologySpreadConstraints", Lists::Keyed(&["topologyKey", "whenUnsatisfiable"])),
    ("status.conditions", Lists::Keyed(&["type"])),
];

/// The same for whole kinds, by kind and path from the top.
const KINDS: &[(&str, &str, Lists)] = &[
    ("Service", "spec.ports", Lists::Keyed(&["port", "protocol"])),
    ("ServiceAccount", "secrets", Lists::Keyed(&["name"])),
    ("ServiceAccount", "imagePullSecrets", Lists::Keyed(&["name"])),
    ("ValidatingWebhookConfiguration", "webhooks", Lists::Keyed(&["name"])),
    ("MutatingWebhookConfiguration", "webhooks", Lists::Keyed(&["name"])),
];

/// Maps that are one value: whoever sets one field sets all.
const WHOLE_MAPS: &[&str] = &[
    "spec.selector",
    "spec.nodeSelector",
    "labelSelector",
    "podSelector",
    "namespaceSelector",
    "objectSelector",
    "roleRef",
    "configMapKeyRef",
    "secretKeyRef",
    "fieldRef",
    "resourceFieldRef",
];

/// How to read one kind of object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema<'a> {
    kind: &'a str,
    /// Kinds of definitions have no merge keys, only their metadata has.
    custom: bool,
}

impl<'a> Schema<'a> {
    pub(super) fn of(object: &'a Value) -> Self {
        let api = super::json::text(object, "/apiVersion");
        let group = api.split_once('/').map_or("", |(group, _)| group);
        Schema { kind: super::json::text(object, "/kind"), custom: group.contains('.') && !group.ends_with(".k8s.io") }
    }

    pub(super) fn list(&self, path: &[&str]) -> Lists {
        let joined = path.join(".");
        if self.custom && !joined.starts_with("metadata.") {
            return Lists::Whole;
        }
        if let Some((_, _, lists)) = KINDS.iter().find(|(kind, at, _)| *kind == self.kind && *at == joined) {
            return *lists;
        }
        LISTS.iter().find(|(end, _)| ends_with(&joined, end)).map_or(Lists::Whole, |(_, lists)| *lists)
    }

    pub(super) fn whole_map(&self, path: &[&str]) -> bool {
        let joined = path.join(".");
        !self.custom && WHOLE_MAPS.iter().any(|end| ends_with(&joined, end))
    }
}

fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The values of an item's keys, with the one default that matters.
pub(super) fn keys(item: &Value, fields: &[&str]) -> serde_json::Map<String, Value> {
    fields
        .iter()
        .filter_map(|field| {
            let value = item.get(*field).cloned();
            let value = value.or_else(|| (*field == "protocol").then(|| "TCP".into()));
            value.map(|value| ((*field).to_owned(), value))
        })
        .collect()
}
