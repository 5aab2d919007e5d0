//! JSON whose keys stay in their order and whose numbers stay as written: what is edited differs from what was read only
//! where it was edited. Values of `serde_json` keep neither.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize as _;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    /// A number, `true`, `false` or `null`, as written.
    Plain(String),
    /// A text, without its quotes and escapes.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// A map, in the order of its file.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text that [`parse::json`](super::parse::json) has let through.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(text)?;
        Self::of(raw)
    }

    fn of(raw: &RawValue) -> Result<Self, serde_json::Error> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b'[') => {
                let items = Vec::<&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(text))?;
                Self::List(items.into_iter().map(Self::of).collect::<Result<_, _>>()?)
            }
            Some(b'{') => {
                let entries = serde_json::Deserializer::from_str(text).deserialize_map(Entries)?;
                let read = |(key, raw)| Ok((key, Self::of(raw)?));
                Self::Map(entries.into_iter().map(read).collect::<Result<_, serde_json::Error>>()?)
            }
            _ => Self::Plain(text.to_owned()),
        })
    }

    /// As text: two spaces deeper with each level, and an end of line after it.
    pub(super) fn write(&self) -> String {
        let mut out = String::new();
        self.put(&mut out, 0);
        out.push('\n');
        out
    }

    fn put(&self, out: &mut String, depth: usize) {
        match self {
            Self::Plain(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Map(entries) if entries.is_empty() => out.push_str("{}"),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    line(out, at > 0, depth + 1);
                    item.put(out, depth + 1);
                }
                line(out, false, depth);
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    line(out, at > 0, depth + 1);
                    quote(key, out);
                    out.push_str(": ");
                    value.put(out, depth + 1);
                }
                line(out, false, depth);
                out.push('}');
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter_mut().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// The text under a key, or nothing.
    pub(super) fn text(&self, key: &str) -> &str {
        match self.get(key) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    /// Sets a key that is there; a map does not get keys that it had not.
    pub(super) fn set(&mut self, key: &str, value: Self) {
        if let Some(at) = self.get_mut(key) {
            *at = value;
        }
    }

    /// Sets a key that is there to a text.
    pub(super) fn set_text(&mut self, key: &str, text: &str) {
        self.set(key, Self::Text(text.to_owned()));
    }

    /// The items of a list; of anything else none.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list; of anything else none.
    pub(super) fn items_mut(&mut self) -> &mut [Self] {
        match self {
            Self::List(items) => items,
            _ => &mut [],
        }
    }

    /// Calls `seen` with each text and the path to it: keys and places in lists, joined by dots.
    pub(super) fn each_text(&self, path: &str, seen: &mut dyn FnMut(&str, &str)) {
        match self {
            Self::Plain(_) => {}
            Self::Text(text) => seen(path, text),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    item.each_text(&format!("{path}.{at}"), seen);
                }
            }
            Self::Map(entries) => {
                for (key, value) in entries {
                    value.each_text(&format!("{path}.{key}"), seen);
                }
            }
        }
    }
}

fn line(out: &mut String, comma: bool, depth: usize) {
    // Writing to a text cannot fail.
    let _ = write!(out, "{}\n{:2$}", if comma { "," } else { "" }, "", depth * 2);
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            all.push(entry);
        }
        Ok(all)
    }
}

/// A file's text by its path, as it is read and edited.
pub(super) type Texts = BTreeMap<String, String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_again_keeps_order_and_numbers() {
        let text =
            r#"{"z": 1.10, "a": [{}, [], {"b": null, "a": "हि\n\"\u0041"}], "big": 123456789012345678901234567890}"#;
        let json = Json::read(text).unwrap();
        let wanted = "{\n  \"z\": 1.10,\n  \"a\": [\n    {},\n    [],\n    {\n      \"b\": null,\n      \"a\": \"हि\\n\\\"A\"\n    \
                      }\n  ],\n  \"big\": 123456789012345678901234567890\n}\n";
        assert_eq!(json.write(), wanted);
        assert_eq!(Json::read(wanted).unwrap(), json);
    }

    #[test]
    fn a_map_gets_no_keys_that_it_had_not() {
        let mut json = Json::read(r#"{"a": 1}"#).unwrap();
        json.set_text("a", "x");
        json.set_text("b", "y");
        assert_eq!(json, Json::Map(vec![("a".to_owned(), Json::Text("x".to_owned()))]));
    }
}
