//! The way of one complaint: filed, found, assigned, resolved. One for an address, found again by its number, else by its mark.

use futures::FutureExt as _;
use sha2::{Digest as _, Sha256};

use serde_json::Value;
use std::collections::BTreeSet;

use cause::Cause;

use crate::Error;
use crate::address::Tenants;
use crate::client::{Client, Session};
use crate::fault::Remedy;
use crate::memory::{Memory, UnderWay};
use crate::services::pgr::{By, Complaint, NewComplaint};

/// The citizen for whom we file: no number that can be called begins with 0.
pub const RESERVED_MOBILE: &str = "0000000001";
/// That citizen's name, as complaints show it.
const RESERVED_NAME: &str = "DIGIT Installer";

/// What our complaint is known by, in its description. One for each address and city.
#[must_use]
pub fn marker(origin: &str, city: &str) -> String {
    let hash = hex::encode(Sha256::digest(format!("{origin}\n{city}")));
    format!("digit-installer-acceptance-{}", &hash[..12])
}

/// Everything that the way of the complaint needs.
pub(super) struct Way<'a> {
    pub(super) client: &'a Client,
    pub(super) session: &'a Session,
    pub(super) tenants: &'a Tenants,
    pub(super) marker: String,
    pub(super) file_anew: bool,
}

/// How a complaint is moved on.
#[derive(Clone, Copy)]
pub(super) struct Move {
    action: &'static str,
    from: &'static [&'static str],
    /// Where it leads, and all that comes after.
    to: &'static [&'static str],
    under_way: UnderWay,
}

pub(super) const ASSIGN: Move = Move {
    action: "ASSIGN",
    from: &["PENDINGFORASSIGNMENT", "PENDINGFORREASSIGNMENT"],
    to: &["PENDINGATLME", "RESOLVED", "CLOSEDAFTERRESOLUTION", "CLOSEDAFTERREJECTION"],
    under_way: UnderWay::Assigning,
};

pub(super) const RESOLVE: Move = Move {
    action: "RESOLVE",
    from: &["PENDINGATLME"],
    to: &["RESOLVED", "CLOSEDAFTERRESOLUTION", "CLOSEDAFTERREJECTION"],
    under_way: UnderWay::Resolving,
};

