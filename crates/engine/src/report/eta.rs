//! How long it will still take: the steps that are left, laid out on the hands there are, once with the quick figures
//! and once with the slow ones. It stays a range until the end, and no step that hangs lets it grow without end.

use crate::plan::graph::Graph;
use crate::plan::step::{Estimate, Step};
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

/// The estimates are credited with agreement worth this part of the whole, so that a quick first step does not promise too much.
const CREDIT: f64 = 0.05;
/// And with at least so many seconds.
const LEAST_CREDIT: f64 = 10.0;
/// The most that steps are taken to be quicker or slower than was thought.
const PACES: (f64, f64) = (0.05, 10.0);
/// How far to both sides of its middle the range still reaches when nearly everything is known: by this factor.
const SPREAD: f64 = 1.7;
/// A range reaches no further down than this part of its upper end.
const WIDEST: f64 = 0.01;
/// A step that is over its time may need this part of its slow figure once more, however long it has taken.
const OVERDUE: f64 = 0.25;
/// How far a step is counted in the pace before it is done: as if it had taken so many times its slow figure at most.
const SLOW_AT_MOST: f64 = 2.0;
/// How far off a step may be that says itself how far it is, to both sides.
const OWN_PACE: (f64, f64) = (0.7, 1.5);
/// So far a step has to be until what it says tells how fast it is.
const TELLING: f64 = 0.2;

/// Time that all these steps take.
pub fn expected(steps: &[Step], parallel: usize) -> EtaRange {
    let estimates: Vec<Estimate> = steps.iter().map(|step| step.estimate).collect();
    let none = vec![None; steps.len()];
    range(&Graph::lenient(steps), &estimates, &none, &vec![Left::All; steps.len()], parallel)
}

/// Time left. `acted`: seconds that steps really took in this report, where they did.
pub(crate) fn range(
    graph: &Graph,
    estimates: &[Estimate],
    acted: &[Option<f64>],
    left: &[Left],
    parallel: usize,
) -> EtaRange {
    let all: f64 = estimates.iter().map(typical).sum();
    let done = || acted.iter().zip(estimates).filter_map(|(took, e)| Some(((*took)?, e)));
    let late = || left.iter().zip(estimates).filter_map(|(left, e)| Some((late(*left, e)?, e)));
    let took: f64 = done().chain(late()).map(|(took, _)| took).sum();
    let foreseen: f64 = done().chain(late()).map(|(_, e)| typical(e)).sum();
    let seen: f64 = done().map(|(_, e)| typical(e)).sum();
    let credit = LEAST_CREDIT.max(all * CREDIT);
    let learned = Learned {
        pace: ((took + credit) / (foreseen + credit)).clamp(PACES.0, PACES.1),
        known: if all > 0.0 { seen / all } else { 0.0 },
    };
    let ends: Vec<(f64, f64)> = estimates.iter().zip(left).map(|(e, left)| remaining(e, &learned, *left)).collect();
    let end = |pick: fn(&(f64, f64)) -> f64| {
        let seconds: Vec<f64> = ends.iter().map(pick).collect();
        lay_out(graph, &seconds, left, parallel)
    };
    let low = end(|(low, _)| *low);
    let high = end(|(_, high)| *high).max(low);
    let mut open = estimates.iter().zip(left).filter(|(_, l)| matches!(l, Left::All | Left::Part { .. })).peekable();
    let known_before = open.peek().is_some() && open.all(|(e, _)| e.measured);
    EtaRange { low, high, measured: known_before || (seen > 0.0 && seen >= all / 4.0) }
}

/// What the steps that were carried out tell about the others.
struct Learned {
    /// How many times as long as was thought they took.
    pace: f64,
    /// What part of the whole they are, 0 to 1.
    known: f64,
}

/// What a step that is over its time adds to the pace.
fn late(left: Left, estimate: &Estimate) -> Option<f64> {
    match left {
        Left::Part { spent, .. } if spent > typical(estimate) => Some(spent.min(SLOW_AT_MOST * slow(estimate))),
        _ => None,
    }
}

fn slow(estimate: &Estimate) -> f64 {
    estimate.high.max(estimate.low).max(0.0)
}

fn quick(estimate: &Estimate) -> f64 {
    estimate.low.min(estimate.high).max(slow(estimate) * WIDEST)
}

/// The middle of a range whose ends are as far off by the same factor.
fn typical(estimate: &Estimate) -> f64 {
    (quick(estimate) * slow(estimate)).sqrt()
}

