//! Subscriptions of the window: reports and log counts, sent through a channel until the window says enough.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use install::Installer;
use install::view::{LogCounts, Report};
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;

/// A report or count at most this often: a person does not read faster.
const EVERY: Duration = Duration::from_millis(100);
/// How often an installation is looked at on which another program works, or none.
const ELSEWHERE: Duration = Duration::from_millis(1000);

/// What is subscribed, by the number that the window knows it by.
#[derive(Default)]
pub(crate) struct Watches {
    next: AtomicU32,
    tasks: Mutex<BTreeMap<u32, JoinHandle<()>>>,
}

impl Watches {
    /// Sends a report at every change.
    pub(crate) fn reports(&self, installer: Arc<Installer>, name: String, on: Channel<Report>) -> u32 {
        self.keep(tauri::async_runtime::spawn(async move {
            let mut last = None;
            loop {
                let changes = installer.changes(&name);
                // It was removed from this computer, or cannot be read right now: the screen keeps what it has.
                if let Ok(report) = installer.report(&name)
                    && last.as_ref() != Some(&report)
                {
                    if on.send(report.clone()).is_err() {
                        break;
                    }
                    last = Some(report);
                }
                tokio::time::sleep(EVERY).await;
                // time goes on for a run, and other programs work on installations too
                let _ = tokio::time::timeout(ELSEWHERE, changes.next()).await;
            }
        }))
    }

    /// Sends counts whenever lines came.
    pub(crate) fn logs(&self, installer: Arc<Installer>, name: String, on: Channel<LogCounts>) -> u32 {
        self.keep(tauri::async_runtime::spawn(async move {
            let mut last = None;
            loop {
                tokio::time::sleep(EVERY * 3).await;
                let Ok(counts) = installer.log_counts(&name).await else { continue };
                if last != Some(counts) {
                    if on.send(counts).is_err() {
                        break;
                    }
                    last = Some(counts);
                }
            }
        }))
    }

    /// Ends a subscription.
    pub(crate) fn end(&self, id: u32) {
        if let Some(task) = self.lock().remove(&id) {
            task.abort();
        }
    }

    fn keep(&self, task: JoinHandle<()>) -> u32 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(id, task);
        id
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, JoinHandle<()>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
