//! On which machines a pod may stand by what it asks of them: `nodeSelector` and the required part of `nodeAffinity`, as the scheduler
//! reads them (`k8s.io/component-helpers/scheduling/corev1/nodeaffinity`). Pure.

use cluster::look::Node;
use serde_json::Value;

const REQUIRED: &str = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";

/// What a pod asks of its machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    selector: Vec<(String, String)>,
    /// One of these has to hold; none: nothing is asked.
    terms: Option<Vec<Value>>,
}

impl Asked {
    /// What a pod's specification asks.
    pub(super) fn of(spec: &Value) -> Self {
        let selector = spec["nodeSelector"].as_object().into_iter().flatten();
        Asked {
            selector: selector.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect(),
            terms: spec.pointer(REQUIRED).and_then(Value::as_array).cloned(),
        }
    }

    /// Whether a machine is one that is asked for.
    pub(super) fn admits(&self, node: &Node) -> bool {
        self.selector.iter().all(|(key, wanted)| label(node, key) == Some(wanted.as_str()))
            && self.terms.as_ref().is_none_or(|terms| terms.iter().any(|term| holds(term, node)))
    }
}

/// What a machine says of itself counts like the label that says the same.
fn label<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    match (node.labels.get(key), key) {
        (Some(value), _) => Some(value),
        (None, "kubernetes.io/os") => Some(&node.os),
        (None, "kubernetes.io/arch") => Some(&node.architecture),
        (None, _) => None,
    }
}

/// All that a term asks. One that asks nothing is fulfilled by no machine.
fn holds(term: &Value, node: &Node) -> bool {
    let of = |key: &str| term[key].as_array().map(Vec::as_slice).unwrap_or_default();
    let (labels, fields) = (of("matchExpressions"), of("matchFields"));
    let field = |one: &Value| (one["key"] == "metadata.name").then_some(node.name.as_str());
    (!labels.is_empty() || !fields.is_empty())
        && labels.iter().all(|one| fits(one, label(node, one["key"].as_str().unwrap_or_default())))
        && fields.iter().all(|one| fits(one, field(one)))
}

/// Whether a value, or that there is none, fits an expression.
fn fits(expression: &Value, found: Option<&str>) -> bool {
    let values = expression["values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_among = |found: &str| values.iter().any(|value| value == found);
    let number = |text: &str| text.parse::<i64>().ok();
    let against = |compare: fn(&i64, &i64) -> bool| {
        let wanted = values.first().and_then(Value::as_str).and_then(number);
        found.and_then(number).zip(wanted).is_some_and(|(found, wanted)| compare(&found, &wanted))
    };
    match expression["operator"].as_str().unwrap_or_default() {
        "In" => found.is_some_and(is_among),
        "NotIn" => found.is_none_or(|found| !is_among(found)),
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        "Gt" => against(i64::gt),
        "Lt" => against(i64::lt),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(labels: &[(&str, &str)]) -> Node {
        Node {
            name: "n1".to_owned(),
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Node::default()
        }
    }

    #[test]
    fn machines_are_chosen_as_the_scheduler_chooses_them() {
        let zone = || node(&[("zone", "a"), ("disks", "4")]);
        let one =
            |key: &str, operator: &str, values: &[&str]| json!({"key": key, "operator": operator, "values": values});
        let terms = |terms: Value| json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}});
        let all = |expressions: Vec<Value>| terms(json!([{"matchExpressions": expressions}]));
        for (spec, admitted) in [
            (json!({}), true),
            (json!({"nodeSelector": {"zone": "a"}}), true),
            (json!({"nodeSelector": {"zone": "b"}}), false),
            (json!({"nodeSelector": {"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}}), true),
            (json!({"nodeSelector": {"kubernetes.io/os": "windows"}}), false),
            (all(vec![one("zone", "In", &["b", "a"])]), true),
            (all(vec![one("zone", "In", &["b"])]), false),
            (all(vec![one("zone", "In", &["a"]), one("disks", "Gt", &["3"])]), true),
            (all(vec![one("zone", "In", &["a"]), one("disks", "Gt", &["4"])]), false),
            (all(vec![one("disks", "Lt", &["10"])]), true),
            (all(vec![one("zone", "Lt", &["10"])]), false),
            (all(vec![one("gpu", "Gt", &["1"])]), false),
            (all(vec![one("gpu", "NotIn", &["yes"])]), true),
            (all(vec![one("zone", "NotIn", &["a"])]), false),
            (all(vec![one("gpu", "Exists", &[])]), false),
            (all(vec![one("gpu", "DoesNotExist", &[])]), true),
            (all(vec![one("kubernetes.io/arch", "In", &["arm64"])]), false),
            (all(vec![one("zone", "Near", &["a"])]), false),
            // One of several terms is enough; one that asks nothing is no term, and no term admits nothing.
            (
                terms(
                    json!([{"matchExpressions": [one("zone", "In", &["b"])]}, {"matchExpressions": [one("disks", "Exists", &[])]}]),
                ),
                true,
            ),
            (terms(json!([{}])), false),
            (terms(json!([])), false),
            (terms(json!([{"matchFields": [one("metadata.name", "In", &["n1"])]}])), true),
            (terms(json!([{"matchFields": [one("metadata.name", "In", &["n2"])]}])), false),
            // What is only preferred keeps a pod from nowhere.
            (
                json!({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {"matchExpressions": [one("zone", "In", &["b"])]}}]}}}),
                true,
            ),
        ] {
            assert_eq!(Asked::of(&spec).admits(&zone()), admitted, "{spec}");
        }
    }
}
