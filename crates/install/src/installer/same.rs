//! Whether a place, a folder and a cluster still are what they were.

use crate::error::Error;
use crate::home::{About, Folder};
use crate::place::{Place, recorded};
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

/// Refuses an installation that another process works on, before anything of it is opened. Between here and the run's own
/// lock another may still come; that lock refuses it then.
pub(super) fn refuse_held(name: &str, folder: &Folder) -> Result<(), Error> {
    match engine::Lock::holder(&folder.join("lock"))? {
        Some(holder) => Err(Error::Busy { name: name.to_owned(), pid: holder.pid }),
        None => Ok(()),
    }
}
