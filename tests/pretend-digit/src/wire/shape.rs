//! How Jackson reads a body into DIGIT's classes: scalars are turned into each other where that loses nothing, unknown
//! fields are passed over (§2), an object where a text belongs is refused. READ: the page tells of unknown fields alone.

use serde_json::Value;

/// What a field is declared as.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Whatever comes.
    Any,
    /// A text; a number or a flag becomes one.
    Text,
    /// A whole number, also as text; an empty text is none.
    Number,
    /// True or false, also as text.
    Flag,
    /// An object whatever its fields.
    Object,
    /// A list of these.
    List(&'static Shape),
    /// An object with these fields among others.
    Fields(&'static [(&'static str, Shape)]),
}

/// A role (§4.1).
pub(crate) const ROLE: Shape =
    Shape::Fields(&[("code", Shape::Text), ("name", Shape::Text), ("tenantId", Shape::Text)]);

/// `RequestInfo` (§2): `ts` is a number, null or empty.
pub(crate) const REQUEST_INFO: Shape = Shape::Fields(&[
    ("apiId", Shape::Text),
    ("ver", Shape::Text),
    ("ts", Shape::Number),
    ("action", Shape::Text),
    ("did", Shape::Text),
    ("key", Shape::Text),
    ("msgId", Shape::Text),
    ("authToken", Shape::Text),
    (
        "userInfo",
        Shape::Fields(&[
            ("id", Shape::Number),
            ("uuid", Shape::Text),
            ("userName", Shape::Text),
            ("name", Shape::Text),
            ("mobileNumber", Shape::Text),
            ("emailId", Shape::Text),
            ("type", Shape::Text),
            ("tenantId", Shape::Text),
            ("roles", Shape::List(&ROLE)),
        ]),
    ),
]);

impl Shape {
    /// The way to the first field that does not fit, as `user.roles[0].code`.
    pub(crate) fn misfit(&self, value: &Value) -> Option<String> {
        self.misfit_at(value, "")
    }

    fn misfit_at(&self, value: &Value, way: &str) -> Option<String> {
        let fits = match (self, value) {
            (Shape::Any, _)
            | (_, Value::Null)
            | (Shape::Text, Value::String(_) | Value::Number(_) | Value::Bool(_))
            | (Shape::Number, Value::Number(_))
            | (Shape::Flag, Value::Bool(_))
            | (Shape::Object, Value::Object(_)) => true,
            (Shape::Number, Value::String(text)) => text.is_empty() || text.trim().parse::<i64>().is_ok(),
            (Shape::Flag, Value::String(text)) => matches!(text.as_str(), "" | "true" | "false"),
            (Shape::List(inner), Value::Array(items)) => {
                return items.iter().enumerate().find_map(|(at, item)| inner.misfit_at(item, &format!("{way}[{at}]")));
            }
            (Shape::Fields(fields), Value::Object(object)) => {
                return fields.iter().find_map(|(name, shape)| {
                    let inner = if way.is_empty() { (*name).to_owned() } else { format!("{way}.{name}") };
                    object.get(*name).and_then(|value| shape.misfit_at(value, &inner))
                });
            }
            _ => false,
        };
        (!fits).then(|| if way.is_empty() { "the body".to_owned() } else { way.to_owned() })
    }
}

/// The text of a field, as Jackson reads it: a number or a flag becomes text, null is absent.
pub(crate) fn text(value: &Value, field: &str) -> Option<String> {
    match value.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The same, where an empty text counts as absent.
pub(crate) fn filled(value: &Value, field: &str) -> Option<String> {
    text(value, field).filter(|t| !t.trim().is_empty())
}

/// A whole number, also as text.
pub(crate) fn number(value: &Value, field: &str) -> Option<i64> {
    match value.get(field)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A flag, also as text.
pub(crate) fn flag(value: &Value, field: &str) -> Option<bool> {
    match value.get(field)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The items of a list; none if it is absent or no list.
pub(crate) fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A list of texts, of a list field or of one text.
pub(crate) fn texts(value: &Value, field: &str) -> Vec<String> {
    match value.get(field) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) if !one.is_empty() => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The object of a field, unless it is absent or null.
pub(crate) fn object<'a>(value: &'a Value, field: &str) -> Option<&'a Value> {
    value.get(field).filter(|v| v.is_object())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_a_shape() {
        const LIST: Shape = Shape::Fields(&[("user", Shape::Fields(&[("roles", Shape::List(&ROLE))]))]);
        for (shape, value, misfit) in [
            (Shape::Text, json!(5), None),
            (Shape::Text, json!({}), Some("the body")),
            (Shape::Number, json!(""), None),
            (Shape::Number, json!("x"), Some("the body")),
            (Shape::Flag, json!("true"), None),
            (Shape::Flag, json!(1), Some("the body")),
            (LIST, json!({"user": {"roles": [{"code": "A", "unknown": []}]}}), None),
            (LIST, json!({"user": {"roles": [{"code": ["A"]}]}}), Some("user.roles[0].code")),
            (LIST, json!({"user": {"roles": "A"}}), Some("user.roles")),
            (LIST, json!([]), Some("the body")),
        ] {
            assert_eq!(shape.misfit(&value).as_deref(), misfit, "{shape:?} {value}");
        }
    }
}
