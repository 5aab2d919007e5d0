//! What every kind of step can do.

use async_trait::async_trait;
use engine::{Did, Failure, Found, StepContext};

use super::context::Context;

/// A step of one kind, with what it is about. Everything of it can be begun again wherever it was cut off.
#[async_trait]
pub(super) trait Action: Send + Sync {
    /// Looks at the cluster without changing it.
    async fn look(&self, run: &Context, cx: &StepContext) -> Result<Found, Failure>;
    /// Does it and waits until it is true.
    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure>;
    /// Takes away what it made. Needs no chart to be rendered and no secret.
    async fn undo(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure>;
}
