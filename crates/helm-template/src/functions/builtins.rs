//! Go's own functions (`and`, `eq`, `index`, `len`, `printf`, …) and those of Helm that belong to the rendering: `required`,
//! `fail`, `lookup`.

use std::rc::Rc;

use super::sprintf::{sprint, sprintf, sprintln};
use super::{Args, Env, Function, FunctionError, Param};
use crate::value::{Elem, List, Value};

/// What Helm wraps around the message of `fail` and `required`, to find it again in Go's error.
pub(crate) const WARN_START: &str = "HELM_ERR_START";
/// The other end of [`WARN_START`].
pub(crate) const WARN_END: &str = "HELM_ERR_END";

type Result = std::result::Result<Value, FunctionError>;

const R: Param = Param::Reflect;
const T: Param = Param::Text;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    // The evaluator never calls `and` and `or`: they stop at the first argument that decides.
    Function::variadic("and", &[R], R, |_, args| Ok(decide(args, false))),
    Function::variadic("or", &[R], R, |_, args| Ok(decide(args, true))),
    Function::new("not", &[R], |_, args| Ok(Value::Bool(!args.any(0).truth()))),
    Function::variadic("eq", &[R], R, |_, args| Ok(Value::Bool(eq(args)?))),
    Function::new("ne", &[R, R], |_, args| Ok(Value::Bool(!eq(args)?))),
    Function::new("lt", &[R, R], |_, args| Ok(Value::Bool(lt(args)?))),
    Function::new("le", &[R, R], |_, args| Ok(Value::Bool(lt(args)? || eq(args)?))),
    Function::new("gt", &[R, R], |_, args| Ok(Value::Bool(!(lt(args)? || eq(args)?)))),
    Function::new("ge", &[R, R], |_, args| Ok(Value::Bool(!lt(args)?))),
    Function::variadic("index", &[R], R, |_, args| index(args)),
    Function::variadic("slice", &[R], R, |_, args| slice(args)),
    Function::new("len", &[R], |_, args| len(&args.any(0))),
    Function::variadic("call", &[R], R, |_, args| call(args)),
    Function::variadic("print", &[], Param::Any, |_, args| Ok(Value::text(sprint(args)))),
    Function::variadic("println", &[], Param::Any, |_, args| Ok(Value::text(sprintln(args)))),
    Function::variadic("printf", &[T], Param::Any, |_, args| {
        Ok(Value::text(sprintf(args.text(0).as_bytes(), args.get(1..).unwrap_or_default())))
    }),
    Function::variadic("html", &[], Param::Any, |_, args| Ok(Value::text(html(&printed(args))))),
    Function::variadic("js", &[], Param::Any, |_, args| Ok(Value::text(js(&printed(args))))),
    Function::variadic("urlquery", &[], Param::Any, |_, args| Ok(Value::text(query(&printed(args))))),
    Function::new("required", &[T, Param::Any], |_, args| match args.any(1) {
        value if value.is_nil() || value.as_text().is_some_and(|text| text.is_empty()) => warn(&args.str(0)),
        value => Ok(value),
    }),
    Function::new("fail", &[T], |_, args| warn(&args.str(0))),
    Function::new("lookup", &[T, T, T, T], lookup),
];

fn warn(message: &str) -> Result {
    Err(FunctionError(format!("{WARN_START}{message}{WARN_END}")))
}

fn lookup(env: &mut Env<'_>, args: &[Value]) -> Result {
    let found = env.lookup.lookup(&args.str(0), &args.str(1), &args.str(2), &args.str(3));
    Ok(found.map_or_else(|| Value::Map(crate::value::Map::new()), |object| Value::from_json(&object)))
}

fn decide(args: &[Value], or: bool) -> Value {
    args.iter().find(|value| value.truth() == or).or(args.last()).cloned().unwrap_or(Value::Invalid)
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Basic {
    Bool,
    Int,
    Float,
    Str,
    Other,
}

fn basic(value: &Value) -> Basic {
    match value {
        Value::Bool(_) => Basic::Bool,
        Value::Int(_) | Value::Int64(_) => Basic::Int,
        Value::Float(_) => Basic::Float,
        Value::Str(_) => Basic::Str,
        _ => Basic::Other,
    }
}

fn error<T>(message: impl Into<String>) -> std::result::Result<T, FunctionError> {
    Err(FunctionError::new(message))
}

/// Whether the first argument equals one of the others.
fn eq(args: &[Value]) -> std::result::Result<bool, FunctionError> {
    let [first, others @ ..] = args else { return error("missing argument for comparison") };
    if others.is_empty() {
        return error("missing argument for comparison");
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> std::result::Result<bool, FunctionError> {
    if basic(a) != basic(b) {
        if a.is_nil() || b.is_nil() {
            return Ok(false);
        }
        return error(format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name()));
    }
    Ok(match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a) | Value::Int64(a), Value::Int(b) | Value::Int64(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        _ if a.is_nil() || b.is_nil() => a.is_nil() && b.is_nil(),
        (Value::Object(a), Value::Object(b)) if a.kind() != "map" && a.kind() != "slice" => Rc::ptr_eq(a, b),
        _ if a.kind() != b.kind() => {
            return error(format!(
                "non-comparable types {}: {}, {}: {}",
                shown(a),
                a.type_name(),
                b.type_name(),
                shown(b)
            ));
        }
        _ => return error(format!("non-comparable type {}: {}", shown(b), b.type_name())),
    })
}

/// Go's `%s`.
fn shown(value: &Value) -> String {
    String::from_utf8_lossy(&sprintf(b"%s", std::slice::from_ref(value))).into_owned()
}

fn lt(args: &[Value]) -> std::result::Result<bool, FunctionError> {
    let (a, b) = (args.any(0), args.any(1));
    let (kind_a, kind_b) = (basic(&a), basic(&b));
    if kind_a == Basic::Other || kind_b == Basic::Other {
        return error("invalid type for comparison");
    }
    if kind_a != kind_b {
        return error(format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name()));
    }
    match (&a, &b) {
        (Value::Int(a) | Value::Int64(a), Value::Int(b) | Value::Int64(b)) => Ok(a < b),
        (Value::Float(a), Value::Float(b)) => Ok(a < b),
        (Value::Str(a), Value::Str(b)) => Ok(a < b),
        _ => error("invalid type for comparison"),
    }
}

