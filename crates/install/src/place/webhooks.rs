//! Webhooks of others that would be asked about what the plan makes, must agree, and cannot be reached: every such object would be
//! refused. Matched against the plan as the API server does it, but for conditions, which only it can evaluate.

use std::collections::{BTreeMap, BTreeSet};

use cluster::ObjectRef;
use engine::Cause;
use serde_json::{Value, json};

use super::found::Place;
use super::kinds::Kinds;
use super::verdict::Verdict;
use crate::error::Error;

/// Kinds about which no webhook is ever asked.
const NEVER_ASKED: [&str; 6] = [
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
];

const ADMISSION: &str = "admissionregistration.k8s.io/v1";
const KINDS: [&str; 2] = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"];

type Labels = BTreeMap<String, String>;

/// Namespace and name.
type Named = (String, String);

/// The ports of a Service; `None`: it stands for something outside.
type Ports = Option<BTreeSet<u64>>;

/// Something that is made, as webhooks see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    /// For example `apps/v1`.
    pub(super) api_version: String,
    /// For example `deployments`.
    pub(super) plural: String,
    /// Empty if it lies in none.
    pub(super) namespace: String,
    /// Its own labels.
    pub(super) labels: Labels,
    /// `Kind/name`.
    pub(super) name: String,
}

