//! Webhooks guard objects; before they can answer, whatever they guard is refused. So they are waited for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use verdict::Cause;

use super::ready::{Awaited, WaitContext, Waiting};
use super::watch::Watch;
use crate::error::{Error, Result};
use crate::object::{ObjectRef, group, text};

const ADMISSION: &str = "admissionregistration.k8s.io/v1";

/// Whether a webhook that must answer (`failurePolicy: Fail`) is asked when the object is created or changed. Selectors
/// and match conditions are not looked at: it may be asked more often than here, never less.
pub fn guards(config: &Value, api_version: &str, plural: &str) -> bool {
    let version = api_version.rsplit('/').next().unwrap_or_default();
    let webhooks = config["webhooks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let must = webhooks.iter().filter(|webhook| webhook["failurePolicy"].as_str() != Some("Ignore"));
    must.flat_map(|webhook| webhook["rules"].as_array().cloned().unwrap_or_default()).any(|rule| {
        let names = |key: &str, wanted: &str| {
            let listed = rule[key].as_array().map(Vec::as_slice).unwrap_or_default();
            listed.iter().any(|entry| entry == "*" || entry == wanted)
        };
        let all = |resource: &Value| resource == "*/*";
        names("apiGroups", group(api_version))
            && names("apiVersions", version)
            && (names("operations", "CREATE") || names("operations", "UPDATE"))
            && (names("resources", plural) || rule["resources"].as_array().is_some_and(|listed| listed.iter().any(all)))
    })
}

/// Why a configuration cannot be asked yet; `None`: it can. `ready` tells whether a Service has a ready endpoint.
pub fn unready(config: &Value, ready: impl Fn(&str, &str) -> bool) -> Option<Cause> {
    let name = text(config, "/metadata/name");
    for webhook in config["webhooks"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let client = &webhook["clientConfig"];
        let Some(service) = client["service"].as_object() else { continue };
        if client["caBundle"].as_str().is_none_or(str::is_empty) {
            return Some(Cause::new("webhook-certificate-missing").with("name", name));
        }
        let part = |key: &str| service.get(key).and_then(Value::as_str).unwrap_or_default();
        if !ready(part("namespace"), part("name")) {
            return Some(Cause::new("webhook-unavailable").with("name", name).with("webhook", text(webhook, "/name")));
        }
    }
    None
}

/// Whether one of a Service's slices has an endpoint that is ready.
pub fn has_ready_endpoint(slices: &[Arc<Value>], service: &str) -> bool {
    slices
        .iter()
        .filter(|slice| slice["metadata"]["labels"]["kubernetes.io/service-name"] == service)
        .flat_map(|slice| slice["endpoints"].as_array().map(Vec::as_slice).unwrap_or_default())
        // `ready` may be absent, which means ready.
        .any(|endpoint| endpoint["conditions"]["ready"] != false)
}

impl Watch {
    /// Waits until the named webhook configurations can be asked: a certificate authority in every entry and a ready
    /// endpoint behind every Service. Gives up only when the verdict on a configuration does.
    pub async fn wait_webhooks(
        &self,
        configs: &[ObjectRef],
        wait_context: WaitContext,
        progress: &mut (dyn FnMut(&Waiting) + Send),
    ) -> Result<()> {
        let kinds: BTreeSet<&str> = configs.iter().map(|config| config.kind.as_str()).collect();
        for kind in kinds {
            self.follow(ADMISSION, kind).await?;
        }
        self.follow("discovery.k8s.io/v1", "EndpointSlice").await?;
        let awaited: Vec<Awaited> = configs.iter().cloned().map(Awaited::named).collect();
        let mut changes = self.changes();
        let mut told = None;
        loop {
            changes.borrow_and_update();
            let now = self.now();
            let total = u32::try_from(configs.len()).unwrap_or(u32::MAX);
            let mut waiting = Waiting { done: 0, total, on: vec![] };
            for (config, verdict) in self.judge(&awaited, wait_context, now) {
                if let Some(failed) = verdict.filter(|verdict| verdict.phase == verdict::Phase::Failed) {
                    let cause = failed.cause.unwrap_or_else(|| Cause::new("webhook-unavailable"));
                    return Err(Error::NotReady {
                        object: config.object.to_string(),
                        code: cause.code,
                        args: cause.args,
                        evidence: failed.evidence,
                    });
                }
                let object = self.get(&config.object);
                let ready = |namespace: &str, service: &str| {
                    has_ready_endpoint(&self.list("discovery.k8s.io/v1", "EndpointSlice", namespace), service)
                };
                let cause = match &object {
                    None => {
                        Some(Cause::new("webhook-unavailable").with("name", &config.object.name).with("webhook", ""))
                    }
                    Some(object) => unready(object, ready),
                };
                match cause {
                    None => waiting.done += 1,
                    Some(cause) => waiting.on.push((config.object.clone(), Some(cause))),
                }
            }
            if told.as_ref() != Some(&waiting) {
                progress(&waiting);
            }
            if waiting.on.is_empty() {
                return Ok(());
            }
            told = Some(waiting);
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(Duration::from_secs(2)) => {}
                () = self.cluster().stopped() => return Err(Error::Stopped),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(policy: &str, groups: &[&str], resources: &[&str], operations: &[&str]) -> Value {
        json!({"webhooks": [{"name": "w", "failurePolicy": policy, "rules": [{"apiGroups": groups, "apiVersions": ["v1"], "operations": operations, "resources": resources}]}]})
    }

    #[test]
    fn which_objects_a_webhook_guards() {
        let ingress = ("networking.k8s.io/v1", "ingresses");
        let cases = [
            (config("Fail", &["networking.k8s.io"], &["ingresses"], &["CREATE", "UPDATE"]), ingress, true),
            (config("Ignore", &["networking.k8s.io"], &["ingresses"], &["CREATE"]), ingress, false),
            (config("Fail", &["*"], &["*"], &["*"]), ingress, true),
            (config("Fail", &["*"], &["*/*"], &["UPDATE"]), ingress, true),
            (config("Fail", &["networking.k8s.io"], &["ingresses"], &["DELETE"]), ingress, false),
            (config("Fail", &["apps"], &["deployments"], &["CREATE"]), ingress, false),
            (config("Fail", &["networking.k8s.io"], &["ingresses/status"], &["CREATE"]), ingress, false),
            (config("Fail", &[""], &["pods"], &["CREATE"]), ("v1", "pods"), true),
            (json!({}), ingress, false),
        ];
        for (config, (api_version, plural), expected) in cases {
            assert_eq!(guards(&config, api_version, plural), expected, "{config}");
        }
        let without_policy = json!({"webhooks": [{"rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}]}]});
        assert!(guards(&without_policy, "apps/v1", "deployments"));
    }

    #[test]
    fn a_webhook_needs_a_certificate_authority_and_an_endpoint() {
        let service = json!({"namespace": "egov", "name": "admission"});
        let with =
            |client: Value| json!({"metadata": {"name": "c"}, "webhooks": [{"name": "w", "clientConfig": client}]});
        let cases = [
            (with(json!({"service": service})), true, Some("webhook-certificate-missing")),
            (with(json!({"service": service, "caBundle": ""})), true, Some("webhook-certificate-missing")),
            (with(json!({"service": service, "caBundle": "Q0E="})), false, Some("webhook-unavailable")),
            (with(json!({"service": service, "caBundle": "Q0E="})), true, None),
            (with(json!({"url": "https://elsewhere"})), false, None),
        ];
        for (config, endpoint, expected) in cases {
            let found = unready(&config, |namespace, name| endpoint && namespace == "egov" && name == "admission");
            assert_eq!(found.map(|cause| cause.code).as_deref(), expected, "{config}");
        }
    }

    #[test]
    fn an_endpoint_that_says_nothing_is_ready() {
        let slice = |endpoints: Value| {
            vec![Arc::new(json!({"metadata": {"labels": {"kubernetes.io/service-name": "a"}}, "endpoints": endpoints}))]
        };
        let cases = [
            (json!([]), false),
            (json!(null), false),
            (json!([{"conditions": {"ready": false}}]), false),
            (json!([{"conditions": {"ready": true}}]), true),
            (json!([{"conditions": {}}]), true),
        ];
        for (endpoints, expected) in cases {
            assert_eq!(has_ready_endpoint(&slice(endpoints.clone()), "a"), expected, "{endpoints}");
        }
        assert!(!has_ready_endpoint(&slice(json!([{}])), "b"));
    }
}
