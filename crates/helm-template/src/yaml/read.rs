//! Reads a YAML document as Go's libraries do.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
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

/// Deeper nesting is refused.
const MAX_DEPTH: usize = 1_000;

/// The first document of `text`; null if there is none.
pub(crate) fn parse(text: &str, numbers: Numbers) -> Result<Json, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder { numbers, text, ..Builder::default() };
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| format!("yaml: {error}"))?;
        match event {
            Event::DocumentEnd | Event::StreamEnd => break,
            event => builder.event(event)?,
        }
    }
    Ok(builder.done.unwrap_or(Json::Null))
}

enum Open {
    List { anchor: usize, items: Vec<Json> },
    Map { anchor: usize, entries: Map<String, Json>, key: Option<Key> },
}

enum Key {
    Name(String),
    Merge,
}

struct Builder<'a> {
    numbers: Numbers,
    text: &'a str,
    open: Vec<Open>,
    anchors: HashMap<usize, Json>,
    /// How many nodes were read, and how many of them came from aliases.
    decoded: usize,
    aliased: usize,
    done: Option<Json>,
}

impl Default for Builder<'_> {
    fn default() -> Self {
        Self {
            numbers: Numbers::Float,
            text: "",
            open: Vec::new(),
            anchors: HashMap::new(),
            decoded: 0,
            aliased: 0,
            done: None,
        }
    }
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref()),
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().ok_or("yaml: anchor value contains itself")?;
                self.aliased += count(&value);
                self.decoded += count(&value);
                // As go-yaml: a document may not be made of aliases (the "billion laughs").
                if self.aliased > 100
                    && self.decoded > 1_000
                    && self.aliased as f64 / self.decoded as f64 > self.ratio()
                {
                    return Err("yaml: document contains excessive aliasing".to_owned());
                }
                self.value(value, 0)
            }
            Event::SequenceStart(anchor, _) => self.push(Open::List { anchor, items: Vec::new() }),
            Event::MappingStart(anchor, _) => self.push(Open::Map { anchor, entries: Map::new(), key: None }),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { anchor, items }) => self.value(Json::Array(items), anchor),
                Some(Open::Map { anchor, entries, .. }) => self.value(Json::Object(entries), anchor),
                None => Ok(()),
            },
            _ => Ok(()),
        }
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

    fn push(&mut self, open: Open) -> Result<(), String> {
        self.decoded += 1;
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("yaml: exceeded max depth of {MAX_DEPTH}"));
        }
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            // A map or list as key: go-yaml reads it and then refuses it.
            return Err("yaml: invalid map key".to_owned());
        }
        self.open.push(open);
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>) -> Result<(), String> {
        self.decoded += 1;
        let plain = style == ScalarStyle::Plain;
        let core = tag.filter(|tag| tag.handle == "tag:yaml.org,2002:").map(|tag| tag.suffix.as_str());
        let meaning = match (tag, core) {
            (None, _) if plain => resolve(text),
            (None, _) => Scalar::Str,
            (_, Some("str")) => Scalar::Str,
            (_, Some("binary")) => return self.binary(text, anchor),
            (_, Some("float")) => match resolve(text) {
                Scalar::Int(int) => Scalar::Float(int as f64),
                other => other,
            },
            (_, Some("bool" | "int" | "null" | "timestamp" | "merge")) => resolve(text),
            _ => Scalar::Str,
        };
        if let Some(Open::Map { key: key @ None, .. }) = self.open.last_mut() {
            *key = Some(match meaning {
                Scalar::Str if text == "<<" && (plain || core == Some("merge")) => Key::Merge,
                Scalar::Str | Scalar::Timestamp => Key::Name(text.to_owned()),
                Scalar::Bool(flag) => Key::Name(flag.to_string()),
                Scalar::Int(int) => Key::Name(int.to_string()),
                Scalar::Float(float) => Key::Name(crate::value::format_float(float)),
                Scalar::Uint(_) | Scalar::Null => {
                    return Err(format!("unsupported map key of type: {text}"));
                }
            });
            if anchor > 0 {
                self.anchors.insert(anchor, Json::String(text.to_owned()));
            }
            return Ok(());
        }
        let value = match meaning {
            Scalar::Null => Json::Null,
            Scalar::Bool(flag) => Json::Bool(flag),
            Scalar::Int(int) if self.numbers == Numbers::Exact => Json::from(int),
            Scalar::Uint(uint) if self.numbers == Numbers::Exact => Json::from(uint),
            Scalar::Int(int) => float(int as f64)?,
            Scalar::Uint(uint) => float(uint as f64)?,
            Scalar::Float(number) => self.float(number)?,
            Scalar::Str | Scalar::Timestamp => Json::String(self.block_at_end(text, style).to_owned()),
        };
        self.value(value, anchor)
    }

    /// Kubernetes reads `1.0` as a float too, but JSON in between drops the fraction of a whole one.
    fn float(&self, number: f64) -> Result<Json, String> {
        if self.numbers == Numbers::Exact && number.fract() == 0.0 && number.abs() < 9e15 {
            return Ok(Json::from(number as i64));
        }
        float(number)
    }

    fn binary(&mut self, text: &str, anchor: usize) -> Result<(), String> {
        use base64::Engine as _;
        let packed: String = text.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(packed)
            .map_err(|_| "yaml: !!binary value contains invalid base64 data")?;
        self.value(Json::String(String::from_utf8_lossy(&bytes).into_owned()), anchor)
    }

    /// A block scalar on the text's last line, which has no line end, has none either in go-yaml.
    fn block_at_end<'t>(&self, text: &'t str, style: ScalarStyle) -> &'t str {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) || self.text.ends_with('\n') {
            return text;
        }
        match text.strip_suffix('\n') {
            Some(rest) if !rest.is_empty() && self.text.ends_with(rest.rsplit('\n').next().unwrap_or(rest)) => rest,
            _ => text,
        }
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, value: Json, anchor: usize) -> Result<(), String> {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Map { entries, key, .. }) => match (key.take(), value) {
                (Some(Key::Name(name)), value) => {
                    entries.insert(name, value);
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
                // An alias as key.
                (None, Json::String(name)) => *key = Some(Key::Name(name)),
                (None, _) => return Err("yaml: invalid map key".to_owned()),
            },
        }
        Ok(())
    }
}

const MERGE: &str = "yaml: map merge requires map or sequence of maps as the value";

fn float(number: f64) -> Result<Json, String> {
    Number::from_f64(number)
        .map(Json::Number)
        .ok_or_else(|| format!("json: unsupported value: {}", crate::value::format_float(number)))
}

fn count(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Json::Object(entries) => 1 + entries.values().map(|value| 1 + count(value)).sum::<usize>(),
        _ => 1,
    }
}
