//! Runs a template: the walk over its nodes. How values come about is in [`super::eval`].

use std::collections::HashMap;
use std::rc::Rc;

use super::ast::{At, Branch, Node, Tree, is_blank};
use crate::functions::{Env, FunctionError};
use crate::value::{Text, Value};

/// How deep templates may call each other. Go stops at 100,000 by `template`; Helm at 1,000 by one name of `include`.
const MAX_DEPTH: usize = 20_000;

/// Below this much stack a new piece is taken from the heap.
const STACK_RED_ZONE: usize = 256 * 1024;
const STACK_PIECE: usize = 8 * 1024 * 1024;

/// Runs `body` with enough stack, however deep we are.
pub(crate) fn with_stack<T>(body: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_RED_ZONE, STACK_PIECE, body)
}

/// The templates one can call, by name. `tpl` opens a scope of its own above the one it is called in.
#[derive(Default)]
pub(crate) struct Scope {
    outer: Option<Rc<Scope>>,
    trees: HashMap<String, Rc<Tree>>,
}

impl Scope {
    /// A scope above `outer`.
    pub(crate) fn above(outer: Rc<Self>) -> Self {
        Self { outer: Some(outer), trees: HashMap::new() }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Rc<Tree>> {
        match self.trees.get(name) {
            Some(tree) => Some(tree),
            None => self.outer.as_deref()?.find(name),
        }
    }

    /// Adds a template. A blank one does not replace what is there.
    pub(crate) fn add(&mut self, tree: Tree) {
        if is_blank(&tree.root) && self.find(&tree.name).is_some() {
            return;
        }
        self.trees.insert(tree.name.clone(), Rc::new(tree));
    }
}

/// Go's whole message: `template: FILE:LINE:COLUMN: executing "NAME" at <…>: …`.
#[derive(Debug)]
pub(crate) struct ExecError(pub(crate) String);

impl From<ExecError> for FunctionError {
    fn from(error: ExecError) -> Self {
        Self(error.0)
    }
}

/// How a list of nodes was left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

/// One running template.
pub(super) struct State<'t, 'e, 'a> {
    pub(super) tree: &'t Tree,
    pub(super) env: &'e mut Env<'a>,
    pub(super) vars: Vec<(&'t str, Value)>,
    pub(super) at: Option<At<'t>>,
    pub(super) out: &'e mut Vec<u8>,
}

pub(super) type Ran<T> = Result<T, ExecError>;

/// Runs `tree` on `dot` and appends what it prints to `out`.
pub(crate) fn execute(tree: &Tree, dot: Value, env: &mut Env<'_>, out: &mut Vec<u8>) -> Result<(), ExecError> {
    // A nil that was handed over is no value for the template.
    let dot = if dot.is_nil() { Value::Invalid } else { dot };
    if env.depth >= MAX_DEPTH {
        return Err(ExecError(format!("template: {}: exceeded maximum template depth ({MAX_DEPTH})", tree.name)));
    }
    env.depth += 1;
    let result = with_stack(|| {
        let mut state = State { tree, env, vars: vec![("$", dot.clone())], at: None, out };
        state.walk_list(&dot, &tree.root)
    });
    env.depth -= 1;
    result.map(|_| ())
}

/// Runs the template called `name`.
pub(crate) fn execute_named(name: &str, dot: Value, env: &mut Env<'_>, out: &mut Vec<u8>) -> Result<(), ExecError> {
    let Some(tree) = env.scope.find(name).cloned() else {
        let quoted = crate::functions::quote_go(name);
        return Err(ExecError(format!("template: no template {quoted} associated with template \"gotpl\"")));
    };
    execute(&tree, dot, env, out)
}

impl<'t> State<'t, '_, '_> {
    pub(super) fn error<T>(&self, message: impl std::fmt::Display) -> Ran<T> {
        let name = &self.tree.name;
        Err(ExecError(match &self.at {
            None => format!("template: {name}: {message}"),
            Some(at) => {
                let location = self.tree.file.location(at.pos());
                let quoted = crate::functions::quote_go(name);
                format!("template: {location}: executing {quoted} at <{at}>: {message}")
            }
        }))
    }

