//! What images would do through the API, and no image runs here to do it: webhook certificates, their injection, Kibana's token.

use base64::Engine as _;
use serde_json::{Value, json};

use super::json::{list, map, name, namespace, text};
use super::world::World;

/// A certificate in name only, in base64.
pub(super) fn certificate() -> String {
    base64::engine::general_purpose::STANDARD
        .encode("-----BEGIN CERTIFICATE-----\nrehearsal\n-----END CERTIFICATE-----\n")
}

const WEBHOOKS: &[&str] = &["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];

pub(super) fn hooks(world: &mut World) {
    for job in world.store.all("batch", "jobs", "") {
        if job["status"]["succeeded"].as_u64().unwrap_or(0) > 0 {
            done(world, &job);
        }
    }
    let injects = |d: &Value| name(d).contains("cainjector") && d["status"]["readyReplicas"].as_u64().unwrap_or(0) > 0;
    if world.store.all("apps", "deployments", "").iter().any(|d| injects(d)) {
        for plural in WEBHOOKS {
            for hook in world.store.all("admissionregistration.k8s.io", plural, "") {
                let wants = map(&hook, "/metadata/annotations")
                    .is_some_and(|notes| notes.keys().any(|key| key.starts_with("cert-manager.io/inject-ca-from")));
                if wants {
                    inject(world, plural, &hook);
                }
            }
        }
    }
}

/// What a finished Job has left behind.
fn done(world: &mut World, job: &Value) {
    let Some(container) = list(job, "/spec/template/spec/containers").first() else { return };
    let args: Vec<String> = list(container, "/args")
        .iter()
        .chain(list(container, "/command"))
        .filter_map(Value::as_str)
        .map(|arg| arg.replace("$(POD_NAMESPACE)", namespace(job)))
        .collect();
    let option = |name: &str| {
        let start = format!("--{name}=");
        args.iter().find_map(|arg| arg.strip_prefix(&start)).unwrap_or_default().to_owned()
    };
    let generator = text(container, "/image").contains("webhook-certgen");
    if generator && args.iter().any(|a| a == "create") {
        let data = json!({"ca": certificate(), "cert": certificate(), "key": certificate()});
        secret(world, &option("namespace"), &option("secret-name"), &data);
    } else if generator && args.iter().any(|a| a == "patch") {
        for plural in WEBHOOKS {
            let wanted = option("webhook-name");
            if let Some(hook) = world.store.find("admissionregistration.k8s.io", plural, "", &wanted).cloned() {
                inject(world, plural, &hook);
            }
        }
    } else if args.iter().any(|a| a.contains("manage-es-token.js")) && args.iter().any(|a| a == "create") {
        let named = format!("{}-es-token", name(job).trim_start_matches("pre-install-"));
        let token = base64::engine::general_purpose::STANDARD.encode("rehearsal");
        secret(world, namespace(job), &named, &json!({"token": token}));
    }
}

fn secret(world: &mut World, space: &str, named: &str, data: &Value) {
    let known = world.store.find("", "namespaces", "", space).is_some();
    if known && !named.is_empty() && world.store.find("", "secrets", space, named).is_none() {
        world.make(
            "",
            "secrets",
            json!({"metadata": {"name": named, "namespace": space}, "type": "Opaque", "data": data}),
        );
    }
}

fn inject(world: &mut World, plural: &str, hook: &Value) {
    let mut changed = hook.clone();
    for one in changed.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
        if text(one, "/clientConfig/caBundle").is_empty() {
            one["clientConfig"]["caBundle"] = certificate().into();
        }
    }
    if changed != *hook {
        world.put("admissionregistration.k8s.io", plural, changed);
    }
}
