//! Whether DIGIT's charts were tried on a version of Kubernetes. Pure.

use engine::Cause;

use super::verdict::Verdict;

/// Versions of Kubernetes that DIGIT's charts were tried on, as minor versions.
const TRIED: std::ops::RangeInclusive<u32> = 29..=36;

/// Before this one, kinds and ways of asking that every plan uses were not there or not settled (`autoscaling/v2` came with it).
const OLDEST: u32 = 23;

/// Kubernetes takes APIs away after nine months or three versions at the earliest: twice as many are too far to guess.
const NEWEST: u32 = *TRIED.end() + 6;

/// Major and minor: `v1.36.3` → 1, 36.
fn parts(version: &str) -> Option<(u32, u32)> {
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    let mut parts = version.trim_start_matches('v').split('.');
    Some((digits(parts.next()?)?, digits(parts.next()?)?))
}

pub(super) fn version(version: &str) -> Verdict {
    let cause = |code: &'static str| {
        let tried = format!("1.{}", TRIED.start());
        Cause::new(code).with("version", version).with("from", tried).with("to", format!("1.{}", TRIED.end()))
    };
    match parts(version) {
        Some((1, minor)) if TRIED.contains(&minor) => Verdict::Passed,
        Some((0, _)) => Verdict::Short(cause("check-version-old")),
        Some((1, minor)) if minor < OLDEST => Verdict::Short(cause("check-version-old")),
        Some((major, minor)) if major > 1 || minor > NEWEST => Verdict::Short(cause("check-version-new")),
        _ => Verdict::TakeNote(cause("check-version")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::verdict::testing::{code, kind};

    #[test]
    fn versions_that_were_not_tried_are_a_note_and_those_far_away_a_choice() {
        for (given, wanted, how) in [
            ("v1.36.3", "passed", "passed"),
            ("1.29.0+k3s1", "passed", "passed"),
            ("v1.34-eks", "passed", "passed"),
            ("v1.34+", "passed", "passed"),
            ("v1.28.9", "check-version", "note"),
            ("v1.27.16", "check-version", "note"),
            ("v1.23.0-rc.1+rke2r1", "check-version", "note"),
            ("v1.37.0", "check-version", "note"),
            ("v1.42.0", "check-version", "note"),
            ("v1.22.17", "check-version-old", "short"),
            ("v1.9.0", "check-version-old", "short"),
            ("v0.21.4", "check-version-old", "short"),
            ("v1.43.0", "check-version-new", "short"),
            ("v2.0.0", "check-version-new", "short"),
            ("unknown", "check-version", "note"),
            ("", "check-version", "note"),
            ("v1", "check-version", "note"),
            ("v1.99999999999", "check-version", "note"),
        ] {
            let verdict = version(given);
            assert_eq!((kind(&verdict), code(&verdict)), (how, wanted.to_owned()), "{given}");
        }
    }
}
