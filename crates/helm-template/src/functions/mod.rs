//! The function table: Go's builtins, sprig's and Helm's functions by name, with Go's parameter types.
//!
//! A function is a plain `fn` and says what types it takes; the evaluator converts and refuses arguments as Go's
//! `text/template` does ("wrong type for value; expected string; got float64") before it calls. So inside a function
//! a parameter declared [`Param::Text`] **is** a [`Value::Str`], and the small readers on [`Args`] never fail.

pub(crate) mod builtins;
mod casing;
mod cast;
mod certs;
mod constraint;
mod crypto;
mod data;
mod dates;
mod dicts;
mod duration;
mod encoding;
mod float_text;
#[cfg(test)]
mod judged;
mod layout;
mod layout_parse;
mod lists;
mod math;
mod passwords;
mod paths;
mod re2;
mod reflect;
mod regex;
mod semver;
pub mod sprintf;
mod strings;
mod toml;
mod urls;

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::OnceLock;

use crate::template::exec::Scope;
use crate::value::{List, Map, Text, Value};
use crate::{Draw, DrawKey, Lookup};

/// What went wrong inside a function. The evaluator adds where: `error calling NAME: MESSAGE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError(pub String);

impl FunctionError {
    /// With Go's words where they are known.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// The static Go type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// `interface {}`: takes everything; a missing value arrives as [`Value::Nil`].
    Any,
    /// `reflect.Value`: takes everything; a missing value arrives as [`Value::Invalid`].
    Reflect,
    /// `string`.
    Text,
    /// `int`; `int64` arguments and whole constants are accepted as Go accepts them.
    Int,
    /// `int64`.
    Int64,
    /// `float64`.
    Float,
    /// `bool`.
    Bool,
    /// `[]byte`.
    Bytes,
    /// `map[string]interface {}`.
    Map,
    /// `[]interface {}`.
    List,
    /// `[]string`.
    Strings,
    /// A type with methods, by Go's name, for example `time.Time`.
    Object(&'static str),
}

impl Param {
    /// Go's name of the type.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::Text => "string",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Float => "float64",
            Self::Bool => "bool",
            Self::Bytes => "[]uint8",
            Self::Map => "map[string]interface {}",
            Self::List => "[]interface {}",
            Self::Strings => "[]string",
            Self::Object(name) => name,
        }
    }
}