fn labels_of(object: &Value) -> Labels {
    let labels = object["metadata"]["labels"].as_object().into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Everything that comes of the plan's objects: they themselves, what Kubernetes' controllers make of them, the namespaces, and the
/// records.
pub(super) fn made(objects: &[(&str, &Value)], kinds: &Kinds, namespaces: &BTreeSet<String>) -> Vec<Made> {
    let mut all = BTreeSet::new();
    for (of_release, object) in objects {
        let named = ObjectRef::of(object);
        let kind = (named.api_version.clone(), named.kind.clone());
        let Some(plural) = kinds.resources.get(&kind) else { continue };
        let namespace = match named.namespace.as_str() {
            _ if kinds.cluster_wide.contains(&kind) => "",
            "" => *of_release,
            own => own,
        };
        let mut labels = labels_of(object);
        labels.insert("app.kubernetes.io/managed-by".to_owned(), "Helm".to_owned());
        let one = |api_version: &str, plural: &str, labels: Labels| Made {
            api_version: api_version.to_owned(),
            plural: plural.to_owned(),
            namespace: namespace.to_owned(),
            labels,
            name: format!("{}/{}", named.kind, named.name),
        };
        all.insert(one(&named.api_version, plural, labels));
        let template = |at: &str| object.pointer(at).map(labels_of).unwrap_or_default();
        let of_pods = template("/spec/template");
        match named.kind.as_str() {
            "Deployment" => {
                all.insert(one("apps/v1", "replicasets", of_pods.clone()));
                all.insert(one("v1", "pods", of_pods));
            }
            "StatefulSet" | "DaemonSet" => {
                all.insert(one("apps/v1", "controllerrevisions", of_pods.clone()));
                all.insert(one("v1", "pods", of_pods));
                for claim in object["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
                    all.insert(one("v1", "persistentvolumeclaims", labels_of(claim)));
                }
            }
            "Job" | "ReplicaSet" => drop(all.insert(one("v1", "pods", of_pods))),
            "CronJob" => {
                all.insert(one("batch/v1", "jobs", template("/spec/jobTemplate")));
                all.insert(one("v1", "pods", template("/spec/jobTemplate/spec/template")));
            }
            "Service" => {
                let name = Labels::from([("kubernetes.io/service-name".to_owned(), named.name.clone())]);
                all.insert(one("discovery.k8s.io/v1", "endpointslices", name));
            }
            _ => {}
        }
    }
    for name in namespaces {
        let record = Labels::from([("owner".to_owned(), "helm".to_owned())]);
        let one = |plural: &str, namespace: &str, labels: Labels, kind: &str| Made {
            api_version: "v1".to_owned(),
            plural: plural.to_owned(),
            namespace: namespace.to_owned(),
            labels,
            name: format!("{kind}/{name}"),
        };
        all.insert(one("namespaces", "", Labels::new(), "Namespace"));
        all.insert(one("secrets", name, record, "Secret"));
    }
    all.into_iter().collect()
}

/// Whether labels fit a `labelSelector`; an empty or missing one fits everything.
fn selects(selector: &Value, labels: &Labels) -> bool {
    let equal = selector["matchLabels"].as_object().into_iter().flatten();
    let mut equal = equal.map(|(key, value)| labels.get(key).map(String::as_str) == value.as_str());
    let expressions = selector["matchExpressions"].as_array().map(Vec::as_slice).unwrap_or_default();
    equal.all(|fits| fits)
        && expressions.iter().all(|expression| {
            let value = labels.get(expression["key"].as_str().unwrap_or_default());
            let among = value.is_some_and(|value| {
                expression["values"].as_array().is_some_and(|values| values.iter().any(|v| v == value.as_str()))
            });
            match expression["operator"].as_str().unwrap_or_default() {
                "In" => among,
                "NotIn" => !among,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
}

/// Whether one of a webhook's rules names something.
fn rules_name(webhook: &Value, one: &Made) -> bool {
    let (group, version) = one.api_version.rsplit_once('/').unwrap_or(("", &one.api_version));
    // By default other versions of the same kind are converted and asked about all the same.
    let any_version = webhook["matchPolicy"].as_str() != Some("Exact");
    webhook["rules"].as_array().into_iter().flatten().any(|rule| {
        let has = |key: &str, wanted: &[&str]| {
            rule[key].as_array().is_some_and(|listed| listed.iter().any(|v| wanted.iter().any(|w| v == w)))
        };
        let scope = match rule["scope"].as_str().unwrap_or("*") {
            "Cluster" => one.namespace.is_empty(),
            "Namespaced" => !one.namespace.is_empty(),
            _ => true,
        };
        scope
            && has("apiGroups", &["*", group])
            && (any_version || has("apiVersions", &["*", version]))
            && has("operations", &["*", "CREATE", "UPDATE"])
            && has("resources", &["*", "*/*", &one.plural])
    })
}

/// Whether a webhook is asked about something. `namespaces`: the labels of each.
fn is_asked(webhook: &Value, one: &Made, namespaces: &BTreeMap<String, Labels>) -> bool {
    let none = Labels::new();
    let is_namespace = one.plural == "namespaces" && one.api_version == "v1";
    let own = one.name.rsplit('/').next().unwrap_or_default();
    let around = match (is_namespace, one.namespace.as_str()) {
        (true, _) => Some(namespaces.get(own).unwrap_or(&none)),
        // What lies in no namespace is not held back by their selector.
        (false, "") => None,
        (false, namespace) => Some(namespaces.get(namespace).unwrap_or(&none)),
    };
    let labels = if is_namespace { namespaces.get(own).unwrap_or(&none) } else { &one.labels };
    !NEVER_ASKED.contains(&one.plural.as_str())
        && rules_name(webhook, one)
        && around.is_none_or(|labels| selects(&webhook["namespaceSelector"], labels))
        && selects(&webhook["objectSelector"], labels)
}

/// What is behind the webhooks of a cluster, as far as we may see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Behind {
    /// Services by namespace and name, each with its ports, if it is one of this cluster; `None`: we may not see them.
    pub(super) services: Option<BTreeMap<Named, Ports>>,
    /// Those that somebody answers for; `None`: we may not see that.
    pub(super) answering: Option<BTreeSet<Named>>,
}

impl Behind {
    /// Whether nobody can be asked there, for certain.
    fn is_dead(&self, service: &Value) -> bool {
        let text = |key: &str| service[key].as_str().unwrap_or_default().to_owned();
        let key = (text("namespace"), text("name"));
        let Some(services) = &self.services else { return false };
        let Some(ports) = services.get(&key) else { return true };
        let Some(ports) = ports else { return false };
        let port = service["port"].as_u64().unwrap_or(443);
        !ports.contains(&port) || self.answering.as_ref().is_some_and(|answering| !answering.contains(&key))
    }
}

/// Told only if one is in the way. `ours`: what the plan brings itself, configurations and Services.
pub(super) fn webhooks(
    configs: &[Value],
    behind: &Behind,
    all: &[Made],
    namespaces: &BTreeMap<String, Labels>,
    ours: &BTreeSet<(String, String, String)>,
) -> Option<Verdict> {
    let mut found = Vec::new();
    for config in configs {
        let named = ObjectRef::of(config);
        if ours.contains(&(named.kind.clone(), String::new(), named.name.clone())) {
            continue;
        }
        for webhook in config["webhooks"].as_array().into_iter().flatten() {
            let service = &webhook["clientConfig"]["service"];
            let text = |key: &str| service[key].as_str().unwrap_or_default().to_owned();
            let brought = ours.contains(&("Service".to_owned(), text("namespace"), text("name")));
            if webhook["failurePolicy"] == "Ignore" || !service.is_object() || brought || !behind.is_dead(service) {
                continue;
            }
            let caught: Vec<&Made> = all.iter().filter(|one| is_asked(webhook, one, namespaces)).collect();
            if let Some(first) = caught.first() {
                let is_sure = webhook["matchConditions"].as_array().is_none_or(Vec::is_empty);
                let service = format!("{}/{}", text("namespace"), text("name"));
                found.push((
                    is_sure,
                    format!("{}/{}", named.kind, named.name),
                    service,
                    caught.len(),
                    first.name.clone(),
                ));
            }
        }
    }
    let is_sure = found.iter().any(|(sure, ..)| *sure);
    let (_, config, service, count, example) =
        found.iter().find(|(sure, ..)| *sure == is_sure).map(|one| (one.0, &one.1, &one.2, one.3, &one.4))?;
    let names: BTreeSet<&str> = found.iter().map(|(_, config, ..)| config.as_str()).collect();
    let cause = Cause::new("check-webhooks")
        .with("count", names.len())
        .with("names", names.into_iter().collect::<Vec<_>>().join(", "))
        .with("config", config)
        .with("service", service)
        .with("objects", count)
        .with("example", example);
    // What has conditions may turn out not to be asked.
    Some(if is_sure { Verdict::Short(cause) } else { Verdict::TakeNote(cause) })
}

/// The webhook configurations of a cluster.
pub(super) async fn configurations(place: &Place) -> Result<Vec<Value>, Error> {
    let (one, other) = tokio::try_join!(place.seen(ADMISSION, KINDS[0]), place.seen(ADMISSION, KINDS[1]))?;
    Ok(one.into_iter().chain(other).flatten().collect())
}

/// Who is behind them; asked only where there are any.
pub(super) async fn behind(place: &Place, configs: &[Value], services: Option<&[Value]>) -> Result<Behind, Error> {
    if configs.is_empty() {
        return Ok(Behind::default());
    }
    let key = |object: &Value, name: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&object["metadata"]["namespace"]), text(name))
    };
    let ports = |service: &Value| -> Ports {
        let ports = service["spec"]["ports"].as_array().into_iter().flatten().filter_map(|port| port["port"].as_u64());
        (service["spec"]["type"] != "ExternalName").then(|| ports.collect())
    };
    let by_name = services.map(|all| all.iter().map(|one| (key(one, &one["metadata"]["name"]), ports(one))).collect());
    let answering = match place.seen("discovery.k8s.io/v1", "EndpointSlice").await? {
        Some(slices) => {
            let is_ready = |slice: &&Value| {
                let endpoints = slice["endpoints"].as_array().map(Vec::as_slice).unwrap_or_default();
                // `ready` may be absent, which means ready.
                endpoints.iter().any(|endpoint| endpoint["conditions"]["ready"] != false)
            };
            let label = |slice: &Value| slice["metadata"]["labels"]["kubernetes.io/service-name"].clone();
            Some(slices.iter().filter(is_ready).map(|slice| key(slice, &label(slice))).collect())
        }
        None => place.seen("v1", "Endpoints").await?.map(|all| {
            let is_ready = |one: &&Value| {
                let subsets = one["subsets"].as_array().map(Vec::as_slice).unwrap_or_default();
                subsets.iter().any(|subset| subset["addresses"].as_array().is_some_and(|found| !found.is_empty()))
            };
            all.iter().filter(is_ready).map(|one| key(one, &one["metadata"]["name"])).collect()
        }),
    };
    Ok(Behind { services: by_name, answering })
}

