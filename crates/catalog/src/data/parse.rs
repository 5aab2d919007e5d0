//! Whether a file of the master data or configuration can be read, said beforehand and with its place. Pure.
//!
//! DIGIT's master data service reads every `.json`, `.yaml` and `.yml` below its folder as JSON and ends at the first that
//! it cannot read. What reads here is what goes into the cluster: UTF-8 without a mark, whatever it was written in.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use encoding_rs::{Encoding, UTF_8};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Error;

/// Bytes that one file may have: five times the largest one pinned.
pub const LARGEST: usize = 8 << 20;

/// A file's text as UTF-8: as it is, or turned from what Windows writes (a mark of UTF-8, or UTF-16 with its mark).
///
/// # Errors
/// [`Error::DataTooLarge`]; [`Error::DataBroken`] for bytes that are no text.
pub fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    if bytes.len() > LARGEST {
        let (size, limit) = (bytes.len() as u64, LARGEST as u64);
        return Err(Error::DataTooLarge { file: file.to_owned(), size, limit });
    }
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let body = &bytes[mark..];
    let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(body) else {
        let (line, column) = match std::str::from_utf8(body) {
            Err(error) if encoding == UTF_8 => place(&body[..error.valid_up_to()]),
            _ => (0, 0),
        };
        return Err(broken(file, line, column, format!("it is no text in {}", encoding.name())));
    };
    // Without a mark UTF-16 passes for UTF-8 full of NULs.
    match text.find('\0') {
        Some(at) => {
            let (line, column) = place(&text.as_bytes()[..at]);
            Err(broken(file, line, column, "it holds a NUL".to_owned()))
        }
        None => Ok(text),
    }
}

/// The text of a file that must be JSON.
///
/// A key that stands twice in a map is refused too: readers differ in which one counts.
///
/// # Errors
/// As [`text`], and [`Error::DataBroken`] with the place.
pub fn json<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    let text = text(file, bytes)?;
    serde_json::from_str::<Checked>(&text).map_err(|error| broken_json(file, &error))?;
    Ok(text)
}

/// As [`json`], for a file that is not edited: a key may stand twice in a map, as it does in some of the pinned ones.
/// Java's reader takes the last.
///
/// # Errors
/// As [`text`], and [`Error::DataBroken`] with the place.
pub fn any_json<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    let text = text(file, bytes)?;
    serde_json::from_str::<IgnoredAny>(&text).map_err(|error| broken_json(file, &error))?;
    Ok(text)
}

/// The text of a file that must be YAML, of one document or several.
///
/// # Errors
/// As [`json`].
pub fn yaml<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    let text = text(file, bytes)?;
    for document in yaml_serde::Deserializer::from_str(&text) {
        yaml_serde::Value::deserialize(document).map_err(|error| {
            let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
            broken(file, line, column, error.to_string())
        })?;
    }
    Ok(text)
}

pub(super) fn broken_json(file: &str, error: &serde_json::Error) -> Error {
    broken(file, error.line(), error.column(), error.to_string())
}

pub(super) fn broken(file: &str, line: usize, column: usize, detail: String) -> Error {
    Error::DataBroken { file: file.to_owned(), line, column, detail }
}

/// Line and column behind some bytes, from 1.
fn place(before: &[u8]) -> (usize, usize) {
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

/// Any JSON, of which nothing is kept.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Check)
    }
}

struct Check;

