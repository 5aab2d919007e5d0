//! Faults: what a test makes an endpoint do in place of its work.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::errors;

/// Which calls a fault befalls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The service that is called, also through entry and gateway.
    pub service: Service,
    /// What the path begins with; `/` is every path.
    pub path: String,
    /// The method, if one alone is meant.
    pub method: Option<Method>,
}

impl Match {
    /// Every call of a service.
    pub fn all(service: Service) -> Match {
        Match { service, path: "/".to_owned(), method: None }
    }

    /// The calls of a service whose path begins so.
    pub fn path(service: Service, path: impl Into<String>) -> Match {
        Match { service, path: path.into(), method: None }
    }

    fn takes(&self, service: Service, method: &Method, path: &str) -> bool {
        self.service == service && path.starts_with(&self.path) && self.method.as_ref().is_none_or(|m| m == method)
    }
}

/// What happens in place of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This status, with the body that DIGIT would give it; the work is not done.
    Status(u16),
    /// The request is taken and never answered; the work is not done.
    Timeout,
    /// As `Timeout`, but the work is done.
    TimeoutAfter,
    /// The work is done, and answered that much later.
    Slow(Duration),
    /// A proxy's HTML page with this status; the work is not done.
    Html(u16),
    /// The work is done, and the second half of the body is missing.
    Truncated,
    /// The connection is reset before the work.
    ConnectionReset,
    /// The work is done, and the connection reset before the answer.
    ConnectionResetAfter,
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Match, Fault, Option<u32>)>);

impl Faults {
    /// One more, for the next `times` calls or for ever. The last one that is set wins.
    pub(crate) fn set(&mut self, which: Match, fault: Fault, times: Option<u32>) {
        self.0.push((which, fault, times));
    }

    /// None any more.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault of this call, counted off.
    pub(crate) fn take(&mut self, service: Service, method: &Method, path: &str) -> Option<Fault> {
        let at =
            self.0.iter().rposition(|(which, _, times)| which.takes(service, method, path) && *times != Some(0))?;
        let (_, fault, times) = self.0.get_mut(at)?;
        *times = times.map(|n| n.saturating_sub(1));
        Some(fault.clone())
    }
}

impl Fault {
    /// What is answered before any work, if the fault comes before it.
    pub(crate) fn before(&self, service: Service, path: &str, now: jiff::Timestamp) -> Option<Answer> {
        match self {
            Fault::Status(status) => Some(of_status(*status, service, path, now)),
            Fault::Timeout => Some(Answer::never()),
            Fault::Html(status) => Some(Answer::html(*status, PROXY_PAGE)),
            Fault::ConnectionReset => Some(Answer::reset()),
            Fault::TimeoutAfter | Fault::Slow(_) | Fault::Truncated | Fault::ConnectionResetAfter => None,
        }
    }

    /// What becomes of the answer, if the fault comes after the work.
    pub(crate) fn after(&self, answer: Answer) -> Answer {
        match self {
            Fault::TimeoutAfter => Answer::never(),
            Fault::Slow(wait) => answer.after(*wait),
            Fault::Truncated => {
                let half = answer.body.len() / 2;
                Answer { body: answer.body.into_iter().take(half).collect(), ..answer }
            }
            Fault::ConnectionResetAfter => Answer::reset(),
            Fault::Status(_) | Fault::Timeout | Fault::Html(_) | Fault::ConnectionReset => answer,
        }
    }
}

/// A page as a company's proxy or a load balancer puts it in place of the answer (§7 knows none; ours).
const PROXY_PAGE: &str = "<!DOCTYPE html><html><head><title>Notice</title></head><body><h1>Notice</h1><p>Your request was handled by the proxy.</p></body></html>";

/// The body that a status comes with: the gateway's where it is one of the gateway's (§2.1), the service's else.
fn of_status(status: u16, service: Service, path: &str, now: jiff::Timestamp) -> Answer {
    match (status, service) {
        (401, Service::User) if path == "/user/oauth/token" => {
            errors::oauth(401, "unauthorized", "Full authentication is required to access this resource")
        }
        (401 | 403, _) => errors::gateway(status, "CustomException", "You are not authorized to access this resource"),
        (404, _) => Answer::json(
            404,
            &json!({
                "timestamp": now.to_string(), "path": path, "status": 404, "error": "Not Found", "requestId": "9c1f2ab4-1",
            }),
        ),
        (429, _) => Answer::empty(429).with("x-ratelimit-remaining", "0"),
        (400, Service::User) => errors::user_fault("RuntimeException", Some("pretended")),
        (400, _) => errors::fault("RuntimeException", "pretended"),
        (500, Service::User) if path == "/user/oauth/token" => errors::oauth(500, "server_error", "pretended"),
        (_, _) => errors::spring(now, status, "Internal Server Error", path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_lasts_as_many_calls_as_it_is_set_for_and_the_last_wins() {
        let mut faults = Faults::default();
        faults.set(Match::all(Service::User), Fault::Status(400), None);
        faults.set(Match::path(Service::User, "/user/oauth"), Fault::Timeout, Some(2));
        faults.set(Match { method: Some(Method::GET), ..Match::all(Service::Pgr) }, Fault::Truncated, None);
        let mut take = |service, method, path| faults.take(service, &method, path);
        assert_eq!(take(Service::User, Method::POST, "/user/oauth/token"), Some(Fault::Timeout));
        assert_eq!(take(Service::User, Method::POST, "/user/_search"), Some(Fault::Status(400)));
        assert_eq!(take(Service::User, Method::POST, "/user/oauth/token"), Some(Fault::Timeout));
        assert_eq!(take(Service::User, Method::POST, "/user/oauth/token"), Some(Fault::Status(400)));
        assert_eq!(take(Service::Pgr, Method::POST, "/pgr-services/health"), None);
        assert_eq!(take(Service::Pgr, Method::GET, "/pgr-services/health"), Some(Fault::Truncated));
        assert_eq!(take(Service::Mdms, Method::GET, "/"), None);
    }
}
