//! Regular expressions: `regexMatch`, `regexFindAll`, `regexReplaceAll`, `regexSplit`, … in Go's RE2 syntax.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex::bytes::{NoExpand, Regex, RegexBuilder};

use super::Param::{Int, Text as T};
use super::re2::translate;
use super::{Args, Call, Function, FunctionError};
use crate::value::{Elem, List, Value};

type Answer = Result<Value, FunctionError>;

/// The functions of this group. A plain one panics in Go where its `must` twin returns the error; the texts differ.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regexMatch", &[T, T], |_, a| {
        Ok(Value::Bool(compile(&a.str(0)).is_ok_and(|re| re.is_match(&a.text(1)))))
    }),
    Function::new("mustRegexMatch", &[T, T], |_, a| Ok(Value::Bool(must(a)?.is_match(&a.text(1))))),
    Function::new("regexFind", &[T, T], |_, a| find(&*plain(a)?, a)),
    Function::new("mustRegexFind", &[T, T], |_, a| find(&*must(a)?, a)),
    Function::new("regexFindAll", &[T, T, Int], |_, a| find_all(&*plain(a)?, a)),
    Function::new("mustRegexFindAll", &[T, T, Int], |_, a| find_all(&*must(a)?, a)),
    Function::new("regexReplaceAll", &[T, T, T], |_, a| replace(&*plain(a)?, a)),
    Function::new("mustRegexReplaceAll", &[T, T, T], |_, a| replace(&*must(a)?, a)),
    Function::new("regexReplaceAllLiteral", &[T, T, T], |_, a| replace_literal(&*plain(a)?, a)),
    Function::new("mustRegexReplaceAllLiteral", &[T, T, T], |_, a| replace_literal(&*must(a)?, a)),
    Function::new("regexSplit", &[T, T, Int], |_, a| split(&*plain(a)?, a)),
    Function::new("mustRegexSplit", &[T, T, Int], |_, a| split(&*must(a)?, a)),
    Function::new("regexQuoteMeta", &[T], QUOTE_META),
];

const QUOTE_META: Call = |_, a| {
    let mut out = Vec::new();
    for &byte in a.text(0).iter() {
        if br"\.+*?()|[]{}^$".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    Ok(Value::text(out))
};

/// The expression; charts use the same few again and again.
fn compile(pattern: &str) -> Result<Rc<Regex>, String> {
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Rc<Regex>>> = RefCell::default();
    }
    if let Some(known) = COMPILED.with_borrow(|compiled| compiled.get(pattern).cloned()) {
        return Ok(known);
    }
    let translated = translate(pattern).map_err(|why| format!("error parsing regexp: {why}"))?;
    let regex = RegexBuilder::new(&translated)
        .build()
        .map_err(|_| format!("error parsing regexp: invalid or unsupported syntax: `{pattern}`"))?;
    let regex = Rc::new(regex);
    COMPILED.with_borrow_mut(|compiled| {
        // Patterns may be built from data; the memory stays bounded.
        if compiled.len() >= 256 {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), Rc::clone(&regex));
    });
    Ok(regex)
}

fn must(arguments: &[Value]) -> Result<Rc<Regex>, FunctionError> {
    compile(&arguments.str(0)).map_err(FunctionError)
}

/// As `regexp.MustCompile`, which panics with more words.
fn plain(arguments: &[Value]) -> Result<Rc<Regex>, FunctionError> {
    let pattern = arguments.str(0);
    compile(&pattern).map_err(|why| {
        let quoted = if pattern.contains('`') {
            String::from_utf8_lossy(&super::sprintf::quote(pattern.as_bytes())).into_owned()
        } else {
            format!("`{pattern}`")
        };
        FunctionError(format!("regexp: Compile({quoted}): {why}"))
    })
}

fn find(regex: &Regex, arguments: &[Value]) -> Answer {
    let subject = arguments.text(1);
    Ok(Value::text(regex.find(&subject).map_or(b"".as_slice(), |found| found.as_bytes())))
}

fn at_most(count: i64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn find_all(regex: &Regex, arguments: &[Value]) -> Answer {
    let subject = arguments.text(1);
    let found = regex.find_iter(&subject).take(at_most(arguments.int(2)));
    Ok(Value::List(List::appended(Elem::Str, found.map(|found| Value::text(found.as_bytes())).collect())))
}

fn replace(regex: &Regex, arguments: &[Value]) -> Answer {
    let (subject, with) = (arguments.text(1), arguments.text(2));
    Ok(Value::text(regex.replace_all(&subject, with.as_bytes()).into_owned()))
}

fn replace_literal(regex: &Regex, arguments: &[Value]) -> Answer {
    let (subject, with) = (arguments.text(1), arguments.text(2));
    Ok(Value::text(regex.replace_all(&subject, NoExpand(&with)).into_owned()))
}

/// As `Regexp.Split`, whose rules for empty matches at the ends are its own.
fn split(regex: &Regex, arguments: &[Value]) -> Answer {
    let (subject, count) = (arguments.text(1), arguments.int(2));
    if count == 0 {
        return Ok(Value::List(List::nil(Elem::Str)));
    }
    if !arguments.text(0).is_empty() && subject.is_empty() {
        return Ok(Value::strings([""]));
    }
    let most = at_most(count);
    let (mut start, mut end) = (0, 0);
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for found in regex.find_iter(&subject).take(most) {
        if count > 0 && parts.len() == most - 1 {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(subject[start..end].to_vec());
        }
        start = found.end();
    }
    if end != subject.len() {
        parts.push(subject[start..].to_vec());
    }
    Ok(Value::List(List::strings(parts)))
}
