//! What answers behind the port of a pod: programs that a rehearsal or a test gives to images. Without one, nobody listens there.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use regex::Regex;

/// The connection breaks before anything is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection breaks")]
pub struct Broken;

/// A request as it arrives in a pod.
#[derive(Debug)]
pub struct Arrived {
    /// `namespace/name` of the pod.
    pub pod: String,
    /// What is asked.
    pub request: Request<Bytes>,
}

/// From a request to its answer, in its own time; one that never comes leaves the connection open and silent.
pub type Respond = Arc<dyn Fn(Arrived) -> BoxFuture<'static, Result<Response<Bytes>, Broken>> + Send + Sync>;

/// A program that listens in pods while their container runs, and ends with it.
#[derive(Clone)]
pub struct Program {
    /// A pattern for the container's image, found anywhere in it.
    pub image: Regex,
    /// Where it listens.
    pub port: u16,
    /// What it answers.
    pub respond: Respond,
}

impl Program {
    /// A program of images that answers HTTP on a port.
    pub fn new<F>(image: Regex, port: u16, respond: impl Fn(Arrived) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response<Bytes>, Broken>> + Send + 'static,
    {
        Program { image, port, respond: Arc::new(move |arrived| Box::pin(respond(arrived))) }
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({} on {})", self.image, self.port)
    }
}
