//! The steps as a graph: who waits for whom, and what is on the longest way to the end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::error::Error;
use crate::plan::step::Step;

/// Steps by number, in the order of the plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    /// What each must wait for.
    pub(crate) needs: Vec<Vec<usize>>,
    /// Who waits for it.
    pub(crate) dependents: Vec<Vec<usize>>,
    /// Every step after all that it needs, otherwise in the order given.
    pub(crate) order: Vec<usize>,
}

impl Graph {
    pub(crate) fn new(steps: &[Step]) -> Result<Self, Error> {
        let index = index(steps);
        for (n, step) in steps.iter().enumerate() {
            if index[step.id.as_str()] != n {
                return Err(Error::DuplicateStep(step.id.clone()));
            }
            if let Some(need) = step.needs.iter().find(|need| !index.contains_key(need.as_str())) {
                return Err(Error::UnknownNeed { step: step.id.clone(), need: need.clone() });
            }
        }
        let graph = Graph::lenient(steps);
        if graph.order.len() < steps.len() {
            let stuck = (0..steps.len()).filter(|n| !graph.order.contains(n));
            return Err(Error::Circle(stuck.map(|n| steps[n].id.clone()).collect()));
        }
        Ok(graph)
    }

    /// The same for reading: what a journal says is taken as it is, and steps in a circle are left out of the order.
    pub(crate) fn lenient(steps: &[Step]) -> Self {
        let index = index(steps);
        let needs: Vec<Vec<usize>> = steps
            .iter()
            .map(|step| {
                let mut needs: Vec<usize> =
                    step.needs.iter().filter_map(|need| index.get(need.as_str())).copied().collect();
                needs.sort_unstable();
                needs.dedup();
                needs
            })
            .collect();
        Graph::from_needs(needs)
    }

    /// The same, the other way round: for taking things back.
    pub(crate) fn reversed(self) -> Self {
        Graph::from_needs(self.dependents)
    }

    fn from_needs(needs: Vec<Vec<usize>>) -> Self {
        let mut dependents = vec![Vec::new(); needs.len()];
        for (n, of_n) in needs.iter().enumerate() {
            for need in of_n {
                dependents[*need].push(n);
            }
        }
        let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
        let mut free: BinaryHeap<Reverse<usize>> = (0..needs.len()).filter(|n| missing[*n] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(needs.len());
        while let Some(Reverse(next)) = free.pop() {
            order.push(next);
            for dependent in &dependents[next] {
                missing[*dependent] -= 1;
                if missing[*dependent] == 0 {
                    free.push(Reverse(*dependent));
                }
            }
        }
        Graph { needs, dependents, order }
    }

    /// For each step the seconds from its start to the end of everything that waits for it, if nothing is in the way.
    /// Who has the longest way goes first.
    pub(crate) fn ways(&self, seconds: &[f64]) -> Vec<f64> {
        let mut ways = seconds.to_vec();
        for n in self.order.iter().rev() {
            let after = self.dependents[*n].iter().map(|d| ways[*d]).fold(0.0, f64::max);
            ways[*n] += after;
        }
        ways
    }
}

/// Steps so sorted that each stands after all it needs, otherwise in the order given. A need that no step fulfils is
/// dropped: what is not part of a plan cannot be waited for.
pub fn in_order(mut steps: Vec<Step>) -> Result<Vec<Step>, Error> {
    let ids: BTreeSet<String> = steps.iter().map(|step| step.id.clone()).collect();
    for step in &mut steps {
        step.needs.retain(|need| ids.contains(need) && *need != step.id);
        step.needs.sort();
        step.needs.dedup();
    }
    let order = Graph::new(&steps)?.order;
    let mut steps: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|n| steps[n].take()).collect())
}

fn index(steps: &[Step]) -> BTreeMap<&str, usize> {
    // The first of two with the same id stays.
    steps.iter().enumerate().rev().map(|(n, step)| (step.id.as_str(), n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::step::Estimate;

    fn step(id: &str, needs: &[&str]) -> Step {
        Step {
            id: id.to_owned(),
            kind: "release".to_owned(),
            subject: id.to_owned(),
            stage: "s".to_owned(),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            estimate: Estimate { low: 1.0, high: 1.0, measured: false },
            changes: Vec::new(),
            content: None,
            counted: false,
            cost: None,
        }
    }

    #[test]
    fn what_cannot_be_ordered_is_refused() {
        let code = |steps: &[Step]| Graph::new(steps).err().map(|e| e.code());
        assert_eq!(code(&[step("a", &[]), step("b", &["a", "a"])]), None);
        assert_eq!(code(&[step("a", &[]), step("a", &[])]), Some("duplicate-step"));
        assert_eq!(code(&[step("a", &["b"])]), Some("unknown-need"));
        assert_eq!(code(&[step("a", &["a"])]), Some("steps-in-a-circle"));
        match Graph::new(&[step("a", &["c"]), step("b", &["a"]), step("c", &["b"]), step("d", &[])]) {
            Err(Error::Circle(ids)) => assert_eq!(ids, ["a", "b", "c"]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_step_stands_after_what_it_needs_and_otherwise_where_it_was() {
        type Given<'a> = &'a [(&'a str, &'a [&'a str])];
        let cases: [(Given<'_>, &[&str]); 5] = [
            (&[("a", &[]), ("b", &[])], &["a", "b"]),
            (&[("a", &["b"]), ("b", &[])], &["b", "a"]),
            (&[("a", &["c", "b"]), ("b", &["c"]), ("c", &[]), ("d", &[])], &["c", "b", "a", "d"]),
            (&[("a", &[]), ("b", &["a"]), ("c", &[]), ("d", &["a"])], &["a", "b", "c", "d"]),
            (&[("a", &["gone", "a"])], &["a"]),
        ];
        for (given, wanted) in cases {
            let steps = given.iter().map(|(id, needs)| step(id, needs)).collect();
            let out: Vec<String> = in_order(steps).unwrap().into_iter().map(|s| s.id).collect();
            assert_eq!(out, wanted);
        }
        let circle = in_order(vec![step("a", &["b"]), step("b", &["a"]), step("c", &["a"])]);
        assert_eq!(circle.unwrap_err().code(), "steps-in-a-circle");
    }

    #[test]
    fn the_longest_way_counts_everything_behind_it() {
        let graph = Graph::new(&[step("a", &[]), step("b", &["a"]), step("c", &["a"]), step("d", &["c"])]).unwrap();
        assert_eq!(graph.ways(&[1.0, 5.0, 2.0, 2.0]), [6.0, 5.0, 4.0, 2.0]);
        assert_eq!(graph.reversed().ways(&[1.0, 5.0, 2.0, 2.0]), [1.0, 6.0, 3.0, 5.0]);
    }
}
