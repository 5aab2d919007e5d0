//! The methods of Helm's `common.Values`, the type of `.Values` and of the dot itself: `Table`, `AsMap`, `PathValue`,
//! `YAML`. A key of the same name is hidden by them, as in Go.

use crate::param::{FunctionError, Param};
use crate::quote::quote_go;
use crate::value::{Elem, Map, Value};
use crate::yaml;

/// The parameters of the method called `name`, if there is one.
pub(crate) fn params(name: &str) -> Option<&'static [Param]> {
    match name {
        "AsMap" | "YAML" => Some(&[]),
        "Table" | "PathValue" => Some(&[Param::Text]),
        // It writes into what no template has.
        "Encode" => Some(&[Param::Object("io.Writer")]),
        _ => None,
    }
}

/// Calls a method. The arguments are as [`params`] wants them.
pub(crate) fn call(map: &Map, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
    let path = match arguments.first() {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    match name {
        "Table" => table(map, &path).map(|table| Value::Map(table.as_elem(Elem::Values))),
        "PathValue" => path_value(map, &path),
        "YAML" => Ok(Value::text(yaml::to_yaml(&Value::Map(map.clone())).unwrap_or_default())),
        _ => Ok(Value::Map(map.as_elem(Elem::Any))),
    }
}

fn table(map: &Map, path: &str) -> Result<Map, FunctionError> {
    path.split('.').try_fold(map.clone(), |table, name| match table.get(name) {
        Some(Value::Map(inner)) => Ok(inner),
        _ => Err(FunctionError(format!("{} is not a table", quote_go(name)))),
    })
}

fn path_value(map: &Map, path: &str) -> Result<Value, FunctionError> {
    if path.is_empty() {
        return Err(FunctionError::new("YAML path cannot be empty"));
    }
    let (table, key) = match path.rsplit_once('.') {
        Some((tables, key)) => (table(map, tables).ok(), key),
        None => (Some(map.clone()), path),
    };
    match table.and_then(|table| table.get(key)) {
        Some(value) if value.as_map().is_none() => Ok(value),
        _ => Err(FunctionError(format!("{} is not a value", quote_go(key)))),
    }
}
