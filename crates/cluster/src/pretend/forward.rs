//! Port-forwards: the `portforward` of a pod over a WebSocket, as kubelets speak it, to the program that listens there.
//!
//! An upgrade needs a connection under it, and requests come here without one. So this one request goes through an HTTP connection in
//! memory, whose other end is served here.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, handshake::derive_accept_key, protocol::Role};

use super::answer::{Answered, Refusal};
use super::json::{list, number, text, uid};
use super::program::{Arrived, Broken, Program};
use super::route::{self, Path};
use super::shared::Shared;
use super::store::Key;

/// The protocol that is spoken: binary messages, the first byte is the channel.
const PROTOCOL: &str = "v4.channel.k8s.io";
/// Channels of the one port: its bytes, and the one error that ends it.
const DATA: u8 = 0;
const ERROR: u8 = 1;
/// Bytes under way.
const BUFFER: usize = 64 * 1024;
/// How often a forward looks whether its container still runs.
const TICK: Duration = Duration::from_millis(100);

/// One port of one pod that is forwarded.
#[derive(Clone)]
struct Forward {
    shared: Arc<Shared>,
    key: Key,
    port: u16,
    /// Who listens there, and in which life of which container.
    listener: Option<(Program, Life)>,
}

/// A container from one start to its end.
#[derive(Clone, PartialEq, Eq)]
struct Life {
    pod: String,
    container: String,
    restarts: i64,
}

/// The pod whose port a request wants forwarded, if it wants that.
pub(super) fn asked(head: &http::request::Parts) -> Option<Key> {
    match route::path(head.uri.path()) {
        Some(Path::Things(things))
            if things.plural == "pods" && things.group.is_empty() && things.sub == "portforward" =>
        {
            Some(Key::new("", "pods", &things.namespace, &things.name))
        }
        _ => None,
    }
}

/// Answers with a switch of protocols behind which the forward runs, or with a refusal.
pub(super) async fn answer(
    shared: Arc<Shared>,
    key: Key,
    head: http::request::Parts,
) -> Result<Response<Answered>, Refusal> {
    let pod = placed(&shared, &key)?;
    let named = |name: header::HeaderName| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !named(header::UPGRADE).eq_ignore_ascii_case("websocket") {
        return Err(Refusal::bad_request("Upgrade request required"));
    }
    if !named(header::SEC_WEBSOCKET_PROTOCOL).split(',').any(|offered| offered.trim() == PROTOCOL) {
        return Err(Refusal::bad_request(format!("unable to upgrade: none of the protocols is {PROTOCOL}")));
    }
    let query = route::query(head.uri.query().unwrap_or_default());
    let port = query.get("ports").and_then(|ports| ports.parse().ok()).filter(|port| *port > 0);
    let port = port.ok_or_else(|| Refusal::bad_request("query parameter \"ports\" is required"))?;
    let listener = listener(&shared, &pod, port);
    let forward = Forward { shared, key, port, listener };
    let broken = |error: hyper::Error| Refusal::new(500, "InternalError", error.to_string());

    let (near, far) = tokio::io::duplex(BUFFER);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let forward = forward.clone();
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            if let Ok(connection) = upgrade.await {
                let socket = WebSocketStream::from_raw_socket(TokioIo::new(connection), Role::Server, None).await;
                forward.run(socket).await;
            }
        });
        async move { Ok::<_, Infallible>(switching(request.headers())) }
    });
    let server = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service);
    tokio::spawn(server.with_upgrades());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(near)).await.map_err(broken)?;
    tokio::spawn(connection.with_upgrades());
    let answer = sender.send_request(Request::from_parts(head, Body::empty())).await.map_err(broken)?;
    Ok(answer.map(|_| Empty::new().boxed_unsync()))
}

fn switching(asked: &HeaderMap) -> Response<Empty<Bytes>> {
    let accept = asked.get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes())).unwrap_or_default();
    let mut answer = Response::new(Empty::new());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    answer
}

/// The pod, which must be on a node: its port is there.
fn placed(shared: &Shared, key: &Key) -> Result<Arc<Value>, Refusal> {
    let world = shared.world();
    let Some(pod) = world.store.get(key).cloned() else {
        let kind = world.store.kind("", "pods").cloned();
        return Err(kind.map_or_else(Refusal::no_such_path, |kind| Refusal::not_found(&kind, &key.name)));
    };
    shared.settle(world);
    if text(&pod, "/spec/nodeName").is_empty() {
        return Err(Refusal::bad_request(format!("pod {} does not have a host assigned", key.name)));
    }
    Ok(pod)
}

