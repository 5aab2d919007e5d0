//! The table of complaints (§6.6).

use serde_json::Value;

/// The table of complaints: their `service` objects, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Complaints(pub(crate) Vec<Value>);

impl Complaints {
    /// A complaint comes into the table, or in place of what it was.
    pub(crate) fn store(&mut self, complaint: Value) {
        match self.0.iter_mut().find(|c| c["id"] == complaint["id"]) {
            Some(known) => *known = complaint,
            None => self.0.push(complaint),
        }
    }
}
