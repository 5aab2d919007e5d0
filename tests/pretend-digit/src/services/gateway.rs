//! The gateway (§2.1).

use http::Method;
use serde_json::{Value, json};

use crate::wire::answer::{Answer, Leaves};
use crate::wire::errors;
use crate::wire::request::Request;
use crate::world::World;
use crate::{Condition, Service};

use super::access;
use super::backend::call;
use super::calls::THROUGH_GATEWAY;

/// §1.3, §2.1: bodies over that many bytes are refused. (That forms with files are too, the page does not tell.)
const BODY_LIMIT: usize = 262_144;

/// §2.1: paths without any check, as the chart sets the list ("among others": these are the ones that the page names).
const OPEN: &[&str] = &[
    "/user/oauth/token",
    "/user-otp/v1/_send",
    "/otp/v1/_validate",
    "/user/citizen/_create",
    "/localization/messages",
    "/localization/messages/v1/_search",
    "/egov-mdms-service/v1/_search",
    "/filestore/v1/files",
    "/filestore/v1/files/id",
    "/filestore/v1/files/url",
    "/filestore/v1/files/tag",
];

const NOT_AUTHORIZED: &str = "You are not authorized to access this resource";
const NOT_PARSED: &str = "Failed to parse request at API gateway";

/// A request at the gateway: routed, checked, passed on.
pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    if request.path == "/health" {
        // §6.8: Redis serves only rate limits, but health hangs on it.
        return if world.has(&Condition::RedisDown) {
            Answer::json(503, &json!({"status": "DOWN"})).after(world.options.redis_wait)
        } else {
            Answer::ok(json!({"status": "UP"}))
        };
    }
    let Some(service) = route(world, &request.path) else { return not_found(world, request) };
    if request.body.len() > BODY_LIMIT {
        let text = format!("Exceeded limit on max bytes to buffer : {BODY_LIMIT}");
        return errors::gateway(500, "DataBufferLimitException", &text);
    }
    if OPEN.contains(&request.path.as_str()) {
        if request.method == Method::POST && request.body.is_empty() {
            return errors::gateway(500, "NullPointerException", "value");
        }
        return passed_on(world, service, request);
    }
    match checked(world, request) {
        Ok(request) => passed_on(world, service, &request),
        Err(refused) => refused,
    }
}

/// The service of a path; `//` is no path of any (§3.3), and routes are those of the start (§2.1).
fn route(world: &World, path: &str) -> Option<Service> {
    if path.contains("//") || world.has(&Condition::GatewayWithoutRoutes) {
        return None;
    }
    let context = path.strip_prefix('/')?.split('/').next()?;
    Service::ALL
        .into_iter()
        .filter(|s| s.routed() && !world.has(&Condition::RouteMissing(*s)))
        .find(|s| s.context() == context)
}

fn not_found(world: &mut World, request: &Request) -> Answer {
    let id = world.draw.uuid();
    Answer::json(
        404,
        &json!({
            "timestamp": world.now.to_string(), "path": request.path, "status": 404, "error": "Not Found",
            "requestId": id.get(..8).unwrap_or_default(),
        }),
    )
}

/// The order of checks (§2.1): token, the user of it, roles. `userInfo` becomes the token's user (§2).
fn checked(world: &mut World, request: &Request) -> Result<Request, Answer> {
    let refused = |text: &str| errors::gateway(401, "CustomException", text);
    if request.body.is_empty() {
        // `GET …/metadata` with its tenant: 401; `GET …/health`: 500.
        return Err(if request.query("tenantId").is_some() {
            refused(NOT_PARSED)
        } else {
            errors::gateway(500, "NullPointerException", "value")
        });
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| refused(NOT_PARSED))?;
    let Some(info) = body.get("RequestInfo").filter(|i| i.is_object()) else {
        return Err(refused(
            "Cannot invoke \"org.egov.common.contract.request.RequestInfo.getAuthToken()\" because \"requestInfo\" is null",
        ));
    };
    let token = info.get("authToken").and_then(Value::as_str).filter(|t| !t.is_empty());
    let Some(token) = token else { return Err(refused(NOT_AUTHORIZED)) };
    if world.down(Service::User) {
        return Err(unreachable(Service::User));
    }
    let user = match details(world, token) {
        Ok(user) => user,
        Err(text) => return Err(refused(&text)),
    };
    let tenants = match tenants(&body) {
        found if !found.is_empty() => found,
        _ => request.query("tenantId").map(|t| vec![t.to_owned()]).unwrap_or_default(),
    };
    if tenants.is_empty() {
        return Err(refused(NOT_PARSED));
    }
    // §7: accesscontrol away also answers 401 (READ).
    let allowed =
        !world.down(Service::AccessControl) && access::allowed(world, &access::held(&user), &request.path, &tenants);
    if !allowed {
        return Err(refused(NOT_AUTHORIZED));
    }
    let mut body = body;
    if let Some(info) = body.get_mut("RequestInfo").and_then(Value::as_object_mut) {
        info.insert("userInfo".to_owned(), user);
    }
    Ok(Request { body: body.to_string().into_bytes().into(), ..request.clone() })
}

/// `POST /user/_details` as the gateway asks it.
fn details(world: &World, token: &str) -> Result<Value, String> {
    if world.has(&Condition::RedisDown) {
        return Err("500 Internal Server Error: JedisConnectionException".to_owned());
    }
    world
        .users
        .token(token, world.now)
        .map(|t| t.user.clone())
        .ok_or_else(|| "400 Bad Request: {\"Errors\":[{\"code\":\"InvalidAccessTokenException\"}]}".to_owned())
}

/// Every `tenantId` anywhere in a body but in `RequestInfo` (§2.1).
pub(crate) fn tenants(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if let Value::Object(fields) = body {
        for (name, value) in fields.iter().filter(|(name, _)| *name != "RequestInfo") {
            collect(name, value, &mut found);
        }
    }
    found
}

fn collect(name: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if name == "tenantId" && !text.is_empty() && !found.contains(text) => {
            found.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect("", item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(name, value, found)),
        _ => {}
    }
}

fn passed_on(world: &mut World, service: Service, request: &Request) -> Answer {
    let mut request = request.clone();
    request.headers.insert(THROUGH_GATEWAY, http::HeaderValue::from_static("true"));
    let answer = call(world, service, &request);
    if answer.leaves == Leaves::Reset { unreachable(service) } else { answer }
}

/// §2.1, READ: the service behind does not take the connection.
fn unreachable(service: Service) -> Answer {
    errors::gateway(500, "ConnectException", &format!("Connection refused: {service}.egov/:8080"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenants_of_a_body_are_everywhere_but_in_its_request_info() {
        let body = json!({
            "RequestInfo": {"userInfo": {"tenantId": "pg.x"}},
            "service": {"tenantId": "pg.citya", "citizen": {"roles": [{"tenantId": "pg"}, {"tenantId": null}]}},
            "list": [{"tenantId": "pg.citya"}],
        });
        assert_eq!(tenants(&body), ["pg.citya", "pg"]);
        assert_eq!(tenants(&json!([1])), Vec::<String>::new());
    }
}
