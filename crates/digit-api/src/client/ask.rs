//! One call: sent, timed, read; asked again where that is safe.

use std::error::Error as _;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION, PROXY_AUTHENTICATE, RETRY_AFTER, SERVER, VIA};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::connect::Way;
use super::{Client, retry};
use crate::Error;
use crate::fault::{Fault, Found, NoAnswer, Said, Seen, Service};

/// The gateway refuses bodies over this many bytes.
pub const LARGEST_BODY: usize = 262_144;
/// No answer of DIGIT that we ask for is larger, in bytes.
pub(crate) const LARGEST_ANSWER: usize = 32 << 20;

/// Which way a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Gateway,
    UserService,
    Web,
}

/// What a call carries.
pub(crate) enum Body<'a> {
    None,
    Json(Value),
    /// The token form, with the client's own header.
    Form(Vec<(&'static str, &'a str)>),
    /// A file: its name, media type and bytes, and the fields beside it.
    File {
        name: &'static str,
        media: &'static str,
        bytes: Vec<u8>,
        fields: Vec<(&'static str, String)>,
    },
}

/// A call.
pub(crate) struct Ask<'a> {
    pub(crate) service: Service,
    pub(crate) door: Door,
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) query: Vec<(&'a str, String)>,
    pub(crate) body: Body<'a>,
    /// Whether the same call twice does the same as once.
    pub(crate) repeatable: bool,
    pub(crate) within: Option<Duration>,
    /// What must not be seen in what is kept of an answer.
    pub(crate) secrets: Vec<SecretString>,
}

impl<'a> Ask<'a> {
    /// A POST of JSON through the gateway that is not repeated.
    pub(crate) fn post(service: Service, path: &'a str, body: Value) -> Self {
        Self {
            service,
            door: Door::Gateway,
            method: Method::POST,
            path,
            query: Vec::new(),
            body: Body::Json(body),
            repeatable: false,
            within: None,
            secrets: Vec::new(),
        }
    }

    /// A GET through the gateway.
    pub(crate) fn get(service: Service, path: &'a str) -> Self {
        Self { method: Method::GET, body: Body::None, repeatable: true, ..Self::post(service, path, Value::Null) }
    }

