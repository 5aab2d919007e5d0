//! Under which hold of the lease something was written.

use serde_json::Value;

use crate::object::annotation;

/// How often the lease had changed hands when it was written. What was written under a newer one is never overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub i64);

/// Annotation that names it.
pub(super) const FENCE: &str = "digit-installer/lease-transitions";

/// The fence that an object was written under, if it was under one.
pub(super) fn fence_of(object: &Value) -> Option<Fence> {
    annotation(object, FENCE)?.parse().ok().map(Fence)
}