/// The labels of the plan's namespaces: those that are there as they are, the others as they will be made.
pub(super) fn labels_of_namespaces(
    ours: &BTreeSet<String>,
    there: &[Value],
    installation: &str,
) -> BTreeMap<String, Labels> {
    let fresh = |name: &String| {
        labels_of(&json!({"metadata": {"labels": {
            "kubernetes.io/metadata.name": name, "app.kubernetes.io/managed-by": "digit-installer",
            cluster::record::INSTALLATION_LABEL: installation,
        }}}))
    };
    let mut all: BTreeMap<String, Labels> = ours.iter().map(|name| (name.clone(), fresh(name))).collect();
    for namespace in there {
        if let Some(labels) = namespace["metadata"]["name"].as_str().and_then(|name| all.get_mut(name)) {
            *labels = labels_of(namespace);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use cluster::pretend::{Pretend, Setup};

    use super::*;
    use crate::place::verdict::testing::{arg, code, kind};

    fn service(namespace: &str, name: &str) -> Value {
        json!({"namespace": namespace, "name": name, "path": "/"})
    }

    fn rule(group: &str, resources: &[&str], operations: &[&str]) -> Value {
        json!({"apiGroups": [group], "apiVersions": ["v1"], "operations": operations, "resources": resources})
    }

    /// A configuration with one webhook: what is given, and otherwise about every pod, with a Service that is gone.
    fn config(more: &Value) -> Value {
        let mut webhook = json!({"name": "w.example", "failurePolicy": "Fail", "clientConfig": {"service": service("gone", "policy")},
            "rules": [rule("", &["pods"], &["CREATE"])]});
        webhook.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"kind": "MutatingWebhookConfiguration", "metadata": {"name": "old"}, "webhooks": [webhook]})
    }

    fn plan() -> (Vec<Value>, Kinds) {
        let objects = vec![
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "user", "labels": {"tier": "core"}},
                "spec": {"template": {"metadata": {"labels": {"app": "user"}}}}}),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "user"}}),
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "kafka", "namespace": "backbone"},
                "spec": {"template": {"metadata": {"labels": {"app": "kafka"}}}, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}),
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "role"}}),
            json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "own"}}),
        ];
        let resources = [
            ("apps/v1", "Deployment", "deployments"),
            ("apps/v1", "StatefulSet", "statefulsets"),
            ("v1", "Service", "services"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
        ];
        let resources = resources.map(|(api, kind, plural)| ((api.to_owned(), kind.to_owned()), plural.to_owned()));
        let cluster_wide = [("rbac.authorization.k8s.io/v1", "ClusterRole"), (ADMISSION, KINDS[0])];
        let cluster_wide = cluster_wide.map(|(api, kind)| (api.to_owned(), kind.to_owned())).into();
        (objects, Kinds { resources: resources.into(), cluster_wide })
    }

    fn made_of_plan() -> (Vec<Made>, BTreeMap<String, Labels>) {
        let (objects, kinds) = plan();
        let objects: Vec<(&str, &Value)> = objects.iter().map(|object| ("egov", object)).collect();
        let ours: BTreeSet<String> = ["egov", "backbone"].map(str::to_owned).into();
        let there = [
            json!({"metadata": {"name": "backbone", "labels": {"kubernetes.io/metadata.name": "backbone", "team": "data"}}}),
        ];
        (made(&objects, &kinds, &ours), labels_of_namespaces(&ours, &there, "springfield"))
    }

    #[test]
    fn a_webhook_that_nobody_answers_and_that_is_asked_is_named() {
        let (all, namespaces) = made_of_plan();
        let selector = |key: &str, operator: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        let rules = |rules: Value| json!({ "rules": rules });
        let cases: Vec<(&str, Value, &str)> = vec![
            ("all pods", json!({}), "short"),
            ("what does not matter", json!({"failurePolicy": "Ignore"}), ""),
            ("it matters if nothing is said", json!({"failurePolicy": null}), "short"),
            ("everything", rules(json!([rule("*", &["*"], &["*"])])), "short"),
            ("deployments", rules(json!([rule("apps", &["deployments"], &["UPDATE"])])), "short"),
            ("what controllers make", rules(json!([rule("apps", &["replicasets"], &["CREATE"])])), "short"),
            ("claims of a set", rules(json!([rule("", &["persistentvolumeclaims"], &["CREATE"])])), "short"),
            ("records", rules(json!([rule("", &["secrets"], &["CREATE"])])), "short"),
            ("namespaces", rules(json!([rule("", &["namespaces"], &["CREATE"])])), "short"),
            ("what the plan has not", rules(json!([rule("batch", &["jobs"], &["CREATE"])])), ""),
            ("parts of pods", rules(json!([rule("", &["pods/exec"], &["CREATE"])])), ""),
            ("what goes", rules(json!([rule("", &["pods"], &["DELETE"])])), ""),
            ("another group", rules(json!([rule("extensions", &["deployments"], &["CREATE"])])), ""),
            (
                "configurations, about which nobody is asked",
                rules(json!([rule("admissionregistration.k8s.io", &["*"], &["*"])])),
                "",
            ),
            (
                "another version, which is converted",
                rules(
                    json!([{"apiGroups": ["apps"], "apiVersions": ["v1beta1"], "operations": ["CREATE"], "resources": ["deployments"]}]),
                ),
                "short",
            ),
            (
                "another version, and just that",
                json!({"matchPolicy": "Exact", "rules": [{"apiGroups": ["apps"], "apiVersions": ["v1beta1"], "operations": ["CREATE"], "resources": ["deployments"]}]}),
                "",
            ),
            (
                "only outside of namespaces",
                rules(
                    json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["*"], "scope": "Cluster"}]),
                ),
                "short",
            ),
            (
                "pods outside of namespaces",
                rules(
                    json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["pods"], "scope": "Cluster"}]),
                ),
                "",
            ),
            (
                "another namespace",
                json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "theirs"}}}),
                "",
            ),
            (
                "one of ours",
                json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "egov"}}}),
                "short",
            ),
            (
                "one that is there and labelled",
                json!({"namespaceSelector": selector("team", "In", &["data"])}),
                "short",
            ),
            ("who asked for it", json!({"namespaceSelector": selector("inject", "Exists", &[])}), ""),
            (
                "all but the system",
                json!({"namespaceSelector": selector("kubernetes.io/metadata.name", "NotIn", &["kube-system"])}),
                "short",
            ),
            (
                "all but those that are ours",
                json!({"namespaceSelector": selector("digit-installer/installation", "DoesNotExist", &[])}),
                "short",
            ),
            (
                "roles, whatever the namespace",
                json!({"namespaceSelector": selector("inject", "Exists", &[]), "rules": [rule("rbac.authorization.k8s.io", &["clusterroles"], &["*"])]}),
                "short",
            ),
            ("pods with a label", json!({"objectSelector": {"matchLabels": {"app": "user"}}}), "short"),
            ("pods with another label", json!({"objectSelector": {"matchLabels": {"app": "theirs"}}}), ""),
            (
                "what Helm made",
                json!({"objectSelector": {"matchLabels": {"app.kubernetes.io/managed-by": "Helm"}}, "rules": [rule("apps", &["deployments"], &["*"])]}),
                "short",
            ),
            ("an address elsewhere", json!({"clientConfig": {"url": "https://elsewhere.example"}}), ""),
            ("a Service that answers", json!({"clientConfig": {"service": service("kyverno", "alive")}}), ""),
            (
                "a Service that nobody stands behind",
                json!({"clientConfig": {"service": service("kyverno", "asleep")}}),
                "short",
            ),
            (
                "a Service without that port",
                json!({"clientConfig": {"service": {"namespace": "kyverno", "name": "alive", "port": 8443}}}),
                "short",
            ),
            ("a Service elsewhere", json!({"clientConfig": {"service": service("kyverno", "outside")}}), ""),
            ("a Service that the plan brings", json!({"clientConfig": {"service": service("egov", "coming")}}), ""),
            ("under conditions", json!({"matchConditions": [{"name": "c", "expression": "false"}]}), "note"),
        ];
        let key = |name: &str| ("kyverno".to_owned(), name.to_owned());
        let ports = || Some(BTreeSet::from([443]));
        let behind = Behind {
            services: Some([(key("alive"), ports()), (key("asleep"), ports()), (key("outside"), None)].into()),
            answering: Some([key("alive")].into()),
        };
        let text = str::to_owned;
        let ours = [("Service", "egov", "coming"), ("MutatingWebhookConfiguration", "", "ours")];
        let ours: BTreeSet<_> = ours.map(|(kind, namespace, name)| (text(kind), text(namespace), text(name))).into();
        let judged = |config: &Value, behind: &Behind| {
            let verdict = webhooks(std::slice::from_ref(config), behind, &all, &namespaces, &ours);
            verdict.as_ref().map_or("", kind)
        };
        for (name, more, wanted) in cases {
            let mut one = config(&more);
            assert_eq!(judged(&one, &behind), wanted, "{name}");
            one["metadata"]["name"] = "ours".into();
            assert_eq!(judged(&one, &behind), "", "{name}: the plan's own");
            // Whoever may not see Services does not know.
            let unseen = Behind { services: None, ..behind.clone() };
            assert_eq!(judged(&config(&json!({})), &unseen), "", "{name}");
        }
        let two = [config(&json!({"matchConditions": [{"name": "c", "expression": "false"}]})), {
            let mut other = config(&json!({}));
            other["metadata"]["name"] = "older".into();
            other
        }];
        let verdict = webhooks(&two, &behind, &all, &namespaces, &ours).unwrap();
        assert_eq!(code(&verdict), "check-webhooks");
        let said = ["names", "config", "service", "objects", "count"].map(|name| arg(&verdict, name));
        let old = "MutatingWebhookConfiguration/old";
        assert_eq!(said, [&format!("{old}, {old}er"), &format!("{old}er"), "gone/policy", "2", "2"]);
    }

    #[tokio::test]
    async fn who_is_behind_a_webhook_is_read_from_the_cluster() {
        let cluster = Pretend::new(Setup::default()).unwrap().cluster();
        let place = Place::simulated(cluster.clone());
        assert_eq!(configurations(&place).await.unwrap(), Vec::<Value>::new());
        let mut policy = config(&json!({"sideEffects": "None", "admissionReviewVersions": ["v1"]}));
        policy["apiVersion"] = ADMISSION.into();
        let slice = |name: &str, ready: bool| {
            json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": name, "namespace": "kyverno", "labels": {"kubernetes.io/service-name": name}},
            "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": ready}}]})
        };
        let of = |name: &str| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "kyverno"}, "spec": {"ports": [{"port": 443}]}});
        cluster.ensure_namespace("kyverno", "").await.unwrap();
        for object in [policy, of("alive"), of("asleep"), slice("alive", true), slice("asleep", false)] {
            cluster.create(&object).await.unwrap();
        }
        let configs = configurations(&place).await.unwrap();
        assert_eq!(
            configs.iter().map(|one| ObjectRef::of(one).to_string()).collect::<Vec<_>>(),
            ["MutatingWebhookConfiguration/old"]
        );
        let services = place.seen("v1", "Service").await.unwrap();
        let behind = behind(&place, &configs, services.as_deref()).await.unwrap();
        for (name, dead) in [("alive", false), ("asleep", true), ("gone", true)] {
            assert_eq!(behind.is_dead(&service("kyverno", name)), dead, "{name}");
        }
        let (all, namespaces) = made_of_plan();
        let verdict = webhooks(&configs, &behind, &all, &namespaces, &BTreeSet::new()).unwrap();
        assert_eq!((kind(&verdict), arg(&verdict, "service")), ("short", "gone/policy".to_owned()));
    }
}
