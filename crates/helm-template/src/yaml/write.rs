//! Writes YAML as `sigs.k8s.io/yaml` over go-yaml v2 does: block style, lists not indented, keys in natural order,
//! folded at 80 columns. The layout follows libyaml's emitter.

use super::order::{natural, sort};
use super::resolve::{Scalar, is_base_60, resolve};
use crate::value::{Text, Value, format_float};

const WIDTH: usize = 80;
const INDENT: usize = 2;

/// The value as YAML, with a line end. `None` where Go gives an error: infinite numbers, control characters.
pub(crate) fn to_yaml(value: &Value) -> Option<Vec<u8>> {
    written(value, Dialect::ThroughJson)
}

/// The value as go-yaml v3 writes it when it is told to indent by two: lists indented, nothing folded, numbers as Go
/// prints them.
pub(crate) fn to_yaml_pretty(value: &Value) -> Option<Vec<u8>> {
    written(value, Dialect::Pretty)
}

fn written(value: &Value, dialect: Dialect) -> Option<Vec<u8>> {
    let (whitespace, indention) = (true, true);
    let mut emitter = Emitter { dialect, out: String::new(), depth: 0, column: 0, whitespace, indention, indent: None };
    emitter.node(value, Context::Root)?;
    emitter.write_indent();
    Some(emitter.out.into_bytes())
}

/// Which of Go's writers it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// `sigs.k8s.io/yaml`: to JSON, read with go-yaml v2, written with it.
    ThroughJson,
    /// go-yaml v3.
    Pretty,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Item,
    MapValue,
    SimpleKey,
    ComplexKey,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// Go's JSON, through which values go, refuses a map within itself at this depth.
const MAX_DEPTH: usize = 1_000;

struct Emitter {
    dialect: Dialect,
    out: String,
    depth: usize,
    column: usize,
    /// Whether the last character was white space.
    whitespace: bool,
    /// Whether only indentation and indicators were written on this line.
    indention: bool,
    indent: Option<usize>,
}

impl Emitter {
    fn node(&mut self, value: &Value, context: Context) -> Option<()> {
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let result = self.node_here(value, context);
        self.depth -= 1;
        result
    }

    fn node_here(&mut self, value: &Value, context: Context) -> Option<()> {
        match value {
            Value::Invalid | Value::Nil => self.plain("null", context),
            Value::Bool(flag) => self.plain(if *flag { "true" } else { "false" }, context),
            Value::Int(int) | Value::Int64(int) => self.plain(&int.to_string(), context),
            Value::Float(float) if self.dialect == Dialect::Pretty => self.plain(&pretty_number(*float), context),
            Value::Float(float) => self.plain(&number(*float)?, context),
            Value::Str(text) if self.dialect == Dialect::Pretty => match std::str::from_utf8(text) {
                Ok(text) => self.scalar(text, context),
                Err(_) => {
                    let json = Value::Bytes(text.clone()).to_json();
                    self.plain(&format!("!!binary {}", json.as_str().unwrap_or_default()), context);
                }
            },
            Value::Bytes(_) if self.dialect == Dialect::Pretty => return self.list(&value.as_list()?, context),
            Value::Str(text) => {
                let text = text.to_str();
                if text.chars().any(is_unreadable) {
                    return None;
                }
                self.scalar(&folded(&text), context);
            }
            Value::Bytes(_) => {
                let json = value.to_json();
                self.scalar(json.as_str().unwrap_or_default(), context);
            }
            // Through JSON it is null; go-yaml v3 writes what is empty.
            Value::List(list) if list.is_nil() && self.dialect == Dialect::ThroughJson => self.plain("null", context),
            Value::Map(map) if map.is_nil() && self.dialect == Dialect::ThroughJson => self.plain("null", context),
            Value::List(list) => return self.list(list, context),
            Value::Map(map) => return self.map(&map.entries(), context),
            Value::Object(object) => return self.node(&object.data(), context),
        }
        Some(())
    }

    fn list(&mut self, items: &[Value], context: Context) -> Option<()> {
        if items.is_empty() {
            self.indicator("[", true, true, false);
            self.indicator("]", false, false, false);
            return Some(());
        }
        let outer = self.indent;
        // A list in a map stands under its key.
        let indentless = self.dialect == Dialect::ThroughJson && context == Context::MapValue && !self.indention;
        self.increase_indent(indentless);
        for item in items {
            self.write_indent();
            self.indicator("-", true, false, true);
            crate::stack::with_stack(|| self.node(item, Context::Item))?;
        }
        self.indent = outer;
        Some(())
    }

