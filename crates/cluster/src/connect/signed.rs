//! Every request with who we are, and with what its connection can tell when it fails.

use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use kube::client::Body;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tower::Service;

use super::retry::Refusal;

/// How old what was read from a token's file may be: half of what a kubelet leaves between a new token and the old one's end.
const READ_AGAIN: Duration = Duration::from_secs(50);

/// What is sent as `Authorization`.
#[derive(Clone)]
pub(super) enum Authorization {
    None,
    Always(HeaderValue),
    File(Arc<TokenFile>),
}

/// A token in a file that others write anew.
pub(super) struct TokenFile {
    path: PathBuf,
    /// What counts while the file has never been read.
    spare: Option<HeaderValue>,
    last: Mutex<Option<(Instant, HeaderValue)>>,
}

impl TokenFile {
    pub(super) fn new(path: PathBuf, spare: Option<&SecretString>) -> Self {
        TokenFile { path, spare: spare.and_then(|token| bearer(token.expose_secret())), last: Mutex::new(None) }
    }

    /// The newest token. A file that cannot be read just now leaves the last one, as in client-go.
    async fn token(&self) -> Option<HeaderValue> {
        let mut last = self.last.lock().await;
        if let Some((read, token)) = &*last
            && read.elapsed() < READ_AGAIN
        {
            return Some(token.clone());
        }
        let text = tokio::fs::read_to_string(&self.path).await.unwrap_or_default();
        if let Some(token) = bearer(text.trim()) {
            *last = Some((Instant::now(), token));
        }
        last.as_ref().map(|(_, token)| token.clone()).or_else(|| self.spare.clone())
    }
}

/// The header for a token, if there is one and it can be sent.
pub(super) fn bearer(token: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok().filter(|_| !token.is_empty())?;
    value.set_sensitive(true);
    Some(value)
}

/// Adds headers to every request of a connection.
#[derive(Clone)]
pub(super) struct Signed<S> {
    inner: S,
    authorization: Authorization,
    headers: HeaderMap,
    is_tls: bool,
}

impl<S> Signed<S> {
    pub(super) fn new(
        inner: S,
        authorization: Authorization,
        headers: Vec<(HeaderName, HeaderValue)>,
        is_tls: bool,
    ) -> Self {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name, value);
        }
        Signed { inner, authorization, headers: all, is_tls }
    }
}

impl<S, B> Service<Request<Body>> for Signed<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error = hyper_util::client::legacy::Error>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = tower::BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        let (authorization, headers, is_tls) = (self.authorization.clone(), self.headers.clone(), self.is_tls);
        Box::pin(async move {
            request.headers_mut().extend(headers);
            let value = match &authorization {
                Authorization::None => None,
                Authorization::Always(value) => Some(value.clone()),
                Authorization::File(file) => file.token().await,
            };
            if let Some(value) = value {
                request.headers_mut().insert(AUTHORIZATION, value);
            }
            inner.call(request).await.map_err(|error| match is_tls || error.is_connect() {
                true => error.into(),
                // Somebody is there, and does not understand what we say without TLS.
                false => Refusal::WantsTls { reason: error.to_string() }.into(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_tokens_file_is_read_again_and_its_line_end_is_no_part_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        write("one\r\n");
        let file = TokenFile::new(path.clone(), None);
        let said = async || file.token().await.map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(said().await.as_deref(), Some("Bearer one"));
        write(" two\n");
        assert_eq!(said().await.as_deref(), Some("Bearer one"));
        tokio::time::sleep(READ_AGAIN).await;
        assert_eq!(said().await.as_deref(), Some("Bearer two"));
        for text in ["", "\n", "a\nb"] {
            write(text);
            tokio::time::sleep(READ_AGAIN).await;
            assert_eq!(said().await.as_deref(), Some("Bearer two"), "{text:?}");
        }
        std::fs::remove_file(&path).unwrap();
        tokio::time::sleep(READ_AGAIN).await;
        assert_eq!(said().await.as_deref(), Some("Bearer two"));
        let never = TokenFile::new(folder.path().join("none"), Some(&"spare".to_owned().into()));
        assert_eq!(never.token().await.unwrap(), "Bearer spare");
        assert_eq!(TokenFile::new(folder.path().join("none"), None).token().await, None);
    }
}
