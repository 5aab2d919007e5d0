//! One request and its answer over one connection to a pod.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::again::Lost;
use super::forward::{Forwarded, Opened};

/// Bytes of an answer that are read if nothing else is said.
const LIMIT: usize = 16 * 1024 * 1024;
/// How long a connection may have been idle to be used again. Programs close idle ones, the shortest-lived after five seconds, and what
/// is sent into one that closes may or may not have arrived.
const IDLE: Duration = Duration::from_secs(3);
/// How long a node is given to say that nobody listens, after it has agreed to forward: it tries at once. A node that gives up closes its
/// connection, and if something was sent into it meanwhile, that can take away what it said before.
const LISTENS: Duration = Duration::from_millis(100);
/// How long what is on its way may still come after the forward said that it has failed.
const GRACE: Duration = Duration::from_secs(1);

/// A request to a program.
#[derive(Clone)]
pub struct Ask {
    pub(super) method: Method,
    /// With the query.
    pub(super) path: String,
    headers: HeaderMap,
    body: Bytes,
    pub(super) repeatable: bool,
    pub(super) time_out: Option<Duration>,
    pub(super) limit: usize,
}

/// Method and path: what else is sent may be secret.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ask({} {}, {} bytes)", self.method, self.bare_path(), self.body.len())
    }
}

impl Ask {
    /// Asks with a method for a path, which begins with `/` and may have a query. Unless it is [`repeatable`](Ask::repeatable), it is sent
    /// at most once.
    pub fn new(method: Method, path: &str) -> Self {
        Ask {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            repeatable: false,
            time_out: None,
            limit: LIMIT,
        }
    }

    /// Reads what is at a path. It changes nothing there, so it is repeatable.
    pub fn get(path: &str) -> Self {
        Ask::new(Method::GET, path).repeatable()
    }

    /// The same with a header; it replaces one of the same name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same with a body and its content type, for example `application/json` or `multipart/form-data; boundary=…`.
    #[must_use]
    pub fn body(mut self, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE, content_type)
    }

    /// The same, to be sent again if its answer is lost: carrying it out twice is the same as once.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Ask { repeatable: true, ..self }
    }

    /// The same, waiting no longer than this for one answer if it is repeatable; as long as for an answer of the API server if not set.
    /// Whoever may not ask again waits until the deadline.
    #[must_use]
    pub fn time_out(self, time_out: Duration) -> Self {
        Ask { time_out: Some(time_out), ..self }
    }

    /// The same, reading at most so many bytes of the answer's body; 16 MiB if not set.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Ask { limit, ..self }
    }

    /// Whether it may change something there.
    pub(super) fn writes(&self) -> bool {
        !self.method.is_safe()
    }

    /// The path without its query.
    pub(super) fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The request as it is sent; none if its path is not one.
    pub(super) fn request(&self, host: &str) -> Option<Request<Full<Bytes>>> {
        let path = PathAndQuery::try_from(&*self.path).ok().filter(|path| path.as_str().starts_with('/'))?;
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = path.into();
        *request.headers_mut() = self.headers.clone();
        if let Ok(host) = HeaderValue::from_str(host) {
            request.headers_mut().entry(header::HOST).or_insert(host);
        }
        Some(request)
    }
}

/// What a program answered, whatever its status says.
#[derive(Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// Says how much it is, not what.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no reply.
#[derive(Debug)]
pub(super) enum Failed {
    Lost(Lost),
    /// It was answered, with more than was asked for.
    TooLarge,
}

/// A connection to a pod that speaks HTTP.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Ends with it.
    _driver: AbortOnDropHandle<()>,
    forwarded: Forwarded,
    /// UID of the pod.
    pub(super) pod: String,
    used: Instant,
}

