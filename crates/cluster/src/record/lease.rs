//! A lease in the cluster that keeps two homes from working on one installation, as client-go's leader election does it.
//!
//! Nobody compares two computers' clocks: a lease has expired when we ourselves saw it unchanged for as long as it lasts, by a clock that
//! only goes forward. Each change of hands counts one up, and what is written under the lease carries that number
//! ([`Fence`]): whoever woke up late and believes to hold it still overwrites nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::fence::{Fence, fence_of};
use super::labels::{INSTALLATION_LABEL, NAMESPACE};
use crate::connect::api::{Cluster, encode};
use crate::error::{Error, Result};
use crate::object::{ObjectRef, Resource, text};
use crate::wait::watch::Now;

/// How long a lease counts after it was last seen renewed.
pub const LEASE: Duration = Duration::from_secs(60);

/// How often its holder renews it, and others learn that it lives.
pub const RENEW: Duration = Duration::from_secs(10);

/// How often whoever waits for it looks.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The longest that we wait for somebody else's lease, whatever it says of itself.
const LONGEST: Duration = Duration::from_secs(600);

/// The lease of an installation.
pub(crate) fn named(installation: &str) -> ObjectRef {
    ObjectRef::new("coordination.k8s.io/v1", "Lease", NAMESPACE, installation)
}

/// What follows from a lease as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision {
    Create,
    Renew,
    TakeOver,
    Held {
        holder: String,
        since: String,
        left: Duration,
    },
    /// We had it, and it is gone or somebody else's.
    Lost {
        holder: String,
    },
}

/// Whether `identity` may have it. `had` tells that it held it before, `unchanged` for how long we have seen it as it is.
fn decide(lease: Option<&Value>, identity: &str, had: bool, unchanged: Duration) -> Decision {
    let Some(lease) = lease else {
        return if had { Decision::Lost { holder: String::new() } } else { Decision::Create };
    };
    let by = text(lease, "/spec/holderIdentity");
    if by == identity {
        return Decision::Renew;
    }
    if had {
        return Decision::Lost { holder: by.to_owned() };
    }
    let lasts = match lease["spec"]["leaseDurationSeconds"].as_u64() {
        Some(seconds) => Duration::from_secs(seconds).min(LONGEST),
        None => LEASE,
    };
    if by.is_empty() || unchanged >= lasts {
        return Decision::TakeOver;
    }
    Decision::Held {
        holder: by.to_owned(),
        since: text(lease, "/spec/renewTime").to_owned(),
        left: lasts.saturating_sub(unchanged),
    }
}

/// One holder's hold on the lease of an installation.
pub struct Lease {
    cluster: Cluster,
    installation: String,
    identity: String,
    clock: Now,
    seen: Mutex<Seen>,
}

/// What we saw and know.
#[derive(Default)]
struct Seen {
    /// The lease as it was last, and since when.
    lease: Option<(Value, Instant)>,
    /// Set while we hold it.
    fence: Option<Fence>,
    /// When we last made sure that we hold it: before the call that did.
    renewed: Option<Instant>,
}

/// What a try to get the lease came to.
enum Tried {
    Ours(Fence),
    Held { holder: String, since: String, left: Duration },
}

impl Lease {
    /// A lease that nobody has asked for yet. `identity` tells its holder from every other one and is shown to people: a name that they
    /// know, and something random that no copy of a disk or of a name repeats. `clock` is for the times that people read in it.
    pub fn new(cluster: &Cluster, installation: &str, identity: &str, clock: Now) -> Self {
        Lease {
            cluster: cluster.clone(),
            installation: installation.to_owned(),
            identity: identity.to_owned(),
            clock,
            seen: Mutex::default(),
        }
    }

    /// Takes the lease, at once if it is free or was ours. If somebody else has it, it is watched: [`Error::LeaseHeld`] as soon as it is
    /// renewed, ours when it was not for as long as it lasts. `waiting` is told who has it and how long it may still take. The namespace
    /// of records must be there.
    ///
    /// # Errors
    /// [`Error::LeaseHeld`], and what calls to the cluster fail with.
    pub async fn acquire(&self, waiting: &mut (dyn FnMut(&str, Duration) + Send)) -> Result<Fence> {
        self.acquire_through(&self.cluster, waiting).await
    }

