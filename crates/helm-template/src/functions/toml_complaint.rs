//! What BurntSushi's TOML reader says about a text that is no TOML: the line, the key it was at, and what it wanted. Our
//! own reader finds the same texts wrong, in other words.

use std::collections::{HashMap, HashSet};

use super::toml_words::{dotted, quote_rune, shown};
use crate::quote::quote_go;

/// Its message for the first thing that is wrong; nothing if it finds nothing.
pub(super) fn complaint(text: &str) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.bytes().take(6).any(|byte| byte == 0) {
        let message = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Some(format!("toml: line 1: {message}"));
    }
    let mut reader = Reader { text: text.chars().collect(), ..Reader::default() };
    let Wrong { line, message } = reader.top().err()?;
    let key = reader.key();
    let place = if key.is_empty() { String::new() } else { format!(" (last key {})", quote_go(&key)) };
    Some(format!("toml: line {line}{place}: {message}"))
}

struct Wrong {
    line: usize,
    message: String,
}

type Read<T = ()> = Result<T, Wrong>;

/// What stands under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Value,
    Array,
    Table,
    Tables,
}

#[derive(Default)]
struct Reader {
    text: Vec<char>,
    at: usize,
    /// The table that is open, and the key in it.
    context: Vec<String>,
    current: String,
    /// Where the last key began: messages about keys name that line.
    key_line: usize,
    stands: HashMap<Vec<String>, Stands>,
    /// Tables that were only named on the way to others.
    implicit: HashSet<Vec<String>>,
}

impl Reader {
    fn key(&self) -> String {
        if self.context.is_empty() {
            return self.current.clone();
        }
        let parts = self.context.iter().chain((!self.current.is_empty()).then_some(&self.current));
        parts.map(|part| shown(part)).collect::<Vec<_>>().join(".")
    }

    /// The line at `at`, from 1; the line end that stands there counts as read.
    fn line(&self) -> usize {
        self.text[..self.at].iter().filter(|c| **c == '\n').count() + 1
    }

