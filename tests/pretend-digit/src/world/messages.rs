//! The table of messages (§6.1).

use std::collections::BTreeMap;

/// What makes a message the only one of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageKey {
    pub(crate) tenant: String,
    pub(crate) locale: String,
    pub(crate) module: String,
    pub(crate) code: String,
}

/// The table of messages.
#[derive(Debug, Default)]
pub(crate) struct Messages(pub(crate) BTreeMap<MessageKey, String>);

impl Messages {
    /// The messages of one tenant alone that a search asks for; an empty list of modules or codes is all.
    pub(crate) fn of(
        &self,
        tenant: &str,
        locale: &str,
        modules: &[String],
        codes: &[String],
    ) -> Vec<(&MessageKey, &str)> {
        self.0
            .iter()
            .filter(|(key, _)| key.tenant == tenant && key.locale == locale)
            .filter(|(key, _)| modules.is_empty() || modules.contains(&key.module))
            .filter(|(key, _)| codes.is_empty() || codes.contains(&key.code))
            .map(|(key, text)| (key, text.as_str()))
            .collect()
    }
}
