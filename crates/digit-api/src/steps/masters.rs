//! Master data that the flow needs. mdms-service calls nothing an error, so each is looked at: there, and not empty.

use std::collections::BTreeSet;

use cause::Cause;

use crate::Error;
use crate::address::Tenants;
use crate::client::Client;
use crate::fault::Remedy;
use crate::news::{Done, How, Part};
use crate::services::mdms::Masters;

/// A master that must not be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// Its module.
    pub module: &'static str,
    /// Its name.
    pub master: &'static str,
    /// Whether each city has its own; else the state's is meant.
    pub of_city: bool,
}

const fn state(module: &'static str, master: &'static str) -> Needed {
    Needed { module, master, of_city: false }
}

/// What sign-in, employees, complaints and their workflow read.
pub const NEEDED: &[Needed] = &[
    state("tenant", "tenants"),
    state("DataSecurity", "SecurityPolicy"),
    state("DataSecurity", "EncryptionPolicy"),
    state("DataSecurity", "DecryptionABAC"),
    state("ACCESSCONTROL-ROLES", "roles"),
    state("ACCESSCONTROL-ROLEACTIONS", "roleactions"),
    state("ACCESSCONTROL-ACTIONS-TEST", "actions-test"),
    state("common-masters", "IdFormat"),
    state("common-masters", "Department"),
    state("common-masters", "Designation"),
    state("common-masters", "StateInfo"),
    state("egov-hrms", "EmployeeType"),
    state("RAINMAKER-PGR", "ServiceDefs"),
    state("Workflow", "BusinessServiceMasterConfig"),
    Needed { module: "egov-location", master: "TenantBoundary", of_city: true },
];

/// Looks at all of [`NEEDED`].
///
/// # Errors
/// What mdms-service answers; `master-data-missing` with the names of those that are missing or empty, or `master-data-empty` when it has none at all.
pub async fn masters(client: &Client, tenants: &Tenants) -> Result<Done, Error> {
    let missing = missing(client, tenants).await?;
    let wanted = NEEDED.len() as u64;
    if missing.is_empty() {
        return Ok(Done { part: Part::Masters, how: How::Found, wanted, found: wanted, notes: Vec::new() });
    }
    // Nothing at all: the folder is empty, or its path is wrong.
    let code = if missing.len() == NEEDED.len() { "master-data-empty" } else { "master-data-missing" };
    let cause = Cause::new(code).with("wanted", wanted).with("found", wanted - missing.len() as u64);
    Err(Error::found(cause.with("missing", missing.join(", ")), Remedy::CheckMasterData))
}

/// Names of what is missing or empty: `MODULE.MASTER@TENANT`.
async fn missing(client: &Client, tenants: &Tenants) -> Result<Vec<String>, Error> {
    let of = |of_city: bool| NEEDED.iter().filter(move |n| n.of_city == of_city);
    let mut missing = Vec::new();
    for (tenant, of_city) in [(&tenants.state, false), (&tenants.city, true)] {
        let wanted: BTreeSet<_> = of(of_city).map(|n| (n.module, n.master)).collect();
        let found = client.masters(tenant, &wanted).await?;
        let lacking = of(of_city).filter(|n| is_empty(&found, n));
        missing.extend(lacking.map(|n| format!("{}.{}@{tenant}", n.module, n.master)));
    }
    Ok(missing)
}

fn is_empty(found: &Masters, needed: &Needed) -> bool {
    found.get(needed.module).and_then(|m| m.get(needed.master)).is_none_or(Vec::is_empty)
}
