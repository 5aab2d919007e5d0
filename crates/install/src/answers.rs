//! What a person entered: the answers file, and the same fields behind the screens. No secret is in it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything that a person decides about an installation. Unknown keys are refused when it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[ts(export)]
pub struct Answers {
    /// Name of the installation: a DNS label, at most 40 characters.
    pub name: String,
    /// Where it goes.
    pub target: Target,
    /// What is installed.
    pub product: Product,
    /// How much of it.
    #[serde(default)]
    pub size: Size,
    /// Where the database is.
    #[serde(default)]
    pub database: Database,
    /// Where uploaded files are kept.
    #[serde(default)]
    pub files: Files,
    /// Where images come from.
    #[serde(default)]
    pub registry: Registry,
    /// How people reach it.
    #[serde(default)]
    pub entry: Entry,
    /// Host name, or none.
    #[serde(default)]
    pub domain: Domain,
    /// What citizens will read.
    #[serde(default)]
    pub city: City,
    /// Marked as a demonstration: sample passwords and a fixed one-time password are allowed.
    #[serde(default)]
    pub demo: bool,
    /// Checks that the person chose to go on without, by name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub accept: BTreeSet<String>,
}

/// Where an installation goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Target {
    /// A cluster that exists.
    Cluster {
        /// The kubeconfig; none: the default one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kubeconfig: Option<PathBuf>,
        /// The context; none: the current one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<String>,
    },
    /// A Kubernetes that runs on this computer.
    ThisComputer {
        /// The context in the default kubeconfig; none: the current one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<String>,
    },
    /// Nothing is created: the same engine against a simulated cluster.
    Rehearsal {},
}

/// What is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Product {
    /// `DIGIT`, `URBAN` or `practice`.
    pub name: String,
    /// For example `v2.9.2`.
    pub version: String,
    /// For example `m_pgr`.
    pub modules: BTreeSet<String>,
    /// A folder with the pinned archives, or with them unpacked. None: they are downloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<PathBuf>,
}

/// How much room an installation takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// As the charts say.
    #[default]
    Standard,
}

/// `in-cluster`, or the address of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// A PostgreSQL is made inside the cluster.
    #[default]
    InCluster,
    /// One that exists.
    #[serde(untagged)]
    Ours(OurDatabase),
}

/// A database that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OurDatabase {
    /// Host name or address, as pods reach it.
    pub host: String,
    /// Port.
    #[serde(default = "postgres_port")]
    pub port: u16,
    /// Database name.
    pub name: String,
    /// A role that may create tables.
    pub user: String,
    /// A file that holds the password.
    pub password_file: PathBuf,
}

fn postgres_port() -> u16 {
    5432
}

/// `in-cluster`, or the address of an S3-compatible store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Files {
    /// A store is made inside the cluster.
    #[default]
    InCluster,
    /// One that exists.
    #[serde(untagged)]
    Ours(OurFiles),
}

/// An S3-compatible store that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OurFiles {
    /// Its address, with scheme.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// A file with two lines: access key id and secret key.
    pub key_file: PathBuf,
}

/// Where images come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// The registries that the charts name.
    #[default]
    None,
}

/// How people reach it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A Service of type LoadBalancer.
    #[default]
    LoadBalancer,
    /// Ports of the machines.
    NodePort,
}

/// `none`, or a host name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    /// Reached by the address that the web entry gets.
    #[default]
    None,
    /// A host name without scheme.
    #[serde(untagged)]
    Host(String),
}

/// What citizens will read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct City {
    /// The city or organisation.
    #[serde(default)]
    pub name: String,
    /// The state.
    #[serde(default)]
    pub state: String,
}
