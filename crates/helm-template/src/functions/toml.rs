//! TOML: `toToml`, `mustToToml` and `fromToml`, as BurntSushi's package writes and reads it.

use ::toml::Value as Toml;
use ::toml::value::Datetime;

use super::Param::{Any, Text as T};
use super::layout::{GoTime, Zone};
use super::layout_parse::parse;
use super::toml_complaint::complaint;
use super::{Args, Function, FunctionError};
use crate::value::{Map, Value, format_float};

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("toToml", &[Any], |_, a| match encode(&a.any(0)) {
        Err(Failed::Panic(why)) => Err(FunctionError(why)),
        Err(Failed::Error(why)) => Ok(Value::text(why)),
        Ok(text) => Ok(Value::text(text)),
    }),
    Function::new("mustToToml", &[Any], |_, a| match encode(&a.any(0)) {
        Err(Failed::Panic(why) | Failed::Error(why)) => Err(FunctionError(why)),
        Ok(text) => Ok(Value::text(text)),
    }),
    Function::new("fromToml", &[T], |_, a| {
        let text = a.str(0);
        let map = match text.parse::<::toml::Table>() {
            Ok(table) => decode_table(table),
            Err(error) => {
                let message = complaint(&text).unwrap_or_else(|| format!("toml: {}", error.message()));
                [("Error", Value::text(message))].into_iter().collect()
            }
        };
        Ok(Value::Map(map))
    }),
];

/// What the encoder reports as an error, and where Go would panic.
enum Failed {
    Error(String),
    Panic(String),
}

fn encode(value: &Value) -> Result<Vec<u8>, Failed> {
    let mut encoder = Encoder::default();
    match value {
        Value::Invalid | Value::Nil => {
            return Err(Failed::Panic("reflect: call of reflect.Value.Type on zero Value".to_owned()));
        }
        Value::Map(map) => encoder.map(&[], map)?,
        other if is_table_array(other)? => {
            return Err(Failed::Error("toml: top-level values must be Go maps or structs".to_owned()));
        }
        other => encoder.element(other)?,
    }
    Ok(encoder.out)
}

#[derive(Default)]
struct Encoder {
    out: Vec<u8>,
}

/// A list of tables only. Lists must not hold nil.
fn is_table_array(value: &Value) -> Result<bool, Failed> {
    let Value::List(list) = value else { return Ok(false) };
    if list.iter().any(Value::is_nil) {
        return Err(Failed::Error("toml: cannot encode array with nil element".to_owned()));
    }
    for item in list.iter() {
        is_table_array(item)?;
    }
    Ok(!list.is_empty() && list.iter().all(|item| matches!(item, Value::Map(_))))
}

/// The entries that are no tables, then those that are; each sorted.
fn in_order(map: &Map) -> Result<(Vec<(String, Value)>, usize), Failed> {
    let (mut direct, mut tables) = (Vec::new(), Vec::new());
    for (key, value) in map.entries() {
        let table = matches!(value, Value::Map(_)) || is_table_array(&value)?;
        if table { &mut tables } else { &mut direct }.push((key.to_string(), value));
    }
    let count = direct.len();
    direct.append(&mut tables);
    Ok((direct, count))
}

