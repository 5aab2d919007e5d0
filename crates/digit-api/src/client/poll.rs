//! Searching until something is found: 200 means that a record was put on Kafka, not that it is stored.

use std::time::Duration;

use futures::future::BoxFuture;

use backon::{BackoffBuilder as _, ExponentialBuilder};

use super::Client;
use crate::Error;

impl Client {
    /// Searches until `search` finds, with growing pauses, for as long as patience has it. `Ok(None)` when it did not find in that time.
    pub(crate) async fn until_found<'a, T>(
        &self,
        search: impl Fn() -> BoxFuture<'a, Result<Option<T>, Error>>,
    ) -> Result<Option<T>, Error> {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(self.patience.search)
            .with_max_delay(self.patience.longest_search)
            .with_factor(1.5)
            .without_max_times()
            .build();
        let mut waited = Duration::ZERO;
        loop {
            if let Some(found) = search().await? {
                return Ok(Some(found));
            }
            if waited >= self.patience.search_limit {
                return Ok(None);
            }
            let pause = pauses.next().unwrap_or(self.patience.longest_search);
            (self.sleep)(pause).await;
            waited += pause;
        }
    }
}
