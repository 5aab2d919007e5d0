//! How often and for how long something that may pass is tried again. A decision by figures alone.

use std::time::Duration;

/// How long a step that fails for a passing reason is tried again, within one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// So many tries in all.
    pub tries: u32,
    /// And no try begins later than this after the first.
    pub total: Duration,
    /// Waits grow by half each time, up to this; a longer wait that the step itself asks for is kept.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy { tries: 12, total: Duration::from_secs(1800), longest_wait: Duration::from_secs(60) }
    }
}

impl RetryPolicy {
    /// How long to wait before the next try; `None`: no more. `attempt` is the one that failed, from 1; `spent` the time
    /// since the first began; `asked` what the step asks for, in seconds.
    pub fn next(&self, attempt: u32, spent: Duration, asked: f64) -> Option<Duration> {
        let asked = Duration::try_from_secs_f64(asked).unwrap_or(self.longest_wait);
        let growth = 1.5f64.powi(i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX).min(64));
        let grown = Duration::try_from_secs_f64(asked.as_secs_f64() * growth).unwrap_or(self.longest_wait);
        let wait = grown.min(self.longest_wait).max(asked);
        (attempt < self.tries && spent.saturating_add(wait) <= self.total).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let p = RetryPolicy { tries: 4, total: Duration::from_secs(100), longest_wait: Duration::from_secs(30) };
        let next = |attempt, spent, asked| p.next(attempt, Duration::from_secs(spent), asked).map(|d| d.as_secs_f64());
        for (attempt, spent, asked, wait) in [
            (1, 0, 10.0, Some(10.0)),
            (2, 0, 10.0, Some(15.0)),
            (3, 0, 10.0, Some(22.5)),
            (4, 0, 10.0, None),
            (3, 0, 20.0, Some(30.0)),
            (3, 0, 90.0, Some(90.0)),
            (1, 95, 10.0, None),
            (1, 90, 10.0, Some(10.0)),
            (1, 0, -1.0, Some(30.0)),
            (1, 0, f64::NAN, Some(30.0)),
            (1, 0, 0.0, Some(0.0)),
        ] {
            assert_eq!(next(attempt, spent, asked), wait, "{attempt} {spent} {asked}");
        }
    }
}
