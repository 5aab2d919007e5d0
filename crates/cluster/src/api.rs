//! One call after the other: every request to a cluster goes through [`Cluster::call`], which waits out trouble that
//! passes, tells about it, and turns what stays into an [`Error`].

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use http::{Method, Request};
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::connect;
use crate::error::{Error, Result};
use crate::object::{ObjectRef, Resource, root};
use crate::retry::{self, Refusal, Remedy};

/// Something went wrong and is tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// Stable code, for example `server-not-answering`, `webhook-failing`, `server-busy`.
    pub code: &'static str,
    /// Method and path.
    pub what: String,
    /// What was said, for evidence.
    pub message: String,
    /// Which try failed, from 1.
    pub tries: u32,
    /// Pause until the next.
    pub after: Duration,
}

/// Who is told about trouble.
pub type OnTrouble = Arc<dyn Fn(Trouble) + Send + Sync>;

/// How long trouble that passes is waited out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Until it passes, or the person stops it.
    Endless,
    /// No longer than this.
    For(Duration),
}

/// A cluster that we speak to. Cheap to clone; clones share the connection and what was learned about kinds.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    server: Arc<str>,
    kinds: Arc<RwLock<HashMap<String, Vec<Resource>>>>,
    patience: Patience,
    time_out: Duration,
    on_trouble: Option<OnTrouble>,
    stop: CancellationToken,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// With query.
    pub(crate) path: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) content_type: &'static str,
    pub(crate) accept: &'static str,
    /// `Kind/namespace/name` for errors.
    pub(crate) object: String,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Call {
            method,
            path: path.into(),
            body: None,
            content_type: "application/json",
            accept: "application/json",
            object: String::new(),
        }
    }
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Call::new(Method::GET, path)
    }
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self
    }
    pub(crate) fn about(mut self, object: &ObjectRef) -> Self {
        self.object = object.to_string();
        self
    }
    /// Whether it writes something inside a namespace: `/api/v1/namespaces/NAME/…`.
    fn writes_inside(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        let inside = path.split_once("/namespaces/").is_some_and(|(_, rest)| rest.contains('/'));
        inside && matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
    }
    fn what(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

impl Cluster {
    /// A cluster behind a client that somebody else made: the pretend cluster, and tests. `server` is what errors call it.
    pub fn new(client: Client, server: String) -> Self {
        Cluster {
            client,
            server: server.into(),
            kinds: Arc::default(),
            patience: Patience::For(Duration::from_secs(5)),
            time_out: Duration::from_secs(30),
            on_trouble: None,
            stop: CancellationToken::new(),
        }
    }

    /// The same cluster with another patience. A new one waits 5 s; runs set [`Patience::Endless`].
    #[must_use]
    pub fn with_patience(&self, patience: Patience) -> Self {
        Cluster { patience, ..self.clone() }
    }

    /// The same cluster with another time-out for one call; 30 s if not set.
    #[must_use]
    pub fn with_time_out(&self, time_out: Duration) -> Self {
        Cluster { time_out, ..self.clone() }
    }

    /// The same cluster, telling `listener` about trouble that is waited out.
    #[must_use]
    pub fn with_listener(&self, listener: OnTrouble) -> Self {
        Cluster { on_trouble: Some(listener), ..self.clone() }
    }

    /// The same cluster, beginning no new call after `stop`.
    #[must_use]
    pub fn with_stop(&self, stop: CancellationToken) -> Self {
        Cluster { stop, ..self.clone() }
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The connection itself, for what kube offers beyond this crate.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Resolves when no new call is to be begun.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    pub(crate) fn tell(&self, trouble: Trouble) {
        tracing::debug!(code = trouble.code, what = %trouble.what, message = %trouble.message, "trouble");
        if let Some(listener) = &self.on_trouble {
            listener(trouble);
        }
    }

    /// Makes a call until it is answered for good.
    pub(crate) async fn call(&self, call: &Call) -> Result<Value> {
        let begun = Instant::now();
        let mut tries = 0_u32;
        loop {
            if self.stop.is_cancelled() {
                return Err(Error::Stopped);
            }
            let refused = match self.once(call).await {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            tries += 1;
            let own = match self.patience {
                Patience::Endless => Duration::MAX,
                Patience::For(limit) => limit,
            };
            let limit = match retry::remedy(&refused, call.writes_inside()) {
                Remedy::Final => Duration::ZERO,
                Remedy::Again => own,
                Remedy::AgainForAWhile => own.min(retry::BUDGET),
            };
            let asked = match &refused {
                Refusal::Status { retry_after, .. } => *retry_after,
                _ => None,
            };
            let after = retry::pause(tries, asked, rand::random());
            if begun.elapsed().saturating_add(after) > limit {
                return Err(retry::error(refused, &self.server, &call.what(), &call.object));
            }
            let code = retry::trouble_code(&refused);
            let message = retry::error(refused, &self.server, &call.what(), &call.object).to_string();
            self.tell(Trouble { code, what: call.what(), message, tries, after });
            self.rest(after).await?;
        }
    }

    /// Sleeps, unless stopped.
    pub(crate) async fn rest(&self, pause: Duration) -> Result<()> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.stop.cancelled() => Err(Error::Stopped),
        }
    }

    async fn once(&self, call: &Call) -> Result<Value, Refusal> {
        let mut request =
            Request::builder().method(call.method.clone()).uri(&call.path).header(http::header::ACCEPT, call.accept);
        if call.body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, call.content_type);
        }
        let body = call.body.clone().map_or_else(Body::empty, Body::from);
        let request = request.body(body).map_err(|error| Refusal::Garbled { reason: error.to_string() })?;
        let exchange = async {
            let answer = self.client.send(request).await?;
            let (parts, body) = answer.into_parts();
            Ok::<_, kube::Error>((parts, body.collect_bytes().await?))
        };
        let (parts, bytes) = match tokio::time::timeout(self.time_out, exchange).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(connect::refusal(&error)),
            Err(_) => return Err(Refusal::Lost { reason: format!("no answer within {} s", self.time_out.as_secs()) }),
        };
        let parsed = serde_json::from_slice::<Value>(&bytes);
        if parts.status.is_success() {
            return parsed.map_err(|error| Refusal::Garbled { reason: error.to_string() });
        }
        let retry_after =
            parts.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let status = parsed.unwrap_or_default();
        let text = |key: &str| status[key].as_str().unwrap_or_default().to_owned();
        let message = if status.is_object() {
            text("message")
        } else {
            String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned()
        };
        Err(Refusal::Status {
            code: parts.status.as_u16(),
            reason: text("reason"),
            message,
            details: status["details"].clone(),
            retry_after,
        })
    }

    /// The resource behind a kind. Asks the server for the group version once, and again when a kind is not in it:
    /// CRDs come while we work.
    pub async fn resource(&self, api_version: &str, kind: &str) -> Result<Resource> {
        let known =
            |kinds: &HashMap<String, Vec<Resource>>| kinds.get(api_version)?.iter().find(|r| r.kind == kind).cloned();
        if let Some(found) = self.kinds.read().ok().and_then(|kinds| known(&kinds)) {
            return Ok(found);
        }
        let served = self.group_version(api_version).await?;
        let not_served = || Error::NotServed { api_version: api_version.to_owned(), kind: kind.to_owned() };
        served.into_iter().find(|r| r.kind == kind).ok_or_else(not_served)
    }

    /// Kinds served under a group version; empty if it is not served.
    pub async fn group_version(&self, api_version: &str) -> Result<Vec<Resource>> {
        let list = match self.call(&Call::get(root(api_version))).await {
            Ok(list) => list,
            Err(Error::NotFound { .. }) => return Ok(vec![]),
            Err(other) => return Err(other),
        };
        let resources = parse_resources(api_version, &list);
        if let Ok(mut kinds) = self.kinds.write() {
            kinds.insert(api_version.to_owned(), resources.clone());
        }
        Ok(resources)
    }

    /// One object; none if it, or its kind, is not there.
    pub async fn get(&self, object: &ObjectRef) -> Result<Option<Value>> {
        let resource = match self.resource(&object.api_version, &object.kind).await {
            Ok(resource) => resource,
            Err(Error::NotServed { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        match self.call(&Call::get(resource.object_path(&object.namespace, &object.name)).about(object)).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// All objects of a kind, in one namespace or (empty) in all. `query` is, for example, `labelSelector=owner%3Dhelm`.
    pub async fn list(&self, resource: &Resource, namespace: &str, query: &str) -> Result<Vec<Value>> {
        self.list_as(resource, namespace, query, "application/json").await
    }

    async fn list_as(
        &self,
        resource: &Resource,
        namespace: &str,
        query: &str,
        accept: &'static str,
    ) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut next = String::new();
        loop {
            let mut path = format!("{}?limit=500", resource.path(namespace));
            if !query.is_empty() {
                path.push('&');
                path.push_str(query);
            }
            if !next.is_empty() {
                path.push_str("&continue=");
                path.push_str(&encode(&next));
            }
            let mut page = match self.call(&Call { accept, ..Call::get(path) }).await {
                // The list changed too much while we paged: from the start.
                Err(Error::Unexpected { status: 410, .. }) if !next.is_empty() => {
                    found.clear();
                    next.clear();
                    continue;
                }
                other => other?,
            };
            if let Value::Array(items) = page["items"].take() {
                // Items of a list do not say what they are.
                found.extend(items.into_iter().map(|mut item| {
                    item["apiVersion"] = resource.api_version.clone().into();
                    item["kind"] = resource.kind.clone().into();
                    item
                }));
            }
            match page["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => token.clone_into(&mut next),
                _ => return Ok(found),
            }
        }
    }

    /// As [`list`](Cluster::list), but only the metadata of each object where the server can leave out the rest.
    pub async fn list_metadata(&self, resource: &Resource, namespace: &str, query: &str) -> Result<Vec<Value>> {
        self.list_as(resource, namespace, query, METADATA).await
    }

    /// Creates an object as it is.
    pub async fn create(&self, object: &Value) -> Result<Value> {
        let name = ObjectRef::of(object);
        let resource = self.resource(&name.api_version, &name.kind).await?;
        let call = Call::new(Method::POST, format!("{}?fieldManager={FIELD_MANAGER}", resource.path(&name.namespace)));
        self.call(&call.json(object).about(&name)).await
    }

    /// Replaces an object; its `metadata.resourceVersion`, if given, must be the current one.
    pub async fn replace(&self, object: &Value) -> Result<Value> {
        let name = ObjectRef::of(object);
        let resource = self.resource(&name.api_version, &name.kind).await?;
        let path = format!("{}?fieldManager={FIELD_MANAGER}", resource.object_path(&name.namespace, &name.name));
        self.call(&Call::new(Method::PUT, path).json(object).about(&name)).await
    }

    /// Changes fields of an object (JSON merge patch).
    pub async fn merge(&self, object: &ObjectRef, patch: &Value) -> Result<Value> {
        let resource = self.resource(&object.api_version, &object.kind).await?;
        let path = format!("{}?fieldManager={FIELD_MANAGER}", resource.object_path(&object.namespace, &object.name));
        let mut call = Call::new(Method::PATCH, path).json(patch).about(object);
        call.content_type = "application/merge-patch+json";
        self.call(&call).await
    }

    /// Deletes an object, its dependents in the background. `false`: it was not there.
    pub async fn delete(&self, object: &ObjectRef) -> Result<bool> {
        let resource = match self.resource(&object.api_version, &object.kind).await {
            Ok(resource) => resource,
            Err(Error::NotServed { .. }) => return Ok(false),
            Err(other) => return Err(other),
        };
        let options =
            serde_json::json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
        let call = Call::new(Method::DELETE, resource.object_path(&object.namespace, &object.name))
            .json(&options)
            .about(object);
        match self.call(&call).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

/// Asks for metadata alone, and takes whole objects from a server that cannot leave out the rest.
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// The field manager under which we write: Helm's, so that Helm's CLI can go on with what we installed.
pub const FIELD_MANAGER: &str = "helm";

/// Kinds in an `APIResourceList`; sub-resources are left out.
pub(crate) fn parse_resources(api_version: &str, list: &Value) -> Vec<Resource> {
    let listed = list["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    listed
        .iter()
        .filter_map(|entry| {
            let plural = entry["name"].as_str().filter(|name| !name.contains('/'))?;
            let verbs = entry["verbs"].as_array().map(Vec::as_slice).unwrap_or_default();
            Some(Resource {
                api_version: api_version.to_owned(),
                kind: entry["kind"].as_str()?.to_owned(),
                plural: plural.to_owned(),
                namespaced: entry["namespaced"].as_bool().unwrap_or(false),
                verbs: verbs.iter().filter_map(|verb| verb.as_str().map(str::to_owned)).collect(),
            })
        })
        .collect()
}

/// Percent-encodes a query value.
pub(crate) fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
