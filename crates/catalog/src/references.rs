//! What objects refer to: ConfigMaps, Secrets, claims, service accounts, and the hosts that pods are told of. Pure.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// An object with the service whose chart makes it and the namespace of that service's release.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The service.
    pub service: &'a str,
    /// Where the object goes if it names no namespace.
    pub namespace: &'a str,
    /// The object.
    pub object: &'a Value,
}

impl Placed<'_> {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        text(self.object, "/kind")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        text(self.object, "/metadata/name")
    }

    /// Its namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or(self.namespace)
    }
}

/// What a reference is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// A ConfigMap, or a key of one.
    ConfigMap,
    /// A Secret, or a key of one.
    Secret,
    /// A PersistentVolumeClaim.
    PersistentVolumeClaim,
    /// A ServiceAccount.
    ServiceAccount,
    /// A Service that an Ingress or webhook sends to.
    Service,
    /// A host in a pod's environment.
    Host,
}

impl ReferenceKind {
    /// The kind of object, or `Host`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::PersistentVolumeClaim => "PersistentVolumeClaim",
            Self::ServiceAccount => "ServiceAccount",
            Self::Service => "Service",
            Self::Host => "Host",
        }
    }
}

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// To what.
    pub kind: ReferenceKind,
    /// The namespace that the name is looked up in.
    pub namespace: String,
    /// Name of the object, or the host.
    pub name: String,
    /// A key that must be in it.
    pub key: Option<String>,
    /// Whether the object itself says that it can do without.
    pub optional: bool,
    /// Who refers: `Kind/namespace/name`.
    pub by: String,
    /// The service whose object refers.
    pub service: String,
    /// The environment variable, for hosts.
    pub variable: String,
}

/// What the ConfigMaps among objects hold, by namespace and name.
pub(crate) fn config_maps<'a>(objects: &'a [Placed<'a>]) -> BTreeMap<(&'a str, &'a str), &'a Value> {
    let maps = objects.iter().filter(|o| o.kind() == "ConfigMap");
    maps.filter_map(|o| Some(((o.namespace(), o.name()), o.object.get("data")?))).collect()
}

/// All references of the objects. Hosts are found in variables with a value, and in variables that take a key of a
/// ConfigMap among the objects.
#[must_use]
pub fn references(objects: &[Placed<'_>]) -> Vec<Reference> {
    let configs = config_maps(objects);
    let mut found = Vec::new();
    for object in objects {
        let mut from = From { object, configs: &configs, found: &mut found };
        if let Some(pod) = pod_of(object.object) {
            from.pod(pod);
        }
        from.others();
    }
    found.sort();
    found.dedup();
    found
}

/// The pod specification of a workload.
#[must_use]
pub fn pod_of(object: &Value) -> Option<&Value> {
    let path = match text(object, "/kind") {
        "Pod" => "/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => "/spec/template/spec",
        _ => return None,
    };
    object.pointer(path)
}

struct From<'a> {
    object: &'a Placed<'a>,
    configs: &'a BTreeMap<(&'a str, &'a str), &'a Value>,
    found: &'a mut Vec<Reference>,
}

impl From<'_> {
    fn add(&mut self, kind: ReferenceKind, name: &str, key: Option<&str>, optional: bool, variable: &str) {
        if name.is_empty() {
            return;
        }
        let o = self.object;
        self.found.push(Reference {
            kind,
            namespace: o.namespace().to_owned(),
            name: name.to_owned(),
            key: key.map(str::to_owned),
            optional,
            by: format!("{}/{}/{}", o.kind(), o.namespace(), o.name()),
            service: o.service.to_owned(),
            variable: variable.to_owned(),
        });
    }

    fn pod(&mut self, pod: &Value) {
        self.add(ReferenceKind::ServiceAccount, text(pod, "/serviceAccountName"), None, false, "");
        for volume in items(pod, "volumes") {
            self.volume(volume);
        }
        for container in items(pod, "initContainers").chain(items(pod, "containers")) {
            for source in items(container, "envFrom") {
                for (at, kind) in [("configMapRef", ReferenceKind::ConfigMap), ("secretRef", ReferenceKind::Secret)] {
                    if let Some(one) = source.get(at) {
                        self.add(kind, text(one, "/name"), None, flag(one), "");
                    }
                }
            }
            for variable in items(container, "env") {
                self.variable(variable);
            }
        }
    }

    fn volume(&mut self, volume: &Value) {
        if let Some(one) = volume.get("secret") {
            self.add(ReferenceKind::Secret, text(one, "/secretName"), None, flag(one), "");
        }
        if let Some(one) = volume.get("configMap") {
            self.add(ReferenceKind::ConfigMap, text(one, "/name"), None, flag(one), "");
        }
        let claim = text(volume, "/persistentVolumeClaim/claimName");
        self.add(ReferenceKind::PersistentVolumeClaim, claim, None, false, "");
        for source in volume.pointer("/projected/sources").and_then(Value::as_array).into_iter().flatten() {
            for (at, kind) in [("configMap", ReferenceKind::ConfigMap), ("secret", ReferenceKind::Secret)] {
                if let Some(one) = source.get(at) {
                    self.add(kind, text(one, "/name"), None, flag(one), "");
                }
            }
        }
    }

    fn variable(&mut self, variable: &Value) {
        let name = text(variable, "/name");
        let mut value = variable.get("value").and_then(Value::as_str);
        if let Some(one) = variable.pointer("/valueFrom/secretKeyRef") {
            self.add(ReferenceKind::Secret, text(one, "/name"), Some(text(one, "/key")), flag(one), "");
        }
        if let Some(one) = variable.pointer("/valueFrom/configMapKeyRef") {
            let (config, key) = (text(one, "/name"), text(one, "/key"));
            self.add(ReferenceKind::ConfigMap, config, Some(key), flag(one), "");
            value = self.configs.get(&(self.object.namespace(), config)).and_then(|d| d.get(key)?.as_str());
        }
        let Some(value) = value else { return };
        let bare = name.ends_with("_HOST") && is_host(value);
        for host in if bare { vec![value.to_owned()] } else { hosts(value) } {
            self.add(ReferenceKind::Host, &host, None, false, name);
        }
    }

    /// Ingresses, webhooks and bindings.
    fn others(&mut self) {
        match self.object.kind() {
            "Ingress" => {
                let rules = self.object.object.pointer("/spec/rules").and_then(Value::as_array).into_iter().flatten();
                let paths = rules.filter_map(|r| r.pointer("/http/paths")?.as_array()).flatten();
                let names: Vec<&str> = paths.map(|p| text(p, "/backend/service/name")).collect();
                for name in names {
                    self.add(ReferenceKind::Service, name, None, false, "");
                }
            }
            "StatefulSet" => {
                let name = text(self.object.object, "/spec/serviceName");
                self.add(ReferenceKind::Service, name, None, false, "");
            }
            _ => {}
        }
    }
}

