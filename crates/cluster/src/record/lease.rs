//! A lease in the cluster that keeps two computers from working on one installation.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::labels::{INSTALLATION_LABEL, NAMESPACE};
use crate::connect::api::Cluster;
use crate::error::{Error, Result};
use crate::object::{ObjectRef, text};

/// How long a lease counts after it was last renewed. Renew it three times as often.
pub const LEASE: Duration = Duration::from_secs(60);

/// The lease of an installation.
pub(crate) fn named(installation: &str) -> ObjectRef {
    ObjectRef::new("coordination.k8s.io/v1", "Lease", NAMESPACE, installation)
}

/// What follows from a lease as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision {
    Create,
    Renew,
    TakeOver { transitions: i64 },
    Held { holder: String, since: String },
}

/// Whether `holder` may have it at `now`. One that was last renewed in the future (clocks differ) counts as held.
fn decide(lease: Option<&Value>, holder: &str, now: Timestamp) -> Decision {
    let Some(lease) = lease else { return Decision::Create };
    let by = text(lease, "/spec/holderIdentity");
    if by == holder {
        return Decision::Renew;
    }
    let transitions = lease["spec"]["leaseTransitions"].as_i64().unwrap_or(0) + 1;
    let renewed: Option<Timestamp> = text(lease, "/spec/renewTime").parse().ok();
    let lasts = SignedDuration::from_secs(lease["spec"]["leaseDurationSeconds"].as_i64().unwrap_or(0));
    match renewed {
        Some(at) if !by.is_empty() && now.duration_since(at) < lasts => {
            Decision::Held { holder: by.to_owned(), since: at.to_string() }
        }
        _ => Decision::TakeOver { transitions },
    }
}

impl Cluster {
    /// Takes or renews the lease of an installation for `holder` (host name and something that tells processes apart).
    /// [`Error::LeaseHeld`] if another holds it. The namespace of records must be there.
    pub async fn hold_lease(&self, installation: &str, holder: &str, now: Timestamp) -> Result<()> {
        // Twice: another may have changed it between look and write.
        for last_try in [false, true] {
            let name = named(installation);
            let before = self.get(&name).await?;
            let decision = decide(before.as_ref(), holder, now);
            let stamp = format!("{now:.6}");
            let mut lease = before.unwrap_or_else(|| {
                json!({"apiVersion": name.api_version, "kind": name.kind,
                    "metadata": {"name": name.name, "namespace": name.namespace, "labels": {INSTALLATION_LABEL: installation, "app.kubernetes.io/managed-by": "digit-installer"}},
                    "spec": {"leaseTransitions": 0}})
            });
            match &decision {
                Decision::Held { holder, since } => {
                    return Err(Error::LeaseHeld { holder: holder.clone(), since: since.clone() });
                }
                Decision::Create => lease["spec"]["acquireTime"] = stamp.clone().into(),
                Decision::TakeOver { transitions } => {
                    lease["spec"]["acquireTime"] = stamp.clone().into();
                    lease["spec"]["leaseTransitions"] = (*transitions).into();
                }
                Decision::Renew => {}
            }
            lease["spec"]["holderIdentity"] = holder.into();
            lease["spec"]["renewTime"] = stamp.into();
            lease["spec"]["leaseDurationSeconds"] = LEASE.as_secs().into();
            let written =
                if decision == Decision::Create { self.create(&lease).await } else { self.replace(&lease).await };
            match written {
                Ok(_) => return Ok(()),
                Err(Error::AlreadyThere { .. } | Error::ChangedMeanwhile { .. } | Error::NotFound { .. })
                    if !last_try => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::ChangedMeanwhile { what: named(installation).to_string() })
    }

    /// Gives the lease back, if `holder` has it.
    pub async fn release_lease(&self, installation: &str, holder: &str) -> Result<()> {
        let name = named(installation);
        let Some(mut lease) = self.get(&name).await? else { return Ok(()) };
        if text(&lease, "/spec/holderIdentity") != holder {
            return Ok(());
        }
        lease["spec"]["holderIdentity"] = "".into();
        match self.replace(&lease).await {
            Ok(_) | Err(Error::ChangedMeanwhile { .. } | Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_have_a_lease() {
        let now: Timestamp = "2026-11-24T10:01:00Z".parse().unwrap();
        let lease = |holder: &str, renewed: &str| json!({"spec": {"holderIdentity": holder, "renewTime": renewed, "leaseDurationSeconds": 60, "leaseTransitions": 2}});
        let held = Decision::Held { holder: "them".to_owned(), since: "2026-11-24T10:00:30Z".to_owned() };
        let cases = [
            (None, Decision::Create),
            (Some(lease("us", "2026-11-24T09:00:00.000000Z")), Decision::Renew),
            (Some(lease("them", "2026-11-24T10:00:30.000000Z")), held),
            (Some(lease("them", "2026-11-24T10:00:00.000000Z")), Decision::TakeOver { transitions: 3 }),
            (Some(lease("", "2026-11-24T10:00:59.000000Z")), Decision::TakeOver { transitions: 3 }),
            (Some(lease("them", "")), Decision::TakeOver { transitions: 3 }),
            (
                Some(lease("them", "2026-11-24T11:00:00Z")),
                Decision::Held { holder: "them".to_owned(), since: "2026-11-24T11:00:00Z".to_owned() },
            ),
        ];
        for (lease, expected) in cases {
            assert_eq!(decide(lease.as_ref(), "us", now), expected, "{lease:?}");
        }
    }
}
