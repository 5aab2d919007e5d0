//! Why something that was told to go does not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::connect::api::Cluster;
use crate::error::{Error, Result};
use crate::object::{ObjectRef, text};

impl Cluster {
    /// An error if one of the namespaces is empty and does not go because an API of somebody else does not answer: Kubernetes asks every
    /// API what it holds of a namespace, and does not let it go before each has answered.
    pub(super) async fn unless_held(&self, namespaces: &BTreeSet<ObjectRef>) -> Result<()> {
        for namespace in namespaces {
            if let Some(message) = self.get(namespace).await?.as_ref().and_then(held_by_api) {
                return Err(Error::NotReady {
                    object: namespace.to_string(),
                    code: "namespace-held-by-api".to_owned(),
                    args: BTreeMap::from([
                        ("name".to_owned(), namespace.name.clone()),
                        ("message".to_owned(), message.clone()),
                    ]),
                    evidence: vec![message],
                });
            }
        }
        Ok(())
    }
}

/// What an empty namespace says of an API that does not answer and keeps it from going.
fn held_by_api(namespace: &Value) -> Option<String> {
    let conditions = namespace["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is = |kind: &str, status: &str| conditions.iter().find(|c| c["type"] == kind && c["status"] == status);
    let rests = is("NamespaceContentRemaining", "True").or_else(|| is("NamespaceFinalizersRemaining", "True"));
    let failure = is("NamespaceDeletionDiscoveryFailure", "True").filter(|_| rests.is_none())?;
    Some(text(failure, "/message").to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_namespace_that_an_api_holds_says_which() {
        let failed =
            "Discovery failed for some groups, 1 failing: metrics.k8s.io/v1beta1: stale GroupVersion discovery";
        let of = |conditions: &[(&str, &str)]| {
            let conditions: Vec<Value> = conditions
                .iter()
                .map(|(kind, status)| json!({"type": kind, "status": status, "message": failed}))
                .collect();
            json!({"status": {"phase": "Terminating", "conditions": conditions}})
        };
        let discovery = ("NamespaceDeletionDiscoveryFailure", "True");
        let cases = [
            (vec![discovery, ("NamespaceContentRemaining", "False"), ("NamespaceFinalizersRemaining", "False")], true),
            // Something of its own is still there: that comes first.
            (vec![discovery, ("NamespaceContentRemaining", "True")], false),
            (vec![discovery, ("NamespaceFinalizersRemaining", "True")], false),
            (vec![("NamespaceDeletionDiscoveryFailure", "False")], false),
            (vec![], false),
        ];
        for (conditions, is_held) in cases {
            assert_eq!(held_by_api(&of(&conditions)).as_deref(), is_held.then_some(failed), "{conditions:?}");
        }
    }
}