impl Connection {
    /// Speaks HTTP over a forwarded port. Nothing is sent yet.
    pub(super) async fn over(opened: Opened) -> Result<Self, String> {
        let Opened { io, forwarded, pod } = opened;
        let (sender, connection) = http1::handshake(TokioIo::new(io)).await.map_err(|error| error.to_string())?;
        // What goes wrong with it is told to whoever waits for an answer.
        let driver = AbortOnDropHandle::new(tokio::spawn(async move {
            let _ = connection.await;
        }));
        Ok(Connection { sender, _driver: driver, forwarded, pod, used: Instant::now() })
    }

    /// Whether it may be used once more.
    pub(super) fn is_fresh(&self) -> bool {
        !self.sender.is_closed() && self.used.elapsed() < IDLE
    }

    /// Gives the node the time to say that nobody listens. Nothing is sent yet.
    pub(super) async fn listens(&mut self) -> Result<(), Lost> {
        match tokio::time::timeout(LISTENS, &mut self.forwarded.failure).await {
            Err(_) => Ok(()),
            Ok(said) => Err(Lost::Unsent("the forward has ended".to_owned()).told(said.as_deref())),
        }
    }

    /// Sends a request and reads its answer of at most `limit` bytes.
    pub(super) async fn exchange(&mut self, request: Request<Full<Bytes>>, limit: usize) -> Result<Reply, Failed> {
        let unsent = |error: hyper::Error| Failed::Lost(Lost::Unsent(error.to_string()));
        let sender = &mut self.sender;
        let answer = async {
            sender.ready().await.map_err(unsent)?;
            let answer = sender.try_send_request(request).await.map_err(|mut error| match error.take_message() {
                Some(_) => unsent(error.into_error()),
                None => Failed::Lost(Lost::MaybeDone(error.into_error().to_string())),
            })?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, limit).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Failed::TooLarge
                } else {
                    Failed::Lost(Lost::MaybeDone(error.to_string()))
                }
            })?;
            Ok(Reply { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
        };
        let mut answer = std::pin::pin!(answer);
        let failure = &mut self.forwarded.failure;
        let (outcome, said) = tokio::select! {
            biased;
            outcome = &mut answer => (outcome, None),
            said = &mut *failure => match tokio::time::timeout(GRACE, &mut answer).await {
                Ok(outcome) => (outcome, said),
                Err(_) => (Err(Failed::Lost(Lost::MaybeDone("the forward has ended".to_owned()))), said),
            },
        };
        self.used = Instant::now();
        outcome.map_err(|failed| match failed {
            Failed::Lost(lost) => Failed::Lost(lost.told(said.or_else(|| failure.now_or_never().flatten()).as_deref())),
            Failed::TooLarge => Failed::TooLarge,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_where_it_goes_and_nothing_that_may_be_secret() {
        let ask = Ask::new(Method::POST, "/user/oauth/token?password=hidden")
            .header(header::AUTHORIZATION, HeaderValue::from_static("Basic hidden"))
            .body(HeaderValue::from_static("application/json"), "hidden");
        assert_eq!(format!("{ask:?}"), "Ask(POST /user/oauth/token, 6 bytes)");
        let request = ask.request("gateway.egov:8080").unwrap();
        assert_eq!(request.uri(), "/user/oauth/token?password=hidden");
        assert_eq!(request.headers()[header::HOST], "gateway.egov:8080");
        let own = ask.header(header::HOST, HeaderValue::from_static("digit.example")).request("x").unwrap();
        assert_eq!(own.headers()[header::HOST], "digit.example");
    }

    #[test]
    fn only_a_path_is_asked_for() {
        for (path, is_one) in [
            ("/", true),
            ("/a/b?c=d%20e", true),
            ("", false),
            ("a", false),
            ("http://elsewhere/", false),
            ("*", false),
            ("/a b", false),
        ] {
            assert_eq!(Ask::get(path).request("h").is_some(), is_one, "{path:?}");
        }
    }

    #[test]
    fn what_reads_is_repeatable_and_everything_else_only_if_said() {
        assert!(Ask::get("/").repeatable && !Ask::get("/").writes());
        let ask = Ask::new(Method::POST, "/");
        assert!(!ask.repeatable && ask.writes() && ask.repeatable().repeatable);
    }
}