impl<'de> Visitor<'de> for Check {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_str<E>(self, _: &str) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_unit<E>(self) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Checked, A::Error> {
        while items.next_element::<Checked>()?.is_some() {}
        Ok(Checked)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Checked, A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if keys.contains(&key) {
                entries.next_value::<IgnoredAny>()?;
                return Err(de::Error::custom(format!("the key {key:?} stands twice in one map")));
            }
            keys.insert(key);
            entries.next_value::<Checked>()?;
        }
        Ok(Checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    type Reads = fn(&str, &[u8]) -> Result<String, Error>;
    const JSON: Reads = |file, bytes| json(file, bytes).map(Cow::into_owned);
    const YAML: Reads = |file, bytes| yaml(file, bytes).map(Cow::into_owned);

    #[test]
    fn what_can_be_read_is_read_whatever_wrote_it() {
        let hindi = "{\"name\": \"हिंदी\"}";
        let cases: [(Reads, Vec<u8>, &str); 11] = [
            (JSON, b"{}".to_vec(), "{}"),
            (JSON, hindi.as_bytes().to_vec(), hindi),
            (JSON, [b"\xef\xbb\xbf", hindi.as_bytes()].concat(), hindi),
            (JSON, utf16(hindi, false), hindi),
            (JSON, utf16(hindi, true), hindi),
            (JSON, b"{\r\n  \"a\": 1\r\n}\r\n".to_vec(), "{\r\n  \"a\": 1\r\n}\r\n"),
            (JSON, br#"[1, -2.5e3, null, true, "a\u0000"]"#.to_vec(), r#"[1, -2.5e3, null, true, "a\u0000"]"#),
            (YAML, b"a: 1\r\nb:\r\n- 2\r\n".to_vec(), "a: 1\r\nb:\r\n- 2\r\n"),
            (YAML, utf16("a: é\n", false), "a: é\n"),
            (YAML, b"a: 1\n---\nb: 2\n".to_vec(), "a: 1\n---\nb: 2\n"),
            (YAML, b"query: SELECT 1\tFROM a\n".to_vec(), "query: SELECT 1\tFROM a\n"),
        ];
        for (read, bytes, wanted) in cases {
            assert_eq!(read("f", &bytes).unwrap_or_else(|error| panic!("{wanted:?}: {error}")), wanted);
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let half = [&utf16("{\"a\": 1}", false)[..], &[0x41]].concat();
        let cases: [(&str, Reads, &[u8], usize, &str); 17] = [
            ("nothing", JSON, b"", 1, "EOF"),
            ("a mark alone", JSON, b"\xef\xbb\xbf", 1, "EOF"),
            ("cut", JSON, b"{\"a\": [1,\n 2", 2, "EOF"),
            ("a comma too many", JSON, b"{\n\"a\": 1,\n}", 3, "trailing comma"),
            ("a comment", JSON, b"{\n// no\n}", 2, "key must be a string"),
            ("more than one", JSON, b"{}\n{}", 2, "trailing characters"),
            ("single quotes", JSON, b"{'a': 1}", 1, "key must be a string"),
            ("a line within a text", JSON, b"{\"a\": \"b\nc\"}", 2, "control character"),
            ("a key twice", JSON, b"{\"a\": {\"b\": 1,\n\"c\": 2,\n\"b\": 3}}", 3, "\"b\" stands twice"),
            ("too deep", JSON, deep.as_bytes(), 1, "recursion"),
            ("no UTF-8", JSON, b"{\n\"a\": \"\xe9\"}", 2, "no text in UTF-8"),
            ("UTF-16 without a mark", JSON, b"{\0}\0", 1, "NUL"),
            ("half a UTF-16", JSON, &half, 0, "no text in UTF-16LE"),
            ("a key twice", YAML, b"a: 1\nb: 2\na: 3\n", 0, "duplicate"),
            ("an open bracket", YAML, b"a: [1,\nb: {", 3, "did not find"),
            ("a tab for spaces", YAML, b"a:\n\tb: 1\n", 2, "cannot start any token"),
            ("a second document", YAML, b"a: 1\n---\n- b\nc", 5, "could not find"),
        ];
        for (what, read, bytes, wanted, words) in cases {
            let error = read("data/pg/x.json", bytes).expect_err(what);
            let Error::DataBroken { file, line, detail, .. } = &error else { panic!("{what}: {error}") };
            assert_eq!((file.as_str(), error.code()), ("data/pg/x.json", "data-broken"), "{what}");
            assert!(detail.contains(words), "{what}: {detail}");
            // The YAML reader gives no place for a key that stands twice below the top.
            assert!(wanted == 0 || *line == wanted, "{what}: line {line}, not {wanted}: {detail}");
        }
    }

    #[test]
    fn a_key_may_stand_twice_where_nothing_is_edited() {
        let twice = br#"{"a": 1, "b": {"_comment": 1, "_comment": 2}}"#;
        assert!(json("f", twice).is_err());
        assert_eq!(any_json("f", twice).unwrap().as_bytes(), twice);
        let Error::DataBroken { line, .. } = any_json("f", b"{\n\"a\": 1,}").unwrap_err() else { panic!() };
        assert_eq!(line, 2);
    }

    #[test]
    fn a_file_too_large_is_not_read() {
        let large = vec![b' '; LARGEST + 1];
        for read in [JSON, YAML] {
            let Error::DataTooLarge { size, limit, .. } = read("f", &large).unwrap_err() else { panic!() };
            assert_eq!((size, limit), (LARGEST as u64 + 1, LARGEST as u64));
        }
        let mut just = vec![b' '; LARGEST];
        just[..2].copy_from_slice(b"{}");
        assert!(JSON("f", &just).is_ok());
    }
}
