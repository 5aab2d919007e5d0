//! From a kubeconfig, or from any HTTP service, to a [`Cluster`].

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use jiff::Timestamp;
use kube::client::{Body, ClientBuilder};
use kube::config::{AuthInfo, ExecConfig, KubeConfigOptions};
use kube::{Client, Config};

use super::api::Cluster;
use super::proxy::{Proxy, proxy_for};
use super::refusal::refusal;
use super::retry::{self, Refusal};
use super::signing_in::{SignIn, SignedIn, SigningIn};
use super::{exec, kubeconfig};
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
            Unprepared::Kubeconfig(error) => {
                Refusal::SignIn { command: String::new(), reason: error.to_string(), is_offline: false }
            }
        }
    }
}

/// From files and the sign-in program to a client. Nothing here blocks a thread that others wait for.
async fn prepare(target: &Target) -> Result<Fresh, Unprepared> {
    let mut config = config(target).await.map_err(Unprepared::Kubeconfig)?;
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let mut until = None;
    if let Some(program) = program(&config.auth_info) {
        let credential = exec::sign_in(&program, std::io::stdin().is_terminal())
            .await
            .map_err(|refusal| Unprepared::Refused { server: server.clone(), refusal })?;
        until = credential.until;
        credential.into_auth(&mut config.auth_info);
    }
    // Building reads files, and runs a program for the sign-in that Google had before exec plug-ins.
    let built = tokio::task::spawn_blocking(move || ClientBuilder::try_from(config)).await;
    let refusal = match built {
        Ok(Ok(builder)) => return Ok(Fresh { client: builder.build(), server, until }),
        Ok(Err(error)) => refusal(&error),
        Err(error) => Refusal::Garbled { reason: error.to_string() },
    };
    Err(Unprepared::Refused { server, refusal })
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
    if config.cluster_url.scheme() != Some(&http::uri::Scheme::HTTPS) {
        withhold(&mut config.auth_info);
    }
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

/// The program that signs in, if nothing else in the kubeconfig does: a token or a password comes first, as in client-go.
fn program(auth: &AuthInfo) -> Option<ExecConfig> {
    let is_known = auth.token.is_some() || auth.token_file.is_some() || auth.username.is_some();
    auth.exec.clone().filter(|_| !is_known)
}

/// Takes every credential away, and the program that would give one; whom to act for stays. client-go reads who we are only for a
/// server that is reached over TLS: over plain HTTP anybody on the way reads a token.
fn withhold(auth: &mut AuthInfo) {
    *auth = AuthInfo {
        impersonate: auth.impersonate.take(),
        impersonate_uid: auth.impersonate_uid.take(),
        impersonate_groups: auth.impersonate_groups.take(),
        impersonate_user_extra: auth.impersonate_user_extra.take(),
        ..AuthInfo::default()
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(server: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n\
             users: [{{name: u, user: {{token: secret, as: somebody}}}}]\n"
        );
        std::fs::write(&path, text).unwrap();
        config(&Target { kubeconfig: Some(path), ..Target::default() }).await.unwrap()
    }

    #[test]
    fn a_program_signs_in_only_if_nothing_else_does() {
        let with = || AuthInfo { exec: Some(ExecConfig::default()), ..AuthInfo::default() };
        assert!(program(&with()).is_some());
        for auth in [
            AuthInfo { token: Some("t".into()), ..with() },
            AuthInfo { token_file: Some("f".into()), ..with() },
            AuthInfo { username: Some("u".into()), ..with() },
            AuthInfo::default(),
        ] {
            assert!(program(&auth).is_none(), "{auth:?}");
        }
    }

    #[tokio::test]
    async fn a_credential_is_kept_back_from_a_server_without_tls() {
        for (server, is_sent) in [
            ("https://one:6443", true),
            ("http://one:8080", false),
            ("http://127.0.0.1:8080", false),
            ("http://[::1]:8080", false),
        ] {
            let config = of(server).await;
            assert_eq!(config.auth_info.token.is_some(), is_sent, "{server}");
            assert_eq!(config.auth_info.impersonate.as_deref(), Some("somebody"), "{server}");
        }
    }
}
