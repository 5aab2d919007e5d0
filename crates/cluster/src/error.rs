//! Why something could not be said to a cluster, or was answered with no.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use crate::fault::Fault;

/// A conflict over fields of an object: who else writes which of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    /// Name of the field manager.
    pub manager: String,
    /// The field, for example `.spec.replicas`.
    pub field: String,
}

/// What went wrong. Each has a stable [`code`](Error::code) that views turn into words; the text is for engineers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such file; for the default one, no kubeconfig is there at all.
    #[error("no kubeconfig at {path}")]
    KubeconfigMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("kubeconfig {path} cannot be read: {reason}")]
    KubeconfigUnreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// The file is there and holds nothing.
    #[error("kubeconfig {path} is empty")]
    KubeconfigEmpty {
        /// The file.
        path: PathBuf,
    },
    /// Its bytes are no text.
    #[error("kubeconfig {path} is neither UTF-8 nor UTF-16")]
    KubeconfigNoText {
        /// The file.
        path: PathBuf,
    },
    /// It is not YAML.
    #[error("kubeconfig {path} is not YAML, line: {line}")]
    KubeconfigNotYaml {
        /// The file.
        path: PathBuf,
        /// Where reading ended, from 1.
        line: usize,
    },
    /// It is YAML, and something else than a kubeconfig.
    #[error("{path} is no kubeconfig but: {kind}")]
    KubeconfigOtherKind {
        /// The file.
        path: PathBuf,
        /// API version and kind as it has them; `?` if it is no object at all.
        kind: String,
    },
    /// A list has two entries of one name.
    #[error("kubeconfig {path} has {name:?} twice in {list}")]
    KubeconfigTwice {
        /// The file.
        path: PathBuf,
        /// `clusters`, `contexts` or `users`.
        list: String,
        /// The name.
        name: String,
    },
    /// Something is wrong with a field.
    #[error("kubeconfig {path}: {field}: {fault}")]
    KubeconfigField {
        /// The file.
        path: PathBuf,
        /// Which, and in which entry; never its value.
        field: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The kubeconfig wants the server's certificate not to be checked.
    #[error("cluster {cluster:?} has insecure-skip-tls-verify")]
    KubeconfigInsecure {
        /// The cluster entry.
        cluster: String,
    },
    /// The kubeconfig signs in in a way that Kubernetes' tools have given up.
    #[error("auth-provider {provider:?} is not supported any more; instead: {instead}")]
    SignInUnsupported {
        /// Its name.
        provider: String,
        /// The program that has taken its place; `–` if none is known.
        instead: String,
    },
    /// The address that was chosen for a proxy is none.
    #[error("no address of a proxy: {proxy:?}")]
    ProxyInvalid {
        /// As it was given, without a password.
        proxy: String,
    },
    /// The proxy wants to know who we are.
    #[error("proxy {proxy} on the way to {server} wants a sign-in: {reason}")]
    ProxySignIn {
        /// The server's address.
        server: String,
        /// The proxy's, without a password.
        proxy: String,
        /// What it said.
        reason: String,
    },
    /// The proxy does not answer, or does not let us through.
    #[error("proxy {proxy} does not lead to {server}: {reason}")]
    ProxyFailing {
        /// The server's address.
        server: String,
        /// The proxy's, without a password.
        proxy: String,
        /// What happened.
        reason: String,
    },
    /// The server is spoken to without TLS, and does not understand that.
    #[error("{server} does not speak HTTP without TLS: {reason}")]
    ServerWantsTls {
        /// Its address.
        server: String,
        /// What came back.
        reason: String,
    },
    /// No context was named, and the kubeconfig has no current one.
    #[error("no current context; there are {known:?}")]
    ContextNotNamed {
        /// Those that are there.
        known: Vec<String>,
    },
    /// The kubeconfig has no such context.
    #[error("no context {context:?}; there are {known:?}")]
    ContextUnknown {
        /// The one asked for, or the current one.
        context: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// Nobody answers at the server's address.
    #[error("{server} does not answer: {reason}")]
    NotAnswering {
        /// Its address.
        server: String,
        /// What the network said.
        reason: String,
    },
    /// The server's certificate is not signed by the authority that the kubeconfig names, or is for another name.
    #[error("the certificate of {server} is not trusted: {reason}")]
    NotTrusted {
        /// Its address.
        server: String,
        /// What is wrong with it.
        reason: String,
        /// Who made the certificate, by the name it bears; may be empty.
        issuer: String,
    },
    /// The program that the kubeconfig names for signing in failed.
    #[error("signing in with {command:?} failed: {reason}")]
    SignInFailed {
        /// The program.
        command: String,
        /// What happened, in words of our own: what it printed may hold secrets.
        reason: String,
    },
    /// The program that the kubeconfig names for signing in is not there.
    #[error("{command:?}, which signs in, is not there")]
    SignInProgramMissing {
        /// The program.
        command: String,
        /// What the kubeconfig says about installing it; may be empty.
        hint: String,
    },
    /// Something between us and the server answers in its place: a portal that wants a sign-in, or a proxy that leads elsewhere.
    #[error("something else answers in place of {server}: {status}")]
    NetworkPortal {
        /// Its address.
        server: String,
        /// HTTP status.
        status: u16,
    },
    /// A server answers, and does not know what every API server serves.
    #[error("{server} is no Kubernetes: it does not know {what}")]
    NotKubernetes {
        /// Its address.
        server: String,
        /// Method and path.
        what: String,
    },
    /// The server does not accept who we say we are (401).
    #[error("{server} does not accept the sign-in")]
    SignInRejected {
        /// Its address.
        server: String,
    },
    /// We may not do this (403).
    #[error("not allowed: {what}: {message}")]
    Forbidden {
        /// Method and path, or the right that is missing.
        what: String,
        /// The server's words.
        message: String,
    },
    /// A quota of the namespace does not allow it.
    #[error("a quota does not allow {what}: {message}")]
    QuotaExceeded {
        /// Method and path.
        what: String,
        /// The server's words.
        message: String,
    },
    /// The cluster does not serve this kind.
    #[error("{api_version} {kind} is not served")]
    NotServed {
        /// For example `batch/v2alpha1`.
        api_version: String,
        /// For example `CronJob`.
        kind: String,
    },
    /// There is no such object.
    #[error("{what} is not there")]
    NotFound {
        /// Method and path.
        what: String,
    },
    /// There is one already.
    #[error("{what} is there already")]
    AlreadyThere {
        /// Method and path.
        what: String,
    },
    /// Somebody else changed it in between; look again.
    #[error("{what} changed in between")]
    ChangedMeanwhile {
        /// Method and path.
        what: String,
    },
    /// Somebody else writes fields that we want to write.
    #[error("{object}: others write the same fields: {claims:?}")]
    Contested {
        /// `Kind/namespace/name`.
        object: String,
        /// Who and which.
        claims: Vec<Claim>,
    },
    /// An object of that name is there and belongs to somebody else. It was not touched.
    #[error("{object} belongs to {owner}")]
    SomeoneElses {
        /// `Kind/namespace/name`.
        object: String,
        /// `release NAME in NAMESPACE`, or the field managers that made it.
        owner: String,
    },
    /// A field was to be changed that cannot be changed.
    #[error("{what}: fields cannot be changed: {message}")]
    Immutable {
        /// Method and path.
        what: String,
        /// The server's words.
        message: String,
    },
    /// The server finds the object wrong.
    #[error("{what}: {message}")]
    Invalid {
        /// Method and path.
        what: String,
        /// The server's words.
        message: String,
    },
    /// A webhook did not answer for too long.
    #[error("{what}: a webhook does not answer: {message}")]
    WebhookFailing {
        /// Method and path.
        what: String,
        /// The server's words.
        message: String,
    },
    /// Something is wrong that this program does not know.
    #[error("{what}: {status} {message}")]
    Unexpected {
        /// Method and path.
        what: String,
        /// HTTP status, 0 if there was no answer.
        status: u16,
        /// The server's words, or what could not be understood.
        message: String,
    },
    /// The answer is larger than was asked for. What was to be done is done.
    #[error("{what}: an answer of more than {limit} bytes")]
    TooLarge {
        /// Method and path.
        what: String,
        /// Bytes that it may have.
        limit: usize,
    },
    /// The service has no such port.
    #[error("{service} has no port {port}; there are {known:?}")]
    NoSuchPort {
        /// `Kind/namespace/name`.
        service: String,
        /// The one asked for.
        port: String,
        /// Those that are there, `name:number` or the number alone.
        known: Vec<String>,
    },
    /// No pod of the service is ready.
    #[error("{service} has no ready pod, of {pods}")]
    NoReadyPod {
        /// `Kind/namespace/name`.
        service: String,
        /// How many pods it has.
        pods: usize,
    },
    /// Something between us and the server lets no WebSocket through, so that no port can be forwarded.
    #[error("no WebSocket gets through to {server}: {reason}")]
    WebSocketBlocked {
        /// Its address.
        server: String,
        /// What came in its place.
        reason: String,
    },
    /// A program in the cluster could not be reached, or gave no whole answer, within the time that it was given.
    #[error("{what}: no answer: {reason}")]
    NoAnswer {
        /// Method, `Kind/namespace/name:port` and path.
        what: String,
        /// What was last in the way.
        reason: String,
    },
    /// What was sent to a program in the cluster may have been carried out: it was sent, and no whole answer came. It was not sent again.
    #[error("{what}: may have been carried out: {reason}")]
    MaybeDone {
        /// Method, `Kind/namespace/name:port` and path.
        what: String,
        /// Why there is no answer.
        reason: String,
    },
    /// The person asked to stop; no new call was begun.
    #[error("stopped")]
    Stopped,
    /// An object does not get ready.
    #[error("{object} does not get ready: {code}")]
    NotReady {
        /// `Kind/namespace/name`.
        object: String,
        /// The verdict's cause.
        code: String,
        /// Data of the cause.
        args: std::collections::BTreeMap<String, String>,
        /// What it rests on.
        evidence: Vec<String>,
    },
    /// A document that we keep in the cluster cannot be read.
    #[error("record {name} cannot be read: {reason}")]
    RecordBroken {
        /// The Secret.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A record is larger than a cluster accepts, even after large files were left out.
    #[error("record {name} of {size} bytes is too large")]
    RecordTooLarge {
        /// The Secret.
        name: String,
        /// Bytes of its content.
        size: usize,
    },
    /// We do not hold the lease any more: it is gone, somebody else's, or what was to be written was written under a newer hold.
    #[error("the lease is lost; holder: {holder:?}")]
    LeaseLost {
        /// Who has it now; empty if that is not known.
        holder: String,
    },
    /// Another computer works on this installation.
    #[error("{holder} holds the lease since {since}")]
    LeaseHeld {
        /// Who.
        holder: String,
        /// When it was last renewed.
        since: String,
    },
}

impl Error {
    /// Stable, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Error::KubeconfigMissing { .. } => "kubeconfig-missing",
            Error::KubeconfigUnreadable { .. } => "kubeconfig-unreadable",
            Error::KubeconfigEmpty { .. } => "kubeconfig-empty",
            Error::KubeconfigNoText { .. } => "kubeconfig-no-text",
            Error::KubeconfigNotYaml { .. } => "kubeconfig-not-yaml",
            Error::KubeconfigOtherKind { .. } => "kubeconfig-other-kind",
            Error::KubeconfigTwice { .. } => "kubeconfig-name-twice",
            Error::KubeconfigField { fault, .. } => fault.code(),
            Error::KubeconfigInsecure { .. } => "kubeconfig-insecure",
            Error::SignInUnsupported { .. } => "sign-in-unsupported",
            Error::ProxyInvalid { .. } => "proxy-invalid",
            Error::ProxySignIn { .. } => "proxy-sign-in",
            Error::ProxyFailing { .. } => "proxy-failing",
            Error::ServerWantsTls { .. } => "server-wants-tls",
            Error::ContextNotNamed { .. } => "context-not-named",
            Error::ContextUnknown { .. } => "context-unknown",
            Error::NotAnswering { .. } => "server-not-answering",
            Error::NotTrusted { .. } => "server-not-trusted",
            Error::SignInFailed { .. } => "sign-in-failed",
            Error::SignInProgramMissing { .. } => "sign-in-program-missing",
            Error::NetworkPortal { .. } => "network-portal",
            Error::NotKubernetes { .. } => "not-kubernetes",
            Error::SignInRejected { .. } => "sign-in-rejected",
            Error::Forbidden { .. } => "forbidden",
            Error::QuotaExceeded { .. } => "quota-exceeded",
            Error::NotServed { .. } => "api-not-served",
            Error::NotFound { .. } => "not-found",
            Error::AlreadyThere { .. } => "already-there",
            Error::ChangedMeanwhile { .. } => "changed-meanwhile",
            Error::Contested { .. } => "contested",
            Error::SomeoneElses { .. } => "someone-elses",
            Error::Immutable { .. } => "immutable",
            Error::Invalid { .. } => "invalid-object",
            Error::WebhookFailing { .. } => "webhook-failing",
            Error::Unexpected { .. } => "unexpected-answer",
            Error::TooLarge { .. } => "answer-too-large",
            Error::NoSuchPort { .. } => "no-such-port",
            Error::NoReadyPod { .. } => "no-ready-pod",
            Error::WebSocketBlocked { .. } => "websocket-blocked",
            Error::NoAnswer { .. } => "no-answer",
            Error::MaybeDone { .. } => "maybe-done",
            Error::Stopped => "stopped",
            Error::NotReady { .. } => "not-ready",
            Error::RecordBroken { .. } => "record-broken",
            Error::RecordTooLarge { .. } => "record-too-large",
            Error::LeaseHeld { .. } => "lease-held",
            Error::LeaseLost { .. } => "lease-lost",
        }
    }

    /// The data behind the code, by name, for messages.
    pub fn args(&self) -> std::collections::BTreeMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            Error::KubeconfigMissing { path } | Error::KubeconfigEmpty { path } | Error::KubeconfigNoText { path } => {
                vec![("path", path.display().to_string())]
            }
            Error::KubeconfigUnreadable { path, reason } => {
                vec![("path", path.display().to_string()), ("reason", reason.clone())]
            }
            Error::KubeconfigNotYaml { path, line } => {
                vec![("path", path.display().to_string()), ("line", line.to_string())]
            }
            Error::KubeconfigOtherKind { path, kind } => {
                vec![("path", path.display().to_string()), ("kind", kind.clone())]
            }
            Error::KubeconfigTwice { path, list, name } => {
                vec![("path", path.display().to_string()), ("list", list.clone()), ("name", name.clone())]
            }
            Error::KubeconfigField { path, field, fault } => {
                let mut all = vec![("path", path.display().to_string()), ("field", field.clone())];
                all.extend(fault.args());
                all
            }
            Error::KubeconfigInsecure { cluster } => vec![("cluster", cluster.clone())],
            Error::SignInUnsupported { provider, instead } => {
                vec![("provider", provider.clone()), ("instead", instead.clone())]
            }
            Error::ProxyInvalid { proxy } => vec![("proxy", proxy.clone())],
            Error::ProxySignIn { server, proxy, reason } | Error::ProxyFailing { server, proxy, reason } => {
                vec![("server", server.clone()), ("proxy", proxy.clone()), ("reason", reason.clone())]
            }
            Error::ContextNotNamed { known } => vec![("known", known.join(", "))],
            Error::ContextUnknown { context, known } => vec![("context", context.clone()), ("known", known.join(", "))],
            Error::NotAnswering { server, reason } | Error::ServerWantsTls { server, reason } => {
                vec![("server", server.clone()), ("reason", reason.clone())]
            }
            Error::NotTrusted { server, reason, issuer } => {
                let issuer = if issuer.is_empty() { "–" } else { issuer };
                vec![("server", server.clone()), ("reason", reason.clone()), ("issuer", issuer.to_owned())]
            }
            Error::SignInFailed { command, reason } => vec![("command", command.clone()), ("reason", reason.clone())],
            Error::SignInProgramMissing { command, hint } => {
                let hint = if hint.is_empty() { "–" } else { hint };
                vec![("command", command.clone()), ("hint", hint.to_owned())]
            }
            Error::NetworkPortal { server, status } => {
                vec![("server", server.clone()), ("status", status.to_string())]
            }
            Error::NotKubernetes { server, what } => vec![("server", server.clone()), ("what", what.clone())],
            Error::SignInRejected { server } => vec![("server", server.clone())],
            Error::Forbidden { what, message }
            | Error::QuotaExceeded { what, message }
            | Error::Immutable { what, message }
            | Error::Invalid { what, message }
            | Error::WebhookFailing { what, message } => vec![("what", what.clone()), ("message", message.clone())],
            Error::NotServed { api_version, kind } => {
                vec![("api-version", api_version.clone()), ("kind", kind.clone())]
            }
            Error::NotFound { what } | Error::AlreadyThere { what } | Error::ChangedMeanwhile { what } => {
                vec![("what", what.clone())]
            }
            Error::Contested { object, claims } => {
                let mut managers: Vec<_> = claims.iter().map(|claim| claim.manager.as_str()).collect();
                managers.sort_unstable();
                managers.dedup();
                let fields: Vec<_> = claims.iter().map(|claim| claim.field.as_str()).collect();
                vec![("object", object.clone()), ("managers", managers.join(", ")), ("fields", fields.join(", "))]
            }
            Error::SomeoneElses { object, owner } => vec![("object", object.clone()), ("owner", owner.clone())],
            Error::Unexpected { what, status, message } => {
                vec![("what", what.clone()), ("status", status.to_string()), ("message", message.clone())]
            }
            Error::TooLarge { what, limit } => vec![("what", what.clone()), ("limit", limit.to_string())],
            Error::NoSuchPort { service, port, known } => {
                vec![("service", service.clone()), ("port", port.clone()), ("known", known.join(", "))]
            }
            Error::NoReadyPod { service, pods } => vec![("service", service.clone()), ("pods", pods.to_string())],
            Error::WebSocketBlocked { server, reason } => vec![("server", server.clone()), ("reason", reason.clone())],
            Error::NoAnswer { what, reason } | Error::MaybeDone { what, reason } => {
                vec![("what", what.clone()), ("reason", reason.clone())]
            }
            Error::Stopped => vec![],
            Error::NotReady { object, code, args, .. } => {
                let mut all = args.clone();
                all.insert("object".to_owned(), object.clone());
                all.insert("cause".to_owned(), code.clone());
                return all;
            }
            Error::RecordBroken { name, reason } => vec![("name", name.clone()), ("reason", reason.clone())],
            Error::RecordTooLarge { name, size } => vec![("name", name.clone()), ("size", size.to_string())],
            Error::LeaseLost { holder } => vec![("holder", holder.clone())],
            Error::LeaseHeld { holder, since } => vec![("holder", holder.clone()), ("since", since.clone())],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Whether a person has to do something before the server can be spoken to again: sign in, find out who answers, see to the network.
    /// It is no reason to give up what is under way.
    pub fn needs_person(&self) -> bool {
        matches!(
            self,
            Error::SignInFailed { .. }
                | Error::SignInProgramMissing { .. }
                | Error::SignInRejected { .. }
                | Error::NotTrusted { .. }
                | Error::NetworkPortal { .. }
                | Error::ProxySignIn { .. }
        )
    }

    /// What a failure rests on.
    pub fn evidence(&self) -> Vec<String> {
        match self {
            Error::NotReady { evidence, .. } => evidence.clone(),
            other => vec![other.to_string()],
        }
    }
}

/// Shorthand.
pub type Result<T, E = Error> = std::result::Result<T, E>;
