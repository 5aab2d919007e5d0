//! The evaluator's own values: what Go's `interface{}` holds while a template runs.
//!
//! Three things of Go decide what charts render, and a JSON tree cannot say them: maps are shared and mutable (a chart
//! may merge into its own context), strings are bytes (`trunc` may cut inside a character), and "no value" and "a value
//! that is nil" differ.

use std::any::Any;
use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use serde_json::Value as Json;

pub use crate::floats::{format_float, format_float32};
use crate::param::{FunctionError, Param};
pub use crate::text::Text;

/// What the elements of a list or map are in Go; it shows in `typeOf`, in typed parameters and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elem {
    /// `[]interface {}`, `map[string]interface {}`.
    Any,
    /// `[]string`, `map[string]string`.
    Str,
    /// `[]int` (lists only: `until`, `seq`).
    Int,
    /// `common.Values` (maps only), the type of `.Values`.
    Values,
}

/// Go's slice. Templates cannot assign to an element, so sharing needs no cell.
#[derive(Clone)]
pub struct List {
    items: Rc<Vec<Value>>,
    elem: Elem,
    nil: bool,
}

impl List {
    /// `[]interface {}`.
    #[must_use]
    pub fn new(items: Vec<Value>) -> Self {
        Self::of(Elem::Any, items)
    }

    /// With another element type.
    #[must_use]
    pub fn of(elem: Elem, items: Vec<Value>) -> Self {
        Self { items: Rc::new(items), elem, nil: false }
    }

    /// A slice that was never made: empty, and null as JSON.
    #[must_use]
    pub fn nil(elem: Elem) -> Self {
        Self { nil: true, ..Self::of(elem, Vec::new()) }
    }

    /// Of these items, or [`List::nil`] where Go appends to what was never made.
    #[must_use]
    pub fn appended(elem: Elem, items: Vec<Value>) -> Self {
        if items.is_empty() { Self::nil(elem) } else { Self::of(elem, items) }
    }

    /// Whether it was never made.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    /// `[]string`.
    pub fn strings<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::of(Elem::Str, items.into_iter().map(|item| Value::Str(item.into())).collect())
    }

    /// The element type.
    #[must_use]
    pub fn elem(&self) -> Elem {
        self.elem
    }
}

impl Deref for List {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        &self.items
    }
}

/// Go's map with string keys: a reference, so clones see each other's changes. Iterates sorted by key bytes, as Go's
/// templates do.
#[derive(Clone)]
pub struct Map {
    entries: Rc<RefCell<BTreeMap<Text, Value>>>,
    elem: Elem,
    nil: bool,
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl Map {
    /// An empty `map[string]interface {}`.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Elem::Any)
    }

    /// An empty map with another element type.
    #[must_use]
    pub fn of(elem: Elem) -> Self {
        Self { entries: Rc::default(), elem, nil: false }
    }

    /// A map that was never made: empty, and null as JSON.
    #[must_use]
    pub fn nil(elem: Elem) -> Self {
        Self { nil: true, ..Self::of(elem) }
    }

    /// Whether it was never made.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.nil && self.is_empty()
    }

    /// The same map under another type name.
    #[must_use]
    pub fn as_elem(&self, elem: Elem) -> Self {
        Self { entries: Rc::clone(&self.entries), elem, nil: self.nil }
    }

    /// The element type.
    #[must_use]
    pub fn elem(&self) -> Elem {
        self.elem
    }

    /// The value under `key`; `None` if there is none (a nil under the key is `Some(Nil)`).
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.borrow().get(key.as_ref()).cloned()
    }

    /// Whether `key` is there.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        self.entries.borrow().contains_key(key.as_ref())
    }

    /// Sets `key`, for everyone who holds this map.
    pub fn set(&self, key: impl Into<Text>, value: Value) {
        self.entries.borrow_mut().insert(key.into(), value);
    }

    /// Removes `key`, for everyone who holds this map.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.borrow_mut().remove(key.as_ref())
    }

    /// How many keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether it has no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    /// A copy of the entries, sorted by key: safe to walk while the map changes.
    #[must_use]
    pub fn entries(&self) -> Vec<(Text, Value)> {
        self.entries.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The keys, sorted.
    #[must_use]
    pub fn keys(&self) -> Vec<Text> {
        self.entries.borrow().keys().cloned().collect()
    }

    /// Whether both are the same map, not only equal ones.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.entries, &other.entries)
    }

    /// Reads in place. Do not call back into the evaluator while holding it.
    pub fn borrow(&self) -> Ref<'_, BTreeMap<Text, Value>> {
        self.entries.borrow()
    }

    /// Writes in place. Do not call back into the evaluator while holding it.
    pub fn borrow_mut(&self) -> RefMut<'_, BTreeMap<Text, Value>> {
        self.entries.borrow_mut()
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Self { entries: Rc::new(RefCell::new(entries)), elem: Elem::Any, nil: false }
    }
}

