//! From a kubeconfig, or from any HTTP service, to a [`Cluster`].

use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{Request, Response, StatusCode};
use kube::client::{Body, ClientBuilder};
use kube::config::KubeConfigOptions;
use kube::{Client, Config};
use tokio::sync::Mutex;

use super::api::Cluster;
use super::kubeconfig;
use super::proxy::{Proxy, proxy_for};
use super::refusal::refusal;
use super::retry::{self, Refusal};
use crate::error::{Error, Result};

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

/// How long it takes at most until a connection stands.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes a client for a context. Reads files and runs the sign-in program, if the kubeconfig names one, but does not
/// speak to the server yet: [`Cluster::version`] does.
pub async fn connect(target: &Target) -> Result<Cluster> {
    let config = config(target).await?;
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let client = client(config).await.map_err(|refusal| retry::error(refusal, &server, "", ""))?;
    let target = target.clone();
    let renew: Renew = Arc::new(move || {
        let target = target.clone();
        Box::pin(async move {
            let config = self::config(&target).await.map_err(|error| Box::new(error) as tower::BoxError)?;
            ClientBuilder::try_from(config).map(ClientBuilder::build).map_err(Into::into)
        })
    });
    let renewing = Renewing { current: Arc::new(Mutex::new((0, client))), renew: Some(renew) };
    Ok(Cluster::new(Client::new(renewing, "default"), server))
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

async fn config(target: &Target) -> Result<Config> {
    let paths = kubeconfig::default_sources(target.kubeconfig.as_deref());
    let file = kubeconfig::read(&paths)?;
    let context = kubeconfig::choose(&file, target.context.as_deref())?;
    let path = paths.first().cloned().unwrap_or_default();
    let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
    let in_file = file
        .contexts
        .iter()
        .find(|c| c.name == context)
        .and_then(|c| c.context.as_ref())
        .and_then(|c| file.clusters.iter().find(|cluster| cluster.name == c.cluster))
        .and_then(|cluster| cluster.cluster.as_ref())
        .and_then(|cluster| cluster.proxy_url.clone());
    let invalid = |reason: String| Error::KubeconfigInvalid { path: path.clone(), reason };
    let mut config = Config::from_custom_kubeconfig(file, &options)
        .await
        .map_err(|error| invalid(config_reason(&error).to_owned()))?;
    let host = config.cluster_url.host().unwrap_or_default().to_owned();
    config.proxy_url = match proxy_for(&host, in_file.as_deref(), &target.proxy, |name| std::env::var(name).ok()) {
        None => None,
        Some(address) => Some(address.parse().map_err(|_| invalid("the proxy's address is not one".to_owned()))?),
    };
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // Certificates are always checked, and what is tried again is decided and told in one place: `retry`.
    config.accept_invalid_certs = false;
    config.default_retry = false;
    Ok(config)
}

/// Says what is wrong without quoting the file.
fn config_reason(error: &kube::config::KubeconfigError) -> &'static str {
    use kube::config::KubeconfigError as E;
    match error {
        E::LoadClusterOfContext(_) => "the context names a cluster that is not there",
        E::MissingClusterUrl | E::ParseClusterUrl(_) => "the server's address is missing or not one",
        E::LoadCertificateAuthority(_) | E::ParseCertificates(_) => "the certificate authority cannot be read",
        E::LoadClientCertificate(_) => "the client certificate cannot be read",
        E::LoadClientKey(_) => "the client key cannot be read",
        E::ParseProxyUrl(_) | E::ParseNoProxy(_) => "the proxy's address is not one",
        _ => "the context cannot be used",
    }
}

async fn client(config: Config) -> Result<Client, Refusal> {
    // Building runs the sign-in program, which may take its time: not on a thread that others wait for.
    let built = tokio::task::spawn_blocking(move || ClientBuilder::try_from(config)).await;
    match built {
        Ok(Ok(builder)) => Ok(builder.build()),
        Ok(Err(error)) => Err(refusal(&error)),
        Err(error) => Err(Refusal::Garbled { reason: error.to_string() }),
    }
}

type Renew = Arc<dyn Fn() -> BoxFuture<'static, Result<Client, tower::BoxError>> + Send + Sync>;

/// A client that signs in again when the server does not accept its token any more: reads the kubeconfig and runs the
/// sign-in program anew, once for all calls that were refused meanwhile.
#[derive(Clone)]
struct Renewing {
    current: Arc<Mutex<(u64, Client)>>,
    renew: Option<Renew>,
}

impl Renewing {
    async fn call(self, request: Request<Body>) -> Result<Response<Body>, tower::BoxError> {
        let (parts, body) = request.into_parts();
        let bytes = body.collect_bytes().await?;
        let (generation, client) = self.current.lock().await.clone();
        let answer = client.send(Request::from_parts(parts.clone(), Body::from(bytes.clone()))).await?;
        let (StatusCode::UNAUTHORIZED, Some(renew)) = (answer.status(), &self.renew) else { return Ok(answer) };
        let fresh = {
            let mut current = self.current.lock().await;
            if current.0 == generation {
                *current = (generation + 1, renew().await?);
            }
            current.1.clone()
        };
        Ok(fresh.send(Request::from_parts(parts, Body::from(bytes))).await?)
    }
}

impl tower::Service<Request<Body>> for Renewing {
    type Response = Response<Body>;
    type Error = tower::BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().call(request))
    }
}
