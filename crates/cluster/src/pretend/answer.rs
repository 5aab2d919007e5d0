//! Answers: their bodies, and refusals as a Kubernetes API server words them.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use serde_json::{Value, json};

use super::kinds::Kind;

/// The body of an answer: one piece, or a stream.
pub(super) type Answered = UnsyncBoxBody<Bytes, Infallible>;

/// The metadata alone.
pub(super) fn metadata(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) details: Value,
}

impl Refusal {
    /// The `Status` object.
    pub(super) fn status(&self) -> Value {
        let mut status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message, "code": self.code});
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        if !self.details.is_null() {
            status["details"] = self.details.clone();
        }
        status
    }

    pub(super) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Refusal { code, reason, message: message.into(), details: Value::Null }
    }

    fn about(code: u16, reason: &'static str, message: String, kind: &Kind, name: &str) -> Self {
        let mut details = json!({"name": name, "kind": kind.plural});
        if !kind.group.is_empty() {
            details["group"] = kind.group.clone().into();
        }
        Refusal { code, reason, message, details }
    }

    pub(super) fn not_found(kind: &Kind, name: &str) -> Self {
        Refusal::about(404, "NotFound", format!("{} \"{name}\" not found", kind.qualified()), kind, name)
    }

    pub(super) fn no_such_path() -> Self {
        Refusal {
            details: json!({}),
            ..Refusal::new(404, "NotFound", "the server could not find the requested resource")
        }
    }

    pub(super) fn already_exists(kind: &Kind, name: &str) -> Self {
        Refusal::about(409, "AlreadyExists", format!("{} \"{name}\" already exists", kind.qualified()), kind, name)
    }

    pub(super) fn modified(kind: &Kind, name: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": the object has been modified; please apply your changes to the latest version and try again",
            kind.qualified()
        );
        Refusal::about(409, "Conflict", message, kind, name)
    }

    pub(super) fn precondition(kind: &Kind, name: &str, message: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {message}", kind.qualified());
        Refusal::about(409, "Conflict", message, kind, name)
    }

    /// Causes: (field, what is wrong, its reason).
    pub(super) fn invalid(kind: &Kind, name: &str, causes: &[(String, String, &'static str)]) -> Self {
        let words: Vec<String> = causes.iter().map(|(field, message, _)| format!("{field}: {message}")).collect();
        let said = if let [one] = words.as_slice() { one.clone() } else { format!("[{}]", words.join(", ")) };
        let message = format!("{} \"{name}\" is invalid: {said}", kind.qualified_kind());
        let causes: Vec<Value> = causes
            .iter()
            .map(|(field, message, reason)| json!({"reason": reason, "message": message, "field": field}))
            .collect();
        let mut refusal = Refusal::about(422, "Invalid", message, kind, name);
        refusal.details["kind"] = kind.kind.clone().into();
        refusal.details["causes"] = causes.into();
        refusal
    }

    pub(super) fn forbidden(kind: &Kind, name: &str, why: &str) -> Self {
        Refusal::about(403, "Forbidden", format!("{} \"{name}\" is forbidden: {why}", kind.qualified()), kind, name)
    }

    /// Apply without saying who applies.
    pub(super) fn no_manager() -> Self {
        let message = "Required value: is required for apply patch";
        let mut refusal =
            Refusal::new(422, "Invalid", format!("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: {message}"));
        refusal.details = json!({"group": "meta.k8s.io", "kind": "PatchOptions",
            "causes": [{"reason": "FieldValueRequired", "message": message, "field": "fieldManager"}]});
        refusal
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Refusal::new(400, "BadRequest", message)
    }

    pub(super) fn expired(asked: u64, oldest: u64) -> Self {
        Refusal::new(410, "Expired", format!("too old resource version: {asked} ({oldest})"))
    }
}
