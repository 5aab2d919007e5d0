//! egov-mdms-service, version 1 (§6.2).

use serde_json::{Map, Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::masters::filtered;
use crate::{Condition, Service};

use super::spring::body;

const MASTER: Shape = Shape::Fields(&[("name", Shape::Text), ("filter", Shape::Text)]);
const MODULE: Shape = Shape::Fields(&[("moduleName", Shape::Text), ("masterDetails", Shape::List(&MASTER))]);
const DECLARED: Shape = Shape::Fields(&[
    ("RequestInfo", shape::REQUEST_INFO),
    ("MdmsCriteria", Shape::Fields(&[("tenantId", Shape::Text), ("moduleDetails", Shape::List(&MODULE))])),
]);

/// A master as another service gets it: none if it is not there, if mdms-service is away, or has read nothing.
pub(crate) fn master<'a>(world: &'a World, tenant: &str, module: &str, master: &str) -> Option<&'a [Value]> {
    let gone = Condition::MasterMissing(module.to_owned(), master.to_owned());
    if world.has(&Condition::MdmsEmpty) || world.has(&gone) || world.down(Service::Mdms) {
        return None;
    }
    world.masters.get(tenant, module, master)
}

/// The master's item whose field is that text.
pub(crate) fn item<'a>(
    world: &'a World,
    tenant: &str,
    (module, name): (&str, &str),
    field: &str,
    text: &str,
) -> Option<&'a Value> {
    master(world, tenant, module, name)?.iter().find(|item| item[field] == text)
}

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    (path == "/v1/_search").then(|| search(world, request).unwrap_or_else(|refused| refused))
}

/// `POST /egov-mdms-service/v1/_search`. Nothing is an error: what is not there is left out.
fn search(world: &World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    let criteria = &body["MdmsCriteria"];
    if !criteria.is_object() {
        return Err(required("mdmsCriteria"));
    }
    let Some(tenant) = shape::text(criteria, "tenantId") else { return Err(required("mdmsCriteria.tenantId")) };
    if !criteria["moduleDetails"].is_array() {
        return Err(required("mdmsCriteria.moduleDetails"));
    }
    if world.has(&Condition::MdmsEmpty) {
        return Ok(Answer::ok(json!({"ResponseInfo": null, "MdmsRes": {}})));
    }
    let known = world.masters.knows(&tenant);
    let mut modules = Map::new();
    for wanted in shape::items(criteria, "moduleDetails") {
        let module = shape::text(wanted, "moduleName").unwrap_or_default();
        let mut masters = Map::new();
        for detail in shape::items(wanted, "masterDetails") {
            let name = shape::text(detail, "name").unwrap_or_default();
            let Some(items) = master(world, &tenant, &module, &name) else { continue };
            let filter = shape::text(detail, "filter").unwrap_or_default();
            let items = filtered(items, &filter).map_err(|text| errors::fault("PathNotFoundException", text))?;
            masters.insert(name, Value::Array(items));
        }
        if known || !masters.is_empty() {
            modules.insert(module, Value::Object(masters));
        }
    }
    Ok(Answer::ok(json!({"ResponseInfo": null, "MdmsRes": modules})))
}

fn required(field: &str) -> Answer {
    errors::refused(&format!("NotNull.mdmsCriteriaReq.{field}"), "must not be null")
}
