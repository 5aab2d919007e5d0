//! Go's regular expression syntax, rewritten for the `regex` crate, which is its close relative.
//!
//! What differs: classes like `\d` are ASCII in Go; `[`, `&&`, `--`, `~~` are plain inside Go's brackets; a `{` that
//! starts no repetition is plain; `\Q…\E` quotes; any ASCII punctuation may be escaped.

/// `pattern` in the syntax of the `regex` crate.
///
/// # Errors
/// Go's words for what is wrong, with the part it is about.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut open = 0_usize;
    // Whether there is something that a repetition can repeat, and whether it is repeated already.
    let mut repeatable = false;
    while let Some(c) = rest.chars().next() {
        match c {
            '\\' => {
                if let Some(tail) = rest.strip_prefix("\\Q") {
                    let (quoted, after) = tail.split_once("\\E").unwrap_or((tail, ""));
                    out += &regex::escape(quoted);
                    repeatable |= !quoted.is_empty();
                    rest = after;
                    continue;
                }
                let len = escape(rest, false, &mut out)?;
                repeatable = true;
                rest = &rest[len..];
            }
            '[' => {
                let len = class(rest, &mut out)?;
                repeatable = true;
                rest = &rest[len..];
            }
            '(' => {
                let len = group_open(rest, &mut out)?;
                // Flags alone, as in (?i), open no group.
                open += usize::from(!rest[..len].ends_with(')'));
                repeatable = false;
                rest = &rest[len..];
            }
            ')' => {
                open = open.checked_sub(1).ok_or_else(|| format!("unexpected ): `{pattern}`"))?;
                out.push(')');
                repeatable = true;
                rest = &rest[1..];
            }
            '*' | '+' | '?' | '{' => {
                let Some(len) = repetition(rest)? else {
                    out.push_str("\\{");
                    repeatable = true;
                    rest = &rest[1..];
                    continue;
                };
                if !repeatable {
                    return Err(format!("missing argument to repetition operator: `{}`", &rest[..len]));
                }
                if let Some(again) = repetition(&rest[len..]).ok().flatten() {
                    return Err(format!("invalid nested repetition operator: `{}`", &rest[..len + again]));
                }
                out.push_str(&rest[..len]);
                rest = &rest[len..];
            }
            '|' => {
                out.push('|');
                repeatable = false;
                rest = &rest[1..];
            }
            c => {
                out.push(c);
                repeatable = true;
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    if open > 0 {
        return Err(format!("missing closing ): `{pattern}`"));
    }
    Ok(out)
}

/// The length of the repetition at the front of `rest` with its `?`; `None` for a plain `{` or anything else.
fn repetition(rest: &str) -> Result<Option<usize>, String> {
    let len = match rest.as_bytes().first() {
        Some(b'*' | b'+' | b'?') => 1,
        Some(b'{') => {
            let Some(end) = rest.find('}') else { return Ok(None) };
            let body = &rest[1..end];
            let (low, high) = match body.split_once(',') {
                Some((low, high)) => (low, Some(high)),
                None => (body, None),
            };
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !digits(low) || high.is_some_and(|high| !high.is_empty() && !digits(high)) {
                return Ok(None);
            }
            let size = |text: &str| text.parse::<u32>().unwrap_or(u32::MAX);
            let most = high.filter(|high| !high.is_empty()).map_or(size(low), size);
            if size(low) > 1000 || most > 1000 || size(low) > most {
                return Err(format!("invalid repeat count: `{}`", &rest[..=end]));
            }
            end + 1
        }
        _ => return Ok(None),
    };
    Ok(Some(len + usize::from(rest[len..].starts_with('?'))))
}

/// Writes what opens a group; its length in `rest`.
fn group_open(rest: &str, out: &mut String) -> Result<usize, String> {
    if !rest.starts_with("(?") {
        out.push('(');
        return Ok(1);
    }
    for start in ["(?P<", "(?<"] {
        let Some(body) = rest.strip_prefix(start) else { continue };
        if start == "(?<" && body.starts_with(['=', '!']) {
            return Err(format!("invalid or unsupported Perl syntax: `{}`", &rest[..4]));
        }
        let Some((name, _)) = body.split_once('>') else {
            return Err(format!("invalid named capture: `{rest}`"));
        };
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(format!("invalid named capture: `{start}{name}>`"));
        }
        out.push_str(start);
        out.push_str(name);
        out.push('>');
        return Ok(start.len() + name.len() + 1);
    }
    let flags = rest[2..].bytes().take_while(|byte| b"imsU-".contains(byte)).count();
    let len = 2 + flags + 1;
    match rest.as_bytes().get(2 + flags) {
        Some(b':' | b')') => {
            out.push_str(&rest[..len]);
            Ok(len)
        }
        Some(_) => {
            let end = rest.char_indices().nth(3 + flags).map_or(rest.len(), |(at, _)| at);
            Err(format!("invalid or unsupported Perl syntax: `{}`", &rest[..end]))
        }
        None => Err(format!("invalid or unsupported Perl syntax: `{rest}`")),
    }
}

/// Writes an escape that starts `rest` (a backslash); its length. `inside` brackets some mean something else.
fn escape(rest: &str, inside: bool, out: &mut String) -> Result<usize, String> {
    let Some(c) = rest[1..].chars().next() else {
        return Err("trailing backslash at end of expression: ``".to_owned());
    };
    let plain = match (c, inside) {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('D', _) => "[^0-9]",
        ('w', true) => "0-9A-Za-z_",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', true) => r"\t\n\f\r ",
        ('s', false) => r"[\t\n\f\r ]",
        ('S', _) => r"[^\t\n\f\r ]",
        ('b', false) => r"(?-u:\b)",
        ('B', false) => r"(?-u:\B)",
        ('A', false) => r"\A",
        ('z', false) => r"\z",
        ('a', _) => r"\x07",
        ('f', _) => r"\x0C",
        ('t', _) => r"\t",
        ('n', _) => r"\n",
        ('r', _) => r"\r",
        ('v', _) => r"\x0B",
        _ => "",
    };
    if !plain.is_empty() {
        out.push_str(plain);
        return Ok(2);
    }
    let invalid = |len: usize| Err(format!("invalid escape sequence: `{}`", rest.get(..len).unwrap_or(rest)));
    match c {
        'p' | 'P' => {
            let body = &rest[2..];
            let len = match body.strip_prefix('{') {
                Some(name) => name.find('}').map(|len| len + 2),
                None => body.chars().next().map(char::len_utf8),
            };
            let unknown = |text: &str| Err(format!("invalid character class range: `{text}`"));
            let Some(len) = len else { return unknown(rest) };
            if regex::Regex::new(&rest[..2 + len]).is_err() {
                return unknown(&rest[..2 + len]);
            }
            out.push_str(&rest[..2 + len]);
            Ok(2 + len)
        }
        'x' => {
            let body = &rest[2..];
            let (digits, len) = match body.strip_prefix('{') {
                Some(inner) => match inner.find('}') {
                    Some(end) => (&inner[..end], end + 4),
                    None => return invalid(rest.len()),
                },
                None => (body.get(..2).unwrap_or(body), 4),
            };
            match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                Some(c) if !digits.is_empty() && !digits.starts_with('+') => {
                    *out += &format!("\\x{{{:X}}}", u32::from(c));
                    Ok(len.min(rest.len()))
                }
                _ => invalid(len),
            }
        }
        '0'..='7' => {
            let digits = rest[1..].bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            if c != '0' && digits == 1 {
                return invalid(2);
            }
            let code = u32::from_str_radix(&rest[1..=digits], 8).unwrap_or_default();
            *out += &format!("\\x{{{code:X}}}");
            Ok(1 + digits)
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => {
            *out += &format!("\\x{{{:X}}}", u32::from(c));
            Ok(2)
        }
        c => invalid(1 + c.len_utf8()),
    }
}

/// Writes the bracket expression that starts `rest`; its length.
fn class(rest: &str, out: &mut String) -> Result<usize, String> {
    let missing = || format!("missing closing ]: `{rest}`");
    let mut at = 1;
    out.push('[');
    if rest[at..].starts_with('^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    // The character before, where it starts, and whether a hyphen follows it.
    let mut before: Option<(char, usize, bool)> = None;
    loop {
        let tail = &rest[at..];
        let c = tail.chars().next().ok_or_else(missing)?;
        match c {
            ']' if at > first => {
                out.push(']');
                return Ok(at + 1);
            }
            '[' if tail.starts_with("[:") && tail.contains(":]") => {
                let end = tail.find(":]").map_or(tail.len(), |end| end + 2);
                out.push_str(&tail[..end]);
                at += end;
            }
            '\\' => at += escape(tail, true, out)?,
            '-' if at == first || tail[1..].starts_with(']') => {
                out.push_str("\\-");
                at += 1;
            }
            '-' if before.is_some_and(|(.., hyphen)| !hyphen) => {
                out.push('-');
                at += 1;
                before = before.map(|(low, start, _)| (low, start, true));
                continue;
            }
            c => {
                if let Some((low, start, true)) = before
                    && c < low
                {
                    return Err(format!("invalid character class range: `{}`", &rest[start..at + c.len_utf8()]));
                }
                if matches!(c, '[' | ']' | '&' | '~' | '^' | '-') {
                    out.push('\\');
                }
                out.push(c);
                let ends_range = before.is_some_and(|(.., hyphen)| hyphen);
                before = if ends_range { None } else { Some((c, at, false)) };
                at += c.len_utf8();
                continue;
            }
        }
        before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_the_same_in_the_crate() {
        let cases: [(&str, &str, Option<&str>); 18] = [
            (r"\d+", "a٣12", Some("12")),
            (r"[\d.]+", "v1.2", Some("1.2")),
            (r"[^\w]", "é", Some("é")),
            (r"[[a]+", "x[a", Some("[a")),
            (r"[a&&b]+", "a&b", Some("a&b")),
            (r"[a~~b]+", "~", Some("~")),
            (r"[]a]+", "]a", Some("]a")),
            (r"[a-]+", "a-", Some("a-")),
            (r"[+--]+", "+,-", Some("+,-")),
            (r"a{,2}", "a{,2}", Some("a{,2}")),
            (r"{{x}}", "{{x}}", Some("{{x}}")),
            (r"a{2}", "aa", Some("aa")),
            (r"\Qa.b\E+", "a.bb", Some("a.bb")),
            (r"\_\-\/\<", "_-/<", Some("_-/<")),
            (r"(?i)ABC", "xabc", Some("abc")),
            (r"(?P<n>[[:alpha:]]+)$", "12ab", Some("ab")),
            (r"\x41\x{42}\101", "ABA", Some("ABA")),
            (r"^\s*$", "\u{a0}", None),
        ];
        for (pattern, text, expected) in cases {
            let regex = regex::Regex::new(&translate(pattern).unwrap()).unwrap();
            assert_eq!(regex.find(text).map(|found| found.as_str()), expected, "{pattern}");
        }
    }

    #[test]
    fn says_what_go_says() {
        let cases = [
            ("a(b", "missing closing ): `a(b`"),
            ("a)b", "unexpected ): `a)b`"),
            ("a[b", "missing closing ]: `[b`"),
            ("*a", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            (r"\8", r"invalid escape sequence: `\8`"),
            ("a(?=b)", "invalid or unsupported Perl syntax: `(?=`"),
            ("a\\", "trailing backslash at end of expression: ``"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(translate(pattern), Err(expected.to_owned()), "{pattern}");
        }
    }
}
