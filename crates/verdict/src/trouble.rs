//! Something that stands in an object's way, and what follows from it once the clock and its budget are looked at.

use jiff::Timestamp;
use serde_json::Value;

use crate::{Cause, Circumstances, Phase, Verdict, codes};

/// Everything around the object under judgement.
pub(crate) struct Scene<'a> {
    pub(crate) children: &'a [&'a Value],
    pub(crate) events: &'a [&'a Value],
    pub(crate) at: &'a Circumstances,
}

/// A cause that was found, with what it rests on.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) cause: Cause,
    pub(crate) evidence: Vec<String>,
    /// Since when it has been there.
    pub(crate) since: Timestamp,
    /// Seconds it may last; the cause's own unless the object knows better. `None`: it never fails by itself.
    pub(crate) budget: Option<u32>,
    /// Its budget is used up only if this holds too (a crash has to happen again before it is a loop).
    pub(crate) enough: bool,
    /// Whether it was told beforehand: it is waiting until its budget is used up.
    pub(crate) expected: bool,
    /// When it last happened by what is known, for causes that must happen again once the dependencies are there.
    pub(crate) last_began: Option<Timestamp>,
}

impl Trouble {
    /// With the budget of the code.
    pub(crate) fn new(cause: Cause, since: Timestamp) -> Self {
        let budget = codes::rule(&cause.code).and_then(|rule| rule.budget);
        Trouble { cause, evidence: Vec::new(), since, budget, enough: true, expected: false, last_began: None }
    }
    pub(crate) fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(crate::messages::without_accounts(&line.into()));
        self
    }
    pub(crate) fn budget(mut self, seconds: u32) -> Self {
        self.budget = Some(seconds);
        self
    }
    pub(crate) fn enough(mut self, enough: bool) -> Self {
        self.enough = enough;
        self
    }

    /// Phase, seconds until it changes, and since when the budget counts.
    fn settle(&self, at: &Circumstances) -> (Phase, Option<u32>, Timestamp) {
        let since = at.not_before.map_or(self.since, |start| start.max(self.since));
        let waits = codes::rule(&self.cause.code).is_some_and(|rule| rule.waits);
        if waits && !at.dependencies_ready {
            return (Phase::Waiting, None, since);
        }
        let Some(budget) = self.budget else { return (Phase::Progressing, None, since) };
        let spent = at.now.duration_since(since).as_secs().max(0);
        let left = i64::from(budget) - spent;
        // A crash that began before the budget did is no evidence against the world as it is now.
        let stale = at.not_before.is_some_and(|start| self.last_began.is_some_and(|last| last < start));
        if left > 0 {
            let phase = if self.expected { Phase::Waiting } else { Phase::Progressing };
            (phase, u32::try_from(left).ok(), since)
        } else if self.enough && !stale {
            (Phase::Failed, None, since)
        } else {
            (Phase::Progressing, None, since)
        }
    }

    /// The verdict when nothing else is wrong.
    pub(crate) fn verdict(self, at: &Circumstances, done: u32, total: u32) -> Verdict {
        let (phase, again_after, since) = self.settle(at);
        Verdict {
            phase,
            cause: Some(self.cause),
            evidence: self.evidence,
            done,
            total,
            again_after,
            struggling_since: Some(since),
            verified: true,
        }
    }
}

/// Of several troubles the one that decides: a failure before anything else, then waiting, then what runs out first. Evidence of the
/// others with the same code is kept (at most five lines): three pods that cannot pull one image are one cause.
pub(crate) fn decide(troubles: Vec<Trouble>, at: &Circumstances, done: u32, total: u32) -> Verdict {
    let rank = |trouble: &Trouble| match trouble.settle(at) {
        (Phase::Failed, _, since) => (0, 0, since),
        (Phase::Waiting, left, since) => (1, left.unwrap_or(0), since),
        (_, Some(left), since) => (2, left, since),
        (_, None, since) => (3, 0, since),
    };
    let mut sorted = troubles;
    sorted.sort_by_key(rank);
    let mut rest = sorted.into_iter();
    let Some(mut first) = rest.next() else { return Verdict::progressing(done, total) };
    for other in rest.filter(|other| other.cause.code == first.cause.code).collect::<Vec<_>>() {
        for line in other.evidence {
            if first.evidence.len() < 5 && !first.evidence.contains(&line) {
                first.evidence.push(line);
            }
        }
    }
    first.verdict(at, done, total)
}
