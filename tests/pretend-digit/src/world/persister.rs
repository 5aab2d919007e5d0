//! egov-persister: what services put on Kafka, written one after the other and later (§1.6, §6.8).

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

/// A record on its way to the tables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Write {
    /// An employee of HRMS.
    Employee(Box<Value>),
    /// A workflow definition.
    BusinessService(Box<Value>),
    /// A step that a complaint took in its workflow.
    Process(Box<Value>),
    /// A complaint, new or changed: the `service` object.
    Complaint(Box<Value>),
    /// What the persister cannot write (§6.6): it tries ten times, then drops it.
    Unwritable,
}

/// What waits, in the order in which it was sent.
#[derive(Debug, Default)]
pub(crate) struct Persister {
    waiting: VecDeque<(Timestamp, Write)>,
    busy_until: Option<Timestamp>,
}

impl Persister {
    pub(crate) fn send(&mut self, now: Timestamp, write: Write) {
        self.waiting.push_back((now, write));
    }

    /// How many writes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What is written until `now`. An unwritable record holds up all behind it (§6.8); while the persister is away nothing
    /// is lost, and what waited is written at once when it is back.
    pub(crate) fn due(&mut self, now: Timestamp, down: bool, delay: Duration, poison: Duration) -> Vec<Write> {
        let mut done = Vec::new();
        while !down && let Some((sent, write)) = self.waiting.front() {
            let begins = (*sent + delay).max(self.busy_until.unwrap_or(*sent));
            if begins > now {
                break;
            }
            if *write == Write::Unwritable {
                self.busy_until = Some(begins + poison);
            }
            done.extend(self.waiting.pop_front().map(|(_, write)| write));
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn due(persister: &mut Persister, millis: i64, down: bool) -> usize {
        persister.due(at(millis), down, Duration::from_millis(200), Duration::from_secs(5)).len()
    }

    #[test]
    fn a_write_is_late_and_an_unwritable_one_holds_up_the_rest() {
        let mut persister = Persister::default();
        let write = || Write::Employee(Box::new(json!({})));
        persister.send(at(0), write());
        assert_eq!(due(&mut persister, 199, false), 0);
        assert_eq!(due(&mut persister, 200, false), 1);
        persister.send(at(1_000), Write::Unwritable);
        persister.send(at(1_001), write());
        assert_eq!(due(&mut persister, 1_500, false), 1);
        assert_eq!(due(&mut persister, 6_199, false), 0);
        assert_eq!(due(&mut persister, 6_200, false), 1);
        persister.send(at(7_000), write());
        assert_eq!(due(&mut persister, 60_000, true), 0);
        assert_eq!(persister.waiting(), 1);
        assert_eq!(due(&mut persister, 60_000, false), 1);
    }
}
