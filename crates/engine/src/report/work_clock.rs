//! A clock that stands still while nothing is worked: between runs, while a run pauses or is held up, while the computer
//! sleeps.
//!
//! The wall's clock may be wrong, and be put right at any moment. So time is counted from event to event: where the clock
//! went back between two of them, or forward by more than anybody works, nothing is counted, and counting goes on from
//! the second.

use jiff::{SignedDuration, Timestamp};

/// No run works or sleeps for so long in one piece: the clock was wrong before or is wrong now.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Counts time of work. Stands still while `since` is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkClock {
    worked: SignedDuration,
    since: Option<Timestamp>,
    /// The newest event; a run that was cut off worked until there.
    last: Option<Timestamp>,
}

impl WorkClock {
    /// The next event came at this time.
    pub(crate) fn event(&mut self, at: Timestamp) {
        self.worked = self.at(at);
        self.since = self.since.map(|_| at);
        self.last = Some(at);
    }
    /// The next event came at this time, after the clock had gone on by so much in which nobody worked: a sleep, or a
    /// clock that was put right (back, if negative).
    pub(crate) fn event_after_jump(&mut self, at: Timestamp, jump: SignedDuration) {
        if let Ok(before) = at.checked_sub(jump) {
            self.worked = self.at(before);
        }
        self.since = self.since.map(|_| at);
        self.last = Some(at);
    }
    /// Time worked until now.
    pub(crate) fn at(&self, now: Timestamp) -> SignedDuration {
        self.worked + self.since.map_or(SignedDuration::ZERO, |since| between(since, now))
    }
    /// Stops at the newest event.
    pub(crate) fn stop(&mut self) {
        self.since = None;
    }
    /// Goes on from the newest event.
    pub(crate) fn go(&mut self) {
        self.since = self.last;
    }
}

/// Time from one moment to a later one; none if the clock was put right in between.
fn between(from: Timestamp, to: Timestamp) -> SignedDuration {
    let passed = to.duration_since(from);
    if is_possible(passed) { passed } else { SignedDuration::ZERO }
}

/// Whether so much time can have passed in one piece of a run.
pub(crate) fn is_possible(passed: SignedDuration) -> bool {
    (SignedDuration::ZERO..=LONGEST).contains(&passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_jump_is_not_lost() {
        for jump in [3600, -3600, 1_000_000_000, -1_000_000_000] {
            let mut clock = WorkClock::default();
            clock.event(Timestamp::from_second(100).unwrap());
            clock.go();
            // 90 s of silence, then the clock jumps.
            let at = Timestamp::from_second(190 + jump).unwrap();
            clock.event_after_jump(at, SignedDuration::from_secs(jump));
            assert_eq!(clock.at(at + SignedDuration::from_secs(5)).as_secs(), 95, "{jump}");
        }
    }

    #[test]
    fn a_clock_that_was_wrong_once_neither_freezes_nor_blows_up_the_time() {
        const YEAR: i64 = 365 * 24 * 3600;
        // The times of events, all of one run, one every 10 s in truth; and what is counted at the end, 5 s after the last.
        for (events, now, worked) in [
            (&[0, 10, 20, 30][..], 35, 35),
            (&[YEAR, 10, 20, 30], 35, 25),
            (&[0, YEAR, 20, 30], 35, 15),
            (&[0, 10, 20, YEAR], 35, 20),
            (&[0, 10, 20, 30], YEAR, 30),
            (&[0, 10, 20, 30], 25, 30),
            (&[0, 10, -YEAR, 10 - YEAR], 15 - YEAR, 25),
        ] {
            let mut clock = WorkClock::default();
            for (n, at) in events.iter().enumerate() {
                clock.event(Timestamp::from_second(*at).unwrap());
                if n == 0 {
                    clock.go();
                }
            }
            let at = clock.at(Timestamp::from_second(now).unwrap());
            assert_eq!(at.as_secs(), worked, "{events:?}");
        }
    }
}
