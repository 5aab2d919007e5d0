//! The calls of each service that the last stage needs, one file a service, no decisions in them.

pub(crate) mod filestore;
pub(crate) mod hrms;
pub(crate) mod localization;
pub(crate) mod mdms;
pub(crate) mod pgr;
pub(crate) mod workflow;

use serde_json::Value;

/// The list that an answer must hold; a search that finds nothing gives an empty one, never none.
pub(crate) fn list<'a>(answer: &'a Value, name: &str, call: &str) -> Result<&'a [Value], crate::Error> {
    let list = answer.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or_else(|| crate::user::not_understood(call, name))
}
