//! Everything that a cluster serves. What another server answers for it may be gone for good, and holds nothing up.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{StreamExt, TryStreamExt};
use serde_json::Value;

use super::verbs::parse_resources;
use crate::connect::api::{Call, Cluster, Patience};
use crate::error::{Error, Result};
use crate::object::{Resource, group, is_built_in, root, text};

/// Group versions that are asked about side by side: some may not answer, and are not to hold up the others.
const SIDE_BY_SIDE: usize = 32;

/// How long trouble with a group of another server is waited out at a time, how long one call to it may take, and how often it is asked.
const FOREIGN_PATIENCE: Duration = Duration::from_secs(1);
const FOREIGN_TIME_OUT: Duration = Duration::from_secs(10);
const FOREIGN_TRIES: usize = 2;

/// How long such a group may take to say what is in it, and how often a silent one is asked for that.
const FOREIGN_LIST_TIME_OUT: Duration = Duration::from_secs(4);
const FOREIGN_LIST_TRIES: usize = 1;

/// All groups with their kinds in one answer, if the server knows that (since 1.26); the API server keeps that of other servers, and says
/// which of it is [`STALE`].
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
const STALE: &str = "Stale";

/// Everything that a cluster serves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// Kinds, each with its resource.
    pub resources: Vec<Resource>,
    /// Group versions that are registered and whose server does not answer, for example `metrics.k8s.io/v1beta1`.
    pub broken: BTreeSet<String>,
}

impl Served {
    /// Group versions, and group versions with kinds, as Helm's `.Capabilities.APIVersions` has them.
    pub fn api_versions(&self) -> BTreeSet<String> {
        self.resources.iter().flat_map(|r| [r.api_version.clone(), format!("{}/{}", r.api_version, r.kind)]).collect()
    }

    /// The resource behind a kind.
    pub fn resource(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.resources.iter().find(|r| r.api_version == api_version && r.kind == kind)
    }

    /// What a chart is told about the cluster.
    pub fn capabilities(&self, version: &str) -> helm_template::Capabilities {
        helm_template::Capabilities { kube_version: version.to_owned(), api_versions: self.api_versions() }
    }
}

impl Cluster {
    /// Everything it serves. A group version whose own server is down (an aggregated API) is named and left out.
    pub async fn served(&self) -> Result<Served> {
        let ask = |path: &'static str| async move { self.call(&Call { accept: AGGREGATED, ..Call::get(path) }).await };
        let (core, groups) = futures::try_join!(ask("/api"), ask("/apis"))?;
        let mut served = Served::default();
        let mut to_ask = Vec::new();
        for answer in [&core, &groups] {
            match aggregated(answer) {
                Some(found) => {
                    served.resources.extend(found.resources);
                    served.broken.extend(found.broken);
                }
                None => to_ask.extend(group_versions(answer)),
            }
        }
        let one = |api_version: String| async move {
            let call = Call::get(root(&api_version));
            let ask = |cluster: Cluster| {
                let call = call.clone();
                async move { cluster.call(&call).await }.boxed()
            };
            match self.unless_silent(&api_version, FOREIGN_LIST_TIME_OUT, FOREIGN_LIST_TRIES, ask).await {
                Ok(list) => Ok((api_version.clone(), list.map(|list| parse_resources(&api_version, &list)))),
                Err(Error::NotFound { .. } | Error::Forbidden { .. }) => Ok((api_version, Some(vec![]))),
                Err(other) => Err(other),
            }
        };
        let answers: Vec<(String, Option<Vec<Resource>>)> =
            futures::stream::iter(to_ask.into_iter().map(one)).buffered(SIDE_BY_SIDE).try_collect().await?;
        for (api_version, resources) in answers {
            match resources {
                Some(resources) => served.resources.extend(resources),
                None => drop(served.broken.insert(api_version)),
            }
        }
        served.resources.sort();
        Ok(served)
    }

    /// Asks for something of a group version that may be answered by another server than the API server itself, which may be gone for
    /// good. `None`: it does not answer while the API server does. The API server's own groups are waited for like everything else.
    pub(crate) async fn unless_broken<T>(
        &self,
        api_version: &str,
        ask: impl Fn(Cluster) -> BoxFuture<'static, Result<T>>,
    ) -> Result<Option<T>> {
        self.unless_silent(api_version, FOREIGN_TIME_OUT, FOREIGN_TRIES, ask).await
    }

