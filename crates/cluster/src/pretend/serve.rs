//! The wire: HTTP requests in, what a Kubernetes API server answers out.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use kube::client::Body;
use serde_json::{Value, json};

use super::answer::{Answered, Refusal, metadata};
use super::json::list;
use super::kinds::{self, Kind};
use super::route::{self, Path, Things};
use super::select::Selector;
use super::shared::Shared;
use super::store::Key;
use super::verbs::{self, Options, PatchKind};
use super::world::World;
use super::{forward, logs, watch};

/// The version that the pretend server says it is.
pub(super) const VERSION: &str = "v1.36.3";

/// The service under a client.
#[derive(Clone)]
pub(super) struct Server {
    shared: Arc<Shared>,
}

impl Server {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Server { shared }
    }
}

impl tower::Service<Request<Body>> for Server {
    type Response = Response<Answered>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            if let Some(pod) = forward::asked(&head) {
                let answer = forward::answer(shared, pod, head).await;
                return Ok(answer.unwrap_or_else(|refusal| response(refusal.code, &refusal.status())));
            }
            let answer = match body.collect_bytes().await {
                Ok(bytes) => answer(&shared, &head, &bytes),
                Err(e) => Err(Refusal::bad_request(e.to_string())),
            };
            Ok(answer.unwrap_or_else(|refusal| response(refusal.code, &refusal.status())))
        })
    }
}

fn response(code: u16, body: &Value) -> Response<Answered> {
    whole(code, "application/json", body.to_string())
}

fn whole(code: u16, kind: &'static str, text: String) -> Response<Answered> {
    built(code, kind, Full::new(Bytes::from(text)).boxed_unsync())
}

fn built(code: u16, kind: &'static str, body: Answered) -> Response<Answered> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}

/// The request around its path.
struct Asked<'a> {
    method: &'a Method,
    query: HashMap<String, String>,
    accept: &'a str,
    content: &'a str,
    agent: &'a str,
    body: &'a [u8],
}

impl Asked<'_> {
    fn word(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
    fn yes(&self, name: &str) -> bool {
        matches!(self.word(name), "true" | "1")
    }
    /// JSON or YAML, as the content says; nothing reads as null.
    fn object(&self) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        if self.content.contains("yaml") {
            return yaml_serde::from_slice(self.body)
                .map_err(|e| Refusal::bad_request(format!("error decoding YAML: {e}")));
        }
        serde_json::from_slice(self.body)
            .map_err(|e| Refusal::bad_request(format!("couldn't get version/kind; json parse error: {e}")))
    }
    fn options(&self, things: &Things) -> Options {
        let manager = match self.word("fieldManager") {
            "" if self.content.starts_with("application/apply-patch") => String::new(),
            "" => self.agent.split('/').next().filter(|a| !a.is_empty()).unwrap_or("unknown").to_owned(),
            named => named.to_owned(),
        };
        Options {
            dry: !self.word("dryRun").is_empty(),
            manager,
            force: self.yes("force"),
            sub: things.sub.clone(),
            version: things.version.clone(),
        }
    }
    /// Only metadata wanted?
    fn partial(&self) -> bool {
        self.accept.contains("as=PartialObjectMetadata")
    }
}

fn answer(shared: &Arc<Shared>, head: &http::request::Parts, body: &[u8]) -> Result<Response<Answered>, Refusal> {
    let header = |name: header::HeaderName| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let asked = Asked {
        method: &head.method,
        query: route::query(head.uri.query().unwrap_or_default()),
        accept: header(header::ACCEPT),
        content: header(header::CONTENT_TYPE),
        agent: header(header::USER_AGENT),
        body,
    };
    let Some(path) = route::path(head.uri.path()) else {
        return Ok(whole(404, "text/plain; charset=utf-8", "404 page not found\n".into()));
    };
    let mut world = shared.world();
    let result = match path {
        Path::Version => Ok(response(200, &version())),
        Path::Health => Ok(whole(200, "text/plain; charset=utf-8", "ok".into())),
        Path::Metrics => Ok(whole(200, "text/plain; version=0.0.4; charset=utf-8", metrics(&world))),
        Path::Core | Path::Groups if asked.accept.contains("as=APIGroupDiscoveryList") => {
            Ok(response(200, &kinds::aggregated(&world.store.kinds, path == Path::Core)))
        }
        Path::Core => Ok(response(200, &kinds::core_versions())),
        Path::Groups => Ok(response(200, &kinds::group_list(&world.store.kinds))),
        Path::Group(group) => Ok(found(kinds::group(&world.store.kinds, &group))),
        Path::Resources { group, version } => Ok(found(kinds::resources(&world.store.kinds, &group, &version))),
        Path::Things(things) => {
            let known = world
                .store
                .kind(&things.group, &things.plural)
                .filter(|k| k.versions.contains(&things.version))
                .cloned();
            match known {
                Some(kind) => objects(shared, &mut world, &kind, &things, &asked),
                None => Ok(found(None)),
            }
        }
    };
    shared.settle(world);
    result
}

