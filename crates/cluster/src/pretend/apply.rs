//! Server-side apply: who owns which field, conflicts, merging, and what an applier gave up.
//!
//! Field sets are kept as Kubernetes writes them (`FieldsV1`): `f:name` for fields, `k:{…}` for items of keyed lists, `v:…` for values of
//! sets, `.` for an item itself; `{}` is a leaf.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::json::{seconds, text};
use super::kinds::Kind;
use super::schema::{Lists, Schema, keys};

/// Fields of metadata that belong to the server.
const SERVERS: &[&str] = &[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "deletionTimestamp",
    "generateName",
];

type Tree = Map<String, Value>;

/// The set of fields that an object sets.
pub(super) fn fields(object: &Value) -> Tree {
    let schema = Schema::of(object);
    let Value::Object(map) = object else { return Tree::new() };
    let mut tree = Tree::new();
    for (key, value) in map {
        match key.as_str() {
            "apiVersion" | "kind" => {}
            "metadata" => {
                let mut own = value.clone();
                if let Value::Object(metadata) = &mut own {
                    metadata.retain(|field, _| !SERVERS.contains(&field.as_str()));
                    if !metadata.is_empty() {
                        tree.insert(
                            "f:metadata".into(),
                            Value::Object(node(&own, &schema, &mut vec!["metadata".into()])),
                        );
                    }
                }
            }
            _ if value.is_null() => {}
            _ => {
                tree.insert(format!("f:{key}"), Value::Object(node(value, &schema, &mut vec![key.clone()])));
            }
        }
    }
    tree
}

fn borrowed(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

fn node(value: &Value, schema: &Schema<'_>, path: &mut Vec<String>) -> Tree {
    let mut tree = Tree::new();
    match value {
        Value::Object(map) if !schema.whole_map(&borrowed(path)) => {
            for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                path.push(key.clone());
                tree.insert(format!("f:{key}"), Value::Object(node(value, schema, path)));
                path.pop();
            }
        }
        Value::Array(items) => match schema.list(&borrowed(path)) {
            Lists::Keyed(fields) => {
                for item in items {
                    let mut inner = node(item, schema, path);
                    inner.insert(".".into(), json!({}));
                    tree.insert(format!("k:{}", Value::Object(keys(item, fields))), Value::Object(inner));
                }
            }
            Lists::Set => {
                for item in items {
                    tree.insert(format!("v:{item}"), json!({}));
                }
            }
            Lists::Whole => {}
        },
        _ => {}
    }
    tree
}

/// What `a` has and `b` has not.
fn without(a: &Tree, b: &Tree) -> Tree {
    let mut left = Tree::new();
    for (key, inner) in a {
        let Some(other) = b.get(key) else {
            left.insert(key.clone(), inner.clone());
            continue;
        };
        if let (Value::Object(inner), Value::Object(other)) = (inner, other)
            && !inner.is_empty()
        {
            let rest = without(inner, other);
            if !rest.is_empty() {
                left.insert(key.clone(), Value::Object(rest));
            }
        }
    }
    left
}

/// Everything that either has.
fn union(a: &mut Tree, b: &Tree) {
    for (key, inner) in b {
        match (a.entry(key.clone()).or_insert_with(|| json!({})), inner) {
            (Value::Object(mine), Value::Object(other)) => union(mine, other),
            (mine, other) => *mine = other.clone(),
        }
    }
}

/// The item of a list that a `k:` or `v:` part of a field set names.
fn position(list: &[Value], part: &str) -> Option<usize> {
    if let Some(wanted) = part.strip_prefix("k:") {
        let Ok(Value::Object(wanted)) = serde_json::from_str(wanted) else { return None };
        let fields: Vec<&str> = wanted.keys().map(String::as_str).collect();
        return list.iter().position(|item| keys(item, &fields) == wanted);
    }
    let wanted: Value = serde_json::from_str(part.strip_prefix("v:")?).ok()?;
    list.iter().position(|item| *item == wanted)
}

