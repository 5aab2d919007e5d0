//! What a function of templates is: its name, the types it takes, what it may use besides its arguments.
//!
//! A function is a plain `fn` and says what types it takes; the evaluator converts and refuses arguments as Go's
//! `text/template` does ("wrong type for value; expected string; got float64") before it calls. So inside a function
//! a parameter declared [`Param::Text`] **is** a [`Value::Str`], and the small readers on [`Args`] never fail.

use std::collections::HashMap;
use std::rc::Rc;

use crate::draw::{Draw, DrawKey};
use crate::lookup::Lookup;
pub use crate::param::{FunctionError, Param};
use crate::quote::quote_go;
use crate::value::{List, Map, Text, Value};

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

/// A template that can be called by its name.
pub(crate) trait Template {
    /// The name templates call it by.
    fn name(&self) -> &str;
    /// Whether it prints nothing, whatever it is run on.
    fn is_blank(&self) -> bool;
    /// Runs it on `dot` and appends what it prints to `out`. The error is Go's whole message.
    fn run(&self, dot: Value, env: &mut Env<'_>, out: &mut Vec<u8>) -> Result<(), FunctionError>;
}

/// The templates that `text` defines, where `name` is what it is called in messages; the text itself is one of them.
pub(crate) type Parse = fn(name: &str, text: &Text) -> Result<Vec<Rc<dyn Template>>, String>;

/// The templates one can call, by name. `tpl` opens a scope of its own above the one it is called in.
#[derive(Default)]
pub(crate) struct Scope {
    outer: Option<Rc<Scope>>,
    templates: HashMap<String, Rc<dyn Template>>,
}

impl Scope {
    /// A scope above `outer`.
    pub(crate) fn above(outer: Rc<Self>) -> Self {
        Self { outer: Some(outer), templates: HashMap::new() }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Rc<dyn Template>> {
        match self.templates.get(name) {
            Some(template) => Some(template),
            None => self.outer.as_deref()?.find(name),
        }
    }

    /// Adds a template. A blank one does not replace what is there.
    pub(crate) fn add(&mut self, template: Rc<dyn Template>) {
        if template.is_blank() && self.find(template.name()).is_some() {
            return;
        }
        self.put(template);
    }

    /// Adds a template, also a blank one.
    pub(crate) fn put(&mut self, template: Rc<dyn Template>) {
        self.templates.insert(template.name().to_owned(), template);
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
    /// How `tpl` reads its text.
    pub(crate) parse: Parse,
    draw: &'a dyn Draw,
    drawn: HashMap<(&'static str, String), u32>,
}

impl<'a> Env<'a> {
    /// For one rendering of one chart.
    pub(crate) fn new(now: jiff::Timestamp, draw: &'a dyn Draw, lookup: &'a dyn Lookup, parse: Parse) -> Self {
        let (scope, included, drawn) = (Rc::default(), HashMap::new(), HashMap::new());
        Self { now, lookup, scope, included, depth: 0, parse, draw, drawn }
    }

    /// Runs the template called `name`. The error is Go's whole message.
    pub(crate) fn run(&mut self, name: &str, dot: Value, out: &mut Vec<u8>) -> Result<(), FunctionError> {
        let Some(template) = self.scope.find(name).cloned() else {
            let quoted = quote_go(name);
            return Err(FunctionError(format!("template: no template {quoted} associated with template \"gotpl\"")));
        };
        template.run(dot, self, out)
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
