//! What `.Release` and `.Capabilities` say.

use std::collections::BTreeSet;

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
