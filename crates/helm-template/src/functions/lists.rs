//! Lists: `list`, `first`, `append`, `concat`, `uniq`, `has`, `slice`, … The `must` twins say the same errors.

use super::Param::{Any, Int};
use super::cast::to_int;
use super::{Args, Call, Function, FunctionError};
use crate::value::{Elem, List, Value};

type Answer = Result<Value, FunctionError>;

const APPEND: Call = |_, a| edit(a, "push on type", |items, a| items.push(a.any(1)));
const PREPEND: Call = |_, a| edit(a, "prepend on type", |items, a| items.insert(0, a.any(1)));
const REST: Call = |_, a| part(a, "find rest on type", |items| items.get(1..));
const INITIAL: Call = |_, a| part(a, "find initial on type", |items| items.split_last().map(|(_, rest)| rest));
const REVERSE: Call = |_, a| edit(a, "find reverse on type", |items, _| items.reverse());
const COMPACT: Call = |_, a| edit(a, "compact on type", |items, _| items.retain(Value::truth));
const UNIQ: Call = |_, a| edit(a, "find uniq on type", |items, _| *items = uniq(items));
const WITHOUT: Call = |_, a| {
    edit(a, "find without on type", |items, a| items.retain(|item| !a[1..].iter().any(|omit| omit.deep_equal(item))))
};
const FIRST: Call = |_, a| Ok(items(a, 0, "find first on type")?.first().cloned().unwrap_or(Value::Nil));
const LAST: Call = |_, a| Ok(items(a, 0, "find last on type")?.last().cloned().unwrap_or(Value::Nil));
const HAS: Call = |_, a| {
    if a.any(1).is_nil() {
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(items(a, 1, "find has on type")?.iter().any(|item| a[0].deep_equal(item))))
};
const CHUNK: Call = |_, a| chunk(a.int(0), &items(a, 1, "chunk type")?);
const SLICE: Call = |_, a| slice(a);
const LIST: Call = |_, a| Ok(Value::list(a.to_vec()));

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::variadic("list", &[], Any, LIST),
    Function::variadic("tuple", &[], Any, LIST),
    Function::new("append", &[Any, Any], APPEND),
    Function::new("push", &[Any, Any], APPEND),
    Function::new("mustAppend", &[Any, Any], APPEND),
    Function::new("mustPush", &[Any, Any], APPEND),
    Function::new("prepend", &[Any, Any], PREPEND),
    Function::new("mustPrepend", &[Any, Any], PREPEND),
    Function::new("first", &[Any], FIRST),
    Function::new("mustFirst", &[Any], FIRST),
    Function::new("last", &[Any], LAST),
    Function::new("mustLast", &[Any], LAST),
    Function::new("rest", &[Any], REST),
    Function::new("mustRest", &[Any], REST),
    Function::new("initial", &[Any], INITIAL),
    Function::new("mustInitial", &[Any], INITIAL),
    Function::new("reverse", &[Any], REVERSE),
    Function::new("mustReverse", &[Any], REVERSE),
    Function::new("compact", &[Any], COMPACT),
    Function::new("mustCompact", &[Any], COMPACT),
    Function::new("uniq", &[Any], UNIQ),
    Function::new("mustUniq", &[Any], UNIQ),
    Function::variadic("without", &[Any], Any, WITHOUT),
    Function::variadic("mustWithout", &[Any], Any, WITHOUT),
    Function::new("has", &[Any, Any], HAS),
    Function::new("mustHas", &[Any, Any], HAS),
    Function::new("chunk", &[Int, Any], CHUNK),
    Function::new("mustChunk", &[Int, Any], CHUNK),
    Function::variadic("slice", &[Any], Any, SLICE),
    Function::variadic("mustSlice", &[Any], Any, SLICE),
    Function::variadic("concat", &[], Any, |_, a| concat(a)),
];

/// What Go says when sprig asks for the type of nil.
fn nil_type() -> FunctionError {
    FunctionError::new("runtime error: invalid memory address or nil pointer dereference")
}

/// The list at `at`, or `Cannot WHAT KIND`.
fn items(arguments: &[Value], at: usize, what: &str) -> Result<List, FunctionError> {
    let value = arguments.any(at);
    if value.is_nil() {
        return Err(nil_type());
    }
    value.as_list().ok_or_else(|| FunctionError::new(format!("Cannot {what} {}", value.kind())))
}

/// A new `[]interface {}` made from a copy of the first argument.
fn edit(arguments: &[Value], what: &str, change: impl FnOnce(&mut Vec<Value>, &[Value])) -> Answer {
    let mut copy = items(arguments, 0, what)?.to_vec();
    change(&mut copy, arguments);
    Ok(Value::list(copy))
}

/// A part of the first argument; what is empty has none.
fn part(arguments: &[Value], what: &str, of: impl Fn(&[Value]) -> Option<&[Value]>) -> Answer {
    let items = items(arguments, 0, what)?;
    Ok(Value::List(match of(&items) {
        Some(part) => List::new(part.to_vec()),
        None => List::nil(Elem::Any),
    }))
}

fn uniq(items: &[Value]) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if !kept.iter().any(|known| known.deep_equal(item)) {
            kept.push(item.clone());
        }
    }
    kept
}

fn chunk(size: i64, list: &List) -> Answer {
    match usize::try_from(size) {
        _ if list.is_empty() => Ok(Value::list(Vec::new())),
        Ok(size) if size > 0 => Ok(Value::list(list.chunks(size).map(|part| Value::list(part.to_vec())).collect())),
        _ => Err(FunctionError::new("runtime error: makeslice: len out of range")),
    }
}

fn slice(arguments: &[Value]) -> Answer {
    let value = arguments.any(0);
    if value.is_nil() {
        return Err(nil_type());
    }
    let Some(list) = value.as_list() else {
        return Err(FunctionError::new(format!("list should be type of slice or array but {}", value.kind())));
    };
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let place = |at: usize, default: usize| match arguments.get(at) {
        Some(value) => usize::try_from(to_int(value)).ok(),
        None => Some(default),
    };
    match (place(1, 0), place(2, list.len())) {
        (Some(start), Some(end)) if start <= end && end <= list.len() => {
            Ok(Value::List(List::of(list.elem(), list[start..end].to_vec())))
        }
        _ => Err(FunctionError::new("reflect.Value.Slice: slice index out of bounds")),
    }
}

fn concat(lists: &[Value]) -> Answer {
    let mut all = Vec::new();
    for value in lists {
        if value.is_nil() {
            return Err(nil_type());
        }
        let Some(list) = value.as_list() else {
            return Err(FunctionError::new(format!("Cannot concat type {} as list", value.kind())));
        };
        all.extend(list.iter().cloned());
    }
    Ok(Value::List(List::appended(Elem::Any, all)))
}
