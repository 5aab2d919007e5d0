//! What needs what: the list's groups, needs that are known, and what the rendered objects refer to. Pure.
//!
//! A reference that nothing in the plan answers is an error, unless a table here says why that is all right.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::data::pack::is_part;
use crate::references::{Placed, Reference, ReferenceKind, references};
use crate::select::{FILES_SERVICE, Selection, stages};
use crate::{Error, variables};

/// Which services need which, and which references nothing answers and need not be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edges {
    /// Service to the services that must be there before it, and what of each. Free of circles.
    pub needs: BTreeMap<String, BTreeMap<String, Need>>,
    /// Service to the services that its pods are told the hosts of and that stand beside it or after it: they call each
    /// other in circles, some of them when they start, so that none of it is an order.
    pub calls: BTreeMap<String, BTreeSet<String>>,
    /// Host or object (`Kind/namespace/name`) to the code of the reason why it may be missing.
    pub optional: BTreeMap<String, String>,
}

/// What of another service a service needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Need {
    /// The whole service, ready.
    pub whole: bool,
    /// That it answers when the API asks it about objects of this service: nothing else of this service waits for it.
    pub admission: bool,
    /// That these objects are there, each as `Kind/namespace/name`.
    pub objects: BTreeSet<String>,
}

/// Needs that neither list nor objects show.
const KNOWN_NEEDS: &[(&str, &[&str])] = &[
    // Elasticsearch's masters hold the certificates that its data nodes join with.
    ("elasticsearch-data", &["elasticsearch-master"]),
    // Its hook asks a running Elasticsearch for a token before anything else.
    ("kibana", &["elasticsearch-master", "elasticsearch-data"]),
    // DIGIT's own order of starting: each reads from the one before when it starts.
    ("egov-enc-service", &["egov-mdms-service"]),
    ("egov-user", &["egov-enc-service"]),
    ("egov-hrms", &["egov-user"]),
    ("egov-workflow-v2", &["egov-mdms-service"]),
    // Its store is reached by the installation's own address, which no reference shows.
    ("egov-filestore", &[FILES_SERVICE]),
];

/// Objects that no chart holds because a hook or a controller makes them: kind, name, the service whose it is.
const MADE_BY_HOOKS: &[(&str, &str, &str)] = &[
    ("Secret", "kibana-es-token", "kibana"),
    ("Secret", "ingress-nginx-admission", "ingress-nginx"),
    ("Secret", "cert-manager-webhook-ca", "cert-manager"),
];

/// Objects that may be missing: kind, name, reason.
const OPTIONAL_OBJECTS: &[(&str, &str, &str)] = &[("ServiceAccount", "default", "every-namespace-has-one")];

/// The reason of a service that modules of a list call for what they are there for, and that the list leaves out. All of
/// the list can be installed and gets ready; what needs this service does not work.
pub const NOT_IN_LIST: &str = "not-in-list";

/// The reason of the parts of master data and configuration, which no chart makes.
pub const CARRIED: &str = "goes-along";

/// Hosts that may be missing, with the reason.
///
/// `other-module`: called only for what a module outside the list does. [`NOT_IN_LIST`]: the list should bring it.
/// `itself`: the pod's own. Hosts outside the cluster are in [`variables::LEFT`].
const OPTIONAL_HOSTS: &[(&str, &str)] = &[
    ("billing-service", "other-module"),
    ("bpa-services", "other-module"),
    ("collection-services", "other-module"),
    ("egf-instrument", "other-module"),
    ("egf-master", "other-module"),
    ("egov-common-masters", "other-module"),
    ("egov-edcr", "other-module"),
    ("egov-searcher", "other-module"),
    ("land-services", NOT_IN_LIST),
    ("noc-services", NOT_IN_LIST),
    ("pdf-service", NOT_IN_LIST),
    ("rainmaker-custom-service", "other-module"),
    ("tl-calculator", "other-module"),
    ("vehicle", "other-module"),
    ("localhost", "itself"),
    ("127.0.0.1", "itself"),
    ("0.0.0.0", "itself"),
];

