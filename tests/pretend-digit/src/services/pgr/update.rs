//! `POST /pgr-services/v2/request/_update` (§6.6): the whole complaint as searched, and a step.

use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape;
use crate::world::World;
use crate::{Condition, Service};

use super::super::hrms::search::no_tenant;
use super::super::spring::body;
use super::super::workflow::transition::{self, Step};
use super::asked::{Asked, DECLARED, asked, definition, neighbours, send, source, wrapped};

/// Takes the step, and puts the changed complaint on Kafka.
pub(super) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    let asked = asked(&body)?;
    neighbours(world)?;
    let id = shape::filled(asked.service, "id");
    let known = world.complaints.0.iter().find(|c| c["id"].as_str() == id.as_deref()).cloned();
    let Some(known) = known.filter(|_| id.is_some()) else {
        // Also while the create is not stored yet.
        return Err(errors::refused("INVALID_UPDATE", "The record that you are trying to update does not exists"));
    };
    source(&asked)?;
    let department = definition(world, &asked)?["department"].clone();
    let assignes = assignes(world, &asked, &department)?;
    let mut service = asked.service.clone();
    // What PGR made itself, the sender cannot change.
    for field in ["serviceRequestId", "accountId"] {
        service[field] = known[field].clone();
    }
    let number = shape::text(&known, "serviceRequestId").unwrap_or_default();
    let step = Step {
        tenant: &asked.tenant,
        service: "PGR",
        business_id: &number,
        workflow: asked.workflow,
        user: asked.user,
        assignes,
    };
    service["applicationStatus"] = transition::take(world, &step)?;
    let now = world.millis();
    service["auditDetails"] = known["auditDetails"].clone();
    service["auditDetails"]["lastModifiedTime"] = json!(now);
    service["auditDetails"]["lastModifiedBy"] = json!(shape::text(asked.user, "uuid"));
    send(world, &service);
    Ok(wrapped(asked.info, &[json!({"service": service, "workflow": asked.workflow})]))
}

/// Who is named. The pinned PGR asks HRMS without a tenant and passes its 400 on (§1.2); a newer one asks with it, and the
/// department must be the type's.
fn assignes(world: &World, asked: &Asked<'_>, department: &Value) -> Result<Vec<Value>, Answer> {
    let uuids = shape::texts(asked.workflow, "assignes");
    if uuids.is_empty() {
        return Ok(Vec::new());
    }
    if world.down(Service::Hrms) {
        return Err(errors::fault("ServiceCallException", Service::Hrms.name()));
    }
    if !world.has(&Condition::FixedPgr) {
        return Err(no_tenant());
    }
    let mut found = Vec::new();
    for uuid in uuids {
        let employee = world.employees.iter().find(|e| e["uuid"] == uuid.as_str() && e["tenantId"] == asked.tenant);
        let Some(employee) = employee else {
            return Err(errors::refused(
                "DEPARTMENT_NOT_FOUND",
                format!("The Department of the user with uuid: {uuid} is not found"),
            ));
        };
        let mut departments = shape::items(employee, "assignments").iter().map(|a| &a["department"]);
        if !departments.any(|d| d == department) {
            let text = "The application cannot be assigned to employee of department other than that of the complaint";
            return Err(errors::refused("INVALID_ASSIGNMENT", text));
        }
        found.extend(world.users.of_uuid(&uuid).map(crate::world::users::User::short));
    }
    Ok(found)
}
