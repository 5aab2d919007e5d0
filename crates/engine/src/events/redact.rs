//! Events without secrets: every text that came from outside goes through one redactor before anything is kept or shown.

use std::sync::Arc;

use crate::cause::Awaited;
use crate::events::event::{Part, What};

/// Takes secrets out of a text.
pub type Redact = Arc<dyn Fn(&str) -> String + Send + Sync>;

impl What {
    /// The same without secrets in causes, evidence and names. Written out for each kind of event, so that a new one has to
    /// say what of it came from outside. A value that was found is used by later steps as it is, and is never a secret.
    pub(crate) fn redacted(self, redact: &dyn Fn(&str) -> String) -> Self {
        match self {
            What::WaitingOn { on } => {
                let one =
                    |one: Awaited| Awaited { kind: one.kind, name: redact(&one.name), why: one.why.redacted(redact) };
                What::WaitingOn { on: on.into_iter().map(one).collect() }
            }
            What::Retrying { cause, after } => What::Retrying { cause: cause.redacted(redact), after },
            What::Failed { cause, evidence } => {
                let evidence = evidence.iter().map(|text| redact(text)).collect();
                What::Failed { cause: cause.redacted(redact), evidence }
            }
            What::Part(part) => {
                let cause = part.cause.map(|cause| cause.redacted(redact));
                What::Part(Part { name: redact(&part.name), cause, ..part })
            }
            What::Held { cause } => What::Held { cause: cause.redacted(redact) },
            What::Released { cause } => What::Released { cause: cause.redacted(redact) },
            same @ (What::RunStarted { .. }
            | What::StepStarted { .. }
            | What::Progress { .. }
            | What::Done { .. }
            | What::CostBegan
            | What::Found { .. }
            | What::Paused { .. }
            | What::Resumed { .. }
            | What::Finished { .. }
            | What::Removed { .. }
            | What::Unknown) => same,
        }
    }
}
