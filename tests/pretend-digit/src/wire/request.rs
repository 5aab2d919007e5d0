//! A request as it arrived, read completely.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

/// A part of a multipart form.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

/// A request as it arrived. It may hold passwords, so it has no debug form.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path alone, not decoded.
    pub(crate) path: String,
    /// The query, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The parts, if the body is a multipart form.
    pub(crate) parts: Vec<Part>,
}

impl Request {
    /// A query parameter, the first of its name; empty counts as absent, as Spring binds it.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// A query parameter as a list: repeated, or with commas.
    pub(crate) fn query_list(&self, name: &str) -> Vec<String> {
        self.query
            .iter()
            .filter(|(n, _)| n == name)
            .flat_map(|(_, v)| v.split(','))
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
            .collect()
    }

    /// A header line as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The content type without its parameters.
    pub(crate) fn content_type(&self) -> Option<String> {
        let line = self.header("content-type")?;
        Some(line.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The fields of a form body, in order; of the query too, as a servlet reads them.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let mut fields = self.query.clone();
        if self.content_type().as_deref() == Some("application/x-www-form-urlencoded") {
            fields.extend(form_urlencoded::parse(&self.body).map(|(n, v)| (n.into_owned(), v.into_owned())));
        }
        fields
    }

    /// The JSON body, as Spring reads it: of JSON's content type, there, and well formed. Codes and texts are the tracer
    /// library's (READ in `ExceptionAdvise`; the page does not tell of bodies that are no JSON).
    ///
    /// # Errors
    /// With code and text of the refusal.
    pub(crate) fn json(&self) -> Result<Value, (&'static str, String)> {
        let kind = self.content_type();
        if !kind.as_deref().is_some_and(|k| k == "application/json" || k.ends_with("+json")) {
            let kind = self.header("content-type").unwrap_or("null");
            return Err(("UnsupportedMediaType", format!("An unsupported media Type was used - {kind}")));
        }
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Err(("MissingJsonException", "JSON body has errors or is missing".to_owned()));
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| ("JsonParseException", "Unexpected character in the body".to_owned()))
    }
}
