//! One call after the other: every request to a cluster goes through [`Cluster::call`], which waits out trouble that
//! passes, tells about it, and turns what stays into an [`Error`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use kube::Client;
use kube::client::Body;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::refusal::refusal;
use super::retry::{self, Person, Refusal, Remedy};
use crate::error::{Error, Result};
use crate::object::{ObjectRef, Resource};

/// Something went wrong and is tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// Stable code, for example `server-not-answering`, `webhook-failing`, `server-busy`.
    pub code: &'static str,
    /// Method and path.
    pub what: String,
    /// What was said, for evidence.
    pub message: String,
    /// Which try failed, from 1.
    pub tries: u32,
    /// Pause until the next.
    pub after: Duration,
    /// What a person has to do so that it passes, if it does not pass by itself.
    pub needs: Option<Person>,
}

/// Who is told about trouble.
pub type OnTrouble = Arc<dyn Fn(Trouble) + Send + Sync>;

/// Who is told that nothing goes on until a person has acted, and (`None`) that it goes on again: once for each change, however many
/// calls wait.
pub type OnHold = Arc<dyn Fn(Option<Person>) + Send + Sync>;

/// Whoever listens for holds, and what was told last.
struct Hold {
    listener: OnHold,
    now: Mutex<Option<Person>>,
}

/// Whether something may be written just now; asked before each try of a call that writes.
pub type Permit = Arc<dyn Fn() -> bool + Send + Sync>;

/// How often a call that may not be made yet asks again.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What is asked for, if nothing else is.
const JSON: &str = "application/json";

/// Bytes of a refusal that are read at most.
const LONGEST_REFUSAL: usize = 1024 * 1024;

/// How long trouble that passes is waited out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Until it passes, or the person stops it.
    Endless,
    /// No longer than this.
    For(Duration),
}

/// A cluster that we speak to. Cheap to clone; clones share the connection and what was learned about kinds.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    server: Arc<str>,
    /// What was learned about kinds, by group version.
    pub(crate) kinds: Arc<RwLock<HashMap<String, Vec<Resource>>>>,
    patience: Patience,
    time_out: Duration,
    on_trouble: Option<OnTrouble>,
    hold: Option<Arc<Hold>>,
    permit: Option<Permit>,
    stop: CancellationToken,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// With query.
    pub(crate) path: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) content_type: &'static str,
    pub(crate) accept: &'static str,
    /// `Kind/namespace/name` for errors.
    pub(crate) object: String,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Call { method, path: path.into(), body: None, content_type: JSON, accept: JSON, object: String::new() }
    }
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Call::new(Method::GET, path)
    }
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self
    }
    pub(crate) fn about(mut self, object: &ObjectRef) -> Self {
        self.object = object.to_string();
        self
    }
    /// Whether it may change something. Questions about ourselves are sent as objects too, and change nothing.
    fn writes(&self) -> bool {
        let is_question = self.path.starts_with("/apis/authentication.k8s.io/")
            || self.path.starts_with("/apis/authorization.k8s.io/");
        self.method != Method::GET && !is_question && !self.path.contains("dryRun=All")
    }
    /// Whether it writes something inside a namespace: `/api/v1/namespaces/NAME/…`.
    fn writes_inside(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        let inside = path.split_once("/namespaces/").is_some_and(|(_, rest)| rest.contains('/'));
        inside && matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
    }
    fn what(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// What was answered to a call that asks for anything but objects: a text, numbers for a monitor, a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// HTTP status, 200 to 299: everything else is an error.
    pub status: u16,
    /// As the server says it, for example `text/plain; version=0.0.4`; empty if it does not.
    pub content_type: String,
    /// The body.
    pub bytes: Bytes,
}

/// Says how much it is, not what: logs and settings hold secrets.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} {:?}, {} bytes)", self.status, self.content_type, self.bytes.len())
    }
}

/// How often something was tried, and since when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempts {
    begun: Instant,
    pub(crate) count: u32,
}

impl Attempts {
    pub(crate) fn begin() -> Self {
        Attempts { begun: Instant::now(), count: 0 }
    }
}

/// What is asked of the server, for errors and for what is told about trouble.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Method and path, without the query.
    pub(crate) what: String,
    /// `Kind/namespace/name`; may be empty.
    pub(crate) object: String,
    /// Whether something is to be written inside a namespace.
    pub(crate) writes_inside: bool,
}

impl Cluster {
    /// A cluster behind a client that somebody else made: the pretend cluster, and tests. `server` is what errors call it.
    pub fn new(client: Client, server: String) -> Self {
        Cluster {
            client,
            server: server.into(),
            kinds: Arc::default(),
            patience: Patience::For(Duration::from_secs(5)),
            time_out: Duration::from_secs(30),
            on_trouble: None,
            hold: None,
            permit: None,
            stop: CancellationToken::new(),
        }
    }

