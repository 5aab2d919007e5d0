//! The proof of a removal: an inventory of the cluster before it and one after. What was ours before and is there after is left;
//! what else came or went meanwhile is somebody else's, and named apart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cluster::inventory::Inventory;
use cluster::remove::{Removal, RemovalPlan, Stage};
use cluster::{Cluster, ObjectRef};
use engine::SecondLook;
use serde::{Deserialize, Serialize};

/// How long what was told to go may take after the last step, for example a volume that its driver deletes.
const SETTLES: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What was there before anything was taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Before {
    keep_data: bool,
    inventory: Inventory,
    /// What of it goes, as an inventory names it.
    ours: BTreeSet<String>,
    /// Namespaces that are looked into.
    namespaces: BTreeSet<String>,
}

/// Where it is kept until it has proved something: a removal that was cut off and is gone on with proves the whole of it.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("before-removal.json")
}

/// Drops what an earlier removal kept that did not come to its end.
pub(super) fn forget(folder: &Path) {
    let _ = std::fs::remove_file(file(folder));
}

impl Before {
    /// Takes the inventory, and takes in what an earlier part of the same removal kept.
    pub(super) async fn take(
        cluster: &Cluster,
        what: &Removal,
        plan: &RemovalPlan,
        folder: &Path,
    ) -> Result<Self, cluster::Error> {
        let objects = || plan.stages.values().flatten();
        let namespaces: BTreeSet<String> =
            objects().map(|object| object.namespace.clone()).filter(|namespace| !namespace.is_empty()).collect();
        let claims = plan.stages.get(&Stage::Claims).into_iter().flatten();
        let claims = claims.map(|claim| (claim.namespace.clone(), claim.name.clone())).collect();
        let mut ours: BTreeSet<String> = objects().map(ToString::to_string).collect();
        ours.extend(cluster.volumes_of(&claims).await?);
        // The namespace of records goes with the last of them, if it was made for them.
        let records = ObjectRef::new("v1", "Namespace", "", cluster::record::NAMESPACE);
        let is_last = cluster.recorded_installations().await?.iter().all(|name| *name == what.installation);
        let is_made = |found: &serde_json::Value| {
            found["metadata"]["labels"]["app.kubernetes.io/managed-by"] == cluster::record::NAMESPACE
        };
        if is_last && cluster.get(&records).await?.as_ref().is_some_and(is_made) {
            ours.insert(records.to_string());
        }
        let inventory = cluster.inventory_with(&namespaces).await?;
        let now = Before { keep_data: what.keep_data, inventory, ours, namespaces };
        let kept = std::fs::read(file(folder)).ok().and_then(|text| serde_json::from_slice::<Before>(&text).ok());
        let before = now.after(kept);
        if let Ok(text) = serde_json::to_vec(&before)
            && let Err(why) = crate::file::write(&file(folder), &text)
        {
            tracing::warn!(%why, "what is there before the removal is not kept");
        }
        Ok(before)
    }

    /// The same of a removal that was begun earlier, where its own inventory is the first.
    fn after(self, earlier: Option<Before>) -> Before {
        match earlier.filter(|earlier| earlier.keep_data == self.keep_data) {
            Some(earlier) => Before {
                keep_data: self.keep_data,
                ours: &earlier.ours | &self.ours,
                namespaces: &earlier.namespaces | &self.namespaces,
                inventory: earlier.inventory,
            },
            None => self,
        }
    }

    /// Looks at the cluster again: what is left by kind, and what else is to be said. What only takes its time is given some.
    pub(super) async fn prove(&self, cluster: &Cluster) -> Result<(BTreeMap<String, u32>, SecondLook), cluster::Error> {
        let began = tokio::time::Instant::now();
        loop {
            let look = self.compare(&cluster.inventory_with(&self.namespaces).await?);
            if look.names.is_empty() || began.elapsed() > SETTLES {
                let names: BTreeSet<String> = look.names.iter().cloned().collect();
                return Ok((Inventory::by_kind(&names), look));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn compare(&self, after: &Inventory) -> SecondLook {
        let is_others = |name: &&String| !self.ours.contains(*name);
        SecondLook {
            names: self.ours.iter().filter(|name| after.holds(name)).cloned().collect(),
            unanswered: (&self.inventory.unanswered | &after.unanswered).into_iter().collect(),
            came: after.beyond(&self.inventory).iter().filter(is_others).cloned().collect(),
            went: self.inventory.beyond(after).iter().filter(is_others).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn inventory(objects: &[&str], within: &[&str]) -> Inventory {
        Inventory { objects: set(objects), within: set(within), unanswered: BTreeSet::new() }
    }

    fn before() -> Before {
        Before {
            keep_data: false,
            inventory: inventory(&["Namespace/default", "Namespace/egov", "ClusterRole/theirs"], &["ConfigMap/egov/a"]),
            ours: set(&["Namespace/egov", "ConfigMap/egov/a", "PersistentVolume/p"]),
            namespaces: set(&["egov"]),
        }
    }

    #[test]
    fn what_was_ours_and_is_there_is_left_and_what_others_did_is_named_apart() {
        let look = before().compare(&inventory(&["Namespace/default", "Namespace/egov", "ClusterRole/new"], &[]));
        assert_eq!(look.names, ["Namespace/egov"]);
        assert_eq!((look.came, look.went), (vec!["ClusterRole/new".to_owned()], vec!["ClusterRole/theirs".to_owned()]));
        let look = before().compare(&inventory(&["Namespace/default", "ClusterRole/theirs"], &["ConfigMap/egov/a"]));
        assert_eq!(look, SecondLook { names: vec!["ConfigMap/egov/a".to_owned()], ..SecondLook::default() });
    }

    #[test]
    fn what_does_not_answer_is_not_proved() {
        let mut after = inventory(&["Namespace/default", "ClusterRole/theirs"], &[]);
        after.unanswered = set(&["metrics.k8s.io/v1beta1"]);
        let look = before().compare(&after);
        assert!(look.names.is_empty());
        assert_eq!(look.unanswered, ["metrics.k8s.io/v1beta1"]);
    }

    #[test]
    fn a_removal_that_goes_on_proves_what_it_began_with() {
        let later = Before { inventory: Inventory::default(), ours: set(&["Namespace/egov"]), ..before() };
        assert_eq!(later.clone().after(Some(before())), before());
        // Another choice about the disks is another removal.
        let keeping = Before { keep_data: true, ..later.clone() };
        assert_eq!(keeping.clone().after(Some(before())), keeping);
    }
}
