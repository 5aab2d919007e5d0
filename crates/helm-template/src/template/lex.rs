//! Template text to tokens, as Go's `text/template/parse` cuts it: trim markers, comments, quoted and raw strings,
//! numbers, fields, variables, keywords.

use std::borrow::Cow;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Eof,
    Text,
    LeftDelim,
    RightDelim,
    Space,
    Pipe,
    LeftParen,
    RightParen,
    Assign,
    Declare,
    /// Any other printable ASCII character, for example a comma.
    Char,
    Bool,
    CharConstant,
    Complex,
    Number,
    Str,
    RawStr,
    Dot,
    Field,
    Identifier,
    Variable,
    // From here on: keywords.
    Nil,
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

impl Kind {
    fn keyword(word: &str) -> Option<Self> {
        Some(match word {
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "range" => Self::Range,
            "nil" => Self::Nil,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }

    fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Dot
                | Self::Nil
                | Self::Block
                | Self::Break
                | Self::Continue
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Range
                | Self::Template
                | Self::With
        )
    }
}

/// A piece of the text, or an error with its message as text.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Byte offset of its start.
    pub(super) pos: usize,
    /// Line of its start, from 1.
    pub(super) line: usize,
    pub(super) text: Cow<'a, str>,
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            Kind::Eof => f.write_str("EOF"),
            Kind::Error => f.write_str(&self.text),
            kind if kind.is_keyword() => write!(f, "<{}>", self.text),
            _ if self.text.len() > 10 => {
                write!(f, "{}...", crate::quote::quote_go(&self.text.chars().take(10).collect::<String>()))
            }
            _ => f.write_str(&crate::quote::quote_go(&self.text)),
        }
    }
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

struct Lexer<'a> {
    input: &'a str,
    pos: usize,
    start: usize,
    parens: usize,
    /// How many line ends lie before `counted`: lines are counted once, not once a token.
    line: usize,
    counted: usize,
    tokens: Vec<Token<'a>>,
}

/// The tokens of `input`; the last one is [`Kind::Eof`] or [`Kind::Error`].
pub(super) fn lex(input: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { input, pos: 0, start: 0, parens: 0, line: 1, counted: 0, tokens: Vec::new() };
    if let Err(message) = lexer.run() {
        let line = lexer.line_of(lexer.start);
        lexer.tokens.push(Token { kind: Kind::Error, pos: lexer.start, line, text: message.into() });
    }
    lexer.tokens
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphabetic() || is_digit(c)
}

/// Go's `unicode.IsDigit`: decimal digits of any script.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric() && !c.is_alphabetic())
}

fn starts_with_trim(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-') && chars.next().is_some_and(|c| SPACES.contains(&c))
}

