//! Scalars as go-yaml v2 scans them: plain, quoted, literal and folded.

use super::scan::{Mark, Scanned, Scanner, is_blank, is_blankz, is_break, is_breakz};

impl Scanner {
    fn at_document_indicator(&self) -> bool {
        let three = [self.at(0), self.at(1), self.at(2)];
        self.mark.column == 0 && (three == ['-'; 3] || three == ['.'; 3]) && is_blankz(self.at(3))
    }

    pub(super) fn plain_scalar(&mut self) -> Scanned<String> {
        let start = self.mark;
        let indent = self.indent + 1;
        let mut text = String::new();
        let mut folds = Folds::default();
        loop {
            if self.at_document_indicator() || self.at(0) == '#' {
                break;
            }
            while !is_blankz(self.at(0)) {
                let c = self.at(0);
                let ends = (c == ':' && is_blankz(self.at(1)))
                    || (self.flow_level > 0 && matches!(c, ',' | '?' | '[' | ']' | '{' | '}'));
                if ends {
                    break;
                }
                folds.join(&mut text);
                self.read(&mut text);
            }
            if !(is_blank(self.at(0)) || is_break(self.at(0))) {
                break;
            }
            while is_blank(self.at(0)) || is_break(self.at(0)) {
                if folds.broken && self.at(0) == '\t' && (self.mark.column as isize) < indent {
                    return self.problem(start, "found a tab character that violates indentation");
                }
                folds.take(self);
            }
            if self.flow_level == 0 && (self.mark.column as isize) < indent {
                break;
            }
        }
        if folds.broken {
            self.simple_key_allowed = true;
        }
        Ok(text)
    }

    pub(super) fn flow_scalar(&mut self, single: bool) -> Scanned<String> {
        let start = self.mark;
        self.skip();
        let quote = if single { '\'' } else { '"' };
        let mut text = String::new();
        loop {
            if self.at_document_indicator() {
                return self.problem(start, "found unexpected document indicator");
            }
            if self.at(0) == '\0' {
                return self.problem(start, "found unexpected end of stream");
            }
            let mut folds = Folds::default();
            while !is_blankz(self.at(0)) {
                let (c, next) = (self.at(0), self.at(1));
                if single && c == '\'' && next == '\'' {
                    text.push('\'');
                    self.skip();
                    self.skip();
                } else if c == quote {
                    break;
                } else if !single && c == '\\' && is_break(next) {
                    self.skip();
                    self.skip_line();
                    folds.broken = true;
                    break;
                } else if !single && c == '\\' {
                    self.escape(start, &mut text)?;
                } else {
                    self.read(&mut text);
                }
            }
            if self.at(0) == quote {
                break;
            }
            while is_blank(self.at(0)) || is_break(self.at(0)) {
                folds.take(self);
            }
            folds.join(&mut text);
        }
        self.skip();
        Ok(text)
    }

    fn escape(&mut self, start: Mark, text: &mut String) -> Scanned<()> {
        let mut length = 0;
        match self.at(1) {
            '0' => text.push('\0'),
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            't' | '\t' => text.push('\t'),
            'n' => text.push('\n'),
            'v' => text.push('\u{b}'),
            'f' => text.push('\u{c}'),
            'r' => text.push('\r'),
            'e' => text.push('\u{1b}'),
            c @ (' ' | '"' | '\'' | '\\') => text.push(c),
            'N' => text.push('\u{85}'),
            '_' => text.push('\u{a0}'),
            'L' => text.push('\u{2028}'),
            'P' => text.push('\u{2029}'),
            'x' => length = 2,
            'u' => length = 4,
            'U' => length = 8,
            _ => return self.problem(start, "found unknown escape character"),
        }
        self.skip();
        self.skip();
        if length == 0 {
            return Ok(());
        }
        let mut value = 0u32;
        for ahead in 0..length {
            let Some(digit) = self.at(ahead).to_digit(16) else {
                return self.problem(start, "did not find expected hexdecimal number");
            };
            value = (value << 4) + digit;
        }
        match char::from_u32(value) {
            Some(c) => text.push(c),
            None => return self.problem(start, "found invalid Unicode character escape code"),
        }
        for _ in 0..length {
            self.skip();
        }
        Ok(())
    }

    pub(super) fn block_scalar(&mut self, literal: bool) -> Scanned<String> {
        let start = self.mark;
        self.skip();
        let (mut keep, mut strip, mut increment) = (false, false, 0);
        // The chomping and the indentation indicator, in any order.
        for _ in 0..2 {
            match self.at(0) {
                c @ ('+' | '-') if !keep && !strip => {
                    (keep, strip) = (c == '+', c == '-');
                    self.skip();
                }
                '0' if increment == 0 => return self.problem(start, "found an indentation indicator equal to 0"),
                c @ '1'..='9' if increment == 0 => {
                    increment = c as isize - '0' as isize;
                    self.skip();
                }
                _ => break,
            }
        }
        self.rest_of_line(start)?;
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let mut text = String::new();
        let (mut leading, mut trailing) = (String::new(), String::new());
        self.block_breaks(&mut indent, &mut trailing, start)?;
        let mut leading_blank = false;
        while self.mark.column as isize == indent && self.at(0) != '\0' {
            let blank = is_blank(self.at(0));
            if !literal && !leading_blank && !blank && leading.starts_with('\n') {
                if trailing.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&leading);
            }
            leading.clear();
            text.push_str(&trailing);
            trailing.clear();
            leading_blank = blank;
            while !is_breakz(self.at(0)) {
                self.read(&mut text);
            }
            self.read_line(&mut leading);
            self.block_breaks(&mut indent, &mut trailing, start)?;
        }
        if !strip {
            text.push_str(&leading);
        }
        if keep {
            text.push_str(&trailing);
        }
        Ok(text)
    }

    /// Indentation and empty lines; finds out the indentation if it is not known.
    fn block_breaks(&mut self, indent: &mut isize, breaks: &mut String, start: Mark) -> Scanned<()> {
        let mut deepest = 0;
        loop {
            let within = |scanner: &Self, indent: isize| indent == 0 || (scanner.mark.column as isize) < indent;
            while within(self, *indent) && self.at(0) == ' ' {
                self.skip();
            }
            deepest = deepest.max(self.mark.column as isize);
            if within(self, *indent) && self.at(0) == '\t' {
                return self.problem(start, "found a tab character where an indentation space is expected");
            }
            if !is_break(self.at(0)) {
                break;
            }
            self.read_line(breaks);
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}

/// White space inside a scalar that may turn out to matter.
#[derive(Default)]
struct Folds {
    /// A line was ended.
    broken: bool,
    spaces: String,
    first: String,
    further: String,
}

impl Folds {
    /// Takes one blank or line break.
    fn take(&mut self, scanner: &mut Scanner) {
        if is_blank(scanner.at(0)) {
            if self.broken {
                scanner.skip();
            } else {
                scanner.read(&mut self.spaces);
            }
        } else if self.broken {
            scanner.read_line(&mut self.further);
        } else {
            self.spaces.clear();
            scanner.read_line(&mut self.first);
            self.broken = true;
        }
    }

    /// What the white space is worth: itself, or a space for a line end, or the line ends after the first.
    fn join(&mut self, text: &mut String) {
        if self.broken {
            if self.first.starts_with('\n') {
                text.push_str(if self.further.is_empty() { " " } else { &self.further });
            } else {
                text.push_str(&self.first);
                text.push_str(&self.further);
            }
        } else {
            text.push_str(&self.spaces);
        }
        *self = Self::default();
    }
}
