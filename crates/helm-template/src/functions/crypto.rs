//! Random values: `randAlphaNum`, `randInt`, `shuffle`, `uuidv4`, … Each is drawn once through [`super::Env::draw`].
//!
//! Certificates and keys are in [`super::certs`], passwords in [`super::passwords`].

use aws_lc_rs::rand::fill;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest as _;

use super::Param::{Int, Text as T};
use super::{Args, Env, Function, FunctionError};
use crate::value::Value;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("randAlphaNum", &[Int], |env, a| random_text(env, "randAlphaNum", a, char_is_alphanumeric)),
    Function::new("randAlpha", &[Int], |env, a| random_text(env, "randAlpha", a, |byte| byte.is_ascii_alphabetic())),
    Function::new("randNumeric", &[Int], |env, a| random_text(env, "randNumeric", a, |byte| byte.is_ascii_digit())),
    Function::new("randAscii", &[Int], |env, a| random_text(env, "randAscii", a, |byte| (32..127).contains(&byte))),
    Function::new("randBytes", &[Int], |env, a| {
        let count =
            usize::try_from(a.int(0)).map_err(|_| FunctionError::new("runtime error: makeslice: len out of range"))?;
        let text = drawn(env, "randBytes", a, &|| {
            let mut bytes = vec![0; count];
            fill(&mut bytes).map_err(|_| no_randomness())?;
            Ok(STANDARD.encode(bytes))
        })?;
        Ok(Value::text(text))
    }),
    Function::new("randInt", &[Int, Int], |env, a| {
        let (least, end) = (a.int(0), a.int(1));
        let span = end.checked_sub(least).and_then(|span| u64::try_from(span).ok()).filter(|&span| span > 0);
        let span = span.ok_or_else(|| FunctionError::new("invalid argument to Intn"))?;
        let text = drawn(env, "randInt", a, &|| Ok(least.wrapping_add(below(span)? as i64).to_string()))?;
        text.parse().map(Value::Int).map_err(|_| FunctionError::new("the kept value is not a number"))
    }),
    Function::new("shuffle", &[T], |env, a| {
        let text = a.str(0);
        let key = [digest(text.as_bytes())];
        let shuffled = drawn(env, "shuffle", &key, &|| {
            let mut chars: Vec<char> = text.chars().collect();
            for end in (1..chars.len()).rev() {
                let at = usize::try_from(below(end as u64 + 1)?).unwrap_or_default();
                chars.swap(end, at);
            }
            Ok(chars.into_iter().collect())
        })?;
        Ok(Value::text(shuffled))
    }),
    Function::new("uuidv4", &[], |env, a| {
        let text = drawn(env, "uuidv4", a, &|| {
            let mut bytes = [0; 16];
            fill(&mut bytes).map_err(|_| no_randomness())?;
            bytes[6] = bytes[6] & 0x0f | 0x40;
            bytes[8] = bytes[8] & 0x3f | 0x80;
            let hex = hex::encode(bytes);
            Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
        })?;
        Ok(Value::text(text))
    }),
];

fn char_is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn no_randomness() -> FunctionError {
    FunctionError::new("the system gives no random numbers")
}

/// What stands for a secret argument in a draw's key, so that keys can be written down.
pub(super) fn digest(secret: &[u8]) -> Value {
    Value::text(format!("sha256:{}", hex::encode(sha2::Sha256::digest(secret))))
}

/// Draws a value that may fail to be made.
pub(super) fn drawn(
    env: &mut Env<'_>,
    function: &'static str,
    arguments: &[Value],
    make: &dyn Fn() -> Result<String, FunctionError>,
) -> Result<String, FunctionError> {
    let mut failed = None;
    let text = env.draw(function, arguments, &mut || {
        make().unwrap_or_else(|error| {
            failed = Some(error);
            String::new()
        })
    });
    failed.map_or(Ok(text), Err)
}

/// A number under `end`, each as likely.
fn below(end: u64) -> Result<u64, FunctionError> {
    let fair = u64::MAX - u64::MAX % end;
    loop {
        let mut bytes = [0; 8];
        fill(&mut bytes).map_err(|_| no_randomness())?;
        let number = u64::from_be_bytes(bytes);
        if number < fair {
            return Ok(number % end);
        }
    }
}

fn random_text(
    env: &mut Env<'_>,
    function: &'static str,
    arguments: &[Value],
    allowed: fn(u8) -> bool,
) -> Result<Value, FunctionError> {
    let count = usize::try_from(arguments.int(0)).unwrap_or_default();
    let text = drawn(env, function, arguments, &|| {
        let mut text = String::with_capacity(count);
        let mut bytes = [0; 64];
        while text.len() < count {
            fill(&mut bytes).map_err(|_| no_randomness())?;
            let fitting = bytes.iter().map(|byte| byte & 0x7f).filter(|&byte| allowed(byte));
            text.extend(fitting.take(count - text.len()).map(char::from));
        }
        Ok(text)
    })?;
    if text.len() != count {
        return Err(FunctionError::new("the kept value has another length"));
    }
    Ok(Value::text(text))
}
