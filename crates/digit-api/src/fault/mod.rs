//! A call that did not do what it should, and why: `said` reads the answer, `seen` holds what was seen, `explain` concludes.

mod explain;
mod said;
mod seen;

use cause::Cause;
pub use explain::{Explained, Remedy, explain};
pub use said::{Entry, Said};
pub use seen::{Found, NoAnswer, Seen, Service};

/// What was seen, and what is concluded from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What was seen.
    pub seen: Seen,
    /// Why, with data.
    pub cause: Cause,
    /// What to do first.
    pub remedy: Remedy,
}

impl From<Seen> for Fault {
    fn from(seen: Seen) -> Self {
        let Explained { cause, remedy } = explain(&seen);
        Fault { seen, cause, remedy }
    }
}
