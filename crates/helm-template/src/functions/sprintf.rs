//! Go's `fmt.Sprintf`: `printf` and whatever formats like it. `strconv.Quote` lives here too.

use std::borrow::Cow;

use bstr::ByteSlice;

use super::float_text::float_text;
use crate::value::{Elem, Value};

/// As `fmt.Sprintf(format, arguments...)`.
#[must_use]
pub fn sprintf(format: &[u8], arguments: &[Value]) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), arguments, next: 0, reordered: false, good_index: true };
    printer.run(format);
    printer.out
}

/// As `strconv.Quote`.
#[must_use]
pub fn quote(text: &[u8]) -> Vec<u8> {
    quote_with(text, '"', false)
}

fn quote_with(text: &[u8], mark: char, ascii: bool) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(mark);
    for (start, end, c) in text.char_indices() {
        let raw = &text[start..end];
        if c == char::REPLACEMENT_CHARACTER && raw != "\u{fffd}".as_bytes() {
            for byte in raw {
                out += &format!("\\x{byte:02x}");
            }
            continue;
        }
        push_quoted(&mut out, c, mark, ascii);
    }
    out.push(mark);
    out.into_bytes()
}

fn push_quoted(out: &mut String, c: char, mark: char, ascii: bool) {
    match c {
        '\\' => out.push_str("\\\\"),
        c if c == mark => {
            out.push('\\');
            out.push(c);
        }
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if is_print(c) && (c.is_ascii() || !ascii) => out.push(c),
        c if c.is_ascii() => *out += &format!("\\x{:02x}", u32::from(c)),
        c if u32::from(c) < 0x1_0000 => *out += &format!("\\u{:04x}", u32::from(c)),
        c => *out += &format!("\\U{:08x}", u32::from(c)),
    }
}

/// As `strconv.IsPrint`. The standard library keeps its table private, but its escaping consults it.
fn is_print(c: char) -> bool {
    let mut text = [0; 5];
    text[0] = b'a';
    let len = c.encode_utf8(&mut text[1..]).len();
    matches!(c, '"' | '\'' | '\\')
        || text[..=len].to_str().is_ok_and(|text| text.escape_debug().nth(1) == Some(c) && c != '\\')
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%#v`.
    go_syntax: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

struct Printer<'a> {
    out: Vec<u8>,
    arguments: &'a [Value],
    next: usize,
    reordered: bool,
    good_index: bool,
}

