//! Which answers are trouble that passes, and how long to wait before the next try. Pure.

use std::time::Duration;

use serde_json::Value;

use crate::error::{Claim, Error};

/// An answer that is not a success, or no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No answer: nobody there, connection cut, time-out, name not known.
    #[error("no answer: {reason}")]
    Lost {
        /// What the network said.
        reason: String,
    },
    /// The server's certificate is not trusted.
    #[error("not trusted: {reason}")]
    NotTrusted {
        /// What is wrong with it.
        reason: String,
        /// Who made the certificate, by the name it bears; may be empty.
        issuer: String,
    },
    /// The proxy on the way does not answer, or does not let us through.
    #[error("proxy {proxy}: {reason}")]
    Proxy {
        /// Its address, without a password.
        proxy: String,
        /// Whether it wants to know who we are.
        wants_sign_in: bool,
        /// What happened.
        reason: String,
    },
    /// Somebody is there, and does not understand what is said without TLS.
    #[error("no HTTP without TLS: {reason}")]
    WantsTls {
        /// What came back.
        reason: String,
    },
    /// A page for people came in place of an answer.
    #[error("a page with status {code}")]
    Page {
        /// HTTP status.
        code: u16,
    },
    /// What the kubeconfig says now cannot be used.
    #[error("{0}")]
    Unusable(Box<Error>),
    /// The sign-in program failed.
    #[error("not signed in: {reason}")]
    SignIn {
        /// The program; empty if none was to run.
        command: String,
        /// What happened, in words of our own.
        reason: String,
        /// Whether it reached nobody.
        is_offline: bool,
    },
    /// The sign-in program is not there.
    #[error("{command} is not there")]
    NoProgram {
        /// The program.
        command: String,
        /// What the kubeconfig says about installing it; may be empty.
        hint: String,
    },
    /// A status other than 2xx.
    #[error("{code} {message}")]
    Status {
        /// HTTP status.
        code: u16,
        /// Kubernetes' `reason`, for example `AlreadyExists`.
        reason: String,
        /// Kubernetes' `message`.
        message: String,
        /// Kubernetes' `details`.
        details: Value,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
    /// An answer that is not what was asked for.
    #[error("not an answer: {reason}")]
    Garbled {
        /// What is wrong with it.
        reason: String,
    },
    /// An answer of more than so many bytes, which was not read to its end.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// As many were asked for.
        limit: usize,
    },
}

/// What a person has to do so that the server can be spoken to again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Sign in, as for any other use of this cluster.
    SignIn,
    /// Find out who answers in the server's place.
    Trust,
    /// See to the network: nobody answers, or a portal does.
    Network,
}

impl Person {
    /// Stable, in kebab case.
    pub fn code(self) -> &'static str {
        match self {
            Person::SignIn => "sign-in",
            Person::Trust => "trust",
            Person::Network => "network",
        }
    }
}

/// How long nobody may answer until a person is asked to look: a server that restarts needs less.
const UNANSWERED: Duration = Duration::from_secs(60);

/// Whether a person is needed, after it has been so for a time. Whoever has to act is no reason to give up what is under way: nothing
/// of it is lost, and it goes on by itself as soon as the way to the server is free again.
pub fn person(refusal: &Refusal, lasted: Duration) -> Option<Person> {
    match refusal {
        Refusal::SignIn { is_offline: true, .. } => Some(Person::Network),
        Refusal::SignIn { .. }
        | Refusal::NoProgram { .. }
        | Refusal::Unusable(_)
        | Refusal::Status { code: 401, .. } => Some(Person::SignIn),
        Refusal::NotTrusted { .. } => Some(Person::Trust),
        // A portal answers for everybody: it leads elsewhere, or says that the network wants a sign-in of its own.
        Refusal::Status { code: 300..=399 | 407 | 511, .. } | Refusal::Page { .. } => Some(Person::Network),
        Refusal::Proxy { wants_sign_in: true, .. } => Some(Person::Network),
        Refusal::Lost { .. } | Refusal::Proxy { .. } | Refusal::WantsTls { .. } if lasted >= UNANSWERED => {
            Some(Person::Network)
        }
        Refusal::Lost { .. } | Refusal::Proxy { .. } | Refusal::WantsTls { .. } => None,
        Refusal::Garbled { .. } | Refusal::TooLarge { .. } | Refusal::Status { .. } => None,
    }
}

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It will pass: try again for as long as the caller's patience lasts.
    Again,
    /// It passes when a person acts: try again, if the caller's patience has no end.
    AgainWhenHelped,
    /// It may pass: try again for [`BUDGET`] at most.
    AgainForAWhile,
    /// It will not pass by itself.
    Final,
}

