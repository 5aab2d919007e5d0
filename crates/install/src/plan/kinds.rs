//! What steps there are, and what values they find. The words of the UI and what acts on them hang on these names.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What a step of a plan does, with all that it needs to know beyond the plan around it. What a kind has more than its subject
/// becomes further fields of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StepKind {
    /// The cluster itself, where the run makes it: everything else of the plan comes after it.
    Cluster {
        /// What it is: `rehearsal`.
        #[serde(rename = "subject")]
        what: String,
    },
    /// Whether the cluster that the run made is fit for the rest. A cluster that is there is looked at before the run.
    Check {
        /// `cluster`: a plan has at most one such step.
        #[serde(rename = "subject")]
        of: String,
    },
    /// The namespaces, and the installation's own record in the cluster.
    Namespaces {
        /// `namespaces`: a plan has one such step.
        #[serde(rename = "subject")]
        name: String,
    },
    /// A chart's custom resource definitions.
    Crds {
        /// Whose.
        #[serde(rename = "subject")]
        service: String,
    },
    /// Those objects of a chart that others want before the chart itself can go in.
    #[serde(rename = "ahead")]
    Early {
        /// Whose.
        #[serde(rename = "subject")]
        service: String,
    },
    /// What a chart runs before it is installed, while the chart itself waits for something that this does not want.
    Hooks {
        /// Whose.
        #[serde(rename = "subject")]
        service: String,
    },
    /// A chart, installed and ready.
    Release {
        /// The service that it is.
        #[serde(rename = "subject")]
        service: String,
        /// The services that it may call when it starts and that go in beside it. Until they are ready its crashes are waiting.
        /// A plan of before names none.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        calls: BTreeSet<String>,
    },
    /// Webhooks that must answer before what they guard is applied.
    Webhook {
        /// Whose.
        #[serde(rename = "subject")]
        service: String,
    },
    /// A value that only the cluster knows.
    Find {
        /// Its name.
        #[serde(rename = "subject")]
        value: String,
    },
    /// What a smaller choice no longer holds, taken away when everything else is ready.
    Leave {
        /// `services`: a plan has at most one such step.
        #[serde(rename = "subject")]
        name: String,
    },
    /// What only a newer program knows. A plan that holds one is refused: [`Plan::verified`](super::Plan::verified).
    #[serde(untagged)]
    Unknown {
        /// As it is named there.
        kind: String,
        /// What it is about.
        #[serde(default)]
        subject: String,
    },
}

impl StepKind {
    /// The kind of the step with which a plan begins.
    pub fn namespaces() -> Self {
        StepKind::Namespaces { name: "namespaces".to_owned() }
    }

    /// What makes the cluster.
    pub fn cluster(what: &str) -> Self {
        StepKind::Cluster { what: what.to_owned() }
    }

    /// What looks at it then.
    pub fn check() -> Self {
        StepKind::Check { of: "cluster".to_owned() }
    }

    /// A chart's step.
    pub fn release(service: &str) -> Self {
        StepKind::Release { service: service.to_owned(), calls: BTreeSet::new() }
    }

    /// Stable, in kebab case: what a journal and a report name it, and the words for it hang on.
    pub fn code(&self) -> &str {
        match self {
            StepKind::Cluster { .. } => CLUSTER,
            StepKind::Check { .. } => "check",
            StepKind::Namespaces { .. } => "namespaces",
            StepKind::Crds { .. } => "crds",
            StepKind::Early { .. } => "ahead",
            StepKind::Hooks { .. } => "hooks",
            StepKind::Release { .. } => "release",
            StepKind::Webhook { .. } => "webhook",
            StepKind::Find { .. } => "find",
            StepKind::Leave { .. } => LEAVE,
            StepKind::Unknown { kind, .. } => kind,
        }
    }

    /// What it is about.
    pub fn subject(&self) -> &str {
        match self {
            StepKind::Namespaces { name } | StepKind::Leave { name } => name,
            StepKind::Crds { service }
            | StepKind::Early { service }
            | StepKind::Hooks { service }
            | StepKind::Release { service, .. }
            | StepKind::Webhook { service } => service,
            StepKind::Find { value } => value,
            StepKind::Cluster { what } => what,
            StepKind::Check { of } => of,
            StepKind::Unknown { subject, .. } => subject,
        }
    }

    /// The name of its step: a plan has no two of one kind about the same.
    pub fn id(&self) -> String {
        id(self.code(), self.subject())
    }

    /// The part of the plan that it belongs to, one of [`PARTS`].
    pub fn part(&self) -> &'static str {
        match self {
            StepKind::Cluster { .. } | StepKind::Check { .. } => INFRASTRUCTURE,
            StepKind::Namespaces { .. }
            | StepKind::Crds { .. }
            | StepKind::Early { .. }
            | StepKind::Hooks { .. }
            | StepKind::Release { .. }
            | StepKind::Webhook { .. }
            | StepKind::Find { .. }
            | StepKind::Leave { .. }
            | StepKind::Unknown { .. } => SERVICES,
        }
    }

    /// The service whose release it is, if it is one: these are what is counted.
    pub fn released(&self) -> Option<&str> {
        match self {
            StepKind::Release { service, .. } => Some(service),
            _ => None,
        }
    }
}