    fn walk_list(&mut self, dot: &Value, nodes: &'t [Node]) -> Ran<Flow> {
        for node in nodes {
            let flow = self.walk(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn walk(&mut self, dot: &Value, node: &'t Node) -> Ran<Flow> {
        if let Node::Text(text) = node {
            self.out.extend_from_slice(text);
            return Ok(Flow::Next);
        }
        self.at = Some(At::Node(node));
        match node {
            Node::Text(_) => {}
            Node::Action(pipe) => {
                let value = self.pipeline(dot, pipe)?;
                if pipe.decl.is_empty() {
                    match value {
                        Value::Invalid | Value::Nil => self.out.extend_from_slice(b"<no value>"),
                        value => value.print_to(self.out),
                    }
                }
            }
            Node::If(branch) => return self.walk_branch(dot, branch, false),
            Node::With(branch) => return self.walk_branch(dot, branch, true),
            Node::Range(branch) => return self.walk_range(dot, branch),
            Node::Template { name, pipe, .. } => self.walk_template(dot, name, pipe.as_ref())?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn walk_branch(&mut self, dot: &Value, branch: &'t Branch, with: bool) -> Ran<Flow> {
        let mark = self.vars.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        let flow = if value.truth() {
            with_stack(|| self.walk_list(if with { &value } else { dot }, &branch.list))?
        } else if let Some(otherwise) = &branch.otherwise {
            with_stack(|| self.walk_list(dot, otherwise))?
        } else {
            Flow::Next
        };
        self.vars.truncate(mark);
        Ok(flow)
    }

    fn walk_range(&mut self, dot: &Value, branch: &'t Branch) -> Ran<Flow> {
        let mark = self.vars.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        let value = match value {
            Value::Object(object) if matches!(object.kind(), "map" | "slice") => object.data(),
            value => value,
        };
        let count = branch.pipe.decl.len();
        let ran = match &value {
            Value::Int(end) | Value::Int64(end) => {
                if count > 1 {
                    return self.error(format!("can't use {end} to iterate over more than one variable"));
                }
                let whole: fn(i64) -> Value = if matches!(value, Value::Int(_)) { Value::Int } else { Value::Int64 };
                self.iterate(branch, (0..*end).map(|at| (Value::Invalid, whole(at))))?
            }
            Value::List(list) => {
                let items = list.iter().enumerate().map(|(at, item)| (Value::Int(at as i64), item.clone()));
                self.iterate(branch, items)?
            }
            Value::Bytes(bytes) => {
                let items = bytes.iter().enumerate();
                self.iterate(branch, items.map(|(at, byte)| (Value::Int(at as i64), Value::Int(i64::from(*byte)))))?
            }
            Value::Map(map) => {
                self.iterate(branch, map.entries().into_iter().map(|(key, value)| (Value::Str(key), value)))?
            }
            Value::Invalid | Value::Nil => false,
            other => {
                let shown = String::from_utf8_lossy(&other.print()).into_owned();
                return self.error(format!("range can't iterate over {shown}"));
            }
        };
        let mut flow = Flow::Next;
        if !ran && let Some(otherwise) = &branch.otherwise {
            flow = self.walk_list(dot, otherwise)?;
        }
        self.vars.truncate(mark);
        Ok(flow)
    }

    /// Runs the body once for each pair of index and element; whether there was any.
    fn iterate(&mut self, branch: &'t Branch, items: impl Iterator<Item = (Value, Value)>) -> Ran<bool> {
        let pipe = &branch.pipe;
        let mark = self.vars.len();
        let mut ran = false;
        for (index, element) in items {
            ran = true;
            match (pipe.decl.len(), pipe.assign) {
                (0, _) => {}
                (1, true) => self.set_var(&pipe.decl[0], element.clone())?,
                (1, false) => self.vars[mark - 1].1 = element.clone(),
                (_, true) => {
                    self.set_var(&pipe.decl[0], index)?;
                    self.set_var(&pipe.decl[1], element.clone())?;
                }
                (_, false) => {
                    self.vars[mark - 1].1 = element.clone();
                    self.vars[mark - 2].1 = index;
                }
            }
            let flow = with_stack(|| self.walk_list(&element, &branch.list))?;
            self.vars.truncate(mark);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(ran)
    }

    fn walk_template(&mut self, dot: &Value, name: &str, pipe: Option<&'t super::ast::Pipe>) -> Ran<()> {
        let Some(tree) = self.env.scope.find(name).cloned() else {
            return self.error(format!("template {} not defined", crate::functions::quote_go(name)));
        };
        if self.env.depth >= MAX_DEPTH {
            return self.error(format!("exceeded maximum template depth ({MAX_DEPTH})"));
        }
        let value = match pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Value::Invalid,
        };
        execute(&tree, value, self.env, self.out)
    }

    pub(super) fn set_var(&mut self, name: &str, value: Value) -> Ran<()> {
        match self.vars.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => self.error(format!("undefined variable: {name}")),
        }
    }
}

/// `include`: runs a named template and gives what it prints.
pub(crate) fn include(env: &mut Env<'_>, name: &Text, dot: Value) -> Result<Value, FunctionError> {
    const RECURSION: u32 = 1_000;
    let name = name.to_string();
    let count = env.included.entry(name.clone()).or_insert(0);
    if *count > RECURSION {
        return Err(FunctionError(format!(
            "rendering template has a nested reference name: {name}: unable to execute template"
        )));
    }
    *count += 1;
    let mut out = Vec::new();
    let result = execute_named(&name, dot, env, &mut out);
    if let Some(count) = env.included.get_mut(&name) {
        *count -= 1;
    }
    result?;
    Ok(Value::text(out))
}

/// `tpl`: parses and runs text as a template; what it defines is seen by itself only.
pub(crate) fn tpl(env: &mut Env<'_>, text: &Text, dot: Value) -> Result<Value, FunctionError> {
    if !text.windows(2).any(|pair| pair == b"{{") {
        // Without an action the text prints itself.
        return Ok(Value::text(replace_no_value(text.to_vec())));
    }
    let quoted = || crate::functions::quote_go(&text.to_str());
    let trees = super::parse::parse("gotpl", text)
        .map_err(|message| FunctionError(format!("cannot parse template {}: {message}", quoted())))?;
    let mut scope = Scope::above(Rc::clone(&env.scope));
    for tree in trees {
        if tree.name == "gotpl" {
            // Runs even when it is blank.
            scope.trees.insert(tree.name.clone(), Rc::new(tree));
        } else {
            scope.add(tree);
        }
    }
    let outer = std::mem::replace(&mut env.scope, Rc::new(scope));
    let mut out = Vec::new();
    let result = execute_named("gotpl", dot, env, &mut out);
    env.scope = outer;
    result
        .map_err(|error| FunctionError(format!("error during tpl function execution for {}: {}", quoted(), error.0)))?;
    Ok(Value::text(replace_no_value(out)))
}

/// Go prints `<no value>` for what is not there; Helm takes it out again.
pub(crate) fn replace_no_value(text: Vec<u8>) -> Vec<u8> {
    const NO_VALUE: &[u8] = b"<no value>";
    if !text.windows(NO_VALUE.len()).any(|window| window == NO_VALUE) {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(NO_VALUE) {
            at += NO_VALUE.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}
