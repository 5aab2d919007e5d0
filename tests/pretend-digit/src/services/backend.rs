//! What stands behind entry and gateway, each reached by its own address too: this file is what all of them have in common.

use http::Method;
use serde_json::json;

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::world::World;
use crate::{Condition, Service};

use super::calls::noted;
use super::spring::wrong_method;
use super::{access, enc, filestore, hrms, idgen, localization, mdms, otp, pgr, user, web, workflow};

/// A call of a service.
pub(crate) fn call(world: &mut World, service: Service, request: &Request) -> Answer {
    noted(world, service, request, |world, request| answer(world, service, request))
}

fn answer(world: &mut World, service: Service, request: &Request) -> Answer {
    match service {
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
        Some(_) if world.has(&Condition::DriverClassWrong(service)) => {
            // §1.1: enc-service and filestore die, the others do not become ready. What they answer, the page does not tell.
            errors::fault("CannotGetJdbcConnectionException", "Failed to obtain JDBC Connection")
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
