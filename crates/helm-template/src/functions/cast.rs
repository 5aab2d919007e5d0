//! Numbers out of anything, as `spf13/cast` reads them: what `int`, `add`, `mul` and their like do with arguments.

use crate::value::Value;

/// As `cast.ToInt64`: strings in Go's integer syntax (`0x1f`, `010` is octal), floats cut off, what has no number is 0.
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Float(number) => float_to_int(*number),
        Value::Bool(flag) => i64::from(*flag),
        Value::Str(text) => {
            text.to_str_strict().and_then(|text| parse_int(trim_zero_decimal(text))).unwrap_or_default()
        }
        _ => 0,
    }
}

/// As `cast.ToFloat64`.
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Str(text) => text.to_str_strict().and_then(parse_float).unwrap_or_default(),
        _ => 0.0,
    }
}

/// Go's conversion on the usual processors: what does not fit becomes the smallest number.
fn float_to_int(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}

/// `5.00` reads as `5`, as `cast` has it.
fn trim_zero_decimal(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    }
}

/// As `strconv.ParseInt(text, 0, 64)`.
pub(super) fn parse_int(text: &str) -> Option<i64> {
    crate::numbers::parse_int(text).and_then(|whole| i64::try_from(whole).ok())
}

/// `0x1.8p+1`: a hexadecimal number with a power of two.
fn parse_hex_float(text: &str) -> Option<f64> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let body = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X"))?;
    let (mantissa, power) = body.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let power = power.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    let size = u64::from_str_radix(&digits, 16).ok()? as f64 * 2_f64.powi(power);
    Some(if negative { -size } else { size })
}

/// As `strconv.ParseFloat`.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    if text.contains(['x', 'X']) {
        return parse_hex_float(text).filter(|number| number.is_finite());
    }
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let named = ["inf", "infinity", "nan"].iter().any(|name| body.eq_ignore_ascii_case(name));
    let starts_well = body.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !named && !starts_well {
        return None;
    }
    let plain = if text.contains('_') {
        let bytes = text.as_bytes();
        let between_digits =
            |at: usize| at > 0 && bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(0..bytes.len()).filter(|&at| bytes[at] == b'_').all(between_digits) {
            return None;
        }
        text.replace('_', "")
    } else {
        text.to_owned()
    };
    // Too large is an error in Go, infinity here.
    plain.parse().ok().filter(|number: &f64| named || number.is_finite())
}

/// The text if it is UTF-8.
trait Strict {
    fn to_str_strict(&self) -> Option<&str>;
}

impl Strict for crate::value::Text {
    fn to_str_strict(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_integers_as_cast_does() {
        let cases = [
            ("5", 5),
            ("5.00", 5),
            ("5.5", 0),
            ("010", 8),
            ("08", 0),
            ("0x1F", 31),
            ("0b11", 3),
            ("-7", -7),
            ("1_000", 1000),
            ("1__000", 0),
            ("", 0),
            ("abc", 0),
            ("9223372036854775808", 0),
            ("-9223372036854775808", i64::MIN),
            ("+-1", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(to_int(&Value::text(text)), expected, "{text}");
        }
        assert_eq!(to_int(&Value::Float(-2.9)), -2);
        assert_eq!(to_int(&Value::Float(1e30)), i64::MIN);
        assert_eq!(to_int(&Value::Bool(true)), 1);
        assert_eq!(to_int(&Value::list(vec![])), 0);
    }

    #[test]
    fn reads_floats_as_cast_does() {
        for (text, expected) in
            [("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("x", 0.0), ("1_0.5", 10.5), ("e5", 0.0), ("1e999", 0.0)]
        {
            assert_eq!(to_float(&Value::text(text)), expected, "{text}");
        }
    }
}