/// Seconds that are left of a step, if it goes quickly and if it goes slowly. The more is known, the nearer the two are.
fn remaining(estimate: &Estimate, learned: &Learned, left: Left) -> (f64, f64) {
    let middle = typical(estimate) * learned.pace;
    let wide = if quick(estimate) > 0.0 { (slow(estimate) / quick(estimate)).sqrt() } else { 1.0 };
    let spread = wide.powf(1.0 - learned.known) * SPREAD.min(wide).powf(learned.known);
    let (low, high) = (middle / spread, middle * spread);
    match left {
        Left::Nothing | Left::Never => (0.0, 0.0),
        Left::All => (low, high),
        Left::Part { spent, progressed: Some(part) } if part > TELLING => {
            // It tells itself how fast it is; the estimate counts as much as is left of it.
            let own = (spent * (1.0 - part) / part).min(SLOW_AT_MOST * high);
            let both = |foreseen: f64, off: f64| own * off * part + foreseen * (1.0 - part) * (1.0 - part);
            (both(low, OWN_PACE.0), both(high, OWN_PACE.1))
        }
        Left::Part { spent, .. } => ((low - spent).max(0.0), (high - spent).max(high * OVERDUE)),
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
    use proptest::prelude::*;

    use super::*;

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
                content: None,
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

    const HUNDRED: Estimate = Estimate { low: 100.0, high: 300.0, measured: false };

    #[test]
    fn what_was_measured_moves_what_is_left_and_narrows_it() {
        let graph = graph(&[&[], &[0]]);
        let eta = |took| range(&graph, &[HUNDRED, HUNDRED], &[took, None], &[Left::Nothing, Left::All], 2);
        let near = |a: f64, b: f64| (a - b).abs() < 0.5;
        let first = eta(None);
        assert!(near(first.low, 100.0) && near(first.high, 300.0) && !first.measured, "{first:?}");
        // 173 s were thought, 17 s of agreement are credited; half of the whole is known.
        for (took, low, high) in [(480.0, 263.5, 775.8), (173.2, 100.9, 297.2), (60.0, 41.0, 120.6)] {
            let eta = eta(Some(took));
            assert!(near(eta.low, low) && near(eta.high, high) && eta.measured, "{took}: {eta:?}");
            assert!(eta.high / eta.low < 2.95);
        }
    }

    #[test]
    fn a_step_under_way_has_less_left() {
        for (spent, progressed, expected) in [
            (30.0, None, (70.0, 270.0)),
            // Over its quick figure, it may be done at any moment; over the slow one, it may need a little more.
            (150.0, None, (0.0, 150.0)),
            (290.0, None, (0.0, 75.0)),
            (9000.0, None, (0.0, 75.0)),
            // Half done in 100 s: 100 s more, or what was thought.
            (100.0, Some(0.5), (60.0, 150.0)),
            (80.0, Some(1.0), (0.0, 0.0)),
            // It hangs at half: what it says does not count for more than twice what was thought.
            (9000.0, Some(0.5), (235.0, 525.0)),
            // Hardly begun: it says nothing yet.
            (30.0, Some(0.1), (70.0, 270.0)),
        ] {
            let (low, high) = remaining(&HUNDRED, &Learned { pace: 1.0, known: 0.0 }, Left::Part { spent, progressed });
            let near = |a: f64, b: f64| (a - b).abs() < 0.01;
            assert!(near(low, expected.0) && near(high, expected.1), "{spent} {progressed:?}: {low} to {high}");
        }
    }

    #[test]
    fn what_is_expected_of_a_plan_knows_its_hands() {
        let step = |n: usize, needs: &[usize]| Step {
            id: n.to_string(),
            kind: String::new(),
            subject: String::new(),
            stage: String::new(),
            needs: needs.iter().map(ToString::to_string).collect(),
            estimate: Estimate { measured: n > 0, ..HUNDRED },
            changes: Vec::new(),
            content: None,
            counted: false,
            cost: None,
        };
        let steps = [step(0, &[]), step(1, &[]), step(2, &[0])];
        let ends = |parallel| expected(&steps, parallel);
        let whole = |parallel| (ends(parallel).low.round(), ends(parallel).high.round(), ends(parallel).measured);
        assert_eq!(whole(2), (200.0, 600.0, false));
        assert_eq!(whole(1), (300.0, 900.0, false));
        assert!(expected(&steps[1..2], 1).measured);
    }

    fn any_left() -> impl Strategy<Value = Left> {
        prop_oneof![
            Just(Left::Nothing),
            Just(Left::All),
            Just(Left::Never),
            (0.0..1e7, proptest::option::of(0.0..0.99))
                .prop_map(|(spent, progressed)| Left::Part { spent, progressed }),
        ]
    }

    proptest! {
        /// Whatever hangs and however long: while anything is open the range is one, and it has an end.
        #[test]
        fn it_stays_a_range_and_has_an_end(
            steps in proptest::collection::vec((1.0..600.0, 1.2..5.0, any_left(), proptest::option::of(0.0..1e6)), 1..12),
            parallel in 1_usize..24,
        ) {
            let needs: Vec<Vec<usize>> = (0..steps.len()).map(|n| (n > 0 && n % 2 == 0).then(|| n - 1).into_iter().collect()).collect();
            let graph = graph(&needs.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let estimates: Vec<Estimate> =
                steps.iter().map(|(low, wide, _, _)| Estimate { low: *low, high: low * wide, measured: false }).collect();
            let left: Vec<Left> = steps.iter().map(|step| step.2).collect();
            let acted: Vec<Option<f64>> = steps.iter().map(|step| step.3.filter(|_| step.2 == Left::Nothing)).collect();
            let eta = range(&graph, &estimates, &acted, &left, parallel);
            let most: f64 = estimates.iter().map(|e| e.high * PACES.1 * (SLOW_AT_MOST * OWN_PACE.1 * SPREAD)).sum();
            prop_assert!(eta.low >= 0.0 && eta.high <= most, "{eta:?}");
            let is_open = left.iter().any(|left| matches!(left, Left::Part { .. }));
            prop_assert!(!is_open || eta.high > eta.low * 1.05, "{eta:?}");
        }
    }
}
