//! Text: `quote`, `trunc`, `indent`, `replace`, `splitList`, `join`, … Casing and wrapping are in [`super::casing`].

use bstr::ByteSlice;

use super::Param::{Any, Int, Text as T};
use super::sprintf::{quote, strval};
use super::{Args, Function, FunctionError};
use crate::value::{Elem, Map, Text, Value};

type Answer = Result<Value, FunctionError>;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("hello", &[], |_, _| text("Hello!")),
    Function::new("trim", &[T], |_, a| text(a.text(0).trim())),
    Function::new("trimAll", &[T, T], |_, a| Ok(trim_all(&a.text(0), &a.text(1)))),
    Function::new("trimall", &[T, T], |_, a| Ok(trim_all(&a.text(0), &a.text(1)))),
    Function::new("trimSuffix", &[T, T], |_, a| {
        let subject = a.text(1);
        text(subject.strip_suffix(a.text(0).as_bytes()).unwrap_or(&subject))
    }),
    Function::new("trimPrefix", &[T, T], |_, a| {
        let subject = a.text(1);
        text(subject.strip_prefix(a.text(0).as_bytes()).unwrap_or(&subject))
    }),
    Function::new("contains", &[T, T], |_, a| Ok(Value::Bool(a.text(1).contains_str(a.text(0).as_bytes())))),
    Function::new("hasPrefix", &[T, T], |_, a| Ok(Value::Bool(a.text(1).starts_with(&a.text(0))))),
    Function::new("hasSuffix", &[T, T], |_, a| Ok(Value::Bool(a.text(1).ends_with(&a.text(0))))),
    Function::new("replace", &[T, T, T], |_, a| Ok(replace(&a.text(0), &a.text(1), &a.text(2)))),
    Function::new("repeat", &[Int, T], |_, a| {
        let count = repeat_count(a.int(0))?;
        text(a.text(1).repeat(count))
    }),
    Function::new("trunc", &[Int, T], |_, a| Ok(trunc(a.int(0), &a.text(1)))),
    Function::new("substr", &[Int, Int, T], |_, a| substr(a.int(0), a.int(1), &a.text(2))),
    Function::new("indent", &[Int, T], |_, a| text(indent(a.int(0), &a.text(1))?)),
    Function::new("nindent", &[Int, T], |_, a| {
        let mut out = b"\n".to_vec();
        out.extend(indent(a.int(0), &a.text(1))?);
        text(out)
    }),
    Function::new("plural", &[T, T, Int], |_, a| Ok(a.any(usize::from(a.int(2) != 1)))),
    Function::variadic("quote", &[], Any, |_, a| text(each(a, |value| quote(&strval(value))))),
    Function::variadic("squote", &[], Any, |_, a| {
        text(each(a, |value| [b"'", value.print().as_slice(), b"'"].concat()))
    }),
    Function::variadic("cat", &[], Any, |_, a| text(each(a, Value::print))),
    Function::new("toString", &[Any], |_, a| text(strval(&a.any(0)).into_owned())),
    Function::new("toStrings", &[Any], |_, a| Ok(Value::strings(strings_of(&a.any(0))))),
    Function::new("join", &[T, Any], |_, a| text(bstr::join(a.text(0).as_bytes(), strings_of(&a.any(1))))),
    Function::new("splitList", &[T, T], |_, a| Ok(Value::strings(split(&a.text(0), &a.text(1), -1)))),
    Function::new("split", &[T, T], |_, a| Ok(numbered(split(&a.text(0), &a.text(1), -1)))),
    Function::new("splitn", &[T, Int, T], |_, a| Ok(numbered(split(&a.text(0), &a.text(2), a.int(1))))),
    Function::new("sortAlpha", &[Any], |_, a| Ok(sort_alpha(&a.any(0)))),
];

fn text(text: impl Into<Text>) -> Answer {
    Ok(Value::text(text))
}

fn trim_all(cut: &[u8], subject: &[u8]) -> Value {
    let cut: Vec<char> = cut.chars().collect();
    Value::text(subject.trim_with(|c| cut.contains(&c)))
}