impl Encoder {
    fn write(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn line_if_written(&mut self) {
        if !self.out.is_empty() {
            self.write("\n");
        }
    }

    fn indent(&mut self, key: &[String]) {
        self.write(&"  ".repeat(key.len() - 1));
    }

    fn map(&mut self, key: &[String], map: &Map) -> Result<(), Failed> {
        let (entries, _) = in_order(map)?;
        for (name, value) in entries {
            let path = [key, &[name]].concat();
            match &value {
                Value::Invalid | Value::Nil => {}
                Value::Map(map) => {
                    if path.len() == 1 {
                        self.line_if_written();
                    }
                    self.indent(&path);
                    self.write(&format!("[{}]", dotted(&path)));
                    self.line_if_written();
                    self.map(&path, map)?;
                }
                Value::List(list) if is_table_array(&value)? => {
                    for item in list.iter() {
                        self.line_if_written();
                        self.indent(&path);
                        self.write(&format!("[[{}]]", dotted(&path)));
                        self.line_if_written();
                        if let Value::Map(map) = item {
                            self.map(&path, map)?;
                        }
                    }
                }
                other => {
                    self.indent(&path);
                    self.write(&format!("{} = ", bare_or_quoted(&path[path.len() - 1])));
                    self.element(other)?;
                    self.write("\n");
                }
            }
        }
        Ok(())
    }

    /// A value on one line.
    fn element(&mut self, value: &Value) -> Result<(), Failed> {
        match value {
            Value::Invalid | Value::Nil => {}
            Value::Bool(flag) => self.write(&flag.to_string()),
            Value::Int(number) | Value::Int64(number) => self.write(&number.to_string()),
            Value::Float(number) => self.write(&float(*number)),
            Value::Str(text) => {
                let text = quoted(text);
                self.out.extend(text);
            }
            Value::Bytes(_) | Value::List(_) => {
                let list = value.as_list().map(|list| list.to_vec()).unwrap_or_default();
                self.write("[");
                for (at, item) in list.iter().enumerate() {
                    if at > 0 {
                        self.write(", ");
                    }
                    self.element(item)?;
                }
                self.write("]");
            }
            Value::Map(map) => {
                let (entries, direct) = in_order(map)?;
                self.write("{");
                for (at, (name, item)) in entries.iter().enumerate() {
                    if item.is_nil() {
                        continue;
                    }
                    self.write(&format!("{} = ", bare_or_quoted(name)));
                    self.element(item)?;
                    if at + 1 != entries.len() || (at < direct && direct < entries.len()) {
                        self.write(", ");
                    }
                }
                self.write("}");
            }
            Value::Object(object) => match object.as_any().downcast_ref::<GoTime>() {
                Some(time) => self.write(&time_text(time)),
                None => self.element(&object.data())?,
            },
        }
        Ok(())
    }
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let text = format_float(number);
    if text.contains(['.', 'e']) { text } else { text + ".0" }
}

const LOCAL_DATE_TIME: &str = "datetime-local";
const LOCAL_DATE: &str = "date-local";
const LOCAL_TIME: &str = "time-local";

fn time_text(time: &GoTime) -> String {
    let name = match &time.zone {
        Zone::Fixed(name, _) => name.as_str(),
        _ => "",
    };
    time.format(match name {
        LOCAL_DATE_TIME => "2006-01-02T15:04:05.999999999",
        LOCAL_DATE => "2006-01-02",
        LOCAL_TIME => "15:04:05.999999999",
        _ => "2006-01-02T15:04:05.999999999Z07:00",
    })
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = vec![b'"'];
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..=0x1f | 0x7f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(byte),
        }
    }
    out.push(b'"');
    out
}

fn bare_or_quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if bare { key.to_owned() } else { String::from_utf8_lossy(&quoted(key.as_bytes())).into_owned() }
}

fn dotted(path: &[String]) -> String {
    path.iter().map(|key| bare_or_quoted(key)).collect::<Vec<_>>().join(".")
}

fn decode_table(table: ::toml::Table) -> Map {
    table.into_iter().map(|(key, value)| (key, decode(value))).collect()
}

fn decode(value: Toml) -> Value {
    match value {
        Toml::String(text) => Value::text(text),
        Toml::Integer(number) => Value::Int64(number),
        Toml::Float(number) => Value::Float(number),
        Toml::Boolean(flag) => Value::Bool(flag),
        Toml::Datetime(moment) => time_of(&moment),
        Toml::Array(items) => Value::list(items.into_iter().map(decode).collect()),
        Toml::Table(table) => Value::Map(decode_table(table)),
    }
}

/// A moment as Go's `time.Time`; one without an offset is in a zone that only names what is missing.
fn time_of(moment: &Datetime) -> Value {
    let text = moment.to_string();
    let (layout, zone) = match (moment.date, moment.time, moment.offset) {
        (Some(_), Some(_), Some(_)) => ("2006-01-02T15:04:05Z07:00", None),
        (Some(_), Some(_), None) => ("2006-01-02T15:04:05", Some(LOCAL_DATE_TIME)),
        (Some(_), None, _) => ("2006-01-02", Some(LOCAL_DATE)),
        _ => ("15:04:05", Some(LOCAL_TIME)),
    };
    let mut time = parse(layout, &text).unwrap_or_else(|_| GoTime::zero());
    if let Some(name) = zone {
        time.zone = Zone::Fixed(name.to_owned(), 0);
    }
    Value::Object(std::rc::Rc::new(time))
}