    /// The same cluster with another patience. A new one waits 5 s; runs set [`Patience::Endless`].
    #[must_use]
    pub fn with_patience(&self, patience: Patience) -> Self {
        Cluster { patience, ..self.clone() }
    }

    /// The same cluster with another time-out for one call; 30 s if not set.
    #[must_use]
    pub fn with_time_out(&self, time_out: Duration) -> Self {
        Cluster { time_out, ..self.clone() }
    }

    /// The same cluster, telling `listener` about trouble that is waited out.
    #[must_use]
    pub fn with_listener(&self, listener: OnTrouble) -> Self {
        Cluster { on_trouble: Some(listener), ..self.clone() }
    }

    /// The same cluster, telling `listener` when it is held up until a person acts, and when it goes on. Held calls do not fail, if
    /// their patience is [`Patience::Endless`]: they are made again and again until they work or are stopped.
    #[must_use]
    pub fn with_hold_listener(&self, listener: OnHold) -> Self {
        Cluster { hold: Some(Arc::new(Hold { listener, now: Mutex::new(None) })), ..self.clone() }
    }

    /// The same cluster, writing only while `permit` says so; calls that write wait until it does. Whoever was cut off may have lost
    /// the right to write meanwhile, and learns that before anything else.
    #[must_use]
    pub fn with_permit(&self, permit: Permit) -> Self {
        Cluster { permit: Some(permit), ..self.clone() }
    }

    /// The same cluster, beginning no new call after `stop`.
    #[must_use]
    pub fn with_stop(&self, stop: CancellationToken) -> Self {
        Cluster { stop, ..self.clone() }
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The connection itself, for what kube offers beyond this crate.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// How long one call may take.
    pub(crate) fn time_out(&self) -> Duration {
        self.time_out
    }

    /// Resolves when no new call is to be begun.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    pub(crate) fn tell(&self, trouble: Trouble) {
        tracing::debug!(code = trouble.code, what = %trouble.what, message = %trouble.message, "trouble");
        if let Some(needs) = trouble.needs {
            self.held(Some(needs));
        }
        if let Some(listener) = &self.on_trouble {
            listener(trouble);
        }
    }

    /// Whether trouble is waited out for as long as it takes.
    pub(crate) fn is_patient(&self) -> bool {
        self.patience == Patience::Endless
    }

    /// Notes that the server was spoken to.
    pub(crate) fn goes_on(&self) {
        self.held(None);
    }

