//! `--set` and `--set-string`: `a.b=1,c[0]=x,d={p,q}`, read as Helm's `strvals` reads them.

use serde_json::{Map, Value as Json};

use super::Values;
use crate::error::{Error, Result};

const MAX_INDEX: usize = 65_536;
const MAX_NESTING: usize = 30;

/// Applies a `--set` argument. Whole numbers become integers, `true`, `false` and `null` themselves.
pub fn set_value(values: &mut Values, argument: &str) -> Result<()> {
    run(values, argument, false)
}

/// Applies a `--set-string` argument: every value is a string.
pub fn set_string_value(values: &mut Values, argument: &str) -> Result<()> {
    run(values, argument, true)
}

fn run(values: &mut Values, argument: &str, strings: bool) -> Result<()> {
    let mut parser = Parser { rest: argument.chars().collect::<Vec<_>>(), at: 0, strings };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Bad(reason)) => return Err(Error::Set { reason }),
        }
    }
}

/// Why reading stopped: at the end of the text, or at something wrong.
enum Stop {
    End,
    Bad(String),
}

type Parsed<T> = std::result::Result<T, Stop>;

fn bad<T>(reason: impl Into<String>) -> Parsed<T> {
    Err(Stop::Bad(reason.into()))
}

struct Parser {
    rest: Vec<char>,
    at: usize,
    strings: bool,
}

impl Parser {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.get(self.at).copied();
        self.at += 1;
        c
    }

    /// Reads up to one of `stops`, which is consumed; `None` at the end of the text.
    fn until(&mut self, stops: &str) -> (String, Option<char>) {
        let mut text = String::new();
        loop {
            match self.next() {
                None => return (text, None),
                Some(c) if stops.contains(c) => return (text, Some(c)),
                Some('\\') => match self.next() {
                    None => return (text, None),
                    Some(c) => text.push(c),
                },
                Some(c) => text.push(c),
            }
        }
    }

    fn key(&mut self, data: &mut Map<String, Json>, nesting: usize) -> Parsed<()> {
        let (key, stop) = self.until("=[,.");
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => bad(format!("key {key:?} has no value")),
            Some('[') => {
                let index = self.index()?;
                let mut list = match data.get(&key) {
                    None => Vec::new(),
                    Some(Json::Array(list)) => list.clone(),
                    Some(_) => return bad("unable to parse key: not a list"),
                };
                let result = self.item(&mut list, index, nesting);
                put(data, key, Json::Array(list));
                result
            }
            Some('=') => {
                let (value, end) = self.value()?;
                put(data, key, value);
                if end { Err(Stop::End) } else { Ok(()) }
            }
            Some(',') => bad(format!("key {key:?} has no value (cannot end with ,)")),
            Some(_) => {
                if nesting >= MAX_NESTING {
                    return bad(format!(
                        "value name nested level is greater than maximum supported nested level of {MAX_NESTING}"
                    ));
                }
                let mut inner = match data.get(&key) {
                    None => Map::new(),
                    Some(Json::Object(inner)) => inner.clone(),
                    Some(_) => return bad("unable to parse key: not a map"),
                };
                let result = self.key(&mut inner, nesting + 1);
                if result.is_ok() && inner.is_empty() {
                    return bad(format!("key map {key:?} has no value"));
                }
                if !inner.is_empty() {
                    put(data, key, Json::Object(inner));
                }
                result
            }
        }
    }

    fn index(&mut self) -> Parsed<usize> {
        let (text, stop) = self.until("]");
        if stop.is_none() {
            return bad("error parsing index: EOF");
        }
        match text.parse::<i64>() {
            Ok(index) if index < 0 => bad(format!("negative {index} index not allowed")),
            Ok(index) if index as usize > MAX_INDEX => {
                bad(format!("index of {index} is greater than maximum supported index of {MAX_INDEX}"))
            }
            Ok(index) => Ok(index as usize),
            Err(_) => bad(format!("error parsing index: {text:?}: invalid syntax")),
        }
    }

    fn item(&mut self, list: &mut Vec<Json>, index: usize, nesting: usize) -> Parsed<()> {
        let (text, stop) = self.until("[.=");
        if !text.is_empty() {
            return bad(format!("unexpected data at end of array index: {text:?}"));
        }
        match stop {
            None => Err(Stop::End),
            Some('=') => {
                let (value, _) = self.value()?;
                put_at(list, index, value);
                Ok(())
            }
            Some('[') => {
                let next = self.index()?;
                let mut inner = match list.get(index) {
                    None | Some(Json::Null) => Vec::new(),
                    Some(Json::Array(inner)) => inner.clone(),
                    Some(_) => return bad("unable to parse key: not a list"),
                };
                self.item(&mut inner, next, nesting)?;
                put_at(list, index, Json::Array(inner));
                Ok(())
            }
            Some(_) => {
                let mut inner = match list.get(index) {
                    Some(Json::Object(inner)) => inner.clone(),
                    _ => Map::new(),
                };
                let result = self.key(&mut inner, nesting);
                if let Err(Stop::Bad(reason)) = result {
                    return Err(Stop::Bad(reason));
                }
                put_at(list, index, Json::Object(inner));
                result
            }
        }
    }

    /// A value, and whether the text ended with it.
    fn value(&mut self) -> Parsed<(Json, bool)> {
        match self.rest.get(self.at) {
            None => return Ok((Json::String(String::new()), true)),
            Some('{') => {
                self.at += 1;
                return Ok((self.list()?, false));
            }
            Some(_) => {}
        }
        let (text, _) = self.until(",");
        Ok((self.typed(text), false))
    }

    fn list(&mut self) -> Parsed<Json> {
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(",}");
            if stop.is_none() {
                return bad("list must terminate with '}'");
            }
            items.push(self.typed(text));
            if stop == Some('}') {
                if self.rest.get(self.at) == Some(&',') {
                    self.at += 1;
                }
                return Ok(Json::Array(items));
            }
        }
    }

    fn typed(&self, text: String) -> Json {
        if self.strings {
            return Json::String(text);
        }
        match text.to_ascii_lowercase().as_str() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            "0" => Json::from(0),
            _ if text.starts_with('0') => Json::String(text),
            _ => match text.parse::<i64>() {
                Ok(whole) => Json::from(whole),
                Err(_) => Json::String(text),
            },
        }
    }
}

