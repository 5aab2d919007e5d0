//! What the record that an installation keeps in its cluster says, and what its parts are called.

use std::path::PathBuf;

use cluster::Cluster;

use crate::error::Error;
use crate::home::About;

/// Parts of a record.
pub(crate) mod parts {
    pub(crate) const ABOUT: &str = "about";
    pub(crate) const ANSWERS: &str = "answers";
    pub(crate) const PLAN: &str = "plan";
    pub(crate) const JOURNAL: &str = "journal";
    /// The secrets as they are.
    pub(crate) const SECRETS: &str = "secrets";
    /// The secrets, encrypted with the vault's key, in place of [`SECRETS`].
    pub(crate) const VAULT: &str = "vault";
}

/// The installation that keeps its record in a cluster, if there is one.
pub(crate) async fn installation_in(cluster: &Cluster) -> Result<Option<String>, Error> {
    match cluster.recorded_installations().await {
        Ok(names) => Ok(names.into_iter().next()),
        // Whoever may not see Secrets is told so by the check of permissions.
        Err(cluster::Error::Forbidden { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// What never changes about an installation, out of its record, if it keeps one in the cluster: the same here and there
/// means the same installation. Whoever may not see Secrets is told so by the check of permissions.
pub(crate) async fn about_in(cluster: &Cluster, name: &str) -> Result<Option<About>, Error> {
    match cluster.read_record(name, parts::ABOUT).await {
        Ok(content) => {
            content.map(|content| serde_json::from_slice(&content)).transpose().map_err(|e| broken(name, &e))
        }
        Err(cluster::Error::Forbidden { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

pub(crate) fn broken(name: &str, why: &serde_json::Error) -> Error {
    Error::Unreadable { path: PathBuf::from(format!("digit-installer/{name}")), detail: why.to_string() }
}
