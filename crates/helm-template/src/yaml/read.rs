//! Reads a YAML document into JSON as `sigs.k8s.io/yaml` over go-yaml v2 does.

use serde_json::Value as Json;

use super::build::{Builder, Numbers};
use super::parse::{Parser, Stop};

/// The first document of `text`; null if there is none.
pub(crate) fn parse(text: &str, numbers: Numbers) -> Result<Json, String> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains(|c| !allowed(c) || c == '\u{feff}') {
        return Err("yaml: control characters are not allowed".to_owned());
    }
    let mut builder = Builder::new(numbers);
    match Parser::new(text, &mut builder).document() {
        Ok(()) => Ok(builder.done()),
        Err(Stop::Syntax(problem)) => Err(problem.text()),
        Err(Stop::Meaning(message)) => Err(message),
    }
}
