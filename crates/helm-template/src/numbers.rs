//! Whole numbers as Go's `strconv.ParseInt(text, 0, …)` reads them, which templates, YAML and casts all go through.

/// Sign, a base's prefix (`0x`, `0o`, `0b`, or a leading 0 for base 8), digits with underscores between them. What fits
/// neither an `int64` nor a `uint64` is none; which of the two it has to fit is the caller's.
pub(crate) fn parse_int(text: &str) -> Option<i128> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = body.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    let plain = without_underscores(digits, radix != 10)?;
    if !plain.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(&plain, radix).ok()?);
    Some(if negative { -magnitude } else { magnitude })
}

/// Underscores may stand between digits, and behind a prefix.
fn without_underscores(digits: &str, after_prefix: bool) -> Option<String> {
    let mut before_is_digit = after_prefix;
    for c in digits.chars() {
        if c == '_' && !before_is_digit {
            return None;
        }
        before_is_digit = c != '_';
    }
    if digits.ends_with('_') { None } else { Some(digits.replace('_', "")) }
}

#[cfg(test)]
mod tests {
    use super::parse_int;

    #[test]
    fn whole_numbers_are_read_as_go_reads_them() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("42", Some(42)),
            ("+7", Some(7)),
            ("010", Some(8)),
            ("0o17", Some(15)),
            ("0x1F", Some(31)),
            ("-0b101", Some(-5)),
            ("1_000", Some(1000)),
            ("0x_1f", Some(31)),
            ("0_7", Some(7)),
            ("18446744073709551615", Some(18_446_744_073_709_551_615)),
            ("18446744073709551616", None),
            ("", None),
            ("-", None),
            ("08", None),
            ("0x", None),
            ("_1", None),
            ("1_", None),
            ("1__0", None),
            ("+-1", None),
            ("0x-1", None),
            ("1.0", None),
        ] {
            assert_eq!(parse_int(text), wanted, "{text}");
        }
    }
}
