//! Reading Kubernetes objects as plain JSON: what is missing reads as empty.

use jiff::Timestamp;
use serde_json::Value;

/// The text at a JSON pointer; empty when there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number at a JSON pointer.
pub(crate) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer).and_then(Value::as_i64)
}

/// A count at a JSON pointer: missing or negative is 0.
pub(crate) fn count(value: &Value, pointer: &str) -> u32 {
    number(value, pointer).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

/// The list at a JSON pointer; empty when there is none.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The time at a JSON pointer (RFC 3339, also with microseconds).
pub(crate) fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer).parse().ok()
}

/// Group of `apiVersion`; empty for the core group.
pub(crate) fn group(object: &Value) -> &str {
    text(object, "/apiVersion").split_once('/').map_or("", |(group, _)| group)
}

/// `metadata.name`.
pub(crate) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// `Kind/namespace/name`, or `Kind/name` for what has no namespace.
pub(crate) fn subject(object: &Value) -> String {
    let (kind, namespace) = (text(object, "/kind"), text(object, "/metadata/namespace"));
    if namespace.is_empty() {
        format!("{kind}/{}", name(object))
    } else {
        format!("{kind}/{namespace}/{}", name(object))
    }
}

/// The condition of a type, if it is there.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    list(object, "/status/conditions").iter().find(|c| text(c, "/type") == kind)
}

/// Whether the condition of a type is there and `True`.
pub(crate) fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|c| text(c, "/status") == "True")
}

/// Whether the controller has seen the newest spec.
pub(crate) fn observed(object: &Value) -> bool {
    match (number(object, "/metadata/generation"), number(object, "/status/observedGeneration")) {
        (Some(wanted), Some(seen)) => seen >= wanted,
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// Whether `child` names `owner` in its owner references.
pub(crate) fn owned_by(child: &Value, owner: &Value) -> bool {
    let uid = text(owner, "/metadata/uid");
    list(child, "/metadata/ownerReferences").iter().any(|r| {
        if uid.is_empty() || text(r, "/uid").is_empty() {
            text(r, "/kind") == text(owner, "/kind") && text(r, "/name") == name(owner)
        } else {
            text(r, "/uid") == uid
        }
    })
}

/// What stands between two marks, the first time.
pub(crate) fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = &text[text.find(from)? + from.len()..];
    Some(&rest[..rest.find(to)?])
}
