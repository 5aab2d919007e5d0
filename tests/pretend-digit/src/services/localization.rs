//! egov-localization (§6.1).

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::messages::MessageKey;
use crate::{Condition, Service};

use super::spring::{body, missing_parameter, needs_tables, response_info, wrong_method};

const MESSAGE: Shape =
    Shape::Fields(&[("code", Shape::Text), ("message", Shape::Text), ("module", Shape::Text), ("locale", Shape::Text)]);
const UPSERT: Shape = Shape::Fields(&[
    ("RequestInfo", shape::REQUEST_INFO),
    ("tenantId", Shape::Text),
    ("messages", Shape::List(&MESSAGE)),
]);
const SEARCH: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO)]);

/// §6.1: a longer message is refused.
const LONGEST: usize = 500;

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    let done = match path {
        "/messages/v1/_upsert" => upsert(world, request),
        "/messages/v1/_search" => body(request, &SEARCH).and_then(|_| search(world, request)),
        "/messages" if request.method == Method::GET => search(world, request),
        "/messages" => Err(wrong_method(request)),
        "/messages/cache-bust" => Ok(Answer::ok(json!({"successful": true}))),
        _ => return None,
    };
    Some(done.unwrap_or_else(|refused| refused))
}

/// `POST /localization/messages/v1/_upsert`: all of the batch or nothing, seen at once.
fn upsert(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &UPSERT)?;
    let messages = shape::items(&body, "messages");
    let tenant = shape::filled(&body, "tenantId");
    let filled = messages
        .iter()
        .all(|m| ["code", "message", "module", "locale"].iter().all(|field| shape::filled(m, field).is_some()));
    let Some(tenant) = tenant.filter(|_| filled && !messages.is_empty()) else {
        return Err(errors::fault("ConstraintViolationException", "must not be empty"));
    };
    let user = body.pointer("/RequestInfo/userInfo").and_then(|user| shape::number(user, "id"));
    if user.is_none() {
        return Err(fields("core.NOT_AUTHENTICATED", "User is not authenticated", "requestInfo.userInfo.id"));
    }
    needs_tables(world, Service::Localization)?;
    let keys: Vec<(MessageKey, String)> = messages
        .iter()
        .map(|m| {
            let of = |field| shape::text(m, field).unwrap_or_default();
            let key =
                MessageKey { tenant: tenant.clone(), locale: of("locale"), module: of("module"), code: of("code") };
            (key, of("message"))
        })
        .collect();
    refuse_batch(world, &keys)?;
    world.messages.0.extend(keys);
    // The row is written before the cache is cleared; what is answered without Redis, the page tells for searches alone.
    if world.has(&Condition::RedisDown) {
        return Err(errors::fault("QueryTimeoutException", "Redis command timed out").after(world.options.redis_wait));
    }
    Ok(Answer::ok(json!({"responseInfo": response_info(&body["RequestInfo"]), "messages": messages})))
}

/// What the table refuses. Known rows are looked up for the first message's module and locale alone, so that a mixed batch
/// works the first time and not again.
fn refuse_batch(world: &World, keys: &[(MessageKey, String)]) -> Result<(), Answer> {
    let Some((first, _)) = keys.first() else { return Ok(()) };
    if keys.iter().any(|(_, text)| text.chars().count() > LONGEST) {
        return Err(fields("core.MESSAGE_PERSIST_FAILED", "Failed to persist messages", "messages"));
    }
    let mut seen = BTreeSet::new();
    for (key, _) in keys {
        let looked_up = key.module == first.module && key.locale == first.locale;
        let known = world.messages.0.contains_key(key);
        let twice = !seen.insert(key);
        if twice && known && looked_up {
            return Err(errors::refused("DUPLICATE_RECORDS", "Duplicate messages in the request"));
        }
        if twice || known && !looked_up {
            return Err(fields("core.DUPLICATE_MESSAGE_IDENTITY", "Duplicate message identity", "messages"));
        }
    }
    Ok(())
}

fn fields(code: &str, message: &str, field: &str) -> Answer {
    errors::with_fields(message, &[(code, message, field)])
}

/// `POST …/v1/_search`, `GET /localization/messages`. A city sees the state's messages only if the search finds none of its own.
fn search(world: &World, request: &Request) -> Result<Answer, Answer> {
    let Some(locale) = request.query("locale") else { return Err(missing_parameter("locale")) };
    let Some(tenant) = request.query("tenantId") else { return Err(missing_parameter("tenantId")) };
    if world.has(&Condition::RedisDown) {
        // §6.8: after 60 s.
        return Err(errors::fault("QueryTimeoutException", "Redis command timed out").after(world.options.redis_wait));
    }
    needs_tables(world, Service::Localization)?;
    let (modules, codes) = (request.query_list("module"), request.query_list("codes"));
    let mut tenant = tenant;
    let found = loop {
        let found = world.messages.of(tenant, locale, &modules, &codes);
        match tenant.rsplit_once('.') {
            Some((above, _)) if found.is_empty() => tenant = above,
            _ => break found,
        }
    };
    let half = world.has(&Condition::MessagesHalfLoaded);
    let messages: Vec<Value> = found
        .into_iter()
        .step_by(if half { 2 } else { 1 })
        .map(|(key, text)| json!({"code": key.code, "message": text, "module": key.module, "locale": key.locale}))
        .collect();
    Ok(Answer::ok(json!({"messages": messages})))
}
