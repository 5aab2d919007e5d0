//! Numbers: `add`, `div`, `max`, `round`, `until`, `seq`, `addf`, … Arguments of any type, read by [`super::cast`].

use std::str::FromStr;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};

use super::Param::{Any, Float, Int};
use super::cast::{parse_int, to_float, to_int};
use super::{Args, Function, FunctionError};
use crate::value::{Elem, List, Value};

type Answer = Result<Value, FunctionError>;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("int", &[Any], |_, a| Ok(Value::Int(to_int(&a.any(0))))),
    Function::new("int64", &[Any], |_, a| Ok(Value::Int64(to_int(&a.any(0))))),
    Function::new("float64", &[Any], |_, a| Ok(Value::Float(to_float(&a.any(0))))),
    Function::new("atoi", &[super::Param::Text], |_, a| Ok(Value::Int(atoi(&a.str(0))))),
    Function::new("toDecimal", &[Any], |_, a| Ok(Value::Int64(octal(&a.any(0))))),
    Function::new("add1", &[Any], |_, a| whole(to_int(&a.any(0)).wrapping_add(1))),
    Function::variadic("add", &[], Any, |_, a| whole(a.iter().map(to_int).fold(0, i64::wrapping_add))),
    Function::new("sub", &[Any, Any], |_, a| whole(to_int(&a[0]).wrapping_sub(to_int(&a[1])))),
    Function::variadic("mul", &[Any], Any, |_, a| whole(a.iter().map(to_int).fold(1, i64::wrapping_mul))),
    Function::new("div", &[Any, Any], |_, a| whole(to_int(&a[0]).wrapping_div(divisor(&a[1])?))),
    Function::new("mod", &[Any, Any], |_, a| whole(to_int(&a[0]).wrapping_rem(divisor(&a[1])?))),
    Function::variadic("max", &[Any], Any, |_, a| whole(a.iter().map(to_int).max().unwrap_or_default())),
    Function::variadic("biggest", &[Any], Any, |_, a| whole(a.iter().map(to_int).max().unwrap_or_default())),
    Function::variadic("min", &[Any], Any, |_, a| whole(a.iter().map(to_int).min().unwrap_or_default())),
    Function::variadic("maxf", &[Any], Any, |_, a| Ok(extreme(a, f64::max))),
    Function::variadic("minf", &[Any], Any, |_, a| Ok(extreme(a, f64::min))),
    Function::new("floor", &[Any], |_, a| Ok(Value::Float(to_float(&a.any(0)).floor()))),
    Function::new("ceil", &[Any], |_, a| Ok(Value::Float(to_float(&a.any(0)).ceil()))),
    Function::variadic("round", &[Any, Int], Float, |_, a| {
        let half = if a.len() > 2 { a.float(2) } else { 0.5 };
        Ok(Value::Float(round(to_float(&a.any(0)), a.int(1), half)))
    }),
    Function::new("add1f", &[Any], |_, a| decimals(&[a.any(0), Value::Int(1)], |x, y| Ok(x + y))),
    Function::variadic("addf", &[], Any, |_, a| decimals(&[&[Value::Float(0.0)], a].concat(), |x, y| Ok(x + y))),
    Function::variadic("subf", &[Any], Any, |_, a| decimals(a, |x, y| Ok(x - y))),
    Function::variadic("mulf", &[Any], Any, |_, a| decimals(a, |x, y| Ok(x * y))),
    Function::variadic("divf", &[Any], Any, |_, a| decimals(a, divide)),
    Function::new("until", &[Int], |_, a| Ok(numbers(steps(0, a.int(0), if a.int(0) < 0 { -1 } else { 1 })))),
    Function::new("untilStep", &[Int, Int, Int], |_, a| Ok(numbers(steps(a.int(0), a.int(1), a.int(2))))),
    Function::variadic("seq", &[], Int, |_, a| {
        let params: Vec<i64> = (0..a.len()).map(|at| a.int(at)).collect();
        Ok(Value::text(seq(&params)))
    }),
];

fn whole(number: i64) -> Answer {
    Ok(Value::Int64(number))
}

fn divisor(value: &Value) -> Result<i64, FunctionError> {
    match to_int(value) {
        0 => Err(FunctionError::new("runtime error: integer divide by zero")),
        number => Ok(number),
    }
}

/// As `strconv.Atoi` without its error: what is no number is 0, what is too large stops at the largest.
fn atoi(text: &str) -> i64 {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}

/// Reads the digits of the value's text as octal.
fn octal(value: &Value) -> i64 {
    let text = String::from_utf8_lossy(&value.print()).into_owned();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    parse_int(&format!("{sign}0o{digits}")).unwrap_or_default()
}

fn extreme(values: &[Value], choose: fn(f64, f64) -> f64) -> Value {
    let mut numbers = values.iter().map(to_float);
    let first = numbers.next().unwrap_or_default();
    // Go's Max and Min give NaN as soon as one is NaN.
    Value::Float(numbers.fold(first, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { choose(a, b) }))
}

fn round(number: f64, places: i64, half: f64) -> f64 {
    let power = 10_f64.powi(i32::try_from(places).unwrap_or(i32::MAX));
    let digit = power * number;
    let rounded = if digit.fract() >= half { digit.ceil() } else { digit.floor() };
    rounded / power
}

/// Folds floats as exact decimals, as sprig does: 0.1 and 0.2 make 0.3.
fn decimals(values: &[Value], fold: fn(BigDecimal, BigDecimal) -> Result<BigDecimal, FunctionError>) -> Answer {
    let mut numbers = values.iter().map(|value| decimal(to_float(value)));
    let mut total = numbers.next().unwrap_or_else(|| Ok(BigDecimal::zero()))?;
    for number in numbers {
        total = fold(total, number?)?;
    }
    Ok(Value::Float(total.to_string().parse().ok().or_else(|| total.to_f64()).unwrap_or_default()))
}

fn decimal(number: f64) -> Result<BigDecimal, FunctionError> {
    BigDecimal::from_str(&format!("{number:e}"))
        .map_err(|_| FunctionError::new(format!("Cannot create a Decimal from {number}")))
}

fn divide(dividend: BigDecimal, divisor: BigDecimal) -> Result<BigDecimal, FunctionError> {
    if divisor.is_zero() {
        return Err(FunctionError::new("decimal division by 0"));
    }
    Ok((dividend / divisor).with_scale_round(16, RoundingMode::HalfUp))
}

fn steps(start: i64, stop: i64, step: i64) -> Vec<i64> {
    let mut out = Vec::new();
    let mut at = start;
    if (stop < start && step >= 0) || (stop >= start && step <= 0) {
        return out;
    }
    while (stop < start && at > stop) || (stop >= start && at < stop) {
        out.push(at);
        let Some(next) = at.checked_add(step) else { break };
        at = next;
    }
    out
}

fn numbers(numbers: Vec<i64>) -> Value {
    Value::List(List::of(Elem::Int, numbers.into_iter().map(Value::Int).collect()))
}

/// As the shell's `seq`, with sprig's way to count down.
fn seq(params: &[i64]) -> String {
    let down = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let list = match *params {
        [end] => steps(1, end + down(1, end), down(1, end)),
        [start, end] => steps(start, end + down(start, end), down(start, end)),
        [start, step, end] if end < start && step > 0 => steps(start, start, 1),
        [start, step, end] => steps(start, end + down(start, end), step),
        _ => Vec::new(),
    };
    list.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}
