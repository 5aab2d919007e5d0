//! What we may do, as the server sees it. Changes nothing.

use std::collections::BTreeSet;

use futures::stream::{StreamExt, TryStreamExt};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::connect::api::{Call, Cluster};
use crate::error::Result;

/// Questions that are asked side by side: a plan has some hundreds, and each costs the server next to nothing.
const SIDE_BY_SIDE: usize = 16;

/// Something that we want to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Need {
    /// `get`, `list`, `watch`, `create`, `patch`, `update`, `delete`, `bind`, `escalate`, or `*`.
    pub verb: String,
    /// API group; empty for the core one.
    pub group: String,
    /// For example `deployments`, or `pods/log`. What begins with `/` is a path of the server that is no resource.
    pub resource: String,
    /// Empty: everywhere.
    pub namespace: String,
    /// Empty: any.
    #[serde(default)]
    pub name: String,
}

impl Need {
    /// Names a need.
    pub fn new(verb: &str, group: &str, resource: &str, namespace: &str) -> Self {
        Need {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            namespace: namespace.to_owned(),
            name: String::new(),
        }
    }

    /// The same, with one object of that name only.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Need { name: name.to_owned(), ..self }
    }

    /// With what it is done: the resource, with group, namespace and name where there is one.
    pub fn object(&self) -> String {
        let mut object = self.resource.clone();
        if !self.group.is_empty() {
            object.push('.');
            object.push_str(&self.group);
        }
        if !self.namespace.is_empty() {
            object.push_str(&format!(" ({})", self.namespace));
        }
        if !self.name.is_empty() {
            object.push_str(&format!(" \"{}\"", self.name));
        }
        object
    }

    fn is_path(&self) -> bool {
        self.resource.starts_with('/')
    }

    /// Everything with the same resource.
    fn whole(&self) -> Self {
        Need { verb: "*".to_owned(), name: String::new(), ..self.clone() }
    }
}

/// `verb resource`, with group, namespace and name where there is one.
impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb, self.object())
    }
}

impl Cluster {
    /// Which of `needs` we may not do, in their order. Whoever may do everything is asked about each resource once: something that
    /// stands before the server's own rules may still refuse one of them.
    pub async fn missing(&self, needs: &[Need]) -> Result<Vec<Need>> {
        let mut open: Vec<Need> = needs.to_vec();
        if !open.is_empty() && self.may(&Need::new("*", "*", "*", "")).await? {
            let whole: BTreeSet<Need> = needs.iter().filter(|need| !need.is_path()).map(Need::whole).collect();
            let refused = self.refused(whole.into_iter().collect()).await?;
            open.retain(|need| need.is_path() || refused.contains(&need.whole()));
        }
        self.refused(open).await
    }

    async fn refused(&self, needs: Vec<Need>) -> Result<Vec<Need>> {
        let answers: Vec<Option<Need>> = futures::stream::iter(needs)
            .map(|need| async move { self.may(&need).await.map(|allowed| (!allowed).then_some(need)) })
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// Whether we may do it.
    pub async fn may(&self, need: &Need) -> Result<bool> {
        let spec = if need.is_path() {
            json!({"nonResourceAttributes": {"verb": need.verb, "path": need.resource}})
        } else {
            let (resource, sub) = need.resource.split_once('/').unwrap_or((&need.resource, ""));
            json!({"resourceAttributes": {"verb": need.verb, "group": need.group, "resource": resource, "subresource": sub,
                "namespace": need.namespace, "name": need.name}})
        };
        let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec});
        let call = Call::new(Method::POST, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews").json(&review);
        Ok(self.call(&call).await?["status"]["allowed"] == true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_reads_as_verb_and_resource() {
        for (need, wanted) in [
            (Need::new("get", "", "pods/log", ""), "get pods/log"),
            (Need::new("create", "apps", "deployments", ""), "create deployments.apps"),
            (Need::new("get", "", "secrets", "egov").named("ca"), "get secrets (egov) \"ca\""),
            (Need::new("get", "", "/metrics", ""), "get /metrics"),
        ] {
            assert_eq!(need.to_string(), wanted);
        }
    }
}
