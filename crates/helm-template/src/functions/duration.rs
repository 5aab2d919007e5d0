//! Go's `time.Duration` in nanoseconds: its text and reading it.

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// As `Duration.String`: `1h2m3.5s`, `1.5ms`, `0s`.
pub(crate) fn text(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let n = nanos.unsigned_abs();
    let small = |unit: u64, name: &str| format!("{sign}{}{name}", decimal(n, unit));
    match n {
        0 => "0s".to_owned(),
        1..1_000 => small(1, "ns"),
        1_000..1_000_000 => small(1_000, "µs"),
        1_000_000..1_000_000_000 => small(1_000_000, "ms"),
        _ => {
            let (minutes, rest) = (n / 60_000_000_000, n % 60_000_000_000);
            let seconds = decimal(rest, 1_000_000_000);
            match minutes {
                0 => format!("{sign}{seconds}s"),
                1..60 => format!("{sign}{minutes}m{seconds}s"),
                _ => format!("{sign}{}h{}m{seconds}s", minutes / 60, minutes % 60),
            }
        }
    }
}

fn decimal(n: u64, unit: u64) -> String {
    let whole = n / unit;
    let width = unit.ilog10() as usize;
    let fraction = format!("{:0width$}", n % unit);
    match fraction.trim_end_matches('0') {
        "" => whole.to_string(),
        digits => format!("{whole}.{digits}"),
    }
}

/// As `time.ParseDuration`.
///
/// # Errors
/// Go's text, for example `time: invalid duration "x"`.
pub(crate) fn parse(input: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {input:?}");
    let (negative, mut rest) = match input.as_bytes().first() {
        Some(b'-') => (true, &input[1..]),
        Some(b'+') => (false, &input[1..]),
        _ => (false, input),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let whole_len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let whole = match &rest[..whole_len] {
            "" => 0,
            digits => digits.parse::<u64>().ok().filter(|&n| n <= 1 << 63).ok_or_else(invalid)?,
        };
        rest = &rest[whole_len..];
        let mut fraction = "";
        if let Some(tail) = rest.strip_prefix('.') {
            let len = tail.bytes().take_while(u8::is_ascii_digit).count();
            (fraction, rest) = tail.split_at(len);
        }
        if whole_len == 0 && fraction.is_empty() {
            return Err(invalid());
        }
        let name_len = rest.bytes().take_while(|b| *b != b'.' && !b.is_ascii_digit()).count();
        if name_len == 0 {
            return Err(format!("time: missing unit in duration {input:?}"));
        }
        let (name, tail) = rest.split_at(name_len);
        rest = tail;
        let Some(&(_, unit)) = UNITS.iter().find(|(known, _)| *known == name) else {
            return Err(format!("time: unknown unit {name:?} in duration {input:?}"));
        };
        let mut nanos = whole.checked_mul(unit).ok_or_else(invalid)?;
        if !fraction.is_empty() {
            // Computed in Go's order, so that it is cut off at the same nanosecond. 18 digits fit into 63 bits.
            let digits = &fraction[..fraction.len().min(18)];
            let scale = 10_f64.powi(digits.len() as i32);
            let part = digits.parse::<u64>().unwrap_or(0) as f64 * (unit as f64 / scale);
            nanos = nanos.checked_add(part as u64).ok_or_else(invalid)?;
        }
        total = total.checked_add(nanos).filter(|&n| n <= 1 << 63).ok_or_else(invalid)?;
    }
    if negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| invalid())
}

/// As sprig's `durationRound`: the largest unit alone, `2mo`, `3h`, `0s`.
pub(crate) fn rounded(nanos: i64) -> String {
    const HOUR: u64 = 3_600_000_000_000;
    const STEPS: [(u64, &str); 6] = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (HOUR / 3600, "s"),
    ];
    let n = nanos.unsigned_abs();
    STEPS.iter().find(|(unit, _)| n > *unit).map_or("0s".to_owned(), |(unit, name)| format!("{}{name}", n / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let cases = [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (2_000_000, "2ms"),
            (95_000_000_000, "1m35s"),
            (3_600_000_000_000, "1h0m0s"),
            (-3_723_500_000_000, "-1h2m3.5s"),
        ];
        for (nanos, expected) in cases {
            assert_eq!(text(nanos), expected);
        }
    }

    #[test]
    fn reads() {
        let ok = [
            ("0", 0),
            ("1.5h", 5_400_000_000_000),
            ("-1h30m", -5_400_000_000_000),
            ("2m3.25s", 123_250_000_000),
            (".5s", 500_000_000),
        ];
        for (input, nanos) in ok {
            assert_eq!(parse(input), Ok(nanos), "{input}");
        }
        let bad = [
            ("", r#"time: invalid duration """#),
            ("3", r#"time: missing unit in duration "3""#),
            ("3d", r#"time: unknown unit "d" in duration "3d""#),
            ("x", r#"time: invalid duration "x""#),
        ];
        for (input, error) in bad {
            assert_eq!(parse(input), Err(error.to_owned()), "{input}");
        }
    }

    #[test]
    fn rounds_to_the_largest_unit() {
        let hour = 3_600_000_000_000;
        for (nanos, expected) in
            [(0, "0s"), (2 * hour + 10, "2h"), (hour * 24 * 400, "1y"), (-hour * 24 * 61, "2mo"), (1_000_000_001, "1s")]
        {
            assert_eq!(rounded(nanos), expected);
        }
    }
}
