//! Rendered text to objects: documents split, hooks told apart, sorted in Helm's install order.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::json;
use crate::value::Text;
use crate::yaml::{self, Numbers};

/// One object of a rendered chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The template it came from, for example `kafka/templates/service.yaml`.
    pub source: String,
    /// The document as rendered, without `---`.
    pub text: String,
    /// The document parsed as Helm parses it.
    pub object: serde_json::Value,
}

/// A manifest with `helm.sh/hook`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    /// The object.
    pub manifest: Manifest,
    /// `pre-install`, `post-install`, …
    pub events: Vec<String>,
    /// `helm.sh/hook-weight`, 0 if not given.
    pub weight: i32,
    /// `helm.sh/hook-delete-policy`; `before-hook-creation` if not given.
    pub delete_policies: Vec<String>,
}

/// A rendered chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rendered {
    /// Objects in Helm's install order.
    pub manifests: Vec<Manifest>,
    /// Hooks in Helm's order.
    pub hooks: Vec<Hook>,
    /// Objects of `crds/`.
    pub crds: Vec<Manifest>,
    /// `NOTES.txt` rendered.
    pub notes: Option<String>,
}

/// The kinds in the order in which Helm installs them. Others follow, by name.
pub const INSTALL_ORDER: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// The kinds in the order in which Helm uninstalls them. Others follow, by name.
pub const UNINSTALL_ORDER: &[&str] = &[
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
];

/// Which of two kinds comes first in `order`; kinds that are not in it come last, by name.
#[must_use]
pub fn kind_order(a: &str, b: &str, order: &[&str]) -> Ordering {
    let place = |kind: &str| order.iter().position(|known| *known == kind);
    match (place(a), place(b)) {
        (None, None) => a.cmp(b),
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => a.cmp(&b),
    }
}

/// Splits and sorts what the templates printed.
pub(crate) fn sort(texts: &BTreeMap<String, String>) -> Result<Rendered> {
    let mut rendered = Rendered::default();
    for (source, text) in texts {
        for manifest in documents(source, text)? {
            match hook(&manifest) {
                Found::None => rendered.manifests.push(manifest),
                Found::Hook { events, weight, delete_policies } => {
                    rendered.hooks.push(Hook { manifest, events, weight, delete_policies });
                }
                Found::Unknown => {}
            }
        }
    }
    let kind = |manifest: &Manifest| manifest.object["kind"].as_str().unwrap_or_default().to_owned();
    rendered.manifests.sort_by(|a, b| kind_order(&kind(a), &kind(b), INSTALL_ORDER));
    rendered.hooks.sort_by(|a, b| kind_order(&kind(&a.manifest), &kind(&b.manifest), INSTALL_ORDER));
    // As Helm runs them: by weight, then by name.
    let name = |hook: &Hook| hook.manifest.object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    rendered.hooks.sort_by(|a, b| a.weight.cmp(&b.weight).then_with(|| name(a).cmp(&name(b))));
    Ok(rendered)
}

/// The objects of `crds/`.
pub(crate) fn crds(files: &[(String, Text)]) -> Result<Vec<Manifest>> {
    let mut crds = Vec::new();
    for (source, bytes) in files {
        crds.extend(documents(source, &bytes.to_str())?);
    }
    Ok(crds)
}

/// The documents of one file that hold an object.
fn documents(source: &str, text: &str) -> Result<Vec<Manifest>> {
    let mut manifests = Vec::new();
    for document in split(text) {
        let bad = |before: &str, wrong: yaml::Unreadable| Error::Manifest {
            template: source.to_owned(),
            line: wrong.line,
            reason: format!("{before}{wrong}"),
            problem: wrong.problem,
        };
        match yaml::parse(document, Numbers::Exact).map_err(|wrong| bad("error converting YAML to JSON: ", wrong))? {
            // Comments only.
            Json::Null => {}
            object @ Json::Object(_) => {
                manifests.push(Manifest { source: source.to_owned(), text: document.to_owned(), object });
            }
            other => {
                let message = json::cannot(json::kind(&other), "Go value of type util.SimpleHead");
                return Err(bad(json::WHILE_DECODING, yaml::Unreadable::new(None, message)));
            }
        }
    }
    Ok(manifests)
}

