//! How long it will still take: the steps that are left, laid out on the hands there are, once with the quick figures
//! and once with the slow ones.

use crate::plan::graph::Graph;
use crate::plan::step::Estimate;
use crate::report::shape::EtaRange;

/// What is left of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Left {
    /// It is done, or not asked for.
    Nothing,
    /// It has not begun.
    All,
    /// It has been under way for so many seconds, and is that far (0 to 1) if it says so.
    Part { spent: f64, progressed: Option<f64> },
    /// It will not be done in this run.
    Never,
}

/// Seconds of agreement that the estimates are credited with, so that one quick first step does not promise too much.
const CREDIT: f64 = 60.0;

/// Time left. `acted`: seconds that steps really took in this report, where they did.
pub(crate) fn range(
    graph: &Graph,
    estimates: &[Estimate],
    acted: &[Option<f64>],
    left: &[Left],
    parallel: usize,
) -> EtaRange {
    let done = || acted.iter().zip(estimates).filter_map(|(took, e)| Some(((*took)?, e.midpoint())));
    let took: f64 = done().map(|(took, _)| took).sum();
    let foreseen: f64 = done().map(|(_, foreseen)| foreseen).sum();
    let pace = ((took + CREDIT) / (foreseen + CREDIT)).clamp(0.2, 5.0);
    let end = |pick: fn(&Estimate) -> f64| {
        let seconds: Vec<f64> = estimates.iter().zip(left).map(|(e, l)| remaining(pick(e) * pace, *l)).collect();
        lay_out(graph, &seconds, left, parallel)
    };
    let low = end(|e| e.low.min(e.high).max(0.0));
    let high = end(|e| e.high.max(e.low).max(0.0)).max(low);
    let mut open = estimates.iter().zip(left).filter(|(_, l)| matches!(l, Left::All | Left::Part { .. })).peekable();
    let all: f64 = estimates.iter().map(Estimate::midpoint).sum();
    let known_before = open.peek().is_some() && open.all(|(e, _)| e.measured);
    EtaRange { low, high, measured: known_before || (foreseen > 0.0 && foreseen >= all / 4.0) }
}

fn remaining(foreseen: f64, left: Left) -> f64 {
    match left {
        Left::Nothing | Left::Never => 0.0,
        Left::All => foreseen,
        Left::Part { spent, progressed: Some(part) } if part > 0.2 => {
            // It tells itself how fast it is; the estimate counts as much as is left of it.
            let own_pace = spent * (1.0 - part) / part;
            own_pace * part + (foreseen * (1.0 - part)) * (1.0 - part)
        }
        // Over its time, it needs a little more of what it has taken.
        Left::Part { spent, .. } if spent > foreseen => spent / 10.0,
        Left::Part { spent, .. } => foreseen - spent,
    }
}

/// The end of the last step, when each goes to the first free hand as soon as what it needs is done, longest way first.
fn lay_out(graph: &Graph, seconds: &[f64], left: &[Left], parallel: usize) -> f64 {
    let ways = graph.ways(seconds);
    let mut missing: Vec<usize> = graph.needs.iter().map(Vec::len).collect();
    let mut busy: Vec<(f64, usize)> = Vec::new();
    let mut ready: Vec<usize> = Vec::new();
    let mut finished: Vec<usize> = Vec::new();
    let mut now = 0.0;
    for n in &graph.order {
        match left[*n] {
            Left::Nothing => finished.push(*n),
            Left::Part { .. } => busy.push((seconds[*n], *n)),
            Left::All if missing[*n] == 0 => ready.push(*n),
            Left::All | Left::Never => {}
        }
    }
    loop {
        while let Some(n) = finished.pop() {
            for d in &graph.dependents[n] {
                missing[*d] -= 1;
                if missing[*d] == 0 && left[*d] == Left::All {
                    ready.push(*d);
                }
            }
        }
        ready.sort_by(|a, b| ways[*a].total_cmp(&ways[*b]).then(b.cmp(a)));
        while busy.len() < parallel.max(1) {
            let Some(n) = ready.pop() else { break };
            busy.push((now + seconds[n], n));
        }
        let Some(first) = (0..busy.len()).min_by(|a, b| busy[*a].0.total_cmp(&busy[*b].0)) else { return now };
        let (end, n) = busy.swap_remove(first);
        now = end.max(now);
        finished.push(n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::step::Step;

    fn graph(needs: &[&[usize]]) -> Graph {
        let steps: Vec<Step> = needs
            .iter()
            .enumerate()
            .map(|(n, needs)| Step {
                id: n.to_string(),
                kind: String::new(),
                subject: String::new(),
                stage: String::new(),
                needs: needs.iter().map(ToString::to_string).collect(),
                estimate: Estimate { low: 0.0, high: 0.0, measured: false },
                changes: Vec::new(),
                counted: false,
                cost: None,
            })
            .collect();
        Graph::new(&steps).unwrap()
    }

    #[test]
    fn hands_and_needs_both_bind() {
        let free = graph(&[&[], &[], &[], &[]]);
        let ten = [10.0; 4];
        for (parallel, end) in [(1, 40.0), (2, 20.0), (3, 20.0), (4, 10.0)] {
            assert_eq!(lay_out(&free, &ten, &[Left::All; 4], parallel), end, "{parallel} hands");
        }
        let chain = graph(&[&[], &[0], &[1], &[]]);
        assert_eq!(lay_out(&chain, &ten, &[Left::All; 4], 4), 30.0);
        // The first is done, the second will never be: what waits for it takes no time, the other does.
        assert_eq!(lay_out(&chain, &ten, &[Left::Nothing, Left::Never, Left::All, Left::All], 4), 10.0);
    }

    #[test]
    fn what_was_measured_moves_what_is_left() {
        let graph = graph(&[&[], &[0]]);
        let e = Estimate { low: 100.0, high: 300.0, measured: false };
        let eta = |took| range(&graph, &[e, e], &[took, None], &[Left::Nothing, Left::All], 2);
        let first = eta(None);
        assert_eq!((first.low, first.high, first.measured), (100.0, 300.0, false));
        let slow = eta(Some(460.0));
        assert_eq!((slow.low, slow.high, slow.measured), (200.0, 600.0, true));
        let quick = eta(Some(70.0));
        assert!(quick.high < first.high && quick.low < first.low);
    }

    #[test]
    fn a_step_under_way_has_less_left() {
        let part = |spent, progressed| remaining(100.0, Left::Part { spent, progressed });
        assert_eq!(part(30.0, None), 70.0);
        assert_eq!(part(200.0, None), 20.0);
        assert_eq!(part(100.0, Some(0.5)), 75.0);
        assert_eq!(part(80.0, Some(1.0)), 0.0);
    }
}
