//! Events for whoever reads them one by one: what lasts passes at once, what passes by is thinned out. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::events::event::{Event, What};
use crate::step_id::StepId;

/// What a passing event says something about: a step, and what of it.
type Key = (Option<StepId>, Topic);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Progress,
    WaitingOn,
    /// A part of the step, by its name.
    Part(String),
}

fn topic(what: &What) -> Topic {
    match what {
        What::Progress { .. } => Topic::Progress,
        What::Part(part) => Topic::Part(part.name.clone()),
        _ => Topic::WaitingOn,
    }
}

/// Of each step's progress, and of what it waits for, at most one event in a while: the newest. Nothing is held back for
/// longer, and what lasts is never held back.
#[derive(Debug, Clone)]
pub struct Thin {
    every: SignedDuration,
    told: BTreeMap<Key, Timestamp>,
    held: BTreeMap<Key, Event>,
    /// Number of the last event that lasts.
    seq: u64,
}

impl Thin {
    /// Lets one through in this time.
    pub fn new(every: SignedDuration) -> Self {
        Thin { every, told: BTreeMap::new(), held: BTreeMap::new(), seq: 0 }
    }

    /// Takes an event in; gives it back if it is to be told now.
    pub fn pass(&mut self, event: Event) -> Option<Event> {
        self.seq = self.seq.max(event.seq);
        let topic = topic(&event.what);
        if event.what.is_durable() || matches!(event.what, What::Unknown) {
            // What was said of the step before is overtaken by it; the end of a part overtakes what was said of that.
            let is_overtaken = |key: &Key| {
                let is_of_part = matches!(event.what, What::Part(_));
                key.0 == event.step && (!is_of_part || key.1 == topic)
            };
            self.held.retain(|key, _| !is_overtaken(key));
            self.told.retain(|key, _| !is_overtaken(key));
            return Some(event);
        }
        let key = (event.step.clone(), topic);
        if self.told.get(&key).is_some_and(|told| event.at.duration_since(*told) < self.every) {
            self.held.insert(key, event);
            return None;
        }
        self.held.remove(&key);
        self.told.insert(key, event.at);
        Some(event)
    }

    /// What was held back and may be told by now. To be asked every now and then.
    pub fn due(&mut self, now: Timestamp) -> Vec<Event> {
        let (told, every) = (&self.told, self.every);
        let is_due = |key: &Key| told.get(key).is_none_or(|told| now.duration_since(*told) >= every);
        let due: Vec<Key> = self.held.keys().filter(|key| is_due(key)).cloned().collect();
        let mut out = Vec::new();
        for key in due {
            // Passing events carry the number of the lasting one before them, also when they come late.
            out.extend(self.held.remove(&key).map(|event| Event { seq: self.seq, ..event }));
            self.told.insert(key, now);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis)
    }

    fn event(millis: i64, step: &str, what: What) -> Event {
        Event { run: "r".to_owned(), seq: 1, at: at(millis), step: Some(step.to_owned()), what }
    }

    fn progress(millis: i64, step: &str, done: f64) -> Event {
        event(millis, step, What::Progress { done, total: 100.0, unit: "pods".to_owned(), code: "starting".to_owned() })
    }

    #[test]
    fn of_a_burst_the_first_is_told_at_once_and_the_last_when_it_is_time() {
        let mut thin = Thin::new(SignedDuration::from_secs(1));
        let told: Vec<Event> =
            (0..100_i32).flat_map(|n| thin.pass(progress(i64::from(n) * 5, "a", f64::from(n)))).collect();
        assert_eq!(told, [progress(0, "a", 0.0)]);
        assert_eq!(thin.pass(progress(500, "b", 1.0)), Some(progress(500, "b", 1.0)), "another step is another matter");
        assert_eq!(thin.due(at(999)), []);
        assert_eq!(thin.due(at(1000)), [progress(495, "a", 99.0)]);
        assert_eq!(thin.due(at(5000)), []);
    }

    #[test]
    fn a_minute_of_progress_is_sixty_events_and_no_more() {
        let mut thin = Thin::new(SignedDuration::from_secs(1));
        let mut told = 0;
        for n in 0..6000 {
            told += usize::from(thin.pass(progress(n * 10, "a", 0.0)).is_some());
            told += thin.due(at(n * 10)).len();
        }
        assert!((59..=61).contains(&told), "{told}");
    }

    #[test]
    fn what_lasts_always_passes_and_overtakes_what_was_held_back() {
        let mut thin = Thin::new(SignedDuration::from_secs(1));
        let waiting = |millis| event(millis, "a", What::WaitingOn { on: vec![] });
        let done = |millis| event(millis, "a", What::Done { changed: 1, unchanged: 0, skipped: None });
        assert_eq!(thin.pass(progress(0, "a", 1.0)), Some(progress(0, "a", 1.0)));
        assert_eq!(thin.pass(waiting(1)), Some(waiting(1)), "what it waits for is not its progress");
        assert_eq!(thin.pass(progress(2, "a", 2.0)), None);
        assert_eq!(thin.pass(waiting(3)), None);
        for millis in [4, 5, 6] {
            assert_eq!(thin.pass(done(millis)), Some(done(millis)));
        }
        assert_eq!(thin.due(at(60_000)), [], "a step that is done makes no progress");
    }
}