    pub(crate) fn query(mut self, query: &[(&'a str, &str)]) -> Self {
        self.query.extend(query.iter().map(|(name, value)| (*name, (*value).to_owned())));
        self
    }

    pub(crate) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    pub(crate) fn through(mut self, door: Door) -> Self {
        self.door = door;
        self
    }

    pub(crate) fn within(mut self, within: Duration) -> Self {
        self.within = Some(within);
        self
    }

    pub(crate) fn hiding(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }
}

/// One try: an answer that is fine, or what was seen; and when we are asked to come again.
struct Try {
    outcome: Result<Value, Seen>,
    after: Option<Duration>,
}

impl Client {
    /// Asks, and gives the answer's JSON. 2xx with an error in it, or without JSON, is a fault too.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Value, Error> {
        let way = match ask.door {
            Door::Gateway => &self.gateway,
            Door::Web => &self.entry,
            Door::UserService => self.user.as_ref().ok_or(Error::NoUserService)?,
        };
        let mut pauses = retry::pauses(&self.patience);
        loop {
            let Try { outcome, after } = self.once(way, &ask).await;
            let fault = match outcome {
                Ok(value) => return Ok(value),
                Err(seen) => Fault::from(seen),
            };
            let pause = if ask.repeatable && retry::worth(&fault) { pauses.next() } else { None };
            let Some(pause) = pause else { return Err(fault.into()) };
            (self.sleep)(pause.max(after.unwrap_or_default()).min(self.patience.longest_pause)).await;
        }
    }

    async fn once(&self, way: &Way, ask: &Ask<'_>) -> Try {
        let mut url = way.address.join(ask.path);
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&ask.query);
        }
        let seen = |found, took: Duration, between| Seen {
            service: ask.service,
            call: ask.path.to_owned(),
            at: way.address.origin(),
            took_ms: took.as_millis() as u64,
            found,
            between,
        };
        let mut request = way.http.request(ask.method.clone(), url);
        request = match &ask.body {
            Body::None => request,
            Body::Json(value) => {
                let bytes = value.to_string().into_bytes();
                if bytes.len() > LARGEST_BODY {
                    let found = Found::TooLarge { bytes: bytes.len() as u64 };
                    return Try { outcome: Err(seen(found, Duration::ZERO, None)), after: None };
                }
                request.header(CONTENT_TYPE, "application/json").body(bytes)
            }
            Body::Form(fields) => request.header(AUTHORIZATION, CLIENT).form(fields),
            Body::File { name, media, bytes, fields } => {
                let part = Part::bytes(bytes.clone()).file_name(*name).mime_str(media);
                let mut form = match part {
                    Ok(part) => Form::new().part("file", part),
                    Err(_) => Form::new(),
                };
                for (name, value) in fields {
                    form = form.text(*name, value.clone());
                }
                request.multipart(form)
            }
        };
        let began = Instant::now();
        let within = ask.within.unwrap_or(self.patience.answer);
        let answer = tokio::time::timeout(within, async {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            let headers = answer.headers().clone();
            Ok::<_, reqwest::Error>((status, headers, read_limited(answer).await?))
        })
        .await;
        let took = began.elapsed();
        let (status, headers, bytes) = match answer {
            Ok(Ok(whole)) => whole,
            Ok(Err(error)) => {
                return Try { outcome: Err(seen(Found::NoAnswer(why(&error)), took, None)), after: None };
            }
            Err(_) => return Try { outcome: Err(seen(Found::NoAnswer(NoAnswer::TimedOut), took, None)), after: None },
        };
        let header = |name| headers.get(name).and_then(|v: &reqwest::header::HeaderValue| v.to_str().ok());
        if let Some(date) = header(DATE) {
            self.heard_date(date);
        }
        let (said, value) = Said::read(header(CONTENT_TYPE), &bytes);
        if (200..300).contains(&status) && said == Said::Json {
            return Try { outcome: Ok(value), after: None };
        }
        let (said, _) = Said::read(header(CONTENT_TYPE), &blanked(&bytes, &ask.secrets));
        let between = header(VIA).or(header(PROXY_AUTHENTICATE)).map(str::to_owned).or_else(|| {
            let server = header(SERVER).filter(|_| matches!(said, Said::Html { .. } | Said::Text(_)));
            server.map(str::to_owned).or_else(|| header(LOCATION).and_then(host_of))
        });
        let after = retry::after(header(RETRY_AFTER), (self.now)());
        Try { outcome: Err(seen(Found::Answer { status, said }, took, between)), after }
    }
}

/// `egov-user-client` with an empty secret: the client of DIGIT's own pages, no secret of anybody.
const CLIENT: &str = "Basic ZWdvdi11c2VyLWNsaWVudDo=";

/// Where a redirect leads, without path and query: these may hold what is secret.
fn host_of(location: &str) -> Option<String> {
    Url::parse(location).ok().map(|url| url.origin().ascii_serialization())
}

/// An answer that is no good, without what was sent as a secret, should it say that back.
fn blanked(bytes: &[u8], secrets: &[SecretString]) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|s| !s.is_empty()) {
        text = text.replace(secret, "…");
    }
    text.into_bytes()
}

/// A whole body, unless it is larger than any that we ask for: then it is cut, and so no JSON.
pub(crate) async fn read_limited(mut answer: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST_ANSWER {
            break;
        }
    }
    Ok(bytes)
}

/// Why there was no answer, from what the client's error is made of.
pub(crate) fn why(error: &reqwest::Error) -> NoAnswer {
    if error.is_timeout() {
        return NoAnswer::TimedOut;
    }
    let mut texts = String::new();
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            match io.kind() {
                ErrorKind::ConnectionRefused => return NoAnswer::Refused,
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                    return NoAnswer::Cut;
                }
                ErrorKind::UnexpectedEof if !error.is_connect() => return NoAnswer::Cut,
                ErrorKind::TimedOut => return NoAnswer::TimedOut,
                _ => {}
            }
        }
        texts.push_str(&inner.to_string().to_lowercase());
        texts.push('\n');
        source = inner.source();
    }
    let has = |word: &str| texts.contains(word);
    if has("dns error") || has("failed to lookup") {
        NoAnswer::Unresolved
    } else if has("tunnel") || has("proxy") {
        NoAnswer::Proxy
    } else if has("certificate") || has("tls") || has("handshake") || has("corrupt message") {
        NoAnswer::Tls
    } else if has("incomplete")
        || has("before message completed")
        || has("end of file")
        || error.is_body()
        || error.is_decode()
    {
        NoAnswer::Cut
    } else {
        NoAnswer::Other
    }
}