/// The body of a function.
pub type Call = fn(&mut Env<'_>, &[Value]) -> Result<Value, FunctionError>;

/// One function of the table.
#[derive(Clone, Copy)]
pub struct Function {
    /// The name templates use.
    pub name: &'static str,
    /// The types of the parameters before the variadic one.
    pub params: &'static [Param],
    /// The type of each further argument, if any number of them may follow.
    pub rest: Option<Param>,
    /// The body.
    pub call: Call,
}

impl Function {
    /// A function with exactly these parameters.
    #[must_use]
    pub const fn new(name: &'static str, params: &'static [Param], call: Call) -> Self {
        Self { name, params, rest: None, call }
    }

    /// A function with these parameters and any number of `rest`.
    #[must_use]
    pub const fn variadic(name: &'static str, params: &'static [Param], rest: Param, call: Call) -> Self {
        Self { name, params, rest: Some(rest), call }
    }
}

/// Reads arguments by place. The evaluator has checked types and count, so an argument that does not fit reads as its
/// type's zero.
pub trait Args {
    /// A `string` argument.
    fn text(&self, at: usize) -> Text;
    /// A `string` argument as UTF-8 (what is not becomes U+FFFD).
    fn str(&self, at: usize) -> String;
    /// An `int` or `int64` argument.
    fn int(&self, at: usize) -> i64;
    /// A `float64` argument.
    fn float(&self, at: usize) -> f64;
    /// A `bool` argument.
    fn flag(&self, at: usize) -> bool;
    /// A map argument, shared with the caller.
    fn map(&self, at: usize) -> Map;
    /// A list argument.
    fn list(&self, at: usize) -> List;
    /// Any argument.
    fn any(&self, at: usize) -> Value;
}

impl Args for [Value] {
    fn text(&self, at: usize) -> Text {
        match self.get(at) {
            Some(Value::Str(text) | Value::Bytes(text)) => text.clone(),
            _ => Text::from(""),
        }
    }

    fn str(&self, at: usize) -> String {
        self.text(at).to_string()
    }

    fn int(&self, at: usize) -> i64 {
        self.get(at).and_then(Value::as_int).unwrap_or_default()
    }

    fn float(&self, at: usize) -> f64 {
        match self.get(at) {
            Some(Value::Float(number)) => *number,
            _ => 0.0,
        }
    }

    fn flag(&self, at: usize) -> bool {
        matches!(self.get(at), Some(Value::Bool(true)))
    }

    fn map(&self, at: usize) -> Map {
        self.get(at).and_then(Value::as_map).cloned().unwrap_or_default()
    }

    fn list(&self, at: usize) -> List {
        self.get(at).and_then(Value::as_list).unwrap_or_else(|| List::new(Vec::new()))
    }

    fn any(&self, at: usize) -> Value {
        self.get(at).cloned().unwrap_or(Value::Nil)
    }
}

/// What a function may use besides its arguments.
pub struct Env<'a> {
    /// What `now` says.
    pub now: jiff::Timestamp,
    /// What `lookup` sees.
    pub lookup: &'a dyn Lookup,
    /// The templates that can be called now.
    pub(crate) scope: Rc<Scope>,
    /// How often each template is being included now.
    pub(crate) included: HashMap<String, u32>,
    /// How many templates are running inside each other.
    pub(crate) depth: usize,
    draw: &'a dyn Draw,
    drawn: HashMap<(&'static str, String), u32>,
}

impl<'a> Env<'a> {
    /// For one rendering of one chart.
    #[must_use]
    pub fn new(now: jiff::Timestamp, draw: &'a dyn Draw, lookup: &'a dyn Lookup) -> Self {
        Self { now, lookup, scope: Rc::default(), included: HashMap::new(), depth: 0, draw, drawn: HashMap::new() }
    }

    /// A random value: `make` makes a fresh one, the keeper behind decides whether it is needed. `arguments` are the
    /// arguments that choose the value, as JSON makes them comparable. Values with several parts (a certificate and
    /// its key) are one JSON text.
    pub fn draw(&mut self, function: &'static str, arguments: &[Value], make: &mut dyn FnMut() -> String) -> String {
        let arguments =
            serde_json::Value::Array(arguments.iter().map(Value::to_json).collect::<Vec<serde_json::Value>>())
                .to_string();
        let count = self.drawn.entry((function, arguments.clone())).or_insert(0);
        let key = DrawKey { function: function.to_owned(), arguments, occurrence: *count };
        *count += 1;
        self.draw.draw(&key, make)
    }
}

/// Every group of functions; a name in a later group replaces one in an earlier group.
const GROUPS: &[&[Function]] = &[
    builtins::FUNCTIONS,
    casing::FUNCTIONS,
    strings::FUNCTIONS,
    lists::FUNCTIONS,
    dicts::FUNCTIONS,
    math::FUNCTIONS,
    regex::FUNCTIONS,
    semver::FUNCTIONS,
    dates::FUNCTIONS,
    crypto::FUNCTIONS,
    certs::FUNCTIONS,
    passwords::FUNCTIONS,
    encoding::FUNCTIONS,
    reflect::FUNCTIONS,
    paths::FUNCTIONS,
    urls::FUNCTIONS,
    toml::FUNCTIONS,
    data::FUNCTIONS,
];

/// The function called `name`, if there is one.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    TABLE
        .get_or_init(|| {
            GROUPS.iter().flat_map(|group| group.iter()).map(|function| (function.name, function)).collect()
        })
        .get(name)
        .copied()
}

/// Whether a version lies in a constraint; false when one of them cannot be read, as in Helm.
pub(crate) fn is_compatible_range(wanted: &str, version: &str) -> bool {
    match (constraint::Constraints::parse(wanted), semver::Version::parse(version)) {
        (Ok(constraints), Ok(version)) => constraints.check(&version),
        _ => false,
    }
}

/// Go's `unicode.IsPrint`, near enough: everything but control, format, private and unassigned characters and spaces
/// other than the ASCII one.
pub(crate) fn is_print(c: char) -> bool {
    match c {
        ' ' => true,
        c if c.is_ascii() => c.is_ascii_graphic(),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}' | '\u{f0000}'.. => false,
        c => !c.is_control() && !c.is_whitespace(),
    }
}

/// Go's `%q`.
pub(crate) fn quote_go(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if is_print(c) => out.push(c),
            c if u32::from(c) < 0x80 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) < 0x10000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}
