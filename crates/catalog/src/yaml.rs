//! Values: read and merged as Helm does it, and reached by path.

use helm_template::Values;
use serde_json::Value;

use crate::Error;

/// The values of a file; `name` is what errors call it.
///
/// # Errors
/// [`Error::Values`].
pub fn values(name: &str, text: &[u8]) -> Result<Values, Error> {
    let broken = |detail: String| Error::Values { file: name.to_owned(), detail };
    let text = std::str::from_utf8(text).map_err(|error| broken(error.to_string()))?;
    helm_template::parse_values(text).map_err(|error| broken(error.to_string()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_made_where_there_is_none_and_found_again() {
        let mut all = values("v", b"a: 4\na: {b: 1}\nc: 5\n").unwrap();
        set(&mut all, &["a", "x", "y"], json!("z"));
        set(&mut all, &["c", "d"], json!(true));
        assert_eq!(Value::Object(all.clone()), json!({"a": {"b": 1.0, "x": {"y": "z"}}, "c": {"d": true}}));
        assert_eq!(get(&all, &["a", "x", "y"]), Some(&json!("z")));
        assert_eq!(get(&all, &["a", "q", "y"]), None);
        assert_eq!(values("v", b"a: [").unwrap_err().code(), "values-broken");
    }
}
