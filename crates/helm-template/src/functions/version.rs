//! Versions as `Masterminds/semver` v3 reads them.

use std::any::Any;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use super::{Args as _, FunctionError, Param};
use crate::value::{Object, Value};

/// A version as `Masterminds/semver` v3 reads it: a leading `v` and missing parts are fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(super) major: u64,
    pub(super) minor: u64,
    pub(super) patch: u64,
    pub(super) pre: String,
    metadata: String,
    original: String,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// Whether `text` is dot-separated identifiers of letters, digits and hyphens.
fn are_identifiers(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

impl Version {
    /// The version that `text` says.
    ///
    /// # Errors
    /// With Go's words.
    pub(crate) fn parse(text: &str) -> Result<Version, FunctionError> {
        let invalid = || FunctionError::new("invalid semantic version");
        let body = text.strip_prefix('v').unwrap_or(text);
        let (body, metadata) = match body.split_once('+') {
            Some((body, metadata)) if are_identifiers(metadata) => (body, metadata),
            Some(_) => return Err(invalid()),
            None => (body, ""),
        };
        let (numbers, pre) = match body.split_once('-') {
            Some((numbers, pre)) if are_identifiers(pre) => (numbers, pre),
            Some(_) => return Err(invalid()),
            None => (body, ""),
        };
        let parts: Vec<&str> = numbers.split('.').collect();
        let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if parts.len() > 3 || !parts.iter().all(digits) {
            return Err(invalid());
        }
        let number = |at: usize| match parts.get(at) {
            Some(part) => part.parse::<u64>().map_err(|_| {
                FunctionError(format!(
                    "error parsing version segment: strconv.ParseUint: parsing {part:?}: value out of range"
                ))
            }),
            None => Ok(0),
        };
        let (major, minor, patch) = (number(0)?, number(1)?, number(2)?);
        let leading_zero =
            |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
        if pre.split('.').any(leading_zero) {
            return Err(FunctionError::new("version segment starts with 0"));
        }
        let (pre, metadata, original) = (pre.to_owned(), metadata.to_owned(), text.to_owned());
        Ok(Version { major, minor, patch, pre, metadata, original })
    }

    /// The order of versions; metadata does not count.
    pub(super) fn compare(&self, other: &Version) -> Ordering {
        (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch)).then_with(|| {
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre(&self.pre, &other.pre),
            }
        })
    }

    /// What the methods that change something give: no pointer, without what only a pointer can.
    fn next(&self, major: u64, minor: u64, patch: u64) -> Value {
        self.changed(Version {
            major,
            minor,
            patch,
            pre: String::new(),
            metadata: String::new(),
            original: String::new(),
        })
    }

    fn changed(&self, mut version: Version) -> Value {
        let v = if self.original.starts_with('v') { "v" } else { "" };
        version.original = format!("{v}{version}");
        Value::Object(Rc::new(Changed(version)))
    }

    fn set_prerelease(&self, pre: &str) -> Result<Value, FunctionError> {
        check_pre(pre)?;
        Ok(self.changed(Version { pre: pre.to_owned(), ..self.clone() }))
    }

    fn set_metadata(&self, metadata: &str) -> Result<Value, FunctionError> {
        if !metadata.is_empty() && !are_identifiers(metadata) {
            return Err(FunctionError::new("invalid metadata string"));
        }
        Ok(self.changed(Version { metadata: metadata.to_owned(), ..self.clone() }))
    }

    /// The methods that a version has, pointer or not.
    fn method(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let number = |n: u64| Value::Int64(i64::try_from(n).unwrap_or(i64::MAX));
        Some(Ok(match name {
            "Major" => number(self.major),
            "Minor" => number(self.minor),
            "Patch" => number(self.patch),
            "Prerelease" => Value::text(self.pre.as_str()),
            "Metadata" => Value::text(self.metadata.as_str()),
            "String" | "Value" => Value::text(self.to_string()),
            "MarshalText" => Value::Bytes(self.to_string().into_bytes().into()),
            "MarshalJSON" => Value::Bytes(format!("\"{self}\"").into_bytes().into()),
            "IncMajor" => self.next(self.major + 1, 0, 0),
            "IncMinor" => self.next(self.major, self.minor + 1, 0),
            "IncPatch" if self.pre.is_empty() => self.next(self.major, self.minor, self.patch + 1),
            "IncPatch" => self.next(self.major, self.minor, self.patch),
            "SetPrerelease" => return Some(self.set_prerelease(&arguments.str(0))),
            "SetMetadata" => return Some(self.set_metadata(&arguments.str(0))),
            _ => return None,
        }))
    }
}

