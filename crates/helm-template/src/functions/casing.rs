//! Case, words and wrapping: `upper`, `title`, `snakecase`, `abbrev`, `wrap`, …
//!
//! Ports of Go's simple case mappings, of `xstrings` and of `goutils`, with their ways of counting (some count bytes).

use std::sync::LazyLock;

use regex::Regex;

use super::Param::{Int, Text as T};
use super::{Args, Function};
use crate::value::Value;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("upper", &[T], |_, a| Ok(Value::text(a.str(0).chars().map(to_upper).collect::<String>()))),
    Function::new("lower", &[T], |_, a| Ok(Value::text(a.str(0).chars().map(to_lower).collect::<String>()))),
    Function::new("title", &[T], |_, a| Ok(Value::text(title(&a.str(0))))),
    Function::new("untitle", &[T], |_, a| Ok(Value::text(untitle(&a.str(0))))),
    Function::new("swapcase", &[T], |_, a| Ok(Value::text(swap_case(&a.str(0))))),
    Function::new("camelcase", &[T], |_, a| Ok(Value::text(pascal_case(&a.str(0))))),
    Function::new("snakecase", &[T], |_, a| Ok(Value::text(lower_case_words(&a.str(0), '_')))),
    Function::new("kebabcase", &[T], |_, a| Ok(Value::text(lower_case_words(&a.str(0), '-')))),
    Function::new("initials", &[T], |_, a| Ok(Value::text(initials(&a.text(0))))),
    Function::new("nospace", &[T], |_, a| Ok(Value::text(no_space(&a.text(0))))),
    Function::new("abbrev", &[Int, T], |_, a| {
        let (width, text) = (a.int(0), a.text(1));
        Ok(Value::text(if width < 4 { text.to_vec() } else { abbreviate(&text, 0, width) }))
    }),
    Function::new("abbrevboth", &[Int, Int, T], |_, a| {
        let (left, right, text) = (a.int(0), a.int(1), a.text(2));
        let as_is = right < 4 || (left > 0 && right < 7);
        Ok(Value::text(if as_is { text.to_vec() } else { abbreviate(&text, left, right) }))
    }),
    Function::new("wrap", &[Int, T], |_, a| Ok(Value::text(wrap(&a.text(1), a.int(0), b"\n", false)))),
    Function::new("wrapWith", &[Int, T, T], |_, a| {
        let line_end = a.text(1);
        let line_end = if line_end.is_empty() { b"\n" } else { line_end.as_bytes() };
        Ok(Value::text(wrap(&a.text(2), a.int(0), line_end, true)))
    }),
];

/// Go maps one character to one character; where Unicode's full mapping is longer, the simple one is used.
fn to_upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => match c {
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
                char::from_u32(u32::from(c) + 8).unwrap_or(c)
            }
            '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => char::from_u32(u32::from(c) + 9).unwrap_or(c),
            _ => c,
        },
    }
}

/// As upper case, but for the digraphs that have a form of their own.
fn to_title(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        c => to_upper(c),
    }
}

fn to_lower(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(lower), None) => lower,
        _ if c == '\u{130}' => 'i',
        _ => c,
    }
}

/// As `strings.Title`: every letter behind something that is neither letter, digit nor underscore.
fn title(text: &str) -> String {
    let mut before = ' ';
    text.chars()
        .map(|c| {
            let separator = if before.is_ascii() {
                !(before.is_ascii_alphanumeric() || before == '_')
            } else {
                before.is_whitespace()
            };
            before = c;
            if separator { to_title(c) } else { c }
        })
        .collect()
}

fn untitle(text: &str) -> String {
    let mut next = true;
    text.chars()
        .map(|c| {
            if c.is_whitespace() {
                next = true;
                return c;
            }
            if std::mem::take(&mut next) { to_lower(c) } else { c }
        })
        .collect()
}

fn swap_case(text: &str) -> String {
    let mut space = true;
    text.chars()
        .map(|c| {
            if c.is_uppercase() {
                space = false;
                to_lower(c)
            } else if c.is_lowercase() {
                if std::mem::take(&mut space) { to_title(c) } else { to_upper(c) }
            } else {
                space = c.is_whitespace();
                c
            }
        })
        .collect()
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

/// As `xstrings.ToPascalCase`.
fn pascal_case(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    let mut current = '\0';
    let mut after_upper = false;
    let mut found = false;
    for c in chars.by_ref() {
        if !is_connector(c) {
            after_upper = c.is_uppercase();
            current = to_upper(c);
            found = true;
            break;
        }
        // The last connector is kept in hand, as in the original, in case nothing follows.
        out.push(c);
    }
    if !found {
        // A text of connectors only ends with its last one twice, as in the original.
        if let Some(last) = text.chars().last() {
            out.push(last);
        }
        return out;
    }
    for c in chars {
        let before = std::mem::replace(&mut current, c);
        if is_connector(c) && is_connector(before) {
            out.push(before);
            continue;
        }
        if is_connector(before) {
            after_upper = c.is_uppercase();
            current = to_upper(c);
        } else {
            if after_upper {
                if c.is_uppercase() {
                    current = to_lower(c);
                } else {
                    after_upper = false;
                }
            }
            out.push(before);
        }
    }
    out.push(current);
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    None,
    Number,
    UpperCase,
    Alphabet,
    Connector,
    Punct,
    Other,
}

fn is_punct(c: char) -> bool {
    static PUNCT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{P}$").ok());
    if c.is_ascii() {
        return c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c);
    }
    PUNCT.as_ref().is_some_and(|punct| punct.is_match(c.encode_utf8(&mut [0; 4])))
}

