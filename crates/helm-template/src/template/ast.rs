//! A parsed template. Nodes print as Go prints them, because error messages quote them.

use std::fmt;
use std::rc::Rc;

use crate::function::Function;
use crate::value::Text;

/// One template: a file, or a `define` within one.
pub(crate) struct Tree {
    /// The name templates call it by.
    pub(crate) name: String,
    /// The file it was read from.
    pub(crate) file: Rc<Source>,
    /// What it does.
    pub(crate) root: Rc<Vec<Node>>,
}

/// A template file.
pub(crate) struct Source {
    /// Its path, as error messages give it.
    pub(crate) name: String,
    /// Its text, for line and column of a position.
    pub(crate) text: Text,
}

impl Source {
    /// `name:line:column` of a byte offset, the column from 0 as Go counts it.
    pub(crate) fn location(&self, pos: usize) -> String {
        let before = &self.text[..pos.min(self.text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = before.iter().rposition(|byte| *byte == b'\n').map_or(before.len(), |at| before.len() - at - 1);
        format!("{}:{line}:{column}", self.name)
    }
}

pub(crate) enum Node {
    Text(Text),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template { pos: usize, name: String, pipe: Option<Pipe> },
    Break,
    Continue,
}

/// The parts of `if`, `with` and `range`.
pub(crate) struct Branch {
    pub(crate) pos: usize,
    pub(crate) pipe: Pipe,
    pub(crate) list: Vec<Node>,
    pub(crate) otherwise: Option<Vec<Node>>,
}

pub(crate) struct Pipe {
    pub(crate) pos: usize,
    /// Variables declared or assigned, with their `$`.
    pub(crate) decl: Vec<String>,
    pub(crate) assign: bool,
    pub(crate) cmds: Vec<Command>,
}

pub(crate) struct Command {
    pub(crate) pos: usize,
    /// The operands; never empty.
    pub(crate) args: Vec<Expr>,
}

pub(crate) struct Expr {
    pub(crate) pos: usize,
    pub(crate) kind: ExprKind,
}

pub(crate) enum ExprKind {
    Bool(bool),
    Dot,
    Nil,
    Number(Number),
    /// As written, and what it says.
    Str {
        quoted: String,
        text: Text,
    },
    /// `.A.B`
    Field(Vec<String>),
    /// `$x.A.B`; `$x` comes first.
    Variable(Vec<String>),
    /// `(…).A.B`
    Chain(Box<Expr>, Vec<String>),
    Function(&'static Function),
    Pipe(Box<Pipe>),
}

/// A constant: it takes the type of the parameter it is given to.
pub(crate) struct Number {
    pub(crate) text: String,
    pub(crate) int: Option<i64>,
    pub(crate) float: Option<f64>,
}

impl Number {
    /// Whether it is a float where nothing says what type is wanted.
    pub(crate) fn looks_float(&self) -> bool {
        let hex = self.text.len() > 2
            && (self.text.starts_with("0x") || self.text.starts_with("0X"))
            && !self.text.contains(['p', 'P']);
        !hex && !self.text.starts_with('\'') && self.text.contains(['.', 'e', 'E', 'p', 'P'])
    }
}

/// Whether the list does nothing but print white space: such a definition does not replace a real one.
pub(crate) fn is_blank(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(text) => text.to_str().trim().is_empty(),
        _ => false,
    })
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.decl.is_empty() {
            write!(f, "{} {} ", self.decl.join(", "), if self.assign { "=" } else { ":=" })?;
        }
        for (at, cmd) in self.cmds.iter().enumerate() {
            if at > 0 {
                f.write_str(" | ")?;
            }
            write!(f, "{cmd}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, arg) in self.args.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            match &arg.kind {
                ExprKind::Pipe(pipe) => write!(f, "({pipe})")?,
                _ => write!(f, "{arg}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Bool(flag) => write!(f, "{flag}"),
            ExprKind::Dot => f.write_str("."),
            ExprKind::Nil => f.write_str("nil"),
            ExprKind::Number(number) => f.write_str(&number.text),
            ExprKind::Str { quoted, .. } => f.write_str(quoted),
            ExprKind::Field(names) => names.iter().try_for_each(|name| write!(f, ".{name}")),
            ExprKind::Variable(names) => f.write_str(&names.join(".")),
            ExprKind::Chain(inner, names) => {
                match &inner.kind {
                    ExprKind::Pipe(pipe) => write!(f, "({pipe})")?,
                    _ => write!(f, "{inner}")?,
                }
                names.iter().try_for_each(|name| write!(f, ".{name}"))
            }
            ExprKind::Function(function) => f.write_str(function.name),
            ExprKind::Pipe(pipe) => write!(f, "{pipe}"),
        }
    }
}

/// What the evaluator is at: enough to say where and what in an error.
#[derive(Clone, Copy)]
pub(crate) enum At<'t> {
    Node(&'t Node),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Expr(&'t Expr),
}

impl At<'_> {
    pub(crate) fn pos(&self) -> usize {
        match self {
            Self::Node(node) => node.pos(),
            Self::Pipe(pipe) => pipe.pos,
            Self::Command(cmd) => cmd.pos,
            Self::Expr(expr) => expr.pos,
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => write!(f, "{node}"),
            Self::Pipe(pipe) => write!(f, "{pipe}"),
            Self::Command(cmd) => write!(f, "{cmd}"),
            Self::Expr(expr) => write!(f, "{expr}"),
        }
    }
}

impl Node {
    fn pos(&self) -> usize {
        match self {
            Self::Action(pipe) => pipe.pos,
            Self::If(branch) | Self::With(branch) | Self::Range(branch) => branch.pos,
            Self::Template { pos, .. } => *pos,
            Self::Text(_) | Self::Break | Self::Continue => 0,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let branch = |f: &mut fmt::Formatter<'_>, word: &str, branch: &Branch| {
            write!(f, "{{{{{word} {}}}}}", branch.pipe)?;
            branch.list.iter().try_for_each(|node| write!(f, "{node}"))?;
            if let Some(otherwise) = &branch.otherwise {
                f.write_str("{{else}}")?;
                otherwise.iter().try_for_each(|node| write!(f, "{node}"))?;
            }
            f.write_str("{{end}}")
        };
        match self {
            Self::Text(text) => write!(f, "{text}"),
            Self::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            Self::If(parts) => branch(f, "if", parts),
            Self::With(parts) => branch(f, "with", parts),
            Self::Range(parts) => branch(f, "range", parts),
            Self::Template { name, pipe, .. } => {
                write!(f, "{{{{template {}", crate::quote::quote_go(name))?;
                if let Some(pipe) = pipe {
                    write!(f, " {pipe}")?;
                }
                f.write_str("}}")
            }
            Self::Break => f.write_str("{{break}}"),
            Self::Continue => f.write_str("{{continue}}"),
        }
    }
}