impl Way<'_> {
    fn city(&self) -> &str {
        &self.tenants.city
    }

    /// Our complaint by its number, and with our mark: numbers begin again in a database that was made anew.
    async fn numbered(&self, number: &str) -> Result<Option<Complaint>, Error> {
        let found = self.client.complaints(self.session, self.city(), By::Number(number)).await?;
        Ok(found.into_iter().find(|c| c.number() == number && c.description().contains(&self.marker)))
    }

    /// Our complaint by its mark; of several the first that was filed.
    async fn marked(&self) -> Result<Option<Complaint>, Error> {
        let found = self.client.complaints(self.session, self.city(), By::Mobile(RESERVED_MOBILE)).await?;
        let ours = found.into_iter().filter(|c| c.description().contains(&self.marker));
        Ok(ours.min_by(|a, b| a.number().cmp(b.number())))
    }

    /// The complaint of this address, if there is one. Only looks.
    pub(super) async fn look(&self, number: Option<&str>) -> Result<Option<Complaint>, Error> {
        if let Some(number) = number
            && let Some(found) = self.numbered(number).await?
        {
            return Ok(Some(found));
        }
        self.marked().await
    }

    /// Has the complaint filed: finds it, or files it and remembers its number. The number alone proves nothing yet.
    /// Says whether it was filed now.
    pub(super) async fn filed(&self, memory: &mut Memory<'_>) -> Result<(String, bool), Error> {
        if let Some(number) = memory.known().complaint.clone() {
            let found = self.client.until_found(|| self.numbered(&number).boxed()).await?;
            if found.is_some() {
                return Ok((number, false));
            }
            // Workflow has it and PGR has not: the complaint was dropped on its way. Neither has it: the persister is away and both
            // will come when it is back, so that another one now would be one too many.
            let lost = self.client.has_process(self.session, self.city(), &number).await?;
            if !lost && !self.file_anew {
                return Err(self.not_stored(&number));
            }
            memory.note(|m| m.complaint = None)?;
        }
        // We were cut off while filing: it may be on its way.
        let found = if memory.known().under_way == Some(UnderWay::Filing) {
            self.client.until_found(|| self.marked().boxed()).await?
        } else {
            self.marked().await?
        };
        if let Some(found) = found {
            let number = found.number().to_owned();
            self.remember(memory, &number)?;
            return Ok((number, false));
        }
        let (service_code, locality) = self.kind_and_place().await?;
        let description = format!("Filed by DIGIT Installer to see that complaints work. {}", self.marker);
        let new = NewComplaint {
            city: self.city(),
            service_code: &service_code,
            locality: &locality,
            description: &description,
            citizen_name: RESERVED_NAME,
            citizen_mobile: RESERVED_MOBILE,
        };
        memory.note(|m| m.under_way = Some(UnderWay::Filing))?;
        let number = match self.client.file(self.session, &new).await {
            Ok(number) => number,
            Err(error) => {
                if !error.may_have_worked() {
                    memory.note(|m| m.under_way = None)?;
                    return Err(error);
                }
                // It may have been filed although nobody said so.
                match self.client.until_found(|| self.marked().boxed()).await {
                    Ok(Some(found)) => found.number().to_owned(),
                    _ => return Err(error),
                }
            }
        };
        self.remember(memory, &number)?;
        Ok((number, true))
    }

    fn remember(&self, memory: &mut Memory<'_>, number: &str) -> Result<(), Error> {
        memory.note(|m| {
            m.complaint = Some(number.to_owned());
            m.under_way = m.under_way.filter(|u| *u != UnderWay::Filing);
        })
    }

    fn not_stored(&self, number: &str) -> Error {
        let cause = Cause::new("complaint-not-stored").with("number", number).with("tenant", self.city());
        Error::found(cause, Remedy::CheckPersister)
    }

    /// Searches for what was filed until it is found.
    pub(super) async fn found(&self, number: &str) -> Result<Complaint, Error> {
        let found = self.client.until_found(|| self.numbered(number).boxed()).await?;
        found.ok_or_else(|| self.not_stored(number))
    }

    /// Moves the complaint on, unless it is there already, and sees it there.
    pub(super) async fn moved(
        &self,
        complaint: &Complaint,
        by: Move,
        memory: &mut Memory<'_>,
    ) -> Result<Complaint, Error> {
        let number = complaint.number().to_owned();
        let is_there = |c: &Complaint| by.to.contains(&c.status());
        let there = || async { Ok(self.numbered(&number).await?.filter(|c| by.to.contains(&c.status()))) }.boxed();
        let arrived =
            |memory: &mut Memory<'_>| memory.note(|m| m.under_way = m.under_way.filter(|u| *u != by.under_way));
        if is_there(complaint) {
            arrived(memory)?;
            return Ok(complaint.clone());
        }
        if !by.from.contains(&complaint.status()) {
            let cause = Cause::new("complaint-elsewhere").with("number", &number).with("status", complaint.status());
            return Err(Error::found(cause, Remedy::ReadLog));
        }
        // We were cut off while moving it: it may be on its way.
        if memory.known().under_way == Some(by.under_way)
            && let Some(found) = self.client.until_found(there).await?
        {
            arrived(memory)?;
            return Ok(found);
        }
        memory.note(|m| m.under_way = Some(by.under_way))?;
        let doubt = match self.client.act_on(self.session, complaint, by.action).await {
            Err(error) if error.code() != "action-not-possible" && !error.may_have_worked() => {
                arrived(memory)?;
                return Err(error);
            }
            other => other.err(),
        };
        match self.client.until_found(there).await {
            Ok(Some(found)) => {
                arrived(memory)?;
                Ok(found)
            }
            Ok(None) => Err(doubt.unwrap_or_else(|| {
                let cause = Cause::new("complaint-not-moved").with("number", &number).with("action", by.action);
                Error::found(cause, Remedy::CheckPersister)
            })),
            Err(error) => Err(doubt.unwrap_or(error)),
        }
    }

    /// Whether the complaint stands where this move leads, or beyond. Only looks.
    pub(super) fn stands(&self, complaint: &Complaint, by: Move) -> Result<Complaint, Error> {
        if by.to.contains(&complaint.status()) {
            return Ok(complaint.clone());
        }
        let cause = Cause::new("complaint-not-moved").with("number", complaint.number()).with("action", by.action);
        Err(Error::found(cause.with("status", complaint.status()), Remedy::ReadLog))
    }

    /// A type of complaint and a place in the city that the master data know.
    async fn kind_and_place(&self) -> Result<(String, String), Error> {
        let missing = |name: &str| {
            let cause = Cause::new("master-data-missing").with("missing", name);
            Error::found(cause, Remedy::CheckMasterData)
        };
        let (module, master) = ("RAINMAKER-PGR", "ServiceDefs");
        let found = self.client.masters(&self.tenants.state, &BTreeSet::from([(module, master)])).await?;
        let types = found.get(module).and_then(|m| m.get(master)).map(Vec::as_slice).unwrap_or_default();
        let active = types.iter().filter(|t| t.get("active").and_then(Value::as_bool) != Some(false));
        let code = active.filter_map(|t| t.get("serviceCode").and_then(Value::as_str)).next();
        let code = code.ok_or_else(|| missing("RAINMAKER-PGR.ServiceDefs"))?.to_owned();
        let (module, master) = ("egov-location", "TenantBoundary");
        let found = self.client.masters(self.city(), &BTreeSet::from([(module, master)])).await?;
        let trees = found.get(module).and_then(|m| m.get(master)).map(Vec::as_slice).unwrap_or_default();
        let place = trees.iter().filter_map(|t| t.get("boundary")).find_map(locality);
        Ok((code, place.ok_or_else(|| missing("egov-location.TenantBoundary"))?))
    }
}

