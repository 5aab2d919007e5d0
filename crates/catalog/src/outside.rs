//! Which pods go outside for what an installation should have brought along: containers that pull a repository, and
//! addresses of GitHub's raw files or of eGov's own servers in variables, arguments and mounted settings. Pure.

use serde_json::Value;

use crate::references::{Placed, config_maps, hosts, pod_of};

/// How a pod goes outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A container pulls a repository when the pod starts.
    Pull,
    /// An address of GitHub's raw files.
    Raw,
    /// An address of a server or bucket of eGov's.
    Egov,
}

/// One place at which a pod goes outside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// The service.
    pub service: String,
    /// How.
    pub way: Way,
    /// The container; empty for what the pod mounts.
    pub container: String,
    /// The variable, `command`, `args`, `image`, or `CONFIGMAP/KEY` of a mounted one.
    pub at: String,
}

/// What becomes of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// Nothing is left of it where master data and configuration go along ([`Settings::data`](crate::Settings)).
    GoesAlong,
    /// It stays, for this reason.
    Left(&'static str),
}

/// A place of one of the archive's charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The service.
    pub service: &'static str,
    /// How.
    pub way: Way,
    /// As [`Reach::at`].
    pub at: &'static str,
    /// What becomes of it.
    pub cure: Cure,
}

const fn known(service: &'static str, way: Way, at: &'static str, cure: Cure) -> Known {
    Known { service, way, at, cure }
}

const fn pulls(service: &'static str) -> Known {
    known(service, Way::Pull, "image", Cure::GoesAlong)
}

const NOT_PINNED: Cure = Cure::Left("it names a file of a repository that is not pinned");
const NOT_IN_A_LIST: Cure = Cure::Left("no list has the service, and its chart names a server of eGov's");

/// All places of the archive's 204 charts. The lists of DIGIT v2.9.2 and URBAN v2.9 have the first seven rows alone.
pub const KNOWN: &[Known] = &[
    known("audit-service", Way::Raw, "EGOV_PERSIST_YML_REPO_PATH", Cure::GoesAlong),
    pulls("dashboard-analytics"),
    pulls("dashboard-ingest"),
    pulls("egov-indexer"),
    pulls("egov-mdms-service"),
    pulls("egov-persister"),
    pulls("egov-searcher"),
    pulls("data-upload"),
    pulls("egov-data-uploader"),
    pulls("egov-mdms-create"),
    pulls("health-mdms-v1"),
    pulls("ispirit-mdms-service"),
    pulls("mailbot"),
    pulls("pdf-service"),
    pulls("report"),
    known("internal-gateway-scg", Way::Raw, "EGOV_SERVICE_CONFIG_PATH", Cure::GoesAlong),
    known("egov-data-uploader", Way::Raw, "SEARCH_YAML_PATH", NOT_PINNED),
    known("egov-custom-consumer", Way::Egov, "EGOV_COEXISTENCE_HOSTNAME", NOT_IN_A_LIST),
    known("egov-finance", Way::Egov, "egov-finance-config/egov-erp-override.properties", NOT_IN_A_LIST),
    known("epass-chatbot", Way::Egov, "DEMO_REDIRECT_URL", NOT_IN_A_LIST),
    known("health-hrms", Way::Egov, "EGOV_HRMS_EMPLOYEE_APP_LINK", NOT_IN_A_LIST),
];

/// eGov's buckets, by a part of their names.
const BUCKETS: [&str; 3] = ["egov-assets", "egov-dev-assets", "egov-uat-assets"];
/// eGov's domains.
const DOMAINS: [&str; 2] = ["egovernments.org", "digit.org"];

