//! Events of an object, old API and new alike.

use jiff::Timestamp;
use serde_json::Value;

use crate::json::{self, text, time};

/// Warnings that accompany nearly every DIGIT pod and are never the cause of anything.
const NOISE: &[&str] = &["FailedToRetrieveImagePullSecret"];

/// One event, read.
pub(crate) struct Event<'a> {
    pub(crate) reason: &'a str,
    pub(crate) message: &'a str,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
}

impl Event<'_> {
    /// The line for evidence.
    pub(crate) fn line(&self, subject: &str) -> String {
        crate::messages::without_accounts(&format!("{subject}: event {}: {}", self.reason, self.message.trim()))
    }
}

/// The events about `object`, oldest first, noise left out.
pub(crate) fn about<'a>(object: &Value, events: &[&'a Value]) -> Vec<Event<'a>> {
    let mut found: Vec<Event<'a>> = events
        .iter()
        .filter(|event| is_about(event, object))
        .map(|event| Event {
            reason: text(event, "/reason"),
            message: match text(event, "/message") {
                "" => text(event, "/note"),
                message => message,
            },
            first: ["/firstTimestamp", "/deprecatedFirstTimestamp", "/eventTime", "/metadata/creationTimestamp"]
                .iter()
                .find_map(|at| time(event, at)),
            last: ["/lastTimestamp", "/series/lastObservedTime", "/deprecatedLastTimestamp", "/eventTime"]
                .iter()
                .find_map(|at| time(event, at))
                .or_else(|| time(event, "/metadata/creationTimestamp")),
        })
        .filter(|event| !NOISE.contains(&event.reason))
        .collect();
    found.sort_by_key(|event| event.last);
    found
}

fn is_about(event: &Value, object: &Value) -> bool {
    let of = if event.pointer("/involvedObject").is_some() { "/involvedObject" } else { "/regarding" };
    let field = |name: &str| text(event, &format!("{of}/{name}"));
    let uid = text(object, "/metadata/uid");
    if !uid.is_empty() && !field("uid").is_empty() {
        return field("uid") == uid;
    }
    field("kind") == text(object, "/kind")
        && field("name") == json::name(object)
        && field("namespace") == text(object, "/metadata/namespace")
}
