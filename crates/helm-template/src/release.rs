//! What `.Release` and `.Capabilities` say.

use std::collections::BTreeSet;

use crate::known_versions::KNOWN_API_VERSIONS;

/// What `.Release` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// `.Release.Name`.
    pub name: String,
    /// `.Release.Namespace`.
    pub namespace: String,
    /// `.Release.Revision`, from 1.
    pub revision: u32,
    /// `.Release.IsInstall`; `.Release.IsUpgrade` is its opposite.
    pub install: bool,
}

/// What `.Capabilities` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// For example `v1.36.3`.
    pub kube_version: String,
    /// Group versions and, with a slash behind, kinds: `apps/v1`, `apps/v1/Deployment`.
    pub api_versions: BTreeSet<String>,
}

impl Capabilities {
    /// What Helm takes for served when it asks no cluster, and more.
    #[must_use]
    pub fn without_cluster(kube_version: &str, more: &[String]) -> Self {
        let known = KNOWN_API_VERSIONS.iter().map(|known| (*known).to_owned());
        Self { kube_version: kube_version.to_owned(), api_versions: known.chain(more.iter().cloned()).collect() }
    }
}
