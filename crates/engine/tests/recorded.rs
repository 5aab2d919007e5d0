//! What was foretold while real runs went on, against what came: journals that `digit install` wrote on real control planes, with
//! what stood around them. [`RUNS`] says how good the foretelling has to be; it is no better than the first figures of a plan are.

#![allow(clippy::unwrap_used)]

use engine::*;
use jiff::SignedDuration;

/// One recorded run and how well it has to be foretold.
struct Recorded {
    /// Which file, and what went on.
    name: &'static str,
    journal: &'static str,
    /// How many of a hundred moments at least lie within what was foretold then.
    within: usize,
}

macro_rules! recorded {
    ($name:literal, $within:literal) => {
        Recorded { name: $name, journal: include_str!(concat!("recorded/", $name, ".jsonl")), within: $within }
    };
}

/// DIGIT v2.9.2 with one module, 38 services, on machines that a fake kubelet plays.
const RUNS: [Recorded; 2] = [
    // No image is there: pods wait for theirs for 20 to 100 s and get ready 25 s later. Nothing was measured before.
    recorded!("slow-images", 85),
    // The domain changes where everything stands; what it took the first time was measured. The journal holds both runs.
    recorded!("change-of-domain", 90),
];

/// What was foretold of one moment.
struct Told {
    left: f64,
    eta: EtaRange,
}

/// The newest run of a journal, at a hundred moments of its work, evenly spread.
fn moments(journal: &str) -> Vec<Told> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    std::fs::write(&path, journal).unwrap();
    let events = read(&path).unwrap();
    let begun = events.iter().rposition(|event| matches!(event.what, What::RunStarted { .. })).unwrap();
    let (from, to) = (events[begun].at, events.last().unwrap().at);
    let whole = to.duration_since(from).as_secs_f64();
    let moment = |n: u32| {
        let at = from + SignedDuration::from_secs_f64(whole * f64::from(n) / 100.0);
        let until = events.partition_point(|event| event.at <= at).max(begun + 1);
        let eta = fold(&events[..until], at).eta?;
        Some(Told { left: to.duration_since(at).as_secs_f64(), eta })
    };
    (0..100).filter_map(moment).collect()
}

#[test]
fn what_came_lies_within_what_was_foretold() {
    let mut table = String::new();
    for run in RUNS {
        let told = moments(run.journal);
        let first = &told[0];
        let is_within = |told: &&Told| told.eta.low <= told.left && told.left <= told.eta.high;
        let within = told.iter().filter(is_within).count() * 100 / told.len();
        let most = told.iter().map(|told| told.eta.high).fold(0.0, f64::max);
        table += &format!(
            "{:<28} took {:>4.0} s; first {:>4.0} to {:>4.0}; at most {:>4.0}; within at {within} of 100 moments\n",
            run.name, first.left, first.eta.low, first.eta.high, most
        );
        assert!(is_within(&first), "{} took {} s, and {:?} was foretold", run.name, first.left, first.eta);
        assert!(within >= run.within, "{}: within at {within} of 100 moments", run.name);
        for told in &told {
            assert!(told.eta.high > told.eta.low, "{}: no range any more: {:?}", run.name, told.eta);
        }
        // The more is done, the more is known.
        let wide = |told: &Told| told.eta.high / told.eta.low.max(1.0);
        let late = &told[told.len() * 3 / 4];
        assert!(wide(late) < 5.0, "{}: {:?} at three quarters", run.name, late.eta);
        // It neither jumps up nor grows without end.
        assert!(most <= first.eta.high * 1.5, "{}: {most} s were foretold, {} s at first", run.name, first.eta.high);
    }
    println!("{table}");
}
