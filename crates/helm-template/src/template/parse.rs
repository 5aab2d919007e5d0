//! Tokens to templates, as Go's `text/template/parse` does it, with Go's error texts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::ast::{Branch, Command, Expr, ExprKind, Node, Pipe, Source, Tree, is_blank};
use super::lex::{Kind, Token, lex};
use super::literal;
use crate::function::Template;
use crate::functions;
use crate::value::Text;

/// How deep parentheses and blocks may nest.
const MAX_DEPTH: usize = 1_000;

/// How many texts are remembered; a chart has some dozens, most of them those of a chart they have in common.
const REMEMBERED: usize = 1_000;

/// What a text defines: name and nodes; the text itself comes last, without a name.
type Defined = Vec<(Option<String>, Rc<Vec<Node>>)>;

thread_local! {
    static KNOWN: RefCell<HashMap<Text, Rc<Defined>>> = RefCell::default();
}

/// The templates that `text` defines; the file itself, under its own name, is the last.
///
/// The error is Go's message, with file and line.
pub(crate) fn parse(name: &str, text: &Text) -> Result<Vec<Tree>, String> {
    let known = KNOWN.with_borrow(|known| known.get(text).cloned());
    let defined = match known {
        Some(defined) => defined,
        None => {
            let defined = Rc::new(parse_text(name, &text.to_str())?);
            KNOWN.with_borrow_mut(|known| {
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(text.clone(), Rc::clone(&defined));
            });
            defined
        }
    };
    let file = Rc::new(Source { name: name.to_owned(), text: text.clone() });
    let tree = |(own, root): &(Option<String>, Rc<Vec<Node>>)| Tree {
        name: own.as_deref().unwrap_or(name).to_owned(),
        file: Rc::clone(&file),
        root: Rc::clone(root),
    };
    let mut trees: Vec<Tree> = defined.iter().map(tree).collect();
    if let Some(twin) = trees[..trees.len() - 1].iter().position(|tree| tree.name == name) {
        // The text defines a template of its own name.
        match (is_blank(&trees[twin].root), is_blank(&trees[trees.len() - 1].root)) {
            (_, true) => drop(trees.pop()),
            (true, false) => drop(trees.remove(twin)),
            (false, false) => {
                let line = 1 + text.iter().filter(|byte| **byte == b'\n').count();
                let quoted = crate::quote::quote_go(name);
                return Err(format!("template: {name}:{line}: template: multiple definition of template {quoted}"));
            }
        }
    }
    Ok(trees)
}

/// The same, as what can be called.
pub(crate) fn templates(name: &str, text: &Text) -> Result<Vec<Rc<dyn Template>>, String> {
    Ok(parse(name, text)?.into_iter().map(|tree| Rc::new(tree) as Rc<dyn Template>).collect())
}

fn parse_text(name: &str, text: &str) -> Result<Defined, String> {
    let mut parser = Parser {
        tokens: lex(text),
        at: 0,
        furthest: 0,
        file: name.to_owned(),
        vars: Vec::new(),
        range_depth: 0,
        depth: 0,
        action_line: 0,
        defined: Vec::new(),
    };
    parser.file()?;
    Ok(parser.defined)
}

/// What ended a list of nodes.
enum Ending {
    End,
    /// An `else`; an `if` or `with` right behind it is the next token.
    Else,
}

enum Item {
    Node(Node),
    Ending(Ending),
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    /// The furthest token looked at: Go reports its line.
    furthest: usize,
    file: String,
    vars: Vec<String>,
    range_depth: usize,
    depth: usize,
    action_line: usize,
    defined: Defined,
}

type Parsed<T> = Result<T, String>;