fn ends_with_trim(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| SPACES.contains(&c)) && chars.next() == Some('-')
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.input[self.pos..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    fn line_of(&mut self, pos: usize) -> usize {
        if pos > self.counted {
            self.line += self.input.as_bytes()[self.counted..pos].iter().filter(|byte| **byte == b'\n').count();
            self.counted = pos;
        }
        self.line
    }

    fn emit(&mut self, kind: Kind) {
        let line = self.line_of(self.start);
        let text = Cow::Borrowed(&self.input[self.start..self.pos]);
        self.tokens.push(Token { kind, pos: self.start, line, text });
        self.start = self.pos;
    }

    fn ignore(&mut self) {
        self.start = self.pos;
    }

    /// Whether a right delimiter begins here, and whether it trims.
    fn at_right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        if ends_with_trim(rest) && rest[2..].starts_with("}}") {
            return Some(true);
        }
        rest.starts_with("}}").then_some(false)
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.pos += rest.len() - rest.trim_start_matches(SPACES).len();
        self.ignore();
    }

    fn run(&mut self) -> Result<(), String> {
        loop {
            let Some(at) = self.rest().find("{{") else {
                self.pos = self.input.len();
                if self.pos > self.start {
                    self.emit(Kind::Text);
                }
                let line = self.line_of(self.pos);
                self.tokens.push(Token { kind: Kind::Eof, pos: self.pos, line, text: "EOF".into() });
                return Ok(());
            };
            let delim = self.pos + at;
            let trim = starts_with_trim(&self.input[delim + 2..]);
            let text = &self.input[self.start..delim];
            let kept = if trim { text.trim_end_matches(SPACES).len() } else { text.len() };
            self.pos = self.start + kept;
            if kept > 0 {
                self.emit(Kind::Text);
            }
            self.pos = delim;
            self.ignore();
            let after = delim + 2 + if trim { 2 } else { 0 };
            if self.input[after..].starts_with("/*") {
                self.pos = after;
                self.ignore();
                self.comment()?;
                continue;
            }
            self.pos = delim + 2;
            self.emit(Kind::LeftDelim);
            self.pos = after;
            self.ignore();
            self.parens = 0;
            self.action()?;
        }
    }

    fn comment(&mut self) -> Result<(), String> {
        self.pos += 2;
        let Some(end) = self.rest().find("*/") else { return Err("unclosed comment".to_owned()) };
        self.pos += end + 2;
        let Some(trim) = self.at_right_delim() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.pos += 2 + if trim { 2 } else { 0 };
        self.ignore();
        if trim {
            self.skip_spaces();
        }
        Ok(())
    }

    /// Everything between the delimiters.
    fn action(&mut self) -> Result<(), String> {
        loop {
            if let Some(trim) = self.at_right_delim() {
                if self.parens > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                if trim {
                    self.pos += 2;
                    self.ignore();
                }
                self.pos += 2;
                self.emit(Kind::RightDelim);
                if trim {
                    self.skip_spaces();
                }
                return Ok(());
            }
            let Some(c) = self.next() else { return Err("unclosed action".to_owned()) };
            match c {
                c if SPACES.contains(&c) => self.spaces(),
                '=' => self.emit(Kind::Assign),
                ':' => {
                    if self.next() != Some('=') {
                        return Err("expected :=".to_owned());
                    }
                    self.emit(Kind::Declare);
                }
                '|' => self.emit(Kind::Pipe),
                '"' => {
                    self.quoted('"', "unterminated quoted string")?;
                    self.emit(Kind::Str);
                }
                '\'' => {
                    self.quoted('\'', "unterminated character constant")?;
                    self.emit(Kind::CharConstant);
                }
                '`' => {
                    let Some(end) = self.rest().find('`') else {
                        return Err("unterminated raw quoted string".to_owned());
                    };
                    self.pos += end + 1;
                    self.emit(Kind::RawStr);
                }
                '$' => self.field_or_variable(Kind::Variable)?,
                '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => self.field_or_variable(Kind::Field)?,
                '.' | '+' | '-' | '0'..='9' => {
                    self.pos -= 1;
                    self.number()?;
                }
                c if is_word(c) => self.identifier()?,
                '(' => {
                    self.parens += 1;
                    self.emit(Kind::LeftParen);
                }
                ')' => {
                    if self.parens == 0 {
                        return Err("unexpected right paren".to_owned());
                    }
                    self.parens -= 1;
                    self.emit(Kind::RightParen);
                }
                c if c.is_ascii_graphic() => self.emit(Kind::Char),
                c => return Err(format!("unrecognized character in action: {}", unicode(c))),
            }
        }
    }

    /// A run of spaces, but not the one that belongs to a trim marker.
    fn spaces(&mut self) {
        while self.peek().is_some_and(|c| SPACES.contains(&c)) {
            self.pos += 1;
        }
        let marker = self.pos - 1;
        if ends_with_trim(&self.input[marker..]) && self.input[marker + 2..].starts_with("}}") {
            self.pos = marker;
            if self.pos == self.start {
                return;
            }
        }
        self.emit(Kind::Space);
    }

    fn quoted(&mut self, end: char, message: &str) -> Result<(), String> {
        loop {
            match self.next() {
                Some('\\') => {
                    if matches!(self.next(), None | Some('\n')) {
                        return Err(message.to_owned());
                    }
                }
                None | Some('\n') => return Err(message.to_owned()),
                Some(c) if c == end => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None => true,
            Some(c) if SPACES.contains(&c) => true,
            Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.rest().starts_with("}}"),
        }
    }

    fn word(&mut self) -> Result<(), String> {
        while self.peek().is_some_and(is_word) {
            self.next();
        }
        match self.peek() {
            Some(c) if !self.at_terminator() => Err(format!("bad character {}", unicode(c))),
            _ => Ok(()),
        }
    }

    fn field_or_variable(&mut self, kind: Kind) -> Result<(), String> {
        if self.at_terminator() {
            self.emit(if kind == Kind::Field { Kind::Dot } else { kind });
            return Ok(());
        }
        self.word()?;
        self.emit(kind);
        Ok(())
    }

    fn identifier(&mut self) -> Result<(), String> {
        self.word()?;
        let kind = match &self.input[self.start..self.pos] {
            "true" | "false" => Kind::Bool,
            word => Kind::keyword(word).unwrap_or(Kind::Identifier),
        };
        self.emit(kind);
        Ok(())
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().is_some_and(|c| valid.contains(c));
        if found {
            self.next();
        }
        found
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    fn number(&mut self) -> Result<(), String> {
        let mut fine = self.scan_number();
        let mut kind = Kind::Number;
        if fine && matches!(self.peek(), Some('+' | '-')) {
            fine = self.scan_number() && self.input[..self.pos].ends_with('i');
            kind = Kind::Complex;
        }
        if !fine {
            let text = &self.input[self.start..self.pos];
            return Err(format!("bad number syntax: {}", crate::quote::quote_go(text)));
        }
        self.emit(kind);
        Ok(())
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        let (mut decimal, mut hex) = (true, false);
        if self.accept("0") {
            if self.accept("xX") {
                (digits, decimal, hex) = ("0123456789abcdefABCDEF_", false, true);
            } else if self.accept("oO") {
                (digits, decimal) = ("01234567_", false);
            } else if self.accept("bB") {
                (digits, decimal) = ("01_", false);
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if (decimal && self.accept("eE")) || (hex && self.accept("pP")) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_word) {
            self.next();
            return false;
        }
        true
    }
}

/// Go's `%#U`.
fn unicode(c: char) -> String {
    if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { format!("U+{:04X} '{c}'", u32::from(c)) }
}
