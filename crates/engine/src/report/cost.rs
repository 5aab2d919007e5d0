//! What things cost, from when they were made until they were taken back: also between runs and while nothing moves. In
//! whole millionths, so that every computer comes to the same sum.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::plan::step::{HourlyCost, Step};
use crate::report::shape::CostReport;
use crate::step_id::StepId;

const MILLIS_AN_HOUR: u128 = 3_600_000;

/// What runs up costs, and what was spent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Costs {
    running: BTreeMap<StepId, (HourlyCost, Timestamp)>,
    /// Millionths by currency, of what is no more.
    spent: BTreeMap<String, u128>,
}

impl Costs {
    /// What this step makes is there. Said again, it changes nothing but the price.
    pub(crate) fn made(&mut self, step: &Step, at: Timestamp) {
        let Some(cost) = &step.cost else { return };
        if self.running.get(&step.id).is_none_or(|(known, _)| known != cost) {
            self.undone(&step.id, at);
            self.running.insert(step.id.clone(), (cost.clone(), at));
        }
    }

    /// It is there no more.
    pub(crate) fn undone(&mut self, id: &StepId, at: Timestamp) {
        if let Some((cost, since)) = self.running.remove(id) {
            *self.spent.entry(cost.currency.clone()).or_default() += so_far(&cost, since, at);
        }
    }

    /// Nothing is there any more.
    pub(crate) fn all_undone(&mut self, at: Timestamp) {
        for id in self.running.keys().cloned().collect::<Vec<_>>() {
            self.undone(&id, at);
        }
    }

    /// What was spent on things that are no more is told no longer.
    pub(crate) fn forget_spent(&mut self) {
        self.spent.clear();
    }

    /// An event came at this time. What seems to have been made after it was made before: the clock was wrong then.
    pub(crate) fn event(&mut self, at: Timestamp) {
        for (_, since) in self.running.values_mut() {
            *since = (*since).min(at);
        }
    }

    /// The clock was put right by so much.
    pub(crate) fn clock_jumped(&mut self, by: SignedDuration) {
        for (_, since) in self.running.values_mut() {
            *since = since.checked_add(by).unwrap_or(*since);
        }
    }

    /// The sums at this time, by currency.
    pub(crate) fn report(&self, now: Timestamp) -> Vec<CostReport> {
        let mut sums: BTreeMap<&str, (u128, u64)> =
            self.spent.iter().map(|(c, spent)| (c.as_str(), (*spent, 0))).collect();
        for (cost, since) in self.running.values() {
            let (spent, per_hour) = sums.entry(&cost.currency).or_default();
            *spent += so_far(cost, *since, now);
            *per_hour = per_hour.saturating_add(cost.micros);
        }
        let report = |(currency, (spent, per_hour)): (&str, (u128, u64))| CostReport {
            currency: currency.to_owned(),
            so_far: u64::try_from(spent).unwrap_or(u64::MAX),
            per_hour,
        };
        sums.into_iter().map(report).collect()
    }
}

fn so_far(cost: &HourlyCost, since: Timestamp, at: Timestamp) -> u128 {
    let millis = u128::try_from(at.duration_since(since).as_millis()).unwrap_or(0);
    u128::from(cost.micros) * millis / MILLIS_AN_HOUR
}