    /// The same; one that says nothing within `time_out` is asked `tries` times, one that refuses at least twice.
    async fn unless_silent<T>(
        &self,
        api_version: &str,
        time_out: Duration,
        tries: usize,
        ask: impl Fn(Cluster) -> BoxFuture<'static, Result<T>>,
    ) -> Result<Option<T>> {
        if is_built_in(group(api_version)) {
            return ask(self.clone()).await.map(Some);
        }
        let brief = self.with_patience(Patience::For(FOREIGN_PATIENCE)).with_time_out(time_out);
        for tried in 1..=FOREIGN_TRIES {
            let began = tokio::time::Instant::now();
            match ask(brief.clone()).await {
                // One that answers too late, wrongly, or not at all.
                Err(
                    Error::NotAnswering { .. }
                    | Error::Unexpected { .. }
                    | Error::WebhookFailing { .. }
                    | Error::Invalid { .. },
                ) => {}
                // One that does not know us, while the API server may.
                Err(error) if error.needs_person() => {}
                other => return other.map(Some),
            }
            // Is it the group alone? With all the patience that the caller has.
            self.version().await?;
            if tried >= tries && began.elapsed() >= time_out {
                break;
            }
        }
        Ok(None)
    }

    /// Group versions that another server than the API server answers for it; none if we may not see which.
    pub(crate) async fn aggregated(&self) -> Result<BTreeSet<String>> {
        let services = self.listed("apiregistration.k8s.io/v1", "APIService").await?;
        let others = services.iter().filter(|service| service["spec"]["service"].is_object());
        Ok(others.map(|api| format!("{}/{}", text(api, "/spec/group"), text(api, "/spec/version"))).collect())
    }
}

/// What one answer with everything says; `None`: it is not such an answer.
fn aggregated(answer: &Value) -> Option<Served> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    if answer["kind"] != "APIGroupDiscoveryList" {
        return None;
    }
    let mut served = Served::default();
    for group in list(&answer["items"]) {
        let name = text(&group, "/metadata/name");
        for version in list(&group["versions"]) {
            let of = text(&version, "/version");
            let api_version = if name.is_empty() { of.to_owned() } else { format!("{name}/{of}") };
            if text(&version, "/freshness") == STALE {
                served.broken.insert(api_version);
                continue;
            }
            let resources = list(&version["resources"]);
            served.resources.extend(resources.iter().filter_map(|entry| {
                Some(Resource {
                    api_version: api_version.clone(),
                    // A resource of which only parts can be reached has no kind of its own.
                    kind: Some(text(entry, "/responseKind/kind")).filter(|kind| !kind.is_empty())?.to_owned(),
                    plural: entry["resource"].as_str()?.to_owned(),
                    namespaced: text(entry, "/scope") == "Namespaced",
                    verbs: list(&entry["verbs"]).iter().filter_map(|verb| verb.as_str().map(str::to_owned)).collect(),
                })
            }));
        }
    }
    Some(served)
}

