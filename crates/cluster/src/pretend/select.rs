//! Label and field selectors.

use serde_json::Value;

use super::answer::Refusal;
use super::json::map;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Want {
    In(Vec<String>),
    NotIn(Vec<String>),
    There,
    NotThere,
}

/// A label selector and a field selector together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selector {
    labels: Vec<(String, Want)>,
    fields: Vec<(String, Want)>,
}

impl Selector {
    pub(super) fn parse(labels: &str, fields: &str) -> Result<Selector, Refusal> {
        let labels = parts(labels).into_iter().map(|part| label(&part)).collect::<Result<_, _>>()?;
        let fields = parts(fields).into_iter().map(|part| field(&part)).collect::<Result<_, _>>()?;
        Ok(Selector { labels, fields })
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        let labels = map(object, "/metadata/labels");
        self.labels.iter().all(|(key, want)| want.holds(labels.and_then(|l| l.get(key)).and_then(Value::as_str)))
            && self.fields.iter().all(|(path, want)| {
                let value = object.pointer(&format!("/{}", path.replace('.', "/"))).and_then(Value::as_str);
                want.holds(Some(value.unwrap_or_default()))
            })
    }
}

impl Want {
    fn holds(&self, value: Option<&str>) -> bool {
        match self {
            Want::In(values) => value.is_some_and(|v| values.iter().any(|w| w == v)),
            Want::NotIn(values) => !value.is_some_and(|v| values.iter().any(|w| w == v)),
            Want::There => value.is_some(),
            Want::NotThere => value.is_none(),
        }
    }
}

/// Splits at commas outside parentheses.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut deep = 0_u32;
    for c in text.chars() {
        match c {
            '(' => deep += 1,
            ')' => deep = deep.saturating_sub(1),
            ',' if deep == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn label(part: &str) -> Result<(String, Want), Refusal> {
    let values = |text: &str| -> Option<Vec<String>> {
        let inside = text.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(inside.split(',').map(|v| v.trim().to_owned()).collect())
    };
    let refused = || Refusal::bad_request(format!("unable to parse requirement: {part}"));
    if let Some((key, rest)) = part.split_once(" notin ") {
        return Ok((key.trim().to_owned(), Want::NotIn(values(rest).ok_or_else(refused)?)));
    }
    if let Some((key, rest)) = part.split_once(" in ") {
        return Ok((key.trim().to_owned(), Want::In(values(rest).ok_or_else(refused)?)));
    }
    if let Ok(pair) = field(part) {
        return Ok(pair);
    }
    Ok(match part.strip_prefix('!') {
        Some(key) => (key.trim().to_owned(), Want::NotThere),
        None => (part.to_owned(), Want::There),
    })
}

fn field(part: &str) -> Result<(String, Want), Refusal> {
    let pair = |(key, value): (&str, &str)| (key.trim().to_owned(), vec![value.trim().to_owned()]);
    if let Some((key, value)) = part.split_once("!=").map(pair) {
        return Ok((key, Want::NotIn(value)));
    }
    match part.split_once("==").or_else(|| part.split_once('=')).map(pair) {
        Some((key, value)) => Ok((key, Want::In(value))),
        None => Err(Refusal::bad_request(format!("invalid selector: '{part}'; can't understand '{part}'"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_as_kubernetes_reads_them() {
        let object =
            json!({"metadata": {"name": "a", "labels": {"app": "x", "tier": "web"}}, "status": {"phase": "Running"}});
        let cases = [
            ("app=x", "", true),
            ("app==x,tier!=db", "", true),
            ("app in (x, y)", "", true),
            ("app notin (x,y)", "", false),
            ("other notin (x)", "", true),
            ("tier", "", true),
            ("!tier", "", false),
            ("missing", "", false),
            ("", "metadata.name=a", true),
            ("", "metadata.name!=a", false),
            ("", "status.phase=Running,metadata.name=a", true),
            ("app=x", "metadata.name=b", false),
        ];
        for (labels, fields, wanted) in cases {
            assert_eq!(Selector::parse(labels, fields).unwrap().matches(&object), wanted, "{labels} {fields}");
        }
        assert_eq!(Selector::parse("", "metadata.name").unwrap_err().code, 400);
    }
}
