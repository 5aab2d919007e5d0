//! YAML text to tokens, as go-yaml v2 (a libyaml) cuts it, with its messages. Scalars are in [`super::scalars`].

use std::collections::VecDeque;

/// A place in the text; lines and columns from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    StreamEnd,
    VersionDirective,
    TagDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    Plain,
    Quoted,
    Block,
}

/// A token. `text` is a scalar, an anchor's name or a tag's handle; `suffix` the rest of a tag.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: Mark,
    pub(super) text: String,
    pub(super) suffix: String,
}

/// Where and why reading stopped.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) at: Mark,
    pub(super) context: Mark,
    /// Found while scanning: go-yaml counts the line differently then.
    pub(super) scanner: bool,
}

impl Problem {
    /// go-yaml's message: `yaml: line N: …`.
    pub(super) fn text(&self) -> String {
        let line = match (self.at.line, self.context.line) {
            (0, context) => context,
            (line, _) => line + usize::from(self.scanner),
        };
        let place = if line == 0 { String::new() } else { format!("line {line}: ") };
        format!("yaml: {place}{}", self.message)
    }
}

pub(super) type Scanned<T> = Result<T, Problem>;

#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

/// How deep flow collections and indents may nest, as in go-yaml.
const MAX_LEVEL: usize = 10_000;

pub(super) struct Scanner {
    text: Vec<char>,
    pub(super) mark: Mark,
    pub(super) tokens: VecDeque<Token>,
    /// How many tokens were taken.
    taken: usize,
    /// The line of the token that was taken last, from 0.
    pub(super) taken_line: usize,
    ended: bool,
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) flow_level: usize,
    pub(super) simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

pub(super) fn is_breakz(c: char) -> bool {
    c == '\0' || is_break(c)
}

pub(super) fn is_blankz(c: char) -> bool {
    is_blank(c) || is_breakz(c)
}

