//! How long steps are expected to take: as it was measured in the same cluster where there was a run, else a first estimate.

use std::collections::{BTreeMap, BTreeSet};

use engine::Estimate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long steps took, by the cluster they ran in. What one cluster needs says nothing about another one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Priors {
    /// By the cluster's UID.
    #[serde(default)]
    clusters: BTreeMap<String, Measured>,
}

/// What was measured in one cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Measured {
    /// When the newest run ended.
    at: Timestamp,
    /// By `kind:subject`.
    steps: BTreeMap<String, Took>,
}

/// How long a step took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Took {
    /// Newer runs weigh more.
    pub(super) seconds: f64,
    /// Whether images may have been downloaded in that time.
    pub(super) downloading: bool,
}

/// How much a new measurement weighs against what was known.
const WEIGHT: f64 = 0.5;

/// So many clusters are remembered, the newest.
const CLUSTERS: usize = 12;

impl Priors {
    /// Takes in what a run measured that ended `at` a time. `downloading`: the services whose images had to be downloaded.
    pub fn learn(
        &mut self,
        cluster: &str,
        measured: &BTreeMap<(String, String), f64>,
        downloading: &BTreeSet<String>,
        at: Timestamp,
    ) {
        let known = self.clusters.entry(cluster.to_owned()).or_default();
        known.at = at;
        for ((kind, subject), seconds) in measured {
            let new = Took { seconds: *seconds, downloading: downloading.contains(subject) };
            let took = known.steps.entry(format!("{kind}:{subject}")).or_insert(new);
            // A run that downloads and one that does not are not of one kind.
            let before = if took.downloading == new.downloading { took.seconds } else { new.seconds };
            *took = Took { seconds: before + WEIGHT * (new.seconds - before), ..new };
        }
        while self.clusters.len() > CLUSTERS {
            let oldest = self.clusters.iter().min_by_key(|(_, measured)| measured.at).map(|(uid, _)| uid.clone());
            self.clusters.remove(&oldest.unwrap_or_default());
        }
    }

    /// What a step took in a cluster.
    pub(super) fn took(&self, cluster: &str, kind: &str, subject: &str) -> Option<Took> {
        self.clusters.get(cluster)?.steps.get(&format!("{kind}:{subject}")).copied()
    }
}

/// What is expected of what took so long before, under the same circumstances.
pub(super) fn measured(seconds: f64) -> Estimate {
    Estimate { low: tenths(seconds * 0.8), high: tenths(seconds * 1.5 + 2.0), measured: true }
}

/// What a step that finds everything as wanted takes.
pub(super) const A_LOOK: Estimate = Estimate { low: 0.2, high: 3.0, measured: false };

/// What is expected of a step that nobody has measured, without what it downloads.
pub(crate) fn first(kind: &str, stage: &str, is_rehearsal: bool) -> Estimate {
    let (low, high) = match (kind, stage) {
        ("release", _) if is_rehearsal => (4.0, 14.0),
        _ if is_rehearsal => (0.5, 4.0),
        ("release", "settings") => (1.0, 5.0),
        // DIGIT's probes begin after 30 s, and its services prepare their database before they start.
        ("release", "backbone" | "data") => (30.0, 150.0),
        ("release", "entry" | "frontend") => (10.0, 45.0),
        ("release", _) => (25.0, 120.0),
        ("webhook" | "find" | "hooks", _) => (5.0, 60.0),
        _ => (1.0, 10.0),
    };
    Estimate { low, high, measured: false }
}

/// Tenths of a second: nobody needs more, and a plan that is read back has the same hash only if its figures are short.
pub(crate) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn run(seconds: f64) -> BTreeMap<(String, String), f64> {
        BTreeMap::from([(("release".to_owned(), "a".to_owned()), seconds)])
    }

    #[test]
    fn newer_runs_weigh_more_and_what_downloads_is_measured_apart() {
        let mut priors = Priors::default();
        let mut learn = |seconds, downloading: &[&str]| {
            let downloading = downloading.iter().map(ToString::to_string).collect();
            priors.learn("c", &run(seconds), &downloading, at(1));
            let took = priors.took("c", "release", "a").unwrap();
            (took.seconds, took.downloading)
        };
        assert_eq!(learn(100.0, &["a"]), (100.0, true));
        assert_eq!(learn(200.0, &["a"]), (150.0, true));
        // The second time nothing had to be downloaded: what it took before says nothing about that.
        assert_eq!(learn(20.0, &["b"]), (20.0, false));
        assert_eq!(learn(30.0, &[]), (25.0, false));
    }

    #[test]
    fn a_cluster_says_nothing_about_another_one_and_the_newest_are_kept() {
        let mut priors = Priors::default();
        for n in 0..20 {
            priors.learn(&format!("c{n}"), &run(10.0), &BTreeSet::new(), at(100 - n));
        }
        priors.learn("c19", &run(10.0), &BTreeSet::new(), at(200));
        let known: Vec<i64> = (0..20).filter(|n| priors.took(&format!("c{n}"), "release", "a").is_some()).collect();
        assert_eq!(known, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19]);
        priors.learn("new", &run(10.0), &BTreeSet::new(), at(201));
        assert!(priors.took("new", "release", "a").is_some() && priors.took("c10", "release", "a").is_none());
        assert!(priors.took("new", "release", "b").is_none() && priors.took("other", "release", "a").is_none());
    }

    #[test]
    fn what_an_older_version_kept_of_no_cluster_in_particular_is_not_taken_for_any() {
        let old: Priors = serde_json::from_str(r#"{"measured":{"release:a":3.0}}"#).unwrap();
        assert_eq!(old, Priors::default());
    }
}
