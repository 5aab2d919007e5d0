//! Whether a place, a folder and a cluster still are what they were.

use std::collections::BTreeSet;

use engine::{Report, RunState};
use jiff::Timestamp;

use crate::answers::Answers;
use crate::error::Error;
use crate::home::{About, Folder};
use crate::place::{Place, Site, recorded};
use crate::plan::ClusterFacts;
use crate::run::RunKind;

/// A kubeconfig may have come to mean another cluster since. One that the run made is found by what made it.
pub(super) async fn same_cluster(name: &str, facts: &ClusterFacts, site: &Site) -> Result<(), Error> {
    let Site::There(place) = site else { return Ok(()) };
    if place.uid().await? == facts.uid {
        Ok(())
    } else {
        Err(Error::NameTaken { name: name.to_owned(), differs: "cluster" })
    }
}

/// Whether what a folder is about may be gone on with in a cluster: the record that the cluster holds of that name, if it
/// holds one, is the folder's own.
pub(super) async fn is_the_one_of(about: Option<&About>, there: Option<&Place>) -> Result<bool, Error> {
    let (Some(about), Some(place)) = (about, there) else { return Ok(about.is_some()) };
    Ok(recorded::about_in(&place.cluster, &about.name).await?.is_none_or(|there| there == *about))
}

/// Refuses what another computer made under the same name.
pub(super) async fn same_installation(about: &About, there: Option<&Place>) -> Result<(), Error> {
    let is_ours = is_the_one_of(Some(about), there).await?;
    if is_ours { Ok(()) } else { Err(Error::Another { name: about.name.clone() }) }
}

/// Refuses a cluster that does not say itself that the installation is in it. Where no plan tells which cluster it was made for,
/// this is all that keeps a kubeconfig that means another one now from having things of the same name taken away there.
pub(super) async fn recorded_here(about: &About, place: &Place) -> Result<(), Error> {
    match recorded::about_in(&place.cluster, &about.name).await? {
        Some(_) => Ok(()),
        None => Err(Error::NoRecord),
    }
}

/// Refuses an installation that another process works on, before anything of it is opened. Between here and the run's own
/// lock another may still come; that lock refuses it then.
pub(super) fn refuse_held(folder: &Folder) -> Result<(), Error> {
    match engine::Lock::holder(&folder.join("lock"))? {
        Some(holder) => Err(Error::Busy { name: folder.name().to_owned(), pid: holder.pid }),
        None => Ok(()),
    }
}

/// The same name means the same place and product.
pub(super) fn name_free_for(folder: &Folder, answers: &Answers) -> Result<(), Error> {
    if folder.about()?.is_none() {
        return Ok(());
    }
    let known = folder.answers()?;
    let differs = if known.product.name != answers.product.name || known.product.version != answers.product.version {
        "product"
    } else if known.target != answers.target {
        "cluster"
    } else {
        return Ok(());
    };
    Err(Error::NameTaken { name: answers.name.clone(), differs })
}

/// The releases of an installation that are in a cluster, each as namespace and name: what it holds and a plan does not bring goes.
/// Whoever may not see Secrets is told so by the check of permissions.
pub(super) async fn there(installation: &str, there: Option<&Place>) -> Result<BTreeSet<(String, String)>, Error> {
    let Some(place) = there else { return Ok(BTreeSet::new()) };
    match place.cluster.releases_of(installation).await {
        Err(cluster::Error::Forbidden { .. }) => Ok(BTreeSet::new()),
        other => Ok(other?),
    }
}

/// How what is in a folder stands, from its journal.
pub(super) fn told(folder: &Folder, now: Timestamp) -> Result<Report, Error> {
    Ok(engine::fold(&engine::read(&folder.join("journal.jsonl"))?, now))
}

/// What a plan takes for given. An installation that is not whole keeps what its plan took for given; for one that stands whole, and
/// where one was removed, the cluster is looked at again; its releases are those that are `there`.
pub(super) async fn facts_for(
    folder: &Folder,
    site: &Site,
    there: &BTreeSet<(String, String)>,
    now: Timestamp,
) -> Result<ClusterFacts, Error> {
    if folder.about()?.is_none() {
        return site.facts(None).await;
    }
    let (known, report) = (folder.plan()?.cluster, told(folder, now)?);
    if RunKind::stands_whole(&report) || report.state == RunState::Removed {
        return site.facts_anew(known, there).await;
    }
    site.facts(Some(known)).await
}
