//! Paths and queries of the Kubernetes API.

use std::collections::HashMap;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    Version,
    Health,
    Metrics,
    Core,
    Groups,
    Group(String),
    Resources { group: String, version: String },
    Things(Things),
}

/// Objects: all of a kind, in a namespace, one, or a part of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Things {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) plural: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) sub: String,
}

pub(super) fn path(path: &str) -> Option<Path> {
    let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["version"] => return Some(Path::Version),
        ["healthz" | "livez" | "readyz", ..] => return Some(Path::Health),
        ["metrics"] => return Some(Path::Metrics),
        ["api"] => return Some(Path::Core),
        ["apis"] => return Some(Path::Groups),
        ["apis", group] => return Some(Path::Group((*group).to_owned())),
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let (group, version) = (group.to_owned(), version.to_owned());
    let things = |namespace: &str, plural: &str, name: &str, sub: &str| {
        Some(Path::Things(Things {
            group: group.clone(),
            version: version.clone(),
            plural: plural.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            sub: sub.to_owned(),
        }))
    };
    match rest {
        [] => Some(Path::Resources { group, version }),
        ["namespaces", name, sub @ ("status" | "finalize")] => things("", "namespaces", name, sub),
        ["namespaces", space, plural] => things(space, plural, "", ""),
        ["namespaces", space, plural, name] => things(space, plural, name, ""),
        ["namespaces", space, plural, name, sub] => things(space, plural, name, sub),
        [plural] => things("", plural, "", ""),
        [plural, name] => things("", plural, name, ""),
        [plural, name, sub] => things("", plural, name, sub),
        _ => None,
    }
}

/// The pairs of a query string; of several with one name the last.
pub(super) fn query(text: &str) -> HashMap<String, String> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(&name.replace('+', " ")), decode(&value.replace('+', " "))))
        .collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things(group: &str, version: &str, namespace: &str, plural: &str, name: &str, sub: &str) -> Option<Path> {
        let own = str::to_owned;
        Some(Path::Things(Things {
            group: own(group),
            version: own(version),
            namespace: own(namespace),
            plural: own(plural),
            name: own(name),
            sub: own(sub),
        }))
    }

    #[test]
    fn paths_are_read_as_the_server_reads_them() {
        let cases = [
            ("/version", Some(Path::Version)),
            ("/api", Some(Path::Core)),
            ("/apis/", Some(Path::Groups)),
            ("/apis/apps", Some(Path::Group("apps".into()))),
            ("/api/v1", Some(Path::Resources { group: String::new(), version: "v1".into() })),
            ("/api/v1/namespaces", things("", "v1", "", "namespaces", "", "")),
            ("/api/v1/namespaces/egov", things("", "v1", "", "namespaces", "egov", "")),
            ("/api/v1/namespaces/egov/finalize", things("", "v1", "", "namespaces", "egov", "finalize")),
            ("/api/v1/namespaces/egov/pods/a/log", things("", "v1", "egov", "pods", "a", "log")),
            ("/apis/apps/v1/deployments", things("apps", "v1", "", "deployments", "", "")),
            (
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
                things("rbac.authorization.k8s.io", "v1", "", "clusterroles", "system:node", ""),
            ),
            ("/metrics", Some(Path::Metrics)),
            ("/logs/kube-apiserver.log", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(path(text), wanted, "{text}");
        }
        assert_eq!(query("labelSelector=a%3Db%2Cc&watch=true&x=1+2")["labelSelector"], "a=b,c");
        assert_eq!(query("x=1+2")["x"], "1 2");
    }
}
