//! What a run is to do and what it works with.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::events::event::Event;
use crate::events::purpose::RunPurpose;
use crate::plan::step::Step;
use crate::run::act::Act;
use crate::run::retry::RetryPolicy;

/// Chooses steps.
pub type Wanted = Arc<dyn Fn(&Step) -> bool + Send + Sync>;
/// Is given every event, in order: durable ones after they are on the disk. It is called from the run and must not block.
pub type Publish = Arc<dyn Fn(&Event) + Send + Sync>;

/// What a run is to do.
#[derive(Clone)]
pub struct RunOptions {
    /// Its name, unique in the installation.
    pub run: String,
    /// What it is for, and with it whether steps are done or taken back.
    pub purpose: RunPurpose,
    /// Hash of the plan.
    pub plan: String,
    /// How many steps may be under way at once.
    pub parallel: usize,
    /// Which steps are asked for; the others are noted as [`Skip::NotAsked`], and what needs them does not wait.
    pub wanted: Wanted,
    /// How long failures that may pass are tried again.
    pub retry: RetryPolicy,
}

impl RunOptions {
    /// A run for this purpose that goes through all steps, four at a time.
    pub fn new(run: impl Into<String>, plan: impl Into<String>, purpose: RunPurpose) -> Self {
        RunOptions {
            run: run.into(),
            purpose,
            plan: plan.into(),
            parallel: 4,
            wanted: Arc::new(|_| true),
            retry: RetryPolicy::default(),
        }
    }
}

/// What a run works with.
#[derive(Clone)]
pub struct RunContext {
    /// Carries the steps out.
    pub act: Arc<dyn Act>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where events go.
    pub publish: Publish,
    /// Cancelled when the person wants it to stop: no new call is begun.
    pub stop: CancellationToken,
}
