//! From a kubeconfig, or from any HTTP service, to a [`Cluster`].

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use http::{Request, Response};
use hyper_rustls::{FixedServerNameResolver, HttpsConnectorBuilder};
use hyper_timeout::TimeoutConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use kube::Client;
use kube::client::Body;
use kube::client::middleware::BaseUriLayer;
use secrecy::ExposeSecret as _;
use tower::Layer as _;

use super::address::ProxyAddress;
use super::api::Cluster;
use super::context::{self, Access, Credential, Identity};
use super::exec::{self, Given};
use super::file::File;
use super::proxy::{Proxy, proxy_for};
use super::retry::{self, Refusal};
use super::signed::{Authorization, Signed, TokenFile, bearer};
use super::signing_in::{SignIn, SignedIn, SigningIn};
use super::trust::{self, NoTls};
use super::way::{self, Way, basic};
use super::{kubeconfig, pem, system_proxy};
use crate::error::{Error, Fault, Result};

/// Which cluster, and how to reach it.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The kubeconfig; none: the default one.
    pub kubeconfig: Option<PathBuf>,
    /// The context; none: the current one.
    pub context: Option<String>,
    /// The proxy.
    pub proxy: Proxy,
}

/// Makes a client for a context. Reads files and runs the sign-in program, if the kubeconfig names one, but does not
/// speak to the server yet: [`Cluster::version`] does.
pub async fn connect(target: &Target) -> Result<Cluster> {
    let fresh = prepare(target).await.map_err(Unprepared::into_error)?;
    let server = fresh.server.clone();
    let target = target.clone();
    let again: SignIn = Arc::new(move || {
        let target = target.clone();
        Box::pin(async move { prepare(&target).await.map(Into::into).map_err(Unprepared::into_refusal) })
    });
    Ok(Cluster::new(Client::new(SigningIn::new(fresh.into(), again), "default"), server))
}

/// A cluster behind any HTTP service: the pretend cluster, and tests. `server` is what errors call it.
pub fn connect_service<S, B>(service: S, server: &str) -> Cluster
where
    S: tower::Service<Request<Body>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<tower::BoxError>,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<tower::BoxError>,
{
    Cluster::new(Client::new(service, "default"), server.to_owned())
}

/// A connection that was just made.
struct Fresh {
    client: Client,
    server: String,
    /// When its credential ends, if that is known.
    until: Option<Timestamp>,
}

impl From<Fresh> for SignedIn {
    fn from(fresh: Fresh) -> Self {
        SignedIn { client: fresh.client, until: fresh.until }
    }
}

/// Why there is no connection.
enum Unprepared {
    Kubeconfig(Error),
    Refused { server: String, refusal: Refusal },
}

impl Unprepared {
    fn into_error(self) -> Error {
        match self {
            Unprepared::Kubeconfig(error) => error,
            Unprepared::Refused { server, refusal } => retry::error(refusal, &server, "", ""),
        }
    }

    /// For somebody who was signed in before: whatever is wrong with the kubeconfig now is put right by signing in as then.
    fn into_refusal(self) -> Refusal {
        match self {
            Unprepared::Refused { refusal, .. } => refusal,
            Unprepared::Kubeconfig(error) => Refusal::Unusable(Box::new(error)),
        }
    }
}