impl<'a> Parser<'a> {
    fn peek(&mut self) -> &Token<'a> {
        let at = self.at.min(self.tokens.len() - 1);
        self.furthest = self.furthest.max(at);
        &self.tokens[at]
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn peek_non_space(&mut self) -> &Token<'a> {
        self.skip_space();
        self.peek()
    }

    fn next_non_space(&mut self) -> Token<'a> {
        self.skip_space();
        self.next()
    }

    fn error<T>(&self, message: impl std::fmt::Display) -> Parsed<T> {
        let line = self.tokens[self.furthest.min(self.tokens.len() - 1)].line;
        Err(format!("template: {}:{line}: {message}", self.file))
    }

    fn unexpected<T>(&self, token: &Token<'_>, context: &str) -> Parsed<T> {
        if token.kind == Kind::Error {
            let mut extra = String::new();
            if self.action_line != 0 && self.action_line != token.line {
                extra = format!(" in action started at {}:{}", self.file, self.action_line);
                if token.text.ends_with(" action") {
                    extra = extra[" in action".len()..].to_owned();
                }
            }
            return self.error(format!("{token}{extra}"));
        }
        self.error(format!("unexpected {token} in {context}"))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token<'a>> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.error("max expression depth exceeded") } else { Ok(()) }
    }

    /// Adds a template; without a name, the text itself.
    fn add(&mut self, name: Option<String>, root: Vec<Node>) -> Parsed<()> {
        if let Some(at) = self.defined.iter().position(|(known, _)| *known == name) {
            if !is_blank(&self.defined[at].1) {
                if is_blank(&root) {
                    return Ok(());
                }
                let quoted = crate::quote::quote_go(name.as_deref().unwrap_or(&self.file));
                return self.error(format!("template: multiple definition of template {quoted}"));
            }
            self.defined.remove(at);
        }
        self.defined.push((name, Rc::new(root)));
        Ok(())
    }

    fn file(&mut self) -> Parsed<()> {
        self.vars = vec!["$".to_owned()];
        let mut root = Vec::new();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim {
                let delim = self.at;
                self.at += 1;
                if self.next_non_space().kind == Kind::Define {
                    self.define()?;
                    continue;
                }
                self.at = delim;
            }
            match self.text_or_action()? {
                Item::Node(node) => root.push(node),
                Item::Ending(ending) => return self.error(format!("unexpected {}", ending_text(&ending))),
            }
        }
        self.add(None, root)
    }

    /// Parses `{{define}}` or `{{block}}` with variables of its own.
    fn body(&mut self, name: String, context: &str) -> Parsed<()> {
        let vars = std::mem::replace(&mut self.vars, vec!["$".to_owned()]);
        let range_depth = std::mem::take(&mut self.range_depth);
        let (root, ending) = self.list()?;
        if let Ending::Else = ending {
            return self.error(format!("unexpected {} in {context}", ending_text(&ending)));
        }
        self.vars = vars;
        self.range_depth = range_depth;
        self.add(Some(name), root)
    }

    fn define(&mut self) -> Parsed<()> {
        let context = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, context)?;
        self.expect(Kind::RightDelim, context)?;
        self.body(name, context)
    }

    fn template_name(&mut self, token: &Token<'_>, context: &str) -> Parsed<String> {
        if !matches!(token.kind, Kind::Str | Kind::RawStr) {
            return self.unexpected(token, context);
        }
        match literal::unquote(&token.text) {
            Some(name) => Ok(String::from_utf8_lossy(&name).into_owned()),
            None => self.error("invalid syntax"),
        }
    }

    fn list(&mut self) -> Parsed<(Vec<Node>, Ending)> {
        self.deeper()?;
        let mut nodes = Vec::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::Ending(ending) => {
                    self.depth -= 1;
                    return Ok((nodes, ending));
                }
            }
        }
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(Text::from(&*token.text)))),
            Kind::LeftDelim => {
                self.action_line = token.line;
                let item = self.action();
                self.action_line = 0;
                item
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        Ok(Item::Node(match token.kind {
            Kind::Block => {
                let context = "block clause";
                let name_token = self.next_non_space();
                let name = self.template_name(&name_token, context)?;
                let pipe = self.pipeline(context, Kind::RightDelim)?;
                self.body(name.clone(), context)?;
                Node::Template { pos: name_token.pos, name, pipe: Some(pipe) }
            }
            Kind::Break => self.leave("break", Node::Break)?,
            Kind::Continue => self.leave("continue", Node::Continue)?,
            Kind::Else => {
                if !matches!(self.peek_non_space().kind, Kind::If | Kind::With) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Item::Ending(Ending::Else));
            }
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Kind::If => Node::If(self.control("if")?),
            Kind::With => Node::With(self.control("with")?),
            Kind::Range => Node::Range(self.control("range")?),
            Kind::Template => {
                let context = "template clause";
                let name_token = self.next_non_space();
                let name = self.template_name(&name_token, context)?;
                let pipe = if self.peek_non_space().kind == Kind::RightDelim {
                    self.at += 1;
                    None
                } else {
                    Some(self.pipeline(context, Kind::RightDelim)?)
                };
                Node::Template { pos: name_token.pos, name, pipe }
            }
            _ => {
                self.at -= 1;
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        }))
    }

    fn leave(&mut self, word: &str, node: Node) -> Parsed<Node> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return self.unexpected(&token, &format!("{{{{{word}}}}}"));
        }
        if self.range_depth == 0 {
            return self.error(format!("{{{{{word}}}}} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn control(&mut self, context: &'static str) -> Parsed<Branch> {
        self.deeper()?;
        let vars = self.vars.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let range = usize::from(context == "range");
        self.range_depth += range;
        let (list, ending) = self.list()?;
        self.range_depth -= range;
        let otherwise = match ending {
            Ending::End => None,
            Ending::Else => Some(self.otherwise(context)?),
        };
        self.vars.truncate(vars);
        self.depth -= 1;
        Ok(Branch { pos: pipe.pos, pipe, list, otherwise })
    }

    fn otherwise(&mut self, context: &str) -> Parsed<Vec<Node>> {
        match (context, self.peek().kind) {
            ("if", Kind::If) => {
                self.at += 1;
                Ok(vec![Node::If(self.control("if")?)])
            }
            ("with", Kind::With) => {
                self.at += 1;
                Ok(vec![Node::With(self.control("with")?)])
            }
            _ => {
                let (list, ending) = self.list()?;
                match ending {
                    Ending::End => Ok(list),
                    Ending::Else => self.error(format!("expected end; found {}", ending_text(&ending))),
                }
            }
        }
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let pos = self.peek_non_space().pos;
        let mut pipe = Pipe { pos, decl: Vec::new(), assign: false, cmds: Vec::new() };
        self.declarations(context, &mut pipe)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawStr
                | Kind::Str
                | Kind::Variable
                | Kind::LeftParen => {
                    self.at -= 1;
                    pipe.cmds.push(self.command()?);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        if pipe.cmds.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (at, cmd) in pipe.cmds.iter().enumerate().skip(1) {
            if matches!(
                cmd.args[0].kind,
                ExprKind::Bool(_) | ExprKind::Dot | ExprKind::Nil | ExprKind::Number(_) | ExprKind::Str { .. }
            ) {
                return self.error(format!("non executable command in pipeline stage {}", at + 1));
            }
        }
        Ok(pipe)
    }

    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Parsed<()> {
        while self.peek_non_space().kind == Kind::Variable {
            let back = self.at;
            let name = self.next().text.into_owned();
            let following = self.peek_non_space().clone();
            match following.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.assign = following.kind == Kind::Assign;
                    self.at += 1;
                    pipe.decl.push(name.clone());
                    self.vars.push(name);
                    return Ok(());
                }
                Kind::Char if following.text == "," => {
                    self.at += 1;
                    pipe.decl.push(name.clone());
                    self.vars.push(name);
                    if context != "range" || pipe.decl.len() >= 2 {
                        return self.error(format!("too many declarations in {context}"));
                    }
                    if !matches!(self.peek_non_space().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                        return self.error("range can only initialize variables");
                    }
                }
                _ => {
                    self.at = back;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<Command> {
        let pos = self.peek_non_space().pos;
        let mut args = Vec::new();
        loop {
            self.skip_space();
            if let Some(operand) = self.operand()? {
                args.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.at -= 1,
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if args.is_empty() { self.error("empty command") } else { Ok(Command { pos, args }) }
    }

    fn operand(&mut self) -> Parsed<Option<Expr>> {
        let Some(node) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(node));
        }
        let pos = self.peek().pos;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.next().text[1..].to_owned());
        }
        let kind = match node.kind {
            ExprKind::Field(mut idents) => {
                idents.extend(names);
                ExprKind::Field(idents)
            }
            ExprKind::Variable(mut idents) => {
                idents.extend(names);
                ExprKind::Variable(idents)
            }
            ExprKind::Bool(_) | ExprKind::Str { .. } | ExprKind::Number(_) | ExprKind::Nil | ExprKind::Dot => {
                return self.error(format!("unexpected . after term {}", crate::quote::quote_go(&node.to_string())));
            }
            kind => ExprKind::Chain(Box::new(Expr { pos: node.pos, kind }), names),
        };
        Ok(Some(Expr { pos, kind }))
    }

    fn term(&mut self) -> Parsed<Option<Expr>> {
        let token = self.next_non_space();
        let kind = match token.kind {
            Kind::Identifier => match functions::find(&token.text) {
                Some(function) => ExprKind::Function(function),
                None => return self.error(format!("function {} not defined", crate::quote::quote_go(&token.text))),
            },
            Kind::Dot => ExprKind::Dot,
            Kind::Nil => ExprKind::Nil,
            Kind::Variable => {
                if !self.vars.iter().any(|known| *known == token.text) {
                    return self.error(format!("undefined variable {}", crate::quote::quote_go(&token.text)));
                }
                ExprKind::Variable(vec![token.text.into_owned()])
            }
            Kind::Field => ExprKind::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => ExprKind::Bool(token.text == "true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => match literal::number(&token.text, token.kind) {
                Ok(number) => ExprKind::Number(number),
                Err(message) => return self.error(message),
            },
            Kind::LeftParen => {
                self.deeper()?;
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                self.depth -= 1;
                return Ok(Some(Expr { pos: pipe.pos, kind: ExprKind::Pipe(Box::new(pipe)) }));
            }
            Kind::Str | Kind::RawStr => match literal::unquote(&token.text) {
                Some(text) => ExprKind::Str { quoted: token.text.into_owned(), text: Text::from(text) },
                None => return self.error("invalid syntax"),
            },
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Expr { pos: token.pos, kind }))
    }
}

fn ending_text(ending: &Ending) -> &'static str {
    match ending {
        Ending::End => "{{end}}",
        Ending::Else => "{{else}}",
    }
}
