//! Installing, going on, removing.

use std::sync::Arc;

use super::base::Installer;
use super::planning::Ground;
use super::same::{
    facts_for, is_the_one_of, name_free_for, recorded_here, refuse_held, same_cluster, same_installation, there, told,
};
use crate::answers::{Answers, Target};
use crate::error::Error;
use crate::home::{About, FOLDER_FORMAT, Folder, new_key};
use crate::place::{CheckView, Place, Site, checks};
use crate::plan::{Plan, differences, kinds};
use crate::run::{Purpose, RemovalView, RunKind, RunSetup, Work, removal};

/// How long a cluster may stay silent when it is only looked at.
const LOOK_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

/// How a run is started.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Nothing real is touched, whatever the target says.
    pub rehearse: bool,
    /// The plan that was reviewed: where anything else would be done now, nothing is. A rehearsal of a plan for a real
    /// cluster does not ask, since its cluster is another one.
    pub plan: Option<Plan>,
    /// The part of the plan after which to end, one of [`kinds::PARTS`]; none: at the end of the plan.
    pub until: Option<String>,
}

impl Installer {
    /// Starts, or goes on with, an installation. Comes back as soon as the run is under way.
    pub async fn install(self: &Arc<Self>, answers: &Answers, start: Start) -> Result<Arc<Work>, Error> {
        self.install_telling(answers, start, &|_| {}).await
    }

    /// The same, telling each check as it ends.
    pub async fn install_telling(
        self: &Arc<Self>,
        answers: &Answers,
        start: Start,
        tell: &(dyn Fn(CheckView) + Send + Sync),
    ) -> Result<Arc<Work>, Error> {
        let answers = answers.clone().checked()?;
        kinds::is_part(start.until.as_deref(), &kinds::PARTS)?;
        let rehearsal = start.rehearse || matches!(answers.target, Target::Rehearsal {});
        let folder = self.home.folder(&answers.name, rehearsal);
        if let Some(work) = self.at_work(&folder.id()) {
            return Ok(work);
        }
        refuse_held(&folder)?;
        match name_free_for(&folder, &answers) {
            // What was rehearsed before gives way: nothing in it is real.
            Err(_) if rehearsal => self.forget(&folder.id()).await?,
            free => free?,
        }
        let known = folder.about()?;
        let about = known.clone().unwrap_or_else(|| About {
            format: FOLDER_FORMAT,
            name: answers.name.clone(),
            created: self.around.clock.now(),
            rehearsal,
        });
        let new_key = new_key(&self.around, &folder, about.rehearsal);
        let site = self.site(&answers.target, about.rehearsal.then_some(&folder)).await?;
        let found = site.there().await?;
        let bundle = self.bundle(&answers.product, &|_| {}).await?;
        let known_plan = folder.plan().ok().map(|plan| plan.id);
        let there = there(&answers.name, found.as_ref()).await?;
        let facts = facts_for(&folder, &site, &there, self.around.clock.now()).await?;
        same_cluster(&answers.name, &facts, &site).await?;
        let on = Ground { place: found.as_ref(), folder: &folder, there };
        let planned = self.plan_with(&answers, bundle.clone(), facts, &on).await?;
        if let Some(reviewed) = start.plan.as_ref().filter(|plan| plan.cluster.simulated == about.rehearsal) {
            let differences = differences(reviewed, &planned.plan);
            if !differences.is_empty() {
                return Err(Error::PlanOutdated { differences });
            }
        }
        kinds::is_part(start.until.as_deref(), &planned.plan.parts())?;
        let mut checked = checks::of_place(&planned, tell);
        // One that the run makes is looked at by the run, when it is there.
        if let Site::There(place) = &site {
            let is_known = is_the_one_of(known.as_ref(), Some(place)).await?;
            let probes = self.probes.options(self.around.clock.now(), self.leaving.child_token(), true);
            let probes = probes.asking(self.registries()?);
            checked = checked.and(checks::of_cluster(place, &planned, is_known, &probes, tell).await?);
        }
        let failed = checked.failed();
        if !failed.is_empty() {
            return Err(Error::ChecksNotPassed { names: failed });
        }
        let is_another = known_plan.is_none_or(|known| known != planned.plan.id);
        let kind = RunKind::carrying_out(&told(&folder, self.around.clock.now())?, is_another);
        let setup = RunSetup { site, probes: self.probes.clone(), folder, about, new_key, until: start.until };
        let purpose = Purpose::Install { kind, bundle, planned: Box::new(planned) };
        let work = Work::begin(&self.around, setup, purpose).await?;
        self.keep(&work);
        Ok(work)
    }

