//! All checks, one after the other, each with the time it took.

use std::time::Instant;

use cause::Cause;
use serde::Serialize;

use super::check::{Because, Check, CheckCode, Outcome, Verdict, data, verdict};
use super::complaint::{ASSIGN, RESOLVE, Way, marker};
use super::setup::Setup;
use super::{closed, front, ground};
use crate::Error;
use crate::client::{Client, Session};
use crate::fault::Remedy;
use crate::memory::Memory;
use crate::news::{News, Part, Tell};
use crate::steps::needed_roles;

/// Clocks that are further apart than this, in seconds, make tokens and signed addresses fail.
const SKEW: i64 = 300;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// All checks.
    pub checks: Vec<Check>,
    /// What they mean.
    pub verdict: Verdict,
    /// What is to be said although no check fails by it.
    pub notes: Vec<Cause>,
}

/// The checks as they come.
struct Checks<'a> {
    done: Vec<Check>,
    tell: &'a Tell<'a>,
    each: &'a (dyn Fn(&Check) + Send + Sync),
    began: Instant,
}

impl Checks<'_> {
    fn begin(&mut self) {
        self.began = Instant::now();
    }

    fn end(&mut self, code: CheckCode, at: &str, outcome: impl Into<Outcome>) -> bool {
        let took_ms = self.began.elapsed().as_millis() as u64;
        let check = Check { code, at: at.to_owned(), took_ms, outcome: outcome.into() };
        (self.each)(&check);
        let passed = check.passed();
        self.done.push(check);
        let total = CheckCode::ALL.len() as u64;
        (self.tell)(News::Progress { part: Part::Acceptance, done: self.done.len() as u64, total });
        self.begin();
        passed
    }

    fn not_tried(&mut self, codes: &[CheckCode], at: &str, because: Because) {
        for code in codes {
            self.end(*code, at, Outcome::NotTried(because));
        }
    }
}

/// Checks everything. `each` is told of each check as it ends.
///
/// # Errors
/// Only when something that must be remembered could not be; what does not work is in the checks.
pub async fn accept(
    client: &Client,
    setup: &Setup,
    memory: &mut Memory<'_>,
    tell: &Tell<'_>,
    each: &(dyn Fn(&Check) + Send + Sync),
) -> Result<Acceptance, Error> {
    let mut checks = Checks { done: Vec::new(), tell, each, began: Instant::now() };
    front_checks(client, setup, &mut checks).await;
    let at = client.gateway_origin();
    checks.end(CheckCode::Messages, &at, ground::messages(client, &setup.tenants.state, &setup.messages).await);
    checks.end(CheckCode::Masters, &at, ground::masters(client, setup).await);
    signed_in_checks(client, setup, memory, &mut checks).await?;
    let notes = closed_checks(client, setup, &mut checks).await;
    let clock = match client.clock_skew() {
        None => Outcome::NotTried(Because::NoTime),
        Some(skew) if skew.abs() > SKEW => {
            Err(Error::found(Cause::new("clock-skew").with("seconds", skew), Remedy::SetClock)).into()
        }
        Some(skew) => Outcome::Passed(data([("seconds", skew.to_string())])),
    };
    checks.end(CheckCode::Clock, &at, clock);
    let checks = checks.done;
    Ok(Acceptance { verdict: verdict(&checks, setup.kind), checks, notes })
}

async fn front_checks(client: &Client, setup: &Setup, checks: &mut Checks<'_>) {
    let at = client.web_origin();
    if setup.pages.is_empty() {
        let all = [CheckCode::Pages, CheckCode::Assets, CheckCode::GlobalConfigs];
        return checks.not_tried(&all, &at, Because::NoEntry);
    }
    let pages = match front::pages(client, &setup.pages).await {
        Ok(pages) => pages,
        Err(error) => {
            checks.end(CheckCode::Pages, &at, Err(error));
            let rest = [CheckCode::Assets, CheckCode::GlobalConfigs];
            return checks.not_tried(&rest, &at, Because::Needs(CheckCode::Pages));
        }
    };
    checks.end(CheckCode::Pages, &at, Ok(pages.data()));
    let (scripts, loaded) = pages.load(client).await;
    checks.end(CheckCode::Assets, &at, loaded);
    checks.end(CheckCode::GlobalConfigs, &at, pages.global_configs(&scripts, &setup.tenants.state, &at));
}

/// Whether an error is ours to give up for: what is not remembered must not go on.
fn fatal<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(error @ Error::Remember(_)) => Err(error),
        other => Ok(other),
    }
}

async fn signed_in_checks(
    client: &Client,
    setup: &Setup,
    memory: &mut Memory<'_>,
    checks: &mut Checks<'_>,
) -> Result<(), Error> {
    let at = client.gateway_origin();
    let wanted = needed_roles(&setup.tenants);
    let who = &setup.administrator;
    let signed_in = ground::sign_in(client, who, &wanted, setup.read_only).await;
    let session = signed_in.as_ref().ok().cloned();
    checks.end(CheckCode::SignIn, &at, signed_in.map(|_| data([("user", who.user_name.clone())])));
    let complaint = [
        CheckCode::ComplaintCreated,
        CheckCode::ComplaintFound,
        CheckCode::ComplaintAssigned,
        CheckCode::ComplaintResolved,
    ];
    // The photo needs nobody to be signed in.
    let Some(session) = session else {
        let needs = Because::Needs(CheckCode::SignIn);
        checks.not_tried(&[CheckCode::Roles, CheckCode::EmployeeSearch], &at, needs);
        photo_check(client, setup, memory, checks).await?;
        checks.not_tried(&complaint, &at, needs);
        return Ok(());
    };
    let account = session.user.get("uuid").and_then(serde_json::Value::as_str).unwrap_or_default();
    memory.is_of(&format!("{} {account}", marker(&setup.address, &setup.tenants.city)))?;
    let has_roles = checks.end(CheckCode::Roles, &at, ground::roles(&session, &wanted, &who.user_name));
    let employees = ground::employees(client, &session, setup).await;
    let employees = if has_roles { employees.map_err(Error::despite_roles) } else { employees };
    checks.end(CheckCode::EmployeeSearch, &at, employees);
    photo_check(client, setup, memory, checks).await?;
    if !has_roles && !setup.read_only {
        checks.not_tried(&complaint, &at, Because::Needs(CheckCode::Roles));
        return Ok(());
    }
    complaint_checks(client, &session, setup, memory, checks).await
}

