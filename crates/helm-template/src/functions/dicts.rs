//! Maps: `dict`, `set`, `merge`, `mustMergeOverwrite`, `dig`, `pick`, `omit`, `keys`, `deepCopy`, …
//!
//! Maps are shared: `set`, `unset` and the merges change the map that the template holds.

use super::Param::{Any, Map as M, Text as T};
use super::sprintf::strval;
use super::{Args, Call, Function, FunctionError};
use crate::value::{Elem, Map, Value};

type Answer = Result<Value, FunctionError>;

const MERGE: Call = |_, a| merge_all(a, false);
const MERGE_OVERWRITE: Call = |_, a| merge_all(a, true);
const DEEP_COPY: Call = |_, a| match a.any(0) {
    Value::Nil => Err(FunctionError::new("reflect: call of reflect.Value.Type on zero Value")),
    value => Ok(value.deep_copy()),
};

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::variadic("dict", &[], Any, |_, a| Ok(Value::Map(dict(a)))),
    Function::new("get", &[M, T], |_, a| Ok(a.map(0).get(a.text(1)).unwrap_or_else(|| Value::text("")))),
    Function::new("set", &[M, T, Any], |_, a| {
        if a.any(0).is_nil() {
            return Err(FunctionError::new("assignment to entry in nil map"));
        }
        a.map(0).set(a.text(1), a.any(2));
        Ok(plain(a, 0))
    }),
    Function::new("unset", &[M, T], |_, a| {
        a.map(0).remove(a.text(1));
        Ok(plain(a, 0))
    }),
    Function::new("hasKey", &[M, T], |_, a| Ok(Value::Bool(a.map(0).contains(a.text(1))))),
    Function::variadic("pluck", &[T], M, |_, a| {
        let key = a.text(0);
        Ok(Value::list((1..a.len()).filter_map(|at| a.map(at).get(&key)).collect()))
    }),
    Function::variadic("keys", &[], M, |_, a| Ok(Value::strings((0..a.len()).flat_map(|at| a.map(at).keys())))),
    Function::new("values", &[M], |_, a| Ok(Value::list(a.map(0).entries().into_iter().map(|(_, v)| v).collect()))),
    Function::variadic("pick", &[M], T, |_, a| Ok(select(a, true))),
    Function::variadic("omit", &[M], T, |_, a| Ok(select(a, false))),
    Function::variadic("merge", &[M], M, MERGE),
    Function::variadic("mustMerge", &[M], M, MERGE),
    Function::variadic("mergeOverwrite", &[M], M, MERGE_OVERWRITE),
    Function::variadic("mustMergeOverwrite", &[M], M, MERGE_OVERWRITE),
    Function::new("deepCopy", &[Any], DEEP_COPY),
    Function::new("mustDeepCopy", &[Any], DEEP_COPY),
    Function::variadic("dig", &[], Any, |_, a| dig(a)),
];

/// A map argument as the `map[string]interface {}` that the parameter makes of it.
fn plain(arguments: &[Value], at: usize) -> Value {
    Value::Map(arguments.map(at).as_elem(Elem::Any))
}

fn dict(arguments: &[Value]) -> Map {
    let map = Map::new();
    for pair in arguments.chunks(2) {
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::text(""));
        map.set(strval(&pair[0]).into_owned(), value);
    }
    map
}

fn select(arguments: &[Value], keep: bool) -> Value {
    let named = |key: &[u8]| arguments[1..].iter().any(|name| name.as_text().is_some_and(|name| &**name == key));
    Value::Map(arguments.map(0).entries().into_iter().filter(|(key, _)| named(key) == keep).collect())
}

fn merge_all(arguments: &[Value], overwrite: bool) -> Answer {
    let target = arguments.map(0);
    for at in 1..arguments.len() {
        merge(&target, &arguments.map(at), overwrite);
    }
    Ok(Value::Map(target.as_elem(Elem::Any)))
}

/// As mergo 1.0.1 merges `from` into `into`. Its ways, on which charts rely without knowing: nested maps are merged in
/// place, everything else is taken over by reference; overwriting also takes empty values and nil; lists are replaced.
fn merge(into: &Map, from: &Map, overwrite: bool) {
    if into.same(from) {
        return;
    }
    for (key, new) in from.entries() {
        if new.is_nil() {
            if overwrite {
                into.set(key, Value::Nil);
            }
            continue;
        }
        let old = into.get(&key);
        // Charts merge their values into themselves again and again: most of it is there already.
        if old.as_ref().is_some_and(|old| old.is_same(&new)) {
            continue;
        }
        if let (Some(Value::Map(old)), Value::Map(new)) = (&old, &new) {
            merge(old, new, overwrite);
        }
        let is_empty = old.as_ref().is_none_or(|old| !old.truth());
        let both_maps = old.as_ref().is_some_and(|old| old.kind() == "map") && new.kind() == "map";
        if !is_empty && both_maps {
            continue;
        }
        if overwrite || is_empty {
            into.set(key, new);
        }
    }
}

/// `dig KEY… DEFAULT MAP`. sprig asserts types here, so `.Values` itself is refused, as in Helm.
fn dig(arguments: &[Value]) -> Answer {
    let [keys @ .., default, map] = arguments else { return Err(too_few()) };
    if keys.is_empty() {
        return Err(too_few());
    }
    let mut current = any_map(map)?;
    let keys = keys
        .iter()
        .map(|key| key.as_text().cloned().ok_or_else(|| conversion(key, "string")))
        .collect::<Result<Vec<_>, _>>()?;
    for (at, key) in keys.iter().enumerate() {
        let Some(value) = current.get(key) else { return Ok(default.clone()) };
        if at + 1 == keys.len() {
            return Ok(value);
        }
        current = any_map(&value)?;
    }
    Ok(default.clone())
}

fn too_few() -> FunctionError {
    FunctionError::new("dig needs at least three arguments")
}

fn any_map(value: &Value) -> Result<Map, FunctionError> {
    match value {
        Value::Map(map) if map.elem() == Elem::Any => Ok(map.clone()),
        other => Err(conversion(other, "map[string]interface {}")),
    }
}

/// What Go says when a type assertion fails.
fn conversion(value: &Value, wanted: &str) -> FunctionError {
    let found = if value.is_nil() { "nil".to_owned() } else { value.type_name() };
    FunctionError::new(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
}