/// A host behind a scheme, and perhaps a user.
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@\s]*@)?([A-Za-z0-9$(][A-Za-z0-9_.$()-]*)").ok());
/// A host before a port.
static WITH_PORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[@=])([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*):\d{2,5}(?:$|/)").ok());

/// The hosts that a value of an environment variable names: in addresses with a scheme, and before a port.
#[must_use]
pub fn hosts(value: &str) -> Vec<String> {
    // Both patterns are fixed and compile; tests show it.
    let (Some(address), Some(with_port)) = (ADDRESS.as_ref(), WITH_PORT.as_ref()) else { return Vec::new() };
    let mut found: Vec<String> = address.captures_iter(value).map(|c| c[1].to_owned()).collect();
    let parts = value.split([',', ';', '|', ' ', '\n']);
    found.extend(parts.filter_map(|part| with_port.captures(part)).map(|c| c[1].to_owned()));
    found.retain(|host| !host.contains(['$', '(', ')']));
    found.sort();
    found.dedup();
    found
}

/// Whether a value is nothing but a host.
fn is_host(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn flag(value: &Value) -> bool {
    value.get("optional").and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hosts_are_found_in_addresses_and_before_ports() {
        let cases: [(&str, &[&str]); 11] = [
            ("http://egov-user:8080/", &["egov-user"]),
            ("jdbc:postgresql://db.example.org:5432/x", &["db.example.org"]),
            ("kafka-0.backbone:9092,kafka-1.backbone:9092", &["kafka-0.backbone", "kafka-1.backbone"]),
            ("http://user:pass@es.backbone:9200", &["es.backbone"]),
            ("/a/_create:http://one:8000/x|/b:http://two:8000/y", &["one", "two"]),
            ("http://$(HOST):9200", &[]),
            ("12:30:00", &[]),
            ("redis.backbone", &[]),
            ("topic:1:1,other:2", &[]),
            ("file:///work-dir/configs", &[]),
            ("https://a.example/x,https://b.example/y", &["a.example", "b.example"]),
        ];
        for (value, wanted) in cases {
            assert_eq!(hosts(value), wanted, "{value}");
        }
    }

    #[test]
    fn a_pods_references_are_found_wherever_they_stand() {
        let config = json!({"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": {"user": "http://u.n:80/"}});
        let pod = json!({"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {
            "serviceAccountName": "sa",
            "volumes": [
                {"name": "a", "secret": {"secretName": "s", "optional": true}},
                {"name": "b", "persistentVolumeClaim": {"claimName": "p"}},
                {"name": "c", "projected": {"sources": [{"configMap": {"name": "pc"}}]}},
            ],
            "initContainers": [{"envFrom": [{"configMapRef": {"name": "ef"}}]}],
            "containers": [{"env": [
                {"name": "U", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "user"}}},
                {"name": "K", "valueFrom": {"secretKeyRef": {"name": "s2", "key": "k"}}},
                {"name": "H", "value": "http://plain:1234"},
                {"name": "REDIS_HOST", "value": "redis.n"},
            ]}],
        }}}});
        let placed = [
            Placed { service: "x", namespace: "n", object: &config },
            Placed { service: "x", namespace: "n", object: &pod },
        ];
        let found: Vec<String> = references(&placed)
            .iter()
            .map(|r| {
                assert_eq!((r.by.as_str(), r.namespace.as_str()), ("Deployment/n/d", "n"));
                format!(
                    "{} {} {} {} {}",
                    r.kind.as_str(),
                    r.name,
                    r.key.as_deref().unwrap_or("-"),
                    r.optional,
                    r.variable
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "ConfigMap c user false ",
                "ConfigMap ef - false ",
                "ConfigMap pc - false ",
                "Secret s - true ",
                "Secret s2 k false ",
                "PersistentVolumeClaim p - false ",
                "ServiceAccount sa - false ",
                "Host plain - false H",
                "Host redis.n - false REDIS_HOST",
                "Host u.n - false U",
            ]
        );
    }
}