/// Who listens on a port of a pod.
fn listener(shared: &Shared, pod: &Value, port: u16) -> Option<(Program, Life)> {
    let programs = shared.programs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    programs.iter().filter(|program| program.port == port).find_map(|program| {
        let mut containers = list(pod, "/spec/containers").iter();
        containers.find_map(|container| {
            let is_mine = program.image.is_match(text(container, "/image"));
            Some((program.clone(), life(pod, text(container, "/name")).filter(|_| is_mine)?))
        })
    })
}

/// The life that a container is in, if it runs.
fn life(pod: &Value, container: &str) -> Option<Life> {
    let status = list(pod, "/status/containerStatuses").iter().find(|status| text(status, "/name") == container)?;
    status.pointer("/state/running")?;
    let restarts = number(status, "/restartCount").unwrap_or(0);
    Some(Life { pod: uid(pod).to_owned(), container: container.to_owned(), restarts })
}

fn message(channel: u8, bytes: &[u8]) -> Message {
    let mut whole = BytesMut::with_capacity(bytes.len() + 1);
    whole.put_u8(channel);
    whole.put_slice(bytes);
    Message::Binary(whole.freeze())
}

impl Forward {
    /// Forwards until either end is gone; nobody is left to be told how that ended.
    async fn run(self, mut socket: WebSocketStream<TokioIo<Upgraded>>) {
        for channel in [DATA, ERROR] {
            if socket.send(message(channel, &self.port.to_le_bytes())).await.is_err() {
                return;
            }
        }
        match &self.listener {
            Some((program, life)) => self.pump(&mut socket, program, life).await,
            None => {
                let why = format!(
                    "error forwarding port {port} to pod {pod}, uid : failed to execute portforward in network namespace \"rehearsal\": failed to \
                     connect to localhost:{port} inside namespace \"rehearsal\", IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused IPv6: \
                     dial tcp6: address localhost: no suitable address found",
                    port = self.port,
                    pod = self.key.name,
                );
                let _ = socket.send(message(ERROR, why.as_bytes())).await;
            }
        }
        let _ = socket.close(None).await;
    }

    async fn pump(&self, socket: &mut WebSocketStream<TokioIo<Upgraded>>, program: &Program, life: &Life) {
        let (mut near, far) = tokio::io::duplex(BUFFER);
        let (respond, pod) = (program.respond.clone(), format!("{}/{}", self.key.namespace, self.key.name));
        let service = service_fn(move |request: Request<Incoming>| {
            let (respond, pod) = (respond.clone(), pod.clone());
            async move {
                let (head, body) = request.into_parts();
                let bytes = body.collect().await.map_err(|_| Broken)?.to_bytes();
                let answer = respond(Arrived { pod, request: Request::from_parts(head, bytes) }).await?;
                Ok::<_, Broken>(answer.map(Full::new))
            }
        });
        // Its end of the connection is dropped with its end: what it said last is still read, and then that nothing more comes.
        let server = async move {
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service).await;
        };
        let mut server = std::pin::pin!(server);
        let mut changed = self.shared.changed.subscribe();
        let (mut served, mut buffer) = (false, BytesMut::new());
        loop {
            buffer.reserve(BUFFER);
            tokio::select! {
                () = &mut server, if !served => served = true,
                read = near.read_buf(&mut buffer) => {
                    if read.is_err() || buffer.is_empty() || socket.send(message(DATA, &buffer.split())).await.is_err() {
                        return;
                    }
                }
                heard = socket.next() => match heard {
                    Some(Ok(Message::Binary(bytes))) if bytes.first() == Some(&DATA) => {
                        // The program may take nothing in for as long as it does not answer: it must go on beside this.
                        let mut rest = &bytes[1..];
                        while !rest.is_empty() {
                            tokio::select! {
                                () = &mut server, if !served => served = true,
                                wrote = near.write(rest) => match wrote {
                                    Ok(count) if count > 0 => rest = &rest[count..],
                                    _ => return,
                                }
                            }
                        }
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
                () = tokio::time::sleep(TICK) => if !self.lives(life) { return },
                known = changed.changed() => if known.is_err() || !self.lives(life) { return },
            }
        }
    }

    /// Whether the container is still in the life in which it was found.
    fn lives(&self, known: &Life) -> bool {
        let world = self.shared.world();
        let lives = world.store.get(&self.key).and_then(|pod| life(pod, &known.container)).as_ref() == Some(known);
        self.shared.settle(world);
        lives
    }
}