fn step<'v>(value: Option<&'v Value>, part: &str) -> Option<&'v Value> {
    match value? {
        Value::Object(map) => map.get(part.strip_prefix("f:")?),
        Value::Array(list) => position(list, part).map(|at| &list[at]),
        _ => None,
    }
}

/// Leaves that both sets have and where the values differ, as a set and as the paths that error messages name.
fn clashes(
    mine: &Tree,
    theirs: &Tree,
    wanted: Option<&Value>,
    live: Option<&Value>,
    path: &str,
    found: &mut Vec<String>,
) -> Tree {
    let mut tree = Tree::new();
    for (part, inner) in mine {
        let Some(Value::Object(other)) = theirs.get(part) else { continue };
        if part == "." {
            continue;
        }
        let (wanted, live) = (step(wanted, part), step(live, part));
        let here = format!("{path}{}", shown(part));
        match inner {
            Value::Object(inner) if !inner.is_empty() && !other.is_empty() => {
                let deeper = clashes(inner, other, wanted, live, &here, found);
                if !deeper.is_empty() {
                    tree.insert(part.clone(), Value::Object(deeper));
                }
            }
            _ if wanted != live => {
                found.push(here);
                tree.insert(part.clone(), json!({}));
            }
            _ => {}
        }
    }
    tree
}

/// `.spec`, `[name="a"]`.
fn shown(part: &str) -> String {
    if let Some(field) = part.strip_prefix("f:") {
        return format!(".{field}");
    }
    if let Some(Ok(Value::Object(keys))) = part.strip_prefix("k:").map(serde_json::from_str) {
        let keys: Vec<String> = keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
        return format!("[{}]", keys.join(","));
    }
    format!("[{}]", part.strip_prefix("v:").unwrap_or(part))
}

/// Takes out of `value` what a field set names.
fn remove(value: &mut Value, tree: &Tree) {
    for (part, inner) in tree {
        let Value::Object(inner) = inner else { continue };
        match value {
            Value::Object(map) => {
                let Some(field) = part.strip_prefix("f:") else { continue };
                if inner.is_empty() {
                    map.remove(field);
                } else if let Some(deeper) = map.get_mut(field) {
                    remove(deeper, inner);
                    if deeper.as_object().is_some_and(Map::is_empty) || deeper.as_array().is_some_and(Vec::is_empty) {
                        map.remove(field);
                    }
                }
            }
            Value::Array(list) => {
                let Some(at) = position(list, part) else { continue };
                if inner.is_empty() || inner.contains_key(".") {
                    list.remove(at);
                } else {
                    remove(&mut list[at], inner);
                }
            }
            _ => {}
        }
    }
}

fn merge(live: &mut Value, wanted: &Value, schema: &Schema<'_>, path: &mut Vec<String>) {
    match wanted {
        Value::Object(fields) if !schema.whole_map(&borrowed(path)) => {
            if !live.is_object() {
                *live = json!({});
            }
            let Value::Object(live) = live else { return };
            for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                path.push(key.clone());
                merge(live.entry(key.clone()).or_insert(Value::Null), value, schema, path);
                path.pop();
            }
        }
        Value::Array(items) => match schema.list(&borrowed(path)) {
            Lists::Whole => *live = wanted.clone(),
            kind => {
                if !live.is_array() {
                    *live = json!([]);
                }
                let Value::Array(list) = live else { return };
                for item in items {
                    let at = match kind {
                        Lists::Keyed(fields) => {
                            let wanted = keys(item, fields);
                            list.iter().position(|have| keys(have, fields) == wanted)
                        }
                        _ => list.iter().position(|have| have == item),
                    };
                    match at {
                        Some(at) => merge(&mut list[at], item, schema, path),
                        None => {
                            let mut fresh = Value::Null;
                            merge(&mut fresh, item, schema, path);
                            list.push(fresh);
                        }
                    }
                }
            }
        },
        _ => *live = wanted.clone(),
    }
}

