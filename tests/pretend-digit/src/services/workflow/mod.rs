//! egov-workflow-v2 (§6.5).

mod definition;
mod find;
pub(crate) mod transition;

use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::persister::Write;
use crate::{Condition, Service};

use find::find;

use super::spring::{body, needs_tables, response_info};

const ACTION: Shape =
    Shape::Fields(&[("action", Shape::Text), ("nextState", Shape::Text), ("roles", Shape::List(&Shape::Text))]);
const STATE: Shape = Shape::Fields(&[
    ("state", Shape::Text),
    ("applicationStatus", Shape::Text),
    ("sla", Shape::Number),
    ("isStartState", Shape::Flag),
    ("isTerminateState", Shape::Flag),
    ("docUploadRequired", Shape::Flag),
    ("actions", Shape::List(&ACTION)),
]);
const DEFINITION: Shape = Shape::Fields(&[
    ("tenantId", Shape::Text),
    ("businessService", Shape::Text),
    ("business", Shape::Text),
    ("businessServiceSla", Shape::Number),
    ("states", Shape::List(&STATE)),
]);
const CREATE: Shape =
    Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO), ("BusinessServices", Shape::List(&DEFINITION))]);
const SEARCH: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO)]);

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    let done = match path {
        "/egov-wf/businessservice/_create" => create(world, request),
        "/egov-wf/businessservice/_search" => search(world, request),
        "/egov-wf/process/_search" => processes(world, request),
        _ => return None,
    };
    Some(done.unwrap_or_else(|refused| refused))
}

/// `POST …/businessservice/_create`: no duplicate check; the same again is 200 with new uuids that are never stored (§5).
fn create(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &CREATE)?;
    let Some(user) = body.pointer("/RequestInfo/userInfo").filter(|u| u.is_object()) else {
        // READ: whoever calls straight must say who he is, for the audit details.
        return Err(errors::fault("NullPointerException", "requestInfo.getUserInfo() is null"));
    };
    let by = shape::text(user, "uuid");
    let mut made = Vec::new();
    for sent in shape::items(&body, "BusinessServices") {
        made.push(definition::enriched(world, sent, by.as_deref())?);
    }
    if world.has(&Condition::KafkaDown) {
        let answer = errors::fault("KafkaException", "Send failed").after(world.options.kafka_wait);
        return Err(answer);
    }
    let pod = world.workflow.pod();
    world.workflow.forget(pod);
    for definition in &made {
        world.send(Write::BusinessService(Box::new(definition.clone())));
    }
    Ok(Answer::ok(json!({"ResponseInfo": response_info(&body["RequestInfo"]), "BusinessServices": made})))
}

/// `POST …/businessservice/_search`: empty if there is none, and then for a quarter of an hour.
fn search(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &SEARCH)?;
    let Some(tenant) = request.query("tenantId") else {
        // Not on the page.
        return Err(errors::refused("NotNull.businessServiceSearchCriteria.tenantId", "must not be null"));
    };
    needs_tables(world, Service::Workflow)?;
    let pod = world.workflow.pod();
    let found = find(world, pod, tenant, &request.query_list("businessServices"))?;
    Ok(Answer::ok(json!({"ResponseInfo": response_info(&body["RequestInfo"]), "BusinessServices": found})))
}

/// `POST …/process/_search`: the last step of each record, or with `history=true` all, newest first.
fn processes(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &SEARCH)?;
    let Some(tenant) = request.query("tenantId") else {
        // Not on the page.
        return Err(errors::refused("NotNull.processInstanceSearchCriteria.tenantId", "must not be null"));
    };
    needs_tables(world, Service::Workflow)?;
    let ids = request.query_list("businessIds");
    let history = request.query("history") == Some("true");
    let mut found: Vec<Value> = Vec::new();
    for process in world.workflow.processes.iter().rev() {
        let wanted = process["tenantId"] == tenant
            && (ids.is_empty() || process["businessId"].as_str().is_some_and(|id| ids.iter().any(|i| i == id)))
            && (history || !found.iter().any(|f| f["businessId"] == process["businessId"]));
        if wanted {
            found.push(process.clone());
        }
    }
    let pod = world.workflow.pod();
    let roles = shape::items(&body["RequestInfo"]["userInfo"], "roles").to_vec();
    for process in &mut found {
        let name = shape::text(process, "businessService").unwrap_or_default();
        let definition = transition::definition(world, pod, tenant, &name)?;
        process["nextActions"] = transition::next_actions(&definition, &process["state"]["uuid"], &roles, tenant);
    }
    Ok(Answer::ok(json!({"ResponseInfo": response_info(&body["RequestInfo"]), "ProcessInstances": found})))
}
