//! What is in a cluster, so that a removal can be proved: an inventory before an install equals one after the removal.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt as _;
use futures::stream::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::connect::api::Cluster;
use crate::error::{Error, Result};
use crate::object::{Resource, label, text};
use crate::objects::discovery::Served;

/// Kinds that come and go by themselves: machines and their parts, addresses that follow Services, sign-in requests.
const PASSING: [&str; 9] = [
    "Node",
    "CSINode",
    "VolumeAttachment",
    "ComponentStatus",
    "IPAddress",
    "CertificateSigningRequest",
    "StorageVersion",
    "ResourceSlice",
    "PodCertificateRequest",
];

/// On what the API server itself makes for a definition and takes away with it.
const AUTOMATIC: &str = "kube-aggregator.kubernetes.io/automanaged";

/// Namespaces, cluster-wide objects (volumes among them) and Helm's release Secrets, as `Kind/name` or `Kind/namespace/name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Everything, by name.
    pub objects: BTreeSet<String>,
    /// What is in the namespaces that were asked for, as `Kind/namespace/name`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub within: BTreeSet<String>,
    /// Group versions whose server did not answer: what they hold is not in it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unanswered: BTreeSet<String>,
}

impl Inventory {
    /// What is here and was not there in `before`.
    pub fn beyond(&self, before: &Inventory) -> BTreeSet<String> {
        self.objects.difference(&before.objects).cloned().collect()
    }

    /// Whether something of that name is in it.
    pub fn holds(&self, name: &str) -> bool {
        self.objects.contains(name) || self.within.contains(name)
    }

    /// How many of each kind.
    pub fn by_kind(objects: &BTreeSet<String>) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        for name in objects {
            *counts.entry(name.split('/').next().unwrap_or_default().to_owned()).or_insert(0) += 1;
        }
        counts
    }
}

/// Kinds worth counting, each once however many versions are served; with those that live in namespaces if `namespaced`.
fn worth_counting(served: &Served, namespaced: bool) -> Vec<Resource> {
    let mut seen = BTreeSet::new();
    let counted = |resource: &&Resource| {
        (namespaced || !resource.namespaced)
            && resource.verbs.iter().any(|verb| verb == "list")
            && !PASSING.contains(&resource.kind.as_str())
    };
    served
        .resources
        .iter()
        .filter(counted)
        .filter(|resource| seen.insert((crate::object::group(&resource.api_version).to_owned(), resource.kind.clone())))
        .cloned()
        .collect()
}

impl Cluster {
    /// Takes the inventory. Kinds that we may not list are left out.
    pub async fn inventory(&self) -> Result<Inventory> {
        self.inventory_with(&BTreeSet::new()).await
    }

    /// Volumes of claims, which are given as namespace and name; as an inventory names them.
    pub async fn volumes_of(&self, claims: &BTreeSet<(String, String)>) -> Result<BTreeSet<String>> {
        if claims.is_empty() {
            return Ok(BTreeSet::new());
        }
        let volumes = self.resource("v1", "PersistentVolume").await?;
        let found = match self.list(&volumes, "", "").await {
            Err(Error::Forbidden { .. }) => Vec::new(),
            other => other?,
        };
        let claim = |volume: &Value| {
            (text(volume, "/spec/claimRef/namespace").to_owned(), text(volume, "/spec/claimRef/name").to_owned())
        };
        let ours = found.iter().filter(|volume| claims.contains(&claim(volume)));
        Ok(ours.map(|volume| format!("PersistentVolume/{}", text(volume, "/metadata/name"))).collect())
    }

    /// The same with everything that is in these namespaces.
    pub async fn inventory_with(&self, namespaces: &BTreeSet<String>) -> Result<Inventory> {
        let served = self.served().await?;
        let mut inventory = Inventory { unanswered: served.broken.clone(), ..Inventory::default() };
        let lists: Vec<_> = worth_counting(&served, !namespaces.is_empty())
            .into_iter()
            .map(|resource| {
                async move {
                    let wanted = resource.clone();
                    let list = move |cluster: Cluster| {
                        let wanted = wanted.clone();
                        async move { cluster.list_metadata(&wanted, "", "").await }.boxed()
                    };
                    match self.unless_broken(&resource.api_version, list).await {
                        Ok(found) => Ok((resource.clone(), found)),
                        Err(Error::Forbidden { .. } | Error::NotFound { .. }) => Ok((resource.clone(), Some(vec![]))),
                        Err(other) => Err(other),
                    }
                }
                .boxed()
            })
            .collect();
        for (resource, found) in futures::stream::iter(lists).buffer_unordered(8).try_collect::<Vec<_>>().await? {
            let Some(found) = found else {
                inventory.unanswered.insert(resource.api_version);
                continue;
            };
            for object in found {
                let (namespace, name) = (text(&object, "/metadata/namespace"), text(&object, "/metadata/name"));
                if resource.namespaced {
                    if namespaces.contains(namespace) {
                        inventory.within.insert(format!("{}/{namespace}/{name}", resource.kind));
                    }
                } else if label(&object, AUTOMATIC).is_none() {
                    inventory.objects.insert(format!("{}/{name}", resource.kind));
                }
            }
        }
        for release in self.releases("", None).await? {
            inventory.objects.insert(format!(
                "Secret/{}/sh.helm.release.v1.{}.v{}",
                release.namespace, release.name, release.revision
            ));
        }
        Ok(inventory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_counted_by_kind() {
        let all = |names: &[&str]| Inventory {
            objects: names.iter().map(ToString::to_string).collect(),
            ..Inventory::default()
        };
        let before = all(&["Namespace/default", "ClusterRole/a"]);
        let after = all(&["Namespace/default", "Namespace/egov", "Namespace/backbone", "PersistentVolume/pv-1"]);
        let left = after.beyond(&before);
        assert_eq!(
            Inventory::by_kind(&left),
            BTreeMap::from([("Namespace".to_owned(), 2), ("PersistentVolume".to_owned(), 1)])
        );
        assert!(before.beyond(&before).is_empty());
    }

    #[test]
    fn each_cluster_wide_kind_counts_once() {
        let resource = |api_version: &str, kind: &str, namespaced: bool, verbs: &[&str]| Resource {
            api_version: api_version.into(),
            kind: kind.into(),
            plural: kind.to_lowercase(),
            namespaced,
            verbs: verbs.iter().map(ToString::to_string).collect(),
        };
        let served = Served {
            resources: vec![
                resource("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", false, &["list"]),
                resource("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", false, &["list"]),
                resource("v1", "Node", false, &["list"]),
                resource("v1", "Pod", true, &["list"]),
                resource("authorization.k8s.io/v1", "SubjectAccessReview", false, &["create"]),
            ],
            ..Served::default()
        };
        assert_eq!(worth_counting(&served, false).iter().map(|r| r.kind.as_str()).collect::<Vec<_>>(), ["FlowSchema"]);
    }
}
