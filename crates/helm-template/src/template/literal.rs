//! Go's literals: quoted strings, characters and numbers.

use super::ast::Number;
use super::lex::Kind;

/// What a quoted or raw string says. `None` if it is not one.
pub(super) fn unquote(quoted: &str) -> Option<Vec<u8>> {
    let inner = quoted.get(1..quoted.len().checked_sub(1)?)?;
    if quoted.starts_with('`') {
        // Go drops carriage returns from raw strings.
        return Some(inner.bytes().filter(|byte| *byte != b'\r').collect());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        rest = unquote_char(rest, '"', &mut out)?.1;
    }
    Some(out)
}

/// Reads one character or escape; gives its value and what is left.
fn unquote_char<'a>(text: &'a str, quote: char, out: &mut Vec<u8>) -> Option<(u32, &'a str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first != '\\' {
        if first == quote || first == '\n' {
            return None;
        }
        push(out, first);
        return Some((u32::from(first), chars.as_str()));
    }
    let escape = chars.next()?;
    let simple = match escape {
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        '\\' => Some('\\'),
        c if c == quote => Some(c),
        _ => None,
    };
    if let Some(c) = simple {
        push(out, c);
        return Some((u32::from(c), chars.as_str()));
    }
    let rest = chars.as_str();
    let (digits, radix, skipped) = match escape {
        'x' => (2, 16, 0),
        'u' => (4, 16, 0),
        'U' => (8, 16, 0),
        '0'..='7' => (3, 8, 1),
        _ => return None,
    };
    // An octal escape's first digit is the escape itself.
    let from = text.len() - rest.len() - skipped;
    let number = text.get(from..from + digits)?;
    let value = u32::from_str_radix(number, radix).ok()?;
    match escape {
        'u' | 'U' => push(out, char::from_u32(value)?),
        _ => out.push(u8::try_from(value).ok()?),
    }
    Some((value, &text[from + digits..]))
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Reads a number or character constant; the error has Go's words.
pub(super) fn number(text: &str, kind: Kind) -> Result<Number, String> {
    let exact = |value: i64| Number { text: text.to_owned(), int: Some(value), float: Some(value as f64) };
    if kind == Kind::CharConstant {
        let malformed = || format!("malformed character constant: {text}");
        let (value, tail) = unquote_char(&text[1..], '\'', &mut Vec::new()).ok_or("invalid syntax")?;
        return if tail == "'" { Ok(exact(i64::from(value))) } else { Err(malformed()) };
    }
    let illegal = || format!("illegal number syntax: {}", crate::quote::quote_go(text));
    if kind == Kind::Complex || text.ends_with('i') {
        // Complex numbers have no use in a chart and no value here.
        return Err(illegal());
    }
    if let Some(value) = crate::numbers::parse_int(text) {
        return i64::try_from(value)
            .map(exact)
            .map_err(|_| format!("integer overflow: {}", crate::quote::quote_go(text)));
    }
    let float: f64 = if text.contains('_') { None } else { text.parse().ok() }.ok_or_else(illegal)?;
    if !text.contains(['.', 'e', 'E', 'p', 'P']) {
        return Err(format!("integer overflow: {}", crate::quote::quote_go(text)));
    }
    let whole = float as i64;
    Ok(Number { text: text.to_owned(), int: (whole as f64 == float).then_some(whole), float: Some(float) })
}
