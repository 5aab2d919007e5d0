//! What there is, as views are shown it.

use engine::Report;
use tokio::sync::watch;

use super::base::Installer;
use super::same::refuse_held;
use crate::error::Error;
use crate::home::Folder;
use crate::plan::kinds;
use crate::view::{InstallationSummary, InstallationView};

/// What tells that an installation changed; see [`Installer::changes`].
#[derive(Debug)]
pub struct Changes {
    begun: watch::Receiver<u64>,
    run: Option<watch::Receiver<u64>>,
}

impl Changes {
    /// Until this process's run on it says something, or a run of this process begins.
    pub async fn next(mut self) {
        match &mut self.run {
            Some(run) => tokio::select! { _ = run.changed() => {}, _ = self.begun.changed() => {} },
            None => drop(self.begun.changed().await),
        }
    }
}

impl Installer {
    /// All installations of this computer.
    pub fn list(&self) -> Result<Vec<InstallationSummary>, Error> {
        self.home.names()?.iter().map(|name| self.summary(name)).collect()
    }

    /// One line about an installation.
    pub fn summary(&self, name: &str) -> Result<InstallationSummary, Error> {
        let folder = self.home.find(name)?;
        let (about, answers, report) = (folder.about_it()?, folder.answers()?, self.report(name)?);
        let target = if about.rehearsal { "rehearsal" } else { answers.target.kind() };
        Ok(InstallationSummary {
            name: name.to_owned(),
            target: target.to_owned(),
            place: answers.target.context().unwrap_or_default().to_owned(),
            product: answers.product,
            state: report.state,
            working: self.is_working(&folder)?,
            services_ready: report.services_ready,
            services_total: report.services_total,
            percent: report.percent,
            created: about.created,
            changed: report.ended_at.or(report.started_at),
        })
    }

    /// Everything about an installation.
    pub fn view(&self, name: &str) -> Result<InstallationView, Error> {
        let folder = self.home.find(name)?;
        let (plan, report) = (folder.plan()?, self.report(name)?);
        let address = match &plan.answers.domain {
            crate::answers::Domain::Host(host) => Some(format!("https://{host}")),
            crate::answers::Domain::None => report.found.get(kinds::ADDRESS).cloned(),
        };
        Ok(InstallationView {
            summary: self.summary(name)?,
            report,
            plan,
            folder: folder.path().display().to_string(),
            address,
        })
    }

    /// How an installation stands. Cheap while this process works on it, else read from its journal.
    pub fn report(&self, name: &str) -> Result<Report, Error> {
        if let Some(work) = self.at_work(name) {
            return Ok(work.report(self.around.clock.now()));
        }
        let path = self.home.find(name)?.join("journal.jsonl");
        let events = if path.is_file() { engine::journal::read(&path)? } else { Vec::new() };
        Ok(engine::fold(&events, self.around.clock.now()))
    }

    /// Tells when an installation changes from now on.
    pub fn changes(&self, name: &str) -> Changes {
        // subscribed before the look, so that no run begins unseen in between
        let begun = self.begun.subscribe();
        Changes { begun, run: self.at_work(name).map(|work| work.changes()) }
    }

    /// Drops what this computer knows of an installation that is removed, or was a rehearsal.
    pub async fn forget(&self, name: &str) -> Result<(), Error> {
        let folder = self.home.find(name)?;
        refuse_held(name, &folder)?;
        // Its key in the keychain goes with it. A keychain that is locked keeps a key that opens nothing any more.
        let _ = vault::Vault::destroy(&folder.join("vault.age"), &vault::Keychain::of_system(name)).await;
        folder.forget()
    }

    fn is_working(&self, folder: &Folder) -> Result<bool, Error> {
        Ok(self.at_work(folder.name()).is_some() || engine::Lock::holder(&folder.join("lock"))?.is_some())
    }
}