/// The first item of a keyed list that is there twice, as the server words it.
fn duplicate(value: &Value, schema: &Schema<'_>, path: &mut Vec<String>, shown_path: &str) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(key, value)| {
            path.push(key.clone());
            let found = duplicate(value, schema, path, &format!("{shown_path}.{key}"));
            path.pop();
            found
        }),
        Value::Array(items) => {
            let Lists::Keyed(fields) = schema.list(&borrowed(path)) else { return None };
            let mut seen: Vec<Tree> = Vec::new();
            for item in items {
                let key = keys(item, fields);
                let name = shown(&format!("k:{}", Value::Object(key.clone())));
                if seen.contains(&key) {
                    return Some(format!("{shown_path}: duplicate entries for key {name}"));
                }
                seen.push(key);
                if let Some(found) = duplicate(item, schema, path, &format!("{shown_path}{name}")) {
                    return Some(found);
                }
            }
            None
        }
        _ => None,
    }
}

/// One entry of `managedFields`.
fn entry_of<'a>(object: &'a Value, manager: &str, operation: &str) -> Option<&'a Value> {
    super::json::list(object, "/metadata/managedFields")
        .iter()
        .find(|e| e["manager"] == manager && e["operation"] == operation && text(e, "/subresource").is_empty())
}

fn tree_of(entry: &Value) -> Tree {
    entry["fieldsV1"].as_object().cloned().unwrap_or_default()
}

/// Sets or drops a manager's entry; one with the same fields keeps its time.
fn own(object: &mut Value, manager: &str, operation: &str, api_version: &str, tree: &Tree, now: Timestamp) {
    let mut entries = super::json::list(object, "/metadata/managedFields").to_vec();
    let at = entries
        .iter()
        .position(|e| e["manager"] == manager && e["operation"] == operation && text(e, "/subresource").is_empty());
    let fresh = json!({"manager": manager, "operation": operation, "apiVersion": api_version, "time": seconds(now), "fieldsType": "FieldsV1", "fieldsV1": tree});
    match at {
        Some(at) if tree.is_empty() => {
            entries.remove(at);
        }
        Some(at) if tree_of(&entries[at]) == *tree => {}
        Some(at) => entries[at] = fresh,
        None if tree.is_empty() => {}
        None => entries.push(fresh),
    }
    super::json::child(object, &["metadata"]).insert("managedFields".into(), entries.into());
}

/// Who applies and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applier<'a> {
    pub(super) manager: &'a str,
    pub(super) force: bool,
    pub(super) now: Timestamp,
}

/// What the object is after `wanted` was applied to `live` (or to nothing).
pub(super) fn apply(kind: &Kind, live: Option<&Value>, wanted: &Value, applier: Applier<'_>) -> Result<Value, Refusal> {
    let Applier { manager, force, now } = applier;
    let schema = Schema::of(wanted);
    if let Some(what) = duplicate(wanted, &schema, &mut Vec::new(), "") {
        let (namespace, name) = (super::json::namespace(wanted), super::json::name(wanted));
        let of = text(wanted, "/apiVersion");
        let message =
            format!("failed to create typed patch object ({namespace}/{name}; {of}, Kind={}): {what}", kind.kind);
        return Err(Refusal::new(500, "", message));
    }
    let mine = fields(wanted);
    let api_version = text(wanted, "/apiVersion").to_owned();
    let Some(live) = live else {
        let mut made = json!({});
        merge(&mut made, wanted, &schema, &mut Vec::new());
        super::json::child(&mut made, &["metadata"]).remove("managedFields");
        own(&mut made, manager, "Apply", &api_version, &mine, now);
        return Ok(made);
    };
    let mut object = live.clone();
    let mut causes = Vec::new();
    for other in super::json::list(live, "/metadata/managedFields") {
        let (name, operation) = (text(other, "/manager"), text(other, "/operation"));
        if name == manager && operation == "Apply" {
            continue;
        }
        let mut paths = Vec::new();
        let clash = clashes(&mine, &tree_of(other), Some(wanted), Some(live), "", &mut paths);
        if clash.is_empty() {
            continue;
        }
        if force {
            own(&mut object, name, operation, text(other, "/apiVersion"), &without(&tree_of(other), &clash), now);
        }
        causes.extend(
            paths
                .into_iter()
                .map(|path| (name.to_owned(), operation.to_owned(), path, text(other, "/apiVersion").to_owned())),
        );
    }
    if !causes.is_empty() && !force {
        return Err(conflict(&causes));
    }
    let before = entry_of(&object, manager, "Apply").map(tree_of).unwrap_or_default();
    let mut given_up = without(&before, &mine);
    for other in super::json::list(&object, "/metadata/managedFields") {
        if !(other["manager"] == manager && other["operation"] == "Apply") {
            given_up = without(&given_up, &tree_of(other));
        }
    }
    let managed = object["metadata"]["managedFields"].clone();
    let mut patch = wanted.clone();
    if let Some(metadata) = patch.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|field, _| !SERVERS.contains(&field.as_str()));
    }
    merge(&mut object, &patch, &schema, &mut Vec::new());
    remove(&mut object, &given_up);
    object["metadata"]["managedFields"] = managed;
    own(&mut object, manager, "Apply", &api_version, &mine, now);
    Ok(object)
}

