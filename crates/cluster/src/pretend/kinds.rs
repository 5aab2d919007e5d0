//! What the pretend API server serves: the built-in kinds as a table, those of definitions as they come, and how both are discovered.

use serde_json::{Value, json};

use super::json::{list, text};

/// One kind that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// Empty for the core group.
    pub(super) group: String,
    /// Served versions, the preferred one first.
    pub(super) versions: Vec<String>,
    pub(super) kind: String,
    pub(super) plural: String,
    pub(super) singular: String,
    pub(super) namespaced: bool,
    /// `status`, `scale`, …
    pub(super) subresources: Vec<String>,
    /// Only POST: questions that keep nothing.
    pub(super) question: bool,
}

/// Group, versions, kind, plural, namespaced, subresources.
type Row = (&'static str, &'static [&'static str], &'static str, &'static str, bool, &'static [&'static str]);

const V1: &[&str] = &["v1"];
const NONE: &[&str] = &[];
const STATUS: &[&str] = &["status"];
const SCALED: &[&str] = &["status", "scale"];

/// What Kubernetes 1.36 serves, as far as charts and installers speak of it.
const BUILT_IN: &[Row] = &[
    ("", V1, "ConfigMap", "configmaps", true, NONE),
    ("", V1, "Endpoints", "endpoints", true, NONE),
    ("", V1, "Event", "events", true, NONE),
    ("", V1, "LimitRange", "limitranges", true, NONE),
    ("", V1, "Namespace", "namespaces", false, &["status", "finalize"]),
    ("", V1, "Node", "nodes", false, STATUS),
    ("", V1, "PersistentVolume", "persistentvolumes", false, STATUS),
    ("", V1, "PersistentVolumeClaim", "persistentvolumeclaims", true, STATUS),
    ("", V1, "Pod", "pods", true, &["status", "log", "portforward"]),
    ("", V1, "PodTemplate", "podtemplates", true, NONE),
    ("", V1, "ReplicationController", "replicationcontrollers", true, SCALED),
    ("", V1, "ResourceQuota", "resourcequotas", true, STATUS),
    ("", V1, "Secret", "secrets", true, NONE),
    ("", V1, "Service", "services", true, STATUS),
    ("", V1, "ServiceAccount", "serviceaccounts", true, NONE),
    ("admissionregistration.k8s.io", V1, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false, NONE),
    ("admissionregistration.k8s.io", V1, "ValidatingAdmissionPolicy", "validatingadmissionpolicies", false, STATUS),
    (
        "admissionregistration.k8s.io",
        V1,
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        false,
        NONE,
    ),
    (
        "admissionregistration.k8s.io",
        V1,
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        false,
        NONE,
    ),
    ("apiextensions.k8s.io", V1, "CustomResourceDefinition", "customresourcedefinitions", false, STATUS),
    ("apiregistration.k8s.io", V1, "APIService", "apiservices", false, STATUS),
    ("apps", V1, "ControllerRevision", "controllerrevisions", true, NONE),
    ("apps", V1, "DaemonSet", "daemonsets", true, STATUS),
    ("apps", V1, "Deployment", "deployments", true, SCALED),
    ("apps", V1, "ReplicaSet", "replicasets", true, SCALED),
    ("apps", V1, "StatefulSet", "statefulsets", true, SCALED),
    ("autoscaling", &["v2", "v1"], "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, STATUS),
    ("batch", V1, "CronJob", "cronjobs", true, STATUS),
    ("batch", V1, "Job", "jobs", true, STATUS),
    ("coordination.k8s.io", V1, "Lease", "leases", true, NONE),
    ("discovery.k8s.io", V1, "EndpointSlice", "endpointslices", true, NONE),
    ("networking.k8s.io", V1, "Ingress", "ingresses", true, STATUS),
    ("networking.k8s.io", V1, "IngressClass", "ingressclasses", false, NONE),
    ("networking.k8s.io", V1, "NetworkPolicy", "networkpolicies", true, NONE),
    ("policy", V1, "PodDisruptionBudget", "poddisruptionbudgets", true, STATUS),
    ("rbac.authorization.k8s.io", V1, "ClusterRole", "clusterroles", false, NONE),
    ("rbac.authorization.k8s.io", V1, "ClusterRoleBinding", "clusterrolebindings", false, NONE),
    ("rbac.authorization.k8s.io", V1, "Role", "roles", true, NONE),
    ("rbac.authorization.k8s.io", V1, "RoleBinding", "rolebindings", true, NONE),
    ("scheduling.k8s.io", V1, "PriorityClass", "priorityclasses", false, NONE),
    ("storage.k8s.io", V1, "CSIDriver", "csidrivers", false, NONE),
    ("storage.k8s.io", V1, "CSINode", "csinodes", false, NONE),
    ("storage.k8s.io", V1, "StorageClass", "storageclasses", false, NONE),
    ("storage.k8s.io", V1, "VolumeAttachment", "volumeattachments", false, STATUS),
];

/// Questions: answered, not kept.
const QUESTIONS: &[Row] = &[
    ("authentication.k8s.io", V1, "SelfSubjectReview", "selfsubjectreviews", false, NONE),
    ("authorization.k8s.io", V1, "SelfSubjectAccessReview", "selfsubjectaccessreviews", false, NONE),
    ("authorization.k8s.io", V1, "SelfSubjectRulesReview", "selfsubjectrulesreviews", false, NONE),
];

fn built(row: &Row, question: bool) -> Kind {
    let (group, versions, kind, plural, namespaced, subresources) = row;
    Kind {
        group: (*group).to_owned(),
        versions: versions.iter().map(|&v| v.to_owned()).collect(),
        kind: (*kind).to_owned(),
        plural: (*plural).to_owned(),
        singular: kind.to_lowercase(),
        namespaced: *namespaced,
        subresources: subresources.iter().map(|&s| s.to_owned()).collect(),
        question,
    }
}

/// Everything that is served before any definition comes.
pub(super) fn built_in() -> Vec<Kind> {
    BUILT_IN.iter().map(|row| built(row, false)).chain(QUESTIONS.iter().map(|row| built(row, true))).collect()
}

impl Kind {
    /// What a CustomResourceDefinition serves.
    pub(super) fn of_definition(definition: &Value) -> Option<Kind> {
        let mut versions: Vec<&Value> = list(definition, "/spec/versions")
            .iter()
            .filter(|v| v.pointer("/served") == Some(&Value::Bool(true)))
            .collect();
        versions.sort_by_key(|v| v.pointer("/storage") != Some(&Value::Bool(true)));
        let first = versions.first()?;
        let mut subresources = Vec::new();
        if first.pointer("/subresources/status").is_some() {
            subresources.push("status".to_owned());
        }
        let kind = text(definition, "/spec/names/kind");
        Some(Kind {
            group: text(definition, "/spec/group").to_owned(),
            kind: kind.to_owned(),
            plural: text(definition, "/spec/names/plural").to_owned(),
            singular: match text(definition, "/spec/names/singular") {
                "" => kind.to_lowercase(),
                singular => singular.to_owned(),
            },
            namespaced: text(definition, "/spec/scope") == "Namespaced",
            subresources,
            versions: versions.iter().map(|v| text(v, "/name").to_owned()).collect(),
            question: false,
        })
    }

    /// `apps/v1`, or `v1` for the core group.
    pub(super) fn api_version(&self, version: &str) -> String {
        if self.group.is_empty() { version.to_owned() } else { format!("{}/{version}", self.group) }
    }

    /// `deployments.apps`, or `pods`: how errors name it.
    pub(super) fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `Deployment.apps`, or `Pod`.
    pub(super) fn qualified_kind(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }

    fn verbs(&self) -> &'static [&'static str] {
        if self.question {
            &["create"]
        } else {
            &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        }
    }

    fn sub_verbs(sub: &str) -> &'static [&'static str] {
        match sub {
            "log" => &["get"],
            "portforward" => &["create", "get"],
            "finalize" => &["update"],
            _ => &["get", "patch", "update"],
        }
    }
}

/// `/api`.
pub(super) fn core_versions() -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:6443"}]})
}

fn groups(kinds: &[Kind]) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for kind in kinds.iter().filter(|k| !k.group.is_empty()) {
        match groups.iter_mut().find(|(name, _)| *name == kind.group) {
            Some((_, versions)) => {
                for version in &kind.versions {
                    if !versions.contains(version) {
                        versions.push(version.clone());
                    }
                }
            }
            None => groups.push((kind.group.clone(), kind.versions.clone())),
        }
    }
    groups
}

