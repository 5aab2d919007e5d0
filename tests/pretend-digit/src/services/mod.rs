//! The services: each a function from the world and a request to an answer. This file is what stands before all of them.

pub(crate) mod access;
#[cfg(test)]
mod any_body;
pub(crate) mod enc;
pub(crate) mod entry;
pub(crate) mod filestore;
pub(crate) mod gateway;
pub(crate) mod hrms;
pub(crate) mod idgen;
pub(crate) mod localization;
pub(crate) mod mdms;
pub(crate) mod otp;
pub(crate) mod pgr;
pub(crate) mod user;
pub(crate) mod web;
pub(crate) mod workflow;

use http::Method;
use serde_json::{Value, json};

use crate::wire::answer::{Answer, Leaves};
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::{Call, World};
use crate::{Condition, Service};

/// The header line by which a service knows a request that came through the gateway (§4.3, READ).
pub(crate) const THROUGH_GATEWAY: &str = "x-pass-through-gateway";

/// A call of a service: noted, spoilt if a fault is set for it, else answered.
pub(crate) fn call(world: &mut World, service: Service, request: &Request) -> Answer {
    let fault = world.faults.take(service, &request.method, &request.path);
    let spoilt = fault.as_ref().and_then(|f| f.before(service, &request.path, world.now));
    let answer = match spoilt {
        Some(answer) => answer,
        None if world.down(service) => Answer::reset(),
        None => answer(world, service, request),
    };
    let answer = match fault {
        Some(fault) => fault.after(answer),
        None => answer,
    };
    let status = if matches!(answer.leaves, Leaves::After(_)) { answer.status } else { 0 };
    let tenant = request.query("tenantId").map(str::to_owned).or_else(|| {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        nearest_tenant(&body)
    });
    world.calls.push(Call { service, method: request.method.to_string(), path: request.path.clone(), tenant, status });
    answer
}

/// The `tenantId` that is least deep in a body, outside `RequestInfo`.
fn nearest_tenant(body: &Value) -> Option<String> {
    let mut level = vec![body];
    while !level.is_empty() {
        if let Some(tenant) = level.iter().find_map(|value| shape::filled(value, "tenantId")) {
            return Some(tenant);
        }
        level = level.into_iter().flat_map(inner).collect();
    }
    None
}

fn inner(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => {
            let outside = fields.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("RequestInfo"));
            outside.map(|(_, value)| value).collect()
        }
        _ => Vec::new(),
    }
}

fn answer(world: &mut World, service: Service, request: &Request) -> Answer {
    match service {
        Service::Entry => return entry::answer(world, request),
        Service::Gateway => return gateway::answer(world, request),
        Service::Web => return web::answer(world, request),
        Service::ObjectStore => return filestore::object(world, request),
        _ => {}
    }
    if request.path.contains("//") {
        return doubled_slash(world, service, request);
    }
    let within = request.path.strip_prefix('/').and_then(|p| p.strip_prefix(service.context()));
    match within {
        Some("/health") => health(world, service, request),
        Some(path) if path.starts_with('/') && world.has(&Condition::DriverClassWrong(service)) => {
            // §1.1: enc-service and filestore die, the others answer nothing useful; none becomes ready.
            errors::fault("CannotGetJdbcConnectionException", "Failed to obtain JDBC Connection").with("x-path", path)
        }
        Some(path) if path.starts_with('/') => {
            let path = path.to_owned();
            let not_found = |world: &World| errors::spring(world.now, 404, "Not Found", &request.path);
            let answered = match service {
                Service::User => user::answer(world, &path, request),
                Service::Otp => otp::answer_otp(world, &path, request),
                Service::UserOtp => otp::answer_user_otp(world, &path, request),
                Service::Localization => localization::answer(world, &path, request),
                Service::Mdms => mdms::answer(world, &path, request),
                Service::Enc => enc::answer(world, &path, request),
                Service::Hrms => hrms::answer(world, &path, request),
                Service::Workflow => workflow::answer(world, &path, request),
                Service::Pgr => pgr::answer(world, &path, request),
                Service::Filestore => filestore::answer(world, &path, request),
                Service::Idgen => idgen::answer(world, &path, request),
                Service::AccessControl => access::answer(world, &path, request),
                _ => None,
            };
            answered.unwrap_or_else(|| not_found(world))
        }
        _ => errors::spring(world.now, 404, "Not Found", &request.path),
    }
}

