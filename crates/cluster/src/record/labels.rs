//! By what our own things in a cluster are known.

/// The namespace of records and leases.
pub const NAMESPACE: &str = "digit-installer";

/// Label that names the installation on everything that is ours alone: records, namespaces, release Secrets.
pub const INSTALLATION_LABEL: &str = "digit-installer/installation";
