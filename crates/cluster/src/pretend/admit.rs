//! What the API server does to an object between receiving and keeping it: defaults, generated values, and what may not change.

use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::json::{carries, child, default, list, map, name, namespace, text};
use super::kinds::Kind;
use super::store::{Store, spread};
use crate::objects::look::DEFAULT_CLASS;

/// Kinds whose `generation` counts changes of their spec. Everything else has none.
fn counts_generations(kind: &Kind) -> bool {
    !matches!(
        kind.plural.as_str(),
        "configmaps"
            | "secrets"
            | "services"
            | "serviceaccounts"
            | "namespaces"
            | "nodes"
            | "persistentvolumes"
            | "persistentvolumeclaims"
            | "endpoints"
            | "events"
            | "limitranges"
            | "resourcequotas"
            | "roles"
            | "rolebindings"
            | "clusterroles"
            | "clusterrolebindings"
            | "storageclasses"
            | "csidrivers"
            | "csinodes"
            | "volumeattachments"
            | "leases"
            | "controllerrevisions"
            | "apiservices"
            | "horizontalpodautoscalers"
    )
}

/// The generation after a change; `None` for kinds without.
pub(super) fn generation(kind: &Kind, before: Option<&Value>, after: &Value) -> Option<i64> {
    if !counts_generations(kind) {
        return None;
    }
    let Some(before) = before else { return Some(1) };
    let was = before.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or(1);
    let rest = |object: &Value| -> Map<String, Value> {
        let mut rest = object.as_object().cloned().unwrap_or_default();
        for field in ["metadata", "status", "apiVersion", "kind"] {
            rest.remove(field);
        }
        rest
    };
    Some(if rest(before) == rest(after) { was } else { was + 1 })
}

/// Fills in what was left out, as far as charts and our own code can see it.
pub(super) fn defaults(store: &Store, kind: &Kind, object: &mut Value) {
    let key = format!("{}/{} {}", namespace(object), name(object), text(object, "/metadata/uid"));
    match kind.plural.as_str() {
        "deployments" if kind.group == "apps" => {
            let spec = child(object, &["spec"]);
            default(spec, "replicas", 1);
            default(spec, "progressDeadlineSeconds", 600);
            default(spec, "revisionHistoryLimit", 10);
            let recreate = spec.get("strategy").and_then(|s| s.get("type")).and_then(Value::as_str) == Some("Recreate");
            let strategy = child(object, &["spec", "strategy"]);
            default(strategy, "type", "RollingUpdate");
            if !recreate {
                let rolling = child(object, &["spec", "strategy", "rollingUpdate"]);
                default(rolling, "maxSurge", "25%");
                default(rolling, "maxUnavailable", "25%");
            }
            pod(child(object, &["spec", "template", "spec"]), "Always");
        }
        "replicasets" if kind.group == "apps" => {
            default(child(object, &["spec"]), "replicas", 1);
            pod(child(object, &["spec", "template", "spec"]), "Always");
        }
        "statefulsets" if kind.group == "apps" => {
            let spec = child(object, &["spec"]);
            default(spec, "replicas", 1);
            default(spec, "podManagementPolicy", "OrderedReady");
            default(spec, "revisionHistoryLimit", 10);
            default(spec, "updateStrategy", json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}));
            default(
                spec,
                "persistentVolumeClaimRetentionPolicy",
                json!({"whenDeleted": "Retain", "whenScaled": "Retain"}),
            );
            pod(child(object, &["spec", "template", "spec"]), "Always");
        }
        "daemonsets" if kind.group == "apps" => {
            let spec = child(object, &["spec"]);
            default(spec, "revisionHistoryLimit", 10);
            default(
                spec,
                "updateStrategy",
                json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}),
            );
            pod(child(object, &["spec", "template", "spec"]), "Always");
        }
        "jobs" if kind.group == "batch" => job(object),
        "pods" => pod(child(object, &["spec"]), "Always"),
        "services" => service(store, object, &key),
        "secrets" => {
            if let Some(Value::Object(plain)) = object.as_object_mut().and_then(|o| o.remove("stringData")) {
                let data = child(object, &["data"]);
                for (key, value) in plain {
                    data.insert(key, encode(value.as_str().unwrap_or_default()).into());
                }
            }
            if let Some(object) = object.as_object_mut() {
                default(object, "type", "Opaque");
            }
        }
        "namespaces" => {
            let named = name(object).to_owned();
            default(child(object, &["metadata", "labels"]), "kubernetes.io/metadata.name", named);
            default(child(object, &["spec"]), "finalizers", json!(["kubernetes"]));
            default(child(object, &["status"]), "phase", "Active");
        }
        "persistentvolumeclaims" => {
            let class = store.all("storage.k8s.io", "storageclasses", "").into_iter().find(|class| {
                let notes = &class["metadata"]["annotations"];
                DEFAULT_CLASS.iter().any(|key| notes[*key] == "true")
            });
            let spec = child(object, &["spec"]);
            default(spec, "volumeMode", "Filesystem");
            if let Some(class) = class {
                default(spec, "storageClassName", name(&class).to_owned());
            }
            default(child(object, &["status"]), "phase", "Pending");
        }
        "storageclasses" => {
            if let Some(object) = object.as_object_mut() {
                default(object, "reclaimPolicy", "Delete");
                default(object, "volumeBindingMode", "Immediate");
            }
        }
        "validatingwebhookconfigurations" | "mutatingwebhookconfigurations" => {
            for hook in object.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(hook) = hook.as_object_mut() {
                    default(hook, "failurePolicy", "Fail");
                    default(hook, "matchPolicy", "Equivalent");
                    default(hook, "timeoutSeconds", 10);
                    default(hook, "namespaceSelector", json!({}));
                    default(hook, "objectSelector", json!({}));
                }
            }
        }
        "customresourcedefinitions" => {
            let named = text(object, "/spec/names/kind").to_owned();
            default(child(object, &["spec"]), "conversion", json!({"strategy": "None"}));
            let names = child(object, &["spec", "names"]);
            default(names, "listKind", format!("{named}List"));
            default(names, "singular", named.to_lowercase());
        }
        _ => {}
    }
}