fn conflict(causes: &[(String, String, String, String)]) -> Refusal {
    let by = |(manager, operation, _, api): &(String, String, String, String)| {
        if operation == "Apply" {
            format!("conflict with \"{manager}\"")
        } else {
            format!("conflict with \"{manager}\" using {api}")
        }
    };
    let details: Vec<Value> = causes
        .iter()
        .map(|cause| json!({"reason": "FieldManagerConflict", "message": by(cause), "field": cause.2}))
        .collect();
    let plural = if causes.len() == 1 { "" } else { "s" };
    let said = match causes {
        [one] => format!("{}: {}", by(one), one.2),
        many => {
            let mut lines: Vec<String> = Vec::new();
            let mut last = String::new();
            for cause in many {
                if by(cause) != last {
                    last = by(cause);
                    lines.push(format!("{}{last}:", if last.starts_with("conflict") { "" } else { " " }).replacen(
                        "conflict",
                        "conflicts",
                        1,
                    ));
                }
                lines.push(format!("- {}", cause.2));
            }
            lines.join("\n")
        }
    };
    let mut refusal =
        Refusal::new(409, "Conflict", format!("Apply failed with {} conflict{plural}: {said}", causes.len()));
    refusal.details = json!({"causes": details});
    refusal
}

/// After a create, update or patch by someone who does not apply: what changed is theirs now.
pub(super) fn note_update(before: Option<&Value>, after: &mut Value, manager: &str, now: Timestamp) {
    let api_version = text(after, "/apiVersion").to_owned();
    let all = fields(after);
    let changed = match before {
        None => all.clone(),
        Some(before) => {
            let mut changed = without(&all, &fields(before));
            let differing = clashes(&all, &fields(before), Some(after), Some(before), "", &mut Vec::new());
            union(&mut changed, &differing);
            changed
        }
    };
    let managed: Vec<Value> =
        before.map(|b| super::json::list(b, "/metadata/managedFields").to_vec()).unwrap_or_default();
    super::json::child(after, &["metadata"]).insert("managedFields".into(), managed.clone().into());
    // What is gone belongs to nobody.
    let gone = before.map(|b| without(&fields(b), &all)).unwrap_or_default();
    for other in &managed {
        let (name, operation) = (text(other, "/manager"), text(other, "/operation"));
        let mut left = without(&tree_of(other), &gone);
        if !(name == manager && operation == "Update") {
            left = without(&left, &changed);
        }
        own(after, name, operation, text(other, "/apiVersion"), &left, now);
    }
    let mut mine = entry_of(after, manager, "Update").map(tree_of).unwrap_or_default();
    union(&mut mine, &changed);
    own(after, manager, "Update", &api_version, &mine, now);
    if super::json::list(after, "/metadata/managedFields").is_empty() {
        super::json::child(after, &["metadata"]).remove("managedFields");
    }
}