/// Keys of ConfigMaps whose hosts are what a person answered, or the installation's own address.
const ANSWERS: &[(&str, &str)] = &[
    ("egov-config", "db-url"),
    ("egov-config", "bpa-db-url"),
    ("egov-config", "egov-services-fqdn-name"),
    ("egov-config", variables::APP_HOSTS),
    ("egov-service-host", "minio-url"),
];

/// What the selected services need, from their rendered objects (hooks included), by service.
///
/// # Errors
/// [`Error::Unresolved`] if a reference is answered by nothing and by no table; [`Error::Circular`] if services need
/// each other.
pub fn edges(selection: &Selection, objects: &BTreeMap<String, Vec<Value>>) -> Result<Edges, Error> {
    let placed: Vec<Placed<'_>> = selection
        .services
        .iter()
        .flat_map(|s| {
            let of = objects.get(&s.name).map(Vec::as_slice).unwrap_or_default();
            of.iter().map(|object| Placed { service: &s.name, namespace: &s.namespace, object })
        })
        .collect();
    let mut edges = Edges::default();
    for service in &selection.services {
        edges.needs.insert(service.name.clone(), BTreeMap::new());
    }
    group_edges(selection, &mut edges);
    for (service, needs) in KNOWN_NEEDS {
        for need in *needs {
            edges.add(selection, service, need);
        }
    }
    guard_edges(selection, &placed, &mut edges);
    reference_edges(selection, &placed, &mut edges)?;
    edges.check()?;
    Ok(edges)
}

impl Edges {
    fn add(&mut self, selection: &Selection, service: &str, need: &str) {
        self.need(selection, service, need, |need| need.whole = true);
    }

    fn need(&mut self, selection: &Selection, service: &str, need: &str, add: impl FnOnce(&mut Need)) {
        if service != need
            && selection.has(need)
            && let Some(needs) = self.needs.get_mut(service)
        {
            add(needs.entry(need.to_owned()).or_default());
        }
    }

    /// An order in which each service stands after all it needs; earlier names first among equals.
    #[must_use]
    pub fn order(&self) -> Vec<&str> {
        let mut placed: Vec<&str> = Vec::new();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        loop {
            let next = self
                .needs
                .iter()
                .find(|(name, needs)| !done.contains(name.as_str()) && needs.keys().all(|n| done.contains(n.as_str())));
            let Some((name, _)) = next else { return placed };
            placed.push(name);
            done.insert(name);
        }
    }

    fn check(&self) -> Result<(), Error> {
        let placed: BTreeSet<&str> = self.order().into_iter().collect();
        let left: Vec<String> = self.needs.keys().filter(|name| !placed.contains(name.as_str())).cloned().collect();
        if left.is_empty() { Ok(()) } else { Err(Error::Circular { services: left }) }
    }
}

/// A service needs all services of the groups that its group needs. The gateway is left out: it reads its routes when it
/// starts, so it needs the services that it routes to, and comes last.
fn group_edges(selection: &Selection, edges: &mut Edges) {
    let is_gateway = |stage: &str| stage == stages::GATEWAY;
    for service in &selection.services {
        let groups = selection.groups.get(&service.group).map(Vec::as_slice).unwrap_or_default();
        for need in &selection.services {
            let by_group = groups.contains(&need.group) && !is_gateway(need.stage);
            let routed = is_gateway(service.stage) && stages::rank(need.stage) >= stages::rank(stages::CORE);
            if by_group || (routed && !is_gateway(need.stage)) {
                edges.add(selection, &service.name, &need.name);
            }
        }
    }
}

