//! Steps, events, the journal and the report: how a plan is carried out, whatever its steps do.
//!
//! The engine knows no Kubernetes, no AWS and no DIGIT. It is given a DAG of [`Step`]s and something that can
//! [`Act`] on them; it appends [`Event`]s to a [`Journal`] and everything a person sees is a pure fold of
//! those events, [`Report`].
//!
//! The laws, each a property test: replaying any prefix of a journal gives a legal state; a journal cut anywhere
//! resumes to the same end; running a finished plan again changes nothing; an event is never shown that a crash could
//! take back; a failed step stops its dependents and nothing else; stop means that no new call is begun.

mod cause;
mod clock;
mod error;
mod events;
mod holder;
mod journal;
mod lock;
mod plan;
mod report;
mod run;
mod step_id;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use cause::{Awaited, Cause};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::Error;
pub use events::event::{Event, Outcome, Part, PartState, SecondLook, Skip, What};
pub use events::purpose::{Direction, RunPurpose};
pub use events::redact::Redact;
pub use events::thin::Thin;
pub use holder::Holder;
pub use journal::read::read;
pub use journal::storage::Storage;
pub use journal::writer::{Journal, Opened};
pub use lock::Lock;
pub use plan::graph::in_order;
pub use plan::id::plan_id;
pub use plan::step::{Change, Estimate, HourlyCost, Step};
pub use report::eta::expected;
pub use report::fold::{Fold, fold, measured};
pub use report::shape::{
    Attention, CostReport, EtaRange, Report, RunState, StageReport, StepProgress, StepReport, StepState,
};
pub use run::act::{Act, Did, Failure, Found};
pub use run::context::StepContext;
pub use run::hold::Hold;
pub use run::options::{Publish, RunContext, RunOptions, Wanted};
pub use run::registry::{Registry, check_kinds, steps_of};
pub use run::retry::RetryPolicy;
pub use run::scheduler::run;
pub use step_id::StepId;