/// An index into something with `len` elements.
fn place(index: &Value, len: usize) -> std::result::Result<usize, FunctionError> {
    match index {
        Value::Int(at) | Value::Int64(at) => match usize::try_from(*at) {
            Ok(place) if place <= len => Ok(place),
            _ => error(format!("index out of range: {at}")),
        },
        value if value.is_nil() => error("cannot index slice/array with nil"),
        value => error(format!("cannot index slice/array with type {}", value.type_name())),
    }
}

/// What a map gives for a key that is not there.
pub(crate) fn zero_of(elem: Elem) -> Value {
    match elem {
        Elem::Str => Value::text(""),
        Elem::Int => Value::Int(0),
        Elem::Any | Elem::Values => Value::Nil,
    }
}

fn index(args: &[Value]) -> Result {
    let mut item = args.any(0);
    if item.is_nil() {
        return error("index of untyped nil");
    }
    for (step, key) in args.iter().enumerate().skip(1) {
        if item.is_nil() {
            return error(if step == 1 { "index of untyped nil" } else { "index of nil pointer" });
        }
        if let Value::Object(object) = &item
            && matches!(object.kind(), "map" | "slice")
        {
            item = object.data();
        }
        item = match &item {
            Value::Map(map) => match key {
                Value::Str(key) => map.get(key).unwrap_or_else(|| zero_of(map.elem())),
                key if key.is_nil() => return error("value is nil; should be of type string"),
                key => return error(format!("value has type {}; should be string", key.type_name())),
            },
            Value::List(list) => element(key, list.len(), |at| list[at].clone())?,
            Value::Str(text) => element(key, text.len(), |at| Value::Int(i64::from(text[at])))?,
            Value::Bytes(bytes) => element(key, bytes.len(), |at| Value::Int(i64::from(bytes[at])))?,
            other => return error(format!("can't index item of type {}", other.type_name())),
        };
    }
    Ok(item)
}

fn element(key: &Value, len: usize, get: impl Fn(usize) -> Value) -> Result {
    let at = place(key, len)?;
    if at >= len {
        return error("reflect: slice index out of range");
    }
    Ok(get(at))
}

fn slice(args: &[Value]) -> Result {
    let item = args.any(0);
    if item.is_nil() {
        return error("slice of untyped nil");
    }
    let bounds = args.get(1..).unwrap_or_default();
    if bounds.len() > 3 {
        return error(format!("too many slice indexes: {}", bounds.len()));
    }
    let len = match &item {
        Value::Str(_) if bounds.len() == 3 => return error("cannot 3-index slice a string"),
        Value::Str(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        other => return error(format!("can't slice item of type {}", other.type_name())),
    };
    let mut ends = [0, len, len];
    for (at, bound) in bounds.iter().enumerate() {
        ends[at] = place(bound, len)?;
    }
    for (low, high) in [(ends[0], ends[1]), (ends[1], ends[2])] {
        if low > high {
            return error(format!("invalid slice index: {low} > {high}"));
        }
    }
    let range = ends[0]..ends[1];
    Ok(match &item {
        Value::Str(text) => Value::text(&text[range]),
        Value::Bytes(bytes) => Value::Bytes(bytes[range].into()),
        Value::List(list) => Value::List(List::of(list.elem(), list[range].to_vec())),
        other => other.clone(),
    })
}

fn len(item: &Value) -> Result {
    Ok(Value::Int(match item {
        Value::Str(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Object(object) if matches!(object.kind(), "map" | "slice") => return len(&object.data()),
        Value::Nil => return error("len of nil pointer"),
        Value::Invalid => return error("reflect: call of reflect.Value.Type on zero Value"),
        other => return error(format!("len of type {}", other.type_name())),
    } as i64))
}

/// No value in a chart is a function.
fn call(args: &[Value]) -> Result {
    match args.any(0) {
        value if value.is_nil() => error("call of nil"),
        value => error(format!("non-function {} of type {}", shown(&value), value.type_name())),
    }
}

/// The arguments of `html`, `js` and `urlquery` as one text.
fn printed(args: &[Value]) -> Vec<u8> {
    let args: Vec<Value> =
        args.iter().map(|arg| if arg.is_nil() { Value::text("<no value>") } else { arg.clone() }).collect();
    sprint(&args)
}

fn html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            byte => out.push(*byte),
        }
    }
    out
}

fn js(text: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    for c in String::from_utf8_lossy(text).chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' => out.push_str("\\u003C"),
            '>' => out.push_str("\\u003E"),
            '&' => out.push_str("\\u0026"),
            '=' => out.push_str("\\u003D"),
            c if c < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c if c.is_ascii() || crate::quote::is_print(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    out.into_bytes()
}

fn query(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b' ' => out.push(b'+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            byte => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}
