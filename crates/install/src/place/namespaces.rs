//! Whether a namespace of the plan is on its way out. Nothing can be made in it, and nobody knows when it is gone. Pure.

use std::collections::BTreeSet;

use engine::Cause;
use serde_json::Value;

use super::verdict::Verdict;

/// What Kubernetes says about a namespace that does not go: conditions that are true then, the reason behind others first.
const WHY: [&str; 5] = [
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceFinalizersRemaining",
    "NamespaceContentRemaining",
];

fn is_leaving(namespace: &Value) -> bool {
    !namespace["metadata"]["deletionTimestamp"].is_null() || namespace["status"]["phase"] == "Terminating"
}

/// Why it is still there, in the server's words; empty if it does not say.
fn why(namespace: &Value) -> &str {
    let conditions = namespace["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let said = |kind: &&str| conditions.iter().find(|c| c["type"] == **kind && c["status"] == "True");
    WHY.iter().find_map(said).and_then(|condition| condition["message"].as_str()).unwrap_or_default()
}

/// Told only if one is. `there`: the cluster's namespaces.
pub(super) fn namespaces(ours: &BTreeSet<String>, there: &[Value]) -> Option<Verdict> {
    let name = |namespace: &Value| namespace["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let leaving: Vec<&Value> = there.iter().filter(|one| ours.contains(&name(one)) && is_leaving(one)).collect();
    let first = leaving.first()?;
    let names: Vec<String> = leaving.iter().map(|one| name(one)).collect();
    let said = leaving.iter().map(|one| why(one)).find(|said| !said.is_empty());
    let code = if said.is_some() { "check-namespaces-stuck" } else { "check-namespaces" };
    Some(Verdict::NotPassed(
        Cause::new(code)
            .with("count", names.len())
            .with("names", names.join(", "))
            .with("first", name(first))
            .with("said", said.unwrap_or("-")),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::place::verdict::testing::{arg, code};

    #[test]
    fn a_namespace_that_is_being_deleted_is_named_with_what_holds_it() {
        let at = "2026-12-01T10:00:00Z";
        let leaving = |name: &str, conditions: Value| json!({"metadata": {"name": name, "deletionTimestamp": at}, "status": {"phase": "Terminating", "conditions": conditions}});
        let active = |name: &str| json!({"metadata": {"name": name}, "status": {"phase": "Active"}});
        let condition =
            |kind: &str, status: &str, message: &str| json!({"type": kind, "status": status, "message": message});
        let held = json!([
            condition("NamespaceDeletionDiscoveryFailure", "False", "All resources successfully discovered"),
            condition("NamespaceContentRemaining", "True", "Some resources are remaining: x.example has 1 instances"),
            condition("NamespaceFinalizersRemaining", "True", "Some content has finalizers remaining: x.example/hold"),
        ]);
        let cases = [
            (vec![], "", ""),
            (vec![active("egov")], "", ""),
            (vec![leaving("theirs", json!([]))], "", ""),
            (vec![active("egov"), leaving("backbone", json!([]))], "check-namespaces", "backbone"),
            (
                vec![json!({"metadata": {"name": "egov"}, "status": {"phase": "Terminating"}})],
                "check-namespaces",
                "egov",
            ),
            (vec![json!({"metadata": {"name": "egov", "deletionTimestamp": at}})], "check-namespaces", "egov"),
            (
                vec![leaving("egov", held.clone()), leaving("backbone", json!([]))],
                "check-namespaces-stuck",
                "egov, backbone",
            ),
        ];
        let ours = ["egov", "backbone"].map(str::to_owned).into();
        for (there, wanted, names) in cases {
            let verdict = namespaces(&ours, &there);
            let found = verdict.as_ref().map_or(String::new(), code);
            assert_eq!((found.as_str(), verdict.map_or(String::new(), |v| arg(&v, "names")).as_str()), (wanted, names));
        }
        let stuck = namespaces(&ours, &[leaving("egov", held)]).unwrap();
        assert_eq!(arg(&stuck, "said"), "Some content has finalizers remaining: x.example/hold");
    }
}