fn check_pre(pre: &str) -> Result<(), FunctionError> {
    for part in pre.split('.').filter(|_| !pre.is_empty()) {
        if part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(FunctionError::new("version segment starts with 0"));
        }
        if !are_identifiers(part) {
            return Err(FunctionError::new("invalid prerelease string"));
        }
    }
    Ok(())
}

fn params(name: &str) -> &'static [Param] {
    match name {
        "SetPrerelease" | "SetMetadata" => &[Param::Text],
        "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" => {
            &[Param::Object("*semver.Version")]
        }
        _ => &[],
    }
}

/// The order of pre-releases: part by part, numbers before words.
pub(super) fn compare_pre(a: &str, b: &str) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.is_empty().cmp(&b.is_empty());
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(l), Some(r)) => match (l.parse::<u64>(), r.parse::<u64>()) {
                (Ok(l), Ok(r)) => l.cmp(&r),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => l.cmp(r),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

impl Object for Version {
    fn type_name(&self) -> String {
        "*semver.Version".to_owned()
    }

    fn kind(&self) -> &'static str {
        "ptr"
    }

    fn print(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }

    fn data(&self) -> Value {
        Value::text(self.to_string())
    }

    fn params(&self, name: &str) -> &'static [Param] {
        params(name)
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let value = match name {
            "Original" => Value::text(self.original.as_str()),
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" => {
                let other = match arguments {
                    [Value::Object(other)] => other.as_any().downcast_ref::<Version>(),
                    _ => None,
                };
                let Some(other) = other else {
                    let found = arguments.any(0).type_name();
                    return Some(Err(FunctionError(format!(
                        "wrong type for value; expected *semver.Version; got {found}"
                    ))));
                };
                let order = self.compare(other);
                match name {
                    "Compare" => Value::Int(order as i64),
                    "Equal" => Value::Bool(order.is_eq()),
                    "LessThan" => Value::Bool(order.is_lt()),
                    "LessThanEqual" => Value::Bool(order.is_le()),
                    "GreaterThan" => Value::Bool(order.is_gt()),
                    _ => Value::Bool(order.is_ge()),
                }
            }
            _ => return self.method(name, arguments),
        };
        Some(Ok(value))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A version that a method gave: Go's `semver.Version`, where [`Version`] is a pointer to one.
struct Changed(Version);

impl Object for Changed {
    fn type_name(&self) -> String {
        "semver.Version".to_owned()
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> Vec<u8> {
        self.0.print()
    }

    fn data(&self) -> Value {
        self.0.data()
    }

    fn params(&self, name: &str) -> &'static [Param] {
        params(name)
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        self.0.method(name, arguments)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_changed_as_masterminds_changes_it() {
        for (version, method, argument, expected) in [
            ("1.2.3", "SetPrerelease", "x", Ok("1.2.3-x")),
            ("1.2.3-a+b", "SetPrerelease", "", Ok("1.2.3+b")),
            ("1.2.3", "SetPrerelease", "a..b", Err("invalid prerelease string")),
            ("1.2.3", "SetPrerelease", "01", Err("version segment starts with 0")),
            ("v1.2.3", "SetMetadata", "b1", Ok("1.2.3+b1")),
            ("1.2.3", "SetMetadata", "+", Err("invalid metadata string")),
        ] {
            let version = Version::parse(version).unwrap();
            let found = version.call(method, &[Value::text(argument)]).unwrap();
            let found = found.map(|value| String::from_utf8(value.print()).unwrap()).map_err(|error| error.0);
            assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{method} {argument}");
        }
    }
}
