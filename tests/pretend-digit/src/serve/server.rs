//! Listeners on 127.0.0.1, one a service.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::read::read;
use crate::services;
use crate::wire::answer::{Answer, Leaves};
use crate::world::World;
use crate::{Error, Service};

/// The one world that all listeners answer from.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(crate) fn new(world: World) -> Shared {
        Shared(Arc::new(Mutex::new(world)))
    }

    /// The world, with what is due until now done.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = world.options.clock.now();
        world.advance(now);
        world
    }
}

/// Opens a listener; port 0 is any.
///
/// # Errors
/// When the port cannot be had.
pub(crate) async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Answers for a service until it is stopped.
pub(crate) async fn serve(listener: TcpListener, service: Service, shared: Shared, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        let (connection, reset) = Connection::new(stream);
        let (shared, stop) = (shared.clone(), stop.clone());
        tokio::spawn(async move {
            let answering = service_fn(move |request| answer(service, shared.clone(), reset.clone(), request));
            let served = hyper::server::conn::http1::Builder::new()
                .auto_date_header(false)
                .serve_connection(TokioIo::new(connection), answering);
            tokio::select! {
                () = stop.cancelled() => {}
                // A connection that breaks, ours or theirs, concerns nobody else.
                _ = served => {}
            }
        });
    }
}

async fn answer(
    service: Service,
    shared: Shared,
    reset: Arc<AtomicBool>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, Aborted> {
    let Some(request) = read(request).await else { return Err(Aborted) };
    let (answer, date) = {
        let mut world = shared.world();
        let answer = services::call(&mut world, service, &request);
        (answer, world.now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
    };
    match answer.leaves {
        Leaves::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(Aborted)
        }
        Leaves::Never => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
        Leaves::After(wait) => {
            tokio::time::sleep(wait).await;
            Ok(response(answer, &date))
        }
    }
}

fn response(answer: Answer, date: &str) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::builder().status(answer.status).header("date", date);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    // A status or a header that cannot be sent is a mistake in this program; 500 says so to whoever sees it.
    response.body(Full::new(Bytes::from(answer.body))).unwrap_or_else(|_| {
        let mut broken = http::Response::new(Full::default());
        *broken.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends without an answer")]
struct Aborted;