    /// Goes on with an installation that was stopped, failed or was cut off.
    pub async fn resume(self: &Arc<Self>, name: &str, until: Option<String>) -> Result<Arc<Work>, Error> {
        self.resume_telling(name, until, &|_| {}).await
    }

    /// The same, telling each check as it ends.
    pub async fn resume_telling(
        self: &Arc<Self>,
        name: &str,
        until: Option<String>,
        tell: &(dyn Fn(CheckView) + Send + Sync),
    ) -> Result<Arc<Work>, Error> {
        let folder = self.home.find(name)?;
        let report = self.report(name)?;
        if RunKind::of(&report) == Some(RunKind::Remove) && report.state != engine::RunState::Removed {
            return self.remove(name, removal::keeps_data(&report)).await;
        }
        let rehearse = folder.about_it()?.rehearsal;
        self.install_telling(&folder.answers()?, Start { rehearse, plan: None, until }, tell).await
    }

    /// Takes an installation back.
    pub async fn remove(self: &Arc<Self>, name: &str, keep_data: bool) -> Result<Arc<Work>, Error> {
        let folder = self.home.find(name)?;
        if let Some(work) = self.at_work(&folder.id()) {
            work.stop();
            let _ = work.ended().await;
        }
        refuse_held(&folder)?;
        let Known { about, site, plan, .. } = self.known(&folder, None).await?;
        let setup = RunSetup { site, probes: self.probes.clone(), folder, about, new_key: None, until: None };
        let purpose = Purpose::Remove { keep_data, known: plan.map(Box::new) };
        let work = Work::begin(&self.around, setup, purpose).await?;
        self.keep(&work);
        Ok(work)
    }

    /// What a removal would find, from a look at the cluster now. Changes nothing.
    pub async fn removal(&self, name: &str) -> Result<RemovalView, Error> {
        let folder = self.home.find(name)?;
        // A person waits for the list: a cluster that does not answer says so soon.
        let Known { about, there, plan, .. } = self.known(&folder, Some(LOOK_WITHIN)).await?;
        Ok(removal::look(there.as_ref(), &about.name, plan.as_ref(), self.around.clock.now()).await?)
    }

    /// What is known of an installation that is to go, whatever of its files can still be read: its cluster has to be told,
    /// and has to be the one that it is in. Nothing is planned anew, so nothing of it is downloaded.
    async fn known(&self, folder: &Folder, within: Option<std::time::Duration>) -> Result<Known, Error> {
        let about = folder.about_it()?;
        // One of a newer program, or none that can be read, names no services; the cluster does.
        let plan = folder.plan().ok();
        let target = match (folder.answers(), &plan) {
            _ if about.rehearsal => Target::Rehearsal {},
            (Ok(answers), _) => answers.target,
            (Err(_), Some(plan)) => plan.answers.target.clone(),
            (Err(why), None) => return Err(why),
        };
        let mut site = self.site(&target, about.rehearsal.then_some(folder)).await?;
        if let (Site::There(place), Some(within)) = (&mut site, within) {
            *place = place.patient(within);
        }
        match (&plan, &site) {
            (Some(plan), _) => same_cluster(folder.name(), &plan.cluster, &site).await?,
            (None, Site::There(place)) => recorded_here(&about, place).await?,
            (None, Site::Made(_)) => {}
        }
        let there = site.there().await?;
        same_installation(&about, there.as_ref()).await?;
        Ok(Known { about, site, there, plan })
    }
}

/// What is known of an installation that is to go.
struct Known {
    about: About,
    site: Site,
    there: Option<Place>,
    plan: Option<Plan>,
}
