//! YAML to values as Helm reads them: every number is a float, later keys win, lists replace and maps merge.

use helm_template::Values;
use serde_json::Value;

use crate::Error;

/// The values of a file; `name` is what errors call it.
///
/// # Errors
/// [`Error::Values`] with the line.
pub fn values(name: &str, text: &[u8]) -> Result<Values, Error> {
    let broken = |line, detail: String| Error::Values { file: name.to_owned(), line, detail };
    // Into JSON at once: keys become strings, and of a key that is there twice the last one counts, as in Helm.
    let value: Value = yaml_serde::from_slice(text)
        .map_err(|error| broken(error.location().map_or(0, |at| at.line()), error.to_string()))?;
    match floats(value) {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Values::new()),
        _ => Err(broken(1, "not a map".to_owned())),
    }
}

fn floats(value: Value) -> Value {
    match value {
        Value::Number(n) => n.as_f64().and_then(serde_json::Number::from_f64).map_or(Value::Null, Value::Number),
        Value::Array(items) => Value::Array(items.into_iter().map(floats).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, floats(v))).collect()),
        other => other,
    }
}

/// `over` laid over `base`: maps merge, everything else replaces.
pub fn merge(base: &mut Values, over: Values) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Sets the value at a path, making maps on the way.
pub fn set(values: &mut Values, path: &[&str], value: Value) {
    let Some((last, way)) = path.split_last() else { return };
    let mut at = values;
    for part in way {
        let next = at.entry((*part).to_owned()).or_insert_with(|| Value::Object(Values::new()));
        if !next.is_object() {
            *next = Value::Object(Values::new());
        }
        let Value::Object(map) = next else { return };
        at = map;
    }
    at.insert((*last).to_owned(), value);
}

/// The value at a path.
#[must_use]
pub fn get<'a>(values: &'a Values, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(values.get(*first)?, |at, part| at.get(part))
}

/// The typed value that `--set key=text` gives: integers, booleans and null are read, a leading zero makes a string.
#[must_use]
pub fn set_value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        "0" => Value::from(0),
        _ if text.starts_with('0') => Value::String(text.to_owned()),
        _ => text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_floats_keys_are_strings_and_later_keys_win() {
        let read = values("v", b"a: 4\na: 3\nb: {1: x, 2.5: y}\nc: [1, '1']\n").unwrap();
        assert_eq!(Value::Object(read), json!({"a": 3.0, "b": {"1": "x", "2.5": "y"}, "c": [1.0, "1"]}));
    }

    #[test]
    fn maps_merge_and_the_rest_replaces() {
        let mut base = values("v", b"a: {b: 1, c: [1]}\nd: {e: 1}").unwrap();
        merge(&mut base, values("v", b"a: {c: [2]}\nd: 5").unwrap());
        assert_eq!(Value::Object(base), json!({"a": {"b": 1.0, "c": [2.0]}, "d": 5.0}));
    }

    #[test]
    fn set_reads_what_helm_reads() {
        let cases = [
            ("1", json!(1)),
            ("-5", json!(-5)),
            ("0", json!(0)),
            ("007", json!("007")),
            ("1.0", json!("1.0")),
            ("v2.9.2-4a60f20", json!("v2.9.2-4a60f20")),
            ("true", json!(true)),
            ("null", Value::Null),
        ];
        for (text, value) in cases {
            assert_eq!(set_value(text), value, "{text}");
        }
    }
}
