//! Where a road leads: which pod of a service, and which of its ports. Pure.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::connect::api::encode;
use crate::object::{ObjectRef, text};
use crate::objects::rights::Need;

/// A port, as services and containers have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// By its number; of a service the port that others in the cluster use.
    Number(u16),
    /// By its name.
    Name(String),
}

impl From<u16> for Port {
    fn from(number: u16) -> Self {
        Port::Number(number)
    }
}

impl From<&str> for Port {
    fn from(name: &str) -> Self {
        Port::Name(name.to_owned())
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::Number(number) => number.fmt(f),
            Port::Name(name) => name.fmt(f),
        }
    }
}

/// A port of a service, or of one pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub(super) object: ObjectRef,
    pub(super) port: Port,
}

/// `Kind/namespace/name:port`.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.object, self.port)
    }
}

impl Destination {
    /// Whichever pod of a service is ready.
    pub fn service(namespace: &str, name: &str, port: impl Into<Port>) -> Self {
        Destination { object: ObjectRef::new("v1", "Service", namespace, name), port: port.into() }
    }

    /// One pod, while it runs.
    pub fn pod(namespace: &str, name: &str, port: impl Into<Port>) -> Self {
        Destination { object: ObjectRef::new("v1", "Pod", namespace, name), port: port.into() }
    }

    /// What somebody must be allowed to do who goes there. Servers ask for `get` where a WebSocket is opened, and since Kubernetes 1.35
    /// for `create` too.
    pub fn needs(&self) -> Vec<Need> {
        let ObjectRef { kind, namespace, name, .. } = &self.object;
        let is_pod = kind == "Pod";
        let mut needs = if is_pod {
            vec![Need::new("get", "", "pods", namespace).named(name)]
        } else {
            vec![Need::new("get", "", "services", namespace).named(name), Need::new("list", "", "pods", namespace)]
        };
        for verb in ["get", "create"] {
            let need = Need::new(verb, "", "pods/portforward", namespace);
            needs.push(if is_pod { need.named(name) } else { need });
        }
        needs
    }
}

fn all<'v>(object: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    object.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The query that lists the pods of a service; none if it says nothing about which they are.
pub(super) fn pods_of(service: &Value) -> Option<String> {
    let selector = service.pointer("/spec/selector")?.as_object().filter(|selector| !selector.is_empty())?;
    let pairs: Vec<String> =
        selector.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    Some(format!("labelSelector={}", encode(&pairs.join(","))))
}

/// Whether a pod runs and is not on its way out.
pub(super) fn runs(pod: &Value) -> bool {
    text(pod, "/status/phase") == "Running" && pod["metadata"]["deletionTimestamp"].is_null()
}

/// Since when a pod is ready; none if it is not.
fn ready_since(pod: &Value) -> Option<&str> {
    let mut conditions = all(pod, "/status/conditions");
    let ready = conditions.find(|condition| condition["type"] == "Ready" && condition["status"] == "True")?;
    runs(pod).then(|| text(ready, "/lastTransitionTime"))
}

/// The pod to go to: of those that are ready the one that is it for the longest, as `kubectl port-forward` chooses; those named by UID in
/// `avoid` only if there is no other.
pub(super) fn choose<'p>(pods: &'p [Value], avoid: &BTreeSet<String>) -> Option<&'p Value> {
    let ready = pods.iter().filter_map(|pod| Some((pod, ready_since(pod)?)));
    ready
        .min_by_key(|(pod, since)| (avoid.contains(text(pod, "/metadata/uid")), *since, text(pod, "/metadata/name")))
        .map(|(pod, _)| pod)
}

/// A port of a pod's containers by its name. Init containers count if they stay beside the others.
fn container_port(pod: &Value, name: &str) -> Option<u16> {
    containers(pod)
        .flat_map(|container| all(container, "/ports"))
        .find(|port| port["name"] == name && is_tcp(port))
        .and_then(|port| number(&port["containerPort"]))
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let beside = all(pod, "/spec/initContainers").filter(|container| container["restartPolicy"] == "Always");
    all(pod, "/spec/containers").chain(beside)
}

fn is_tcp(port: &Value) -> bool {
    matches!(text(port, "/protocol"), "" | "TCP")
}

fn number(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|number| number.try_into().ok())
}

