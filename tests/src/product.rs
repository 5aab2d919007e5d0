//! DIGIT 2.9.2 with one module and other products, as end-to-end tests install them, and looks at what became of them that
//! do not go through our own code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use serde_json::Value;

use crate::cluster::kubectl;
use crate::error::Error;

/// The name of the installation.
pub const NAME: &str = "springfield";
/// DIGIT's 37 workloads, our own database and our own file store.
pub const WORKLOADS: usize = 39;

/// Its 35 services, their settings, our own database and our own file store.
pub const RELEASES: usize = 38;

/// URBAN's workloads, our own database and our own file store.
pub const URBAN_WORKLOADS: usize = 66;

/// An answers file for DIGIT 2.9.2 with one module on a cluster.
///
/// # Errors
/// When the shared inputs are missing.
pub fn answers(kubeconfig: &Path) -> Result<String, Error> {
    answers_for("DIGIT", "v2.9.2", &["m_pgr".to_owned()], kubeconfig)
}

/// The same for any product that comes from the shared archives.
///
/// # Errors
/// When the shared inputs are missing.
pub fn answers_for(product: &str, version: &str, modules: &[String], kubeconfig: &Path) -> Result<String, Error> {
    Ok(format!(
        "name: {NAME}\n\
         target: {{kind: cluster, kubeconfig: {}}}\n\
         product: {{name: {product}, version: {version}, modules: [{}], source: {}}}\n\
         city: {{state: Springfield State, name: Springfield}}\n\
         demo: true\n",
        kubeconfig.display(),
        modules.join(", "),
        places::shared()?.join("digit").display()
    ))
}

fn items(kubeconfig: &Path, kinds: &str) -> Result<Vec<Value>, Error> {
    let said: Value = serde_json::from_str(&kubectl(kubeconfig, &["get", kinds, "-A", "-o", "json"])?)?;
    Ok(said["items"].as_array().cloned().unwrap_or_default())
}

fn named(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}/{}", text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
}

/// UIDs of all pods: the same set means that nothing was restarted.
///
/// # Errors
/// When the API does not answer.
pub fn pods(kubeconfig: &Path) -> Result<BTreeSet<String>, Error> {
    let said = kubectl(kubeconfig, &["get", "pods", "-A", "-o", "jsonpath={.items[*].metadata.uid}"])?;
    Ok(said.split_whitespace().map(str::to_owned).collect())
}

/// Workloads, and how many of them are ready.
///
/// # Errors
/// When the API does not answer.
pub fn workloads(kubeconfig: &Path) -> Result<(usize, usize), Error> {
    let all = items(kubeconfig, "deployments,statefulsets,daemonsets")?;
    let is_ready = |object: &&Value| {
        let (status, spec) = (&object["status"], &object["spec"]);
        if object["kind"] == "DaemonSet" {
            status["numberReady"] == status["desiredNumberScheduled"]
        } else {
            status["readyReplicas"] == spec["replicas"]
        }
    };
    Ok((all.len(), all.iter().filter(is_ready).count()))
}

/// What every workload runs, by its name: to be compared before and after.
///
/// # Errors
/// When the API does not answer.
pub fn pod_templates(kubeconfig: &Path) -> Result<BTreeMap<String, Value>, Error> {
    let all = items(kubeconfig, "deployments,statefulsets,daemonsets")?;
    Ok(all.iter().map(|object| (named(object), object["spec"]["template"]["spec"].clone())).collect())
}

/// What would be two of something: pods that are more than their owner wants, claims and jobs that share a release's name.
///
/// # Errors
/// When the API does not answer.
pub fn doubled(kubeconfig: &Path) -> Result<Vec<String>, Error> {
    let mut wrong = Vec::new();
    for set in items(kubeconfig, "replicasets,statefulsets")? {
        if set["status"]["replicas"].as_u64().unwrap_or(0) > set["spec"]["replicas"].as_u64().unwrap_or(1) {
            wrong.push(format!("{} has more pods than it wants", named(&set)));
        }
    }
    // A Deployment that was changed after it was made has a second set behind it.
    let mut sets: BTreeMap<String, u32> = BTreeMap::new();
    for set in items(kubeconfig, "replicasets")? {
        let owner = set["metadata"]["ownerReferences"][0]["name"].as_str().unwrap_or_default().to_owned();
        *sets.entry(format!("{}/{owner}", set["metadata"]["namespace"].as_str().unwrap_or_default())).or_default() += 1;
    }
    wrong.extend(sets.iter().filter(|(_, n)| **n > 1).map(|(name, n)| format!("Deployment {name} was made {n} times")));
    // One revision a release: a second one would be an upgrade that nobody asked for.
    for secret in items(kubeconfig, "secrets")? {
        let name = named(&secret);
        if name.contains("sh.helm.release.v1.") && !name.ends_with(".v1") {
            wrong.push(format!("{name} is a second revision"));
        }
    }
    Ok(wrong)
}

/// What DIGIT's Secrets hold, as far as it was drawn by us.
///
/// # Errors
/// When the API does not answer, or a Secret is not text.
pub fn drawn_secrets(kubeconfig: &Path) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for (namespace, name) in
        [("egov", "db"), ("egov", "egov-enc-service"), ("egov", "minio"), ("backbone", "postgresql")]
    {
        let secret: Value =
            serde_json::from_str(&kubectl(kubeconfig, &["get", "secret", name, "-n", namespace, "-o", "json"])?)?;
        for value in secret["data"].as_object().into_iter().flat_map(|data| data.values()) {
            let bytes = base64::prelude::BASE64_STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
            // Short ones are names: a user, a database.
            all.extend(String::from_utf8(bytes).ok().filter(|text| text.len() >= 12));
        }
    }
    Ok(all)
}

/// Where two of [`pod_templates`] differ: workloads, with the places inside.
pub fn differences(before: &BTreeMap<String, Value>, now: &BTreeMap<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let (Some(a), Some(b)) = (before.get(name), now.get(name)) else {
            found.push(format!("{name} is in one of both"));
            continue;
        };
        compare(name, a, b, &mut found);
    }
    found
}

fn compare(place: &str, a: &Value, b: &Value, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, inner) in a {
                compare(&format!("{place}/{key}"), inner, &b[key], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{place}/{n}"), a, b, found);
            }
        }
        _ if a == b => {}
        _ => found.push(format!("{place}: {} became {}", short(a), short(b))),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(300).collect()
}
