//! What is waited for, and why.

pub use ::cause::Cause;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Awaited {
    /// `step`, `object` or `person`.
    pub kind: String,
    /// Its name, for example `StatefulSet/backbone/kafka-kraft-controller`.
    pub name: String,
    /// Why, as a code.
    pub why: Cause,
}