/// §3.3: a request that arrives with `//` is refused with 500 by every service.
fn doubled_slash(world: &World, service: Service, request: &Request) -> Answer {
    let text = if service == Service::User {
        "org.springframework.security.web.firewall.RequestRejectedException: The request was rejected because the URL was not normalized."
    } else {
        "Invalid contextPath"
    };
    Answer::json(
        500,
        &json!({
            "timestamp": world.now.to_string(), "status": 500, "error": "Internal Server Error",
            "message": text, "path": request.path,
        }),
    )
}

/// §3.3 (health paths), §3.1 (200 before the tables), §6.8 (Kafka and Redis away), §1.1 (driver class).
fn health(world: &World, service: Service, request: &Request) -> Answer {
    if request.method != Method::GET && request.method != Method::HEAD {
        return wrong_method(request);
    }
    if world.has(&Condition::DriverClassWrong(service)) {
        return Answer::json(503, &json!({"status": "DOWN"}));
    }
    match service {
        Service::User if world.has(&Condition::RedisDown) => {
            Answer::json(503, &json!({"status": "DOWN", "db": {"status": "UP"}, "redis": {"status": "DOWN"}}))
        }
        Service::User => Answer::ok(json!({"status": "UP", "db": {"status": "UP"}})),
        Service::Localization if world.has(&Condition::RedisDown) => Answer::never(),
        _ => Answer::ok(json!({"status": "UP"})),
    }
}

/// A method that the path does not have. Not on the page: the tracer library makes 400 of it (READ).
pub(crate) fn wrong_method(request: &Request) -> Answer {
    let text = format!("Request method '{}' is not supported", request.method);
    errors::fault("HttpRequestMethodNotSupportedException", text)
}

/// The JSON body of a POST, if it has the declared shape.
///
/// # Errors
/// With the answer of a Spring Boot 3 service.
pub(crate) fn body(request: &Request, declared: &Shape) -> Result<Value, Answer> {
    if request.method != Method::POST {
        return Err(wrong_method(request));
    }
    read(request, declared).map_err(|(code, text)| errors::refused(code, text))
}

/// The JSON body, if it has the declared shape.
///
/// # Errors
/// With code and text of the refusal; the shape of it is the service's own.
pub(crate) fn read(request: &Request, declared: &Shape) -> Result<Value, (&'static str, String)> {
    let body = request.json()?;
    match declared.misfit(&body) {
        Some(_) => Err(("JsonMappingException", "Failed to deserialize certain JSON fields".to_owned())),
        None => Ok(body),
    }
}

/// A service without its tables: its statement fails (§3.1).
///
/// # Errors
/// With 400 `BadSqlGrammarException`.
pub(crate) fn needs_tables(world: &World, service: Service) -> Result<(), Answer> {
    match service.table() {
        Some(table) if world.without_tables(service) => {
            Err(errors::fault("BadSqlGrammarException", errors::no_table(table)))
        }
        _ => Ok(()),
    }
}

/// A parameter that the controller declares as required. Not on the page: the tracer library's text (READ).
pub(crate) fn missing_parameter(name: &str) -> Answer {
    errors::refused("", format!("Required request parameter '{name}' for method parameter type String is not present"))
}

/// `ResponseInfo` of an answer.
pub(crate) fn response_info(request_info: &Value) -> Value {
    let field = |name: &str| shape::text(request_info, name);
    json!({
        "apiId": field("apiId"), "ver": field("ver"), "ts": shape::number(request_info, "ts"),
        "resMsgId": "uief87324", "msgId": field("msgId"), "status": "successful",
    })
}
