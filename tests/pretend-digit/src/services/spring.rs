//! How a Spring Boot 3 service of DIGIT's takes a request: method, body, parameters, tables.

use http::Method;
use serde_json::{Value, json};

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;

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
