//! Steps, events, the journal and the report: how a plan is carried out, whatever its steps do.
//!
//! The engine knows no Kubernetes, no AWS and no DIGIT. It is given a DAG of [`Step`]s and something that can
//! [`Act`] on them; it appends [`Event`]s to a [`Journal`](journal) and everything a person sees is a pure fold of
//! those events, [`Report`].
//!
//! The laws, each a property test: replaying any prefix of a journal gives a legal state; a journal cut anywhere
//! resumes to the same end; running a finished plan again changes nothing; an event is never shown that a crash could
//! take back; a failed step stops its dependents and nothing else; stop means that no new call is begun.

mod carry;
pub mod clock;
mod error;
mod eta;
pub mod event;
pub mod fold;
mod graph;
pub mod journal;
pub mod lock;
mod plan;
pub mod report;
pub mod run;
pub mod step;
pub mod thin;

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::Error;
pub use event::{Awaited, Cause, Event, Outcome, Skip, What};
pub use fold::{Fold, INSTALL, RELEASE, REMOVE, fold, measured};
pub use graph::{in_order, longest_way};
pub use journal::{Journal, Opened, Storage, read};
pub use lock::{Holder, Lock};
pub use plan::plan_id;
pub use report::{Attention, EtaRange, Report, RunState, StageReport, StepReport, StepState};
pub use run::{Direction, Means, Patience, Publish, RunOptions, Wanted, run};
pub use step::{Act, Change, Did, Estimate, Failure, Found, Step, StepContext, StepId};
pub use thin::Thin;
