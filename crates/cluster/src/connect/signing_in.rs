//! A connection that signs in again by itself: when its credential ends, and when the server does not accept it any more.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use kube::Client;
use kube::client::Body;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::retry::Refusal;

/// How long the outcome of a sign-in that failed counts for whoever asks next: many calls wait for one program.
const FAILED_COUNTS: Duration = Duration::from_secs(3);

/// A client with its credential.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) client: Client,
    /// When the credential ends, if that is known.
    pub(super) until: Option<Timestamp>,
}

/// Reads the kubeconfig and runs the sign-in program anew.
pub(super) type SignIn = Arc<dyn Fn() -> BoxFuture<'static, Result<SignedIn, Refusal>> + Send + Sync>;

type Running = Shared<BoxFuture<'static, Result<(), Refusal>>>;

/// Sends with the newest credential. Signs in once for all calls that need it, and beside them: a call that is given up does not take
/// the sign-in with it, which may be a person in front of a browser.
#[derive(Clone)]
pub(super) struct SigningIn {
    state: Arc<Mutex<State>>,
    sign_in: SignIn,
}

struct State {
    generation: u64,
    now: SignedIn,
    running: Option<Running>,
    failed: Option<(Instant, Refusal)>,
}

impl SigningIn {
    pub(super) fn new(now: SignedIn, sign_in: SignIn) -> Self {
        SigningIn { state: Arc::new(Mutex::new(State { generation: 0, now, running: None, failed: None })), sign_in }
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, tower::BoxError> {
        let (parts, body) = request.into_parts();
        let bytes = body.collect_bytes().await?;
        let (mut generation, mut signed_in) = self.current().await;
        if signed_in.until.is_some_and(|until| until <= Timestamp::now()) {
            (generation, signed_in) = self.again(generation).await?;
        }
        let answer = signed_in.client.send(Request::from_parts(parts.clone(), Body::from(bytes.clone()))).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let (_, fresh) = self.again(generation).await?;
        Ok(fresh.client.send(Request::from_parts(parts, Body::from(bytes))).await?)
    }

    async fn current(&self) -> (u64, SignedIn) {
        let state = self.state.lock().await;
        (state.generation, state.now.clone())
    }

    /// Signs in, unless somebody did since `generation`.
    async fn again(&self, generation: u64) -> Result<(u64, SignedIn), tower::BoxError> {
        let running = {
            let mut state = self.state.lock().await;
            if state.generation != generation {
                return Ok((state.generation, state.now.clone()));
            }
            if let Some((at, refusal)) = &state.failed
                && at.elapsed() < FAILED_COUNTS
            {
                return Err(Box::new(refusal.clone()));
            }
            state.running.get_or_insert_with(|| self.begin()).clone()
        };
        running.await.map_err(Box::new)?;
        Ok(self.current().await)
    }

    fn begin(&self) -> Running {
        let (state, signing) = (self.state.clone(), (self.sign_in)());
        let task = tokio::spawn(async move {
            let outcome = signing.await;
            let mut state = state.lock().await;
            state.running = None;
            match outcome {
                Ok(now) => {
                    state.generation += 1;
                    state.now = now;
                    state.failed = None;
                    Ok(())
                }
                Err(refusal) => {
                    state.failed = Some((Instant::now(), refusal.clone()));
                    Err(refusal)
                }
            }
        });
        async move { task.await.unwrap_or_else(|error| Err(Refusal::Garbled { reason: error.to_string() })) }
            .boxed()
            .shared()
    }
}

impl tower::Service<Request<Body>> for SigningIn {
    type Response = Response<Body>;
    type Error = tower::BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// A client whose server knows one token.
    fn client(token: u32, accepted: &Arc<AtomicU32>) -> Client {
        let accepted = accepted.clone();
        let service = tower::service_fn(move |_: Request<Body>| {
            let known = accepted.load(Ordering::SeqCst) == token;
            let answer = Response::builder().status(if known { 200 } else { 401 }).body(Body::empty());
            async move { answer }
        });
        Client::new(service, "default")
    }

    /// A connection signed in with token 0; signing in gives the token that is accepted, after `takes`, or fails while `offline` is set.
    fn connection(takes: Duration) -> (SigningIn, Arc<AtomicU32>, Arc<AtomicU32>, Arc<AtomicU32>) {
        let (accepted, begun, offline) =
            (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (given, count, down) = (accepted.clone(), begun.clone(), offline.clone());
        let sign_in: SignIn = Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            let (given, down) = (given.clone(), down.clone());
            Box::pin(async move {
                tokio::time::sleep(takes).await;
                if down.load(Ordering::SeqCst) == 1 {
                    return Err(Refusal::SignIn {
                        command: "aws".to_owned(),
                        reason: "offline".to_owned(),
                        is_offline: true,
                    });
                }
                Ok(SignedIn { client: client(given.load(Ordering::SeqCst), &given), until: None })
            })
        });
        let now = SignedIn { client: client(0, &accepted), until: None };
        (SigningIn::new(now, sign_in), accepted, begun, offline)
    }

    async fn ask(connection: &SigningIn) -> Result<u16, String> {
        let answer = connection.clone().send(Request::new(Body::empty())).await;
        answer.map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn one_sign_in_serves_all_calls_and_outlives_those_that_are_given_up() {
        let (connection, accepted, begun, _) = connection(Duration::from_secs(75));
        assert_eq!(ask(&connection).await, Ok(200));
        accepted.store(7, Ordering::SeqCst);
        // As calls do: nobody waits longer than half a minute. The person needs more than a minute in the browser.
        let brief = async || tokio::time::timeout(Duration::from_secs(30), ask(&connection)).await;
        let (one, two) = tokio::join!(brief(), brief());
        assert!(one.is_err() && two.is_err());
        assert!(brief().await.is_err());
        assert_eq!(brief().await, Ok(Ok(200)));
        assert_eq!(begun.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sign_in_that_fails_is_not_begun_by_every_call_and_works_again_later() {
        let (connection, accepted, begun, offline) = connection(Duration::ZERO);
        accepted.store(7, Ordering::SeqCst);
        offline.store(1, Ordering::SeqCst);
        for _ in 0..5 {
            assert_eq!(ask(&connection).await, Err("not signed in: offline".to_owned()));
        }
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        offline.store(0, Ordering::SeqCst);
        tokio::time::sleep(FAILED_COUNTS).await;
        assert_eq!(ask(&connection).await, Ok(200));
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_credential_that_has_ended_is_renewed_before_it_is_refused() {
        let (connection, _, begun, _) = connection(Duration::ZERO);
        connection.state.lock().await.now.until = Some(Timestamp::now() - Duration::from_secs(1));
        assert_eq!(ask(&connection).await, Ok(200));
        assert_eq!(begun.load(Ordering::SeqCst), 1);
    }
}