/// Helm's split: at every `---` that begins a line, whatever follows it on that line.
fn split(text: &str) -> Vec<&str> {
    let text = text.trim_start();
    let mut documents = Vec::new();
    let mut start = 0;
    let mut line_start = 0;
    let mut at_line_start = true;
    loop {
        if at_line_start && text[line_start..].starts_with("---") {
            documents.push(&text[start..line_start]);
            let after = &text[line_start + 3..];
            start = text.len() - after.trim_start().len();
            line_start = start;
        }
        match text[line_start..].find('\n') {
            // The line ends behind a separator belong to it: another one there is not at a line start for Helm.
            Some(end) => (line_start, at_line_start) = (line_start + end + 1, true),
            None => break,
        }
    }
    documents.push(&text[start..]);
    let last = documents.len() - 1;
    // White space before a separator belongs to it; the last document keeps its end.
    let trimmed =
        documents.into_iter().enumerate().map(|(at, document)| if at == last { document } else { document.trim_end() });
    trimmed.filter(|document| !document.trim().is_empty()).map(str::trim_start).collect()
}

enum Found {
    None,
    Hook {
        events: Vec<String>,
        weight: i32,
        delete_policies: Vec<String>,
    },
    /// A hook of a kind that Helm does not know: it leaves the object out.
    Unknown,
}

const EVENTS: &[&str] = &[
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
];

fn hook(manifest: &Manifest) -> Found {
    let annotations = &manifest.object["metadata"]["annotations"];
    let words = |key: &str| -> Vec<String> {
        let text = annotations[key].as_str().unwrap_or_default();
        text.split(',').map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect()
    };
    if annotations["helm.sh/hook"].is_null() {
        return Found::None;
    }
    let events: Vec<String> = words("helm.sh/hook")
        .into_iter()
        .map(|event| if event == "test-success" { "test".to_owned() } else { event })
        .collect();
    if events.is_empty() || events.iter().any(|event| !EVENTS.contains(&event.as_str())) {
        return Found::Unknown;
    }
    let weight = match &annotations["helm.sh/hook-weight"] {
        Json::String(text) => text.parse().unwrap_or(0),
        Json::Number(number) => number.as_i64().and_then(|weight| i32::try_from(weight).ok()).unwrap_or(0),
        _ => 0,
    };
    let mut delete_policies = words("helm.sh/hook-delete-policy");
    if delete_policies.is_empty() {
        delete_policies.push("before-hook-creation".to_owned());
    }
    Found::Hook { events, weight, delete_policies }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_split_where_helm_splits_them() {
        for (text, expected) in [
            ("a: 1\n---\nb: 2\n", vec!["a: 1", "b: 2\n"]),
            ("---\na: 1\n", vec!["a: 1\n"]),
            ("\n\n---\n---\n\n", vec!["---\n\n"]),
            ("---apiVersion: v1\nkind: X\n", vec!["apiVersion: v1\nkind: X\n"]),
            ("a: 1\n  \n---  \n\nb: 2", vec!["a: 1", "b: 2"]),
            ("a: |\n  x ---\n  y\n", vec!["a: |\n  x ---\n  y\n"]),
            ("# only a comment\n---\na: 1\n", vec!["# only a comment", "a: 1\n"]),
        ] {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }

    #[test]
    fn objects_and_hooks_come_in_helm_s_order() {
        let template = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let texts = BTreeMap::from([
            template("c/a.yaml", "kind: Deployment\n---\nkind: Widget\n---\nkind: Service\n---\n# nothing\n"),
            template("c/b.yaml", "kind: Namespace\n---\nkind: Alpha\n"),
            template(
                "c/h.yaml",
                "kind: Job\nmetadata: {name: b, annotations: {helm.sh/hook: 'pre-install,post-install', \
                 helm.sh/hook-weight: '5'}}\n---\nkind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: \
                 pre-install, helm.sh/hook-delete-policy: hook-succeeded}}\n---\nkind: Job\nmetadata: {annotations: \
                 {helm.sh/hook: crd-install}}\n",
            ),
        ]);
        let rendered = sort(&texts).unwrap();
        let kinds: Vec<_> =
            rendered.manifests.iter().map(|manifest| manifest.object["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["Namespace", "Service", "Deployment", "Alpha", "Widget"]);
        let hooks: Vec<_> = rendered
            .hooks
            .iter()
            .map(|hook| (hook.weight, hook.events.len(), hook.delete_policies[0].as_str()))
            .collect();
        assert_eq!(hooks, [(0, 1, "hook-succeeded"), (5, 2, "before-hook-creation")]);
    }

    #[test]
    fn numbers_of_objects_stay_whole() {
        let texts = BTreeMap::from([("x".to_owned(), "kind: S\nport: 8080\nratio: 1.5\nmode: 0755\n".to_owned())]);
        let object = &sort(&texts).unwrap().manifests[0].object;
        assert_eq!(object["port"], serde_json::json!(8080));
        assert_eq!(object["ratio"], serde_json::json!(1.5));
        assert_eq!(object["mode"], serde_json::json!(493));
    }
}
