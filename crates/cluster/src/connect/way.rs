//! The way to a server: directly or through a proxy, and what is in the way of it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tower::Service;

use super::address::{Credentials, ProxyAddress, Speech};
use super::retry::Refusal;

/// How long it takes at most until the way stands.
pub(super) const WITHIN: Duration = Duration::from_secs(10);

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Hop = HttpsConnector<HttpConnector>;

/// Makes connections to a server, without TLS: that comes on top.
#[derive(Clone)]
pub(super) struct Way {
    hop: Hop,
    proxy: Option<Arc<ProxyAddress>>,
}

impl Way {
    /// `tls` is spoken with the proxy, if that speaks TLS itself.
    pub(super) fn new(proxy: Option<ProxyAddress>, tls: ClientConfig) -> Self {
        let mut plain = HttpConnector::new();
        plain.enforce_http(false);
        plain.set_connect_timeout(Some(WITHIN));
        let hop = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        Way { hop: hop.wrap_connector(plain), proxy: proxy.map(Arc::new) }
    }

    async fn go(mut self, to: Uri) -> Result<Stream, Refusal> {
        // Proxies are told a port, whatever the scheme.
        let port = to.port_u16().unwrap_or(if to.scheme_str() == Some("https") { 443 } else { 80 });
        let unknown = || Refusal::Lost { reason: "not an address".to_owned() };
        let at = |scheme: &str, authority: &str| {
            Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build().map_err(|_| unknown())
        };
        let there = at("http", &format!("{}:{port}", to.host().ok_or_else(unknown)?))?;
        let Some(proxy) = self.proxy.clone() else {
            let lost = |error: tower::BoxError| Refusal::Lost { reason: said(&*error) };
            return self.hop.call(there).await.map_err(lost);
        };
        let refused =
            |wants_sign_in: bool, reason: String| Refusal::Proxy { proxy: proxy.shown(), wants_sign_in, reason };
        let first = at(if proxy.speech == Speech::Https { "https" } else { "http" }, proxy.authority.as_str())?;
        match proxy.speech {
            Speech::Http | Speech::Https => {
                let mut tunnel = Tunnel::new(first, self.hop);
                if let Some(basic) = proxy.credentials.as_ref().and_then(basic) {
                    tunnel = tunnel.with_auth(basic);
                }
                tunnel.call(there).await.map_err(|error| {
                    let reason = said(&error);
                    refused(reason.contains("proxy authorization required"), reason)
                })
            }
            Speech::Socks5 => {
                let mut socks = SocksV5::new(first, self.hop);
                if let Some(Credentials { user, password }) = &proxy.credentials {
                    // The protocol has no more room for either.
                    if user.len() > 255 || password.expose_secret().len() > 255 {
                        return Err(refused(true, "name or password is too long".to_owned()));
                    }
                    socks = socks.with_auth(user.clone(), password.expose_secret().to_owned());
                }
                socks.call(there).await.map_err(|error| {
                    let reason = said(&error);
                    refused(reason.contains("authentication") || reason.contains("credentials"), reason)
                })
            }
        }
    }
}

/// What a network says, with its causes.
fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut link = Some(error);
    while let Some(cause) = link {
        let text = cause.to_string();
        if said.last().is_none_or(|before| !before.contains(&text)) {
            said.push(text);
        }
        link = cause.source();
    }
    said.join(": ")
}

/// The header that signs in to a proxy or a server with a password.
pub(super) fn basic(credentials: &Credentials) -> Option<HeaderValue> {
    let pair = format!("{}:{}", credentials.user, credentials.password.expose_secret());
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Service<Uri> for Way {
    type Response = Stream;
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Refusal>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Nothing of it waits: the connectors beneath are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let way = self.clone();
        Box::pin(async move {
            let seconds = WITHIN.as_secs();
            let shown = way.proxy.as_ref().map(|proxy| proxy.shown());
            tokio::time::timeout(WITHIN, way.go(to)).await.unwrap_or_else(|_| {
                let reason = format!("no connection within {seconds} s");
                Err(match shown {
                    Some(proxy) => Refusal::Proxy { proxy, wants_sign_in: false, reason },
                    None => Refusal::Lost { reason },
                })
            })
        })
    }
}
