//! How long a run waits for something that only a person can do.

use std::io::IsTerminal as _;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

/// How long to wait where nobody can see what is needed: long enough to be called and to sign in again, short enough that
/// a nightly job ends in the same night.
const NOBODY_THERE: Duration = Duration::from_mins(15);

/// For how long a run waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Until somebody comes.
    Forever,
    /// For so long, then it stops at a safe point.
    For(Duration),
}

impl FromStr for Patience {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "forever" {
            return Ok(Patience::Forever);
        }
        let length: SignedDuration = text.parse().map_err(|_| "write it like 90s, 15m, 2h or forever".to_owned())?;
        Duration::try_from(length).map(Patience::For).map_err(|_| "it cannot be less than nothing".to_owned())
    }
}

/// What this program is connected to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminals {
    /// Whether somebody could type.
    input: bool,
    /// Whether somebody reads either output.
    output: bool,
}

impl Terminals {
    pub(crate) fn of_this_program() -> Self {
        let output = std::io::stdout().is_terminal() || std::io::stderr().is_terminal();
        Terminals { input: std::io::stdin().is_terminal(), output }
    }
}

impl Patience {
    /// As it was asked for; else without end where a person sits at a terminal.
    pub(crate) fn of(asked: Option<Patience>, terminals: Terminals) -> Self {
        match (asked, terminals) {
            (Some(asked), _) => asked,
            (None, Terminals { input: true, output: true }) => Patience::Forever,
            (None, _) => Patience::For(NOBODY_THERE),
        }
    }

    /// Whether it is at its end, when a person has been needed for so long; none: nobody is needed.
    pub(crate) fn is_over(self, needed_for: Option<Duration>) -> bool {
        match (self, needed_for) {
            (Patience::For(length), Some(needed_for)) => needed_for >= length,
            (Patience::Forever, _) | (_, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_in_words_that_people_use() {
        for (text, wanted) in [
            ("forever", Some(Patience::Forever)),
            ("15m", Some(Patience::For(Duration::from_mins(15)))),
            ("90s", Some(Patience::For(Duration::from_secs(90)))),
            ("1h 30m", Some(Patience::For(Duration::from_mins(90)))),
            ("0s", Some(Patience::For(Duration::ZERO))),
            ("-1m", None),
            ("15", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(text.parse().ok(), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_person_at_a_terminal_is_waited_for_without_end_and_nobody_for_a_quarter_of_an_hour() {
        let quarter = Patience::For(Duration::from_mins(15));
        let asked = Patience::For(Duration::from_secs(1));
        for (given, input, output, wanted) in [
            (None, true, true, Patience::Forever),
            (None, true, false, quarter),
            (None, false, true, quarter),
            (None, false, false, quarter),
            (Some(asked), true, true, asked),
            (Some(asked), false, false, asked),
            (Some(Patience::Forever), false, false, Patience::Forever),
        ] {
            assert_eq!(Patience::of(given, Terminals { input, output }), wanted, "{given:?} {input} {output}");
        }
    }

    #[test]
    fn it_ends_when_a_person_was_needed_for_that_long() {
        let minute = Patience::For(Duration::from_mins(1));
        for (patience, needed_for, over) in [
            (minute, None, false),
            (minute, Some(59), false),
            (minute, Some(60), true),
            (minute, Some(3600), true),
            (Patience::For(Duration::ZERO), None, false),
            (Patience::For(Duration::ZERO), Some(0), true),
            (Patience::Forever, Some(1_000_000), false),
        ] {
            assert_eq!(patience.is_over(needed_for.map(Duration::from_secs)), over, "{patience:?} {needed_for:?}");
        }
    }
}
