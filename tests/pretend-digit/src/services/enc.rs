//! egov-enc-service (§6.3): encryption alone. What it makes is no cipher, only of the same form, and the same for the same text.

use base64::Engine as _;
use serde_json::{Map, Value};

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::tenant::state_of;

use super::mdms;
use super::spring::{body, needs_tables};

const ONE: Shape = Shape::Fields(&[("tenantId", Shape::Text), ("type", Shape::Text), ("value", Shape::Any)]);
const DECLARED: Shape = Shape::Fields(&[("encryptionRequests", Shape::List(&ONE))]);

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    (path == "/crypto/v1/_encrypt").then(|| encrypt(world, request).unwrap_or_else(|refused| refused))
}

/// `POST /egov-enc-service/crypto/v1/_encrypt`. A tenant that MDMS does not know is 500, with Spring's own body.
fn encrypt(world: &World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    needs_tables(world, Service::Enc)?;
    let mut done = Vec::new();
    for one in shape::items(&body, "encryptionRequests") {
        let tenant = shape::text(one, "tenantId").unwrap_or_default();
        let state = state_of(&tenant);
        let known = tenant == state && world.masters.knows(state)
            || mdms::item(world, state, ("tenant", "tenants"), "code", &tenant).is_some();
        if !known {
            return Err(errors::spring(world.now, 500, "Internal Server Error", &request.path));
        }
        done.push(enciphered(&one["value"]));
    }
    Ok(Answer::ok(Value::Array(done)))
}

fn enciphered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, v)| (name.clone(), enciphered(v))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(enciphered).collect()),
        Value::Null => Value::Null,
        scalar => {
            let text = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
            let mixed: Vec<u8> = text.bytes().rev().map(|b| b ^ 0x5a).collect();
            Value::String(format!("255867|{}", base64::engine::general_purpose::STANDARD.encode(mixed)))
        }
    }
}

/// Whether egov-user can have personal data enciphered (§6.8: the same text at once when enc-service is away, READ).
pub(crate) fn works(world: &World) -> bool {
    !world.down(Service::Enc) && !world.without_tables(Service::Enc)
}
