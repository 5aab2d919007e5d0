//! The function table: Go's builtins, sprig's and Helm's functions by name.

pub(crate) mod builtins;
mod casing;
mod cast;
mod certs;
mod constraint;
mod crypto;
mod data;
mod dates;
mod dicts;
mod dsa;
mod duration;
mod encoding;
mod float_text;
pub(crate) mod include;
#[cfg(test)]
mod judged;
mod layout;
mod layout_parse;
mod lists;
mod math;
mod passwords;
mod paths;
mod re2;
mod reflect;
mod regex;
mod semver;
pub mod sprintf;
mod strings;
mod toml;
mod toml_complaint;
mod toml_words;
mod urls;
mod version;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use crate::function::{Args, Call, Env, Function, FunctionError, Param};

/// Every group of functions; a name in a later group replaces one in an earlier group.
const GROUPS: &[&[Function]] = &[
    builtins::FUNCTIONS,
    include::FUNCTIONS,
    casing::FUNCTIONS,
    strings::FUNCTIONS,
    lists::FUNCTIONS,
    dicts::FUNCTIONS,
    math::FUNCTIONS,
    regex::FUNCTIONS,
    semver::FUNCTIONS,
    dates::FUNCTIONS,
    crypto::FUNCTIONS,
    certs::FUNCTIONS,
    passwords::FUNCTIONS,
    encoding::FUNCTIONS,
    reflect::FUNCTIONS,
    paths::FUNCTIONS,
    urls::FUNCTIONS,
    toml::FUNCTIONS,
    data::FUNCTIONS,
];

/// The function called `name`, if there is one.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    TABLE
        .get_or_init(|| {
            GROUPS.iter().flat_map(|group| group.iter()).map(|function| (function.name, function)).collect()
        })
        .get(name)
        .copied()
}

/// Whether it is a version, as Helm wants the version of a chart.
pub(crate) fn is_version(text: &str) -> bool {
    version::Version::parse(text).is_ok()
}

/// Whether a version lies in a constraint; false when one of them cannot be read, as in Helm.
pub(crate) fn is_compatible_range(wanted: &str, version: &str) -> bool {
    match (constraint::Constraints::parse(wanted), version::Version::parse(version)) {
        (Ok(constraints), Ok(version)) => constraints.check(&version),
        _ => false,
    }
}
