//! What everything else of the facade stands on: what is under way in this process, and where things are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::Bundle;
use engine::Clock;
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

use super::asked::AskedInVain;
use crate::answers::Target;
use crate::error::Error;
use crate::home::log::LogKept;
use crate::home::{AppSettings, Folder, Home};
use crate::place::{Probes, Site};
use crate::run::Work;
use crate::surroundings::Surroundings;

/// Installs, watches, goes on, removes.
pub struct Installer {
    pub(super) around: Surroundings,
    pub(super) home: Home,
    working: Mutex<BTreeMap<String, Arc<Work>>>,
    /// Counts up when a run of this process begins.
    pub(super) begun: watch::Sender<u64>,
    /// Bundles that were read and verified once; reading one takes a second. Whoever wants one that is being fetched waits for
    /// that one, and for no other.
    bundles: Mutex<BTreeMap<String, Arc<OnceCell<Arc<Bundle>>>>>,
    /// What is being fetched is given up when it is cancelled.
    fetching: Mutex<CancellationToken>,
    /// What was tried in clusters: what passed, and what is still being taken away there.
    pub(super) probes: Probes,
    /// The log that was read last.
    pub(super) log_kept: LogKept,
    /// Images that registries said nothing about.
    pub(super) in_vain: AskedInVain,
    /// The program ends: what is being tried is given up.
    pub(super) leaving: CancellationToken,
}

impl Installer {
    /// An installer with nothing under way.
    pub fn new(around: Surroundings) -> Arc<Self> {
        let home = Home::of(&around);
        home.sort_rehearsals();
        Arc::new(Installer {
            home,
            around,
            working: Mutex::default(),
            begun: watch::Sender::default(),
            bundles: Mutex::default(),
            fetching: Mutex::default(),
            probes: Probes::default(),
            log_kept: LogKept::default(),
            in_vain: AskedInVain::default(),
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
    pub fn at_work(&self, id: &str) -> Option<Arc<Work>> {
        let found = self.home.find(id).map(|folder| folder.id());
        self.lock().get(found.as_deref().unwrap_or(id)).filter(|work| !work.has_ended()).cloned()
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
        self.probes.tracker.close();
        self.probes.tracker.wait().await;
        self.probes.tracker.reopen();
    }

    /// Gives up what is being tried in a cluster and waits until nothing of it is left. A program calls it when it ends,
    /// wherever its own calls stand.
    pub async fn leave(&self) {
        self.leaving.cancel();
        self.give_up_fetching();
        self.tidied().await;
    }

    /// Where a target leads; with a `folder` it is a rehearsal's.
    pub(super) async fn site(&self, target: &Target, folder: Option<&Folder>) -> Result<Site, Error> {
        Site::of(target, folder, &self.settings()?.proxy, &self.around).await
    }

    pub(super) fn keep(&self, work: &Arc<Work>) {
        self.lock().insert(work.id().to_owned(), work.clone());
        self.begun.send_modify(|count| *count += 1);
    }

    /// Where the bundle of that name is, or will be.
    pub(super) fn bundle_named(&self, key: &str) -> Arc<OnceCell<Arc<Bundle>>> {
        let mut bundles = self.bundles.lock().unwrap_or_else(PoisonError::into_inner);
        bundles.entry(key.to_owned()).or_default().clone()
    }

    /// Is cancelled when what is being fetched now is given up.
    pub(super) fn giving_up(&self) -> CancellationToken {
        self.fetching.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives up what is being fetched. What arrived is kept: the next try goes on from there.
    pub fn give_up_fetching(&self) {
        let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *fetching).cancel();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Work>>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
