//! Whether DIGIT works, looked at from outside as a user: `front` the pages, `ground` data and sign-in, `complaint` the way of one,
//! `closed` what must not work; `setup` is what is asked for, `run` does all, `check` says what it means.

mod check;
mod closed;
mod complaint;
mod front;
mod ground;
mod known;
mod photo;
mod run;
mod setup;

pub use check::{Because, Check, CheckCode, Outcome, Verdict, verdict};
pub use complaint::{RESERVED_MOBILE, marker};
pub use known::{KNOWN, Known};
pub use run::{Acceptance, accept};
pub use setup::{Expected, Setup};
