//! What requests, streams and the handle on the cluster share: the world behind a lock, its clock, and who waits for news.

use std::sync::{Mutex, MutexGuard};

use super::controllers::advance;
use super::program::Program;
use super::world::World;

/// Where the time comes from.
pub use crate::wait::watch::Now;

/// One pretend cluster.
pub(super) struct Shared {
    pub(super) world: Mutex<World>,
    pub(super) clock: Now,
    pub(super) changed: tokio::sync::watch::Sender<u64>,
    /// What listens in pods; nothing of it is kept on disk.
    pub(super) programs: Mutex<Vec<Program>>,
}

impl Shared {
    /// The world, moved to now. A panic elsewhere does not make it unusable: every change is complete in itself.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        advance(&mut world, (self.clock)());
        world
    }

    /// Lets follow what a request began, and tells those who watch.
    pub(super) fn settle(&self, mut world: MutexGuard<'_, World>) {
        advance(&mut world, (self.clock)());
        let version = world.store.version();
        drop(world);
        self.changed.send_if_modified(|seen| {
            let newer = *seen != version;
            *seen = version;
            newer
        });
    }
}
