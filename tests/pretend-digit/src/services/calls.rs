//! A call of a service, whichever it is: noted, and spoilt if a fault is set for it.

use serde_json::Value;

use crate::Service;
use crate::wire::answer::{Answer, Leaves};
use crate::wire::request::Request;
use crate::wire::shape;
use crate::world::{Call, World};

/// The header line by which a service knows a request that came through the gateway (§4.3, READ).
pub(crate) const THROUGH_GATEWAY: &str = "x-pass-through-gateway";

/// Does the work of a call, unless a fault is set for it or the service is away.
pub(crate) fn noted(
    world: &mut World,
    service: Service,
    request: &Request,
    work: impl FnOnce(&mut World, &Request) -> Answer,
) -> Answer {
    let fault = world.faults.take(service, &request.method, &request.path);
    let spoilt = fault.as_ref().and_then(|f| f.before(service, &request.path, world.now));
    let answer = match spoilt {
        Some(answer) => answer,
        None if world.down(service) => Answer::reset(),
        None => work(world, request),
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
