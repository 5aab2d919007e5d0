//! Reads a request completely, the parts of a form with files too.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

use crate::wire::request::{Part, Request};

/// More than that no test sends; it keeps a mistake from filling the memory.
const MOST: usize = 64 * 1024 * 1024;

/// The request, or none if it breaks off.
pub(crate) async fn read(request: http::Request<Incoming>) -> Option<Request> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MOST).collect().await.ok()?.to_bytes();
    let query = head.uri.query().unwrap_or_default();
    let query = form_urlencoded::parse(query.as_bytes()).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    let boundary = head
        .headers
        .get("content-type")
        .and_then(|v| v.to_str().ok())
        .and_then(|kind| multer::parse_boundary(kind).ok());
    let parts = match boundary {
        Some(boundary) => parts(body.clone(), boundary).await,
        None => Vec::new(),
    };
    Some(Request { method: head.method, path: head.uri.path().to_owned(), query, headers: head.headers, body, parts })
}

/// The parts of a form, as many as can be read.
async fn parts(body: Bytes, boundary: String) -> Vec<Part> {
    let stream = futures::stream::iter([Ok::<Bytes, std::io::Error>(body)]);
    let mut form = multer::Multipart::new(stream, boundary);
    let mut parts = Vec::new();
    while let Ok(Some(field)) = form.next_field().await {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(ToString::to_string);
        let Ok(bytes) = field.bytes().await else { break };
        parts.push(Part { name, file_name, content_type, bytes });
    }
    parts
}
