//! Floats as Go prints them.

/// Go's `%v` of a float64: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e+06 on.
#[must_use]
pub fn format_float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    // Rust prints the shortest digits too: `d.ddde±x`.
    exponent_outside(&format!("{number:e}"), || number.to_string())
}

/// The same with the precision of a float32.
#[must_use]
pub fn format_float32(number: f32) -> String {
    if number == 0.0 || !number.is_finite() {
        return format_float(f64::from(number));
    }
    exponent_outside(&format!("{number:e}"), || number.to_string())
}

fn exponent_outside(scientific: &str, plain: impl FnOnce() -> String) -> String {
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific.to_owned() };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return plain();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_go() {
        for (number, wide, narrow) in [
            (1.0, "1", "1"),
            (1e6, "1e+06", "1e+06"),
            (123_456.0, "123456", "123456"),
            (1.5e30, "1.5e+30", "1.5e+30"),
            (1e-5, "1e-05", "1e-05"),
            (123_456_789.125, "1.23456789125e+08", "1.2345679e+08"),
            (0.1, "0.1", "0.1"),
            (-0.0, "-0", "-0"),
            (f64::NEG_INFINITY, "-Inf", "-Inf"),
        ] {
            assert_eq!((format_float(number).as_str(), format_float32(number as f32).as_str()), (wide, narrow));
        }
    }
}
