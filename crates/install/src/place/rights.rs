//! What somebody has to be allowed to do so that a plan can be carried out and taken back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cluster::{Need, ObjectRef};
use serde_json::Value;

/// What every installation does, whatever is in it: group, resource, verbs.
const ALWAYS: [(&str, &str, &str); 13] = [
    // Which cluster it is, namespaces of our own, and what is in the way of them.
    ("", "namespaces", "get list create delete"),
    // Records, ours and Helm's, are created and replaced.
    ("", "secrets", "get list create update delete"),
    ("coordination.k8s.io", "leases", "get create update delete"),
    // Room, addresses, and why something does not get ready.
    ("", "nodes", "list"),
    ("", "pods", "list watch"),
    ("", "pods/log", "get"),
    ("", "events", "list watch"),
    ("storage.k8s.io", "storageclasses", "list watch"),
    ("networking.k8s.io", "ingressclasses", "list"),
    // Whose definitions they are that a removal finds.
    ("apiextensions.k8s.io", "customresourcedefinitions", "list"),
    // Kubernetes makes these for what we apply; those that bear its marks, and disks, go with it.
    ("", "persistentvolumeclaims", "get list watch delete"),
    ("apps", "replicasets", "get list watch delete"),
    ("apps", "controllerrevisions", "get list delete"),
];

/// With each kind of the plan's objects: looked at, applied (which makes and changes), found again, taken away.
const APPLIED: &str = "get list create patch delete";

/// Kinds that are also waited for.
const WATCHED: [&str; 9] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "Pod",
    "Service",
    "CustomResourceDefinition",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
];

/// With objects of the plan's own kinds, which its controllers make too: taken away before the controllers are, and freed
/// of finalizers that nobody takes off any more.
const OF_OWN_KIND: &str = "get list patch delete";

/// With what a database or file store of one's own is tried, beyond [`ALWAYS`].
const TRIED: [(&str, &str, &str); 2] = [("batch", "jobs", "create delete"), ("", "secrets", "patch")];

const RBAC: &str = "rbac.authorization.k8s.io";

/// Group version and kind.
pub(crate) type Kind = (String, String);

/// A plan, as far as rights matter.
pub(crate) struct Asking<'a> {
    /// Everything that is applied, each with the namespace of its release.
    pub(crate) objects: &'a [(&'a str, &'a Value)],
    /// The resource behind each kind, for example `deployments`; kinds that are missing here are not served.
    pub(crate) resources: &'a BTreeMap<Kind, String>,
    /// Rules of the roles that the plan binds and does not bring ([`strangers`]), as far as we may see them.
    pub(crate) strangers: &'a BTreeMap<ObjectRef, Vec<Value>>,
    /// Whether something is tried from within the cluster.
    pub(crate) probes: bool,
}

/// What is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// All of these.
    pub(crate) needs: BTreeSet<Need>,
    /// And each of these in one of its two ways.
    pub(crate) grants: Vec<Grant>,
}

/// Kubernetes lets nobody hand out by a role what he may not do himself, unless he may do just that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// `escalate` for roles, `bind` for their bindings.
    pub(crate) by: Need,
    /// Everything that is handed out.
    pub(crate) or: BTreeSet<Need>,
}

/// What is needed before there is a plan.
pub(crate) fn basic() -> Rights {
    Rights { needs: ALWAYS.into_iter().flat_map(all).collect(), grants: Vec::new() }
}

/// What a plan needs.
pub(crate) fn needs(asking: &Asking<'_>) -> Rights {
    let mut needs = basic().needs;
    for (_, object) in asking.objects {
        let named = ObjectRef::of(object);
        let kind = (named.api_version.clone(), named.kind.clone());
        let Some(resource) = asking.resources.get(&kind) else { continue };
        needs.extend(all((named.group(), resource, APPLIED)));
        if WATCHED.contains(&named.kind.as_str()) {
            needs.extend(all((named.group(), resource, "watch")));
        }
        if named.kind.ends_with("WebhookConfiguration") {
            needs.extend(all(("discovery.k8s.io", "endpointslices", "list watch")));
        }
        if let Some((group, plural)) = defined(object) {
            needs.extend(all((group, plural, OF_OWN_KIND)));
        }
    }
    if asking.probes {
        needs.extend(TRIED.into_iter().flat_map(all));
    }
    Rights { needs, grants: grants(asking) }
}