    /// As [`acquire`](Self::acquire), through a cluster with another patience.
    pub async fn acquire_through(
        &self,
        cluster: &Cluster,
        waiting: &mut (dyn FnMut(&str, Duration) + Send),
    ) -> Result<Fence> {
        let mut first = None;
        loop {
            match self.attempt(cluster).await? {
                Tried::Ours(fence) => return Ok(fence),
                Tried::Held { holder, since, left } => {
                    let now = (holder.clone(), since.clone());
                    if *first.get_or_insert_with(|| now.clone()) != now {
                        return Err(Error::LeaseHeld { holder, since });
                    }
                    waiting(&holder, left);
                    cluster.rest(left.min(LOOK_AGAIN)).await?;
                }
            }
        }
    }

    /// Renews the lease that we hold.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] if it is gone or somebody else's: it is not made anew, whoever deleted or took it meant it.
    pub async fn renew(&self) -> Result<Fence> {
        if self.fence().is_none() {
            return Err(Error::LeaseLost { holder: String::new() });
        }
        match self.attempt(&self.cluster).await? {
            Tried::Ours(fence) => Ok(fence),
            Tried::Held { holder, .. } => Err(Error::LeaseLost { holder }),
        }
    }

    /// Renews it every [`RENEW`] until it is lost, and returns why. Trouble that passes is waited out; nobody but the cluster can say
    /// that it is lost. Runs beside everything else: cancel it by dropping it.
    pub async fn keep(&self) -> Error {
        // A laptop that slept asks at once: its clock on the wall went on, the other one may not have.
        let mut wall = (self.clock)();
        let mut due = Instant::now() + RENEW;
        loop {
            let now = (self.clock)();
            let slept = now.duration_since(wall).unsigned_abs() >= RENEW * 2;
            if !slept && Instant::now() < due {
                tokio::time::sleep((due - Instant::now()).min(Duration::from_secs(1))).await;
                continue;
            }
            wall = now;
            due = Instant::now() + RENEW;
            match self.renew().await {
                Ok(_) => {}
                Err(error @ (Error::LeaseLost { .. } | Error::Stopped)) => return error,
                // Told by the cluster's listener, and by whatever the run itself does.
                Err(_) => {}
            }
            wall = wall.max((self.clock)());
        }
    }

    /// What to write under, while we hold it.
    pub fn fence(&self) -> Option<Fence> {
        self.seen().fence
    }

    /// Whether nobody else can hold it: we made sure of it less than [`LEASE`] ago. While it is not certain, others may take over.
    pub fn is_certain(&self) -> bool {
        let seen = self.seen();
        seen.fence.is_some() && seen.renewed.is_some_and(|at| at.elapsed() < LEASE)
    }

