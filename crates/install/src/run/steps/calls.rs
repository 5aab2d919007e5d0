//! Services that are called by others when those start: until they are ready the crashes of whoever calls them are waiting
//! and no fault. For how long: pure.

use cluster::wait::WaitContext;
use jiff::{SignedDuration, Timestamp};

/// Where the release of a service that is called stands in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// It has not begun: it waits for others, or for a free hand.
    NotBegun,
    /// It is on its way.
    UnderWay,
    /// It is ready since then, or will not get there in this run.
    Over(Timestamp),
}

impl Called {
    /// How long somebody may wait for it at most. One that is under way fails by itself long before, unless it waits in turn for
    /// the one that waits for it. One that has not begun may never get a hand: those that wait for it hold them all.
    fn longest(self) -> SignedDuration {
        match self {
            Called::NotBegun => SignedDuration::from_mins(15),
            Called::UnderWay => SignedDuration::from_mins(30),
            Called::Over(_) => SignedDuration::ZERO,
        }
    }
}

/// What the wait for a release rests on that calls these when it starts and that is waited for since `began`. Its budgets begin
/// anew when the last of them is over, or has been waited for as long as it may be.
pub(super) fn wait_context(began: Timestamp, now: Timestamp, called: impl IntoIterator<Item = Called>) -> WaitContext {
    let mut wait_context = WaitContext { dependencies_ready: true, since: began };
    for one in called {
        let over = match one {
            Called::Over(at) => at,
            other => began.checked_add(other.longest()).unwrap_or(now),
        };
        if now < over {
            wait_context.dependencies_ready = false;
        } else {
            wait_context.since = wait_context.since.max(over);
        }
    }
    wait_context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_calls_waits_until_all_are_over_and_not_for_ever() {
        use Called::{NotBegun, Over, UnderWay};
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        // It is waited for since minute 10. Whether the others are ready, and the minute in which budgets begin.
        for (called, now, ready, since) in [
            (vec![], 11, true, 10),
            (vec![Over(at(3))], 11, true, 10),
            (vec![Over(at(11))], 12, true, 11),
            (vec![Over(at(11)), Over(at(13))], 14, true, 13),
            (vec![UnderWay], 11, false, 10),
            (vec![UnderWay, Over(at(12))], 13, false, 12),
            (vec![NotBegun], 24, false, 10),
            // nobody waits for ever
            (vec![NotBegun], 25, true, 25),
            (vec![UnderWay], 39, false, 10),
            (vec![UnderWay], 40, true, 40),
            (vec![NotBegun, UnderWay], 30, false, 25),
            (vec![NotBegun, UnderWay, Over(at(41))], 42, true, 41),
        ] {
            let wanted = WaitContext { dependencies_ready: ready, since: at(since) };
            assert_eq!(wait_context(at(10), at(now), called.clone()), wanted, "{called:?} at minute {now}");
        }
    }
}
