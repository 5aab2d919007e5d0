//! The name of a plan: a hash of what it says, not of how it is written down.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// SHA-256, in hexadecimal, of the plan as canonical JSON: no white space, keys in the order of their bytes.
pub fn plan_id(plan: &impl Serialize) -> Result<String, Error> {
    let mut text = String::new();
    write(&serde_json::to_value(plan).map_err(Error::Plan)?, &mut text);
    Ok(hex::encode(Sha256::digest(text)))
}

// serde_json keeps keys in order or sorted depending on a feature that any crate in the build may switch on.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (n, key) in keys.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(&map[key], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_does_not_matter_and_everything_else_does() {
        let id = |v: Value| plan_id(&v).unwrap();
        let a = id(json!({"b": [1, {"y": null, "x": "\"ä\n"}], "a": 1.5}));
        let same: Value = serde_json::from_str(r#"{ "a":1.5, "b":[1,{"x":"\"\u00e4\n","y":null}] }"#).unwrap();
        assert_eq!(a, id(same));
        assert_ne!(a, id(json!({"b": [{"y": null, "x": "\"ä\n"}, 1], "a": 1.5})));
        assert_eq!(id(json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
