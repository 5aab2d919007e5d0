//! The road itself: finds a pod, connects to it, and does so again when the connection is gone.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::again::Lost;
use super::destination::{self, Destination, NoSuchPort};
use super::exchange::{Ask, Connection, Failed, Reply};
use super::forward::{self, Opened, Refused, Stream};
use crate::connect::api::{Asked, Attempts, Cluster, Trouble};
use crate::connect::retry::{self, Refusal, Remedy};
use crate::error::{Error, Result};
use crate::object::{ObjectRef, text};

/// The longest pause between two tries: a new pod is found soon after it is ready.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// A way to a program in the cluster. Cheap to clone; clones share a connection. Nothing is connected until something is sent.
///
/// A pod that goes away, a connection that breaks, a node that does not answer: the next try takes another pod if there is one, until the
/// deadline of whoever calls. What may have been carried out is sent again only if the caller says that it may be.
#[derive(Clone)]
pub struct Road {
    cluster: Cluster,
    to: Destination,
    /// A connection that nobody uses just now.
    idle: Arc<Mutex<Option<Connection>>>,
}

impl std::fmt::Debug for Road {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Road({})", self.to)
    }
}

impl Cluster {
    /// A road to a port of a service or of a pod. Trouble on it is told and held as for calls of this cluster, and it ends with its stop.
    pub fn road_to(&self, to: Destination) -> Road {
        Road { cluster: self.clone(), to, idle: Arc::default() }
    }
}

/// How far a journey came: what there is to say when its time is up.
struct Journey {
    /// What is asked, for errors.
    what: String,
    tries: Attempts,
    /// Pods, by UID, that gave no answer.
    avoid: BTreeSet<String>,
    /// What was last in the way.
    last: Option<Error>,
    /// Sent, not answered, and not to be sent again.
    is_out: bool,
}

impl Journey {
    fn begin(what: String) -> Self {
        Journey { what, tries: Attempts::begin(), avoid: BTreeSet::new(), last: None, is_out: false }
    }

    fn no_answer(&self, reason: &str) -> Error {
        Error::NoAnswer { what: self.what.clone(), reason: reason.to_owned() }
    }

    fn maybe_done(&self, reason: &str) -> Error {
        Error::MaybeDone { what: self.what.clone(), reason: reason.to_owned() }
    }

    /// The error when there is no time left.
    fn out_of_time(self, within: Duration) -> Error {
        let reason = format!("no answer within {} s", within.as_secs_f64());
        if self.is_out {
            self.maybe_done(&reason)
        } else {
            self.last.clone().unwrap_or_else(|| self.no_answer(&reason))
        }
    }
}

impl Road {
    /// Sends a request and gives the answer, whatever its status, within a time that counts for everything that is tried.
    ///
    /// # Errors
    /// - [`Error::MaybeDone`]: it was sent, no whole answer came, and it is not repeatable. Everything else but [`Error::TooLarge`] and
    ///   [`Error::Stopped`] means that nothing of a request that is not repeatable reached the program.
    /// - [`Error::NoReadyPod`], [`Error::NoAnswer`], [`Error::NotAnswering`] and what else was last in the way, when the time
    ///   is up; what only the API server is asked for ends with the cluster's patience, if that is shorter.
    /// - At once: [`Error::NotFound`] (no such service or pod), [`Error::NoSuchPort`], [`Error::Forbidden`], [`Error::WebSocketBlocked`],
    ///   [`Error::TooLarge`], [`Error::Invalid`] (no such thing as that path).
    pub async fn call(&self, ask: &Ask, within: Duration) -> Result<Reply> {
        let what = format!("{} {}{}", ask.method, self.to, ask.bare_path());
        self.journey(what, within, async |journey| self.until_answered(ask, journey).await).await
    }

    /// The bytes of the port, both ways, for what is not HTTP.
    ///
    /// # Errors
    /// As [`call`](Road::call), without what is about requests.
    pub async fn stream(&self, within: Duration) -> Result<Stream> {
        let what = format!("CONNECT {}", self.to);
        self.journey(what, within, async |journey| Ok(Stream::new(self.open(journey).await?))).await
    }