/// As `strings.Replace(src, old, new, -1)`; an empty `old` stands between all characters.
fn replace(old: &[u8], new: &[u8], src: &[u8]) -> Value {
    if !old.is_empty() {
        return Value::text(src.replace(old, new));
    }
    let mut out = new.to_vec();
    for (start, end, _) in src.char_indices() {
        out.extend_from_slice(&src[start..end]);
        out.extend_from_slice(new);
    }
    Value::text(out)
}

fn repeat_count(count: i64) -> Result<usize, FunctionError> {
    usize::try_from(count).map_err(|_| FunctionError::new("strings: negative Repeat count"))
}

/// Cuts bytes, not characters, as Go does.
fn trunc(most: i64, subject: &[u8]) -> Value {
    let len = i64::try_from(subject.len()).unwrap_or(i64::MAX);
    let place = |n: i64| usize::try_from(n).unwrap_or_default();
    if most < 0 && len + most > 0 {
        return Value::text(&subject[place(len + most)..]);
    }
    if most >= 0 && len > most {
        return Value::text(&subject[..place(most)]);
    }
    Value::text(subject)
}

fn substr(start: i64, end: i64, subject: &[u8]) -> Answer {
    let len = subject.len();
    let outside = |what: String| FunctionError::new(format!("runtime error: slice bounds out of range {what}"));
    let inside = |n: i64| usize::try_from(n).ok().filter(|&n| n <= len);
    match (inside(start), inside(end)) {
        (_, None) if start < 0 && end < 0 => Err(outside(format!("[:{end}]"))),
        (_, None) if start < 0 => Err(outside(format!("[:{end}] with length {len}"))),
        (None, Some(end)) if start < 0 => text(&subject[..end]),
        (Some(start), None) => text(&subject[start..]),
        (None, None) => Err(outside(format!("[{start}:{len}]"))),
        (Some(from), Some(to)) if from <= to => text(&subject[from..to]),
        _ => Err(outside(format!("[{start}:{end}]"))),
    }
}

fn indent(spaces: i64, subject: &[u8]) -> Result<Vec<u8>, FunctionError> {
    let pad = b" ".repeat(repeat_count(spaces)?);
    let mut out = pad.clone();
    out.extend(subject.replace("\n", [b"\n", pad.as_slice()].concat()));
    Ok(out)
}

/// Every argument that is not nil, with blanks between.
fn each(arguments: &[Value], show: impl Fn(&Value) -> Vec<u8>) -> Vec<u8> {
    bstr::join(" ", arguments.iter().filter(|value| !value.is_nil()).map(show))
}

/// sprig's `strslice`: the items of a list as strings without nil; anything else as the only one.
pub(super) fn strings_of(value: &Value) -> Vec<Vec<u8>> {
    if value.is_nil() {
        return Vec::new();
    }
    match value.as_list() {
        Some(list) => list.iter().filter(|item| !item.is_nil()).map(|item| strval(item).into_owned()).collect(),
        None => vec![strval(value).into_owned()],
    }
}

/// As `strings.SplitN`: `most` parts at most, 0 gives none, less than 0 gives all. An empty `sep` splits characters.
fn split(sep: &[u8], subject: &[u8], most: i64) -> Vec<Vec<u8>> {
    if most == 0 {
        return Vec::new();
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if !sep.is_empty() {
        return subject.splitn_str(most, sep).map(<[u8]>::to_vec).collect();
    }
    let starts: Vec<usize> = subject.char_indices().map(|(start, ..)| start).take(most).collect();
    let ends = starts.iter().skip(1).copied().chain([subject.len()]);
    starts.iter().zip(ends).map(|(&start, end)| subject[start..end].to_vec()).collect()
}

/// A `map[string]string` with the keys `_0`, `_1`, …
fn numbered(parts: Vec<Vec<u8>>) -> Value {
    let map = Map::of(Elem::Str);
    for (at, part) in parts.into_iter().enumerate() {
        map.set(format!("_{at}"), Value::text(part));
    }
    Value::Map(map)
}

fn sort_alpha(value: &Value) -> Value {
    if value.as_list().is_none() {
        return Value::strings([strval(value).into_owned()]);
    }
    let mut strings = strings_of(value);
    strings.sort();
    Value::strings(strings)
}