/// How long an answer is tried again that may be trouble that passes or a fault that stays: errors inside the server,
/// webhooks that do not answer, namespaces that are on their way out.
pub const BUDGET: Duration = Duration::from_secs(600);

/// What a refusal means for the next try. `writes_inside` tells that something was to be written inside a namespace: that
/// the namespace is missing may pass then, while asking for the namespace itself has its answer.
pub fn remedy(refusal: &Refusal, writes_inside: bool) -> Remedy {
    if person(refusal, Duration::ZERO).is_some() {
        return Remedy::AgainWhenHelped;
    }
    match refusal {
        // What a person is needed for had its answer above.
        Refusal::Lost { .. }
        | Refusal::NotTrusted { .. }
        | Refusal::Proxy { .. }
        | Refusal::WantsTls { .. }
        | Refusal::Page { .. }
        | Refusal::Unusable(_)
        | Refusal::SignIn { .. }
        | Refusal::NoProgram { .. } => Remedy::Again,
        // A proxy's error page or an answer that was cut in the middle.
        Refusal::Garbled { .. } => Remedy::AgainForAWhile,
        Refusal::TooLarge { .. } => Remedy::Final,
        Refusal::Status { code, reason, message, details, .. } => match code {
            408 | 429 | 502 | 503 | 504 => Remedy::Again,
            // The server answers 500 for duplicate keys in lists, which stay duplicate.
            500 if message.contains("failed to create typed patch object") => Remedy::Final,
            500..=599 => Remedy::AgainForAWhile,
            403 if is_terminating(reason, message, details) => Remedy::AgainForAWhile,
            404 if writes_inside && details["kind"] == "namespaces" && message.starts_with("namespaces ") => {
                Remedy::AgainForAWhile
            }
            // The old object of that name is still on its way out.
            409 if message.starts_with("object is being deleted") => Remedy::AgainForAWhile,
            _ => Remedy::Final,
        },
    }
}

fn is_terminating(reason: &str, message: &str, details: &Value) -> bool {
    let cause =
        details["causes"].as_array().is_some_and(|causes| causes.iter().any(|c| c["reason"] == "NamespaceTerminating"));
    reason == "Forbidden" && (cause || message.contains("because it is being terminated"))
}

/// Code of the trouble, for the event that says it is tried again.
pub fn trouble_code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Proxy { wants_sign_in: true, .. } => "proxy-sign-in",
        Refusal::Proxy { .. } => "proxy-failing",
        Refusal::WantsTls { .. } => "server-not-answering",
        Refusal::Unusable(error) => error.code(),
        Refusal::Page { .. } => "network-portal",
        Refusal::Lost { .. } => "server-not-answering",
        Refusal::NotTrusted { .. } => "server-not-trusted",
        Refusal::SignIn { .. } => "sign-in-failed",
        Refusal::NoProgram { .. } => "sign-in-program-missing",
        Refusal::Status { code: 401, .. } => "sign-in-rejected",
        Refusal::Status { code: 300..=399 | 407 | 511, .. } => "network-portal",
        Refusal::Garbled { .. } => "answer-garbled",
        Refusal::TooLarge { .. } => "answer-too-large",
        Refusal::Status { code: 429, .. } => "server-busy",
        Refusal::Status { code: 403, .. } => "namespace-terminating",
        Refusal::Status { code: 404, .. } => "namespace-missing",
        Refusal::Status { code: 409, .. } => "object-terminating",
        Refusal::Status { message, .. } if is_webhook(message) => "webhook-failing",
        Refusal::Status { .. } => "server-error",
    }
}

fn is_webhook(message: &str) -> bool {
    message.contains("failed calling webhook")
}