/// Kinds of a plan by their codes, in the order in which they are met.
pub const OF_PLAN: [&str; 9] = [CLUSTER, "check", "namespaces", "crds", "ahead", "hooks", "release", "webhook", "find"];
/// The cluster itself, where the run makes it; also the value that its step finds: the cluster's UID.
pub const CLUSTER: &str = "cluster";

/// What a smaller choice no longer holds; only a plan in a cluster that holds more has it.
pub const LEAVE: &str = "leave";

/// A part of a removal.
pub const REMOVE: &str = "remove";

/// Whether a plan may hold steps of this kind.
pub(crate) fn is_of_plan(kind: &str) -> bool {
    kind == LEAVE || OF_PLAN.contains(&kind)
}

/// Whether this program can carry out and take back steps of this kind.
pub(crate) fn is_known(kind: &str) -> bool {
    is_of_plan(kind) || kind == REMOVE
}

const INFRASTRUCTURE: &str = "infrastructure";
const SERVICES: &str = "services";

/// The parts of a plan, in their order: the cluster, where the run makes it, and what goes into it. Filling in data and trying it
/// out will stand after these.
pub const PARTS: [&str; 2] = [INFRASTRUCTURE, SERVICES];

/// Refuses a part that is none of `parts`, those of a plan.
pub(crate) fn is_part(name: Option<&str>, parts: &[&str]) -> Result<(), Error> {
    match name {
        Some(part) if !parts.contains(&part) => {
            Err(Error::answer("no-such-part", "", &[("part", part), ("parts", &parts.join(", "))]))
        }
        _ => Ok(()),
    }
}

/// Whether a run that ends after the part `until` goes through a step of this part. Without one it goes to the plan's end.
pub(crate) fn is_reached(parts: &[&str], part: &str, until: Option<&str>) -> bool {
    let place = |name: &str| parts.iter().position(|part| *part == name);
    until.is_none_or(|until| place(part) <= place(until))
}

/// The late-bound value that is the web entry's address, with scheme.
pub const ADDRESS: &str = "address";

/// Its step.
pub const FIND_ADDRESS: &str = "find:address";

/// The service that is the web entry.
pub const ENTRY_SERVICE: &str = "ingress-nginx";

/// Names a step.
pub fn id(kind: &str, subject: &str) -> String {
    format!("{kind}:{subject}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_goes_through_the_parts_until_the_one_that_is_named() {
        // Those that a plan will have once it makes its cluster, fills it and tries it out.
        let parts = ["infrastructure", "services", "data", "acceptance"];
        for (until, expected) in [
            (None, &parts[..]),
            (Some("infrastructure"), &parts[..1]),
            (Some("services"), &parts[..2]),
            (Some("acceptance"), &parts[..]),
        ] {
            let reached: Vec<&str> = parts.into_iter().filter(|part| is_reached(&parts, part, until)).collect();
            assert_eq!(reached, expected, "{until:?}");
        }
        assert!(is_part(None, &parts).is_ok() && is_part(Some("data"), &parts).is_ok());
        let refused = is_part(Some("infrastructure"), &parts[1..]).unwrap_err().view();
        assert_eq!(
            refused.args["parts"], "services, data, acceptance",
            "a plan for a cluster that is there makes none"
        );
        for code in OF_PLAN {
            let kind: StepKind = serde_json::from_value(json!({"kind": code, "subject": "x"})).unwrap();
            assert!(PARTS.contains(&kind.part()), "{code}");
        }
    }

    #[test]
    fn a_kind_is_written_by_its_code_and_what_only_a_newer_program_knows_is_read_as_that() {
        for code in OF_PLAN {
            let written = json!({"kind": code, "subject": "x"});
            let kind: StepKind = serde_json::from_value(written.clone()).unwrap();
            assert!(!matches!(kind, StepKind::Unknown { .. }), "{code}");
            assert_eq!((kind.code(), kind.subject(), kind.id()), (code, "x", format!("{code}:x")));
            assert_eq!(serde_json::to_value(&kind).unwrap(), written);
        }
        let written = json!({"kind": "release", "subject": "x", "calls": ["a", "b"]});
        let kind: StepKind = serde_json::from_value(written.clone()).unwrap();
        assert!(matches!(&kind, StepKind::Release { calls, .. } if calls.len() == 2), "{kind:?}");
        assert_eq!(serde_json::to_value(&kind).unwrap(), written);
        for written in [json!({"kind": "stack", "subject": "x"}), json!({"kind": "stack", "template": {"a": 1}})] {
            let kind: StepKind = serde_json::from_value(written).unwrap();
            assert!(matches!(&kind, StepKind::Unknown { kind, .. } if kind == "stack"), "{kind:?}");
        }
    }
}
