//! Messages, cut into batches that localization takes: one module and one language each, none twice, well under the gateway's limit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Bytes of a batch's messages as JSON; the envelope with a user and a token comes on top.
const LARGEST: usize = 190_000;
/// Messages of a batch: 500 take 0.2 s.
const MOST: usize = 500;

/// A text of a page or notice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Message {
    /// Which group of pages it belongs to, for example `rainmaker-common`.
    pub module: String,
    /// Its language, for example `en_IN`.
    pub locale: String,
    /// What a page asks for.
    pub code: String,
    /// What people read; at most 500 characters.
    pub message: String,
}

/// Messages that go in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The tenant they are for: the state. One message on a city would hide all of the state's.
    pub tenant: String,
    /// Their module.
    pub module: String,
    /// Their language.
    pub locale: String,
    /// Code and text.
    pub messages: Vec<(String, String)>,
}

impl Batch {
    pub(crate) fn body(&self, request_info: &Value) -> Value {
        let messages: Vec<Value> = self.messages.iter().map(|(code, text)| self.one(code, text)).collect();
        json!({"RequestInfo": request_info, "tenantId": self.tenant, "messages": messages})
    }

    fn one(&self, code: &str, text: &str) -> Value {
        json!({"code": code, "message": text, "module": self.module, "locale": self.locale})
    }
}

/// Those that stay when of two with the same module, language and code the later one wins. `more` are taken last: generated ones go there.
pub(crate) fn resolved(messages: impl IntoIterator<Item = Message>) -> Vec<Message> {
    let mut stay: BTreeMap<(String, String, String), String> = BTreeMap::new();
    for m in messages {
        stay.insert((m.module, m.locale, m.code), m.message);
    }
    stay.into_iter().map(|((module, locale, code), message)| Message { module, locale, code, message }).collect()
}

/// Cuts batches for a tenant. Doubles are resolved first: the later one wins.
#[must_use]
pub fn batches(tenant: &str, messages: &[Message]) -> Vec<Batch> {
    let mut cut: Vec<Batch> = Vec::new();
    let mut size = 0;
    for m in resolved(messages.iter().cloned()) {
        let bytes = serde_json::to_string(&m).map_or(usize::MAX, |t| t.len() + 1);
        let fits = cut.last().is_some_and(|b| {
            b.module == m.module && b.locale == m.locale && b.messages.len() < MOST && size + bytes <= LARGEST
        });
        if !fits {
            cut.push(Batch {
                tenant: tenant.to_owned(),
                module: m.module.clone(),
                locale: m.locale.clone(),
                messages: Vec::new(),
            });
            size = 0;
        }
        size += bytes;
        if let Some(batch) = cut.last_mut() {
            batch.messages.push((m.code, m.message));
        }
    }
    cut
}

/// How many different messages each (module, language) has.
#[must_use]
pub fn count_by_module(messages: &[Message]) -> BTreeMap<(String, String), u64> {
    let mut counts = BTreeMap::new();
    for m in resolved(messages.iter().cloned()) {
        *counts.entry((m.module, m.locale)).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(module: &str, locale: &str, code: &str, message: &str) -> Message {
        Message { module: module.into(), locale: locale.into(), code: code.into(), message: message.into() }
    }

    #[test]
    fn a_batch_has_one_module_one_language_and_nothing_twice() {
        let mixed = [
            message("a", "en_IN", "X", "first"),
            message("b", "en_IN", "X", "other module"),
            message("a", "hi_IN", "X", "other language"),
            message("a", "en_IN", "Y", "y"),
            message("a", "en_IN", "X", "last"),
        ];
        let cut = batches("pg", &mixed);
        let shown: Vec<_> = cut.iter().map(|b| (b.module.as_str(), b.locale.as_str(), b.messages.clone())).collect();
        let pair = |code: &str, text: &str| (code.to_owned(), text.to_owned());
        assert_eq!(
            shown,
            [
                ("a", "en_IN", vec![pair("X", "last"), pair("Y", "y")]),
                ("a", "hi_IN", vec![pair("X", "other language")]),
                ("b", "en_IN", vec![pair("X", "other module")]),
            ]
        );
        assert_eq!(count_by_module(&mixed).values().sum::<u64>(), 4);
    }

    #[test]
    fn batches_stay_under_their_size_whatever_the_script() {
        let long: Vec<Message> =
            (0..1_500).map(|i| message("a", "hi_IN", &format!("C{i}"), &"नगर\"\\".repeat(80))).collect();
        let cut = batches("pg", &long);
        assert_eq!(cut.iter().map(|b| b.messages.len()).sum::<usize>(), 1_500);
        for batch in &cut {
            let bytes = batch.body(&Value::Null).to_string().len();
            assert!(bytes < 200_000, "{bytes}");
            assert!(batch.messages.len() <= 500);
        }
    }
}
