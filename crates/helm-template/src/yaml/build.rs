//! Puts the nodes of a YAML document together as JSON.

use std::collections::HashMap;

use serde_json::{Map, Number, Value as Json};

use super::resolve::{Scalar, resolve};

/// How numbers come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// All as floats, as Helm reads values.
    Float,
    /// Whole numbers stay whole, as Kubernetes reads objects.
    Exact,
}

/// A node's anchor and tag; both may be empty.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) anchor: String,
    pub(super) tag: String,
}

/// Deeper nesting is refused.
const MAX_DEPTH: usize = 1_000;

enum Open {
    List { anchor: String, items: Vec<Json> },
    Map { anchor: String, entries: Map<String, Json>, key: Option<Key> },
}

enum Key {
    Name(String),
    /// Which JSON cannot have.
    Null,
    Merge,
}

/// Puts nodes together as the parser finds them.
pub(super) struct Builder {
    numbers: Numbers,
    open: Vec<Open>,
    anchors: HashMap<String, Json>,
    /// How many nodes were read, and how many of them came from aliases.
    decoded: usize,
    aliased: usize,
    done: Option<Json>,
}

const CORE: &str = "tag:yaml.org,2002:";

impl Builder {
    pub(super) fn new(numbers: Numbers) -> Self {
        Builder { numbers, open: Vec::new(), anchors: HashMap::new(), decoded: 0, aliased: 0, done: None }
    }

    /// What was put together; null if there was nothing.
    pub(super) fn done(self) -> Json {
        self.done.unwrap_or(Json::Null)
    }

    pub(super) fn open_list(&mut self, properties: Properties) -> Result<(), String> {
        self.push(Open::List { anchor: properties.anchor, items: Vec::new() })
    }

    pub(super) fn open_map(&mut self, properties: Properties) -> Result<(), String> {
        self.push(Open::Map { anchor: properties.anchor, entries: Map::new(), key: None })
    }

    fn push(&mut self, open: Open) -> Result<(), String> {
        self.decoded += 1;
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("yaml: exceeded max depth of {MAX_DEPTH}"));
        }
        self.open.push(open);
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map { key: None, .. }))
    }

    pub(super) fn close(&mut self) -> Result<(), String> {
        match self.open.pop() {
            // go-yaml reads a map or list as key and then refuses it.
            Some(Open::List { items, .. }) if self.wants_key() => Err(invalid_key(&Json::Array(items))),
            Some(Open::Map { entries, .. }) if self.wants_key() => Err(invalid_key(&Json::Object(entries))),
            Some(Open::List { anchor, items }) => self.value(Json::Array(items), &anchor),
            Some(Open::Map { anchor, entries, .. }) => self.value(Json::Object(entries), &anchor),
            None => Ok(()),
        }
    }

    pub(super) fn alias(&mut self, name: &str) -> Result<(), String> {
        let within = self.open.iter().any(|open| match open {
            Open::List { anchor, .. } | Open::Map { anchor, .. } => anchor == name,
        });
        if within {
            return Err(format!("yaml: anchor '{name}' value contains itself"));
        }
        let Some(value) = self.anchors.get(name).cloned() else {
            return Err(format!("yaml: unknown anchor '{name}' referenced"));
        };
        let count = count(&value);
        self.aliased += count;
        self.decoded += count;
        // As go-yaml: a document may not be made of aliases (the "billion laughs").
        if self.aliased > 100 && self.decoded > 1_000 && self.aliased as f64 / self.decoded as f64 > self.ratio() {
            return Err("yaml: document contains excessive aliasing".to_owned());
        }
        if self.wants_key() {
            let key = key_name(&value)?;
            self.set_key(key);
            return Ok(());
        }
        self.value(value, "")
    }

    fn ratio(&self) -> f64 {
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        match self.decoded as f64 {
            count if count <= LOW => 0.99,
            count if count >= HIGH => 0.10,
            count => 0.99 - 0.89 * ((count - LOW) / (HIGH - LOW)),
        }
    }

    fn set_key(&mut self, name: Key) {
        if let Some(Open::Map { key, .. }) = self.open.last_mut() {
            *key = Some(name);
        }
    }

    /// A scalar; `implicit` if its text may say what type it is.
    pub(super) fn scalar(&mut self, text: &str, implicit: bool, properties: &Properties) -> Result<(), String> {
        self.decoded += 1;
        let tag = properties.tag.as_str();
        if self.wants_key() && text == "<<" && (implicit || tag == "tag:yaml.org,2002:merge") {
            self.set_key(Key::Merge);
            return Ok(());
        }
        let value = if tag.is_empty() && !implicit { Json::String(text.to_owned()) } else { self.tagged(text, tag)? };
        if self.wants_key() {
            let key = key_name(&value)?;
            self.set_key(key);
            if !properties.anchor.is_empty() {
                self.anchors.insert(properties.anchor.clone(), value);
            }
            return Ok(());
        }
        self.value(value, &properties.anchor)
    }

    fn tagged(&self, text: &str, tag: &str) -> Result<Json, String> {
        let wanted = match tag {
            "" => "",
            tag => match tag.strip_prefix(CORE) {
                Some("binary") => return binary(text),
                Some(core @ ("bool" | "int" | "float" | "null" | "timestamp")) => core,
                _ => return Ok(Json::String(text.to_owned())),
            },
        };
        let meaning = resolve(text);
        let found = match meaning {
            Scalar::Null => "null",
            Scalar::Bool(_) => "bool",
            Scalar::Int(_) | Scalar::Uint(_) if wanted == "float" => "float",
            Scalar::Int(_) | Scalar::Uint(_) => "int",
            Scalar::Float(_) => "float",
            Scalar::Timestamp => "timestamp",
            Scalar::Str => "str",
        };
        if !wanted.is_empty() && wanted != found {
            return Err(format!("yaml: cannot decode !!{found} `{text}` as a !!{wanted}"));
        }
        match meaning {
            Scalar::Null => Ok(Json::Null),
            Scalar::Bool(flag) => Ok(Json::Bool(flag)),
            Scalar::Int(int) if self.numbers == Numbers::Exact => Ok(Json::from(int)),
            Scalar::Uint(uint) if self.numbers == Numbers::Exact => Ok(Json::from(uint)),
            Scalar::Int(int) => float(int as f64),
            Scalar::Uint(uint) => float(uint as f64),
            Scalar::Float(number) => self.float(number),
            Scalar::Timestamp | Scalar::Str => Ok(Json::String(text.to_owned())),
        }
    }

    /// Kubernetes reads `1.0` as a float too, but JSON in between drops the fraction of a whole one.
    fn float(&self, number: f64) -> Result<Json, String> {
        if self.numbers == Numbers::Exact && number.fract() == 0.0 && number.abs() < 9e15 {
            return Ok(Json::from(number as i64));
        }
        float(number)
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, value: Json, anchor: &str) -> Result<(), String> {
        if !anchor.is_empty() {
            self.anchors.insert(anchor.to_owned(), value.clone());
        }
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Map { entries, key, .. }) => match (key.take(), value) {
                (Some(Key::Name(name)), value) => {
                    entries.insert(name, value);
                }
                (Some(Key::Null), value) => {
                    let mut shown = String::new();
                    go_syntax(&value, &mut shown);
                    return Err(format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {shown}"));
                }
                // Later keys, merged ones too, replace earlier ones.
                (Some(Key::Merge), Json::Object(more)) => entries.extend(more),
                (Some(Key::Merge), Json::Array(maps)) => {
                    for map in maps.into_iter().rev() {
                        let Json::Object(more) = map else { return Err(MERGE.to_owned()) };
                        entries.extend(more);
                    }
                }
                (Some(Key::Merge), _) => return Err(MERGE.to_owned()),
                (None, _) => return Err("yaml: invalid map key".to_owned()),
            },
        }
        Ok(())
    }
}

