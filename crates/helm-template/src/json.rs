//! JSON as Go's `encoding/json` writes it.

use std::fmt::Write as _;

use crate::value::Value;

/// The value as JSON on one line. `html` escapes `<`, `>` and `&`, as Go does unless told otherwise.
pub(crate) fn to_json(value: &Value, html: bool) -> Result<String, String> {
    let mut writer = Writer { out: String::new(), depth: 0, html, indent: None };
    writer.value(value)?;
    Ok(writer.out)
}

/// The value as JSON, indented by two.
pub(crate) fn to_pretty_json(value: &Value) -> Result<String, String> {
    let mut writer = Writer { out: String::new(), depth: 0, html: true, indent: Some(0) };
    writer.value(value)?;
    Ok(writer.out)
}

/// What `sigs.k8s.io/yaml` puts before the words of Go's JSON.
pub(crate) const WHILE_DECODING: &str = "error unmarshaling JSON: while decoding JSON: ";

/// What JSON calls this kind of value.
pub(crate) fn kind(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "bool",
        serde_json::Value::Number(_) => "number",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    }
}

/// Go's words for a value of another kind than it is read into.
pub(crate) fn cannot(kind: &str, into: &str) -> String {
    format!("json: cannot unmarshal {kind} into {into}")
}

/// Go finds a map within itself at this depth.
const MAX_DEPTH: usize = 1_000;

struct Writer {
    out: String,
    depth: usize,
    html: bool,
    indent: Option<usize>,
}

impl Writer {
    fn line(&mut self) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', indent * 2));
        }
    }

    fn deeper(&mut self, by: isize) {
        self.indent = self.indent.map(|indent| indent.saturating_add_signed(by));
    }

    fn value(&mut self, value: &Value) -> Result<(), String> {
        if self.depth > MAX_DEPTH {
            return Err("json: unsupported value: encountered a cycle via map[string]interface {}".to_owned());
        }
        self.depth += 1;
        let result = self.value_here(value);
        self.depth -= 1;
        result
    }

    fn value_here(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Invalid | Value::Nil => self.out.push_str("null"),
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Int(int) | Value::Int64(int) => self.out.push_str(&int.to_string()),
            Value::Float(float) => {
                if !float.is_finite() {
                    let shown = crate::value::format_float(*float);
                    return Err(format!("json: unsupported value: {shown}"));
                }
                self.out.push_str(&number(*float));
            }
            Value::Str(text) => self.string(&text.to_str()),
            Value::Bytes(_) => self.string(value.to_json().as_str().unwrap_or_default()),
            Value::List(list) if list.is_nil() => self.out.push_str("null"),
            Value::Map(map) if map.is_nil() => self.out.push_str("null"),
            Value::List(list) => {
                self.out.push('[');
                self.deeper(1);
                for (at, item) in list.iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    self.line();
                    crate::stack::with_stack(|| self.value(item))?;
                }
                self.deeper(-1);
                if !list.is_empty() {
                    self.line();
                }
                self.out.push(']');
            }
            Value::Map(map) => {
                let entries = map.entries();
                self.object(entries.iter().map(|(key, item)| (key.to_str(), item)))?;
            }
            Value::Object(object) => match object.json_fields() {
                Some(fields) => {
                    self.object(fields.iter().map(|(name, value)| (std::borrow::Cow::Borrowed(*name), value)))?;
                }
                None => return self.value(&object.data()),
            },
        }
        Ok(())
    }

    fn object<'v>(
        &mut self,
        entries: impl ExactSizeIterator<Item = (std::borrow::Cow<'v, str>, &'v Value)>,
    ) -> Result<(), String> {
        let count = entries.len();
        self.out.push('{');
        self.deeper(1);
        for (at, (key, item)) in entries.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.line();
            self.string(&key);
            self.out.push(':');
            if self.indent.is_some() {
                self.out.push(' ');
            }
            crate::stack::with_stack(|| self.value(item))?;
        }
        self.deeper(-1);
        if count > 0 {
            self.line();
        }
        self.out.push('}');
        Ok(())
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '<' | '>' | '&' if self.html => {
                    let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                }
                c if c < ' ' || c == '\u{2028}' || c == '\u{2029}' => {
                    let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

/// Go's JSON numbers: an exponent below 1e-6 and from 1e21 on.
fn number(float: f64) -> String {
    let size = float.abs();
    if float == 0.0 {
        return if float.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    if (1e-6..1e21).contains(&size) {
        return format!("{float}");
    }
    let shown = format!("{float:e}");
    match shown.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
        _ => shown,
    }
}
