//! The controllers, and how they take turns.

use jiff::Timestamp;

use super::store::GONE;
use super::world::{Turn, World};
use super::{garbage, hooks, jobs, network, pods, volumes, workloads};

/// What moves a part of the world, and the kinds whose changes concern it.
type Controller = (fn(&mut World), &'static [&'static str]);

/// All of them, in the order in which one usually leads to the next.
const CONTROLLERS: &[Controller] = &[
    (network::definitions, &["customresourcedefinitions", "apiservices"]),
    (garbage::namespaces, &["namespaces", GONE]),
    (volumes::claims, &["persistentvolumeclaims", "persistentvolumes", "storageclasses"]),
    (workloads::deployments, &["deployments", "replicasets", "pods"]),
    (workloads::replica_sets, &["replicasets", "pods", "serviceaccounts"]),
    (workloads::stateful_sets, &["statefulsets", "pods", "persistentvolumeclaims", "serviceaccounts"]),
    (workloads::daemon_sets, &["daemonsets", "pods", "nodes", "serviceaccounts"]),
    (jobs::jobs, &["jobs", "pods", "serviceaccounts"]),
    (pods::pods, &["pods", "nodes", "persistentvolumeclaims", "secrets", "configmaps"]),
    (hooks::hooks, &["jobs", "deployments", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"]),
    (network::services, &["services", "pods"]),
    (
        network::resources,
        &[
            "deployments",
            "customresourcedefinitions",
            "certificates",
            "issuers",
            "clusterissuers",
            "certificaterequests",
        ],
    ),
    (garbage::orphans, &[GONE]),
];

/// Lets everything happen that is due by now, then writes down what changed.
pub(super) fn advance(world: &mut World, now: Timestamp) {
    world.now = world.now.max(now);
    world.turns.resize(CONTROLLERS.len(), Turn::default());
    // One step leads to the next (a Deployment to a ReplicaSet to a pod); ends as nothing is left to do at this instant.
    for _ in 0..100 {
        let mut ran = false;
        for (index, (controller, kinds)) in CONTROLLERS.iter().enumerate() {
            let turn = world.turns[index];
            let concerned = !turn.ran || world.store.touched(kinds) > turn.seen;
            if concerned || turn.due.is_some_and(|due| due <= world.now) {
                let seen = world.store.version();
                world.due = None;
                controller(world);
                world.turns[index] = Turn { seen, due: world.due.take(), ran: true };
                ran = true;
            }
        }
        if !ran {
            break;
        }
    }
    let unsaved = std::mem::take(&mut world.store.unsaved);
    if let Some(keep) = &mut world.keep
        && !unsaved.is_empty()
    {
        keep.write(&unsaved, &world.store);
    }
}
