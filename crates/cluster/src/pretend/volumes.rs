//! Claims get their volumes.

use serde_json::{Value, json};

use super::json::{child, name, namespace, text, time, uid};
use super::pace;
use super::store::Key;
use super::world::World;

/// The annotation by which the scheduler tells that a pod for the claim is there.
pub(super) const CHOSEN: &str = "volume.kubernetes.io/selected-node";

/// Whether a claim's class wants a pod first, and none has come.
pub(super) fn waits_for_pod(world: &World, claim: &Value) -> bool {
    let class = world.store.find("storage.k8s.io", "storageclasses", "", text(claim, "/spec/storageClassName"));
    class.is_some_and(|class| text(class, "/volumeBindingMode") == "WaitForFirstConsumer")
        && claim["metadata"]["annotations"][CHOSEN].is_null()
}

pub(super) fn claims(world: &mut World) {
    for claim in world.store.all("", "persistentvolumeclaims", "") {
        if text(&claim, "/status/phase") != "Bound" && text(&claim, "/metadata/deletionTimestamp").is_empty() {
            bind(world, &claim);
        }
    }
    for volume in world.store.all("", "persistentvolumes", "") {
        let (space, claim) = (text(&volume, "/spec/claimRef/namespace"), text(&volume, "/spec/claimRef/name"));
        let owner = world.store.find("", "persistentvolumeclaims", space, claim);
        let gone = !claim.is_empty() && owner.is_none_or(|c| uid(c) != text(&volume, "/spec/claimRef/uid"));
        if gone && text(&volume, "/spec/persistentVolumeReclaimPolicy") == "Delete" {
            world.store.remove(&Key::new("", "persistentvolumes", "", name(&volume)));
        }
    }
}

fn bind(world: &mut World, claim: &Value) {
    let wanted = text(claim, "/spec/storageClassName").to_owned();
    if !text(claim, "/spec/volumeName").is_empty() {
        return;
    }
    let Some(class) = world.store.find("storage.k8s.io", "storageclasses", "", &wanted).cloned() else {
        if wanted.is_empty() {
            let message = "no persistent volumes available for this claim and no storage class is set";
            world.event_once(claim, false, "FailedBinding", message, "persistentvolume-controller");
        } else {
            world.event_once(
                claim,
                true,
                "ProvisioningFailed",
                &format!("storageclass.storage.k8s.io \"{wanted}\" not found"),
                "persistentvolume-controller",
            );
        }
        return;
    };
    if waits_for_pod(world, claim) {
        world.event_once(
            claim,
            false,
            "WaitForFirstConsumer",
            "waiting for first consumer to be created before binding",
            "persistentvolume-controller",
        );
        return;
    }
    let born = time(claim, "/metadata/creationTimestamp").unwrap_or(world.now);
    if !world.passed(born, pace::BIND) {
        return;
    }
    let volume = format!("pvc-{}", uid(claim));
    let size = claim["spec"]["resources"]["requests"]["storage"].clone();
    let made = json!({"metadata": {"name": volume, "annotations": {"pv.kubernetes.io/provisioned-by": class["provisioner"]}},
        "spec": {"capacity": {"storage": size}, "accessModes": claim["spec"]["accessModes"], "volumeMode": "Filesystem",
            "persistentVolumeReclaimPolicy": class["reclaimPolicy"], "storageClassName": wanted,
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": namespace(claim), "name": name(claim), "uid": uid(claim)},
            "csi": {"driver": class["provisioner"], "volumeHandle": volume}},
        "status": {"phase": "Bound"}});
    world.make("", "persistentvolumes", made);
    let mut bound = claim.clone();
    child(&mut bound, &["spec"]).insert("volumeName".into(), volume.into());
    bound["status"] =
        json!({"phase": "Bound", "accessModes": claim["spec"]["accessModes"], "capacity": {"storage": size}});
    world.put("", "persistentvolumeclaims", bound);
}