/// A Go value with fields or methods: `.Files`, `.Capabilities`, a version, a point in time.
pub trait Object {
    /// Go's `%T`, for example `time.Time`.
    fn type_name(&self) -> String;
    /// Go's kind: `struct`, `ptr`, `map`, `slice`.
    fn kind(&self) -> &'static str;
    /// Go's `%v`.
    fn print(&self) -> Vec<u8>;
    /// As plain data: what `range`, `index`, `len`, `toYaml` and `toJson` see.
    fn data(&self) -> Value;
    /// What an action prints: Go calls a method `String` there also where `%v` cannot.
    fn shown(&self) -> Vec<u8> {
        self.print()
    }
    /// The fields that JSON writes, where their order is not that of the alphabet.
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }
    /// The field `name`, if the type has it.
    fn field(&self, _name: &str) -> Option<Value> {
        None
    }
    /// The parameter types of the method `name`; arguments are taken as they are if this does not say.
    fn params(&self, _name: &str) -> &'static [Param] {
        &[]
    }
    /// Calls the method `name`; `None` if the type has no such method.
    fn call(&self, _name: &str, _arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        None
    }
    /// For functions that know the type.
    fn as_any(&self) -> &dyn Any;
}

/// A template can put a map into itself. Go dies of that; we stop this deep.
const MAX_DEPTH: usize = 500;