async fn photo_check(
    client: &Client,
    setup: &Setup,
    memory: &mut Memory<'_>,
    checks: &mut Checks<'_>,
) -> Result<(), Error> {
    let photo = fatal(ground::photo(client, &setup.tenants.city, setup.read_only, memory).await)?;
    let outcome = match photo {
        Ok(None) => Outcome::NotTried(Because::ReadOnly),
        Ok(Some(found)) => Outcome::Passed(found),
        Err(error) => Err(error).into(),
    };
    checks.end(CheckCode::Photo, &client.gateway_origin(), outcome);
    Ok(())
}

async fn complaint_checks(
    client: &Client,
    session: &Session,
    setup: &Setup,
    memory: &mut Memory<'_>,
    checks: &mut Checks<'_>,
) -> Result<(), Error> {
    use CheckCode::{ComplaintAssigned, ComplaintCreated, ComplaintFound, ComplaintResolved};
    let at = client.gateway_origin();
    let way = Way {
        client,
        session,
        tenants: &setup.tenants,
        marker: marker(&setup.address, &setup.tenants.city),
        file_anew: setup.file_anew,
    };
    let numbered = |number: &str| data([("number", number.to_owned())]);
    let looked = if setup.read_only {
        checks.not_tried(&[ComplaintCreated], &at, Because::ReadOnly);
        let missing =
            || Error::found(Cause::new("complaint-missing").with("marker", &way.marker), Remedy::CheckPersister);
        way.look(memory.known().complaint.as_deref()).await.and_then(|found| found.ok_or_else(missing))
    } else {
        // Only who has all roles comes here.
        let filed = fatal(way.filed(memory).await.map_err(Error::despite_roles))?;
        let number = filed.as_ref().map(|(number, _)| number.clone()).unwrap_or_default();
        let passed = filed.map(|(number, new)| data([("number", number), ("new", new.to_string())]));
        if !checks.end(ComplaintCreated, &at, passed) {
            let rest = [ComplaintFound, ComplaintAssigned, ComplaintResolved];
            checks.not_tried(&rest, &at, Because::Needs(ComplaintCreated));
            return Ok(());
        }
        way.found(&number).await.map_err(Error::despite_roles)
    };
    let found = looked.as_ref().ok().cloned();
    checks.end(ComplaintFound, &at, looked.map(|c| numbered(c.number())));
    let Some(mut complaint) = found else {
        checks.not_tried(&[ComplaintAssigned, ComplaintResolved], &at, Because::Needs(ComplaintFound));
        return Ok(());
    };
    for (code, by) in [(ComplaintAssigned, ASSIGN), (ComplaintResolved, RESOLVE)] {
        let moved = if setup.read_only {
            way.stands(&complaint, by)
        } else {
            fatal(way.moved(&complaint, by, memory).await.map_err(Error::despite_roles))?
        };
        if let Ok(moved) = &moved {
            complaint = moved.clone();
        }
        let passed = moved.map(|c| data([("number", c.number().to_owned()), ("status", c.status().to_owned())]));
        if !checks.end(code, &at, passed) && code == ComplaintAssigned {
            checks.not_tried(&[ComplaintResolved], &at, Because::Needs(ComplaintAssigned));
            return Ok(());
        }
    }
    Ok(())
}

async fn closed_checks(client: &Client, setup: &Setup, checks: &mut Checks<'_>) -> Vec<Cause> {
    let (at, entry) = (client.gateway_origin(), client.web_origin());
    let mut notes = Vec::new();
    if setup.read_only {
        // Each refusal counts as a wrong password of that account.
        checks.not_tried(&[CheckCode::InternalToken, CheckCode::KnownPasswords], &at, Because::ReadOnly);
    } else {
        if setup.pages.is_empty() && client.gateway.address.is_loopback() {
            // The way round the password is closed at the entry, and nobody but this computer comes in here.
            checks.not_tried(&[CheckCode::InternalToken], &entry, Because::NoEntry);
        } else {
            checks.end(CheckCode::InternalToken, &entry, closed::internal_token(client, &setup.administrator).await);
        }
        if setup.demo {
            checks.not_tried(&[CheckCode::KnownPasswords], &at, Because::Demo);
        } else {
            let found = closed::known_passwords(client, &setup.tenants, &setup.administrator).await;
            checks.end(CheckCode::KnownPasswords, &at, found);
            notes.extend(closed::fixed_code(client, &setup.tenants).await);
            checks.begin();
        }
    }
    match &setup.demo_citizen {
        Some(citizen) => {
            checks.end(CheckCode::CitizenSignIn, &at, closed::citizen(client, citizen).await);
        }
        None => checks.not_tried(&[CheckCode::CitizenSignIn], &at, Because::NotADemo),
    }
    notes
}
