//! Why something is as it is: a code with data, for words that live elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A code with data. The UI turns it into words; nothing matches on strings made for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Cause {
    /// Stable, in kebab case, for example `image-not-found`. Message `cause-CODE` in the message files.
    pub code: String,
    /// What the message needs: names and numbers as strings.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
}

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

impl Cause {
    /// A cause without data.
    pub fn new(code: impl Into<String>) -> Self {
        Cause { code: code.into(), args: BTreeMap::new() }
    }
    /// The same with one more piece of data.
    #[allow(clippy::needless_pass_by_value)] // so that callers may hand over names and numbers alike
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}
