//! A port of a pod, forwarded to this program.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::{BoxFuture, Fuse};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::Portforwarder;
use kube::client::UpgradeConnectionError;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::connect::refusal::refusal;
use crate::connect::retry::Refusal;

/// What keeps a forwarded port open. Without it the connection to the server ends, also when that does not answer any more.
pub(super) struct Forwarded {
    forwarder: Portforwarder,
    /// The error that ends the port, as the node says it.
    pub(super) failure: Fuse<BoxFuture<'static, Option<String>>>,
}

impl Drop for Forwarded {
    fn drop(&mut self) {
        self.forwarder.abort();
    }
}

/// A forwarded port.
pub(super) struct Opened {
    pub(super) io: DuplexStream,
    pub(super) forwarded: Forwarded,
    /// UID of the pod.
    pub(super) pod: String,
}

/// The bytes of a forwarded port, both ways. Ends with the pod, and when it is dropped; nothing of it heals by itself.
pub struct Stream(Opened);

impl Stream {
    pub(super) fn new(opened: Opened) -> Self {
        Stream(opened)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.io).poll_read(context, to)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0.io).poll_write(context, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.io).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.io).poll_shutdown(context)
    }
}

/// Why a port is not forwarded.
#[derive(Debug, PartialEq)]
pub(super) enum Refused {
    /// The server says no, or nothing.
    By(Refusal),
    /// Something between us and the server lets no WebSocket through.
    Blocked(String),
}

/// Forwards a port of a pod.
pub(super) async fn open(
    client: &kube::Client,
    namespace: &str,
    pod: &str,
    uid: &str,
    port: u16,
) -> Result<Opened, Refused> {
    let pods = Api::<Pod>::namespaced(client.clone(), namespace);
    let mut forwarder = pods.portforward(pod, &[port]).await.map_err(|error| refused(&error))?;
    let none = || Refused::By(Refusal::Garbled { reason: "no stream for the port".to_owned() });
    let io = forwarder.take_stream(port).ok_or_else(none)?;
    let failure = forwarder.take_error(port).ok_or_else(none)?.boxed().fuse();
    Ok(Opened { io, forwarded: Forwarded { forwarder, failure }, pod: uid.to_owned() })
}

/// What kube says when an answer is no `Status` of Kubernetes.
const NO_STATUS: &str = "Failed to parse error data";

/// What a failed upgrade says about why. An API server answers with a `Status`, or switches. An answer that is neither comes from somebody
/// else, and so does the missing of what was asked for: a proxy that knows no WebSockets leaves the upgrade out.
fn refused(error: &kube::Error) -> Refused {
    match error {
        kube::Error::Api(status) => {
            let (code, message) = (status.code, status.message.clone());
            let is_own = status.reason != NO_STATUS;
            if (code == 400 && message.contains("Upgrade request required"))
                || (!is_own && matches!(code, 400 | 403..=406 | 426 | 501))
            {
                return Refused::Blocked(format!("status {code}"));
            }
            let details = serde_json::to_value(&status.details).unwrap_or_default();
            let reason = if is_own { status.reason.clone() } else { String::new() };
            let message = message.chars().take(300).collect();
            Refused::By(Refusal::Status { code, reason, message, details, retry_after: None })
        }
        kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(status)) if status.is_redirection() => {
            let nothing = String::new;
            let details = serde_json::Value::Null;
            Refused::By(Refusal::Status {
                code: status.as_u16(),
                reason: nothing(),
                message: nothing(),
                details,
                retry_after: None,
            })
        }
        kube::Error::UpgradeConnection(UpgradeConnectionError::GetPendingUpgrade(error)) => {
            Refused::By(Refusal::Lost { reason: error.to_string() })
        }
        kube::Error::UpgradeConnection(error) => Refused::Blocked(error.to_string()),
        other => Refused::By(refusal(other)),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use kube::core::Status;

    use super::*;

    #[test]
    fn whoever_refuses_a_websocket_is_told_apart() {
        let api = |code: u16, reason: &str, message: &str| {
            kube::Error::Api(Status::failure(message, reason).with_code(code).boxed())
        };
        let switch = |code: u16| {
            kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(StatusCode::from_u16(code).unwrap()))
        };
        let cases = [
            (api(403, "Forbidden", "pods \"a\" is forbidden: cannot get resource \"pods/portforward\""), Some(403)),
            (api(404, "NotFound", "pods \"a\" not found"), Some(404)),
            (api(400, "BadRequest", "pod a does not have a host assigned"), Some(400)),
            (api(500, "InternalError", "error dialing backend"), Some(500)),
            (api(502, NO_STATUS, "<html>"), Some(502)),
            (api(503, NO_STATUS, "no healthy upstream"), Some(503)),
            (api(401, NO_STATUS, "who"), Some(401)),
            (api(407, NO_STATUS, "proxy"), Some(407)),
            (switch(302), Some(302)),
            (api(400, "BadRequest", "Upgrade request required"), None),
            (api(403, NO_STATUS, "<html>no upgrades"), None),
            (api(405, NO_STATUS, ""), None),
            (api(426, NO_STATUS, ""), None),
            (switch(200), None),
            (kube::Error::UpgradeConnection(UpgradeConnectionError::MissingConnectionUpgradeHeader), None),
        ];
        for (error, expected) in cases {
            let said = refused(&error);
            let code = match &said {
                Refused::By(Refusal::Status { code, .. }) => Some(*code),
                Refused::By(other) => panic!("{other:?}"),
                Refused::Blocked(_) => None,
            };
            assert_eq!(code, expected, "{error:?}: {said:?}");
        }
    }
}
