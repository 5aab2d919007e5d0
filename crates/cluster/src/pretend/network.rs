//! Services and their endpoints, load balancers, definitions, and custom resources whose controllers are played.

use serde_json::{Value, json};

use super::json::{carries, list, map, name, namespace, seconds, text, time};
use super::pace;
use super::workloads::{is_ready, leaves};
use super::world::World;

/// Definitions are accepted, aggregated APIs answer.
pub(super) fn definitions(world: &mut World) {
    let now = seconds(world.now);
    let condition = |kind: &str, reason: &str| json!({"type": kind, "status": "True", "reason": reason, "message": "", "lastTransitionTime": now});
    for definition in world.store.all("apiextensions.k8s.io", "customresourcedefinitions", "") {
        if !list(&definition, "/status/conditions").is_empty() {
            continue;
        }
        let stored: Vec<&Value> = list(&definition, "/spec/versions")
            .iter()
            .filter(|v| v["storage"] == true)
            .filter_map(|v| v.get("name"))
            .collect();
        let status = json!({"acceptedNames": definition["spec"]["names"], "storedVersions": stored,
            "conditions": [condition("NamesAccepted", "NoConflicts"), condition("Established", "InitialNamesAccepted")]});
        world.status("apiextensions.k8s.io", "customresourcedefinitions", &definition, status);
    }
    for service in world.store.all("apiregistration.k8s.io", "apiservices", "") {
        if list(&service, "/status/conditions").is_empty() {
            let status = json!({"conditions": [condition("Available", "Passed")]});
            world.status("apiregistration.k8s.io", "apiservices", &service, status);
        }
    }
}

pub(super) fn services(world: &mut World) {
    for service in world.store.all("", "services", "") {
        if leaves(&service) {
            continue;
        }
        if text(&service, "/spec/type") == "LoadBalancer" && list(&service, "/status/loadBalancer/ingress").is_empty() {
            let born = time(&service, "/metadata/creationTimestamp").unwrap_or(world.now);
            if world.passed(born, pace::ADDRESS) {
                let address = format!("{}.{}.rehearsal.invalid", name(&service), namespace(&service));
                world.status("", "services", &service, json!({"loadBalancer": {"ingress": [{"hostname": address}]}}));
                world.event(&service, false, "EnsuredLoadBalancer", "Ensured load balancer", "service-controller");
            }
        }
        if map(&service, "/spec/selector").is_some_and(|selector| !selector.is_empty()) {
            endpoints(world, &service);
        }
    }
}

fn endpoints(world: &mut World, service: &Value) {
    let Some(selector) = map(service, "/spec/selector") else { return };
    let pods = world.store.all("", "pods", namespace(service));
    let mine = pods
        .iter()
        .filter(|pod| carries(map(pod, "/metadata/labels"), selector) && !text(pod, "/status/podIP").is_empty());
    let mut entries = Vec::new();
    let (mut ready, mut unready) = (Vec::new(), Vec::new());
    for pod in mine {
        let target =
            json!({"kind": "Pod", "namespace": namespace(pod), "name": name(pod), "uid": pod["metadata"]["uid"]});
        let up = is_ready(pod);
        entries.push(json!({"addresses": [pod["status"]["podIP"]], "conditions": {"ready": up, "serving": up, "terminating": leaves(pod)},
            "nodeName": pod["spec"]["nodeName"], "targetRef": target}));
        let address = json!({"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": target});
        if up {
            ready.push(address);
        } else {
            unready.push(address);
        };
    }
    let ports: Vec<Value> = list(service, "/spec/ports")
        .iter()
        .map(|p| {
            let number = if p["targetPort"].is_number() { p["targetPort"].clone() } else { p["port"].clone() };
            json!({"name": p.get("name").cloned().unwrap_or_else(|| "".into()), "port": number, "protocol": p["protocol"]})
        })
        .collect();
    let mut subset = json!({"ports": ports});
    for (field, addresses) in [("addresses", &ready), ("notReadyAddresses", &unready)] {
        if !addresses.is_empty() {
            subset[field] = addresses.clone().into();
        }
    }
    let subsets = if ready.is_empty() && unready.is_empty() { json!([]) } else { json!([subset]) };
    match world.store.find("", "endpoints", namespace(service), name(service)).cloned() {
        Some(old) => {
            let mut changed = (*old).clone();
            changed["subsets"] = subsets;
            if changed != *old {
                world.put("", "endpoints", changed);
            }
        }
        None => {
            let fresh = json!({"metadata": {"name": name(service), "namespace": namespace(service), "ownerReferences": World::owner(service)}, "subsets": subsets});
            world.make("", "endpoints", fresh);
        }
    }
    let named = format!("{}-{}", name(service), super::store::hash(&json!(super::json::uid(service)), 5));
    match world.store.find("discovery.k8s.io", "endpointslices", namespace(service), &named).cloned() {
        Some(old) => {
            let mut changed = (*old).clone();
            changed["endpoints"] = entries.into();
            changed["ports"] = ports.into();
            if changed != *old {
                world.put("discovery.k8s.io", "endpointslices", changed);
            }
        }
        None => {
            let fresh = json!({"metadata": {"name": named, "namespace": namespace(service), "ownerReferences": World::owner(service),
                    "labels": {"kubernetes.io/service-name": name(service), "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}},
                "addressType": "IPv4", "endpoints": entries, "ports": ports});
            world.make("discovery.k8s.io", "endpointslices", fresh);
        }
    }
}

/// Resources of cert-manager get ready once it runs; a certificate gets its Secret.
pub(super) fn resources(world: &mut World) {
    let kinds: Vec<(String, String)> = world
        .store
        .kinds
        .iter()
        .filter(|k| k.group == "cert-manager.io")
        .map(|k| (k.group.clone(), k.plural.clone()))
        .collect();
    if kinds.is_empty() {
        return;
    }
    let runs = |d: &Value| name(d).contains("cert-manager") && d["status"]["readyReplicas"].as_u64().unwrap_or(0) > 0;
    if !world.store.all("apps", "deployments", "").iter().any(|d| runs(d)) {
        return;
    }
    for (group, plural) in kinds {
        for resource in world.store.all(&group, &plural, "") {
            let born = time(&resource, "/metadata/creationTimestamp").unwrap_or(world.now);
            if !list(&resource, "/status/conditions").is_empty() || !world.passed(born, 3.0) {
                continue;
            }
            let secret = text(&resource, "/spec/secretName");
            if plural == "certificates"
                && !secret.is_empty()
                && world.store.find("", "secrets", namespace(&resource), secret).is_none()
            {
                let data = json!({"tls.crt": super::hooks::certificate(), "tls.key": super::hooks::certificate(), "ca.crt": super::hooks::certificate()});
                let made = json!({"metadata": {"name": secret, "namespace": namespace(&resource)}, "type": "kubernetes.io/tls", "data": data});
                world.make("", "secrets", made);
            }
            let condition = json!({"type": "Ready", "status": "True", "reason": "Ready", "message": "rehearsal", "lastTransitionTime": seconds(world.now),
                "observedGeneration": resource["metadata"]["generation"]});
            world.status(&group, &plural, &resource, json!({"conditions": [condition]}));
        }
    }
}
