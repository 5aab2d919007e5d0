//! What rendered objects ask for: workloads, pods, memory, processors, disks, images. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cluster::look::{bytes, pod_requests};
use engine::Change;
use serde_json::Value;

use super::frozen::Sizes;

/// Kinds that run pods for as long as they exist.
pub(crate) const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

/// `Kind/namespace/name`, or `Kind/name` of what has no namespace.
pub(crate) fn name_of(object: &Value) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    match text("/metadata/namespace") {
        "" => format!("{}/{}", text("/kind"), text("/metadata/name")),
        namespace => format!("{}/{namespace}/{}", text("/kind"), text("/metadata/name")),
    }
}

/// The kind of an object.
pub(crate) fn kind_of(object: &Value) -> &str {
    object.get("kind").and_then(Value::as_str).unwrap_or_default()
}

/// How many objects of which kind, sorted by kind.
pub(crate) fn by_kind<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Vec<Change> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for object in objects {
        *counts.entry(kind_of(object)).or_default() += 1;
    }
    counts.into_iter().map(|(kind, count)| Change { kind: kind.to_owned(), count }).collect()
}

/// The pod template of an object, if it has one.
pub(crate) fn pod_spec(object: &Value) -> Option<&Value> {
    match kind_of(object) {
        "Pod" => object.get("spec"),
        "CronJob" => object.pointer("/spec/jobTemplate/spec/template/spec"),
        _ => object.pointer("/spec/template/spec"),
    }
}

/// Images that an object's pods use, as written.
pub(crate) fn images(object: &Value) -> BTreeSet<String> {
    catalog::images::names(object).map(str::to_owned).collect()
}

fn replicas(object: &Value) -> u32 {
    let told = object.pointer("/spec/replicas").and_then(Value::as_u64);
    u32::try_from(told.unwrap_or(1)).unwrap_or(u32::MAX)
}

/// Sums up what objects ask for. `nodes` is the most pods that must stand on machines of their own.
pub(crate) fn sizes<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Sizes {
    let (mut workloads, mut pods, mut nodes) = (0, 0, 1);
    let (mut memory, mut cpu, mut disk) = (0_u64, 0_u64, 0_u64);
    let mut all_images = BTreeSet::new();
    for object in objects {
        all_images.extend(images(object));
        let count = replicas(object);
        if WORKLOADS.contains(&kind_of(object)) {
            workloads += 1;
            pods += count;
            if let Some(spec) = pod_spec(object) {
                let (of_memory, of_cpu) = pod_requests(spec);
                memory += u64::from(count) * of_memory;
                cpu += u64::from(count) * of_cpu;
                let apart = "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution";
                if spec.pointer(apart).and_then(Value::as_array).is_some_and(|a| !a.is_empty()) {
                    nodes = nodes.max(count);
                }
            }
            for claim in object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array).into_iter().flatten() {
                disk += u64::from(count) * claimed(claim);
            }
        } else if kind_of(object) == "PersistentVolumeClaim" {
            disk += claimed(object);
        }
    }
    Sizes {
        services: 0,
        workloads,
        pods,
        memory: whole(memory, MIB),
        cpu: whole(cpu, 1),
        disk: whole(disk, GIB),
        nodes,
        images: u32::try_from(all_images.len()).unwrap_or(u32::MAX),
    }
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Whole units, rounded up.
fn whole(amount: u64, unit: u64) -> u32 {
    u32::try_from(amount.div_ceil(unit)).unwrap_or(u32::MAX)
}

fn claimed(claim: &Value) -> u64 {
    claim.pointer("/spec/resources/requests/storage").map(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workload(kind: &str, replicas: u32, memory: &str) -> Value {
        json!({"kind": kind, "metadata": {"name": "a", "namespace": "n"}, "spec": {"replicas": replicas, "template": {"spec": {
            "initContainers": [{"image": "i", "resources": {"requests": {"memory": "3Gi"}}}],
            "containers": [{"image": "a", "resources": {"requests": {"memory": memory, "cpu": "100m"}}}, {"image": "b"}]
        }}}})
    }

    #[test]
    fn a_pod_asks_for_its_containers_or_its_largest_init_container() {
        let small = sizes([&workload("Deployment", 2, "1Gi")]);
        assert_eq!((small.pods, small.memory, small.cpu, small.images), (2, 6144, 200, 3));
        let large = sizes([&workload("StatefulSet", 1, "4Gi")]);
        assert_eq!((large.workloads, large.memory), (1, 4096));
    }

    #[test]
    fn disks_are_claims_and_claim_templates_for_each_replica() {
        let claim = json!({"kind": "PersistentVolumeClaim", "spec": {"resources": {"requests": {"storage": "5Gi"}}}});
        let mut set = workload("StatefulSet", 3, "1Gi");
        set["spec"]["volumeClaimTemplates"] = json!([{"spec": {"resources": {"requests": {"storage": "2Gi"}}}}]);
        assert_eq!(sizes([&claim, &set]).disk, 11);
    }

    #[test]
    fn pods_that_must_stand_apart_need_as_many_machines() {
        let mut set = workload("StatefulSet", 3, "1Gi");
        set["spec"]["template"]["spec"]["affinity"] =
            json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}});
        assert_eq!(sizes([&set]).nodes, 3);
        assert_eq!(sizes([&workload("StatefulSet", 3, "1Gi")]).nodes, 1);
    }

    #[test]
    fn objects_are_counted_by_kind() {
        let (a, b) = (json!({"kind": "Service"}), json!({"kind": "Job"}));
        let counted = by_kind([&a, &b, &a]);
        assert_eq!(
            counted.iter().map(|c| (c.kind.as_str(), c.count)).collect::<Vec<_>>(),
            [("Job", 1), ("Service", 2)]
        );
    }
}
