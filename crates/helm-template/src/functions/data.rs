//! YAML and JSON: `toYaml`, `fromYaml`, `toJson`, `fromJson` and their relatives.

use super::{Args, Env, Function, FunctionError, Param};
use crate::json;
use crate::json_read::{self, Read};
use crate::value::{Elem, List, Map, Value};
use crate::yaml::{self, Numbers};

type Result = std::result::Result<Value, FunctionError>;

const A: Param = Param::Any;
const T: Param = Param::Text;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("toYaml", &[A], |_, args| Ok(Value::text(to_yaml(&args.any(0)).unwrap_or_default()))),
    Function::new("toYamlPretty", &[A], |_, args| {
        Ok(Value::text(without_line_end(yaml::to_yaml_pretty(&args.any(0)).unwrap_or_default())))
    }),
    Function::new("mustToYaml", &[A], |_, args| {
        to_yaml(&args.any(0)).map(Value::text).ok_or_else(|| FunctionError::new("error marshaling into YAML"))
    }),
    Function::new("fromYaml", &[T], |_, args| Ok(map_or_error(from_yaml(args), json::WHILE_DECODING))),
    Function::new("fromYamlArray", &[T], |_, args| Ok(list_or_error(from_yaml(args), json::WHILE_DECODING))),
    Function::new("toJson", &[A], |_, args| Ok(Value::text(json::to_json(&args.any(0), true).unwrap_or_default()))),
    Function::new("mustToJson", &[A], |_, args| must(json::to_json(&args.any(0), true))),
    Function::new("toPrettyJson", &[A], |_, args| {
        Ok(Value::text(json::to_pretty_json(&args.any(0)).unwrap_or_default()))
    }),
    Function::new("mustToPrettyJson", &[A], |_, args| must(json::to_pretty_json(&args.any(0)))),
    Function::new("toRawJson", &[A], |_, args| must(json::to_json(&args.any(0), false))),
    Function::new("mustToRawJson", &[A], |_, args| must(json::to_json(&args.any(0), false))),
    Function::new("fromJson", &[T], |_, args| Ok(from_json(args))),
    Function::new("fromJsonArray", &[T], |_, args| Ok(from_json_array(args))),
    Function::new("mustFromJson", &[T], must_from_json),
];

fn must(json: std::result::Result<String, String>) -> Result {
    json.map(Value::text).map_err(FunctionError)
}

fn to_yaml(value: &Value) -> Option<Vec<u8>> {
    yaml::to_yaml(value).map(without_line_end)
}

fn without_line_end(mut yaml: Vec<u8>) -> Vec<u8> {
    if yaml.last() == Some(&b'\n') {
        yaml.pop();
    }
    yaml
}

fn from_yaml(args: &[Value]) -> std::result::Result<Value, String> {
    let text = args.text(0);
    let text =
        std::str::from_utf8(&text).map_err(|_| "error converting YAML to JSON: yaml: invalid Unicode character")?;
    let json = yaml::parse(text, Numbers::Float).map_err(|wrong| format!("error converting YAML to JSON: {wrong}"))?;
    Ok(Value::from_json(&json))
}

/// A map; besides what fits it holds under `Error` what does not.
fn from_json(args: &[Value]) -> Value {
    match json_read::read(&args.text(0)) {
        Ok(Read { value: Value::Map(map), misfit: Some(message) }) => {
            map.set("Error", Value::text(message));
            Value::Map(map)
        }
        Ok(Read { value: Value::Nil, .. }) => Value::Map(Map::nil(Elem::Any)),
        other => map_or_error(other.map(|read| read.value), ""),
    }
}

fn from_json_array(args: &[Value]) -> Value {
    match json_read::read(&args.text(0)) {
        Ok(Read { value: Value::List(_), misfit: Some(message) }) => Value::list(vec![Value::text(message)]),
        Ok(Read { value: Value::Nil, .. }) => Value::List(List::nil(Elem::Any)),
        other => list_or_error(other.map(|read| read.value), ""),
    }
}

fn must_from_json(_: &mut Env<'_>, args: &[Value]) -> Result {
    match json_read::read(&args.text(0)) {
        Ok(Read { value, misfit: None }) => Ok(value),
        Ok(Read { misfit: Some(message), .. }) | Err(message) => Err(FunctionError(message)),
    }
}

/// A map; what is something else or cannot be read becomes a map with the key `Error`.
fn map_or_error(read: std::result::Result<Value, String>, before: &str) -> Value {
    let message = match read {
        Ok(Value::Map(map)) => return Value::Map(map),
        Ok(Value::Nil) => return Value::Map(Map::new()),
        Ok(other) => format!("{before}{}", cannot(&other, "map[string]interface {}")),
        Err(message) => message,
    };
    Value::Map([("Error", Value::text(message))].into_iter().collect())
}

/// A list; what is something else or cannot be read becomes a list that holds the message.
fn list_or_error(read: std::result::Result<Value, String>, before: &str) -> Value {
    let message = match read {
        Ok(Value::List(list)) => return Value::List(list),
        Ok(Value::Nil) => return Value::List(List::new(Vec::new())),
        Ok(other) => format!("{before}{}", cannot(&other, "[]interface {}")),
        Err(message) => message,
    };
    Value::list(vec![Value::text(message)])
}

fn cannot(value: &Value, wanted: &str) -> String {
    let kind = match value {
        Value::Str(_) => "string",
        Value::Bool(_) => "bool",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    };
    json::cannot(kind, &format!("Go value of type {wanted}"))
}
