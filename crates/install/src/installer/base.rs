//! What everything else of the facade stands on: what is under way in this process, and where things are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::Bundle;
use engine::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answers::Target;
use crate::error::Error;
use crate::home::{AppSettings, Folder, Home};
use crate::place::{self, Means, Passed, Place};
use crate::run::Work;
use crate::surroundings::Surroundings;

/// Installs, watches, goes on, removes.
pub struct Installer {
    pub(super) around: Surroundings,
    pub(super) home: Home,
    working: Mutex<BTreeMap<String, Arc<Work>>>,
    /// Counts up when a run of this process begins.
    pub(super) begun: watch::Sender<u64>,
    /// Bundles that were read and verified once; reading one takes a second.
    pub(super) bundles: tokio::sync::Mutex<BTreeMap<String, Arc<Bundle>>>,
    /// What was made in a cluster to try something there, and is still being taken away.
    pub(super) tidying: TaskTracker,
    /// What was tried there and passed.
    passed: Passed,
    /// The program ends: what is being tried is given up.
    pub(super) leaving: CancellationToken,
}

impl Installer {
    /// An installer with nothing under way.
    pub fn new(around: Surroundings) -> Arc<Self> {
        Arc::new(Installer {
            home: Home::of(&around),
            around,
            working: Mutex::default(),
            begun: watch::Sender::default(),
            bundles: tokio::sync::Mutex::default(),
            tidying: TaskTracker::new(),
            passed: Passed::default(),
            leaving: CancellationToken::new(),
        })
    }

    /// Where installations live.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Where time comes from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.around.clock
    }

    /// What the program was told about language, looks and network.
    pub fn settings(&self) -> Result<AppSettings, Error> {
        Ok(self.home.read("settings.json")?.unwrap_or_default())
    }

    /// Keeps it.
    pub fn save_settings(&self, settings: &AppSettings) -> Result<(), Error> {
        self.home.write("settings.json", settings)
    }

    /// The run of this process on an installation.
    pub fn at_work(&self, name: &str) -> Option<Arc<Work>> {
        self.lock().get(name).filter(|work| !work.has_ended()).cloned()
    }

    /// Whether a run of this process is under way.
    pub fn any_at_work(&self) -> bool {
        self.lock().values().any(|work| !work.has_ended())
    }

    /// Asks a run of this process to stop at a safe point. `false`: none is under way.
    pub fn stop(&self, name: &str) -> bool {
        self.at_work(name).map(|work| work.stop()).is_some()
    }

    /// Asks every run of this process to stop, and waits until all have.
    pub async fn stop_all(&self) {
        let all: Vec<Arc<Work>> = self.lock().values().cloned().collect();
        for work in &all {
            work.stop();
        }
        for work in &all {
            let _ = work.ended().await;
        }
        self.tidied().await;
    }

    /// Waits until nothing is left of what was made to try something. A program waits for it before it ends.
    pub async fn tidied(&self) {
        self.tidying.close();
        self.tidying.wait().await;
        self.tidying.reopen();
    }

    /// Gives up what is being tried in a cluster and waits until nothing of it is left. A program calls it when it ends,
    /// wherever its own calls stand.
    pub async fn leave(&self) {
        self.leaving.cancel();
        self.tidied().await;
    }

    pub(super) fn tries(&self, trusts: bool) -> Means<'_> {
        Means {
            now: self.around.clock.now(),
            limits: cluster::one_off::Limits::default(),
            tracker: &self.tidying,
            passed: &self.passed,
            stop: self.leaving.child_token(),
            trusts,
        }
    }

    pub(super) async fn place(&self, target: &Target, folder: Option<&Folder>) -> Result<Place, Error> {
        place::connect(target, folder, &self.settings()?.proxy, &self.around).await
    }

    pub(super) fn keep(&self, name: &str, work: &Arc<Work>) {
        self.lock().insert(name.to_owned(), work.clone());
        self.begun.send_modify(|count| *count += 1);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Work>>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
