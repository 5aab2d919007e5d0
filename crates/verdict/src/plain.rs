//! Everything that has no pods: services, definitions, webhooks, namespaces, custom resources, and what is ready when it exists.

use serde_json::Value;

use crate::json::{condition, is_true, list, name, observed, subject, text, time};
use crate::trouble::{Scene, Trouble};
use crate::{Cause, Verdict, events};

/// Judges by kind; what has no rule is ready when it exists.
pub(crate) fn assess(group: &str, object: &Value, scene: &Scene<'_>) -> Verdict {
    let trouble = match (group, text(object, "/kind")) {
        ("", "Service") => load_balancer(object, scene),
        ("", "Namespace") => namespace(object, scene),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object, scene),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") => {
            webhook(object, scene)
        }
        ("apiregistration.k8s.io", "APIService") => api_service(object, scene),
        _ if is_custom(group) => return custom(object, scene),
        _ => None,
    };
    let leaving = !text(object, "/metadata/deletionTimestamp").is_empty();
    match trouble {
        Some(trouble) => trouble.verdict(scene.at, 0, 1),
        None if leaving => Verdict { cause: Some(cause("terminating", object)), ..Verdict::progressing(0, 1) },
        None => Verdict::ready(1, 1),
    }
}

fn cause(code: &str, object: &Value) -> Cause {
    Cause::new(code).with("name", name(object))
}

fn born(object: &Value, scene: &Scene<'_>) -> jiff::Timestamp {
    time(object, "/metadata/creationTimestamp").unwrap_or(scene.at.now)
}

/// A Service of type LoadBalancer is ready when it has an address: a cluster address alone is what `kubectl get` shows, not what a citizen
/// can reach.
fn load_balancer(object: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    if text(object, "/spec/type") != "LoadBalancer" || !list(object, "/status/loadBalancer/ingress").is_empty() {
        return None;
    }
    let found = events::about(object, scene.events);
    let refused = found
        .iter()
        .rev()
        .find(|e| matches!(e.reason, "SyncLoadBalancerFailed" | "CreatingLoadBalancerFailed" | "FailedDeployModel"));
    Some(match refused {
        Some(event) => {
            let since = event.first.unwrap_or_else(|| born(object, scene));
            Trouble::new(cause("load-balancer-failed", object), since).evidence(event.line(&subject(object)))
        }
        None => Trouble::new(cause("load-balancer-pending", object), born(object, scene)),
    })
}

fn namespace(object: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    if text(object, "/status/phase") != "Terminating" {
        return None;
    }
    let since = time(object, "/metadata/deletionTimestamp").unwrap_or(scene.at.now);
    let mut trouble = Trouble::new(cause("namespace-terminating", object), since);
    for left in list(object, "/status/conditions").iter().filter(|c| text(c, "/status") == "True") {
        trouble = trouble.evidence(format!("{}: {}", subject(object), text(left, "/message")));
    }
    Some(trouble)
}

fn definition(object: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    if let Some(refused) = condition(object, "NamesAccepted").filter(|c| text(c, "/status") == "False") {
        let since = time(refused, "/lastTransitionTime").unwrap_or(scene.at.now);
        let line = format!("{}: {}", subject(object), text(refused, "/message"));
        return Some(Trouble::new(cause("crd-names-conflict", object), since).evidence(line));
    }
    if is_true(object, "Established") && is_true(object, "NamesAccepted") {
        return None;
    }
    Some(Trouble::new(cause("crd-not-established", object), born(object, scene)))
}

/// A webhook without the certificate of who answers it refuses everything it guards. One that names an outside address may do without.
fn webhook(object: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    let bare = list(object, "/webhooks")
        .iter()
        .find(|hook| text(hook, "/clientConfig/caBundle").is_empty() && text(hook, "/clientConfig/url").is_empty())?;
    let line = format!("{}: webhook {} has no caBundle", subject(object), text(bare, "/name"));
    Some(Trouble::new(cause("webhook-certificate-missing", object), born(object, scene)).evidence(line))
}

fn api_service(object: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    if is_true(object, "Available") {
        return None;
    }
    let available = condition(object, "Available");
    let since = available.and_then(|c| time(c, "/lastTransitionTime")).unwrap_or_else(|| born(object, scene));
    let trouble = Trouble::new(cause("api-unavailable", object), since);
    Some(match available {
        Some(c) => trouble.evidence(format!("{}: {}: {}", subject(object), text(c, "/reason"), text(c, "/message"))),
        None => trouble,
    })
}

/// Groups that the API server itself serves have no dot or end in `.k8s.io` (which some add-ons use too: those have conditions or none).
fn is_custom(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// A custom resource: the conditions that most controllers write. Without any it is called ready, but not verified.
fn custom(object: &Value, scene: &Scene<'_>) -> Verdict {
    let trouble = |code: &str, condition: &Value| {
        let since = time(condition, "/lastTransitionTime").unwrap_or_else(|| born(object, scene));
        let cause = cause(code, object).with("kind", text(object, "/kind")).with("reason", text(condition, "/reason"));
        let line = format!("{}: {}: {}", subject(object), text(condition, "/reason"), text(condition, "/message"));
        Trouble::new(cause, since).evidence(line).verdict(scene.at, 0, 1)
    };
    if !text(object, "/metadata/deletionTimestamp").is_empty() {
        return Verdict { cause: Some(cause("terminating", object)), ..Verdict::progressing(0, 1) };
    }
    if let Some(stalled) = condition(object, "Stalled").filter(|c| text(c, "/status") == "True") {
        return trouble("resource-stalled", stalled);
    }
    let seen = object.pointer("/status/observedGeneration").is_none() || observed(object);
    if !seen || is_true(object, "Reconciling") {
        return Verdict::progressing(0, 1);
    }
    match ["Ready", "Available", "Healthy"].iter().find_map(|kind| condition(object, kind)) {
        Some(c) if text(c, "/status") == "True" => Verdict::ready(1, 1),
        Some(c) => trouble("resource-not-ready", c),
        None => Verdict { verified: false, ..Verdict::ready(1, 1) },
    }
}
