//! `POST /pgr-services/v2/request/_search` and `_count` (§6.6).

use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;

use super::super::spring::{body, response_info};
use super::asked::{neighbours, wrapped};

const DECLARED: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO)]);

/// What may be asked by.
const CRITERIA: &[&str] = &["tenantId", "serviceRequestId", "ids", "mobileNumber", "applicationStatus", "serviceCode"];

/// Complaints that fit, the newest first.
pub(super) fn search(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let (info, found) = found(world, request)?;
    let number = |name: &str| request.query(name).and_then(|n| n.parse::<usize>().ok());
    let wrappers: Vec<Value> = found
        .into_iter()
        .skip(number("offset").unwrap_or(0))
        .take(number("limit").unwrap_or(usize::MAX))
        .map(|service| json!({"workflow": step_of(world, &service), "service": service}))
        .collect();
    Ok(wrapped(&info, &wrappers))
}

/// `{"count": n}`.
pub(super) fn count(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let (info, found) = found(world, request)?;
    Ok(Answer::ok(json!({"responseInfo": response_info(&info), "count": found.len()})))
}

/// The last step of a complaint, as PGR shows it.
fn step_of(world: &World, service: &Value) -> Value {
    let number = service["serviceRequestId"].as_str().unwrap_or_default();
    let Some(last) = world.workflow.last(number) else { return Value::Null };
    let assignes: Vec<&Value> = shape::items(last, "assignes").iter().map(|a| &a["uuid"]).collect();
    json!({
        "action": last["action"], "assignes": if assignes.is_empty() { Value::Null } else { json!(assignes) },
        "comments": last["comment"], "verificationDocuments": last["documents"],
    })
}

fn found(world: &World, request: &Request) -> Result<(Value, Vec<Value>), Answer> {
    let body = body(request, &DECLARED)?;
    let info = body["RequestInfo"].clone();
    let Some(user) = shape::object(&info, "userInfo") else {
        return Err(errors::fault("NullPointerException", "requestInfo.getUserInfo() is null"));
    };
    let kind = shape::text(user, "type").unwrap_or_default().to_uppercase();
    let tenant = allowed(request, &kind)?;
    neighbours(world)?;
    let lists = ["ids", "applicationStatus", "serviceCode"].map(|name| request.query_list(name));
    let [ids, statuses, codes] = lists;
    let one_of = |wanted: &[String], value: &Value| {
        wanted.is_empty() || value.as_str().is_some_and(|v| wanted.iter().any(|w| w == v))
    };
    let same = |name: &str, value: &Value| request.query(name).is_none_or(|wanted| value == wanted);
    // A citizen may ask for his whole state (not on the page for whom he then sees).
    let of_tenant = |value: &Value| {
        let of = value.as_str().unwrap_or_default();
        of == tenant || of.strip_prefix(tenant).is_some_and(|rest| rest.starts_with('.') && !tenant.contains('.'))
    };
    let fits = |c: &&Value| {
        of_tenant(&c["tenantId"])
            && same("serviceRequestId", &c["serviceRequestId"])
            && same("mobileNumber", &c["citizen"]["mobileNumber"])
            && one_of(&ids, &c["id"])
            && one_of(&statuses, &c["applicationStatus"])
            && one_of(&codes, &c["serviceCode"])
    };
    let found = world.complaints.0.iter().rev().filter(fits).cloned().collect();
    Ok((info, found))
}

/// Whether somebody of this type may ask so; the tenant that he asks for.
fn allowed<'a>(request: &'a Request, kind: &str) -> Result<&'a str, Answer> {
    let asks = |name: &str| request.query(name).is_some();
    if kind == "CITIZEN" && !CRITERIA.iter().any(|name| asks(name)) {
        return Err(errors::refused("PGR_UPDATE_ERROR", "No search parameter was given"));
    }
    let Some(tenant) = request.query("tenantId") else {
        return Err(errors::refused("INVALID_SEARCH", "TenantId is mandatory search param"));
    };
    match kind {
        "CITIZEN" if asks("serviceCode") => {
            Err(errors::refused("INVALID SEARCH", "Search on serviceCode is not allowed"))
        }
        "EMPLOYEE" if !tenant.contains('.') => {
            Err(errors::refused("INVALID_SEARCH", "Employees cannot perform state level searches."))
        }
        "CITIZEN" | "EMPLOYEE" | "SYSTEM" => Ok(tenant),
        // READ
        other => {
            Err(errors::refused("INVALID SEARCH", format!("The userType: {other} does not have any search config")))
        }
    }
}
