//! How long steps are expected to take: measured on this computer where there was a run, else a first estimate.

use std::collections::BTreeMap;

use engine::Estimate;
use serde::{Deserialize, Serialize};

/// Seconds that steps took, by `kind:subject`. Newer runs weigh more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Priors {
    measured: BTreeMap<String, f64>,
    /// A rehearsal pulls nothing and goes by a clock of its own.
    #[serde(skip)]
    rehearsal: bool,
}

/// How much a new measurement weighs against what was known.
const WEIGHT: f64 = 0.5;

impl Priors {
    /// What is known of rehearsals.
    pub fn of_rehearsal() -> Self {
        Priors { rehearsal: true, ..Priors::default() }
    }

    /// Takes in what a run measured.
    pub fn learn(&mut self, measured: &BTreeMap<(String, String), f64>) {
        for ((kind, subject), seconds) in measured {
            let known = self.measured.entry(format!("{kind}:{subject}")).or_insert(*seconds);
            *known += WEIGHT * (seconds - *known);
        }
    }

    /// What a step is expected to take.
    pub fn estimate(&self, kind: &str, subject: &str, stage: &str) -> Estimate {
        if let Some(seconds) = self.measured.get(&format!("{kind}:{subject}")) {
            return Estimate { low: tenths(seconds * 0.8), high: tenths(seconds * 1.5 + 2.0), measured: true };
        }
        if self.rehearsal {
            let (low, high) = if kind == "release" { (4.0, 14.0) } else { (0.5, 4.0) };
            return Estimate { low, high, measured: false };
        }
        // First estimates: images have to be downloaded, and DIGIT's probes begin after 30 s.
        let (low, high) = match (kind, stage) {
            ("release", "settings") => (1.0, 5.0),
            ("release", "backbone" | "data") => (60.0, 240.0),
            ("release", "entry" | "frontend") => (20.0, 90.0),
            ("release", _) => (45.0, 180.0),
            ("webhook" | "find" | "hooks", _) => (5.0, 60.0),
            _ => (1.0, 10.0),
        };
        Estimate { low, high, measured: false }
    }
}

/// Tenths of a second: nobody needs more, and a plan that is read back has the same hash only if its figures are short.
pub(crate) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_counts_and_newer_runs_weigh_more() {
        let mut priors = Priors::default();
        assert!(!priors.estimate("release", "a", "core").measured);
        let run = |seconds| BTreeMap::from([(("release".to_owned(), "a".to_owned()), seconds)]);
        priors.learn(&run(10.0));
        priors.learn(&run(20.0));
        let estimate = priors.estimate("release", "a", "core");
        assert!(estimate.measured && estimate.low < 15.0 && estimate.high > 15.0, "{estimate:?}");
    }
}