    async fn journey<T>(
        &self,
        what: String,
        within: Duration,
        go: impl AsyncFnOnce(&mut Journey) -> Result<T>,
    ) -> Result<T> {
        let mut journey = Journey::begin(what);
        let outcome = tokio::select! {
            outcome = tokio::time::timeout(within, go(&mut journey)) => outcome,
            () = self.cluster.stopped() => return Err(Error::Stopped),
        };
        outcome.unwrap_or_else(|_| Err(journey.out_of_time(within)))
    }

    async fn until_answered(&self, ask: &Ask, journey: &mut Journey) -> Result<Reply> {
        let ObjectRef { name, namespace, .. } = &self.to.object;
        let host = format!("{name}.{namespace}:{}", self.to.port);
        loop {
            self.cluster.begins(ask.writes()).await?;
            // What may be sent only once goes over a connection that is new: an old one may be just about to break, and then nobody knows.
            let idle = if ask.repeatable { self.idle() } else { None };
            let (mut connection, is_used) = match idle {
                Some(connection) => (connection, true),
                None => match Connection::over(self.open(journey).await?).await {
                    Ok(connection) => (connection, false),
                    Err(reason) => {
                        self.again(journey.no_answer(&reason), journey).await?;
                        continue;
                    }
                },
            };
            let Some(request) = ask.request(&host) else {
                return Err(Error::Invalid { what: journey.what.clone(), message: "not a path".to_owned() });
            };
            if !ask.repeatable
                && let Err(lost) = connection.listens().await
            {
                journey.avoid.insert(connection.pod);
                self.again(journey.no_answer(lost.reason()), journey).await?;
                continue;
            }
            journey.is_out = !ask.repeatable;
            let exchange = connection.exchange(request, ask.limit);
            let outcome = if ask.repeatable {
                let time_out = ask.time_out.unwrap_or(self.cluster.time_out());
                let late = || Lost::MaybeDone(format!("no answer within {} s", time_out.as_secs_f64()));
                tokio::time::timeout(time_out, exchange).await.unwrap_or_else(|_| Err(Failed::Lost(late())))
            } else {
                exchange.await
            };
            journey.is_out = false;
            let lost = match outcome {
                Ok(reply) => {
                    self.keep(connection);
                    return Ok(reply);
                }
                Err(Failed::TooLarge) => {
                    return Err(Error::TooLarge { what: journey.what.clone(), limit: ask.limit });
                }
                Err(Failed::Lost(lost)) => lost,
            };
            if !lost.may_repeat(ask.repeatable) {
                return Err(journey.maybe_done(lost.reason()));
            }
            journey.avoid.insert(connection.pod);
            if !is_used {
                self.again(journey.no_answer(lost.reason()), journey).await?;
            }
            // Else it was closed while nobody used it: nothing is known yet about how a new one fares.
        }
    }

    /// Tells what was in the way and waits until the next try.
    async fn again(&self, error: Error, journey: &mut Journey) -> Result<()> {
        journey.tries.count += 1;
        let tries = journey.tries.count;
        let after = retry::pause(tries, None, rand::random()).min(LONGEST_PAUSE);
        let (code, message) = (error.code(), error.to_string());
        journey.last = Some(error);
        self.cluster.tell(Trouble { code, what: journey.what.clone(), message, tries, after, needs: None });
        self.cluster.rest(after).await
    }