fn all((group, resource, verbs): (&str, &str, &str)) -> Vec<Need> {
    verbs.split(' ').map(|verb| Need::new(verb, group, resource, "")).collect()
}

/// What a definition defines: group and resource.
fn defined(object: &Value) -> Option<(&str, &str)> {
    let is_definition = object["kind"] == "CustomResourceDefinition";
    let spec = object.get("spec").filter(|_| is_definition)?;
    Some((spec["group"].as_str()?, spec.pointer("/names/plural")?.as_str()?))
}

/// Resources of the kinds that the plan itself brings.
pub(crate) fn brought(objects: &[(&str, &Value)]) -> BTreeMap<Kind, String> {
    let each = objects.iter().filter_map(|(_, object)| Some((object, defined(object)?)));
    each.flat_map(|(object, (_, plural))| kinds(object).into_iter().map(|kind| (kind, plural.to_owned()))).collect()
}

/// Those of them whose objects lie in no namespace.
pub(crate) fn brought_cluster_wide(objects: &[(&str, &Value)]) -> BTreeSet<Kind> {
    let wide = objects.iter().filter(|(_, object)| object["spec"]["scope"] == "Cluster");
    wide.filter(|(_, object)| defined(object).is_some()).flat_map(|(_, object)| kinds(object)).collect()
}

/// The kinds that a definition defines: one in several versions.
fn kinds(definition: &Value) -> Vec<Kind> {
    let Some((group, _)) = defined(definition) else { return Vec::new() };
    let kind = definition.pointer("/spec/names/kind").and_then(Value::as_str).unwrap_or_default();
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
    let named = versions.filter_map(|version| version["name"].as_str());
    named.map(|version| (format!("{group}/{version}"), kind.to_owned())).collect()
}

/// The role that a binding in this namespace binds.
fn bound(namespace: &str, binding: &Value) -> Option<ObjectRef> {
    let named = ObjectRef::of(binding);
    if named.group() != RBAC || !matches!(named.kind.as_str(), "RoleBinding" | "ClusterRoleBinding") {
        return None;
    }
    let text = |key: &str| binding["roleRef"][key].as_str();
    let (kind, name) = (text("kind")?, text("name")?);
    let own = if named.namespace.is_empty() { namespace } else { &named.namespace };
    Some(ObjectRef::new(&named.api_version, kind, if kind == "Role" { own } else { "" }, name))
}

/// The roles that a plan brings.
fn roles<'a>(objects: &[(&str, &'a Value)]) -> BTreeMap<ObjectRef, &'a Value> {
    let role = |(namespace, object): &(&str, &'a Value)| {
        let mut named = ObjectRef::of(object);
        let is_role = named.group() == RBAC && matches!(named.kind.as_str(), "Role" | "ClusterRole");
        match named.kind.as_str() {
            "Role" if named.namespace.is_empty() => (*namespace).clone_into(&mut named.namespace),
            "ClusterRole" => named.namespace.clear(),
            _ => {}
        }
        is_role.then_some((named, *object))
    };
    objects.iter().filter_map(role).collect()
}

/// Roles that a plan binds and does not bring.
pub(crate) fn strangers(objects: &[(&str, &Value)]) -> BTreeSet<ObjectRef> {
    let own = roles(objects);
    objects.iter().filter_map(|(n, o)| bound(n, o)).filter(|role| !own.contains_key(role)).collect()
}

fn grants(asking: &Asking<'_>) -> Vec<Grant> {
    let own = roles(asking.objects);
    let resource = |kind: &str| if kind == "Role" { "roles" } else { "clusterroles" };
    let mut found: BTreeMap<Need, BTreeSet<Need>> = BTreeMap::new();
    for (named, role) in &own {
        found.entry(Need::new("escalate", RBAC, resource(&named.kind), "")).or_default().extend(granted(role));
    }
    for role in asking.objects.iter().filter_map(|(n, o)| bound(n, o)) {
        let by = Need::new("bind", RBAC, resource(&role.kind), "");
        let or = found.entry(by.clone()).or_default();
        match (own.get(&role), asking.strangers.get(&role)) {
            (Some(own), _) => or.extend(granted(own)),
            (None, Some(rules)) => or.extend(rules.iter().flat_map(of_rule)),
            // What is in it nobody knows, so only this is left.
            (None, None) => drop(or.insert(by.named(&role.name))),
        }
    }
    found.into_iter().map(|(by, or)| Grant { by, or }).collect()
}

