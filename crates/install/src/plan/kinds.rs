//! What steps there are, and what values they find. The words of the UI and what acts on them hang on these names.

use crate::error::Error;

/// The namespaces, and the installation's own record in the cluster.
pub const NAMESPACES: &str = "namespaces";
/// A chart's custom resource definitions.
pub const CRDS: &str = "crds";
/// Those objects of a chart that others want before the chart itself can go in.
pub const AHEAD: &str = "ahead";
/// What a chart runs before it is installed, while the chart itself waits for something that this does not want.
pub const HOOKS: &str = "hooks";
/// A chart, installed and ready.
pub const RELEASE: &str = "release";
/// Webhooks that must answer before what they guard is applied.
pub const WEBHOOK: &str = "webhook";
/// A value that only the cluster knows.
pub const FIND: &str = "find";
/// What a smaller choice no longer holds.
pub const LEAVE: &str = "leave";
/// A part of a removal.
pub const REMOVE: &str = "remove";

/// Those of a plan, in the order in which they are met.
pub const OF_PLAN: [&str; 8] = [NAMESPACES, CRDS, AHEAD, HOOKS, RELEASE, WEBHOOK, FIND, LEAVE];

/// Whether this program can carry out and take back steps of this kind.
pub(crate) fn is_known(kind: &str) -> bool {
    kind == REMOVE || OF_PLAN.contains(&kind)
}

/// The parts of a plan, in their order. Today a plan brings services into a cluster and no more, so that it ends where
/// its only part ends; making a cluster, filling in data and trying it out will stand around that one.
pub const PARTS: [&str; 1] = ["services"];

/// Refuses a part that no plan has.
pub(crate) fn is_part(name: Option<&str>) -> Result<(), Error> {
    match name {
        Some(part) if !PARTS.contains(&part) => {
            Err(Error::answer("no-such-part", "", &[("part", part), ("parts", &PARTS.join(", "))]))
        }
        _ => Ok(()),
    }
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