/// Pause before try number `tries` (from 1): doubling from a quarter of a second up to 15 seconds, at least what the
/// server asks for, and up to a fifth more by `jitter` (0 to 1), so that many callers do not come back at once.
pub fn pause(tries: u32, retry_after: Option<u64>, jitter: f64) -> Duration {
    let doubling = 0.25 * f64::from(2_u32.saturating_pow(tries.saturating_sub(1).min(10)));
    let asked = retry_after.map_or(0.0, |seconds| Duration::from_secs(seconds.min(300)).as_secs_f64());
    let base = doubling.min(15.0).max(asked);
    Duration::from_secs_f64(base * (1.0 + 0.2 * jitter.clamp(0.0, 1.0)))
}

/// Who else claims which fields, from the causes of a conflict.
pub fn claims(details: &Value) -> Vec<Claim> {
    let causes = details["causes"].as_array().map(Vec::as_slice).unwrap_or_default();
    causes
        .iter()
        .filter(|cause| cause["reason"] == "FieldManagerConflict")
        .map(|cause| {
            let message = cause["message"].as_str().unwrap_or_default();
            // conflict with "kubectl-client-side-apply" using apps/v1 at 2026-11-24T10:00:00Z
            let manager = message.split('"').nth(1).unwrap_or(message);
            Claim { manager: manager.to_owned(), field: cause["field"].as_str().unwrap_or_default().to_owned() }
        })
        .collect()
}

/// The error that a refusal is in the end. `what` names method and path.
pub fn error(refusal: Refusal, server: &str, what: &str, object: &str) -> Error {
    let (server, what) = (server.to_owned(), what.to_owned());
    match refusal {
        Refusal::Lost { reason } => Error::NotAnswering { server, reason },
        Refusal::NotTrusted { reason, issuer } => Error::NotTrusted { server, reason, issuer },
        Refusal::Proxy { proxy, wants_sign_in: true, reason } => Error::ProxySignIn { server, proxy, reason },
        Refusal::Proxy { proxy, reason, .. } => Error::ProxyFailing { server, proxy, reason },
        Refusal::WantsTls { reason } => Error::ServerWantsTls { server, reason },
        Refusal::Page { code } => Error::NetworkPortal { server, status: code },
        Refusal::Unusable(error) => *error,
        Refusal::SignIn { command, reason, .. } => Error::SignInFailed { command, reason },
        Refusal::NoProgram { command, hint } => Error::SignInProgramMissing { command, hint },
        Refusal::Garbled { reason } => Error::Unexpected { what, status: 0, message: reason },
        Refusal::TooLarge { limit } => Error::TooLarge { what, limit },
        Refusal::Status { code, reason, message, details, .. } => match code {
            401 => Error::SignInRejected { server },
            300..=399 | 407 | 511 => Error::NetworkPortal { server, status: code },
            403 if message.contains("exceeded quota") => Error::QuotaExceeded { what, message },
            403 => Error::Forbidden { what, message },
            404 if reason.is_empty() && is_of_every_server(&what) => Error::NotKubernetes { server, what },
            404 => Error::NotFound { what },
            409 => {
                let claims = claims(&details);
                if !claims.is_empty() {
                    Error::Contested { object: object.to_owned(), claims }
                } else if reason == "AlreadyExists" {
                    Error::AlreadyThere { what }
                } else {
                    Error::ChangedMeanwhile { what }
                }
            }
            422 if is_immutable(&message) => Error::Immutable { what, message },
            400 | 415 | 422 => Error::Invalid { what, message },
            500 if message.contains("failed to create typed patch object") => Error::Invalid { what, message },
            500.. if is_webhook(&message) => Error::WebhookFailing { what, message },
            _ => Error::Unexpected { what, status: code, message },
        },
    }
}

/// Whether every API server answers this itself, and says in a status of its own what is not there. `what` is method and path; what a
/// program behind it says in a proxied answer is another matter.
fn is_of_every_server(what: &str) -> bool {
    let path = what.split_once(' ').map_or(what, |(_, path)| path);
    let is_core =
        path == "/version" || path.strip_prefix("/api").is_some_and(|rest| rest.is_empty() || rest.starts_with("/v1"));
    is_core && !path.split('/').any(|part| matches!(part, "proxy" | "log" | "portforward"))
}

