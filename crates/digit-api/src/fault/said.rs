//! What an answer says, whichever of DIGIT's shapes it has, or none.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How much of a foreign text is kept, in characters.
const KEPT: usize = 300;

/// One entry of DIGIT's list of errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Entry {
    /// For example `INVALID_SOURCE`; for inner faults a fixed sentence or an exception's class.
    pub code: String,
    /// The exception's class, for inner faults of the newer services.
    pub id: String,
    /// DIGIT's own words.
    pub message: String,
}

/// What the body of an answer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// Nothing.
    Empty,
    /// JSON without an error in it.
    Json,
    /// `Errors`: the Spring services and egov-user.
    Errors(Vec<Entry>),
    /// `error` and `error_description`: the token endpoint.
    OAuth {
        /// For example `invalid_request`.
        error: String,
        /// The words that tell one refusal from another.
        description: String,
    },
    /// `error` with `message` and `fields`: OTP and localization; each field is an entry.
    Fields(Vec<Entry>),
    /// Spring's own page for machines: the gateway's 404, inner faults outside DIGIT's handler.
    Spring {
        /// For example `Not Found`.
        error: String,
        /// More words, often none.
        message: String,
        /// Whether there is a `requestId`: only the gateway gives one.
        from_gateway: bool,
    },
    /// 200 whose `ResponseInfo.status` is `FAILED`, with what it lists.
    Failed(Vec<Entry>),
    /// A page for people, where a machine was asked.
    Html {
        /// Its title.
        title: String,
    },
    /// Anything else.
    Text(String),
}

impl Said {
    /// Reads a body. JSON is known by its look, not by its content type: the gateway's refusals have none.
    #[must_use]
    pub fn read(content_type: Option<&str>, body: &[u8]) -> (Self, Value) {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return (Said::Empty, Value::Null);
        }
        if content_type.is_some_and(|c| c.contains("html")) || text.starts_with('<') {
            return (Said::Html { title: title(text) }, Value::Null);
        }
        match serde_json::from_str::<Value>(text) {
            Ok(value) => (Self::of(&value), value),
            Err(_) => (Said::Text(short(text)), Value::Null),
        }
    }

    fn of(value: &Value) -> Self {
        let errors = entries(value.get("Errors").or_else(|| value.get("errors")));
        let info = value.get("ResponseInfo").or_else(|| value.get("responseInfo"));
        if info.and_then(|i| i.get("status")).is_some_and(|s| text(Some(s)).eq_ignore_ascii_case("failed")) {
            return Said::Failed(errors);
        }
        if !errors.is_empty() {
            return Said::Errors(errors);
        }
        match value.get("error") {
            Some(Value::String(error)) => {
                if value.get("status").is_some_and(Value::is_number) || value.get("timestamp").is_some() {
                    let (message, from_gateway) = (text(value.get("message")), value.get("requestId").is_some());
                    return Said::Spring { error: short(error), message, from_gateway };
                }
                Said::OAuth { error: short(error), description: text(value.get("error_description")) }
            }
            Some(error @ Value::Object(_)) => {
                let mut fields = entries(error.get("fields"));
                fields.push(Entry {
                    code: String::new(),
                    id: String::new(),
                    message: [text(error.get("message")), text(error.get("description"))].join(" ").trim().to_owned(),
                });
                Said::Fields(fields)
            }
            _ => Said::Json,
        }
    }

    /// All that is said, for looking for a word in it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Said::Empty | Said::Json => String::new(),
            Said::Errors(list) | Said::Fields(list) | Said::Failed(list) => {
                list.iter().map(|e| format!("{} {} {}", e.code, e.id, e.message)).collect::<Vec<_>>().join(" ")
            }
            Said::OAuth { error, description } => format!("{error} {description}"),
            Said::Spring { error, message, .. } => format!("{error} {message}"),
            Said::Html { title } => title.clone(),
            Said::Text(text) => text.clone(),
        }
    }

    /// Whether one of the errors has this code or class.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        match self {
            Said::Errors(list) | Said::Fields(list) | Said::Failed(list) => {
                list.iter().any(|e| e.code == code || e.id == code)
            }
            Said::OAuth { error, .. } => error == code,
            _ => false,
        }
    }
}

fn entries(list: Option<&Value>) -> Vec<Entry> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|e| Entry { code: text(e.get("code")), id: text(e.get("id")), message: text(e.get("message")) })
        .collect()
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(s)) => short(s),
        Some(Value::Null) | None => String::new(),
        Some(other) => short(&other.to_string()),
    }
}

fn short(text: &str) -> String {
    text.chars().take(KEPT).collect()
}

/// The title of a page, for saying whose page it is.
fn title(page: &str) -> String {
    crate::html::Page::read(page).title.map(|t| short(t.trim())).unwrap_or_default()
}
