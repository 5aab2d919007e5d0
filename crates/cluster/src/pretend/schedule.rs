//! Which node a pod gets, and the scheduler's words when there is none.

use serde_json::{Value, json};

use super::json::{carries, child, list, map, name, namespace, seconds, text, time};
use super::pace;
use super::workloads::condition;
use super::world::World;

/// Decides once the scheduler's moment has come.
pub(super) fn place(world: &mut World, pod: &Value) {
    let born = time(pod, "/metadata/creationTimestamp").unwrap_or(world.now);
    if !world.passed(born, pace::SCHEDULE) {
        return;
    }
    let nodes = world.store.all("", "nodes", "");
    let chosen = match text(pod, "/spec/nodeName") {
        "" => volumes(world, pod).and_then(|()| choose(world, pod, &nodes)),
        node => Ok(node.to_owned()),
    };
    let now = seconds(world.now);
    let mut changed = pod.clone();
    match chosen {
        Ok(node) => {
            child(&mut changed, &["spec"]).insert("nodeName".into(), node.clone().into());
            let status = child(&mut changed, &["status"]);
            status.insert("phase".into(), "Pending".into());
            status.insert("startTime".into(), now.clone().into());
            status.insert("hostIP".into(), "10.1.0.1".into());
            status.insert("qosClass".into(), "Burstable".into());
            status.insert("conditions".into(), json!([condition(pod, "PodScheduled", true, "", "", &now)]));
            world.put("", "pods", changed);
            let message = format!("Successfully assigned {}/{} to {node}", namespace(pod), name(pod));
            world.event(pod, false, "Scheduled", &message, "default-scheduler");
        }
        Err(why) => {
            let message = format!("0/{} nodes are available: {why}", nodes.len());
            child(&mut changed, &["status"]).insert("phase".into(), "Pending".into());
            changed["status"]["conditions"] =
                json!([condition(pod, "PodScheduled", false, "Unschedulable", &message, &now)]);
            if changed != *pod {
                world.put("", "pods", changed);
                world.event(pod, true, "FailedScheduling", &message, "default-scheduler");
            }
        }
    }
}

/// Whether the pod's claims are bound; those that wait for a pod are told that one is here.
fn volumes(world: &mut World, pod: &Value) -> Result<(), String> {
    let mut unbound = false;
    for volume in list(pod, "/spec/volumes") {
        let wanted = text(volume, "/persistentVolumeClaim/claimName");
        if wanted.is_empty() {
            continue;
        }
        let Some(claim) = world.store.find("", "persistentvolumeclaims", namespace(pod), wanted).cloned() else {
            return Err(format!("persistentvolumeclaim \"{wanted}\" not found."));
        };
        if text(&claim, "/status/phase") == "Bound" {
            continue;
        }
        unbound = true;
        if super::volumes::waits_for_pod(world, &claim) {
            let mut told = (*claim).clone();
            child(&mut told, &["metadata", "annotations"]).insert(super::volumes::CHOSEN.into(), "rehearsal-1".into());
            world.put("", "persistentvolumeclaims", told);
        }
    }
    if unbound { Err("pod has unbound immediate PersistentVolumeClaims.".into()) } else { Ok(()) }
}

fn choose(world: &World, pod: &Value, nodes: &[std::sync::Arc<Value>]) -> Result<String, String> {
    let (cpu, memory) = (asks(pod, "cpu"), asks(pod, "memory"));
    let all = world.store.all("", "pods", "");
    let selector = map(pod, "/spec/nodeSelector");
    let (mut no_cpu, mut no_memory, mut unlike) = (0, 0, 0);
    let mut best: Option<(f64, &str)> = None;
    for node in nodes {
        if selector.is_some_and(|wanted| !carries(map(node, "/metadata/labels"), wanted)) {
            unlike += 1;
            continue;
        }
        let here = |pod: &Value| {
            text(pod, "/spec/nodeName") == name(node) && !matches!(text(pod, "/status/phase"), "Failed" | "Succeeded")
        };
        let used = |resource: &str| -> f64 { all.iter().filter(|pod| here(pod)).map(|pod| asks(pod, resource)).sum() };
        let free = |resource: &str| quantity(text(node, &format!("/status/allocatable/{resource}"))) - used(resource);
        let (free_cpu, free_memory) = (free("cpu"), free("memory"));
        if free_memory < memory {
            no_memory += 1;
        } else if free_cpu < cpu {
            no_cpu += 1;
        } else if best.is_none_or(|(free, _)| free_memory > free) {
            best = Some((free_memory, name(node)));
        }
    }
    if let Some((_, node)) = best {
        return Ok(node.to_owned());
    }
    let mut reasons = Vec::new();
    for (count, what) in [
        (no_cpu, "Insufficient cpu"),
        (no_memory, "Insufficient memory"),
        (unlike, "node(s) didn't match Pod's node affinity/selector"),
    ] {
        if count > 0 {
            reasons.push(format!("{count} {what}"));
        }
    }
    Err(format!(
        "{}. preemption: 0/{} nodes are available: {} Preemption is not helpful for scheduling.",
        reasons.join(", "),
        nodes.len(),
        nodes.len()
    ))
}

/// What a pod's containers ask for together.
fn asks(pod: &Value, resource: &str) -> f64 {
    list(pod, "/spec/containers").iter().map(|c| quantity(text(c, &format!("/resources/requests/{resource}")))).sum()
}

/// A quantity in its base unit; what cannot be read counts as nothing.
fn quantity(text: &str) -> f64 {
    const UNITS: &[(&str, f64)] = &[
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("m", 0.001),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
    ];
    for (unit, factor) in UNITS {
        if let Some(number) = text.strip_suffix(unit) {
            return number.parse().map_or(0.0, |n: f64| n * factor);
        }
    }
    text.parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::quantity;

    #[test]
    fn quantities_are_read_in_base_units() {
        for (text, wanted) in
            [("100m", 0.1), ("2", 2.0), ("512Mi", 536_870_912.0), ("1Gi", 1_073_741_824.0), ("1G", 1e9), ("", 0.0)]
        {
            assert!((quantity(text) - wanted).abs() < 1e-9, "{text}");
        }
    }
}