/// Every place of the objects' pods, in order, each once. `own`: the installation's own address, which counts as inside
/// wherever it is.
#[must_use]
pub fn reaches(objects: &[Placed<'_>], own: &str) -> Vec<Reach> {
    let own = hosts(own);
    let configs = config_maps(objects);
    let mut found = Vec::new();
    for object in objects {
        let Some(pod) = pod_of(object.object) else { continue };
        let config = |name: &str| configs.get(&(object.namespace(), name)).copied();
        let mut add = |way, container: &str, at: &str| {
            let (service, container, at) = (object.service.to_owned(), container.to_owned(), at.to_owned());
            found.push(Reach { service, way, container, at });
        };
        for container in items(pod, "initContainers").chain(items(pod, "containers")) {
            of_container(container, &own, &config, &mut add);
        }
        for volume in items(pod, "volumes") {
            let name = volume.pointer("/configMap/name").and_then(Value::as_str).unwrap_or_default();
            for (key, text) in config(name).and_then(Value::as_object).into_iter().flatten() {
                for way in ways(text.as_str().unwrap_or_default(), &own) {
                    add(way, "", &format!("{name}/{key}"));
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn of_container<'a>(
    container: &'a Value,
    own: &[String],
    config: &dyn Fn(&str) -> Option<&'a Value>,
    add: &mut dyn FnMut(Way, &str, &str),
) {
    let text = |key: &str| container.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = text("name");
    let image = text("image").rsplit('/').next().unwrap_or_default();
    if image.starts_with("git-sync") {
        // What it pulls stands in its variables; it is said once.
        add(Way::Pull, name, "image");
        return;
    }
    for part in ["command", "args"] {
        let all: Vec<&str> = items(container, part).filter_map(Value::as_str).collect();
        let all = all.join(" ");
        let words: Vec<&str> = all.split_whitespace().collect();
        let pulls = |pair: &[&str]| pair[0].ends_with("git") && ["clone", "fetch", "pull"].contains(&pair[1]);
        if words.windows(2).any(pulls) {
            add(Way::Pull, name, part);
        }
        for way in ways(&all, own) {
            add(way, name, part);
        }
    }
    for variable in items(container, "env") {
        let of = |path: &str| variable.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let value = variable.get("value").and_then(Value::as_str).or_else(|| {
            config(of("/valueFrom/configMapKeyRef/name"))?.get(of("/valueFrom/configMapKeyRef/key"))?.as_str()
        });
        for way in ways(value.unwrap_or_default(), own) {
            add(way, name, of("/name"));
        }
    }
}

/// The ways outside that a text names.
fn ways(text: &str, own: &[String]) -> Vec<Way> {
    let mut ways = Vec::new();
    for host in hosts(text).into_iter().filter(|host| !own.contains(host)) {
        // A bucket's name stands before the host or behind it.
        let bucket = is_at(&host, "amazonaws.com") && BUCKETS.iter().any(|bucket| text.contains(bucket));
        let egov = DOMAINS.iter().any(|domain| is_at(&host, domain));
        let github = is_at(&host, "github.com") && text.contains("github.com/egovernments/");
        if is_at(&host, "raw.githubusercontent.com") {
            ways.push(Way::Raw);
        } else if bucket || egov || github {
            ways.push(Way::Egov);
        }
    }
    ways.sort_unstable();
    ways.dedup();
    ways
}

fn is_at(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(init: &Value, main: &Value) -> Vec<(Way, String, String)> {
        let config = json!({"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": {
            "k": "https://a.digit.org/x", "script": "<script src=https://s3.ap.amazonaws.com/egov-uat-assets/g.js>"}});
        let pod = json!({"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {
            "initContainers": [init], "containers": [main], "volumes": [{"name": "v", "configMap": {"name": "m"}}]}}}});
        let mounted = json!({"kind": "ConfigMap", "metadata": {"name": "m", "namespace": "n"}, "data": {"x": "plain"}});
        let placed = [&config, &pod, &mounted].map(|object| Placed { service: "s", namespace: "n", object });
        reaches(&placed, "https://city.digit.org").into_iter().map(|r| (r.way, r.container, r.at)).collect()
    }

    #[test]
    fn whoever_pulls_or_names_an_address_outside_is_found() {
        let none = json!({"name": "i"});
        let cases = [
            (json!({"name": "i", "image": "registry.k8s.io/git-sync/git-sync:v3.6.9"}), Some((Way::Pull, "image"))),
            (json!({"name": "i", "image": "k8s.gcr.io/git-sync@sha256:ab"}), Some((Way::Pull, "image"))),
            (json!({"name": "i", "command": ["sh", "-c", "git clone x"]}), Some((Way::Pull, "command"))),
            (json!({"name": "i", "args": ["/usr/bin/git", "pull"]}), Some((Way::Pull, "args"))),
            (json!({"name": "i", "args": ["legit", "clones"]}), None),
            (
                json!({"name": "i", "env": [{"name": "A", "value": "https://raw.githubusercontent.com/x/y/z"}]}),
                Some((Way::Raw, "A")),
            ),
            (json!({"name": "i", "env": [{"name": "A", "value": "https://dev.digit.org"}]}), Some((Way::Egov, "A"))),
            (json!({"name": "i", "env": [{"name": "A", "value": "https://notdigit.org"}]}), None),
            (
                json!({"name": "i", "env": [{"name": "A", "value": "https://github.com/egovernments/x"}]}),
                Some((Way::Egov, "A")),
            ),
            (json!({"name": "i", "env": [{"name": "A", "value": "https://github.com/other/x"}]}), None),
            (
                json!({"name": "i", "args": ["--x=https://pg-egov-assets.s3.amazonaws.com/y"]}),
                Some((Way::Egov, "args")),
            ),
            // Somebody's own.
            (json!({"name": "i", "args": ["--x=https://our-egov.s3.amazonaws.com/y"]}), None),
            (json!({"name": "i", "env": [{"name": "A", "value": "https://city.digit.org/x"}]}), None),
            (
                json!({"name": "i", "env": [{"name": "K", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]}),
                Some((Way::Egov, "K")),
            ),
        ];
        for (container, wanted) in cases {
            let wanted: Vec<_> = wanted.into_iter().map(|(way, at)| (way, "i".to_owned(), at.to_owned())).collect();
            assert_eq!(of(&container, &none), wanted, "{container}");
            assert_eq!(of(&none, &container), wanted, "{container}");
        }
    }

    #[test]
    fn what_a_pod_mounts_is_looked_at_too() {
        let config = json!({"kind": "ConfigMap", "metadata": {"name": "m"}, "data": {
            "script": "<script src=https://s3.ap.amazonaws.com/egov-uat-assets/g.js>"}});
        let pod = json!({"kind": "StatefulSet", "metadata": {"name": "d"}, "spec": {"template": {"spec": {
            "containers": [], "volumes": [{"name": "v", "configMap": {"name": "m"}}]}}}});
        let placed = [&config, &pod].map(|object| Placed { service: "s", namespace: "n", object });
        let found = reaches(&placed, "");
        assert_eq!((found.len(), found[0].at.as_str(), found[0].way), (1, "m/script", Way::Egov));
    }
}
