//! Time, as a parameter: the system's, and one that tests move by hand.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;

/// Where a run gets its time from.
#[async_trait]
pub trait Clock: Send + Sync {
    /// What the clock on the wall says.
    fn now(&self) -> Timestamp;
    /// Comes back after this much time awake.
    async fn sleep(&self, d: Duration);
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    async fn sleep(&self, d: Duration) {
        tokio::time::sleep(d).await;
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct ManualClock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    hands: Mutex<Hands>,
    moved: Notify,
}

#[derive(Debug, Clone, Copy)]
struct Hands {
    wall: Timestamp,
    awake: Duration,
}

impl ManualClock {
    /// Starts at this time.
    pub fn new(start: Timestamp) -> Self {
        let hands = Mutex::new(Hands { wall: start, awake: Duration::ZERO });
        ManualClock { inner: Arc::new(Inner { hands, moved: Notify::new() }) }
    }
    /// So much time passes.
    pub fn advance(&self, d: Duration) {
        self.change(|hands| {
            hands.wall += d;
            hands.awake += d;
        });
    }
    /// The computer sleeps: the wall's time passes, but nobody's waiting does.
    pub fn oversleep(&self, d: Duration) {
        self.change(|hands| hands.wall += d);
    }
    fn change(&self, f: impl FnOnce(&mut Hands)) {
        f(&mut self.inner.hands.lock().unwrap_or_else(PoisonError::into_inner));
        self.inner.moved.notify_waiters();
    }
    fn hands(&self) -> Hands {
        *self.inner.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.hands().wall
    }
    async fn sleep(&self, d: Duration) {
        let until = self.hands().awake + d;
        loop {
            let moved = self.inner.moved.notified();
            tokio::pin!(moved);
            // Registered before the look at the hands, so that a move in between is not missed.
            moved.as_mut().enable();
            if self.hands().awake >= until {
                return;
            }
            moved.await;
        }
    }
}
