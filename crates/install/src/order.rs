//! In what order steps run: pure.

use std::collections::{BTreeMap, BTreeSet};

use engine::Step;

use crate::error::Error;

/// Steps so sorted that each stands after all it needs, otherwise in the order given. A need that no step fulfils is
/// dropped: what is not part of the plan cannot be waited for.
pub(crate) fn sorted(steps: Vec<Step>) -> Result<Vec<Step>, Error> {
    let ids: BTreeSet<String> = steps.iter().map(|s| s.id.clone()).collect();
    let mut waiting: Vec<Step> = steps;
    for step in &mut waiting {
        step.needs.retain(|n| ids.contains(n) && *n != step.id);
        step.needs.sort();
        step.needs.dedup();
    }
    let mut done = BTreeSet::new();
    let mut out = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let Some(next) = waiting.iter().position(|s| s.needs.iter().all(|n| done.contains(n))) else {
            return Err(Error::Circle { steps: waiting.into_iter().map(|s| s.id).collect() });
        };
        let step = waiting.remove(next);
        done.insert(step.id.clone());
        out.push(step);
    }
    Ok(out)
}

/// The longest way through the steps, in seconds: how long they take if enough of them run side by side.
pub(crate) fn longest(steps: &[Step], seconds: impl Fn(&Step) -> f64) -> f64 {
    let mut end: BTreeMap<&str, f64> = BTreeMap::new();
    let mut longest = 0.0_f64;
    for step in steps {
        let begin = step.needs.iter().filter_map(|n| end.get(n.as_str())).fold(0.0_f64, |a, b| a.max(*b));
        let at = begin + seconds(step);
        longest = longest.max(at);
        end.insert(&step.id, at);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Estimate;

    fn step(id: &str, needs: &[&str]) -> Step {
        Step {
            id: id.to_owned(),
            kind: "release".to_owned(),
            subject: id.to_owned(),
            stage: "core".to_owned(),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            estimate: Estimate { low: 10.0, high: 20.0, measured: false },
            changes: Vec::new(),
        }
    }

    #[test]
    fn every_step_stands_after_what_it_needs() {
        type Given<'a> = &'a [(&'a str, &'a [&'a str])];
        let cases: [(Given<'_>, &[&str]); 4] = [
            (&[("a", &[]), ("b", &[])], &["a", "b"]),
            (&[("a", &["b"]), ("b", &[])], &["b", "a"]),
            (&[("a", &["c", "b"]), ("b", &["c"]), ("c", &[]), ("d", &[])], &["c", "b", "a", "d"]),
            (&[("a", &["gone", "a"])], &["a"]),
        ];
        for (given, wanted) in cases {
            let steps = given.iter().map(|(id, needs)| step(id, needs)).collect();
            let out: Vec<String> = sorted(steps).unwrap().into_iter().map(|s| s.id).collect();
            assert_eq!(out, wanted);
        }
    }

    #[test]
    fn a_circle_is_named() {
        let error = sorted(vec![step("a", &["b"]), step("b", &["a"]), step("c", &[])]).unwrap_err();
        assert!(matches!(error, Error::Circle { steps } if steps == ["a", "b"]));
    }

    #[test]
    fn the_longest_way_counts_what_runs_side_by_side_once() {
        let steps = sorted(vec![step("a", &[]), step("b", &["a"]), step("c", &["a"]), step("d", &["b", "c"])]).unwrap();
        assert!((longest(&steps, |s| s.estimate.low) - 30.0).abs() < 1e-9);
    }
}
