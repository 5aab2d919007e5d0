//! `POST /egov-hrms/employees/_search` and `_count` (§6.4).

use serde_json::{Value, json};

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;

use super::super::spring::{body, needs_tables, response_info};

const DECLARED: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO)]);

/// What HRMS answers without a tenant, and what PGR therefore passes on (§1.2, §7).
pub(crate) fn no_tenant() -> Answer {
    errors::fault("NullPointerException", "Cannot invoke \"String.split(String)\" because \"tenantId\" is null")
}

/// Employees of exactly that tenant; a state finds none of its cities.
pub(super) fn search(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    let Some(tenant) = request.query("tenantId") else { return Err(no_tenant()) };
    let info = &body["RequestInfo"];
    let criteria = ["codes", "uuids", "names", "roles", "departments"].map(|name| request.query_list(name));
    let phone = request.query("phone");
    if phone.is_none() && criteria.iter().all(Vec::is_empty) {
        // READ: an open search is for SUPERUSER.
        let roles = shape::items(&info["userInfo"], "roles");
        if !roles.iter().any(|r| r["code"] == "SUPERUSER") {
            return Err(errors::refused("ERR_HRMS_INVALID_SEARCH_REQ", "Open search is disabled for this user."));
        }
    }
    needs_tables(world, Service::Hrms)?;
    let [codes, uuids, names, roles, departments] = criteria;
    let one_of = |wanted: &[String], value: &Value| {
        wanted.is_empty() || value.as_str().is_some_and(|v| wanted.iter().any(|w| w == v))
    };
    let fits = |e: &&Value| {
        e["tenantId"] == tenant
            && one_of(&codes, &e["code"])
            && one_of(&uuids, &e["uuid"])
            && one_of(&names, &e["user"]["name"])
            && phone.is_none_or(|p| e["user"]["mobileNumber"] == p)
            && (roles.is_empty() || shape::items(&e["user"], "roles").iter().any(|r| one_of(&roles, &r["code"])))
            && (departments.is_empty()
                || shape::items(e, "assignments").iter().any(|a| one_of(&departments, &a["department"])))
    };
    let number = |name: &str| request.query(name).and_then(|n| n.parse::<usize>().ok());
    let found: Vec<Value> = world
        .employees
        .iter()
        .filter(fits)
        .skip(number("offset").unwrap_or(0))
        .take(number("limit").unwrap_or(usize::MAX))
        .map(|e| with_user(world, e))
        .collect();
    Ok(Answer::ok(json!({"ResponseInfo": response_info(info), "Employees": found})))
}

/// The employee with his user as egov-user has him now.
fn with_user(world: &World, employee: &Value) -> Value {
    let mut employee = employee.clone();
    let user = employee["uuid"].as_str().and_then(|uuid| world.users.of_uuid(uuid));
    if let (Some(user), Some(said)) = (user, employee["user"].as_object_mut()) {
        for (name, value) in user.short().as_object().into_iter().flatten() {
            said.insert(name.clone(), value.clone());
        }
    }
    employee
}

/// Numbers as text.
pub(super) fn count(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    let Some(tenant) = request.query("tenantId") else { return Err(no_tenant()) };
    needs_tables(world, Service::Hrms)?;
    let of_tenant = || world.employees.iter().filter(|e| e["tenantId"] == tenant);
    let (total, active) = (of_tenant().count(), of_tenant().filter(|e| e["isActive"] == true).count());
    Ok(Answer::ok(json!({
        "ResponseInfo": response_info(&body["RequestInfo"]),
        "EmployeCount": {
            "totalEmployee": total.to_string(), "activeEmployee": active.to_string(),
            "inactiveEmployee": (total - active).to_string(),
        },
    })))
}
