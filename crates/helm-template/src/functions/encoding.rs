//! Encodings and checksums: `b64enc`, `b32dec`, `sha256sum`, `adler32sum`, … Decoders answer with Go's error text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Digest as _;

use super::Param::Text as T;
use super::{Args, Function};
use crate::value::Value;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("b64enc", &[T], |_, a| Ok(Value::text(STANDARD.encode(a.text(0).as_bytes())))),
    Function::new("b64dec", &[T], |_, a| {
        Ok(Value::text(base64_decode(&a.text(0)).unwrap_or_else(|at| illegal("base64", at))))
    }),
    Function::new("b32enc", &[T], |_, a| Ok(Value::text(base32_encode(&a.text(0))))),
    Function::new("b32dec", &[T], |_, a| {
        Ok(Value::text(base32_decode(&a.text(0)).unwrap_or_else(|at| illegal("base32", at))))
    }),
    Function::new("sha1sum", &[T], |_, a| Ok(Value::text(hex::encode(sha1::Sha1::digest(a.text(0).as_bytes()))))),
    Function::new("sha256sum", &[T], |_, a| Ok(Value::text(hex::encode(sha2::Sha256::digest(a.text(0).as_bytes()))))),
    Function::new("sha512sum", &[T], |_, a| Ok(Value::text(hex::encode(sha2::Sha512::digest(a.text(0).as_bytes()))))),
    Function::new("adler32sum", &[T], |_, a| Ok(Value::text(adler32(&a.text(0)).to_string()))),
];

fn illegal(encoding: &str, at: usize) -> Vec<u8> {
    format!("illegal {encoding} data at input byte {at}").into_bytes()
}

fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % MODULUS;
        (a, (b + a) % MODULUS)
    });
    b << 16 | a
}

fn sextet(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(digit))
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// As Go's `base64.StdEncoding`: line ends are skipped, padding is required; the error is the place it names.
pub(super) fn base64_decode(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    loop {
        let (mut bits, mut count) = (0_u32, 0);
        let mut ended = false;
        while count < 4 {
            let Some(&byte) = text.get(at) else {
                return if count == 0 { Ok(out) } else { Err(at - count) };
            };
            at += 1;
            if is_line_end(byte) {
                continue;
            }
            if let Some(digit) = sextet(byte) {
                bits = bits << 6 | digit;
                count += 1;
                continue;
            }
            if byte != b'=' || count < 2 {
                return Err(at - 1);
            }
            let skip = |mut at: usize| {
                while text.get(at).is_some_and(|&byte| is_line_end(byte)) {
                    at += 1;
                }
                at
            };
            if count == 2 {
                at = skip(at);
                match text.get(at) {
                    None => return Err(text.len()),
                    Some(b'=') => at += 1,
                    Some(_) => return Err(at - 1),
                }
            }
            at = skip(at);
            if at < text.len() {
                return Err(at);
            }
            ended = true;
            break;
        }
        let [_, first, second, third] = (bits << (6 * (4 - count))).to_be_bytes();
        out.extend_from_slice(&[first, second, third][..count - 1]);
        if ended {
            return Ok(out);
        }
    }
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let mut padded = [0; 8];
        padded[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(padded);
        let digits = (group.len() * 8).div_ceil(5);
        for place in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or_default();
            out.push(if place < digits { char::from(BASE32[digit]) } else { '=' });
        }
    }
    out
}

/// As Go's `base32.StdEncoding`.
fn base32_decode(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text.iter().copied().filter(|&byte| !is_line_end(byte)).collect();
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    let mut at = 0;
    let mut ended = false;
    while at < text.len() && !ended {
        let (mut bits, mut count) = (0_u64, 0_usize);
        while count < 8 {
            let Some(&byte) = text.get(at) else { return Err(text.len() - count) };
            at += 1;
            let left = text.len() - at;
            if byte == b'=' && count >= 2 && left < 8 {
                if left + count < 7 {
                    return Err(text.len());
                }
                if let Some(place) = text[at..].iter().take(7 - count).position(|&byte| byte != b'=') {
                    return Err(at + place - 1);
                }
                if matches!(count, 3 | 6) {
                    return Err(at - 1);
                }
                ended = true;
                break;
            }
            let digit = BASE32.iter().position(|&known| known == byte).ok_or(at - 1)?;
            bits = bits << 5 | digit as u64;
            count += 1;
        }
        let bytes = (bits << (5 * (8 - count))).to_be_bytes();
        out.extend_from_slice(&bytes[3..3 + count * 5 / 8]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_reads_and_refuses_as_go_does() {
        let cases: [(&str, Result<&str, usize>); 9] = [
            ("", Ok("")),
            ("aGVsbG8=", Ok("hello")),
            ("aGVs\nbG8=\n", Ok("hello")),
            ("aGVsbA==", Ok("hell")),
            ("aGVsbA", Err(4)),
            ("a", Err(0)),
            ("!", Err(0)),
            ("aGVsbA==x", Err(8)),
            ("aGVsbA=x", Err(6)),
        ];
        for (text, expected) in cases {
            assert_eq!(base64_decode(text.as_bytes()), expected.map(|text| text.as_bytes().to_vec()), "{text}");
        }
    }

    #[test]
    fn base32_goes_there_and_back() {
        for (plain, encoded) in [
            ("", ""),
            ("a", "ME======"),
            ("ab", "MFRA===="),
            ("abc", "MFRGG==="),
            ("abcd", "MFRGGZA="),
            ("abcde", "MFRGGZDF"),
            ("hello world", "NBSWY3DPEB3W64TMMQ======"),
        ] {
            assert_eq!(base32_encode(plain.as_bytes()), encoded);
            assert_eq!(base32_decode(encoded.as_bytes()), Ok(plain.as_bytes().to_vec()));
        }
        assert_eq!(base32_decode(b"ME====="), Err(7));
        assert_eq!(base32_decode(b"me======"), Err(0));
    }

    #[test]
    fn adler32_of_a_known_text() {
        assert_eq!(adler32(b"Wikipedia"), 300_286_872);
        assert_eq!(adler32(b""), 1);
    }
}