const MERGE: &str = "yaml: map merge requires map or sequence of maps as the value";

/// A key as a string, as JSON wants it.
fn key_name(key: &Json) -> Result<Key, String> {
    match key {
        Json::String(name) => Ok(Key::Name(name.clone())),
        Json::Bool(flag) => Ok(Key::Name(flag.to_string())),
        Json::Number(number) => Ok(Key::Name(match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            // Whole numbers print in full, others as a float32.
            (None, Some(float)) if float.fract() == 0.0 && float.abs() < 9e18 => (float as i64).to_string(),
            (None, Some(float)) => crate::value::format_float(f64::from(float as f32)),
            _ => number.to_string(),
        })),
        Json::Null => Ok(Key::Null),
        key => Err(invalid_key(key)),
    }
}

/// With the key as Go's `%#v` shows it.
fn invalid_key(key: &Json) -> String {
    let mut shown = String::new();
    go_syntax(key, &mut shown);
    format!("yaml: invalid map key: {shown}")
}

fn go_syntax(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("interface {}(nil)"),
        Json::String(text) => out.push_str(&crate::quote::quote_go(text)),
        Json::Number(number) => match number.as_f64() {
            Some(float) if float.fract() != 0.0 => out.push_str(&crate::value::format_float(float)),
            Some(float) if !number.is_i64() && !number.is_u64() => out.push_str(&float.to_string()),
            _ => out.push_str(&number.to_string()),
        },
        Json::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Json::Array(items) => {
            out.push_str("[]interface {}{");
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                go_syntax(item, out);
            }
            out.push('}');
        }
        Json::Object(entries) => {
            out.push_str("map[interface {}]interface {}{");
            for (at, (key, item)) in entries.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(&crate::quote::quote_go(key));
                out.push(':');
                go_syntax(item, out);
            }
            out.push('}');
        }
    }
}

fn binary(text: &str) -> Result<Json, String> {
    use base64::Engine as _;
    let packed: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(packed)
        .map_err(|_| "yaml: !!binary value contains invalid base64 data")?;
    Ok(Json::String(String::from_utf8_lossy(&bytes).into_owned()))
}

fn float(number: f64) -> Result<Json, String> {
    let shown = || crate::value::format_float(number);
    Number::from_f64(number).map(Json::Number).ok_or_else(|| format!("json: unsupported value: {}", shown()))
}

fn count(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Json::Object(entries) => 1 + entries.values().map(|value| 1 + count(value)).sum::<usize>(),
        _ => 1,
    }
}