    fn held(&self, by: Option<Person>) {
        let Some(hold) = &self.hold else { return };
        let before = {
            let mut now = hold.now.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *now, by)
        };
        if before != by {
            (hold.listener)(by);
        }
    }

    /// Makes a call until it is answered for good.
    pub(crate) async fn call(&self, call: &Call) -> Result<Value> {
        self.answered(call, usize::MAX, |_, _, bytes| {
            serde_json::from_slice(&bytes).map_err(|error| Refusal::Garbled { reason: error.to_string() })
        })
        .await
    }

    /// Reads what need not be JSON, from a path with its query: `/version`, `/readyz`, `/metrics`, a log. At most `limit` bytes; more is
    /// [`Error::TooLarge`]. Trouble is waited out, told and held as for every call, and what is not a success is the same error.
    pub async fn read(&self, path: &str, limit: usize) -> Result<Document> {
        let call = Call { accept: "*/*", ..Call::get(path) };
        self.answered(&call, limit, |status, headers, bytes| {
            let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            Ok(Document { status: status.as_u16(), content_type: content_type.unwrap_or_default().to_owned(), bytes })
        })
        .await
    }

    /// Makes a call until `read` can read a success of at most `limit` bytes, or it has failed for good.
    async fn answered<T>(
        &self,
        call: &Call,
        limit: usize,
        read: impl Fn(StatusCode, &HeaderMap, Bytes) -> Result<T, Refusal>,
    ) -> Result<T> {
        let asked = Asked { what: call.what(), object: call.object.clone(), writes_inside: call.writes_inside() };
        let mut tries = Attempts::begin();
        loop {
            self.begins(call.writes()).await?;
            let answer = self.once(call, limit).await;
            match answer.and_then(|(status, headers, bytes)| read(status, &headers, bytes)) {
                Ok(answer) => {
                    self.goes_on();
                    return Ok(answer);
                }
                Err(refused) => self.bear(refused, &asked, &mut tries).await?,
            }
        }
    }

    /// Waits until a call may be begun: never after a stop, and for one that writes only while that is permitted.
    pub(crate) async fn begins(&self, writes: bool) -> Result<()> {
        if self.stop.is_cancelled() {
            return Err(Error::Stopped);
        }
        while writes && self.permit.as_ref().is_some_and(|permit| !permit()) {
            self.rest(ASK_AGAIN).await?;
        }
        Ok(())
    }

    /// Bears a refusal: tells it and waits until the next try, or gives the error that it is in the end.
    pub(crate) async fn bear(&self, refused: Refusal, asked: &Asked, tries: &mut Attempts) -> Result<()> {
        let Asked { what, object, writes_inside } = asked;
        let lasted = tries.begun.elapsed();
        let needs = retry::person(&refused, lasted);
        if needs.is_none() && matches!(refused, Refusal::Status { code: ..500, .. }) {
            // It answers us, whatever it says.
            self.goes_on();
        }
        tries.count += 1;
        let own = match self.patience {
            Patience::Endless => Duration::MAX,
            Patience::For(limit) => limit,
        };
        let limit = match retry::remedy(&refused, *writes_inside) {
            Remedy::Final => Duration::ZERO,
            Remedy::Again => own,
            Remedy::AgainWhenHelped if self.is_patient() => own,
            Remedy::AgainWhenHelped => Duration::ZERO,
            Remedy::AgainForAWhile => own.min(retry::BUDGET),
        };
        let wish = match &refused {
            Refusal::Status { retry_after, .. } => *retry_after,
            _ => None,
        };
        let after = retry::pause(tries.count, wish, rand::random());
        if lasted.saturating_add(after) > limit {
            return Err(retry::error(refused, &self.server, what, object));
        }
        let code = retry::trouble_code(&refused);
        let message = retry::error(refused, &self.server, what, object).to_string();
        self.tell(Trouble { code, what: what.clone(), message, tries: tries.count, after, needs });
        self.rest(after).await
    }

    /// Sleeps, unless stopped.
    pub(crate) async fn rest(&self, pause: Duration) -> Result<()> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.stop.cancelled() => Err(Error::Stopped),
        }
    }

    async fn once(&self, call: &Call, limit: usize) -> Result<(StatusCode, HeaderMap, Bytes), Refusal> {
        let mut request =
            Request::builder().method(call.method.clone()).uri(&call.path).header(http::header::ACCEPT, call.accept);
        if call.body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, call.content_type);
        }
        let body = call.body.clone().map_or_else(Body::empty, Body::from);
        let request = request.body(body).map_err(|error| Refusal::Garbled { reason: error.to_string() })?;
        let exchange = async {
            let answer = self.client.send(request).await.map_err(|error| refusal(&error))?;
            let (parts, body) = answer.into_parts();
            let success = parts.status.is_success();
            let bytes = match Limited::new(body, if success { limit } else { LONGEST_REFUSAL }).collect().await {
                Ok(body) => body.to_bytes(),
                Err(error) if !error.is::<LengthLimitError>() => return Err(refusal(&*error)),
                Err(_) if success => return Err(Refusal::TooLarge { limit }),
                // No API server says that much: the status is what counts.
                Err(_) => Bytes::new(),
            };
            Ok((parts, bytes))
        };
        let lost = || Refusal::Lost { reason: format!("no answer within {} s", self.time_out.as_secs()) };
        let (parts, bytes) = tokio::time::timeout(self.time_out, exchange).await.map_err(|_| lost())??;
        if call.accept == JSON && is_page(parts.status, &parts.headers) {
            return Err(Refusal::Page { code: parts.status.as_u16() });
        }
        if parts.status.is_success() {
            return Ok((parts.status, parts.headers, bytes));
        }
        let retry_after =
            parts.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let status = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
        let text = |key: &str| status[key].as_str().unwrap_or_default().to_owned();
        let message = if status.is_object() {
            text("message")
        } else {
            String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned()
        };
        // Go's servers say so themselves.
        if parts.status == StatusCode::BAD_REQUEST && message.contains("HTTP request to an HTTPS server") {
            return Err(Refusal::WantsTls { reason: message });
        }
        Err(Refusal::Status {
            code: parts.status.as_u16(),
            reason: text("reason"),
            message,
            details: status["details"].clone(),
            retry_after,
        })
    }
}

/// Whether something in between answers with a page for people: where a network wants a sign-in, or blocks what it does not like. An
/// error page with a status of its own trouble (5xx, too many requests) is that trouble.
fn is_page(status: StatusCode, headers: &HeaderMap) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("text/html")
        && (status.is_success() || matches!(status.as_u16(), 400 | 402..=407 | 410..=428 | 451))
}

/// What stands as it is in a value of a query.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a query value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, QUERY_VALUE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_for_people_is_no_answer() {
        for (status, kind, expected) in [
            (200, "text/html; charset=utf-8", true),
            (200, "Text/HTML", true),
            (403, "text/html", true),
            (404, "text/html", true),
            (200, "application/json", false),
            (404, "application/json", false),
            (404, "text/plain", false),
            // who is asked to sign in, and trouble that passes
            (401, "text/html", false),
            (408, "text/html", false),
            (429, "text/html", false),
            (502, "text/html", false),
            (503, "text/html", false),
            (200, "", false),
        ] {
            let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, kind.parse().unwrap())]);
            assert_eq!(is_page(StatusCode::from_u16(status).unwrap(), &headers), expected, "{status} {kind}");
        }
    }
}
