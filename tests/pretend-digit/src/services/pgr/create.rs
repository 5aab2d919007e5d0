//! `POST /pgr-services/v2/request/_create` (§6.6).

use serde_json::{Value, json};

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape;
use crate::world::World;
use crate::world::tenant::state_of;

use super::super::idgen;
use super::super::spring::body;
use super::super::user::{create, fields};
use super::super::workflow::transition::{self, Step};
use super::asked::{Asked, DECLARED, asked, definition, neighbours, send, source, wrapped};

/// 200 with a number, whether or not the persister can write it.
pub(super) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    let asked = asked(&body)?;
    let employee = shape::text(asked.user, "type").is_some_and(|t| t.eq_ignore_ascii_case("EMPLOYEE"));
    if employee {
        citizen_given(&asked)?;
    }
    source(&asked)?;
    definition(world, &asked)?;
    neighbours(world)?;
    let citizen = if employee { citizen_of(world, &asked)? } else { asked.user.clone() };
    // Used up also by what is refused from here on.
    let number = number(world, &asked.tenant)?;
    let mut service = asked.service.clone();
    let by = shape::text(asked.user, "uuid");
    let now = world.millis();
    service["id"] = json!(world.draw.uuid());
    service["serviceRequestId"] = json!(number);
    service["accountId"] = citizen.get("uuid").cloned().unwrap_or(Value::Null);
    service["citizen"] = citizen;
    service["active"] = json!(true);
    service["rating"] = Value::Null;
    service["auditDetails"] =
        json!({"createdBy": by, "lastModifiedBy": by, "createdTime": now, "lastModifiedTime": now});
    if let Some(address) = service["address"].as_object_mut() {
        address.insert("id".to_owned(), json!(world.draw.uuid()));
        address.insert("tenantId".to_owned(), json!(asked.tenant));
    }
    let step = Step {
        tenant: &asked.tenant,
        service: "PGR",
        business_id: &number,
        workflow: asked.workflow,
        user: asked.user,
        assignes: Vec::new(),
    };
    service["applicationStatus"] = transition::take(world, &step)?;
    send(world, &service);
    Ok(wrapped(asked.info, &[json!({"service": service, "workflow": asked.workflow})]))
}

fn citizen_given(asked: &Asked<'_>) -> Result<(), Answer> {
    let Some(citizen) = shape::object(asked.service, "citizen") else {
        return Err(errors::refused("INVALID_REQUEST", "Citizen object cannot be null"));
    };
    if shape::filled(citizen, "name").is_none() || shape::filled(citizen, "mobileNumber").is_none() {
        // Not on the page.
        return Err(errors::refused("INVALID_REQUEST", "Mobile Number and Name is mandatory in Citizen object"));
    }
    Ok(())
}

/// The citizen of a number, created or renamed in egov-user.
fn citizen_of(world: &mut World, asked: &Asked<'_>) -> Result<Value, Answer> {
    let sent = &asked.service["citizen"];
    let (name, mobile) = (shape::text(sent, "name"), shape::text(sent, "mobileNumber").unwrap_or_default());
    let state = state_of(&asked.tenant).to_owned();
    let known = world.users.rows.iter_mut().find(|u| u.user_name == mobile && u.tenant == state && u.kind == "CITIZEN");
    if let Some(known) = known {
        known.name = name.unwrap_or_default();
        return Ok(known.short());
    }
    let user = json!({
        "userName": mobile, "name": name, "mobileNumber": mobile, "type": "CITIZEN", "active": true,
        "tenantId": state, "roles": [{"code": "CITIZEN", "tenantId": state}],
    });
    fields::validated(&user)?;
    let row = create::read(world, &user, asked.info)?;
    Ok(create::insert(world, row)?.short())
}

fn number(world: &mut World, tenant: &str) -> Result<String, Answer> {
    if world.down(Service::Idgen) || world.without_tables(Service::Idgen) {
        return Err(errors::fault("ServiceCallException", Service::Idgen.name()));
    }
    // Its code is not on the page.
    idgen::next(world, tenant, "pgr.servicerequestid")
        .ok_or_else(|| errors::refused("IDGEN ERROR", "No ids returned from idgen Service"))
}
