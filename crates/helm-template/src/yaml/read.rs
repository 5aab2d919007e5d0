//! Reads a YAML document into JSON as `sigs.k8s.io/yaml` over go-yaml v2 does.

use std::fmt;

use serde_json::Value as Json;

use super::build::{Builder, Numbers};
use super::parse::{Parser, Stop};

/// Why a text is not YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// The line of the text, from 1.
    pub(crate) line: Option<usize>,
    /// What is wrong there.
    pub(crate) problem: String,
    /// go-yaml's whole message. It counts the lines of some problems from 0.
    pub(crate) message: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Unreadable {
    /// With go-yaml's message for something that it counts no line for.
    pub(crate) fn new(line: Option<usize>, message: impl Into<String>) -> Self {
        let message = message.into();
        let problem = message.strip_prefix("yaml: ").unwrap_or(&message).to_owned();
        Self { line, problem, message }
    }
}

/// The first document of `text`; null if there is none.
pub(crate) fn parse(text: &str, numbers: Numbers) -> Result<Json, Unreadable> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(at) = text.find(|c| !allowed(c) || c == '\u{feff}') {
        let line = text[..at].matches('\n').count() + 1;
        return Err(Unreadable::new(Some(line), "yaml: control characters are not allowed"));
    }
    let mut builder = Builder::new(numbers);
    let mut parser = Parser::new(text, &mut builder);
    let stop = parser.document();
    let line = parser.line();
    match stop {
        Ok(()) => Ok(builder.done()),
        Err(Stop::Syntax(problem)) => {
            // Behind the last line nothing stands: it is the last one that is not finished.
            let line = (problem.at.line + 1).min(text.lines().count().max(1));
            Err(Unreadable { line: Some(line), message: problem.text(), problem: problem.message })
        }
        Err(Stop::Meaning(message)) => Err(Unreadable::new(Some(line), message)),
    }
}

/// The bytes as text, if they are UTF-8.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(bytes).map_err(|wrong| {
        let (before, rest) = bytes.split_at(wrong.valid_up_to());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        // go-yaml's words: a byte that begins no character, or one that goes on with none.
        let message = match rest.first() {
            Some(first) if !matches!(first, 0xc2..=0xf4) => "yaml: invalid leading UTF-8 octet",
            _ if wrong.error_len().is_none() => "yaml: incomplete UTF-8 octet sequence",
            _ => "yaml: invalid trailing UTF-8 octet",
        };
        Unreadable::new(Some(line), message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, problem, message) in [
            // Helm's number is one too small here: the line with `c` is the one that does not fit.
            ("a:\n  b: 1\n c: 2\n", 3, "did not find expected key", "yaml: line 2: did not find expected key"),
            (
                "a:\n\tb: 1\n",
                2,
                "found character that cannot start any token",
                "yaml: line 2: found character that cannot start any token",
            ),
            (
                "b: 1\n  c: 2\n",
                2,
                "mapping values are not allowed in this context",
                "yaml: line 2: mapping values are not allowed in this context",
            ),
            ("a: [\n", 1, "did not find expected node content", "yaml: line 1: did not find expected node content"),
            ("a: 1\nb: *x\n", 2, "unknown anchor 'x' referenced", "yaml: unknown anchor 'x' referenced"),
            ("a: 1\nb: \u{1}\n", 2, "control characters are not allowed", "yaml: control characters are not allowed"),
        ] {
            let wrong = parse(text, Numbers::Exact).unwrap_err();
            assert_eq!(
                wrong,
                Unreadable { line: Some(line), problem: problem.to_owned(), message: message.to_owned() },
                "{text:?}"
            );
        }
        assert_eq!(super::text(b"a: 1\nb: \xff\n").unwrap_err().line, Some(2));
    }
}
