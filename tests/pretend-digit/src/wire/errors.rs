//! DIGIT's error bodies (§2): most services say 400 for everything, in one of three shapes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::Answer;

/// The fixed text of an inner fault (§2).
pub(crate) const UNHANDLED: &str = "An unhandled exception occurred on the server";

/// 400 of a Spring Boot 3 service with one error (§2).
pub(crate) fn refused(code: &str, message: impl Into<String>) -> Answer {
    refused_all(&[(code, message.into())])
}

/// 400 of a Spring Boot 3 service with several errors (§2).
pub(crate) fn refused_all(errors: &[(&str, String)]) -> Answer {
    let errors: Vec<Value> = errors.iter().map(|(code, message)| error(code, message)).collect();
    Answer::json(400, &json!({"ResponseInfo": null, "Errors": errors}))
}

fn error(code: &str, message: &str) -> Value {
    json!({"id": null, "parentId": null, "code": code, "message": message, "description": null, "params": null})
}

/// 400 for an inner fault of a Spring Boot 3 service: `id` is the exception's class, `code` the fixed text (§2).
pub(crate) fn fault(class: &str, message: impl Into<String>) -> Answer {
    Answer::json(
        400,
        &json!({"ResponseInfo": null, "Errors": [{
            "id": class, "parentId": null, "code": UNHANDLED, "message": message.into(), "description": null, "params": null,
        }]}),
    )
}

/// 400 of egov-user: the same shape without `id` and `parentId` (§2).
pub(crate) fn user_refused(code: &str, message: &str) -> Answer {
    user_refused_all(&[(code, message.to_owned())])
}

/// 400 of egov-user with several errors.
pub(crate) fn user_refused_all(errors: &[(&str, String)]) -> Answer {
    let errors: Vec<Value> = errors
        .iter()
        .map(|(code, message)| json!({"code": code, "message": message, "description": null, "params": null}))
        .collect();
    Answer::json(400, &json!({"ResponseInfo": null, "Errors": errors}))
}

/// 400 for an inner fault of egov-user: `code` is the exception's class, `message` the fixed text (§2).
pub(crate) fn user_fault(class: &str, description: Option<&str>) -> Answer {
    Answer::json(
        400,
        &json!({"ResponseInfo": null, "Errors": [{
            "code": class, "message": UNHANDLED, "description": description, "params": null,
        }]}),
    )
}

/// An OAuth error of the token endpoint (§2).
pub(crate) fn oauth(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": description}))
}

/// 400 of the OTP services and of localization (§2).
pub(crate) fn with_fields(message: &str, fields: &[(&str, &str, &str)]) -> Answer {
    let fields: Vec<Value> =
        fields.iter().map(|(code, message, field)| json!({"code": code, "message": message, "field": field})).collect();
    Answer::json(
        400,
        &json!({
            "responseInfo": null,
            "error": {"code": 400, "message": message, "description": null, "fields": fields},
        }),
    )
}

/// The gateway's error (§2.1): JSON as text, without content type.
pub(crate) fn gateway(status: u16, code: &str, message: &str) -> Answer {
    Answer::untyped(
        status,
        &json!({"ResponseInfo": null, "Errors": [{
            "code": code, "message": message, "description": null, "params": null,
        }]}),
    )
}

/// Spring's own error body, where no handler of DIGIT's is reached (`//` in the path: §3.3; enc-service: §6.3).
pub(crate) fn spring(now: Timestamp, status: u16, error: &str, path: &str) -> Answer {
    Answer::json(status, &json!({"timestamp": now.to_string(), "status": status, "error": error, "path": path}))
}

/// Tables are not there (§3.1): a statement on one that the migration has not made.
pub(crate) fn no_table(table: &str) -> String {
    format!(
        "PreparedStatementCallback; bad SQL grammar [select * from {table}]; nested exception is org.postgresql.util.PSQLException: ERROR: relation \"{table}\" does not exist"
    )
}
