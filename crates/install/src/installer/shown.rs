//! What there is, as views are shown it.

use engine::{Report, RunState};
use tokio::sync::watch;

use super::base::Installer;
use super::same::refuse_held;
use crate::answers::{Answers, Product};
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
        Ok(self.home.ids()?.iter().map(|id| self.summary(id).unwrap_or_else(|why| unreadable(id, &why))).collect())
    }

    /// One line about an installation.
    pub fn summary(&self, id: &str) -> Result<InstallationSummary, Error> {
        let folder = self.home.find(id)?;
        let (about, report) = (folder.about_it()?, self.report(id)?);
        let (answers, error) = answers(&folder)?;
        let target = if about.rehearsal { "rehearsal" } else { answers.target.kind() };
        Ok(InstallationSummary {
            id: folder.id(),
            name: folder.name().to_owned(),
            error: error.map(|why| why.view()),
            target: target.to_owned(),
            place: answers.target.context().unwrap_or_default().to_owned(),
            product: answers.product,
            state: report.state,
            working: self.is_working(&folder)?,
            services_ready: report.counted_done,
            services_total: report.counted_total,
            percent: report.percent,
            created: Some(about.created),
            changed: report.ended_at.or(report.started_at),
        })
    }

    /// Everything about an installation. One whose plan cannot be read is shown by its answers and its journal.
    pub fn view(&self, id: &str) -> Result<InstallationView, Error> {
        let folder = self.home.find(id)?;
        let (report, (answers, no_answers)) = (self.report(id)?, answers(&folder)?);
        let (plan, no_plan) = match folder.plan() {
            Ok(plan) => (Some(plan), None),
            Err(why) => (None, Some(why)),
        };
        // A change of the answers is true once its plan is.
        let address = match &plan.as_ref().map_or(&answers, |plan| &plan.answers).domain {
            crate::answers::Domain::Host(host) => Some(format!("https://{host}")),
            crate::answers::Domain::None => report.found.get(kinds::ADDRESS).cloned(),
        };
        Ok(InstallationView {
            summary: self.summary(id)?,
            report,
            door_open: plan.as_ref().is_some_and(crate::plan::Plan::is_door_open),
            answers,
            plan,
            unreadable: no_answers.or(no_plan).map(|why| why.view()),
            folder: folder.path().display().to_string(),
            address,
        })
    }

    /// How an installation stands. Cheap while this process works on it, else read from its journal.
    pub fn report(&self, id: &str) -> Result<Report, Error> {
        if let Some(work) = self.at_work(id) {
            return Ok(work.report(self.around.clock.now()));
        }
        let path = self.home.find(id)?.join("journal.jsonl");
        let events = if path.is_file() { engine::read(&path)? } else { Vec::new() };
        Ok(engine::fold(&events, self.around.clock.now()))
    }

    /// Tells when an installation changes from now on.
    pub fn changes(&self, id: &str) -> Changes {
        // subscribed before the look, so that no run begins unseen in between
        let begun = self.begun.subscribe();
        Changes { begun, run: self.at_work(id).map(|work| work.changes()) }
    }

    /// Drops what this computer knows of an installation that is removed, or was a rehearsal.
    pub async fn forget(&self, id: &str) -> Result<(), Error> {
        let folder = self.home.find(id)?;
        refuse_held(&folder)?;
        crate::home::destroy_secrets(&folder).await;
        folder.forget()
    }

    fn is_working(&self, folder: &Folder) -> Result<bool, Error> {
        Ok(self.at_work(&folder.id()).is_some() || engine::Lock::holder(&folder.join("lock"))?.is_some())
    }
}

/// What was answered, by the file of the answers or else by the plan; and why the file cannot be read.
fn answers(folder: &Folder) -> Result<(Answers, Option<Error>), Error> {
    match folder.answers() {
        Ok(answers) => Ok((answers, None)),
        Err(why) => match folder.plan() {
            Ok(plan) => Ok((plan.answers, Some(why))),
            Err(_) => Err(why),
        },
    }
}

/// The line of an installation whose files cannot be read: the others are shown all the same.
fn unreadable(id: &str, why: &Error) -> InstallationSummary {
    InstallationSummary {
        id: id.to_owned(),
        name: id.rsplit('/').next().unwrap_or(id).to_owned(),
        error: Some(why.view()),
        target: if id.contains('/') { "rehearsal" } else { "cluster" }.to_owned(),
        place: String::new(),
        product: Product { name: String::new(), version: String::new(), modules: [].into(), source: None },
        state: RunState::NotStarted,
        working: false,
        services_ready: 0,
        services_total: 0,
        percent: 0.0,
        created: None,
        changed: None,
    }
}