/// Everything that a role hands out.
fn granted(role: &Value) -> BTreeSet<Need> {
    // Others fill such a role, so nothing less than everything covers it.
    if role.get("aggregationRule").is_some_and(|rule| !rule.is_null()) {
        return BTreeSet::from([Need::new("*", "*", "*", "")]);
    }
    role["rules"].as_array().into_iter().flatten().flat_map(of_rule).collect()
}

fn of_rule(rule: &Value) -> Vec<Need> {
    let words =
        |key: &str| -> Vec<&str> { rule[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect() };
    let (verbs, groups, resources, mut names) =
        (words("verbs"), words("apiGroups"), words("resources"), words("resourceNames"));
    if names.is_empty() {
        names.push("");
    }
    let mut needs = Vec::new();
    for verb in &verbs {
        needs.extend(words("nonResourceURLs").iter().map(|path| Need::new(verb, "", path, "")));
        for (group, resource) in groups.iter().flat_map(|g| resources.iter().map(move |r| (g, r))) {
            needs.extend(names.iter().map(|name| Need::new(verb, group, resource, "").named(name)));
        }
    }
    needs
}

/// What is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Of what is needed in any case.
    pub(crate) needs: Vec<Need>,
    /// Grants that cannot be made, each with what one would have to hold for them.
    pub(crate) grants: Vec<(Need, Vec<Need>)>,
}

impl Missing {
    /// Whether nothing is.
    pub(crate) fn is_empty(&self) -> bool {
        self.needs.is_empty() && self.grants.is_empty()
    }

    /// Every single right that would do.
    pub(crate) fn all(&self) -> Vec<Need> {
        self.needs.iter().chain(self.grants.iter().map(|(by, _)| by)).cloned().collect()
    }
}

