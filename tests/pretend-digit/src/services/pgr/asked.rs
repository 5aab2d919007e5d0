//! What create, update and search of complaints have in common: the shape of a request, what must be there, what is answered.

use serde_json::{Value, json};

use crate::services::spring::{needs_tables, response_info};
use crate::services::{enc, mdms};
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::persister::Write;
use crate::world::tenant::state_of;
use crate::{Condition, Service};

const LOCALITY: Shape = Shape::Fields(&[("code", Shape::Text), ("name", Shape::Text)]);
const ADDRESS: Shape = Shape::Fields(&[
    ("city", Shape::Text),
    ("landmark", Shape::Text),
    ("locality", LOCALITY),
    ("geoLocation", Shape::Object),
]);
const SERVICE: Shape = Shape::Fields(&[
    ("tenantId", Shape::Text),
    ("id", Shape::Text),
    ("serviceRequestId", Shape::Text),
    ("serviceCode", Shape::Text),
    ("description", Shape::Text),
    ("source", Shape::Text),
    ("rating", Shape::Number),
    ("address", ADDRESS),
    ("citizen", Shape::Fields(&[("name", Shape::Text), ("mobileNumber", Shape::Text)])),
]);
const WORKFLOW: Shape = Shape::Fields(&[
    ("action", Shape::Text),
    ("assignes", Shape::List(&Shape::Text)),
    ("comments", Shape::Text),
    ("rating", Shape::Number),
    ("verificationDocuments", Shape::List(&Shape::Object)),
]);
/// What create and update read.
pub(super) const DECLARED: Shape =
    Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO), ("service", SERVICE), ("workflow", WORKFLOW)]);

/// The parts of a create or update that must be there: without one of them a null pointer (§6.6).
pub(super) struct Asked<'a> {
    pub(super) info: &'a Value,
    pub(super) user: &'a Value,
    pub(super) service: &'a Value,
    pub(super) workflow: &'a Value,
    pub(super) tenant: String,
}

pub(super) fn asked(body: &Value) -> Result<Asked<'_>, Answer> {
    let null = |what: &str| errors::fault("NullPointerException", format!("{what} is null"));
    let info = shape::object(body, "RequestInfo").ok_or_else(|| null("requestInfo"))?;
    let user = shape::object(info, "userInfo").ok_or_else(|| null("requestInfo.getUserInfo()"))?;
    let service = shape::object(body, "service").ok_or_else(|| null("service"))?;
    let workflow = shape::object(body, "workflow").ok_or_else(|| null("workflow"))?;
    shape::object(service, "address").ok_or_else(|| null("service.getAddress()"))?;
    let Some(tenant) = shape::filled(service, "tenantId") else {
        // Not on the page.
        return Err(errors::refused("NotNull.serviceRequest.service.tenantId", "must not be null"));
    };
    Ok(Asked { info, user, service, workflow, tenant })
}

/// The complaint's type, by code.
pub(super) fn definition<'a>(world: &'a World, asked: &Asked<'_>) -> Result<&'a Value, Answer> {
    let state = state_of(&asked.tenant);
    if mdms::master(world, state, "RAINMAKER-PGR", "ServiceDefs").is_none() {
        return Err(errors::refused("JSONPATH_ERROR", "Failed to parse mdms response"));
    }
    let code = shape::filled(asked.service, "serviceCode").unwrap_or_default();
    mdms::item(world, state, ("RAINMAKER-PGR", "ServiceDefs"), "serviceCode", &code).ok_or_else(|| {
        errors::refused("INVALID_SERVICECODE", format!("The service code: {code} is not present in MDMS"))
    })
}

/// §6.6: one of four.
pub(super) fn source(asked: &Asked<'_>) -> Result<(), Answer> {
    let source = shape::text(asked.service, "source").unwrap_or_else(|| "null".to_owned());
    if ["whatsapp", "web", "mobile", "RB Bot"].contains(&source.as_str()) {
        return Ok(());
    }
    Err(errors::refused("INVALID_SOURCE", format!("The source: {source} is not valid")))
}

/// The neighbours are there: tables; egov-user, which deciphers names and reports it on Kafka (§6.8); workflow.
pub(super) fn neighbours(world: &World) -> Result<(), Answer> {
    needs_tables(world, Service::Pgr)?;
    if world.has(&Condition::KafkaDown) {
        let answer = errors::refused("UNKNOWN_ERROR", "Unknown error occurred in decryption process");
        return Err(answer.after(world.options.kafka_wait));
    }
    if !enc::works(world) {
        return Err(errors::refused("UNKNOWN_ERROR", "Unknown error occurred in decryption process"));
    }
    for service in [Service::User, Service::Workflow] {
        if world.down(service) {
            return Err(errors::fault("ServiceCallException", service.name()));
        }
    }
    Ok(())
}

/// Puts a complaint on Kafka. What the persister's mapping does not find it cannot write: the complaint is lost (§6.6).
pub(super) fn send(world: &mut World, service: &Value) {
    let address = &service["address"];
    let writable =
        shape::object(address, "geoLocation").is_some() && shape::text(&address["locality"], "code").is_some();
    let write = if writable { Write::Complaint(Box::new(service.clone())) } else { Write::Unwritable };
    world.send(write);
}

/// The answer's list (§6.6): the counts are what they were seen to be.
pub(super) fn wrapped(info: &Value, wrappers: &[Value]) -> Answer {
    Answer::ok(json!({
        "responseInfo": response_info(info), "ServiceWrappers": wrappers,
        "complaintsResolved": 0, "averageResolutionTime": 0, "complaintTypes": 13,
    }))
}
