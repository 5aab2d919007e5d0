//! An answer, and how the connection goes on after it.

use std::time::Duration;

use serde_json::Value;

/// How an answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// After that long. `ZERO` is at once.
    After(Duration),
    /// Never: the connection stays open and silent.
    Never,
    /// The connection is reset in place of an answer.
    Reset,
}

/// What a service says to a request. It may hold a token, so it has no debug form.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Header lines, `content-type` among them if there is one.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body as it goes out.
    pub(crate) body: Vec<u8>,
    /// When it goes out.
    pub(crate) leaves: Leaves,
}

impl Answer {
    /// A JSON body.
    pub(crate) fn json(status: u16, body: &Value) -> Answer {
        Answer::bytes(status, "application/json", body.to_string().into_bytes())
    }

    /// 200 with a JSON body.
    #[allow(clippy::needless_pass_by_value, reason = "made on the spot with json! everywhere")]
    pub(crate) fn ok(body: Value) -> Answer {
        Answer::json(200, &body)
    }

    /// JSON text without content type, as the gateway refuses (§2.1).
    pub(crate) fn untyped(status: u16, body: &Value) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
            leaves: Leaves::After(Duration::ZERO),
        }
    }

    /// A page.
    pub(crate) fn html(status: u16, page: &str) -> Answer {
        Answer::bytes(status, "text/html", page.as_bytes().to_vec())
    }

    /// Any bytes.
    pub(crate) fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Answer {
        let headers = vec![("content-type", content_type.to_owned())];
        Answer { status, headers, body, leaves: Leaves::After(Duration::ZERO) }
    }

    /// No body, no content type.
    pub(crate) fn empty(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new(), leaves: Leaves::After(Duration::ZERO) }
    }

    /// No answer at all.
    pub(crate) fn never() -> Answer {
        Answer { leaves: Leaves::Never, ..Answer::empty(200) }
    }

    /// A reset connection.
    pub(crate) fn reset() -> Answer {
        Answer { leaves: Leaves::Reset, ..Answer::empty(200) }
    }

    /// The same, that much later.
    #[must_use]
    pub(crate) fn after(self, wait: Duration) -> Answer {
        let leaves = match self.leaves {
            Leaves::After(before) => Leaves::After(before.saturating_add(wait)),
            other => other,
        };
        Answer { leaves, ..self }
    }

    /// The same with one more header line.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}
