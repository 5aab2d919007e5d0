//! What we conclude about a Kubernetes object: waiting, progressing, ready or failed, and why.
//!
//! Pure: an object, what it owns, its events and the clock go in, a [`Verdict`] comes out. No clock of its own, no network, no words for
//! people: causes are codes with data ([`codes`]), their words are the messages `cause-CODE`.
//!
//! Three rules tell this from a time-out. A cause has a budget of its own ([`codes::Rule`]) and only a cause whose budget is used up is a
//! failure. What is ready is ready, whatever it went through. While something that a service depends on is not ready, its crashes are
//! *waiting*, and the budget begins when the dependency is there.

pub mod codes;
mod events;
mod json;
mod messages;
mod plain;
mod pod;
mod schedule;
mod trouble;
mod verdict;
mod volume;
mod workload;

use serde_json::Value;
pub use verdict::{Cause, Circumstances, Phase, Verdict};

/// Judges one object.
///
/// `children`: what it owns, directly or not, in any order: ReplicaSets and pods of a Deployment, pods of the others, the claims of its
/// pods, for a claim the cluster's StorageClasses. More than that does no harm: what does not belong to the object is left out, and of a
/// workload's pods only those of the newest revision count. `events`: core `v1` or `events.k8s.io/v1` events, again in any order; those
/// about other objects are left out. `at`: a [`jiff::Timestamp`] or full [`Circumstances`].
pub fn assess(object: &Value, children: &[&Value], events: &[&Value], at: impl Into<Circumstances>) -> Verdict {
    let at = at.into();
    let scene = trouble::Scene { children, events, at: &at };
    let group = json::group(object);
    match (group, json::text(object, "/kind")) {
        ("apps", "Deployment") => workload::deployment(object, &scene),
        ("apps", "StatefulSet") => workload::stateful_set(object, &scene),
        ("apps", "DaemonSet") => workload::daemon_set(object, &scene),
        ("apps", "ReplicaSet") => workload::replica_set(object, &scene),
        ("batch", "Job") => workload::job(object, &scene),
        ("", "Pod") => pod::alone(object, &scene),
        ("", "PersistentVolumeClaim") => volume::claim(object, &scene),
        _ => plain::assess(group, object, &scene),
    }
}