fn group_entry(name: &str, versions: &[String]) -> Value {
    let versions: Vec<Value> =
        versions.iter().map(|v| json!({"groupVersion": format!("{name}/{v}"), "version": v})).collect();
    json!({"name": name, "versions": versions, "preferredVersion": versions.first()})
}

/// `/apis`.
pub(super) fn group_list(kinds: &[Kind]) -> Value {
    let groups: Vec<Value> = groups(kinds).iter().map(|(name, versions)| group_entry(name, versions)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`.
pub(super) fn group(kinds: &[Kind], wanted: &str) -> Option<Value> {
    groups(kinds).iter().find(|(name, _)| name == wanted).map(|(name, versions)| {
        let mut entry = group_entry(name, versions);
        entry["kind"] = "APIGroup".into();
        entry["apiVersion"] = "v1".into();
        entry
    })
}

/// `/api/v1`, `/apis/GROUP/VERSION`.
pub(super) fn resources(kinds: &[Kind], group: &str, version: &str) -> Option<Value> {
    let mut found = Vec::new();
    for kind in kinds.iter().filter(|k| k.group == group && k.versions.iter().any(|v| v == version)) {
        found.push(json!({"name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind, "verbs": kind.verbs()}));
        for sub in &kind.subresources {
            let mut entry = json!({"name": format!("{}/{sub}", kind.plural), "singularName": "", "namespaced": kind.namespaced,
                "kind": kind.kind, "verbs": Kind::sub_verbs(sub)});
            if sub == "scale" {
                entry["kind"] = "Scale".into();
                entry["group"] = "autoscaling".into();
                entry["version"] = "v1".into();
            }
            found.push(entry);
        }
    }
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    (!found.is_empty())
        .then(|| json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": found}))
}

/// `/api` or `/apis` for those who ask for everything in one answer.
pub(super) fn aggregated(kinds: &[Kind], core: bool) -> Value {
    let groups = if core { vec![(String::new(), vec!["v1".to_owned()])] } else { groups(kinds) };
    let items: Vec<Value> = groups
        .iter()
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|version| {
                    let resources: Vec<Value> = kinds
                        .iter()
                        .filter(|k| k.group == *group && k.versions.contains(version))
                        .map(|k| aggregated_kind(k, version))
                        .collect();
                    json!({"version": version, "freshness": "Current", "resources": resources})
                })
                .collect();
            json!({"metadata": {"name": group, "creationTimestamp": null}, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn aggregated_kind(kind: &Kind, version: &str) -> Value {
    let of = json!({"group": kind.group, "version": version, "kind": kind.kind});
    let subresources: Vec<Value> = kind
        .subresources
        .iter()
        .map(|sub| {
            let of = if sub == "scale" {
                json!({"group": "autoscaling", "version": "v1", "kind": "Scale"})
            } else {
                of.clone()
            };
            json!({"subresource": sub, "responseKind": of, "verbs": Kind::sub_verbs(sub)})
        })
        .collect();
    let mut entry = json!({"resource": kind.plural, "responseKind": of, "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular, "verbs": kind.verbs()});
    if !subresources.is_empty() {
        entry["subresources"] = subresources.into();
    }
    entry
}