/// `name:number`, or the number alone.
fn named(port: &Value, number: &str) -> String {
    match text(port, "/name") {
        "" => port[number].to_string(),
        name => format!("{name}:{}", port[number]),
    }
}

/// A port that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoSuchPort {
    /// Whether it is the pod that has no port of this name; else it is the service.
    pub(super) of_pod: bool,
    pub(super) port: String,
    pub(super) known: Vec<String>,
}

/// The port of `pod` that a port of it is.
pub(super) fn port_of_pod(port: &Port, pod: &Value) -> Result<u16, NoSuchPort> {
    let missing = || {
        let known = containers(pod).flat_map(|container| all(container, "/ports")).filter(|port| is_tcp(port));
        NoSuchPort {
            of_pod: true,
            port: port.to_string(),
            known: known.map(|port| named(port, "containerPort")).collect(),
        }
    };
    match port {
        Port::Number(number) => Ok(*number),
        Port::Name(name) => container_port(pod, name).ok_or_else(missing),
    }
}

/// The port of `pod` behind a port of a service, as `kubectl port-forward` maps it: a service without an address of its own maps nothing,
/// whoever uses it speaks to the pods directly.
pub(super) fn port_of_service(service: &Value, port: &Port, pod: &Value) -> Result<u16, NoSuchPort> {
    let missing = || {
        let known = all(service, "/spec/ports").filter(|port| is_tcp(port)).map(|port| named(port, "port")).collect();
        NoSuchPort { of_pod: false, port: port.to_string(), known }
    };
    let found = all(service, "/spec/ports").filter(|known| is_tcp(known)).find(|known| match port {
        Port::Number(wanted) => number(&known["port"]) == Some(*wanted),
        Port::Name(wanted) => known["name"] == **wanted,
    });
    let found = found.ok_or_else(missing)?;
    let own = number(&found["port"]).ok_or_else(missing)?;
    if text(service, "/spec/clusterIP") == "None" {
        return Ok(own);
    }
    match &found["targetPort"] {
        Value::String(name) => port_of_pod(&Port::Name(name.clone()), pod),
        target => Ok(number(target).filter(|target| *target > 0).unwrap_or(own)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, phase: &str, ready: Option<&str>, leaves: bool) -> Value {
        let mut pod = json!({"metadata": {"name": name, "uid": name}, "status": {"phase": phase}});
        if let Some(since) = ready {
            pod["status"]["conditions"] = json!([{"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
                {"type": "Ready", "status": "True", "lastTransitionTime": since}]);
        }
        if leaves {
            pod["metadata"]["deletionTimestamp"] = "2026-11-24T10:00:00Z".into();
        }
        pod
    }

    /// What it is about, the pods, those to avoid, the one that is chosen.
    type Choice = (&'static str, Vec<Value>, &'static [&'static str], Option<&'static str>);

    #[test]
    fn the_pod_that_is_ready_for_the_longest_is_chosen() {
        let (early, late) = ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z");
        let cases: [Choice; 8] = [
            ("no pods", vec![], &[], None),
            ("none ready", vec![pod("a", "Running", None, false), pod("b", "Pending", None, false)], &[], None),
            (
                "one ready",
                vec![pod("a", "Running", None, false), pod("b", "Running", Some(late), false)],
                &[],
                Some("b"),
            ),
            (
                "on its way out",
                vec![pod("a", "Running", Some(early), true), pod("b", "Running", Some(late), false)],
                &[],
                Some("b"),
            ),
            ("ended", vec![pod("a", "Succeeded", Some(early), false)], &[], None),
            (
                "longest",
                vec![pod("a", "Running", Some(late), false), pod("b", "Running", Some(early), false)],
                &[],
                Some("b"),
            ),
            (
                "the other one",
                vec![pod("a", "Running", Some(early), false), pod("b", "Running", Some(late), false)],
                &["a"],
                Some("b"),
            ),
            ("no other", vec![pod("a", "Running", Some(early), false)], &["a"], Some("a")),
        ];
        for (case, pods, avoid, expected) in cases {
            let avoid = avoid.iter().map(|&uid| uid.to_owned()).collect();
            let chosen = choose(&pods, &avoid).map(|pod| text(pod, "/metadata/name"));
            assert_eq!(chosen, expected, "{case}");
        }
    }

    #[test]
    fn a_port_of_a_service_is_mapped_to_its_pod() {
        let pod = json!({"spec": {
            "initContainers": [
                {"name": "migrate", "ports": [{"name": "once", "containerPort": 1}]},
                {"name": "proxy", "restartPolicy": "Always", "ports": [{"name": "admin", "containerPort": 15000}]}],
            "containers": [{"name": "main", "ports": [
                {"name": "dns", "containerPort": 53, "protocol": "UDP"}, {"name": "http", "containerPort": 8081, "protocol": "TCP"}, {"containerPort": 9000}]}]}});
        let service = |ports: Value| json!({"spec": {"clusterIP": "10.96.0.7", "ports": ports}});
        let headless = |ports: Value| json!({"spec": {"clusterIP": "None", "ports": ports}});
        let missing = |of_pod, port: &str, known: &[&str]| {
            Err(NoSuchPort { of_pod, port: port.to_owned(), known: known.iter().map(|&k| k.to_owned()).collect() })
        };
        let named = |name: &str| Port::Name(name.to_owned());
        let web = json!([{"name": "web", "port": 80, "targetPort": "http", "protocol": "TCP"}, {"name": "raw", "port": 90, "targetPort": 9000}]);
        let cases: [(Value, Port, Result<u16, NoSuchPort>); 13] = [
            (service(json!([{"port": 8080}])), 8080.into(), Ok(8080)),
            (service(json!([{"port": 8080, "targetPort": 0}])), 8080.into(), Ok(8080)),
            (service(json!([{"port": 80, "targetPort": 8080}])), 80.into(), Ok(8080)),
            (service(web.clone()), 80.into(), Ok(8081)),
            (service(web.clone()), named("web"), Ok(8081)),
            (service(web.clone()), named("raw"), Ok(9000)),
            (service(web.clone()), 8081.into(), missing(false, "8081", &["web:80", "raw:90"])),
            (service(web), named("http"), missing(false, "http", &["web:80", "raw:90"])),
            (service(json!([{"port": 80, "targetPort": "admin"}])), 80.into(), Ok(15000)),
            (
                service(json!([{"port": 80, "targetPort": "once"}])),
                80.into(),
                missing(true, "once", &["http:8081", "9000", "admin:15000"]),
            ),
            (
                service(json!([{"port": 53, "targetPort": "dns", "protocol": "UDP"}])),
                53.into(),
                missing(false, "53", &[]),
            ),
            (headless(json!([{"port": 9092, "targetPort": 9094}])), 9092.into(), Ok(9092)),
            (service(json!([])), 80.into(), missing(false, "80", &[])),
        ];
        for (service, port, expected) in cases {
            assert_eq!(port_of_service(&service, &port, &pod), expected, "{service} {port}");
        }
        assert_eq!(port_of_pod(&Port::Number(5005), &pod), Ok(5005));
        assert_eq!(port_of_pod(&named("http"), &pod), Ok(8081));
        assert_eq!(port_of_pod(&named("dns"), &pod), missing(true, "dns", &["http:8081", "9000", "admin:15000"]));
    }

    #[test]
    fn the_pods_of_a_service_are_those_that_it_selects() {
        let with = |selector: Value| json!({"spec": {"selector": selector}});
        assert_eq!(pods_of(&with(json!({"app": "gateway"}))).as_deref(), Some("labelSelector=app%3Dgateway"));
        let two = with(json!({"app.kubernetes.io/name": "a", "tier": "b"}));
        assert_eq!(pods_of(&two).as_deref(), Some("labelSelector=app.kubernetes.io%2Fname%3Da%2Ctier%3Db"));
        assert_eq!(pods_of(&with(json!({}))), None);
        assert_eq!(pods_of(&json!({"spec": {"type": "ExternalName"}})), None);
    }

    #[test]
    fn whoever_goes_there_needs_these_rights() {
        let words = |to: Destination| to.needs().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            words(Destination::service("egov", "gateway", 8080)),
            [
                "get services (egov) \"gateway\"",
                "list pods (egov)",
                "get pods/portforward (egov)",
                "create pods/portforward (egov)"
            ]
        );
        assert_eq!(
            words(Destination::pod("egov", "a", "http")),
            ["get pods (egov) \"a\"", "get pods/portforward (egov) \"a\"", "create pods/portforward (egov) \"a\""]
        );
    }
}
