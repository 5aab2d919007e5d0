//! The cloud around the nodes: volumes for claims, gone with them, and addresses for load balancers.

use super::behaviour::{Behaviour, PROVISIONER};
use super::node;
use super::seen::Seen;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Service};
use k8s_openapi::jiff::Timestamp;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::json;

pub(super) async fn turn(client: &Client, seen: &Seen, behaviour: &Behaviour) {
    // what fails now is tried at the next turn
    for claim in seen.claims.state().iter().filter(|c| waits_for_volume(c, &behaviour.storage_class)) {
        let _ = provide(client, claim).await;
    }
    for volume in seen.volumes.state().iter().filter(|v| is_released(v)) {
        let volumes = Api::<PersistentVolume>::all(client.clone());
        let _ = volumes.delete(&volume.name_any(), &DeleteParams::default()).await;
    }
    let now = Timestamp::now();
    for service in seen.services.state().iter().filter(|s| waits_for_address(s, behaviour, now)) {
        let _ = give_address(client, service).await;
    }
}

fn waits_for_volume(claim: &PersistentVolumeClaim, class: &str) -> bool {
    let spec = claim.spec.clone().unwrap_or_default();
    claim.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Pending")
        && spec.volume_name.unwrap_or_default().is_empty()
        && claim.metadata.deletion_timestamp.is_none()
        && spec.storage_class_name.as_deref() == Some(class)
}

fn volume_name(claim: &PersistentVolumeClaim) -> String {
    format!("pv-{}", claim.uid().unwrap_or_default())
}

async fn provide(client: &Client, claim: &PersistentVolumeClaim) -> kube::Result<()> {
    let name = volume_name(claim);
    let spec = claim.spec.clone().unwrap_or_default();
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
        "spec": {
            "capacity": spec.resources.and_then(|r| r.requests), "accessModes": spec.access_modes,
            "persistentVolumeReclaimPolicy": "Delete", "storageClassName": spec.storage_class_name,
            "volumeMode": spec.volume_mode, "csi": {"driver": PROVISIONER, "volumeHandle": name},
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": claim.namespace(),
                "name": claim.name_any(), "uid": claim.uid()}}
    });
    let volumes = Api::<PersistentVolume>::all(client.clone());
    node::there_already(volumes.create(&PostParams::default(), &node::read(volume)?).await)
}

fn is_released(volume: &PersistentVolume) -> bool {
    let ours = volume.name_any().starts_with("pv-");
    let policy = volume.spec.as_ref().and_then(|s| s.persistent_volume_reclaim_policy.as_deref());
    let phase = volume.status.as_ref().and_then(|s| s.phase.as_deref());
    ours && policy == Some("Delete") && phase == Some("Released") && volume.metadata.deletion_timestamp.is_none()
}

fn waits_for_address(service: &Service, behaviour: &Behaviour, now: Timestamp) -> bool {
    let balanced = service.spec.as_ref().and_then(|s| s.type_.as_deref()) == Some("LoadBalancer");
    let has_one = service
        .status
        .as_ref()
        .and_then(|s| s.load_balancer.as_ref())
        .is_some_and(|b| b.ingress.as_ref().is_some_and(|i| !i.is_empty()));
    let old_enough = service.metadata.creation_timestamp.as_ref().is_some_and(|made| {
        now.duration_since(made.0).try_into().unwrap_or(std::time::Duration::ZERO) >= behaviour.load_balancer_after
    });
    balanced && !has_one && old_enough && service.metadata.deletion_timestamp.is_none()
}

async fn give_address(client: &Client, service: &Service) -> kube::Result<()> {
    let (name, namespace) = (service.name_any(), service.namespace().unwrap_or_default());
    let address =
        json!({"status": {"loadBalancer": {"ingress": [{"hostname": format!("{name}.{namespace}.elb.fake")}]}}});
    let services = Api::<Service>::namespaced(client.clone(), &namespace);
    services.patch_status(&name, &PatchParams::default(), &Patch::Merge(&address)).await.map(drop)
}
