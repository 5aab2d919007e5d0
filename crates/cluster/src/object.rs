//! Names of kinds and objects, and the parts of an object that everything here asks for.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Names one object.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ObjectRef {
    /// For example `apps/v1`.
    pub api_version: String,
    /// For example `Deployment`.
    pub kind: String,
    /// Empty for cluster-wide objects.
    #[serde(default)]
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl ObjectRef {
    /// Names an object; `namespace` is empty for cluster-wide ones.
    pub fn new(api_version: &str, kind: &str, namespace: &str, name: &str) -> Self {
        ObjectRef {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The name that an object bears.
    pub fn of(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let meta = &object["metadata"];
        ObjectRef {
            api_version: text(&object["apiVersion"]),
            kind: text(&object["kind"]),
            namespace: text(&meta["namespace"]),
            name: text(&meta["name"]),
        }
    }

    /// The API group; empty for the core one.
    pub fn group(&self) -> &str {
        group(&self.api_version)
    }
}

/// `Kind/namespace/name`, as everywhere; `Kind/name` for cluster-wide objects.
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{}/{}", self.kind, self.name)
        } else {
            write!(f, "{}/{}/{}", self.kind, self.namespace, self.name)
        }
    }
}

/// The group in an `apiVersion`; empty for the core one.
pub fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether a group is answered by the API server itself, whatever else is installed.
pub(crate) fn is_built_in(group: &str) -> bool {
    const BUILT_IN: [&str; 21] = [
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    ];
    BUILT_IN.contains(&group)
}

/// A kind that a cluster serves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// For example `apps/v1`.
    pub api_version: String,
    /// For example `Deployment`.
    pub kind: String,
    /// For example `deployments`.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What can be done with it: `get`, `list`, `delete`, …
    pub verbs: Vec<String>,
}

impl Resource {
    /// Path of the whole kind; within one namespace, if one is given and the kind has namespaces.
    pub fn path(&self, namespace: &str) -> String {
        let root = root(&self.api_version);
        if self.namespaced && !namespace.is_empty() {
            format!("{root}/namespaces/{namespace}/{}", self.plural)
        } else {
            format!("{root}/{}", self.plural)
        }
    }

    /// Path of one object.
    pub fn object_path(&self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.path(namespace))
    }
}

/// A host as it stands in an address: IPv6 addresses in brackets, without a zone, everything else as it is.
pub fn in_url(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.split('%').next().unwrap_or_default();
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => host.to_owned(),
    }
}

/// Path of a group version.
pub fn root(api_version: &str) -> String {
    if api_version.contains('/') { format!("/apis/{api_version}") } else { format!("/api/{api_version}") }
}

/// A text in an object by JSON pointer; empty if it is not there.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// An annotation.
pub(crate) fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["annotations"].get(name).and_then(Value::as_str)
}

/// A label.
pub(crate) fn label<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["labels"].get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_host_in_an_address() {
        for (host, expected) in [
            ("lb.example", "lb.example"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8::7", "[2001:db8::7]"),
            ("[2001:DB8:0::7]", "[2001:db8::7]"),
            ("fe80::1%eth0", "[fe80::1]"),
        ] {
            assert_eq!(in_url(host), expected, "{host}");
        }
    }

    #[test]
    fn names_and_paths() {
        let object =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"}});
        let name = ObjectRef::of(&object);
        assert_eq!(name.to_string(), "Deployment/n/a");
        assert_eq!(name.group(), "apps");
        assert_eq!(ObjectRef::new("v1", "Namespace", "", "n").to_string(), "Namespace/n");
        let deployments = Resource {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            plural: "deployments".into(),
            namespaced: true,
            verbs: vec![],
        };
        assert_eq!(deployments.object_path("n", "a"), "/apis/apps/v1/namespaces/n/deployments/a");
        assert_eq!(deployments.path(""), "/apis/apps/v1/deployments");
        let nodes = Resource {
            api_version: "v1".into(),
            kind: "Node".into(),
            plural: "nodes".into(),
            namespaced: false,
            verbs: vec![],
        };
        assert_eq!(nodes.object_path("ignored", "a"), "/api/v1/nodes/a");
    }
}