/// An unknown group, version or kind is a path that is not there, in plain text.
fn found(document: Option<Value>) -> Response<Answered> {
    document
        .map_or_else(|| whole(404, "text/plain; charset=utf-8", "404 page not found\n".into()), |d| response(200, &d))
}

fn version() -> Value {
    json!({"major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1", "minCompatibilityMinor": "35",
        "gitVersion": VERSION, "gitCommit": "", "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1", "compiler": "gc", "platform": "linux/amd64"})
}

/// How many objects there are of each kind, in the words and the form of the real server's numbers.
fn metrics(world: &World) -> String {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for (key, _) in world.store.everything() {
        let named = if key.group.is_empty() { key.plural.clone() } else { format!("{}.{}", key.plural, key.group) };
        *counts.entry(named).or_default() += 1;
    }
    let lines =
        counts.iter().map(|(named, count)| format!("apiserver_storage_objects{{resource=\"{named}\"}} {count}\n"));
    format!("# TYPE apiserver_storage_objects gauge\n{}", lines.collect::<String>())
}

fn objects(
    shared: &Arc<Shared>,
    world: &mut World,
    kind: &Kind,
    things: &Things,
    asked: &Asked<'_>,
) -> Result<Response<Answered>, Refusal> {
    let key = Key::new(&things.group, &things.plural, &things.namespace, &things.name);
    let options = asked.options(things);
    if !things.sub.is_empty() && !kind.subresources.contains(&things.sub) {
        return Err(Refusal::no_such_path());
    }
    if things.name.is_empty() {
        return many(shared, world, kind, things, asked, &options);
    }
    if things.sub == "log" {
        return log(shared, world, kind, &key, asked);
    }
    let answer = match *asked.method {
        Method::GET if asked.yes("watch") => {
            let selector = Selector::parse("", &format!("metadata.name={}", things.name))?;
            return watching(shared, world, kind, things, asked, selector);
        }
        Method::GET => verbs::get(world, kind, &key, &options),
        Method::PUT => verbs::update(world, kind, &key, asked.object()?, &options),
        Method::PATCH => {
            let how = match asked.content.split(';').next().unwrap_or_default() {
                "application/apply-patch+yaml" => PatchKind::Apply,
                "application/merge-patch+json" => PatchKind::Merge,
                "application/strategic-merge-patch+json" => PatchKind::Strategic,
                "application/json-patch+json" => PatchKind::Json,
                other => {
                    let message = format!(
                        "the body of the request was in an unknown format - accepted media types include: {other}"
                    );
                    return Err(Refusal::new(415, "UnsupportedMediaType", message));
                }
            };
            // Apply patches may be YAML whatever the type says; JSON is YAML too.
            let body = if how == PatchKind::Apply {
                yaml_serde::from_slice(asked.body)
                    .map_err(|e| Refusal::bad_request(format!("error decoding YAML: {e}")))?
            } else {
                asked.object()?
            };
            verbs::patch(world, kind, &key, how, &body, &options)
        }
        Method::DELETE => verbs::delete(world, kind, &key, &wish(asked)?, &options),
        _ => Err(not_allowed()),
    };
    let (code, object) = answer?;
    Ok(response(code, &shaped(object, asked)))
}

fn not_allowed() -> Refusal {
    Refusal::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
}

