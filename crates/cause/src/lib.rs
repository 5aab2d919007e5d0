//! Why something is as it is: a code with data, for words that live elsewhere. All crates that conclude something say it so.

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

impl Cause {
    /// A cause without data.
    pub fn new(code: impl Into<String>) -> Self {
        Cause { code: code.into(), args: BTreeMap::new() }
    }

    /// The same with one more piece of data.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers hand over names and numbers alike")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }

    /// The same without secrets in its data.
    #[must_use]
    pub fn redacted(self, redact: &dyn Fn(&str) -> String) -> Self {
        Cause { code: self.code, args: self.args.into_iter().map(|(name, value)| (name, redact(&value))).collect() }
    }
}
