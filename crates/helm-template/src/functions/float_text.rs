//! Go's `strconv.FormatFloat` for the verbs e, E, f, F, g, G, and its `AppendFloat` as JSON uses it.

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
        (_, precision) => general(number, verb, precision),
    }
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

/// As `encoding/json` writes a float64: an exponent only below 1e-6 and from 1e21 on.
pub(crate) fn json_float(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = exponent(&format!("{number:e}"), 'e');
        // e-09 becomes e-9, as in ECMAScript.
        return match text.rsplit_once("e-0") {
            Some((mantissa, digit)) if digit.len() == 1 => format!("{mantissa}e-{digit}"),
            _ => text,
        };
    }
    if number == 0.0 && number.is_sign_negative() {
        return "-0".to_owned();
    }
    format!("{number}")
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
            (3.14159, 'g', Some(3), "3.14"),
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

    #[test]
    fn json_has_its_own_exponents() {
        for (number, expected) in
            [(1e6, "1000000"), (1e21, "1e+21"), (1e-7, "1e-7"), (0.5, "0.5"), (1e20, "100000000000000000000")]
        {
            assert_eq!(json_float(number), expected);
        }
    }
}