/// A value in a template.
#[derive(Clone)]
pub enum Value {
    /// No value at all: a key that is not there (Go's zero `reflect.Value`). Functions never get it, except where a
    /// parameter is [`Param::Reflect`].
    Invalid,
    /// A value that is nil.
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int`: constants in templates, `len`, `int`.
    Int(i64),
    /// `int64`: `add`, `int64`, numbers of `--set`.
    Int64(i64),
    /// `float64`: every number that was read from YAML or JSON.
    Float(f64),
    /// `string`.
    Str(Text),
    /// `[]byte`.
    Bytes(Text),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// Anything with methods.
    Object(Rc<dyn Object>),
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Str(text.into())
    }

    /// A `[]interface {}`.
    #[must_use]
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(List::new(items))
    }

    /// A `[]string`.
    pub fn strings<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(List::strings(items))
    }

    /// From JSON: whole JSON numbers become `int64`, others `float64`.
    #[must_use]
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Nil,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int64(whole),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::text(text.as_str()),
            Json::Array(items) => Self::list(items.iter().map(Self::from_json).collect()),
            Json::Object(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.as_str(), Self::from_json(value))).collect())
            }
        }
    }

    /// To JSON. Bytes that are not UTF-8 become U+FFFD, numbers that JSON has not become null.
    #[must_use]
    pub fn to_json(&self) -> Json {
        self.json_within(MAX_DEPTH)
    }

    fn json_within(&self, depth: usize) -> Json {
        if depth == 0 {
            return Json::Null;
        }
        match self {
            Self::Invalid | Self::Nil => Json::Null,
            Self::Bool(flag) => Json::Bool(*flag),
            Self::Int(whole) | Self::Int64(whole) => Json::from(*whole),
            Self::Float(number) => serde_json::Number::from_f64(*number).map_or(Json::Null, Json::Number),
            Self::Str(text) => Json::String(text.to_string()),
            Self::Bytes(bytes) => {
                use base64::Engine as _;
                Json::String(base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes()))
            }
            Self::List(list) if list.is_nil() => Json::Null,
            Self::Map(map) if map.is_nil() => Json::Null,
            Self::List(list) => Json::Array(list.iter().map(|item| item.json_within(depth - 1)).collect()),
            Self::Map(map) => Json::Object(
                map.borrow().iter().map(|(key, value)| (key.to_string(), value.json_within(depth - 1))).collect(),
            ),
            Self::Object(object) => object.data().json_within(depth - 1),
        }
    }

    /// Neither a value nor nil.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Invalid | Self::Nil)
    }

    /// Go templates' truth: not nil, zero, empty.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Self::Invalid | Self::Nil => false,
            Self::Bool(flag) => *flag,
            Self::Int(whole) | Self::Int64(whole) => *whole != 0,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) | Self::Bytes(text) => !text.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Object(object) => match object.kind() {
                "map" | "slice" => object.data().truth(),
                _ => true,
            },
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is an `int` or `int64`.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(whole) | Self::Int64(whole) => Some(*whole),
            _ => None,
        }
    }

    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, if it is a list (bytes count as a list of numbers, an object of kind slice as its data).
    #[must_use]
    pub fn as_list(&self) -> Option<List> {
        match self {
            Self::List(list) => Some(list.clone()),
            Self::Bytes(bytes) => {
                Some(List::of(Elem::Int, bytes.iter().map(|byte| Self::Int(i64::from(*byte))).collect()))
            }
            Self::Object(object) if object.kind() == "slice" => object.data().as_list(),
            _ => None,
        }
    }

    /// Go's `%T`.
    #[must_use]
    pub fn type_name(&self) -> String {
        match self {
            Self::Invalid | Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::Bytes(_) => "[]uint8",
            Self::List(list) => match list.elem() {
                Elem::Str => "[]string",
                Elem::Int => "[]int",
                _ => "[]interface {}",
            },
            Self::Map(map) => match map.elem() {
                Elem::Str => "map[string]string",
                Elem::Values => "common.Values",
                _ => "map[string]interface {}",
            },
            Self::Object(object) => return object.type_name(),
        }
        .to_owned()
    }

    /// Go's `reflect.Kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid | Self::Nil => "invalid",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::Bytes(_) | Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Object(object) => object.kind(),
        }
    }

    /// Go's `%v`.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.print_to(&mut out);
        out
    }

    /// Go's `%v`, appended to `out`.
    pub fn print_to(&self, out: &mut Vec<u8>) {
        self.print_within(out, MAX_DEPTH);
    }

    fn print_within(&self, out: &mut Vec<u8>, depth: usize) {
        if depth == 0 {
            out.extend_from_slice(b"...");
            return;
        }
        match self {
            Self::Invalid | Self::Nil => out.extend_from_slice(b"<nil>"),
            Self::Bool(flag) => out.extend_from_slice(flag.to_string().as_bytes()),
            Self::Int(whole) | Self::Int64(whole) => out.extend_from_slice(whole.to_string().as_bytes()),
            Self::Float(number) => out.extend_from_slice(format_float(*number).as_bytes()),
            Self::Str(text) => out.extend_from_slice(text),
            Self::Bytes(bytes) => {
                let numbers: Vec<String> = bytes.iter().map(ToString::to_string).collect();
                out.extend_from_slice(format!("[{}]", numbers.join(" ")).as_bytes());
            }
            Self::List(list) => {
                out.push(b'[');
                for (at, item) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(b' ');
                    }
                    item.print_within(out, depth - 1);
                }
                out.push(b']');
            }
            Self::Map(map) => {
                out.extend_from_slice(b"map[");
                for (at, (key, value)) in map.entries().iter().enumerate() {
                    if at > 0 {
                        out.push(b' ');
                    }
                    out.extend_from_slice(key);
                    out.push(b':');
                    value.print_within(out, depth - 1);
                }
                out.push(b']');
            }
            Self::Object(object) => out.extend_from_slice(&object.print()),
        }
    }

    /// A copy that shares no map with the original.
    #[must_use]
    pub fn deep_copy(&self) -> Self {
        self.copy_within(MAX_DEPTH)
    }

    fn copy_within(&self, depth: usize) -> Self {
        match self {
            value if depth == 0 => value.clone(),
            Self::List(list) => {
                let items = list.iter().map(|item| item.copy_within(depth - 1)).collect();
                Self::List(List { items: Rc::new(items), ..list.clone() })
            }
            Self::Map(map) => {
                let copy =
                    map.borrow().iter().map(|(key, value)| (key.clone(), value.copy_within(depth - 1))).collect();
                Self::Map(Map { entries: Rc::new(RefCell::new(copy)), ..map.clone() })
            }
            other => other.clone(),
        }
    }

    /// Whether both are the same thing, so that one can stand for the other unseen. Says no where looking would cost.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nil, Self::Nil) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) | (Self::Int64(a), Self::Int64(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Str(a), Self::Str(b)) | (Self::Bytes(a), Self::Bytes(b)) => std::ptr::eq(a.as_bytes(), b.as_bytes()),
            (Self::List(a), Self::List(b)) => Rc::ptr_eq(&a.items, &b.items) && a.elem == b.elem,
            (Self::Map(a), Self::Map(b)) => a.same(b) && a.elem == b.elem,
            _ => false,
        }
    }

    /// Go's `reflect.DeepEqual`: types count, `1` and `1.0` differ.
    #[must_use]
    pub fn deep_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Invalid | Self::Nil, Self::Invalid | Self::Nil) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) | (Self::Int64(a), Self::Int64(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Str(a), Self::Str(b)) | (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::List(a), Self::List(b)) => {
                a.elem() == b.elem() && a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.deep_equal(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.elem() == b.elem()
                    && (a.same(b)
                        || (a.len() == b.len()
                            && a.entries().iter().all(|(key, value)| b.get(key).is_some_and(|b| value.deep_equal(&b)))))
            }
            (Self::Object(a), Self::Object(b)) => Rc::ptr_eq(a, b) || a.print() == b.print(),
            _ => false,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => f.write_str("<no value>"),
            other => write!(f, "{}({})", other.type_name(), String::from_utf8_lossy(&other.print())),
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}
