//! What the objects of a rendered chart are. Pure.

use std::collections::BTreeMap;

use helm_template::Rendered;
use serde_json::Value;

use super::early;
use super::sizes::kind_of;
use crate::error::Error;

/// All objects of a rendered chart: CRDs, hooks and the rest.
pub(crate) fn everything(rendered: &Rendered) -> Vec<&Value> {
    let crds = rendered.crds.iter().map(|m| &m.object);
    let hooks = rendered.hooks.iter().filter(|h| is_install_hook(&h.events)).map(|h| &h.manifest.object);
    crds.chain(hooks).chain(rendered.manifests.iter().map(|m| &m.object)).collect()
}

/// Whether a hook runs when something is installed.
pub(crate) fn is_install_hook(events: &[String]) -> bool {
    events.iter().any(|e| e == "pre-install" || e == "post-install")
}

pub(super) fn is_shared(object: &Value) -> bool {
    object.pointer("/metadata/namespace").is_none()
        && matches!(
            kind_of(object),
            "CustomResourceDefinition"
                | "ClusterRole"
                | "ClusterRoleBinding"
                | "ClusterIssuer"
                | "IngressClass"
                | "ValidatingWebhookConfiguration"
                | "MutatingWebhookConfiguration"
                | "PersistentVolume"
                | "StorageClass"
                | "PriorityClass"
        )
}

pub(crate) fn is_webhook(object: &Value) -> bool {
    matches!(kind_of(object), "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration")
}

pub(super) fn has_webhooks(rendered: &Rendered) -> bool {
    rendered.manifests.iter().any(|m| is_webhook(&m.object))
}

/// Whether no two services have an object of the same kind and name: the second would find it to be somebody else's, half an
/// install later. Each with its namespace and what it renders to.
pub(super) fn unique<'a>(services: impl IntoIterator<Item = (&'a str, &'a str, &'a Rendered)>) -> Result<(), Error> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (service, namespace, rendered) in services {
        for object in rendered.manifests.iter().map(|m| &m.object) {
            let group = cluster::object::group(object["apiVersion"].as_str().unwrap_or_default());
            let place = early::place(object, if is_shared(object) { "" } else { namespace });
            if let Some(other) = seen.insert(format!("{group}/{place}"), service).filter(|other| *other != service) {
                return Err(Error::Unplannable {
                    service: service.to_owned(),
                    detail: format!("it has {place}, and so has {other}"),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use helm_template::Manifest;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_belongs_to_one_service() {
        let of = |object: Value| Rendered {
            manifests: vec![Manifest { source: String::new(), text: String::new(), object }],
            ..Rendered::default()
        };
        let config = |namespace: &str| {
            of(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}}))
        };
        let role = || {
            of(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "c"}}))
        };
        let cases = [
            (("a", "n", config("")), ("b", "n", config("")), false),
            (("a", "n", config("")), ("b", "m", config("")), true),
            (("a", "n", config("")), ("b", "m", config("n")), false),
            (("a", "n", config("")), ("a", "n", config("")), true),
            (("a", "n", role()), ("b", "m", role()), false),
            (("a", "n", config("")), ("b", "n", role()), true),
        ];
        for (n, (one, other, expected)) in cases.into_iter().enumerate() {
            let said = unique([(one.0, one.1, &one.2), (other.0, other.1, &other.2)]);
            assert_eq!(said.is_ok(), expected, "{n}: {said:?}");
        }
    }
}