/// A letter of a script that has words; Chinese characters stand alone.
fn is_alphabet(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}')
}

/// The first word of `text`, its kind, and the rest.
fn next_word(text: &str) -> (Word, &str, &str) {
    let Some(first) = text.chars().next() else { return (Word::None, "", "") };
    let run =
        |from: usize, more: &dyn Fn(char) -> bool| text[from..].find(|c| !more(c)).map_or(text.len(), |len| from + len);
    let head = first.len_utf8();
    let (word, end) = if is_connector(first) {
        (Word::Connector, run(head, &is_connector))
    } else if is_punct(first) {
        (Word::Punct, run(head, &is_punct))
    } else if first.is_uppercase() {
        (Word::UpperCase, upper_case_end(text, head))
    } else if is_alphabet(first) {
        (Word::Alphabet, run(head, &|c| is_alphabet(c) && !c.is_uppercase()))
    } else if first.is_numeric() {
        (Word::Number, run(head, &char::is_numeric))
    } else {
        let other = |c| !(is_connector(c) || is_alphabet(c) || c.is_numeric() || is_punct(c));
        (Word::Other, run(head, &other))
    };
    (word, &text[..end], &text[end..])
}

/// Where a word that starts with a capital ends: `Word` at its last small letter, `HTTPServer` before `S`.
fn upper_case_end(text: &str, head: usize) -> usize {
    let Some(second) = text[head..].chars().next() else { return head };
    if !second.is_uppercase() {
        if !is_alphabet(second) {
            return head;
        }
        let small = |c: char| is_alphabet(c) && !c.is_uppercase();
        return text[head..].find(|c| !small(c)).map_or(text.len(), |len| head + len);
    }
    let end = text[head..].find(|c: char| !c.is_uppercase()).map_or(text.len(), |len| head + len);
    match text[end..].chars().next() {
        Some(c) if is_alphabet(c) => end - text[..end].chars().next_back().map_or(0, char::len_utf8),
        _ => end,
    }
}

/// As `xstrings.ToSnakeCase` and `ToKebabCase`.
fn lower_case_words(text: &str, connector: char) -> String {
    let mut out = String::new();
    let (mut kind, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if kind != Word::Connector {
            push_lower(&mut out, kind, word, connector);
        }
        let (before, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match before {
            Word::Number => {
                while matches!(kind, Word::Alphabet | Word::Number) {
                    push_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::None | Word::Punct | Word::Connector) {
                    out.push(connector);
                }
            }
            Word::Connector => push_lower(&mut out, before, last, connector),
            Word::Punct => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punct) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind != Word::Alphabet {
                    push_lower(&mut out, Word::Number, number, connector);
                    if !matches!(kind, Word::Connector | Word::Punct) {
                        out.push(connector);
                    }
                    continue;
                }
                out.push(connector);
                push_lower(&mut out, Word::Number, number, connector);
                while matches!(kind, Word::Alphabet | Word::Number) {
                    push_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::None | Word::Connector | Word::Punct) {
                    out.push(connector);
                }
            }
        }
    }
    push_lower(&mut out, kind, word, connector);
    out
}

fn push_lower(out: &mut String, kind: Word, word: &str, connector: char) {
    if !matches!(kind, Word::UpperCase | Word::Connector) {
        out.push_str(word);
        return;
    }
    out.extend(word.chars().map(|c| if is_connector(c) { connector } else { to_lower(c) }));
}

/// Whether a byte, read as a character of its own, is a space: `goutils` walks bytes.
fn is_space_byte(byte: u8) -> bool {
    char::from(byte).is_whitespace()
}

fn initials(text: &[u8]) -> String {
    let mut gap = true;
    let mut out = String::new();
    for &byte in text {
        if is_space_byte(byte) {
            gap = true;
        } else if std::mem::take(&mut gap) {
            out.push(char::from(byte));
        }
    }
    out
}

fn no_space(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|&byte| is_space_byte(byte)) {
        return text.to_vec();
    }
    // Each byte becomes a character of its own, as in the original.
    text.iter().filter(|&&byte| !is_space_byte(byte)).map(|&byte| char::from(byte)).collect::<String>().into_bytes()
}

fn abbreviate(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    let len = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let place = |n: i64| usize::try_from(n).unwrap_or_default().min(text.len());
    if text.is_empty() || width < 4 {
        return Vec::new();
    }
    if len <= width {
        return text.to_vec();
    }
    let offset = offset.min(len).min(len - (width - 3));
    if offset <= 4 {
        return [&text[..place(width - 3)], b"..."].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + width - 3 < len {
        return [b"...".as_slice(), &abbreviate(&text[place(offset)..], 0, width - 3)].concat();
    }
    [b"...", &text[place(len - (width - 3))..]].concat()
}

fn wrap(text: &[u8], width: i64, line_end: &[u8], break_long: bool) -> Vec<u8> {
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let mut out = Vec::new();
    let mut at = 0;
    while text.len() - at > width {
        if text[at] == b' ' {
            at += 1;
            continue;
        }
        let window = &text[at..=at + width];
        let space = match window.iter().rposition(|&byte| byte == b' ') {
            Some(place) => Some(at + place),
            None if break_long => {
                out.extend_from_slice(&text[at..at + width]);
                out.extend_from_slice(line_end);
                at += width;
                continue;
            }
            None => text[at + width..].iter().position(|&byte| byte == b' ').map(|place| at + width + place),
        };
        let Some(space) = space else { break };
        out.extend_from_slice(&text[at..space]);
        out.extend_from_slice(line_end);
        at = space + 1;
    }
    out.extend_from_slice(&text[at..]);
    out
}