pub(super) fn is_alpha(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

impl Scanner {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            mark: Mark::default(),
            tokens: VecDeque::new(),
            taken: 0,
            taken_line: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
        }
    }

    /// The character `ahead` places on; NUL behind the end.
    pub(super) fn at(&self, ahead: usize) -> char {
        self.text.get(self.mark.index + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn skip(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn read(&mut self, into: &mut String) {
        into.push(self.at(0));
        self.skip();
    }

    /// Takes a line break; CR LF counts as one.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let c = self.at(0);
        if !is_break(c) {
            return;
        }
        into.push(if matches!(c, '\u{2028}' | '\u{2029}') { c } else { '\n' });
        self.mark.index += if c == '\r' && self.at(1) == '\n' { 2 } else { 1 };
        self.mark.column = 0;
        self.mark.line += 1;
    }

    pub(super) fn skip_line(&mut self) {
        self.read_line(&mut String::new());
    }

    pub(super) fn problem<T>(&self, context: Mark, message: impl Into<String>) -> Scanned<T> {
        Err(Problem { message: message.into(), at: self.mark, context, scanner: true })
    }

    /// The next token, not taken.
    pub(super) fn peek(&mut self) -> Scanned<&Token> {
        loop {
            if !self.tokens.is_empty() {
                // The first token may still turn out to be a key: look further until that is known.
                let taken = self.taken;
                let key = self.simple_keys.iter().position(|key| key.possible && key.token == taken);
                let Some(place) = key else { break };
                if !self.is_valid(place)? {
                    break;
                }
            }
            self.fetch()?;
        }
        Ok(&self.tokens[0])
    }

    pub(super) fn take(&mut self) -> Scanned<Token> {
        self.peek()?;
        self.taken += 1;
        match self.tokens.pop_front() {
            Some(token) => {
                self.taken_line = token.start.line;
                Ok(token)
            }
            None => self.problem(self.mark, "unexpected end"),
        }
    }

    fn push(&mut self, kind: Kind, start: Mark) {
        self.tokens.push_back(Token { kind, start, text: String::new(), suffix: String::new() });
    }

    fn insert(&mut self, token: usize, kind: Kind, start: Mark) {
        let place = token - self.taken;
        self.tokens.insert(place, Token { kind, start, text: String::new(), suffix: String::new() });
    }

    fn next_token_number(&self) -> usize {
        self.taken + self.tokens.len()
    }

    /// Pushes a token of `count` characters.
    fn indicator(&mut self, kind: Kind, count: usize) {
        let start = self.mark;
        for _ in 0..count {
            self.skip();
        }
        self.push(kind, start);
    }

    fn fetch(&mut self) -> Scanned<()> {
        if self.ended {
            self.push(Kind::StreamEnd, self.mark);
            return Ok(());
        }
        self.skip_to_token();
        self.unroll_indent(self.mark.column as isize);
        let c = self.at(0);
        let block = self.flow_level == 0;
        let spaced = is_blankz(self.at(1));
        let three = [self.at(0), self.at(1), self.at(2)];
        let document = self.mark.column == 0 && is_blankz(self.at(3));
        match c {
            '\0' => self.stream_end(),
            '%' if self.mark.column == 0 => {
                self.reset_line()?;
                self.directive()
            }
            '-' if document && three == ['-'; 3] => {
                self.reset_line()?;
                self.indicator(Kind::DocumentStart, 3);
                Ok(())
            }
            '.' if document && three == ['.'; 3] => {
                self.reset_line()?;
                self.indicator(Kind::DocumentEnd, 3);
                Ok(())
            }
            '[' => self.flow_start(Kind::FlowSequenceStart),
            '{' => self.flow_start(Kind::FlowMappingStart),
            ']' => self.flow_end(Kind::FlowSequenceEnd),
            '}' => self.flow_end(Kind::FlowMappingEnd),
            ',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.indicator(Kind::FlowEntry, 1);
                Ok(())
            }
            '-' if spaced => self.block_entry(),
            '?' if !block || spaced => self.key(),
            ':' if !block || spaced => self.value(),
            '*' => self.anchor(Kind::Alias),
            '&' => self.anchor(Kind::Anchor),
            '!' => self.tag(),
            '|' | '>' if block => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.scalar(|scanner| scanner.block_scalar(c == '|'), Kind::Block)
            }
            '\'' | '"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scalar(|scanner| scanner.flow_scalar(c == '\''), Kind::Quoted)
            }
            _ if self.may_be_plain(c, block) => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scalar(Self::plain_scalar, Kind::Plain)
            }
            _ => self.problem(self.mark, "found character that cannot start any token"),
        }
    }

    fn may_be_plain(&self, c: char, block: bool) -> bool {
        match c {
            '-' => !is_blank(self.at(1)),
            '?' | ':' => block && !is_blankz(self.at(1)),
            ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => false,
            c => !is_blankz(c),
        }
    }

    fn scalar(&mut self, scan: impl FnOnce(&mut Self) -> Scanned<String>, kind: Kind) -> Scanned<()> {
        let start = self.mark;
        let text = scan(self)?;
        self.tokens.push_back(Token { kind, start, text, suffix: String::new() });
        Ok(())
    }

    fn skip_to_token(&mut self) {
        loop {
            if self.mark.index == 0 && self.at(0) == '\u{feff}' {
                self.skip();
            }
            while self.at(0) == ' ' || (self.at(0) == '\t' && (self.flow_level > 0 || !self.simple_key_allowed)) {
                self.skip();
            }
            if self.at(0) == '#' {
                while !is_breakz(self.at(0)) {
                    self.skip();
                }
            }
            if !is_break(self.at(0)) {
                return;
            }
            self.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn is_valid(&mut self, place: usize) -> Scanned<bool> {
        let key = self.simple_keys[place];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.mark.line || key.mark.index + 1024 < self.mark.index {
            if key.required {
                return self.problem(key.mark, "could not find expected ':'");
            }
            self.simple_keys[place].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    pub(super) fn save_simple_key(&mut self) -> Scanned<()> {
        let required = self.flow_level == 0 && self.indent == self.mark.column as isize;
        if self.simple_key_allowed {
            let key = SimpleKey { possible: true, required, token: self.next_token_number(), mark: self.mark };
            self.remove_simple_key()?;
            let place = self.simple_keys.len() - 1;
            self.simple_keys[place] = key;
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scanned<()> {
        let place = self.simple_keys.len() - 1;
        let key = self.simple_keys[place];
        if key.possible {
            if key.required {
                return self.problem(key.mark, "could not find expected ':'");
            }
            self.simple_keys[place].possible = false;
        }
        Ok(())
    }

    /// Makes room for a deeper block and says so with a token, at the end or before the token with a number.
    fn roll_indent(&mut self, column: usize, before: Option<usize>, kind: Kind, mark: Mark) -> Scanned<()> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        if self.indents.len() > MAX_LEVEL {
            return self.problem(mark, format!("exceeded max depth of {MAX_LEVEL}"));
        }
        match before {
            Some(token) => self.insert(token, kind, mark),
            None => self.push(kind, mark),
        }
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn stream_end(&mut self) -> Scanned<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.reset_line()?;
        self.ended = true;
        self.push(Kind::StreamEnd, self.mark);
        Ok(())
    }

    fn reset_line(&mut self) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    fn flow_start(&mut self, kind: Kind) -> Scanned<()> {
        self.save_simple_key()?;
        let key = SimpleKey { token: self.next_token_number(), mark: self.mark, ..SimpleKey::default() };
        self.simple_keys.push(key);
        self.flow_level += 1;
        if self.flow_level > MAX_LEVEL {
            return self.problem(self.mark, format!("exceeded max depth of {MAX_LEVEL}"));
        }
        self.simple_key_allowed = true;
        self.indicator(kind, 1);
        Ok(())
    }

    fn flow_end(&mut self, kind: Kind) -> Scanned<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.indicator(kind, 1);
        Ok(())
    }

    fn block_entry(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.problem(self.mark, "block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.mark.column, None, Kind::BlockSequenceStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn key(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.problem(self.mark, "mapping keys are not allowed in this context");
            }
            self.roll_indent(self.mark.column, None, Kind::BlockMappingStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.indicator(Kind::Key, 1);
        Ok(())
    }

    fn value(&mut self) -> Scanned<()> {
        let place = self.simple_keys.len() - 1;
        if self.is_valid(place)? {
            let key = self.simple_keys[place];
            self.insert(key.token, Kind::Key, key.mark);
            self.roll_indent(key.mark.column, Some(key.token), Kind::BlockMappingStart, key.mark)?;
            self.simple_keys[place].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.problem(self.mark, "mapping values are not allowed in this context");
                }
                self.roll_indent(self.mark.column, None, Kind::BlockMappingStart, self.mark)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.indicator(Kind::Value, 1);
        Ok(())
    }

    pub(super) fn blanks(&mut self) {
        while is_blank(self.at(0)) {
            self.skip();
        }
    }

    /// Spaces and a comment to the end of the line, and the line end.
    pub(super) fn rest_of_line(&mut self, start: Mark) -> Scanned<()> {
        self.blanks();
        if self.at(0) == '#' {
            while !is_breakz(self.at(0)) {
                self.skip();
            }
        }
        if !is_breakz(self.at(0)) {
            return self.problem(start, "did not find expected comment or line break");
        }
        self.skip_line();
        Ok(())
    }
}