/// Whoever has an Ingress needs the web entry; whoever asks cert-manager for something needs cert-manager.
fn guard_edges(selection: &Selection, objects: &[Placed<'_>], edges: &mut Edges) {
    for object in objects {
        if object.kind() == "Ingress" {
            edges.need(selection, object.service, "ingress-nginx", |need| need.admission = true);
        }
        let version = object.object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        let annotations = object.object.pointer("/metadata/annotations").and_then(Value::as_object);
        if version.starts_with("cert-manager.io/")
            || annotations.is_some_and(|a| a.keys().any(|k| k.starts_with("cert-manager.io/")))
        {
            edges.need(selection, object.service, "cert-manager", |need| need.admission = true);
        }
    }
}

fn reference_edges(selection: &Selection, objects: &[Placed<'_>], edges: &mut Edges) -> Result<(), Error> {
    let mut held: BTreeMap<(&str, &str, &str), &Placed<'_>> = BTreeMap::new();
    for object in objects {
        held.insert((object.kind(), object.namespace(), object.name()), object);
        // The claims of a stateful set's template are made with its pods; nobody else may name them here.
    }
    let answers = answers(selection, objects);
    let stage = |service: &str| selection.service(service).map_or(0, |s| stages::rank(s.stage));
    let mut unresolved = Vec::new();
    for reference in references(objects) {
        if reference.kind == ReferenceKind::Host {
            let service = service_of(&reference, &held);
            if let Some(owner) = service {
                // Services call each other in circles once they run; only what stands in an earlier stage must be there.
                if stage(owner) < stage(&reference.service) {
                    edges.add(selection, &reference.service, owner);
                } else if owner != reference.service {
                    edges.calls.entry(reference.service.clone()).or_default().insert(owner.to_owned());
                }
            } else if !answers.contains(&reference.name) {
                match optional_host(selection, &reference.name) {
                    Some(reason) => {
                        edges.optional.insert(reference.name.clone(), reason.to_owned());
                    }
                    None => unresolved.push(reference),
                }
            }
            continue;
        }
        let name = (reference.kind.as_str(), reference.namespace.as_str(), reference.name.as_str());
        match held.get(&name) {
            // An Ingress may stand before the Service that it sends to: it answers 503 until then.
            Some(_) if reference.kind == ReferenceKind::Service => {}
            Some(owner) if has_key(owner.object, reference.key.as_deref()) => {
                let object = format!("{}/{}/{}", name.0, name.1, name.2);
                edges.need(selection, &reference.service, owner.service, |need| {
                    need.objects.insert(object);
                });
            }
            _ => match missing_object(&reference) {
                Missing::Hook(owner) => edges.add(selection, &reference.service, owner),
                Missing::Optional(reason) => {
                    edges.optional.insert(format!("{}/{}/{}", name.0, name.1, name.2), reason.to_owned());
                }
                Missing::Never => unresolved.push(reference),
            },
        }
    }
    if unresolved.is_empty() { Ok(()) } else { Err(Error::Unresolved { references: unresolved }) }
}

enum Missing {
    Hook(&'static str),
    Optional(&'static str),
    Never,
}

fn missing_object(reference: &Reference) -> Missing {
    let is = |kind: &str, name: &str| reference.kind.as_str() == kind && reference.name == name;
    if let Some((_, _, owner)) = MADE_BY_HOOKS.iter().find(|(kind, name, _)| is(kind, name)) {
        return Missing::Hook(owner);
    }
    if let Some((_, _, reason)) = OPTIONAL_OBJECTS.iter().find(|(kind, name, _)| is(kind, name)) {
        return Missing::Optional(reason);
    }
    // Master data and configuration come in a step of their own, before all that read them.
    if reference.kind == ReferenceKind::ConfigMap && is_part(&reference.name) {
        return Missing::Optional(CARRIED);
    }
    if reference.optional { Missing::Optional("says-so-itself") } else { Missing::Never }
}

/// Whether a ConfigMap or Secret has the key.
fn has_key(object: &Value, key: Option<&str>) -> bool {
    let Some(key) = key else { return true };
    ["data", "stringData", "binaryData"].iter().any(|at| object.get(*at).is_some_and(|data| data.get(key).is_some()))
}

/// The service whose chart holds the Service that a host names: `name`, `name.namespace`, `name.namespace.svc…`, with a
/// pod's name before it.
fn service_of<'a>(reference: &Reference, held: &BTreeMap<(&str, &str, &str), &Placed<'a>>) -> Option<&'a str> {
    let host = reference.name.strip_suffix(".cluster.local").unwrap_or(&reference.name);
    let host = host.strip_suffix(".svc").unwrap_or(host);
    let parts: Vec<&str> = host.split('.').collect();
    let (name, namespace) = match parts.as_slice() {
        [name] => (*name, reference.namespace.as_str()),
        [.., name, namespace] => (*name, *namespace),
        [] => return None,
    };
    held.get(&("Service", namespace, name)).map(|owner| owner.service)
}

/// Hosts that a person answered. A host in one of the plan's own namespaces is no answer: it must be a Service.
fn answers(selection: &Selection, objects: &[Placed<'_>]) -> BTreeSet<String> {
    let ours = |host: &str| selection.services.iter().any(|s| host.ends_with(&format!(".{}", s.namespace)));
    objects
        .iter()
        .filter(|o| o.kind() == "ConfigMap")
        .flat_map(|o| {
            ANSWERS
                .iter()
                .filter(|(name, _)| *name == o.name())
                .filter_map(|(_, key)| o.object.get("data")?.get(*key)?.as_str())
        })
        .flat_map(crate::references::hosts)
        .filter(|host| !ours(host))
        .collect()
}

fn optional_host(selection: &Selection, host: &str) -> Option<&'static str> {
    let name = host.split('.').next().unwrap_or(host);
    if selection.left_out.iter().any(|service| service == name) {
        return Some("other-module");
    }
    OPTIONAL_HOSTS
        .iter()
        .find(|(known, reason)| *known == if ["other-module", NOT_IN_LIST].contains(reason) { name } else { host })
        .map(|(_, reason)| *reason)
        .or_else(|| variables::LEFT.iter().find(|outside| outside.host == host).map(|outside| outside.code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::{Because, Selected};
    use serde_json::json;

    fn selection(services: &[(&str, &str, &'static str)]) -> Selection {
        Selection {
            modules: vec![],
            services: services
                .iter()
                .map(|(name, group, stage)| Selected {
                    name: (*name).to_owned(),
                    group: (*group).to_owned(),
                    stage,
                    namespace: "n".to_owned(),
                    tag: None,
                    because: Because { code: "group", of: String::new() },
                })
                .collect(),
            groups: BTreeMap::from([("core".to_owned(), vec!["base".to_owned()])]),
            left_out: vec!["later".to_owned()],
        }
    }

    fn pod(name: &str, env: impl Into<Value>) -> Value {
        let env = env.into();
        json!({"kind": "Deployment", "metadata": {"name": name, "namespace": "n"},
               "spec": {"template": {"spec": {"containers": [{"env": env}]}}}})
    }

    fn service(name: &str) -> Value {
        json!({"kind": "Service", "metadata": {"name": name, "namespace": "n"}})
    }

    fn needs(edges: &Edges, service: &str) -> Vec<String> {
        edges.needs[service].keys().cloned().collect()
    }

    const THREE: [(&str, &str, &str); 4] = [
        ("base", "base", stages::BACKBONE),
        ("a", "core", stages::CORE),
        ("b", "core", stages::CORE),
        ("gateway", "core", stages::GATEWAY),
    ];

    #[test]
    fn groups_give_edges_and_the_gateway_comes_last() {
        let edges = edges(&selection(&THREE), &BTreeMap::new()).unwrap();
        assert_eq!(needs(&edges, "a"), ["base"]);
        assert_eq!(needs(&edges, "gateway"), ["a", "b", "base"]);
        assert_eq!(edges.order(), ["base", "a", "b", "gateway"]);
    }

    #[test]
    fn references_give_edges_and_calls_within_a_stage_do_not() {
        let env = json!([
            {"name": "X", "valueFrom": {"secretKeyRef": {"name": "made-by-b", "key": "k"}}},
            {"name": "B", "value": "http://b.n.svc.cluster.local:80/"},
            {"name": "BASE", "value": "base-0.base.n:9092"},
        ]);
        let secret = json!({"kind": "Secret", "metadata": {"name": "made-by-b", "namespace": "n"}, "data": {"k": ""}});
        let calls_back = json!([{"name": "A", "value": "http://a:80/"}]);
        let objects = BTreeMap::from([
            ("base".to_owned(), vec![service("base")]),
            ("a".to_owned(), vec![pod("a", env), service("a")]),
            ("b".to_owned(), vec![secret, service("b"), pod("b", calls_back)]),
        ]);
        let edges = edges(&selection(&THREE), &objects).unwrap();
        assert_eq!(needs(&edges, "a"), ["b", "base"]);
        assert_eq!(needs(&edges, "b"), ["base"]);
        // Of its group the whole, of the other no more than the Secret.
        assert_eq!(edges.needs["a"]["base"], Need { whole: true, ..Need::default() });
        let objects = BTreeSet::from(["Secret/n/made-by-b".to_owned()]);
        assert_eq!(edges.needs["a"]["b"], Need { objects, ..Need::default() });
        let called = |name: &str| BTreeSet::from([name.to_owned()]);
        assert_eq!(edges.calls, BTreeMap::from([("a".to_owned(), called("b")), ("b".to_owned(), called("a"))]));
    }

    #[test]
    fn what_nothing_answers_is_an_error_unless_a_table_says_why() {
        let wrong = |env: Value| {
            let objects = BTreeMap::from([("a".to_owned(), vec![pod("a", env)])]);
            edges(&selection(&THREE), &objects)
        };
        let unresolved = |env: Value| match wrong(env).unwrap_err() {
            Error::Unresolved { references } => references[0].name.clone(),
            other => panic!("{other}"),
        };
        assert_eq!(unresolved(json!([{"name": "Z", "value": "http://zuul:8080/"}])), "zuul");
        assert_eq!(unresolved(json!([{"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}])), "s");
        let fine = json!([
            {"name": "L", "value": "http://later:80/"},
            {"name": "P", "value": "http://pdf-service.n:80/"},
            {"name": "G", "value": "https://github.com/x"},
            {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}},
        ]);
        let optional = wrong(fine).unwrap().optional;
        let wanted = [
            ("Secret/n/s", "says-so-itself"),
            ("github.com", "outside"),
            ("later", "other-module"),
            ("pdf-service.n", NOT_IN_LIST),
        ];
        assert_eq!(optional.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn a_key_that_is_not_in_the_object_is_missing() {
        let config = json!({"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": {"k": "v"}});
        let env = json!([{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "other"}}}]);
        let objects = BTreeMap::from([("base".to_owned(), vec![config]), ("a".to_owned(), vec![pod("a", env)])]);
        assert_eq!(edges(&selection(&THREE), &objects).unwrap_err().code(), "unresolved");
    }

    #[test]
    fn services_that_need_each_other_are_an_error() {
        let config = |name: &str| json!({"kind": "ConfigMap", "metadata": {"name": name, "namespace": "n"}});
        let env = |name: &str| json!([{"name": "X", "valueFrom": {"configMapKeyRef": {"name": name, "key": "k"}}}]);
        let with = |name: &str| {
            let mut c = config(name);
            c["data"] = json!({"k": "v"});
            c
        };
        let objects = BTreeMap::from([
            ("a".to_owned(), vec![with("a"), pod("a", env("b"))]),
            ("b".to_owned(), vec![with("b"), pod("b", env("a"))]),
        ]);
        let Error::Circular { services } = edges(&selection(&THREE), &objects).unwrap_err() else { panic!() };
        assert_eq!(services, ["a", "b", "gateway"]);
    }

    #[test]
    fn an_answer_is_no_service_and_a_name_in_our_namespaces_is_no_answer() {
        let config = |url: &str| json!({"kind": "ConfigMap", "metadata": {"name": "egov-config", "namespace": "n"}, "data": {"db-url": url}});
        let env = json!([{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "egov-config", "key": "db-url"}}}]);
        let with = |url: &str| {
            BTreeMap::from([("base".to_owned(), vec![config(url)]), ("a".to_owned(), vec![pod("a", env.clone())])])
        };
        assert!(edges(&selection(&THREE), &with("jdbc:postgresql://db.example.org:5432/x")).is_ok());
        let ours = edges(&selection(&THREE), &with("jdbc:postgresql://postgresql.n:5432/x"));
        assert_eq!(ours.unwrap_err().code(), "unresolved");
    }
}