/// The first locality of a tree of boundaries: what is so called, else what has nothing below it.
fn locality(boundary: &Value) -> Option<String> {
    let children = boundary.get("children").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_locality = boundary.get("label").and_then(Value::as_str).is_some_and(|l| l.eq_ignore_ascii_case("locality"));
    if is_locality || children.is_empty() {
        return boundary.get("code").and_then(Value::as_str).map(str::to_owned);
    }
    children.iter().find_map(locality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mark_is_the_same_for_an_address_and_city_and_differs_else() {
        let of = |origin, city| marker(origin, city);
        assert_eq!(of("https://a.example", "pg.citya"), of("https://a.example", "pg.citya"));
        assert_ne!(of("https://a.example", "pg.citya"), of("https://b.example", "pg.citya"));
        assert_ne!(of("https://a.example", "pg.citya"), of("https://a.example", "pg.cityb"));
        assert!(of("https://a.example", "pg.citya").starts_with("digit-installer-acceptance-"));
    }

    #[test]
    fn nobody_can_be_called_by_the_reserved_number() {
        assert!(RESERVED_MOBILE.starts_with('0') && RESERVED_MOBILE.len() == 10);
    }

    #[test]
    fn the_first_locality_is_found_at_any_depth() {
        for (tree, code) in [
            (
                json!({"label": "City", "code": "c", "children": [{"label": "Zone", "code": "z", "children": [{"label": "Locality", "code": "L1"}]}]}),
                Some("L1"),
            ),
            (json!({"label": "City", "code": "c", "children": []}), Some("c")),
            (
                json!({"label": "City", "children": [{"label": "Locality"}, {"label": "Locality", "code": "L2"}]}),
                Some("L2"),
            ),
            (json!({}), None),
        ] {
            assert_eq!(locality(&tree).as_deref(), code, "{tree}");
        }
    }
}
