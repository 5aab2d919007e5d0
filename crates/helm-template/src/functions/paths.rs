//! Paths and addresses: `base`, `dir`, `clean`, `ext`, `isAbs`, their `os` twins, and the URL functions.
//!
//! The `os` functions follow Unix on every system, so that a chart renders the same everywhere.

use super::Param::Text as T;
use super::{Args, Call, Function};
use crate::value::Value;

const BASE: Call = |_, a| Ok(Value::text(base(&a.text(0))));
const DIR: Call = |_, a| Ok(Value::text(dir(&a.text(0))));
const CLEAN: Call = |_, a| Ok(Value::text(clean(&a.text(0))));
const EXT: Call = |_, a| Ok(Value::text(ext(&a.text(0)).to_vec()));
const IS_ABS: Call = |_, a| Ok(Value::Bool(a.text(0).starts_with(b"/")));

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base", &[T], BASE),
    Function::new("dir", &[T], DIR),
    Function::new("clean", &[T], CLEAN),
    Function::new("ext", &[T], EXT),
    Function::new("isAbs", &[T], IS_ABS),
    Function::new("osBase", &[T], BASE),
    Function::new("osDir", &[T], DIR),
    Function::new("osClean", &[T], CLEAN),
    Function::new("osExt", &[T], EXT),
    Function::new("osIsAbs", &[T], IS_ABS),
    // Helm answers without asking the network unless it is told to.
    Function::new("getHostByName", &[T], |_, _| Ok(Value::text(""))),
];

/// As `path.Base`.
fn base(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    match &path[..end] {
        [] => b"/".to_vec(),
        kept => kept.rsplit(|&byte| byte == b'/').next().unwrap_or(kept).to_vec(),
    }
}

/// As `path.Dir`.
fn dir(path: &[u8]) -> Vec<u8> {
    clean(&path[..path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1)])
}

/// As `path.Ext`.
fn ext(path: &[u8]) -> &[u8] {
    let name = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    match path[name..].iter().rposition(|&byte| byte == b'.') {
        Some(dot) => &path[name + dot..],
        None => b"",
    }
}

/// As `path.Clean`.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => drop(parts.pop()),
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let body = parts.join(b"/".as_slice());
    match (rooted, body.is_empty()) {
        (true, _) => [b"/", body.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => body,
    }
}