/// From files and the sign-in program to a client. Nothing here blocks a thread that others wait for.
async fn prepare(target: &Target) -> Result<Fresh, Unprepared> {
    let panicked = |error: tokio::task::JoinError| Unprepared::Refused {
        server: String::new(),
        refusal: Refusal::Garbled { reason: error.to_string() },
    };
    let wanted = target.clone();
    let read = tokio::task::spawn_blocking(move || read(&wanted, |name| std::env::var(name).ok())).await;
    let mut found = read.map_err(panicked)?.map_err(Unprepared::Kubeconfig)?;
    let server = found.access.server.shown();
    let mut until = None;
    let mut given = None;
    if let Credential::Program(program) = &found.access.credential {
        let refused = |refusal| Unprepared::Refused { server: server.clone(), refusal };
        let credential = exec::sign_in(program, std::io::stdin().is_terminal()).await.map_err(refused)?;
        until = credential.until;
        given = Some((program.exec.command.clone(), credential));
    }
    if let Some((command, given)) = given {
        let refused = |reason| Unprepared::Refused {
            server: server.clone(),
            refusal: Refusal::SignIn { command, reason, is_offline: false },
        };
        take(&mut found.access, given).map_err(refused)?;
    }
    // The system's authorities are many files.
    let built = tokio::task::spawn_blocking(move || found.build()).await;
    let client = built.map_err(panicked)?.map_err(Unprepared::Kubeconfig)?;
    Ok(Fresh { client, server, until })
}

/// Puts what a program gave where the program was named.
fn take(access: &mut Access, given: Given) -> Result<(), String> {
    access.credential = given.token.map_or(Credential::None, Credential::Token);
    if let Some((certificate, key)) = given.certificate {
        let chain = pem::certificates(certificate.as_bytes());
        let key = pem::key(key.expose_secret().as_bytes()).map_err(|fault| fault.to_string())?;
        if chain.is_empty() {
            return Err(Fault::NoCertificate.to_string());
        }
        access.identity = Some(Identity { chain, key });
    }
    Ok(())
}

/// What is known before anybody is spoken to.
pub(super) struct Found {
    pub(super) access: Access,
    pub(super) proxy: Option<ProxyAddress>,
}

/// Reads the kubeconfig and finds the way. `env` reads an environment variable.
fn read(target: &Target, env: impl Fn(&str) -> Option<String>) -> Result<Found> {
    let paths = kubeconfig::default_sources(target.kubeconfig.as_deref());
    let merged = kubeconfig::read(&paths)?;
    find(&merged.file, target, env)
}

pub(super) fn find(file: &File, target: &Target, env: impl Fn(&str) -> Option<String>) -> Result<Found> {
    let context = kubeconfig::choose(file, target.context.as_deref())?;
    let mut access = context::access(file, context)?;
    let proxy = match access.proxy.take() {
        Some(named) => Some(named),
        None => proxy_for(&access.server, &target.proxy, env, system_proxy::of)?,
    };
    Ok(Found { access, proxy })
}

impl Found {
    /// A client that has spoken to nobody yet.
    pub(super) fn build(self) -> Result<Client> {
        let Found { access, proxy } = self;
        let Access { server, trusted, identity, credential, headers, entries: (cluster, user), .. } = access;
        let tls = trust::tls(trusted.authorities.as_deref(), identity).map_err(|error| match error {
            NoTls::Authorities => cluster.fault("certificate-authority", Fault::NoCertificate),
            NoTls::KeyOfAnother => user.fault("client-key", Fault::KeyOfAnother),
            NoTls::Key => user.fault("client-key", Fault::NoKey),
            NoTls::System(reason) => Error::NotTrusted { server: server.shown(), reason, issuer: String::new() },
        })?;
        let authorization = match &credential {
            Credential::None | Credential::Program(_) => Authorization::None,
            Credential::Token(token) => {
                bearer(token.expose_secret()).map_or(Authorization::None, Authorization::Always)
            }
            Credential::TokenFile(path, spare) => {
                Authorization::File(Arc::new(TokenFile::new(path.clone(), spare.as_ref())))
            }
            Credential::Password(credentials) => basic(credentials).map_or(Authorization::None, Authorization::Always),
        };
        let mut https = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
        if let Some(name) = trusted.name {
            https = https.with_server_name_resolver(FixedServerNameResolver::new(name));
        }
        let mut connector = TimeoutConnector::new(https.enable_http1().wrap_connector(Way::new(proxy, tls)));
        connector.set_connect_timeout(Some(way::WITHIN));
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        let signed = Signed::new(client, authorization, headers, server.is_tls());
        Ok(Client::new(BaseUriLayer::new(server.uri).layer(signed), "default"))
    }
}
