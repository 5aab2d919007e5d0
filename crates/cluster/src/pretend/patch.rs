//! Merge patches, strategic merge patches and JSON patches.

use serde_json::{Map, Value};

use super::answer::Refusal;
use super::schema::{Lists, Schema, keys};

/// RFC 7386.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Kubernetes' own: as a merge patch, but lists with merge keys are merged item by item; `$patch: delete` and `replace` are understood.
pub(super) fn strategic(target: &mut Value, patch: &Value) {
    let copy = target.clone();
    let schema = Schema::of(&copy);
    strategic_at(target, patch, &schema, &mut Vec::new());
}

fn strategic_at<'p>(target: &mut Value, patch: &'p Value, schema: &Schema<'_>, path: &mut Vec<&'p str>) {
    match patch {
        Value::Object(fields) => {
            if fields.get("$patch").and_then(Value::as_str) == Some("replace") {
                let mut whole = fields.clone();
                whole.remove("$patch");
                *target = Value::Object(whole);
                return;
            }
            if !target.is_object() {
                *target = Value::Object(Map::new());
            }
            let Value::Object(target) = target else { return };
            for (key, value) in fields.iter().filter(|(key, _)| !key.starts_with('$')) {
                if value.is_null() {
                    target.remove(key);
                    continue;
                }
                path.push(key);
                strategic_at(target.entry(key.clone()).or_insert(Value::Null), value, schema, path);
                path.pop();
            }
        }
        Value::Array(items) => match schema.list(path) {
            Lists::Keyed(fields) => {
                if !target.is_array() {
                    *target = Value::Array(Vec::new());
                }
                let Value::Array(list) = target else { return };
                for item in items {
                    let wanted = keys(item, fields);
                    let at = list.iter().position(|have| keys(have, fields) == wanted);
                    let deleted = item.get("$patch").and_then(Value::as_str) == Some("delete");
                    match (at, deleted) {
                        (Some(at), true) => {
                            list.remove(at);
                        }
                        (None, true) => {}
                        (Some(at), false) => strategic_at(&mut list[at], item, schema, path),
                        (None, false) => list.push(item.clone()),
                    }
                }
            }
            Lists::Set => {
                if !target.is_array() {
                    *target = Value::Array(Vec::new());
                }
                let Value::Array(list) = target else { return };
                for item in items.iter().filter(|item| !item.is_null()) {
                    if !list.contains(item) {
                        list.push(item.clone());
                    }
                }
            }
            Lists::Whole => *target = patch.clone(),
        },
        _ => *target = patch.clone(),
    }
}

/// RFC 6902.
pub(super) fn operations(target: &mut Value, patch: &Value) -> Result<(), Refusal> {
    let refused = |what: &str| {
        Refusal::new(422, "Invalid", format!("the server rejected our request due to an error in our request: {what}"))
    };
    for operation in patch.as_array().ok_or_else(|| Refusal::bad_request("a JSON patch is a list"))? {
        let field = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or_default();
        let (path, value) = (field("path"), operation.get("value").cloned().unwrap_or(Value::Null));
        let value = match field("op") {
            "test" => {
                if target.pointer(path) != Some(&value) {
                    return Err(refused(&format!("testing value {path} failed")));
                }
                continue;
            }
            "remove" => {
                take(target, path).ok_or_else(|| refused(path))?;
                continue;
            }
            "replace" => {
                *target.pointer_mut(path).ok_or_else(|| refused(path))? = value;
                continue;
            }
            "add" => value,
            "copy" => target.pointer(field("from")).cloned().ok_or_else(|| refused(path))?,
            "move" => take(target, field("from")).ok_or_else(|| refused(path))?,
            other => return Err(refused(&format!("unexpected kind: {other}"))),
        };
        let (parent, last) = split(path).ok_or_else(|| refused(path))?;
        match target.pointer_mut(parent) {
            Some(Value::Object(map)) => {
                map.insert(last, value);
            }
            Some(Value::Array(list)) if last == "-" => list.push(value),
            Some(Value::Array(list)) => {
                let at = last.parse().ok().filter(|at| *at <= list.len()).ok_or_else(|| refused(path))?;
                list.insert(at, value);
            }
            _ => {
                return Err(refused(&format!(
                    "add operation does not apply: doc is missing path: \"{path}\": missing value"
                )));
            }
        }
    }
    Ok(())
}

fn split(path: &str) -> Option<(&str, String)> {
    path.rsplit_once('/').map(|(parent, last)| (parent, last.replace("~1", "/").replace("~0", "~")))
}

fn take(target: &mut Value, path: &str) -> Option<Value> {
    let (parent, last) = split(path)?;
    match target.pointer_mut(parent)? {
        Value::Object(map) => map.remove(&last),
        Value::Array(list) => last.parse().ok().filter(|at| *at < list.len()).map(|at: usize| list.remove(at)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_of_patch_does_what_its_standard_says() {
        let mut object = json!({"a": 1, "b": {"c": 2, "d": 3}, "l": [1, 2]});
        merge(&mut object, &json!({"a": null, "b": {"c": 5}, "l": [9]}));
        assert_eq!(object, json!({"b": {"c": 5, "d": 3}, "l": [9]}));

        let mut object = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b"}], "args": [1]}});
        strategic(
            &mut object,
            &json!({"spec": {"containers": [{"name": "a", "image": "2"}, {"name": "b", "$patch": "delete"}, {"name": "c"}], "args": [2]}}),
        );
        assert_eq!(object["spec"], json!({"containers": [{"name": "a", "image": "2"}, {"name": "c"}], "args": [2]}));

        let mut object = json!({"webhooks": [{"name": "a"}], "m": {"x/y": 1}});
        let patch = json!([{"op": "test", "path": "/m/x~1y", "value": 1}, {"op": "add", "path": "/webhooks/0/ca", "value": "z"},
            {"op": "add", "path": "/webhooks/-", "value": 2}, {"op": "remove", "path": "/m/x~1y"}, {"op": "replace", "path": "/m", "value": 3}]);
        operations(&mut object, &patch).unwrap();
        assert_eq!(object, json!({"webhooks": [{"name": "a", "ca": "z"}, 2], "m": 3}));
        assert_eq!(operations(&mut object, &json!([{"op": "add", "path": "/q/r", "value": 1}])).unwrap_err().code, 422);
    }
}
