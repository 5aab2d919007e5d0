//! A clock that stands still while nothing is worked: between runs, while a run pauses, while the computer sleeps.

use jiff::Timestamp;

/// Counts seconds of work. Stands still while `since` is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkClock {
    worked: f64,
    since: Option<Timestamp>,
    /// The newest event; a run that was cut off worked until there.
    pub(crate) last: Option<Timestamp>,
}

impl WorkClock {
    pub(crate) fn at(&self, now: Timestamp) -> f64 {
        self.worked + self.since.map_or(0.0, |since| seconds(since, now))
    }
    pub(crate) fn stop(&mut self, at: Timestamp) {
        self.worked = self.at(at);
        self.since = None;
    }
    pub(crate) fn go(&mut self, at: Timestamp) {
        self.since = Some(at);
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}
