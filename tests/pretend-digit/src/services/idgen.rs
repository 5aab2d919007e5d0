//! egov-idgen (§6.8): numbers by the formats of `common-masters.IdFormat`.

use serde_json::{Value, json};

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::tenant::state_of;

use super::mdms;
use super::spring::{body, needs_tables, response_info};

const ONE: Shape = Shape::Fields(&[
    ("idName", Shape::Text),
    ("tenantId", Shape::Text),
    ("format", Shape::Text),
    ("count", Shape::Number),
]);
const DECLARED: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO), ("idRequests", Shape::List(&ONE))]);

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    (path == "/id/_generate").then(|| generate(world, request).unwrap_or_else(|refused| refused))
}

/// `POST /egov-idgen/id/_generate`. A failure is 200 with `FAILED` (§2, §6.8).
fn generate(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    needs_tables(world, Service::Idgen)?;
    let mut info = response_info(&body["RequestInfo"]);
    let mut ids = Vec::new();
    for one in shape::items(&body, "idRequests") {
        let name = shape::text(one, "idName").unwrap_or_default();
        let tenant = shape::text(one, "tenantId").unwrap_or_default();
        for _ in 0..shape::number(one, "count").unwrap_or(1).clamp(0, 1_000) {
            match next(world, &tenant, &name) {
                Some(id) => ids.push(json!({"id": id})),
                None => {
                    info["status"] = json!("FAILED");
                    return Ok(Answer::ok(json!({"ResponseInfo": info, "Errors": [{
                        "code": "ID_NOT_FOUND", "message": "No Format is available in the MDMS for the given name and tenant",
                        "description": null, "params": null,
                    }]})));
                }
            }
        }
    }
    info["status"] = json!("SUCCESSFUL");
    Ok(Answer::ok(json!({"responseInfo": info, "idResponses": ids})))
}

/// The next number of a name. Sequences are global, and used up also by what fails later (§6.6).
pub(crate) fn next(world: &mut World, tenant: &str, name: &str) -> Option<String> {
    let state = state_of(tenant).to_owned();
    let format = mdms::item(world, &state, ("common-masters", "IdFormat"), "idname", name)?;
    let format = format["format"].as_str()?.to_owned();
    Some(filled_in(world, tenant, &format))
}

fn filled_in(world: &mut World, tenant: &str, format: &str) -> String {
    let mut id = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('[') {
        id.push_str(before);
        let Some((field, after)) = after.split_once(']') else { break };
        id.push_str(&value_of(world, tenant, field));
        rest = after;
    }
    id.push_str(rest);
    id
}

fn value_of(world: &mut World, tenant: &str, field: &str) -> String {
    if let Some(form) = field.strip_prefix("cy:") {
        let form =
            form.replace("yyyy", "%Y").replace("MM", "%m").replace("dd", "%d").replace("HH", "%H").replace("mm", "%M");
        return jiff::fmt::strtime::format(&form, world.now).unwrap_or_default();
    }
    if field.starts_with("fy:") {
        let today = jiff::tz::TimeZone::UTC.to_datetime(world.now);
        let year = i32::from(today.year()) - i32::from(today.month() < 4);
        return format!("{year}-{:02}", (year + 1) % 100);
    }
    if field.starts_with("SEQ_") {
        return sequence(world, field);
    }
    if field.eq_ignore_ascii_case("CITY.CODE") {
        let state = state_of(tenant).to_owned();
        let code = mdms::item(world, &state, ("tenant", "tenants"), "code", tenant)
            .and_then(|t: &Value| t["city"]["code"].as_str())
            .unwrap_or(tenant);
        return code.to_owned();
    }
    let count = field.strip_prefix("d{").and_then(|d| d.strip_suffix('}')).and_then(|d| d.parse::<usize>().ok());
    count.map_or_else(String::new, |n| world.draw.digits(n.min(20)))
}

/// The next number of a sequence, six digits.
pub(crate) fn sequence(world: &mut World, name: &str) -> String {
    let next = world.sequences.entry(name.to_owned()).or_default();
    *next += 1;
    format!("{next:06}")
}