    /// Gives the lease back, if we have it. The cluster may be one with less patience.
    pub async fn release_through(&self, cluster: &Cluster) -> Result<()> {
        self.seen().fence = None;
        let Some(mut lease) = cluster.get(&named(&self.installation)).await? else { return Ok(()) };
        if text(&lease, "/spec/holderIdentity") != self.identity {
            return Ok(());
        }
        lease["spec"]["holderIdentity"] = "".into();
        match cluster.replace(&lease).await {
            Ok(_) | Err(Error::ChangedMeanwhile { .. } | Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(other),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the lease as it is, and tells whether we had it and for how long it has been so.
    fn note(&self, lease: Option<&Value>) -> (bool, Duration) {
        let mut seen = self.seen();
        let had = seen.fence.is_some();
        let Some(lease) = lease else {
            seen.lease = None;
            return (had, Duration::ZERO);
        };
        let spec = &lease["spec"];
        let since = match &seen.lease {
            Some((known, since)) if known == spec => *since,
            _ => {
                let now = Instant::now();
                seen.lease = Some((spec.clone(), now));
                now
            }
        };
        (had, since.elapsed())
    }

    async fn attempt(&self, cluster: &Cluster) -> Result<Tried> {
        let name = named(&self.installation);
        // Another may change it between look and write; then it is looked at again.
        for last_try in [false, false, true] {
            let asked = Instant::now();
            let before = cluster.get(&name).await?;
            let (had, unchanged) = self.note(before.as_ref());
            let decision = decide(before.as_ref(), &self.identity, had, unchanged);
            let held = |lease: &Value| lease["spec"]["leaseTransitions"].as_i64().unwrap_or(0);
            let mut lease = before.clone().unwrap_or_else(|| {
                json!({"apiVersion": name.api_version, "kind": name.kind,
                    "metadata": {"name": name.name, "namespace": name.namespace, "labels": {INSTALLATION_LABEL: self.installation, "app.kubernetes.io/managed-by": "digit-installer"}},
                    "spec": {}})
            });
            let stamp = format!("{:.6}", (self.clock)());
            let transitions = match decision {
                Decision::Held { holder, since, left } => return Ok(Tried::Held { holder, since, left }),
                Decision::Lost { holder } => {
                    self.seen().fence = None;
                    return Err(Error::LeaseLost { holder });
                }
                Decision::Renew => held(&lease),
                Decision::TakeOver => held(&lease) + 1,
                // Whoever wrote the record under a lease that is gone now is not to be taken for newer than us.
                Decision::Create => self.newest_fence(cluster).await?.map_or(0, |Fence(newest)| newest + 1),
            };
            if decision_begins(&before, &self.identity) {
                lease["spec"]["acquireTime"] = stamp.clone().into();
            }
            lease["spec"]["leaseTransitions"] = transitions.into();
            lease["spec"]["holderIdentity"] = self.identity.clone().into();
            lease["spec"]["renewTime"] = stamp.into();
            lease["spec"]["leaseDurationSeconds"] = LEASE.as_secs().into();
            let written = if before.is_none() { cluster.create(&lease).await } else { cluster.replace(&lease).await };
            match written {
                Ok(_) => {
                    let mut seen = self.seen();
                    seen.fence = Some(Fence(transitions));
                    seen.renewed = Some(asked);
                    return Ok(Tried::Ours(Fence(transitions)));
                }
                Err(Error::AlreadyThere { .. } | Error::ChangedMeanwhile { .. } | Error::NotFound { .. })
                    if !last_try => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::ChangedMeanwhile { what: name.to_string() })
    }

    /// The newest fence that anything of the installation's record was written under.
    async fn newest_fence(&self, cluster: &Cluster) -> Result<Option<Fence>> {
        let secrets = Resource {
            api_version: "v1".into(),
            kind: "Secret".into(),
            plural: "secrets".into(),
            namespaced: true,
            verbs: vec![],
        };
        let selector = format!("labelSelector={}", encode(&format!("{INSTALLATION_LABEL}={}", self.installation)));
        Ok(cluster.list_metadata(&secrets, NAMESPACE, &selector).await?.iter().filter_map(fence_of).max())
    }
}

/// Whether writing `identity` into it now is the beginning of a hold.
fn decision_begins(before: &Option<Value>, identity: &str) -> bool {
    before.as_ref().is_none_or(|lease| text(lease, "/spec/holderIdentity") != identity)
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease")
            .field("installation", &self.installation)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_have_a_lease() {
        let lease = |holder: &str, lasts: Value| {
            Some(
                json!({"spec": {"holderIdentity": holder, "renewTime": "2026-11-24T10:00:30Z", "leaseDurationSeconds": lasts, "leaseTransitions": 2}}),
            )
        };
        let held = |left: u64| Decision::Held {
            holder: "them".to_owned(),
            since: "2026-11-24T10:00:30Z".to_owned(),
            left: Duration::from_secs(left),
        };
        let lost = |holder: &str| Decision::Lost { holder: holder.to_owned() };
        let cases = [
            (None, false, 0, Decision::Create),
            (lease("us", json!(60)), false, 9999, Decision::Renew),
            (lease("us", json!(60)), true, 0, Decision::Renew),
            // However old its times look: we saw it this moment for the first time.
            (lease("them", json!(60)), false, 0, held(60)),
            (lease("them", json!(60)), false, 59, held(1)),
            (lease("them", json!(60)), false, 60, Decision::TakeOver),
            (lease("them", json!(15)), false, 15, Decision::TakeOver),
            (lease("them", json!(null)), false, 59, held(1)),
            (lease("them", json!(99999)), false, 0, held(600)),
            (lease("", json!(60)), false, 0, Decision::TakeOver),
            // We had it.
            (None, true, 0, lost("")),
            (lease("them", json!(60)), true, 0, lost("them")),
            (lease("", json!(60)), true, 9999, lost("")),
        ];
        for (lease, had, unchanged, expected) in cases {
            assert_eq!(
                decide(lease.as_ref(), "us", had, Duration::from_secs(unchanged)),
                expected,
                "{lease:?} {had} {unchanged}"
            );
        }
    }
}
