//! A run that is held up until a person has done something: signed in again, made a choice.
//!
//! Whoever meets such a thing in the middle of a step holds the run through its [`StepContext`](crate::StepContext) and
//! tries again and again; when it works, the run goes on by itself. Meanwhile no step begins, and nobody's patience is
//! used up.

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::cause::Cause;
use crate::events::event::What;

/// Holds the run until it is dropped. One that is dropped because the run is asked to stop holds for good: the run ends,
/// and a person is still needed.
#[must_use = "the run goes on when this is dropped"]
pub struct Hold {
    emit: Arc<dyn Fn(What) + Send + Sync>,
    stop: CancellationToken,
    cause: Option<Cause>,
}

impl Hold {
    pub(crate) fn new(emit: Arc<dyn Fn(What) + Send + Sync>, stop: CancellationToken, cause: Cause) -> Self {
        emit(What::Held { cause: cause.clone() });
        Hold { emit, stop, cause: Some(cause) }
    }

    /// What the person was asked for is done, whatever else happens.
    pub fn go_on(mut self) {
        self.release();
    }

    fn release(&mut self) {
        if let Some(cause) = self.cause.take() {
            (self.emit)(What::Released { cause });
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.stop.is_cancelled() {
            self.release();
        }
    }
}

/// Who holds the run: steps by number, each with its causes and how often it holds for them.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    of: Vec<(usize, Cause, u32)>,
    since: Option<Timestamp>,
}

impl Holds {
    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Since when the run is held.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// A step holds. Whether it did not yet, for this cause.
    pub(crate) fn hold(&mut self, step: usize, cause: &Cause, now: Timestamp) -> bool {
        self.since.get_or_insert(now);
        if let Some((_, _, times)) = self.of.iter_mut().find(|(n, known, _)| *n == step && known == cause) {
            *times += 1;
            return false;
        }
        self.of.push((step, cause.clone(), 1));
        true
    }

    /// A step holds once less. Whether it does no more, for this cause.
    pub(crate) fn release(&mut self, step: usize, cause: &Cause) -> bool {
        let Some(at) = self.of.iter().position(|(n, known, _)| (*n, known) == (step, cause)) else { return false };
        self.of[at].2 -= 1;
        if self.of[at].2 > 0 {
            return false;
        }
        self.of.remove(at);
        true
    }

    /// What a step still holds for. One that is over holds nothing.
    pub(crate) fn causes_of(&self, step: usize) -> Vec<Cause> {
        self.of.iter().filter(|(n, ..)| *n == step).map(|(_, cause, _)| cause.clone()).collect()
    }

    /// The same as if each were released as often as it holds.
    pub(crate) fn forget(&mut self, step: usize) {
        self.of.retain(|(n, ..)| *n != step);
    }

    /// Nobody holds any more: since when it was so.
    pub(crate) fn take_since(&mut self) -> Option<Timestamp> {
        self.of.is_empty().then(|| self.since.take()).flatten()
    }

    /// The clock jumped by so much.
    pub(crate) fn clock_jumped(&mut self, by: jiff::SignedDuration) {
        self.since = self.since.and_then(|since| since.checked_add(by).ok());
    }
}
