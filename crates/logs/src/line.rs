//! A log line, and what is done to its text before it is kept.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "LogLevel")]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is not as it should be.
    Warning,
    /// Something happened.
    Info,
    /// Of interest to who looks for a fault.
    Debug,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct LogLine {
    // The order is the order in the file: `segment` finds the text as the last field without reading the rest.
    /// How bad it is.
    pub level: Level,
    /// Who said it: the name of a service, `cluster` or `installer`.
    pub source: String,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// The step it belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What it said: no colours, secrets redacted, not longer than allowed.
    pub text: String,
}

/// A line with its number in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "NumberedLogLine")]
pub struct Numbered {
    /// Counts from 0, never used twice.
    #[ts(type = "number")]
    pub no: u64,
    /// The line.
    #[serde(flatten)]
    pub line: LogLine,
}

/// The text without colours and other control sequences, and without white space at its end.
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim_end();
    if text.bytes().any(|b| b.is_ascii_control() && b != b'\t' && b != b'\n') {
        Cow::Owned(anstream::adapter::strip_str(text).to_string())
    } else {
        Cow::Borrowed(text)
    }
}

/// The text cut to so many bytes, at the end of a character, with the number of bytes that are missing.
pub(crate) fn cap(text: Cow<'_, str>, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return text;
    }
    let end = text.floor_char_boundary(max);
    Cow::Owned(format!("{} …+{}", &text[..end], text.len() - end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_tabs_stay() {
        for (raw, cleaned) in [
            ("plain", "plain"),
            ("\tat org.egov.Main\r\n", "\tat org.egov.Main"),
            ("\x1b[32mINFO\x1b[0;39m \x1b]0;title\x07done", "INFO done"),
            ("\x1b[2K\x1b[1Gनमस्ते\x1b[m", "नमस्ते"),
            ("a\x00b", "ab"),
        ] {
            assert_eq!(clean(raw), cleaned, "{raw:?}");
        }
    }

    #[test]
    fn long_lines_say_how_much_is_missing() {
        assert_eq!(cap("abc".into(), 3), "abc");
        assert_eq!(cap("abcdef".into(), 4), "abcd …+2");
        assert_eq!(cap("ääää".into(), 3), "ä …+6");
    }
}