    fn map(&mut self, entries: &[(Text, Value)], _: Context) -> Option<()> {
        if entries.is_empty() {
            self.indicator("{", true, true, false);
            self.indicator("}", false, false, false);
            return Some(());
        }
        let mut entries: Vec<(std::borrow::Cow<'_, str>, &Value)> =
            entries.iter().map(|(key, value)| (key.to_str(), value)).collect();
        if self.dialect == Dialect::ThroughJson && entries.iter().any(|(key, _)| is_unreadable_key(key)) {
            return None;
        }
        sort(&mut entries, |(a, _), (b, _)| natural(a, b, self.dialect == Dialect::Pretty).is_lt());
        let outer = self.indent;
        self.increase_indent(false);
        for (key, value) in entries {
            self.write_indent();
            if !key.contains(is_break) && key.len() <= 128 {
                self.scalar(&key, Context::SimpleKey);
                self.indicator(":", false, false, false);
            } else {
                self.indicator("?", true, false, true);
                self.scalar(&key, Context::ComplexKey);
                self.write_indent();
                self.indicator(":", true, false, true);
            }
            crate::stack::with_stack(|| self.node(value, Context::MapValue))?;
        }
        self.indent = outer;
        Some(())
    }

    fn increase_indent(&mut self, indentless: bool) {
        self.indent = match self.indent {
            None => Some(0),
            Some(indent) if !indentless => Some(indent + INDENT),
            same => same,
        };
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn write_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn indicator(&mut self, text: &str, need_whitespace: bool, is_whitespace: bool, is_indention: bool) {
        if need_whitespace && !self.whitespace {
            self.put(' ');
        }
        for c in text.chars() {
            self.put(c);
        }
        self.whitespace = is_whitespace;
        self.indention = self.indention && is_indention;
    }

    /// A scalar that is plain by its type.
    fn plain(&mut self, text: &str, context: Context) {
        self.styled(text, Style::Plain, context);
    }

    /// A string, in the style that go-yaml chooses.
    fn scalar(&mut self, text: &str, context: Context) {
        let means_itself = matches!(resolve(text), Scalar::Str) && !is_base_60(text);
        let wanted = if text.contains('\n') {
            Style::Literal
        } else if means_itself {
            Style::Plain
        } else {
            Style::Double
        };
        let style = select(text, wanted, context == Context::SimpleKey, self.dialect);
        self.styled(text, style, context);
    }

    fn styled(&mut self, text: &str, style: Style, context: Context) {
        let outer = self.indent;
        // libyaml indents what a scalar continues with.
        self.indent = Some(outer.map_or(INDENT, |indent| indent + INDENT));
        let breaks = context != Context::SimpleKey;
        match style {
            Style::Plain => self.write_plain(text, breaks),
            Style::Single => self.write_single(text, breaks),
            Style::Double => self.write_double(text, breaks),
            Style::Literal => self.write_literal(text),
        }
        self.indent = outer;
    }

    fn may_fold(&self, allowed: bool, spaces: bool) -> bool {
        allowed && !spaces && self.column > WIDTH && self.dialect == Dialect::ThroughJson
    }

    fn write_plain(&mut self, text: &str, allow_breaks: bool) {
        if !self.whitespace && !text.is_empty() {
            self.put(' ');
        }
        let mut spaces = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == ' ' && self.may_fold(allow_breaks, spaces) && chars.peek() != Some(&' ') {
                self.write_indent();
            } else {
                self.put(c);
            }
            spaces = c == ' ';
            if !spaces {
                self.indention = false;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn write_single(&mut self, text: &str, allow_breaks: bool) {
        self.indicator("'", true, false, false);
        let mut spaces = false;
        let mut breaks = false;
        for (at, c) in text.char_indices() {
            if c == ' ' {
                let inner = at > 0 && at < text.len() - 1;
                if self.may_fold(allow_breaks, spaces) && inner && !text[at + 1..].starts_with(' ') {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else if is_break(c) {
                if !breaks && c == '\n' {
                    self.put_break();
                }
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
        self.indicator("'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn write_double(&mut self, text: &str, allow_breaks: bool) {
        self.indicator("\"", true, false, false);
        let mut spaces = false;
        // go-yaml looks for a mark of byte order at the beginning of the text, wherever it stands.
        let marked = text.starts_with('\u{feff}');
        for (at, c) in text.char_indices() {
            if marked || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                self.escape(c);
                spaces = false;
            } else if c == ' ' {
                let inner = at > 0 && at < text.len() - 1;
                if self.may_fold(allow_breaks, spaces) && inner {
                    self.write_indent();
                    if text[at + 1..].starts_with(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => "0",
            '\u{7}' => "a",
            '\u{8}' => "b",
            '\t' => "t",
            '\n' => "n",
            '\u{b}' => "v",
            '\u{c}' => "f",
            '\r' => "r",
            '\u{1b}' => "e",
            '"' => "\"",
            '\\' => "\\",
            '\u{85}' => "N",
            '\u{a0}' => "_",
            '\u{2028}' => "L",
            '\u{2029}' => "P",
            _ => "",
        };
        let code = u32::from(c);
        let escape = match code {
            _ if !short.is_empty() => short.to_owned(),
            0..=0xff => format!("x{code:02X}"),
            0x100..=0xffff => format!("u{code:04X}"),
            _ => format!("U{code:08X}"),
        };
        self.put('\\');
        for c in escape.chars() {
            self.put(c);
        }
    }

    fn write_literal(&mut self, text: &str) {
        self.indicator("|", true, false, false);
        if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.indicator(&INDENT.to_string(), false, false, false);
        }
        let mut backwards = text.chars().rev();
        let hint = match (backwards.next().is_some_and(is_break), backwards.next()) {
            (false, _) => "-",
            (true, None) => "+",
            (true, Some(c)) if is_break(c) => "+",
            _ => "",
        };
        if !hint.is_empty() {
            self.indicator(hint, false, false, false);
        }
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for c in text.chars() {
            if is_break(c) {
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

/// JSON in between decides whether a float is whole.
fn number(float: f64) -> Option<String> {
    if !float.is_finite() {
        return None;
    }
    if float == 0.0 {
        return Some("0".to_owned());
    }
    if float.fract() == 0.0 && float.abs() < 1e21 {
        // The shortest digits that read back the same, with zeros behind.
        let whole = float.to_string();
        if whole.parse::<i64>().is_ok() || whole.parse::<u64>().is_ok() {
            return Some(whole);
        }
    }
    Some(format_float(float))
}

fn pretty_number(float: f64) -> String {
    match float {
        f64::INFINITY => ".inf".to_owned(),
        f64::NEG_INFINITY => "-.inf".to_owned(),
        float if float.is_nan() => ".nan".to_owned(),
        float => format_float(float),
    }
}

/// What go-yaml's reader refuses on the way through JSON.
fn is_unreadable(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// The same for a key, which has to stand on one line.
fn is_unreadable_key(key: &str) -> bool {
    // As JSON it may be 1024 characters long, quotes included.
    let long = || crate::json::to_json(&Value::text(key), true).is_ok_and(|json| json.chars().count() > 1_024);
    key.chars().any(|c| is_unreadable(c) || c == '\u{85}') || (key.len() > 100 && long())
}

/// JSON leaves U+0085 as it is, and go-yaml folds it like any line end in quotes.
fn folded(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('\u{85}') {
        return text.into();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{85}') {
        out.push_str(rest[..at].trim_end_matches(' '));
        let tail = rest[at..].trim_start_matches([' ', '\u{85}']);
        let breaks = rest[at..rest.len() - tail.len()].matches('\u{85}').count();
        if breaks == 1 {
            out.push(' ');
        } else {
            out.extend(std::iter::repeat_n('\n', breaks - 1));
        }
        rest = tail;
    }
    out.push_str(rest);
    out.into()
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// The style that libyaml allows for this text, starting from the one wanted.
fn select(text: &str, wanted: Style, simple_key: bool, dialect: Dialect) -> Style {
    let allowed = Allowed::of(text, dialect);
    let mut style = wanted;
    if simple_key && allowed.multiline {
        style = Style::Double;
    }
    if style == Style::Plain && (!allowed.plain || (text.is_empty() && simple_key)) {
        style = Style::Single;
    }
    if style == Style::Single && !allowed.single {
        style = Style::Double;
    }
    if style == Style::Literal && (!allowed.block || simple_key) {
        style = Style::Double;
    }
    style
}

struct Allowed {
    multiline: bool,
    plain: bool,
    single: bool,
    block: bool,
}

impl Allowed {
    fn of(text: &str, dialect: Dialect) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut line_breaks, mut special, mut tabs) = (false, false, false);
        let (mut space_break, mut break_space) = (false, false);
        let (mut previous_space, mut previous_break) = (false, false);
        let mut preceded_by_whitespace = true;
        let blank = |c: char| c == ' ' || c == '\t';
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let followed_by_whitespace = chars.peek().is_none_or(|next| blank(*next));
            if first {
                indicators |= match c {
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                        true
                    }
                    '?' | ':' | '-' => followed_by_whitespace,
                    _ => false,
                };
            } else {
                indicators |= match c {
                    ':' => followed_by_whitespace,
                    '#' => preceded_by_whitespace,
                    _ => false,
                };
            }
            first = false;
            if c == '\t' && dialect == Dialect::Pretty {
                tabs = true;
            } else {
                special |= !is_printable(c);
            }
            if c == ' ' {
                break_space |= previous_break;
                (previous_space, previous_break) = (true, false);
            } else if is_break(c) {
                line_breaks = true;
                space_break |= previous_space;
                (previous_space, previous_break) = (false, true);
            } else {
                (previous_space, previous_break) = (false, false);
            }
            preceded_by_whitespace = blank(c) || is_break(c) || c == '\0';
        }
        let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let edges = edge(text.chars().next()) || edge(text.chars().next_back());
        Self {
            multiline: line_breaks,
            plain: !(edges || tabs || break_space || space_break || special || line_breaks || indicators),
            single: !(break_space || tabs || space_break || special),
            block: !(text.is_empty() || text.ends_with(' ') || space_break || special),
        }
    }
}
