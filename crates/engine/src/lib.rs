//! Steps, events, the journal and the report: how a plan is carried out, whatever its steps do.
//!
//! The engine knows no Kubernetes, no AWS and no DIGIT. It is given a DAG of [`Step`]s and something that can
//! [`Act`] on them; it appends [`Event`]s to a [`Journal`](journal) and everything a person sees is a pure fold of
//! those events, [`Report`].
//!
//! The laws, each a property test: replaying any prefix of a journal gives a legal state; a journal cut anywhere
//! resumes to the same end; running a finished plan again changes nothing; an event is never shown that a crash could
//! take back; a failed step stops its dependents and nothing else; stop means that no new call is begun.

pub mod event;
pub mod report;
pub mod step;

pub use event::{Awaited, Cause, Event, Outcome, Skip, What};
pub use report::{Attention, EtaRange, Report, RunState, StageReport, StepReport, StepState};
pub use step::{Act, Change, Did, Estimate, Failure, Found, Step, StepContext, StepId};
