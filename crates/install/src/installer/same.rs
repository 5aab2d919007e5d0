//! Whether a place, a folder and a cluster still are what they were.

use std::collections::BTreeSet;

use crate::answers::Answers;
use crate::error::Error;
use crate::home::{About, Folder};
use crate::place::{self, Place, recorded};
use crate::plan::ClusterFacts;

/// A kubeconfig may have come to mean another cluster since.
pub(super) async fn same_cluster(name: &str, facts: &ClusterFacts, place: &Place) -> Result<(), Error> {
    if place.uid().await? == facts.uid {
        Ok(())
    } else {
        Err(Error::NameTaken { name: name.to_owned(), differs: "cluster" })
    }
}

/// Whether what a folder is about may be gone on with in a cluster: the record that the cluster holds of that name, if it
/// holds one, is the folder's own.
pub(super) async fn is_the_one_of(about: Option<&About>, place: &Place) -> Result<bool, Error> {
    let Some(about) = about else { return Ok(false) };
    Ok(recorded::about_in(&place.cluster, &about.name).await?.is_none_or(|there| there == *about))
}

/// Refuses what another computer made under the same name.
pub(super) async fn same_installation(about: &About, place: &Place) -> Result<(), Error> {
    let is_ours = is_the_one_of(Some(about), place).await?;
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
pub(super) async fn there(installation: &str, place: &Place) -> Result<BTreeSet<(String, String)>, Error> {
    match place.cluster.releases_of(installation).await {
        Err(cluster::Error::Forbidden { .. }) => Ok(BTreeSet::new()),
        other => Ok(other?),
    }
}

/// What a plan takes for given. What is there already decides what charts render, so an installation keeps what its first plan saw
/// of its cluster, for as long as it is that cluster.
pub(super) async fn facts_for(folder: &Folder, place: &Place) -> Result<ClusterFacts, Error> {
    if folder.about()?.is_some() {
        let known = folder.plan()?.cluster;
        if folder.is_rehearsal() || known.uid == place.uid().await? {
            return Ok(known);
        }
    }
    place::facts(place).await
}
