//! Runs a template: the walk over its nodes. How values come about is in [`super::eval`].

use super::ast::{At, Branch, Node, Tree, is_blank};
use crate::function::{Env, FunctionError, Template};
use crate::quote::quote_go;
use crate::stack::with_stack;
use crate::value::Value;

/// How deep templates may call each other. Go stops at 100,000 by `template`; Helm at 1,000 by one name of `include`.
const MAX_DEPTH: usize = 20_000;

/// Go's whole message: `template: FILE:LINE:COLUMN: executing "NAME" at <…>: …`.
#[derive(Debug)]
pub(crate) struct ExecError(pub(crate) String);

impl From<FunctionError> for ExecError {
    fn from(error: FunctionError) -> Self {
        Self(error.0)
    }
}

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

impl Template for Tree {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_blank(&self) -> bool {
        is_blank(&self.root)
    }

    fn run(&self, dot: Value, env: &mut Env<'_>, out: &mut Vec<u8>) -> Result<(), FunctionError> {
        Ok(execute(self, dot, env, out)?)
    }
}

impl<'t> State<'t, '_, '_> {
    pub(super) fn error<T>(&self, message: impl std::fmt::Display) -> Ran<T> {
        let name = &self.tree.name;
        Err(ExecError(match &self.at {
            None => format!("template: {name}: {message}"),
            Some(at) => {
                let location = self.tree.file.location(at.pos());
                let quoted = quote_go(name);
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
                        Value::Object(object) => self.out.extend_from_slice(&object.shown()),
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
            return self.error(format!("template {} not defined", quote_go(name)));
        };
        if self.env.depth >= MAX_DEPTH {
            return self.error(format!("exceeded maximum template depth ({MAX_DEPTH})"));
        }
        let value = match pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Value::Invalid,
        };
        Ok(tree.run(value, self.env, self.out)?)
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
