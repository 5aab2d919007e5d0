//! Reads JSON as Go's `encoding/json` does, with its messages: bytes that are no characters and halves of surrogates
//! become U+FFFD, a number that is too big is told and read as null.

use crate::quote::quote_go;
use crate::stack::with_stack;
use crate::value::{Map, Text, Value};

/// What was read, and the first number that does not fit; or why it is not JSON.
pub(crate) struct Read {
    pub(crate) value: Value,
    /// Go's message; the rest was read all the same.
    pub(crate) misfit: Option<String>,
}

/// Reads a whole text; every number becomes a float.
pub(crate) fn read(text: &[u8]) -> Result<Read, String> {
    let mut reader = Reader { text, at: 0, depth: 0, misfit: None };
    let value = reader.value()?;
    match reader.after_space() {
        None => Ok(Read { value, misfit: reader.misfit }),
        Some(byte) => Err(invalid(byte, "after top-level value")),
    }
}

/// As deep as Go goes.
const MAX_DEPTH: usize = 10_000;

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    misfit: Option<String>,
}

fn invalid(byte: u8, context: &str) -> String {
    let quoted = match byte {
        b'\'' => "\\'".to_owned(),
        b'"' => "\"".to_owned(),
        byte => quote_go(&char::from(byte).to_string()).trim_matches('"').to_owned(),
    };
    format!("invalid character '{quoted}' {context}")
}

const END: &str = "unexpected end of JSON input";
const VALUE: &str = "looking for beginning of value";
const KEY: &str = "looking for beginning of object key string";

impl Reader<'_> {
    fn after_space(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// The next byte, which has to be there.
    fn take(&mut self) -> Result<u8, String> {
        let byte = self.text.get(self.at).copied().ok_or(END)?;
        self.at += 1;
        Ok(byte)
    }

    /// The next byte within a word, a number or an escape: Go reads the end of the text as a blank there.
    fn take_within(&mut self) -> u8 {
        self.take().unwrap_or(b' ')
    }

    fn take_after_space(&mut self) -> Result<u8, String> {
        self.after_space();
        self.take()
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.take_after_space()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'"' => Ok(Value::Str(self.string()?)),
            b't' => self.literal("true", Value::Bool(true)),
            b'f' => self.literal("false", Value::Bool(false)),
            b'n' => self.literal("null", Value::Nil),
            b'-' | b'0'..=b'9' => self.number(),
            byte => Err(invalid(byte, VALUE)),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        let value = with_stack(|| read(self));
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Value, String> {
        let map = Map::new();
        if self.after_space() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Map(map));
        }
        loop {
            match self.take_after_space()? {
                b'"' => {}
                byte => return Err(invalid(byte, KEY)),
            }
            let key = self.string()?;
            match self.take_after_space()? {
                b':' => {}
                byte => return Err(invalid(byte, "after object key")),
            }
            let value = self.value()?;
            map.set(key, value);
            match self.take_after_space()? {
                b',' => {}
                b'}' => return Ok(Value::Map(map)),
                byte => return Err(invalid(byte, "after object key:value pair")),
            }
        }
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        if self.after_space() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value()?);
            match self.take_after_space()? {
                b',' => {}
                b']' => return Ok(Value::list(items)),
                byte => return Err(invalid(byte, "after array element")),
            }
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, String> {
        for wanted in word.bytes().skip(1) {
            let byte = self.take_within();
            if byte != wanted {
                return Err(invalid(byte, &format!("in literal {word} (expecting '{}')", char::from(wanted))));
            }
        }
        Ok(value)
    }

    fn digits(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    /// A digit that has to be there, and those behind it.
    fn some_digits(&mut self, context: &str) -> Result<(), String> {
        let byte = self.take_within();
        if !byte.is_ascii_digit() {
            return Err(invalid(byte, context));
        }
        self.digits();
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at - 1;
        let mut first = self.text[start];
        if first == b'-' {
            first = self.take_within();
        }
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            byte => return Err(invalid(byte, "in numeric literal")),
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.some_digits("after decimal point in numeric literal")?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.text.get(self.at) {
                self.at += 1;
            }
            self.some_digits("in exponent of numeric literal")?;
        }
        let shown = String::from_utf8_lossy(&self.text[start..self.at]);
        match shown.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => {
                let into = "Go value of type float64";
                self.misfit.get_or_insert_with(|| crate::json::cannot(&format!("number {shown}"), into));
                Ok(Value::Nil)
            }
        }
    }

    fn string(&mut self) -> Result<Text, String> {
        let mut out = Vec::new();
        loop {
            match self.take()? {
                b'"' => return Ok(Text::from(String::from_utf8_lossy(&out).into_owned())),
                b'\\' => self.escape(&mut out)?,
                byte if byte < b' ' => return Err(invalid(byte, "in string literal")),
                byte => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let byte = match self.take_within() {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'u' => {
                let unit = self.unit()?;
                let mut c = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let low = self.unit()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let pair = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        c = char::from_u32(pair).unwrap_or(c);
                    } else {
                        // What is no other half is read by itself.
                        self.at = back;
                    }
                }
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            byte => return Err(invalid(byte, "in string escape code")),
        };
        out.push(byte);
        Ok(())
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, String> {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.take_within();
            let digit = char::from(byte).to_digit(16);
            unit = unit * 16 + digit.ok_or_else(|| invalid(byte, "in \\u hexadecimal character escape"))?;
        }
        Ok(unit)
    }
}