/// What a deletion says, in its body or its query.
fn wish(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let mut wish = asked.object()?;
    if wish.is_null() {
        wish = json!({});
    }
    if !asked.word("propagationPolicy").is_empty() {
        wish["propagationPolicy"] = asked.word("propagationPolicy").into();
    }
    if let Ok(grace) = asked.word("gracePeriodSeconds").parse::<i64>() {
        wish["gracePeriodSeconds"] = grace.into();
    }
    Ok(wish)
}

fn many(
    shared: &Arc<Shared>,
    world: &mut World,
    kind: &Kind,
    things: &Things,
    asked: &Asked<'_>,
    options: &Options,
) -> Result<Response<Answered>, Refusal> {
    let selector = Selector::parse(asked.word("labelSelector"), asked.word("fieldSelector"))?;
    match *asked.method {
        Method::GET if asked.yes("watch") => watching(shared, world, kind, things, asked, selector),
        Method::GET => {
            let found = verbs::list_all(world, kind, &things.namespace, &selector, &things.version);
            Ok(response(200, &shaped(found, asked)))
        }
        Method::POST if kind.question => Ok(response(201, &verbs::ask(kind, asked.object()?))),
        Method::POST => {
            let mut options = options.clone();
            // A dry run may be asked for in the body of nothing but deletions.
            options.sub.clear();
            let (code, object) = verbs::create(world, kind, &things.namespace, asked.object()?, &options)?;
            Ok(response(code, &shaped(object, asked)))
        }
        Method::DELETE => {
            let (code, object) = verbs::delete_all(world, kind, &things.namespace, &selector, &wish(asked)?, options)?;
            Ok(response(code, &object))
        }
        _ => Err(not_allowed()),
    }
}

fn watching(
    shared: &Arc<Shared>,
    world: &World,
    kind: &Kind,
    things: &Things,
    asked: &Asked<'_>,
    selector: Selector,
) -> Result<Response<Answered>, Refusal> {
    let wish = watch::Wish {
        kind: kind.clone(),
        version: things.version.clone(),
        namespace: things.namespace.clone(),
        selector,
        bookmarks: asked.yes("allowWatchBookmarks"),
        initial: asked.yes("sendInitialEvents"),
        partial: asked.partial(),
        time_out: asked.word("timeoutSeconds").parse().ok(),
    };
    let from = match asked.word("resourceVersion") {
        "" | "0" => None,
        text => Some(
            text.parse::<u64>().map_err(|_| Refusal::bad_request(format!("invalid resource version \"{text}\"")))?,
        ),
    };
    Ok(built(200, "application/json", watch::body(Arc::clone(shared), world, wish, from)))
}

fn log(
    shared: &Arc<Shared>,
    world: &World,
    kind: &Kind,
    key: &Key,
    asked: &Asked<'_>,
) -> Result<Response<Answered>, Refusal> {
    let pod = world.store.get(key).ok_or_else(|| Refusal::not_found(kind, &key.name))?;
    let since = asked.word("sinceSeconds").parse::<i64>().ok().map(|s| world.now - jiff::SignedDuration::from_secs(s));
    let wish = logs::Wish {
        container: asked.word("container").to_owned(),
        previous: asked.yes("previous"),
        timestamps: asked.yes("timestamps"),
        tail: asked.word("tailLines").parse().ok(),
        since: since.or_else(|| asked.word("sinceTime").parse().ok()),
    };
    let lines = logs::said(pod, &wish, world.now, world.pace.speed)?;
    if asked.yes("follow") {
        return Ok(built(200, "text/plain", watch::log(Arc::clone(shared), key.clone(), wish, lines)));
    }
    let text: String = lines.iter().map(|(at, line)| logs::written(*at, line, &wish)).collect();
    Ok(whole(200, "text/plain", text))
}

/// Only the metadata, if that is all that was asked for.
fn shaped(object: Value, asked: &Asked<'_>) -> Value {
    if !asked.partial() || object["kind"] == "Status" {
        return object;
    }
    if object.get("items").is_some() {
        let items: Vec<Value> = list(&object, "/items").iter().map(metadata).collect();
        return json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"], "items": items});
    }
    metadata(&object)
}