fn is_immutable(message: &str) -> bool {
    [
        "field is immutable",
        "updates to statefulset spec for fields other than",
        "may not change once set",
        "is immutable after creation",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn status(code: u16, reason: &str, message: &str, details: Value) -> Refusal {
        Refusal::Status { code, reason: reason.to_owned(), message: message.to_owned(), details, retry_after: None }
    }

    fn proxy(wants_sign_in: bool) -> Refusal {
        Refusal::Proxy { proxy: "http://proxy:3128".to_owned(), wants_sign_in, reason: "unsuccessful".to_owned() }
    }

    #[test]
    fn what_passes_is_tried_again_and_what_stays_is_not() {
        use Remedy::{Again, AgainForAWhile, AgainWhenHelped, Final};
        let null = || Value::Null;
        let cases = [
            (Refusal::Lost { reason: "connection refused".to_owned() }, Again, "server-not-answering"),
            (
                Refusal::NotTrusted { reason: "unknown issuer".to_owned(), issuer: String::new() },
                AgainWhenHelped,
                "server-not-trusted",
            ),
            (proxy(false), Again, "proxy-failing"),
            (proxy(true), AgainWhenHelped, "proxy-sign-in"),
            (Refusal::WantsTls { reason: "invalid HTTP version".to_owned() }, Again, "server-wants-tls"),
            (Refusal::Page { code: 200 }, AgainWhenHelped, "network-portal"),
            (
                Refusal::Unusable(Box::new(Error::KubeconfigMissing { path: "config".into() })),
                AgainWhenHelped,
                "kubeconfig-missing",
            ),
            (Refusal::Garbled { reason: "not JSON".to_owned() }, AgainForAWhile, "unexpected-answer"),
            (Refusal::TooLarge { limit: 10 }, Final, "answer-too-large"),
            (status(401, "Unauthorized", "Unauthorized", null()), AgainWhenHelped, "sign-in-rejected"),
            (status(302, "", "", null()), AgainWhenHelped, "network-portal"),
            (status(429, "TooManyRequests", "slow down", null()), Again, "unexpected-answer"),
            (status(500, "InternalError", "etcd hiccup", null()), AgainForAWhile, "unexpected-answer"),
            (
                status(
                    500,
                    "InternalError",
                    r#"Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": connect refused"#,
                    null(),
                ),
                AgainForAWhile,
                "webhook-failing",
            ),
            (
                status(
                    500,
                    "InternalError",
                    r#"failed to create typed patch object (egov/x; apps/v1, Kind=Deployment): duplicate entries for key [name="A"]"#,
                    null(),
                ),
                Final,
                "invalid-object",
            ),
            (status(503, "ServiceUnavailable", "starting", null()), Again, "unexpected-answer"),
            (status(403, "Forbidden", "secrets is forbidden", null()), Final, "forbidden"),
            (status(403, "Forbidden", "pods \"x\" is forbidden: exceeded quota: q", null()), Final, "quota-exceeded"),
            (
                status(
                    403,
                    "Forbidden",
                    "unable to create new content in namespace x because it is being terminated",
                    json!({"causes": [{"reason": "NamespaceTerminating"}]}),
                ),
                AgainForAWhile,
                "forbidden",
            ),
            (
                status(404, "NotFound", "namespaces \"egov\" not found", json!({"kind": "namespaces", "name": "egov"})),
                AgainForAWhile,
                "not-found",
            ),
            (status(404, "NotFound", "services \"x\" not found", json!({"kind": "services"})), Final, "not-found"),
            (status(409, "AlreadyExists", "services \"x\" already exists", null()), Final, "already-there"),
            (
                status(409, "AlreadyExists", "object is being deleted: jobs.batch \"x\" already exists", null()),
                AgainForAWhile,
                "already-there",
            ),
            (status(409, "Conflict", "the object has been modified", null()), Final, "changed-meanwhile"),
            (status(422, "Invalid", "spec.selector: Invalid value: field is immutable", null()), Final, "immutable"),
            (
                status(
                    422,
                    "Invalid",
                    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
                    null(),
                ),
                Final,
                "immutable",
            ),
            (status(422, "Invalid", "spec.ports: Required value", null()), Final, "invalid-object"),
        ];
        for (refusal, expected, code) in cases {
            assert_eq!(remedy(&refusal, true), expected, "{refusal:?}");
            assert_eq!(error(refusal.clone(), "https://s", "PATCH /x", "Service/a/x").code(), code, "{refusal:?}");
        }
    }

    #[test]
    fn who_is_needed_so_that_it_goes_on() {
        let sign_in = |is_offline| Refusal::SignIn { command: "aws".to_owned(), reason: String::new(), is_offline };
        let lost = Refusal::Lost { reason: "connection refused".to_owned() };
        let of = |code| status(code, "", "", Value::Null);
        let cases = [
            (sign_in(false), 0, Some(Person::SignIn)),
            (sign_in(true), 0, Some(Person::Network)),
            (Refusal::NoProgram { command: "kubelogin".to_owned(), hint: String::new() }, 0, Some(Person::SignIn)),
            (of(401), 0, Some(Person::SignIn)),
            (Refusal::NotTrusted { reason: "UnknownIssuer".to_owned(), issuer: String::new() }, 0, Some(Person::Trust)),
            (proxy(true), 0, Some(Person::Network)),
            (proxy(false), 59, None),
            (proxy(false), 60, Some(Person::Network)),
            (Refusal::Page { code: 200 }, 0, Some(Person::Network)),
            (of(302), 0, Some(Person::Network)),
            (of(511), 0, Some(Person::Network)),
            (lost.clone(), 59, None),
            (lost, 60, Some(Person::Network)),
            (Refusal::Garbled { reason: "not JSON".to_owned() }, 600, None),
            (of(403), 600, None),
            (of(503), 600, None),
        ];
        for (refusal, seconds, expected) in cases {
            assert_eq!(person(&refusal, Duration::from_secs(seconds)), expected, "{refusal:?} {seconds}");
        }
    }

    #[test]
    fn asking_for_a_namespace_that_is_missing_has_its_answer() {
        let missing =
            status(404, "NotFound", "namespaces \"egov\" not found", json!({"kind": "namespaces", "name": "egov"}));
        assert_eq!(remedy(&missing, false), Remedy::Final);
        assert_eq!(remedy(&missing, true), Remedy::AgainForAWhile);
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_heed_the_server() {
        let cases = [
            (1, None, 0.25),
            (2, None, 0.5),
            (5, None, 4.0),
            (7, None, 15.0),
            (40, None, 15.0),
            (1, Some(7), 7.0),
            (1, Some(9999), 300.0),
        ];
        for (tries, asked, seconds) in cases {
            assert_eq!(pause(tries, asked, 0.0), Duration::from_secs_f64(seconds), "{tries} {asked:?}");
        }
        assert_eq!(pause(3, None, 1.0), Duration::from_secs_f64(1.2));
    }

    #[test]
    fn a_conflict_names_managers_and_fields() {
        let details = json!({"causes": [
            {"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using apps/v1 at 2026-01-01T00:00:00Z", "field": ".spec.replicas"},
            {"reason": "FieldManagerConflict", "message": "conflict with \"helm\" using apps/v1", "field": ".spec.paused"},
            {"reason": "Other", "message": "x", "field": ".y"},
        ]});
        let found = claims(&details);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], Claim { manager: "kubectl-edit".to_owned(), field: ".spec.replicas".to_owned() });
        assert_eq!(found[1].manager, "helm");
        assert_eq!(claims(&Value::Null), vec![]);
    }

    #[test]
    fn a_server_that_does_not_know_what_every_api_server_serves_is_no_kubernetes() {
        for (what, reason, code) in [
            ("GET /version", "", "not-kubernetes"),
            ("GET /api/v1/secrets", "", "not-kubernetes"),
            ("GET /api", "", "not-kubernetes"),
            ("GET /api/v1/secrets", "NotFound", "not-found"),
            // an API server's own answer for a group that it does not serve has no status
            ("GET /apis/cert-manager.io/v1/issuers", "", "not-found"),
            ("GET /api/v2/x", "", "not-found"),
            ("GET /api/v1/namespaces/egov/services/gateway/proxy/user", "", "not-found"),
            ("GET /api/v1/namespaces/egov/pods/web-1/log", "", "not-found"),
        ] {
            let refusal = status(404, reason, "", Value::Null);
            assert_eq!(error(refusal, "https://one:6443", what, "").code(), code, "{what} {reason}");
        }
    }
}