/// Rights of one resource together, as people read them: `get, list pods`.
pub(crate) fn grouped(needs: &[Need]) -> Vec<String> {
    let mut by_object: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for need in needs {
        let verbs = by_object.entry(need.object()).or_default();
        if !verbs.contains(&need.verb.as_str()) {
            verbs.push(&need.verb);
        }
    }
    by_object.into_iter().map(|(object, verbs)| format!("{} {object}", verbs.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(api_version: &str, kind: &str, more: &Value) -> Value {
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        object
    }

    fn of(objects: &[Value], probes: bool, strangers: &BTreeMap<ObjectRef, Vec<Value>>) -> Rights {
        let objects: Vec<(&str, &Value)> = objects.iter().map(|o| ("egov", o)).collect();
        let mut resources = brought(&objects);
        for (api_version, kind, resource) in [
            ("apps/v1", "Deployment", "deployments"),
            ("v1", "ConfigMap", "configmaps"),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"),
            ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
        ] {
            resources.insert((api_version.to_owned(), kind.to_owned()), resource.to_owned());
        }
        needs(&Asking { objects: &objects, resources: &resources, strangers, probes })
    }

    fn said(needs: &BTreeSet<Need>) -> String {
        grouped(&needs.iter().cloned().collect::<Vec<_>>()).join("; ")
    }

    #[test]
    fn each_object_asks_for_what_is_done_with_it() {
        let definition = json!({"spec": {"group": "cert-manager.io", "names": {"kind": "Issuer", "plural": "issuers"}, "versions": [{"name": "v1"}]}});
        let definition = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", &definition);
        let cases = [
            (vec![], false, ""),
            (
                vec![object("apps/v1", "Deployment", &json!({}))],
                false,
                "create, delete, get, list, patch, watch deployments.apps",
            ),
            (vec![object("v1", "ConfigMap", &json!({}))], false, "create, delete, get, list, patch configmaps"),
            // A kind that is not served is told by a check of its own.
            (vec![object("x.io/v1", "Strange", &json!({}))], false, ""),
            (
                vec![object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", &json!({}))],
                false,
                "list, watch endpointslices.discovery.k8s.io; create, delete, get, list, patch, watch validatingwebhookconfigurations.admissionregistration.k8s.io",
            ),
            (
                vec![definition.clone()],
                false,
                "create, delete, get, patch, watch customresourcedefinitions.apiextensions.k8s.io; delete, get, list, patch issuers.cert-manager.io",
            ),
            (
                vec![definition, object("cert-manager.io/v1", "Issuer", &json!({}))],
                false,
                "create, delete, get, patch, watch customresourcedefinitions.apiextensions.k8s.io; create, delete, get, list, patch issuers.cert-manager.io",
            ),
            (vec![], true, "create, delete jobs.batch; patch secrets"),
        ];
        for (objects, probes, wanted) in cases {
            let rights = of(&objects, probes, &BTreeMap::new());
            let beyond: BTreeSet<Need> = rights.needs.difference(&basic().needs).cloned().collect();
            assert_eq!(said(&beyond), wanted, "{objects:?}");
            assert!(rights.needs.is_superset(&basic().needs) && rights.grants.is_empty());
        }
    }

    #[test]
    fn a_run_holds_its_lease_and_replaces_its_records() {
        let all = said(&basic().needs);
        for one in [
            "create, delete, get, update leases.coordination.k8s.io",
            "create, delete, get, list, update secrets",
            "list, watch events",
            "get pods/log",
        ] {
            assert!(all.contains(one), "{one} of {all}");
        }
    }

    #[test]
    fn what_is_handed_out_needs_the_right_to_or_all_of_it() {
        let rules = json!([
            {"apiGroups": ["", "apps"], "resources": ["pods", "pods/log"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["ca"], "verbs": ["get", "update"]},
            {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
        ]);
        let role = object("rbac.authorization.k8s.io/v1", "ClusterRole", &json!({"rules": rules}));
        let binding = |kind: &str, name: &str| {
            object("rbac.authorization.k8s.io/v1", "RoleBinding", &json!({"roleRef": {"kind": kind, "name": name}}))
        };
        let whole = object("rbac.authorization.k8s.io/v1", "ClusterRole", &json!({"aggregationRule": {}, "rules": []}));
        let held = "get /metrics; get pods; get pods.apps; get pods/log; get pods/log.apps; get, update secrets \"ca\"";
        let view = ObjectRef::new("rbac.authorization.k8s.io/v1", "ClusterRole", "", "view");
        let seen = BTreeMap::from([(
            view.clone(),
            vec![json!({"apiGroups": [""], "resources": ["services"], "verbs": ["list"]})],
        )]);
        let unseen = BTreeMap::new();
        let (escalate, bind) = ("escalate clusterroles", "bind clusterroles");
        let cases = [
            (vec![role.clone()], &unseen, vec![(escalate, held)]),
            (vec![role.clone(), binding("ClusterRole", "a")], &unseen, vec![(bind, held), (escalate, held)]),
            (vec![whole], &unseen, vec![(escalate, "* *.*")]),
            (vec![binding("ClusterRole", "view")], &seen, vec![(bind, "list services")]),
            (
                vec![binding("ClusterRole", "view")],
                &unseen,
                vec![(bind, "bind clusterroles.rbac.authorization.k8s.io \"view\"")],
            ),
            // A role of a namespace is another one than the cluster's of the same name.
            (
                vec![role.clone(), binding("Role", "a")],
                &unseen,
                vec![(escalate, held), ("bind roles", "bind roles.rbac.authorization.k8s.io \"a\"")],
            ),
        ];
        for (objects, strangers, mut wanted) in cases {
            let rights = of(&objects, false, strangers);
            let mut found: Vec<(String, String)> =
                rights.grants.iter().map(|g| (g.by.to_string(), said(&g.or))).collect();
            found.sort();
            wanted.sort_unstable();
            let wanted: Vec<(String, String)> =
                wanted.into_iter().map(|(by, or)| (format!("{by}.rbac.authorization.k8s.io"), or.to_owned())).collect();
            assert_eq!(found, wanted, "{objects:?}");
        }
        let objects = [role, binding("ClusterRole", "a"), binding("ClusterRole", "view")];
        let objects: Vec<(&str, &Value)> = objects.iter().map(|o| ("egov", o)).collect();
        assert_eq!(strangers(&objects), BTreeSet::from([view]));
    }
}