/// The group versions that one of the two roots names.
fn group_versions(answer: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let core = list(&answer["versions"]);
    let core = core.iter().filter_map(Value::as_str).map(str::to_owned);
    let groups = list(&answer["groups"]);
    let of_group = |group: &Value| list(&group["versions"]);
    let versions: Vec<Value> = groups.iter().flat_map(of_group).collect();
    core.chain(versions.iter().filter_map(|v| v["groupVersion"].as_str().map(str::to_owned))).collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};

    use http::{Request, Response};
    use http_body_util::Full;
    use kube::client::Body;
    use serde_json::json;

    use super::*;
    use crate::connect::connect_service;

    /// A server: what is answered to a path, `None` for ever nothing, and which paths were asked for.
    fn server(answers: fn(&str, bool) -> Option<(u16, Value)>) -> (Cluster, Arc<Mutex<Vec<String>>>) {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = asked.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let path = request.uri().path().to_owned();
            let accept = request.headers().get(http::header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
            let answer = answers(&path, accept.contains("APIGroupDiscoveryList"));
            log.lock().unwrap().push(path);
            async move {
                let Some((status, body)) = answer else { std::future::pending().await };
                let body = Full::new(bytes::Bytes::from(body.to_string()));
                Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
            }
        });
        (connect_service(service, "played"), asked)
    }

    fn kinds(of: &str, kinds: &[(&str, &str, bool)]) -> Value {
        let entry = |(kind, name, namespaced): &(&str, &str, bool)| json!({"name": name, "kind": kind, "namespaced": namespaced, "verbs": ["get", "list"]});
        json!({"kind": "APIResourceList", "groupVersion": of, "resources": kinds.iter().map(entry).collect::<Vec<_>>()})
    }

    /// A server without the one answer for all: `broken.example` never answers, `busy.example` says 503.
    fn old(path: &str, _: bool) -> Option<(u16, Value)> {
        let of = |group: &str| json!({"name": group, "versions": [{"groupVersion": format!("{group}/v1"), "version": "v1"}]});
        Some((
            200,
            match path {
                "/version" => json!({"gitVersion": "v1.25.3"}),
                "/api" => json!({"kind": "APIVersions", "versions": ["v1"]}),
                "/apis" => {
                    json!({"kind": "APIGroupList", "groups": [of("apps"), of("hangs.example"), of("silent.example"), of("busy.example"), of("gone.example"), of("good.example")]})
                }
                "/api/v1" => kinds("v1", &[("Pod", "pods", true), ("Node", "nodes", false)]),
                "/apis/apps/v1" => {
                    kinds("apps/v1", &[("Deployment", "deployments", true), ("Scale", "deployments/scale", true)])
                }
                "/apis/good.example/v1" => kinds("good.example/v1", &[("Good", "goods", true)]),
                "/apis/busy.example/v1" => {
                    return Some((503, json!({"kind": "Status", "code": 503, "message": "service unavailable"})));
                }
                "/apis/gone.example/v1" => {
                    return Some((404, json!({"kind": "Status", "code": 404, "message": "404 page not found"})));
                }
                _ => return None,
            },
        ))
    }

    /// One that says everything at once.
    fn new(path: &str, asks: bool) -> Option<(u16, Value)> {
        let entry = |kind: &str, resource: &str, scope: &str| json!({"resource": resource, "responseKind": {"group": "", "version": "", "kind": kind}, "scope": scope, "verbs": ["get", "list"], "subresources": [{"subresource": "status", "responseKind": {"kind": "Scale"}}]});
        let group = |name: &str, freshness: &str, resources: Value| json!({"metadata": {"name": name}, "versions": [{"version": "v1", "freshness": freshness, "resources": resources}]});
        let list = |items: Vec<Value>| json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items});
        Some((
            200,
            match path {
                "/version" => json!({"gitVersion": "v1.36.3"}),
                "/api" if asks => list(vec![group(
                    "",
                    "Current",
                    json!([entry("Pod", "pods", "Namespaced"), entry("Node", "nodes", "Cluster")]),
                )]),
                "/apis" if asks => list(vec![
                    group(
                        "apps",
                        "Current",
                        json!([entry("Deployment", "deployments", "Namespaced"), {"resource": "parts", "scope": "Namespaced", "verbs": []}]),
                    ),
                    group("good.example", "Current", json!([entry("Good", "goods", "Namespaced")])),
                    group("hangs.example", "Stale", json!([entry("Old", "olds", "Namespaced")])),
                ]),
                _ => return old(path, asks),
            },
        ))
    }

    const EVERYTHING: [&str; 6] =
        ["apps/v1", "apps/v1/Deployment", "good.example/v1", "good.example/v1/Good", "v1", "v1/Node"];

    #[tokio::test(start_paused = true)]
    async fn servers_that_hang_are_left_out_in_seconds_and_side_by_side() {
        let (cluster, _) = server(old);
        let began = tokio::time::Instant::now();
        // A run has no end of patience with the API server, and little with others.
        let served = cluster.with_patience(Patience::Endless).served().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
        let api_versions = served.api_versions();
        assert!(EVERYTHING.iter().all(|one| api_versions.contains(*one)), "{api_versions:?}");
        assert_eq!(
            served.broken,
            ["busy.example/v1", "hangs.example/v1", "silent.example/v1"].map(str::to_owned).into()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_everything_at_once_is_asked_twice_and_nobody_else_is() {
        let (cluster, asked) = server(new);
        let began = tokio::time::Instant::now();
        let served = cluster.served().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        let mut paths = asked.lock().unwrap().clone();
        paths.sort();
        assert_eq!(paths, ["/api", "/apis"]);
        let api_versions = served.api_versions();
        assert!(EVERYTHING.iter().all(|one| api_versions.contains(*one)), "{api_versions:?}");
        assert_eq!(served.resources.len(), 4, "{:?}", served.resources);
        assert_eq!(served.broken, ["hangs.example/v1".to_owned()].into());
        let node = served.resource("v1", "Node").unwrap();
        assert_eq!(
            (node.plural.as_str(), node.namespaced, node.verbs.join(" ")),
            ("nodes", false, "get list".to_owned())
        );
        assert!(served.resource("v1", "Pod").unwrap().namespaced);
    }

    #[test]
    fn group_versions_come_from_both_roots() {
        let core = json!({"versions": ["v1"]});
        let groups = json!({"groups": [{"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}]}]});
        assert_eq!(
            (group_versions(&core), group_versions(&groups)),
            (vec!["v1".to_owned()], vec!["apps/v1".to_owned()])
        );
    }
}
