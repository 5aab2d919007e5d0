//! How egov-user takes a request: as the others do, with refusals in its own shape.

use http::Method;
use serde_json::Value;

use crate::services::{enc, spring};
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::Shape;
use crate::world::World;
use crate::{Condition, Service};

/// The JSON body of a POST, and its request info: `requestInfo` and `RequestInfo` are both read (§2); without either a null
/// pointer (§4.1).
///
/// # Errors
/// With egov-user's own answer.
pub(crate) fn body(request: &Request, declared: &Shape) -> Result<(Value, Value), Answer> {
    let body = read(request, declared)?;
    let info = body.get("RequestInfo").or_else(|| body.get("requestInfo")).filter(|i| i.is_object()).cloned();
    match info {
        Some(info) => Ok((body, info)),
        None => Err(errors::user_fault("NullPointerException", None)),
    }
}

/// The JSON body of a POST.
///
/// # Errors
/// With egov-user's own answer.
pub(crate) fn read(request: &Request, declared: &Shape) -> Result<Value, Answer> {
    only_post(request)?;
    spring::read(request, declared).map_err(|(code, text)| errors::user_refused(code, &text))
}

/// Another method than POST is refused. Not on the page.
///
/// # Errors
/// With egov-user's own answer.
pub(crate) fn only_post(request: &Request) -> Result<(), Answer> {
    if request.method == Method::POST {
        return Ok(());
    }
    Err(errors::user_fault("HttpRequestMethodNotSupportedException", None))
}

/// Tables, Kafka and enc-service are there; without one of them every call that reads or writes a user fails (§3.1, §6.8).
///
/// # Errors
/// With egov-user's own answer, late if it is Kafka.
pub(crate) fn needs_storage(world: &World) -> Result<(), Answer> {
    if world.without_tables(Service::User) {
        return Err(errors::user_fault("BadSqlGrammarException", Some(&errors::no_table("eg_user"))));
    }
    if world.has(&Condition::KafkaDown) {
        let answer = errors::user_refused("UNKNOWN_ERROR", "Unknown error occurred in decryption process");
        return Err(answer.after(world.options.kafka_wait));
    }
    if !enc::works(world) {
        // READ (§4.1).
        return Err(errors::user_refused("ENCRYPTION_ERROR", "Error occurred in encryption process"));
    }
    Ok(())
}