impl Printer<'_> {
    fn run(&mut self, format: &[u8]) {
        let mut at = 0;
        while at < format.len() {
            if format[at] != b'%' {
                let end = format[at..].find_byte(b'%').map_or(format.len(), |len| at + len);
                self.out.extend_from_slice(&format[at..end]);
                at = end;
                continue;
            }
            at += 1;
            match self.directive(format, at) {
                Some(end) => at = end,
                None => {
                    self.out.extend_from_slice(b"%!(NOVERB)");
                    break;
                }
            }
        }
        if !self.reordered && self.next < self.arguments.len() {
            self.out.extend_from_slice(b"%!(EXTRA ");
            for (at, argument) in self.arguments[self.next..].iter().enumerate() {
                if at > 0 {
                    self.out.extend_from_slice(b", ");
                }
                self.typed(argument);
            }
            self.out.push(b')');
        }
    }

    /// `string=hi`, or `<nil>`.
    fn typed(&mut self, argument: &Value) {
        if argument.is_nil() {
            self.out.extend_from_slice(b"<nil>");
            return;
        }
        self.out.extend_from_slice(argument.type_name().as_bytes());
        self.out.push(b'=');
        self.out.extend_from_slice(&argument.print());
    }

    /// One `%…` from behind the percent sign; where it ends, or `None` if it ends with the text.
    fn directive(&mut self, format: &[u8], mut at: usize) -> Option<usize> {
        let mut flags = Flags::default();
        self.good_index = true;
        while let Some(byte) = format.get(at) {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            at += 1;
        }
        let mut after_index = self.index(format, &mut at);
        if format.get(at) == Some(&b'*') {
            at += 1;
            match self.star() {
                Some(width) => {
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                }
                None => self.out.extend_from_slice(b"%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            flags.width = digits(format, &mut at);
            if after_index && flags.width.is_some() {
                self.good_index = false;
            }
        }
        if format.get(at) == Some(&b'.') && at + 1 < format.len() {
            at += 1;
            if after_index {
                self.good_index = false;
            }
            after_index = self.index(format, &mut at);
            if format.get(at) == Some(&b'*') {
                at += 1;
                match self.star() {
                    Some(precision) => flags.precision = usize::try_from(precision).ok(),
                    None => self.out.extend_from_slice(b"%!(BADPREC)"),
                }
                after_index = false;
            } else {
                flags.precision = Some(digits(format, &mut at).unwrap_or(0));
            }
        }
        if !after_index {
            self.index(format, &mut at);
        }
        let rest = format.get(at..).filter(|rest| !rest.is_empty())?;
        let (verb, size) = bstr::decode_utf8(rest);
        let verb = verb.unwrap_or(char::REPLACEMENT_CHARACTER);
        at += size;
        match (verb, self.arguments.get(self.next)) {
            ('%', _) => self.out.push(b'%'),
            _ if !self.good_index => self.out.extend_from_slice(format!("%!{verb}(BADINDEX)").as_bytes()),
            (_, None) => self.out.extend_from_slice(format!("%!{verb}(MISSING)").as_bytes()),
            (_, Some(argument)) => {
                if verb == 'v' {
                    flags.go_syntax = std::mem::take(&mut flags.sharp);
                    flags.plus = false;
                }
                self.argument(argument, verb, flags);
                self.next += 1;
            }
        }
        Some(at)
    }

    /// Reads `[n]`; whether there was one.
    fn index(&mut self, format: &[u8], at: &mut usize) -> bool {
        if format.get(*at) != Some(&b'[') {
            return false;
        }
        self.reordered = true;
        let Some(close) = format[*at..].find_byte(b']') else {
            self.good_index = false;
            *at += 1;
            return false;
        };
        let number = format[*at + 1..*at + close].to_str().ok().and_then(|text| text.parse::<usize>().ok());
        *at += close + 1;
        match number {
            Some(number) if (1..=self.arguments.len()).contains(&number) => {
                self.next = number - 1;
                true
            }
            _ => {
                self.good_index = false;
                true
            }
        }
    }

    /// The argument for a `*`.
    fn star(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        argument.as_int().filter(|n| n.abs() <= 1_000_000)
    }

    fn argument(&mut self, value: &Value, verb: char, flags: Flags) {
        match verb {
            'T' => self.pad(flags, value.type_name().as_bytes()),
            'v' if value.is_nil() => self.pad(flags, b"<nil>"),
            'p' => self.bad(value, verb),
            _ if value.is_nil() => self.out.extend_from_slice(format!("%!{verb}(<nil>)").as_bytes()),
            _ => self.value(value, verb, flags),
        }
    }

    fn bad(&mut self, value: &Value, verb: char) {
        self.out.extend_from_slice(format!("%!{verb}(").as_bytes());
        self.typed(value);
        self.out.push(b')');
    }

    fn value(&mut self, value: &Value, verb: char, flags: Flags) {
        match value {
            Value::Invalid | Value::Nil => self.argument(value, verb, flags),
            Value::Bool(flag) => match verb {
                't' | 'v' => self.pad(flags, flag.to_string().as_bytes()),
                _ => self.bad(value, verb),
            },
            Value::Int(number) | Value::Int64(number) => self.integer(*number, value, verb, flags),
            Value::Float(number) => match verb {
                'v' => self.float(*number, 'g', flags),
                'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'x' | 'X' | 'b' => self.float(*number, verb, flags),
                _ => self.bad(value, verb),
            },
            Value::Str(text) => self.string(text, value, verb, flags),
            Value::Bytes(bytes) => match verb {
                'v' | 'd' => {
                    let items: Vec<String> = bytes.iter().map(u8::to_string).collect();
                    self.out.extend_from_slice(format!("[{}]", items.join(" ")).as_bytes());
                }
                _ => self.string(bytes, value, verb, flags),
            },
            Value::List(list) if flags.go_syntax => {
                self.out.extend_from_slice(value.type_name().as_bytes());
                self.out.push(b'{');
                for (at, item) in list.iter().enumerate() {
                    if at > 0 {
                        self.out.extend_from_slice(b", ");
                    }
                    self.item(item, verb, flags);
                }
                self.out.push(b'}');
            }
            Value::List(list) => {
                self.out.push(b'[');
                for (at, item) in list.iter().enumerate() {
                    if at > 0 {
                        self.out.push(b' ');
                    }
                    self.item(item, verb, flags);
                }
                self.out.push(b']');
            }
            Value::Map(map) => {
                let (open, between, close) = match (flags.go_syntax, map.elem()) {
                    (true, _) => (format!("{}{{", value.type_name()), ", ", "}"),
                    (false, Elem::Any | Elem::Str | Elem::Int | Elem::Values) => ("map[".to_owned(), " ", "]"),
                };
                self.out.extend_from_slice(open.as_bytes());
                for (at, (key, item)) in map.entries().iter().enumerate() {
                    if at > 0 {
                        self.out.extend_from_slice(between.as_bytes());
                    }
                    self.item(&Value::Str(key.clone()), verb, flags);
                    self.out.push(b':');
                    self.item(item, verb, flags);
                }
                self.out.extend_from_slice(close.as_bytes());
            }
            Value::Object(object) => match verb {
                'v' | 's' => {
                    let text = object.print();
                    self.pad(flags, &text);
                }
                'q' | 'x' | 'X' => {
                    let text = object.print();
                    self.string(&text, value, verb, flags);
                }
                _ => self.bad(value, verb),
            },
        }
    }

    /// An element of a list or map, which Go holds as `interface {}`.
    fn item(&mut self, value: &Value, verb: char, flags: Flags) {
        if !value.is_nil() {
            self.value(value, verb, flags);
        } else if flags.go_syntax {
            self.out.extend_from_slice(b"interface {}(nil)");
        } else {
            self.out.extend_from_slice(b"<nil>");
        }
    }

    fn string(&mut self, text: &[u8], value: &Value, verb: char, flags: Flags) {
        match verb {
            'v' if flags.go_syntax => self.pad(flags, &quote(text)),
            's' | 'v' => self.pad(flags, cut(text, flags)),
            'q' => {
                let text = cut(text, flags);
                let raw = flags.sharp && text.to_str().is_ok_and(can_backquote);
                let quoted = if raw { [b"`", text, b"`"].concat() } else { quote_with(text, '"', flags.plus) };
                self.pad(flags, &quoted);
            }
            'x' | 'X' => {
                let text = hex_text(text, verb == 'X', flags);
                self.pad(Flags { zero: flags.zero, ..flags }, &text);
            }
            _ => self.bad(value, verb),
        }
    }

    fn integer(&mut self, number: i64, value: &Value, verb: char, flags: Flags) {
        let magnitude = number.unsigned_abs();
        let mut digits = match verb {
            'v' | 'd' => magnitude.to_string(),
            'b' => format!("{magnitude:b}"),
            'o' | 'O' => format!("{magnitude:o}"),
            'x' => format!("{magnitude:x}"),
            'X' => format!("{magnitude:X}"),
            'c' | 'q' | 'U' => return self.character(number, verb, flags),
            _ => return self.bad(value, verb),
        };
        let sign = match (number < 0, flags.plus, flags.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        match flags.precision {
            Some(0) if number == 0 => return self.pad(Flags { zero: false, ..flags }, b""),
            Some(least) => digits = format!("{digits:0>least$}"),
            None if flags.zero && !flags.minus => {
                let least = flags.width.unwrap_or(0).saturating_sub(sign.len());
                digits = format!("{digits:0>least$}");
            }
            None => {}
        }
        let prefix = match verb {
            'O' => "0o",
            'b' if flags.sharp => "0b",
            'o' if flags.sharp && !digits.starts_with('0') => "0",
            'x' if flags.sharp => "0x",
            'X' if flags.sharp => "0X",
            _ => "",
        };
        self.pad(Flags { zero: false, ..flags }, format!("{sign}{prefix}{digits}").as_bytes());
    }

    fn character(&mut self, number: i64, verb: char, flags: Flags) {
        let c = u32::try_from(number).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
        let text = match verb {
            'c' => c.to_string(),
            'q' => {
                let mut text = String::from('\'');
                push_quoted(&mut text, c, '\'', flags.plus);
                text + "'"
            }
            _ => {
                let least = flags.precision.unwrap_or(0).max(4);
                let shown = if flags.sharp && is_print(c) { format!(" '{c}'") } else { String::new() };
                format!("U+{number:0>least$X}{shown}")
            }
        };
        let zero = flags.zero && verb != 'U';
        self.pad(Flags { zero, ..flags }, text.as_bytes());
    }

    fn float(&mut self, number: f64, verb: char, flags: Flags) {
        let default = if matches!(verb, 'g' | 'G' | 'x' | 'X' | 'b') { None } else { Some(6) };
        let mut text = float_text(number.abs(), verb, flags.precision.or(default));
        let finite = number.is_finite();
        if flags.sharp && finite && !matches!(verb, 'b' | 'x' | 'X') {
            keep_point(&mut text, verb, flags.precision);
        }
        let sign = match (number.is_sign_negative() && !number.is_nan(), flags.plus, flags.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ if number.is_infinite() => "+",
            _ => "",
        };
        let width = flags.width.unwrap_or(0);
        if finite && flags.zero && !flags.minus {
            let least = width.saturating_sub(sign.len());
            text = format!("{text:0>least$}");
        }
        // Go's %v shows +Inf with its sign.
        self.pad(Flags { zero: false, ..flags }, format!("{sign}{text}").as_bytes());
    }

    fn pad(&mut self, flags: Flags, text: &[u8]) {
        let missing = flags.width.unwrap_or(0).saturating_sub(text.chars().count());
        if flags.minus {
            self.out.extend_from_slice(text);
            self.out.extend(std::iter::repeat_n(b' ', missing));
        } else {
            let fill = if flags.zero { b'0' } else { b' ' };
            self.out.extend(std::iter::repeat_n(fill, missing));
            self.out.extend_from_slice(text);
        }
    }
}

fn digits(format: &[u8], at: &mut usize) -> Option<usize> {
    let len = format[*at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = format[*at..*at + len].to_str().ok()?.parse().ok().filter(|&n| n <= 1_000_000)?;
    *at += len;
    Some(number)
}

fn cut(text: &[u8], flags: Flags) -> &[u8] {
    match flags.precision {
        Some(most) => text.char_indices().nth(most).map_or(text, |(start, ..)| &text[..start]),
        None => text,
    }
}

fn can_backquote(text: &str) -> bool {
    text.chars().all(|c| c != '\u{feff}' && (c == '\t' || c >= ' ') && c != '`' && c != '\u{7f}')
}

fn hex_text(text: &[u8], upper: bool, flags: Flags) -> Vec<u8> {
    let text = &text[..flags.precision.unwrap_or(text.len()).min(text.len())];
    let prefix = match (flags.sharp, upper) {
        (true, true) => "0X",
        (true, false) => "0x",
        _ => "",
    };
    let mut out = String::new();
    for (at, byte) in text.iter().enumerate() {
        if at > 0 && flags.space {
            out.push(' ');
        }
        if at == 0 || flags.space {
            out.push_str(prefix);
        }
        out += &if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    }
    out.into_bytes()
}

/// The `#` flag: a decimal point always, and the zeros that `%g` cuts off.
fn keep_point(text: &mut String, verb: char, precision: Option<usize>) {
    let (mantissa, tail) = match text.find(['e', 'E']) {
        Some(at) => (text[..at].to_owned(), text[at..].to_owned()),
        None => (text.clone(), String::new()),
    };
    let mut mantissa = mantissa;
    let significant = mantissa.chars().filter(char::is_ascii_digit).skip_while(|c| *c == '0').count();
    let mut missing = match verb {
        'g' | 'G' => precision.unwrap_or(6).saturating_sub(significant),
        _ => 0,
    };
    if !mantissa.contains('.') {
        if mantissa == "0" {
            missing = missing.saturating_sub(1);
        }
        mantissa.push('.');
    }
    mantissa.extend(std::iter::repeat_n('0', missing));
    *text = mantissa + &tail;
}

/// A value as `fmt.Sprint` writes its operands one after the other: blanks only between two that are not strings.
#[must_use]
pub fn sprint(values: &[Value]) -> Vec<u8> {
    let is_text = |value: &Value| matches!(value, Value::Str(_));
    let mut out = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 && !is_text(value) && !is_text(&values[at - 1]) {
            out.push(b' ');
        }
        value.print_to(&mut out);
    }
    out
}

/// As `fmt.Sprintln`: blanks between all, a line end behind.
#[must_use]
pub fn sprintln(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        value.print_to(&mut out);
    }
    out.push(b'\n');
    out
}

/// sprig's `strval`: a string stays, everything else is `%v`.
#[must_use]
pub fn strval(value: &Value) -> Cow<'_, [u8]> {
    match value {
        Value::Str(text) | Value::Bytes(text) => Cow::Borrowed(text.as_bytes()),
        other => Cow::Owned(other.print()),
    }
}
