//! The nodes themselves: they register, and renew their leases.

use super::behaviour::{Behaviour, PROVISIONER};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use std::time::Duration;

/// Pods that this node plays.
pub(super) const PREFIX: &str = "fake-";

/// Registers all nodes and the storage class, and renews leases for ever.
pub(super) async fn beat(client: Client, behaviour: Behaviour) {
    let mut registered = false;
    loop {
        if !registered {
            registered = register(&client, &behaviour).await.is_ok();
        }
        for i in 0..behaviour.nodes {
            // a missed beat is made up for by the next one: a node is given 50 s
            let _ = lease(&client, i).await;
            if registered {
                // A node that was not heard of for so long is given up; a kubelet that lives says so again.
                let _ = ready(&client, i).await;
            }
        }
        tokio::time::sleep(if registered { Duration::from_secs(8) } else { Duration::from_millis(300) }).await;
    }
}

async fn register(client: &Client, behaviour: &Behaviour) -> kube::Result<()> {
    let nodes = Api::<Node>::all(client.clone());
    for i in 0..behaviour.nodes {
        let name = format!("{PREFIX}{i}");
        let zone = ["a", "b", "c"][usize::from(i % 3)];
        let node = json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": {
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/region": "ap-south-1", "topology.kubernetes.io/zone": format!("ap-south-1{zone}"),
                "node.kubernetes.io/instance-type": "fake"}},
            "spec": {"podCIDR": format!("10.244.{i}.0/24"), "providerID": format!("fake:///{name}")}
        });
        there_already(nodes.create(&PostParams::default(), &read(node)?).await)?;
        let capacity = json!({"cpu": behaviour.cpu.to_string(), "memory": format!("{}Gi", behaviour.memory), "pods": "110", "ephemeral-storage": "100Gi"});
        // As rented machines are: the system, the kubelet and the reserve for eviction take theirs.
        let (cpu, memory) = (
            format!("{}m", u32::from(behaviour.cpu) * 1000 - 80),
            format!("{}Mi", u32::from(behaviour.memory) * 1024 - 1536),
        );
        let allocatable = json!({"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "90Gi"});
        let status = json!({"status": {
            "capacity": capacity, "allocatable": allocatable, "conditions": conditions(),
            "addresses": [{"type": "InternalIP", "address": format!("10.1.0.{}", i + 1)}, {"type": "Hostname", "address": name}],
            "nodeInfo": {"machineID": name, "systemUUID": name, "bootID": name, "kernelVersion": "6.1.0", "osImage": "fake",
                "containerRuntimeVersion": "fake://1", "kubeletVersion": format!("v{}", places::KUBERNETES), "kubeProxyVersion": "",
                "operatingSystem": "linux", "architecture": "amd64"}}});
        nodes.patch_status(&name, &PatchParams::default(), &Patch::Strategic(status)).await?;
    }
    if !behaviour.storage_class.is_empty() {
        let class = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {"name": behaviour.storage_class, "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": PROVISIONER, "volumeBindingMode": "Immediate"
        });
        let classes = Api::<StorageClass>::all(client.clone());
        there_already(classes.create(&PostParams::default(), &read(class)?).await)?;
    }
    Ok(())
}

fn conditions() -> Vec<serde_json::Value> {
    [("Ready", "True"), ("MemoryPressure", "False"), ("DiskPressure", "False"), ("PIDPressure", "False")]
        .map(|(kind, status)| {
            json!({"type": kind, "status": status, "reason": "Fake", "message": "played",
                   "lastHeartbeatTime": now(), "lastTransitionTime": now()})
        })
        .into()
}

async fn ready(client: &Client, i: u16) -> kube::Result<()> {
    let nodes = Api::<Node>::all(client.clone());
    let status = json!({"status": {"conditions": conditions()}});
    nodes.patch_status(&format!("{PREFIX}{i}"), &PatchParams::default(), &Patch::Strategic(status)).await.map(drop)
}

async fn lease(client: &Client, i: u16) -> kube::Result<()> {
    let name = format!("{PREFIX}{i}");
    let leases = Api::<Lease>::namespaced(client.clone(), "kube-node-lease");
    let renewed = json!({"spec": {"renewTime": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()}});
    match leases.patch(&name, &PatchParams::default(), &Patch::Merge(&renewed)).await {
        Err(kube::Error::Api(status)) if status.code == 404 => {
            let first = json!({
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name},
                "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": renewed["spec"]["renewTime"]}
            });
            leases.create(&PostParams::default(), &read(first)?).await.map(drop)
        }
        other => other.map(drop),
    }
}

/// Now, as Kubernetes writes it.
pub(super) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn read<K: serde::de::DeserializeOwned>(object: serde_json::Value) -> kube::Result<K> {
    serde_json::from_value(object).map_err(kube::Error::SerdeError)
}

pub(super) fn there_already<T>(created: kube::Result<T>) -> kube::Result<()> {
    match created {
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        other => other.map(drop),
    }
}
