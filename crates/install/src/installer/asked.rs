//! Images that registries said nothing about, so that they are not asked again at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Who said nothing is asked again after so long.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// When it was asked about an image in vain.
#[derive(Default)]
pub(super) struct AskedInVain(Mutex<BTreeMap<String, Timestamp>>);

impl AskedInVain {
    /// Those of the names that were not asked about lately.
    pub(super) fn not_lately(&self, mut names: Vec<String>, now: Timestamp) -> Vec<String> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| (SignedDuration::ZERO..ASKED_AGAIN).contains(&now.duration_since(*at)));
        names.retain(|name| !asked.contains_key(name));
        names
    }

    /// It was asked about this one in vain.
    pub(super) fn note(&self, name: String, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_said_nothing_is_asked_again_after_a_while() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let asked = AskedInVain::default();
        asked.note("a".to_owned(), at(1000));
        let open = |now| asked.not_lately(vec!["a".to_owned(), "b".to_owned()], at(now));
        assert_eq!(open(1000), ["b"]);
        assert_eq!(open(1599), ["b"]);
        assert_eq!(open(1600), ["a", "b"]);
        asked.note("a".to_owned(), at(1600));
        // The clock was put back: nobody knows how long ago that was.
        assert_eq!(asked.not_lately(vec!["a".to_owned()], at(10)), ["a"]);
    }
}