    fn idle(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).take().filter(Connection::is_fresh)
    }

    fn keep(&self, connection: Connection) {
        if connection.is_fresh() {
            *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        }
    }

    /// Forwards the port of a pod, of whichever it takes.
    async fn open(&self, journey: &mut Journey) -> Result<Opened> {
        let namespace = &self.to.object.namespace;
        let mut refusals = Attempts::begin();
        loop {
            self.cluster.begins(false).await?;
            let (pod, port) = match self.find(&journey.avoid).await {
                Ok(found) => found,
                Err(error @ Error::NoReadyPod { .. }) => {
                    self.again(error, journey).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (name, uid) = (text(&pod, "/metadata/name"), text(&pod, "/metadata/uid"));
            let opening = forward::open(self.cluster.client(), namespace, name, uid, port);
            let time_out = self.cluster.time_out();
            let opened = tokio::time::timeout(time_out, opening).await.unwrap_or_else(|_| {
                Err(Refused::By(Refusal::Lost { reason: format!("no answer within {} s", time_out.as_secs()) }))
            });
            let refusal = match opened {
                Ok(opened) => {
                    self.cluster.goes_on();
                    return Ok(opened);
                }
                Err(Refused::Blocked(reason)) => {
                    return Err(Error::WebSocketBlocked { server: self.cluster.server().to_owned(), reason });
                }
                Err(Refused::By(refusal)) => refusal,
            };
            journey.avoid.insert(uid.to_owned());
            let what = format!("GET /api/v1/namespaces/{namespace}/pods/{name}/portforward");
            // The pod went away between the look and the way to it, or has no node any more.
            let has_gone = matches!(refusal, Refusal::Status { code: 400 | 404 | 409, .. });
            match retry::remedy(&refusal, false) {
                // Much of what a server says here is about one node: another pod may be reached, for as long as there is time.
                Remedy::Again | Remedy::AgainForAWhile => {
                    self.again(retry::error(refusal, self.cluster.server(), &what, ""), journey).await?;
                }
                Remedy::Final if has_gone => {
                    let error = retry::error(refusal, self.cluster.server(), &what, "");
                    self.again(error, journey).await?;
                }
                Remedy::AgainWhenHelped | Remedy::Final => {
                    let what = if matches!(refusal, Refusal::Status { code: 403, .. }) {
                        self.missing_right().await.unwrap_or(what)
                    } else {
                        what
                    };
                    let asked = Asked { what, object: format!("Pod/{namespace}/{name}"), writes_inside: false };
                    self.cluster.bear(refusal, &asked, &mut refusals).await?;
                }
            }
        }
    }

    /// The right that we lack to forward a port. A server that refuses the second of the two that it takes does not say which it is.
    async fn missing_right(&self) -> Option<String> {
        let missing = self.cluster.missing(&self.to.needs()).await.ok()?;
        missing.first().map(ToString::to_string)
    }

    /// The pod to go to, and its port.
    async fn find(&self, avoid: &BTreeSet<String>) -> Result<(Value, u16)> {
        let to = &self.to.object;
        let missing = || Error::NotFound { what: to.to_string() };
        let object = self.cluster.get(to).await?.ok_or_else(missing)?;
        let no_port = |of: &Value, no: NoSuchPort| {
            let service = if no.of_pod {
                ObjectRef::new("v1", "Pod", &to.namespace, text(of, "/metadata/name"))
            } else {
                to.clone()
            };
            Error::NoSuchPort { service: service.to_string(), port: no.port, known: no.known }
        };
        if to.kind == "Pod" {
            if !destination::runs(&object) {
                return Err(Error::NoReadyPod { service: to.to_string(), pods: 1 });
            }
            let port = destination::port_of_pod(&self.to.port, &object).map_err(|no| no_port(&object, no))?;
            return Ok((object, port));
        }
        let pods = match destination::pods_of(&object) {
            Some(query) => {
                let resource = self.cluster.resource("v1", "Pod").await?;
                self.cluster.list(&resource, &to.namespace, &query).await?
            }
            None => vec![],
        };
        let pod = destination::choose(&pods, avoid)
            .ok_or_else(|| Error::NoReadyPod { service: to.to_string(), pods: pods.len() })?;
        let port = destination::port_of_service(&object, &self.to.port, pod).map_err(|no| no_port(pod, no))?;
        Ok((pod.clone(), port))
    }
}
