//! What a wait says of itself, and what a step fails with.

use cluster::wait::Waiting;
use engine::{Awaited, Cause, Did, Failure, StepContext};

/// Says how far a wait is, and what for.
pub(crate) fn tell(cx: &StepContext, waiting: &Waiting) {
    cx.progress(f64::from(waiting.done), f64::from(waiting.total), "pods", "starting");
    let on = waiting.on.iter().map(|(object, cause)| Awaited {
        kind: "object".to_owned(),
        name: object.to_string(),
        why: cause.clone().unwrap_or_else(|| Cause::new("starting")),
    });
    cx.waiting_on(on.collect());
}

/// What a step failed with, from what the cluster said.
#[allow(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(crate) fn failure(error: cluster::Error) -> Failure {
    if matches!(error, cluster::Error::Stopped) {
        return Failure::stopped();
    }
    let retry_after = match error.code() {
        // Somebody else was quicker, or what guards it is not there yet.
        "changed-meanwhile" | "webhook-failing" | "not-found" | "unexpected-answer" | "api-not-served" => Some(5.0),
        _ => None,
    };
    let (code, args) = match &error {
        cluster::Error::NotReady { code, .. } => (code.clone(), error.args()),
        _ => (error.code().to_owned(), error.args()),
    };
    Failure { cause: Cause { code, args }, evidence: error.evidence(), retry_after }
}

/// What a step failed with that does not come from the cluster's answers.
pub(crate) fn as_failure(error: &crate::Error) -> Failure {
    if let crate::Error::Cluster(cluster::Error::Stopped) = error {
        return Failure::stopped();
    }
    let view = error.view();
    Failure { cause: Cause { code: view.code, args: view.args }, evidence: vec![error.to_string()], retry_after: None }
}

/// A cause's data as evidence, for engineers; its words are the views'.
pub(super) fn said(cause: &Cause) -> String {
    cause.args.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
}

pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Says how far a removal is.
pub(crate) fn tell_removing(cx: &StepContext, now: &cluster::remove::Removing) {
    cx.progress(now.done as f64, now.total as f64, "objects", "removing");
    let awaited = |object: &cluster::ObjectRef| Awaited {
        kind: "object".to_owned(),
        name: object.to_string(),
        why: Cause::new("going"),
    };
    cx.waiting_on(now.on.iter().map(awaited).collect());
}

/// Nothing was made, so there is nothing to take back.
pub(super) fn nothing_made() -> Did {
    Did::default()
}
