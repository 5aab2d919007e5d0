//! What may be asked again, and when.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};

use super::Patience;
use crate::fault::{Fault, Found, NoAnswer};

/// Whether asking again may help. Only for calls that may be repeated at all; a call that ran into its time-out has waited enough.
pub(super) fn worth(fault: &Fault) -> bool {
    match &fault.seen.found {
        Found::TooLarge { .. } => false,
        Found::NoAnswer(why) => matches!(why, NoAnswer::Refused | NoAnswer::Cut | NoAnswer::Other),
        // The gateway says 500 when it does not reach a service: a pod that restarts.
        Found::Answer { status, .. } => {
            matches!(status, 408 | 425 | 429 | 502..=504) || fault.cause.code == "service-away"
        }
    }
}

/// The pauses between all tries.
pub(super) fn pauses(patience: &Patience) -> impl Iterator<Item = Duration> + use<> {
    ExponentialBuilder::new()
        .with_min_delay(patience.pause)
        .with_max_delay(patience.longest_pause)
        .with_factor(2.0)
        .with_max_times(patience.tries.saturating_sub(1) as usize)
        .build()
}

/// The pause that a `Retry-After` asks for: seconds, or a time.
pub(super) fn after(header: Option<&str>, now: jiff::Timestamp) -> Option<Duration> {
    let header = header?.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    Duration::try_from(at.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Entry, Said, Seen, Service};

    #[test]
    fn only_what_passes_by_itself_is_asked_again() {
        let answer = |status| Found::Answer { status, said: Said::Empty };
        let said = |message: &str| Said::Errors(vec![Entry { message: message.to_owned(), ..Entry::default() }]);
        for (found, again) in [
            (Found::Answer { status: 500, said: said("java.net.ConnectException: Connection refused") }, true),
            (Found::Answer { status: 500, said: said("NullPointerException") }, false),
            (answer(200), false),
            (answer(400), false),
            (answer(401), false),
            (answer(404), false),
            (answer(429), true),
            (answer(500), false),
            (answer(502), true),
            (answer(503), true),
            (Found::NoAnswer(NoAnswer::Refused), true),
            (Found::NoAnswer(NoAnswer::Cut), true),
            (Found::NoAnswer(NoAnswer::TimedOut), false),
            (Found::NoAnswer(NoAnswer::Tls), false),
            (Found::NoAnswer(NoAnswer::Unresolved), false),
            (Found::TooLarge { bytes: 1 }, false),
        ] {
            let seen = Seen {
                service: Service::EgovUser,
                call: String::new(),
                at: String::new(),
                took_ms: 0,
                found: found.clone(),
                between: None,
            };
            assert_eq!(worth(&Fault::from(seen)), again, "{found:?}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_time() {
        let now: jiff::Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
        for (header, pause) in [
            (Some("7"), Some(7)),
            (Some("Tue, 01 Dec 2026 12:00:30 GMT"), Some(30)),
            (Some("Tue, 01 Dec 2026 11:00:00 GMT"), None),
            (Some("soon"), None),
            (None, None),
        ] {
            assert_eq!(after(header, now), pause.map(Duration::from_secs), "{header:?}");
        }
    }

    #[test]
    fn pauses_grow_and_end() {
        let patience = Patience { longest_pause: Duration::from_secs(1), tries: 5, ..Patience::default() };
        let all: Vec<_> = pauses(&patience).map(|p| p.as_millis()).collect();
        assert_eq!(all, [500, 1_000, 1_000, 1_000]);
    }
}