    fn wrong<T>(&self, message: impl Into<String>) -> Read<T> {
        // What is wrong at the end is told of the last line that holds something.
        let ended = self.at >= self.text.len() && self.text.last() == Some(&'\n');
        Err(Wrong { line: self.line() - usize::from(ended), message: message.into() })
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Read<Option<char>> {
        let Some(c) = self.peek() else { return Ok(None) };
        let bare_return = c == '\r' && self.text.get(self.at + 1) != Some(&'\n');
        if bare_return || (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || c == '\u{7f}' {
            return self.wrong(format!("TOML files cannot contain control characters: '0x{:02x}'", u32::from(c)));
        }
        self.at += 1;
        Ok(Some(c))
    }

    fn skip(&mut self, which: &[char]) {
        while self.peek().is_some_and(|c| which.contains(&c)) {
            self.at += 1;
        }
    }

    /// Blanks, line ends and comments.
    fn skip_lines(&mut self) -> Read {
        loop {
            self.skip(&[' ', '\t', '\r', '\n']);
            if self.peek() != Some('#') {
                return Ok(());
            }
            self.comment()?;
        }
    }

    fn comment(&mut self) -> Read {
        while self.peek().is_some_and(|c| c != '\n') {
            self.next()?;
        }
        Ok(())
    }

    /// `got` is what was read last: told of the line that it ended, if it is a line end.
    fn unwanted<T>(&self, got: Option<char>, message: impl Fn(&str) -> String) -> Read<T> {
        let shown = got.map_or_else(|| "'\\x00'".to_owned(), quote_rune);
        let mut wrong = Wrong { line: self.line(), message: message(&shown) };
        if got == Some('\n') || (got.is_none() && self.text.last() == Some(&'\n')) {
            wrong.line -= 1;
        }
        Err(wrong)
    }

    fn top(&mut self) -> Read {
        loop {
            self.skip_lines()?;
            match self.peek() {
                None => return Ok(()),
                Some('[') => self.table()?,
                Some(_) => {
                    self.pair()?;
                    self.current.clear();
                }
            }
            self.skip(&[' ', '\t']);
            match self.peek() {
                Some('#') => self.comment()?,
                None | Some('\r' | '\n') => {}
                Some(_) => {
                    let got = self.next()?;
                    return self.unwanted(got, |got| {
                        format!(
                            "expected a top-level item to end with a newline, comment, or EOF, but got {got} instead"
                        )
                    });
                }
            }
        }
    }

    fn table(&mut self) -> Read {
        self.at += 1;
        let array = self.peek() == Some('[');
        self.at += usize::from(array);
        self.key_line = self.line();
        let mut name = Vec::new();
        loop {
            self.skip(&[' ', '\t']);
            name.push(match self.peek() {
                Some(']') | None => {
                    return self.wrong("unexpected end of table name (table names cannot be empty)");
                }
                Some('.') => return self.wrong("unexpected table separator (table names cannot be empty)"),
                Some(_) => self.name()?,
            });
            self.skip(&[' ', '\t']);
            match self.next()? {
                Some('.') => {}
                Some(']') => break,
                got => {
                    let got = got.map_or_else(|| "'\\x00'".to_owned(), quote_rune);
                    return self.wrong(format!("expected '.' or ']' to end table name, but got {got} instead"));
                }
            }
        }
        if array {
            match self.next()? {
                Some(']') => {}
                got => {
                    return self.unwanted(got, |got| {
                        format!("expected end of table array name delimiter ']', but got {got} instead")
                    });
                }
            }
        }
        self.context.clear();
        self.open(&name, array)
    }

    fn name(&mut self) -> Read<String> {
        match self.peek() {
            Some('"') => self.string(),
            Some('\'') => self.raw_string(),
            _ => {
                let start = self.at;
                while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
                    self.at += 1;
                }
                Ok(self.text[start..self.at].iter().collect())
            }
        }
    }

    /// One key with its value, at the top or in an inline table.
    fn pair(&mut self) -> Read {
        self.skip(&[' ', '\t']);
        match self.peek() {
            Some('=') | None => return self.wrong("unexpected '=': key name appears blank"),
            Some('.') => return self.wrong("unexpected '.': keys cannot start with a '.'"),
            Some(_) => {}
        }
        let outer = self.context.clone();
        self.key_line = self.line();
        let mut parts = Vec::new();
        loop {
            self.skip(&[' ', '\t']);
            parts.push(self.name()?);
            self.skip(&[' ', '\t']);
            match self.next()? {
                Some('.') => {}
                Some('=') => break,
                None => return self.wrong("unexpected EOF; expected key separator '='"),
                got => return self.unwanted(got, |got| format!("expected '.' or '=', but got {got} instead")),
            }
        }
        let last = parts.pop().unwrap_or_default();
        self.current.clone_from(&last);
        for part in parts {
            let mut name = self.context.clone();
            name.push(part);
            self.implicit.insert(name.clone());
            self.context.clear();
            self.open(&name, false)?;
        }
        let stands = self.value()?;
        self.set(&last, stands)?;
        self.context = outer;
        Ok(())
    }

    fn defined<T>(&self, name: &[String]) -> Read<T> {
        let message = format!("Key '{}' has already been defined.", dotted(name));
        Err(Wrong { line: self.key_line, message })
    }

    /// Opens a table, and those on the way to it.
    fn open(&mut self, name: &[String], array: bool) -> Read {
        let Some((last, parents)) = name.split_last() else { return Ok(()) };
        for end in 1..=parents.len() {
            let parent = &parents[..end];
            match self.stands.get(parent) {
                None => {
                    self.implicit.insert(parent.to_vec());
                    self.stands.insert(parent.to_vec(), Stands::Table);
                }
                Some(Stands::Table | Stands::Tables) => {}
                Some(_) => {
                    let message = format!("Key '{}' was already created as a hash.", dotted(parent));
                    return Err(Wrong { line: self.key_line, message });
                }
            }
        }
        self.context = parents.to_vec();
        if array {
            match self.stands.get(name) {
                None | Some(Stands::Tables) => {
                    // What was in the one before is another table's.
                    self.stands.retain(|key, _| !(key.len() > name.len() && key.starts_with(name)));
                    self.stands.insert(name.to_vec(), Stands::Tables);
                }
                Some(_) => {
                    let message = format!("Key '{}' was already created and cannot be used as an array.", dotted(name));
                    return Err(Wrong { line: self.key_line, message });
                }
            }
        } else {
            self.set(last, Stands::Table)?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    fn set(&mut self, key: &str, stands: Stands) -> Read {
        for end in 1..=self.context.len() {
            if let Some(Stands::Value | Stands::Array) = self.stands.get(&self.context[..end]) {
                return self.defined(&self.context[..end]);
            }
        }
        let mut name = self.context.clone();
        name.push(key.to_owned());
        match self.stands.get(&name) {
            None => {
                self.stands.insert(name, stands);
            }
            Some(_) if self.implicit.remove(&name) => {}
            Some(_) => return self.defined(&name),
        }
        Ok(())
    }

    fn value(&mut self) -> Read<Stands> {
        self.skip(&[' ', '\t']);
        match self.peek() {
            Some('[') => return self.array(),
            Some('{') => return self.inline_table(),
            Some('"') if self.follows("\"\"\"") => self.multiline('"')?,
            Some('\'') if self.follows("'''") => self.multiline('\'')?,
            Some('"') => drop(self.string()?),
            Some('\'') => drop(self.raw_string()?),
            Some('.') => return self.wrong("floats must start with a digit, not '.'"),
            Some('+' | '-' | '0'..='9') => self.number()?,
            Some('i' | 'n') if self.follows("inf") || self.follows("nan") => self.at += 3,
            Some(c) if c.is_alphabetic() => {
                let start = self.at;
                while self.peek().is_some_and(char::is_alphabetic) {
                    self.at += 1;
                }
                let word: String = self.text[start..self.at].iter().collect();
                if !matches!(word.as_str(), "true" | "false") {
                    return self.wrong(format!("expected value but found {} instead", quote_go(&word)));
                }
            }
            None => return self.wrong("unexpected EOF; expected value"),
            Some(_) => {
                let got = self.next()?;
                return self.unwanted(got, |got| format!("expected value but found {got} instead"));
            }
        }
        Ok(Stands::Value)
    }

    fn follows(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(at, c)| self.text.get(self.at + at) == Some(&c))
    }

    fn array(&mut self) -> Read<Stands> {
        self.at += 1;
        loop {
            self.skip_lines()?;
            match self.peek() {
                Some(',') => return self.wrong("unexpected comma"),
                Some(']') => break,
                _ => self.value()?,
            };
            self.skip_lines()?;
            match self.next()? {
                Some(',') => {}
                Some(']') => return Ok(Stands::Array),
                got => {
                    let got = got.map_or_else(|| "end of file".to_owned(), |c| format!("'{c}'"));
                    return self.wrong(format!("expected a comma (',') or array terminator (']'), but got {got}"));
                }
            }
        }
        self.at += 1;
        Ok(Stands::Array)
    }

    fn inline_table(&mut self) -> Read<Stands> {
        self.at += 1;
        let (context, current) = (self.context.clone(), std::mem::take(&mut self.current));
        let mut name = context.clone();
        name.push(current.clone());
        self.implicit.insert(name.clone());
        self.open(&name, false)?;
        // It is closed again, so that the pair itself may set it.
        self.implicit.insert(name);
        self.skip_lines()?;
        while self.peek() != Some('}') {
            if self.peek() == Some(',') {
                return self.wrong("unexpected comma");
            }
            self.pair()?;
            self.skip_lines()?;
            match self.next()? {
                Some(',') => self.skip_lines()?,
                Some('}') => {
                    self.at -= 1;
                    break;
                }
                got => {
                    let got = got.map_or_else(|| "end of file".to_owned(), |c| format!("'{c}'"));
                    let message = format!("expected a comma or an inline table terminator '}}', but got {got} instead");
                    return self.wrong(message);
                }
            }
        }
        self.at += 1;
        (self.context, self.current) = (context, current);
        Ok(Stands::Table)
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.next()? {
                None => return self.wrong("unexpected EOF; expected '\"'"),
                Some(c @ ('\n' | '\r')) => {
                    let line = self.line() - usize::from(c == '\n');
                    return Err(Wrong { line, message: "strings cannot contain newlines".to_owned() });
                }
                Some('"') => return Ok(out),
                Some('\\') => self.escape()?,
                Some(c) => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Read {
        let start = self.at;
        let digits = match self.next()? {
            Some('e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\') => 0,
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            got => return self.wrong(format!("invalid escape in string '\\{}'", got.unwrap_or('\0'))),
        };
        for _ in 0..digits {
            let got = self.next()?;
            if !got.is_some_and(|c| c.is_ascii_hexdigit()) {
                let kind = self.text[start];
                let word = ["two", "four", "eight"][[2, 4, 8].iter().position(|n| *n == digits).unwrap_or_default()];
                let read: String = self.text[self.item_start(start)..self.at].iter().collect();
                let read = quote_go(&read);
                let message = format!("expected {word} hexadecimal digits after '\\{kind}', but got {read} instead");
                return self.wrong(message);
            }
        }
        Ok(())
    }

    /// Where the string began in which an escape stands.
    fn item_start(&self, escape: usize) -> usize {
        self.text[..escape].iter().rposition(|c| *c == '"').map_or(0, |quote| quote + 1)
    }

    fn raw_string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.next()? {
                None => return self.wrong("unexpected EOF; expected \"'\""),
                Some(c @ ('\n' | '\r')) => {
                    let line = self.line() - usize::from(c == '\n');
                    return Err(Wrong { line, message: "strings cannot contain newlines".to_owned() });
                }
                Some('\'') => return Ok(out),
                Some(c) => out.push(c),
            }
        }
    }

    fn multiline(&mut self, quote: char) -> Read {
        let three: String = std::iter::repeat_n(quote, 3).collect();
        self.at += 3;
        loop {
            if self.follows(&three) {
                // Two more belong to the text.
                let count = self.text[self.at..].iter().take_while(|c| **c == quote).count();
                self.at += count.min(5);
                return Ok(());
            }
            match self.next()? {
                None if quote == '"' => return self.wrong("unexpected EOF; expected '\"\"\"'"),
                None => return self.wrong("unexpected EOF; expected \"'''\""),
                Some('\\') if quote == '"' && !matches!(self.peek(), Some('\n' | '\r')) => self.escape()?,
                Some(_) => {}
            }
        }
    }

    fn number(&mut self) -> Read {
        let start = self.at;
        let signed = matches!(self.peek(), Some('+' | '-'));
        self.at += usize::from(signed);
        if signed {
            match self.peek() {
                Some('.') => {
                    self.at += 1;
                    return self.wrong("floats must start with a digit, not '.'");
                }
                Some('i' | 'n') if self.follows("inf") || self.follows("nan") => {
                    self.at += 3;
                    return Ok(());
                }
                Some('0') if matches!(self.text.get(self.at + 1), Some('b' | 'o' | 'x')) => {
                    let read: String = self.text[start..=self.at + 1].iter().collect();
                    return self.wrong(format!("cannot use sign with non-decimal numbers: '{read}'"));
                }
                Some('0'..='9') => {}
                _ => {
                    let got = self.next()?;
                    return self.unwanted(got, |got| format!("expected a digit but got {got}"));
                }
            }
        }
        let more = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-' | ':');
        let digits = |c: char| c.is_ascii_digit() || c == '_';
        while self.peek().is_some_and(digits) {
            self.at += 1;
        }
        let float = matches!(self.peek(), Some('.' | 'e' | 'E'));
        let dated = !signed && matches!(self.peek(), Some('-' | ':'));
        let based = self.at == start + 1 && matches!(self.peek(), Some('b' | 'o' | 'x'));
        if float || dated || based {
            while self.peek().is_some_and(|c| more(c) && (based || dated || c.is_ascii_digit() || "_.-+eE".contains(c)))
            {
                self.at += 1;
            }
            return self.float_or_date(start, float, based);
        }
        let read: String = self.text[start..self.at].iter().collect();
        let unsigned = read.trim_start_matches(['+', '-']);
        let shown = quote_go(&read);
        if read.ends_with('_') || read.contains("__") {
            return self.told_of_item(format!("Invalid integer {shown}: underscores must be surrounded by digits"));
        }
        if unsigned.len() > 1 && unsigned.starts_with('0') {
            return self.told_of_item(format!("Invalid integer {shown}: cannot have leading zeroes"));
        }
        if read.replace('_', "").parse::<i64>().is_err() {
            return self.told_of_item(format!("{read} is out of range for int64"));
        }
        Ok(())
    }

    /// What was read from `start` on: a float, a number of another base, or a date.
    fn float_or_date(&self, start: usize, float: bool, based: bool) -> Read {
        let read: String = self.text[start..self.at].iter().collect();
        let shown = quote_go(&read);
        if format!("x = {read}").parse::<::toml::Table>().is_ok() {
            return Ok(());
        }
        self.told_of_item(if based {
            let word = match read.chars().nth(1) {
                Some('b') => "a binary",
                Some('o') => "an octal",
                _ => "a hexadecimal",
            };
            let begin: String = read.chars().chain(['\0']).take(3).collect();
            format!("not {word} number: '{begin}'")
        } else if float
            && read
                .char_indices()
                .any(|(at, c)| c == '.' && !read[at + 1..].starts_with(|next: char| next.is_ascii_digit()))
        {
            format!("Invalid float {shown}: '.' must be followed by one or more digits")
        } else if float {
            format!("Invalid float value: {shown}")
        } else {
            format!("invalid datetime: {}", quote_go(&read.replace('z', "Z").replace(['t', ' '], "T")))
        })
    }

    fn told_of_item<T>(&self, message: String) -> Read<T> {
        Err(Wrong { line: self.line(), message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `fromToml` of Helm's SDK says to each.
    #[test]
    fn what_is_no_toml_is_told_as_helm_tells_it() {
        for (text, expected) in [
            ("a =", "line 1 (last key \"a\"): unexpected EOF; expected value"),
            ("a = 1\na = 2", "line 2 (last key \"a\"): Key 'a' has already been defined."),
            ("a", "line 1: unexpected EOF; expected key separator '='"),
            ("a b = 1", "line 1: expected '.' or '=', but got 'b' instead"),
            ("= 1", "line 1: unexpected '=': key name appears blank"),
            ("a = \"x", "line 1 (last key \"a\"): unexpected EOF; expected '\"'"),
            ("a = \"x\ny\"", "line 1 (last key \"a\"): strings cannot contain newlines"),
            ("a = [1 2]", "line 1 (last key \"a\"): expected a comma (',') or array terminator (']'), but got '2'"),
            (
                "a = {b = 1",
                "line 1 (last key \"a.b\"): expected a comma or an inline table terminator '}', but got end of file instead",
            ),
            ("a = foo", "line 1 (last key \"a\"): expected value but found \"foo\" instead"),
            ("a = 01", "line 1 (last key \"a\"): Invalid integer \"01\": cannot have leading zeroes"),
            ("a = 99999999999999999999", "line 1 (last key \"a\"): 99999999999999999999 is out of range for int64"),
            ("a = \"\\q\"", "line 1 (last key \"a\"): invalid escape in string '\\q'"),
            ("[a]\nb=1\n\n[c]\nd = = 2", "line 5 (last key \"c.d\"): expected value but found '=' instead"),
            ("key: value", "line 1: expected '.' or '=', but got ':' instead"),
        ] {
            assert_eq!(complaint(text).as_deref(), Some(format!("toml: {expected}").as_str()), "{text:?}");
        }
        for fine in [
            "",
            "a = 1\n[b]\nc = {d = [1, 2], e = 'x'}\n[[f]]\ng = 2024-01-02T03:04:05Z\n[[f]]\ng = \"\"\"x\ny\"\"\"\n",
        ] {
            assert_eq!(complaint(fine), None, "{fine}");
        }
    }
}