fn encode(plain: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(plain)
}

fn job(object: &mut Value) {
    let uid = text(object, "/metadata/uid").to_owned();
    let named = name(object).to_owned();
    let spec = child(object, &["spec"]);
    default(spec, "backoffLimit", 6);
    default(spec, "parallelism", 1);
    default(spec, "completions", 1);
    default(spec, "completionMode", "NonIndexed");
    default(spec, "suspend", false);
    if spec.get("manualSelector") != Some(&Value::Bool(true)) && !uid.is_empty() {
        default(spec, "selector", json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}));
        let labels = child(object, &["spec", "template", "metadata", "labels"]);
        default(labels, "batch.kubernetes.io/controller-uid", uid.clone());
        default(labels, "batch.kubernetes.io/job-name", named.clone());
        default(labels, "controller-uid", uid);
        default(labels, "job-name", named);
    }
    pod(child(object, &["spec", "template", "spec"]), "");
}

fn pod(spec: &mut Map<String, Value>, restart: &str) {
    if !restart.is_empty() {
        default(spec, "restartPolicy", restart);
    }
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "schedulerName", "default-scheduler");
    default(spec, "securityContext", json!({}));
    default(spec, "terminationGracePeriodSeconds", 30);
    for field in ["containers", "initContainers"] {
        for container in spec.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
            let latest =
                image.ends_with(":latest") || !image.rsplit('/').next().unwrap_or_default().contains([':', '@']);
            default(container, "imagePullPolicy", if latest { "Always" } else { "IfNotPresent" });
            default(container, "resources", json!({}));
            default(container, "terminationMessagePath", "/dev/termination-log");
            default(container, "terminationMessagePolicy", "File");
            for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(port) = port.as_object_mut() {
                    default(port, "protocol", "TCP");
                }
            }
            for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
                if let Some(probe) = container.get_mut(probe).and_then(Value::as_object_mut) {
                    for (field, value) in
                        [("failureThreshold", 3), ("periodSeconds", 10), ("successThreshold", 1), ("timeoutSeconds", 1)]
                    {
                        default(probe, field, value);
                    }
                }
            }
        }
    }
}

fn service(store: &Store, object: &mut Value, key: &str) {
    let spec = child(object, &["spec"]);
    default(spec, "type", "ClusterIP");
    default(spec, "sessionAffinity", "None");
    let external = spec.get("type").and_then(Value::as_str) == Some("ExternalName");
    let balanced = spec.get("type").and_then(Value::as_str) == Some("LoadBalancer");
    let open = balanced || spec.get("type").and_then(Value::as_str) == Some("NodePort");
    for (index, port) in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        let Some(port) = port.as_object_mut() else { continue };
        default(port, "protocol", "TCP");
        let own = port.get("port").cloned().unwrap_or(Value::Null);
        default(port, "targetPort", own);
        if open {
            default(port, "nodePort", 30_000 + spread(&format!("{key} {index}"), 2768));
        }
    }
    if !external {
        default(spec, "internalTrafficPolicy", "Cluster");
        default(spec, "ipFamilies", json!(["IPv4"]));
        default(spec, "ipFamilyPolicy", "SingleStack");
        let taken = |address: &str| store.all("", "services", "").iter().any(|s| text(s, "/spec/clusterIP") == address);
        if spec.get("clusterIP").and_then(Value::as_str).is_none_or(str::is_empty) {
            let start = spread(key, 60_000);
            let address = (start..start + 60_000)
                .map(|n| n % 60_000 + 256)
                .map(|n| format!("10.96.{}.{}", n / 256, n % 256))
                .find(|address| !taken(address))
                .unwrap_or_default();
            spec.insert("clusterIP".into(), address.into());
        }
        let address = spec.get("clusterIP").cloned().unwrap_or_default();
        default(spec, "clusterIPs", json!([address]));
    }
    if open {
        default(spec, "externalTrafficPolicy", "Cluster");
    }
    if balanced {
        default(spec, "allocateLoadBalancerNodePorts", true);
    }
    default(child(object, &["status"]), "loadBalancer", json!({}));
}

