//! Go's `strconv.FormatFloat` for the verbs e, E, f, F, g, G, x, X, b.

/// The digits of a number that is not negative (infinity is `Inf`, not a number `NaN`). `precision` is the number of
/// digits behind the point (e, f) or in all (g); `None` means as many as are needed to read the same number back.
pub(crate) fn float_text(number: f64, verb: char, precision: Option<usize>) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return "Inf".to_owned();
    }
    match (verb, precision) {
        ('f' | 'F', Some(places)) => format!("{number:.places$}"),
        ('f' | 'F', None) => format!("{number}"),
        ('e' | 'E', Some(places)) => exponent(&format!("{number:.places$e}"), verb),
        ('e' | 'E', None) => exponent(&format!("{number:e}"), verb),
        ('b', _) => {
            let (mantissa, power) = parts(number);
            format!("{mantissa}p{power:+}")
        }
        ('x' | 'X', precision) => hexadecimal(number, verb, precision),
        (_, precision) => general(number, verb, precision),
    }
}

/// The number as a whole number times a power of two.
fn parts(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match i32::try_from(bits >> 52 & 0x7ff).unwrap_or_default() {
        0 => (fraction, -1074),
        power => (fraction | 1 << 52, power - 1075),
    }
}

/// `0x1.8p+01`.
fn hexadecimal(number: f64, verb: char, precision: Option<usize>) -> String {
    let (mut mantissa, mut power) = parts(number);
    if mantissa == 0 {
        power = 0;
    } else {
        let shift = mantissa.leading_zeros() - 11;
        mantissa <<= shift;
        power += 52 - i32::try_from(shift).unwrap_or_default();
    }
    if let Some(places) = precision.filter(|&places| places < 13) {
        // Half to even, at the last place that is kept.
        let cut = 4 * (13 - places);
        let (half, rest) = (1_u64 << (cut - 1), mantissa & ((1 << cut) - 1));
        mantissa >>= cut;
        if rest > half || (rest == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= cut;
        if mantissa >> 53 == 1 {
            mantissa >>= 1;
            power += 1;
        }
    }
    let digits = format!("{:013x}", mantissa & ((1 << 52) - 1));
    let digits = match precision {
        None => digits.trim_end_matches('0').to_owned(),
        Some(places) => digits.chars().chain(std::iter::repeat('0')).take(places).collect(),
    };
    let point = if digits.is_empty() { "" } else { "." };
    let sign = if power < 0 { '-' } else { '+' };
    let text = format!("0x{}{point}{digits}p{sign}{:02}", mantissa >> 52, power.abs());
    if verb == 'X' { text.to_ascii_uppercase() } else { text }
}

/// `1.5e7` with Go's exponent: a sign and at least two digits.
fn exponent(text: &str, verb: char) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else { return text.to_owned() };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    let e = if verb.is_ascii_uppercase() { 'E' } else { 'e' };
    format!("{mantissa}{e}{sign}{digits:0>2}")
}

fn general(number: f64, verb: char, precision: Option<usize>) -> String {
    let scientific = match precision {
        None => format!("{number:e}"),
        Some(digits) => format!("{number:.*e}", digits.max(1) - 1),
    };
    let Some((mantissa, power)) = scientific.split_once('e') else { return scientific };
    let power: i32 = power.parse().unwrap_or(0);
    let trimmed = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let digits: String = trimmed.chars().filter(char::is_ascii_digit).collect();
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    // Go changes to an exponent at the precision, at 6 for the shortest form, and not before the digits run out.
    let limit = match precision {
        None => 6,
        Some(wanted) => {
            let wanted = i32::try_from(wanted.max(1)).unwrap_or(i32::MAX);
            if wanted > count && count > power { count } else { wanted }
        }
    };
    if power < -4 || power >= limit {
        return exponent(&format!("{trimmed}e{power}"), if verb == 'G' { 'E' } else { 'e' });
    }
    if power < 0 {
        let zeros = usize::try_from(-power - 1).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    }
    let whole = usize::try_from(power + 1).unwrap_or(1);
    if digits.len() <= whole {
        return format!("{digits:0<whole$}");
    }
    format!("{}.{}", &digits[..whole], &digits[whole..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_go_does() {
        let cases = [
            (0.0, 'g', None, "0"),
            (5.0, 'g', None, "5"),
            (1_000_000.0, 'g', None, "1e+06"),
            (123_456.75, 'g', None, "123456.75"),
            (0.0001, 'g', None, "0.0001"),
            (0.00001, 'g', None, "1e-05"),
            (2.75159, 'g', Some(3), "2.75"),
            (1234.5678, 'g', Some(2), "1.2e+03"),
            (100_000.0, 'g', Some(10), "100000"),
            (1.5, 'f', Some(6), "1.500000"),
            (2.5, 'f', Some(0), "2"),
            (1e21, 'e', Some(2), "1.00e+21"),
            (1e-7, 'E', Some(1), "1.0E-07"),
        ];
        for (number, verb, precision, expected) in cases {
            assert_eq!(float_text(number, verb, precision), expected, "{number} {verb} {precision:?}");
        }
    }
}