fn put(data: &mut Map<String, Json>, key: String, value: Json) {
    if !key.is_empty() {
        data.insert(key, value);
    }
}

fn put_at(list: &mut Vec<Json>, index: usize, value: Json) {
    if list.len() <= index {
        list.resize(index + 1, Json::Null);
    }
    list[index] = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(argument: &str) -> Json {
        let mut values = Values::new();
        set_value(&mut values, argument).unwrap();
        Json::Object(values)
    }

    #[test]
    fn set_reads_what_helm_reads() {
        for (argument, expected) in [
            ("a=1", json!({"a": 1})),
            ("a=1,b=x", json!({"a": 1, "b": "x"})),
            ("a=", json!({"a": ""})),
            ("a=007", json!({"a": "007"})),
            ("a=0", json!({"a": 0})),
            ("a=1.5", json!({"a": "1.5"})),
            ("a=TRUE,b=false,c=null", json!({"a": true, "b": false, "c": null})),
            ("a.b.c=x", json!({"a": {"b": {"c": "x"}}})),
            ("a.b=1,a.c=2", json!({"a": {"b": 1, "c": 2}})),
            ("a\\.b=1", json!({"a.b": 1})),
            ("a=x\\,y", json!({"a": "x,y"})),
            ("a={1,x,true}", json!({"a": [1, "x", true]})),
            ("a={1},b=2", json!({"a": [1], "b": 2})),
            ("a[0]=x,a[2]=z", json!({"a": ["x", null, "z"]})),
            ("a[0].b=1,a[0].c=2", json!({"a": [{"b": 1, "c": 2}]})),
            ("a[0][1]=x", json!({"a": [[null, "x"]]})),
            ("a=x=y", json!({"a": "x=y"})),
            ("image.tag=v2.9.2-4a60f20", json!({"image": {"tag": "v2.9.2-4a60f20"}})),
        ] {
            assert_eq!(set(argument), expected, "{argument}");
        }
    }

    #[test]
    fn set_string_keeps_strings() {
        let mut values = Values::new();
        set_string_value(&mut values, "a=1,b=true").unwrap();
        assert_eq!(Json::Object(values), json!({"a": "1", "b": "true"}));
    }

    #[test]
    fn set_replaces_what_was_there() {
        let mut values = crate::parse_values("a: {b: 1, c: 2}\nl: [1]").unwrap();
        set_value(&mut values, "a.b=9").unwrap();
        set_value(&mut values, "l=x").unwrap();
        assert_eq!(Json::Object(values), json!({"a": {"b": 9, "c": 2.0}, "l": "x"}));
    }

    #[test]
    fn bad_arguments_are_refused() {
        for argument in ["a", "a,b=1", "a.b", "a[x]=1", "a[-1]=1", "a[99999]=1", "a={1,2", "a[0]x=1"] {
            let mut values = Values::new();
            assert!(set_value(&mut values, argument).is_err(), "{argument}");
        }
        let mut values = crate::parse_values("a: 1").unwrap();
        assert!(set_value(&mut values, "a.b=1").is_err());
    }
}