type Causes = Vec<(String, String, &'static str)>;

/// What the server refuses.
pub(super) fn validate(kind: &Kind, before: Option<&Value>, object: &Value) -> Result<(), Refusal> {
    let mut causes: Causes = Vec::new();
    let named = name(object);
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let strict = kind.group != "rbac.authorization.k8s.io";
    if strict && (!named.chars().all(fine) || named.starts_with(['-', '.']) || named.ends_with(['-', '.'])) {
        let message = format!(
            "Invalid value: \"{named}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        );
        causes.push(("metadata.name".into(), message, "FieldValueInvalid"));
    }
    if matches!(
        (kind.group.as_str(), kind.plural.as_str()),
        ("apps", "deployments" | "statefulsets" | "daemonsets" | "replicasets")
    ) {
        selector(before, object, &mut causes);
        if list(object, "/spec/template/spec/containers").is_empty() {
            causes.push(("spec.template.spec.containers".into(), "Required value".into(), "FieldValueRequired"));
        }
    }
    if let Some(before) = before {
        unchanged(kind, before, object, &mut causes);
    }
    if causes.is_empty() { Ok(()) } else { Err(Refusal::invalid(kind, named, &causes)) }
}

fn selector(before: Option<&Value>, object: &Value, causes: &mut Causes) {
    let selector = object.pointer("/spec/selector").cloned().unwrap_or(Value::Null);
    let labels = map(object, "/spec/template/metadata/labels");
    if selector.is_null() {
        causes.push(("spec.selector".into(), "Required value".into(), "FieldValueRequired"));
    } else if !map(&selector, "/matchLabels").is_none_or(|wanted| carries(labels, wanted)) {
        let shown = json!(labels.cloned().unwrap_or_default());
        let message = format!("Invalid value: {shown}: `selector` does not match template `labels`");
        causes.push(("spec.template.metadata.labels".into(), message, "FieldValueInvalid"));
    }
    if before.is_some_and(|b| b.pointer("/spec/selector") != Some(&selector)) && text(object, "/kind") != "StatefulSet"
    {
        causes.push((
            "spec.selector".into(),
            format!("Invalid value: {selector}: field is immutable"),
            "FieldValueInvalid",
        ));
    }
}

/// Fields of a StatefulSet's spec that may change.
const STATEFUL_SET_MAY: &[&str] = &[
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

fn unchanged(kind: &Kind, before: &Value, object: &Value, causes: &mut Causes) {
    let differs = |pointer: &str| before.pointer(pointer) != object.pointer(pointer);
    let immutable = |causes: &mut Causes, pointer: &str, field: &str| {
        if differs(pointer) {
            let value = object.pointer(pointer).cloned().unwrap_or(Value::Null);
            causes.push((field.to_owned(), format!("Invalid value: {value}: field is immutable"), "FieldValueInvalid"));
        }
    };
    match kind.plural.as_str() {
        "jobs" => {
            immutable(causes, "/spec/selector", "spec.selector");
            immutable(causes, "/spec/completionMode", "spec.completionMode");
            immutable(causes, "/spec/template", "spec.template");
        }
        "services" if differs("/spec/clusterIP") || differs("/spec/clusterIPs/0") => {
            let external = text(object, "/spec/type") == "ExternalName" || text(before, "/spec/type") == "ExternalName";
            let value = object.pointer("/spec/clusterIPs").cloned().unwrap_or(Value::Null);
            let message = format!("Invalid value: {value}: may not change once set");
            causes.extend((!external).then(|| ("spec.clusterIPs[0]".to_owned(), message, "FieldValueInvalid")));
        }
        "rolebindings" | "clusterrolebindings" => immutable(causes, "/roleRef", "roleRef"),
        "storageclasses" => immutable(causes, "/provisioner", "provisioner"),
        "secrets" => immutable(causes, "/type", "type"),
        "statefulsets" => {
            let rest = |object: &Value| {
                let mut spec = map(object, "/spec").cloned().unwrap_or_default();
                spec.retain(|field, _| !STATEFUL_SET_MAY.contains(&field.as_str()));
                spec
            };
            if rest(before) != rest(object) {
                let message = "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
                causes.push(("spec".into(), message.into(), "FieldValueForbidden"));
            }
        }
        "persistentvolumeclaims" => {
            let rest = |object: &Value| {
                let mut spec = map(object, "/spec").cloned().unwrap_or_default();
                spec.remove("resources");
                spec.remove("volumeName");
                spec
            };
            if rest(before) != rest(object) {
                let message = "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
                causes.push(("spec".into(), message.into(), "FieldValueForbidden"));
            }
        }
        _ => {}
    }
}
