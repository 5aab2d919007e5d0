//! What window and command line are shown. Facts and codes, never sentences.

pub use engine::{
    Attention, Awaited, Cause, EtaRange, Event, Outcome, Report, RunState, StageReport, StepReport, StepState, Thin,
    What,
};
pub use logs::{Level as LogLevel, LogLine};

pub use crate::log_view::{LogCounts, LogFilter, LogPage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything that can be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct CatalogView {
    /// Products, the recommended one first.
    pub products: Vec<ProductView>,
}

/// One product at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct ProductView {
    /// `DIGIT`, `URBAN` or `practice`.
    pub name: String,
    /// For example `v2.9.2`.
    pub version: String,
    /// What can be chosen.
    pub modules: Vec<ModuleView>,
    /// Services that every choice brings along.
    pub always: u32,
    /// Whether its charts are on this computer already (embedded, in the cache, or in the source that was named).
    pub available: bool,
    /// Bytes to download otherwise, about; none if nobody has measured it.
    pub download: Option<u32>,
}

/// One module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct ModuleView {
    /// For example `m_pgr`; message `module-pgr`.
    pub id: String,
    /// Its own services.
    pub services: Vec<String>,
    /// Whether a first use works after the install, or only its services run.
    pub ready_to_use: bool,
}

/// What a choice of modules brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct SelectionView {
    /// Services with the reason why each comes along.
    pub services: Vec<crate::plan::PlannedService>,
    /// Room they take.
    pub sizes: crate::plan::Sizes,
}

/// A kubeconfig and what it offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct KubeconfigView {
    /// Where it is.
    pub path: String,
    /// Its contexts.
    pub contexts: Vec<ContextView>,
    /// The current one.
    pub current: Option<String>,
}

/// One context of a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct ContextView {
    /// Its name.
    pub name: String,
    /// The server's address.
    pub server: String,
    /// The user entry.
    pub user: String,
    /// Whether it runs a program to sign in (exec plug-in).
    pub exec: Option<String>,
}

/// What cluster it is, who we are in it and what we may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct ClusterView {
    /// UID of `kube-system`.
    pub uid: String,
    /// The server's address.
    pub server: String,
    /// For example `v1.36.3`.
    pub version: String,
    /// Machines.
    pub nodes: u32,
    /// Machines that are ready.
    pub nodes_ready: u32,
    /// Memory of all ready machines that pods may use, in MiB.
    pub memory: u32,
    /// Of it not asked for by pods that run there, in MiB.
    pub memory_free: u32,
    /// Processors that pods may use, in thousandths.
    pub cpu: u32,
    /// Of it not asked for, in thousandths.
    pub cpu_free: u32,
    /// The default storage class, if there is one.
    pub storage_class: Option<String>,
    /// Ingress classes that are there.
    pub ingress_classes: Vec<String>,
    /// Who we are.
    pub user: String,
    /// What we may not do and the install needs: `verb resource`.
    pub missing: Vec<String>,
    /// An installation that keeps its record in this cluster, by name.
    pub installation: Option<String>,
}

/// One check of the Checks screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct CheckView {
    /// Its name, as in `--accept`: `access`, `permissions`, `version`, `apis`, `capacity`, `nodes`, `storage`, `names`, `other-installation`, `kept-disks`, `product-list`, `entry-door`, `database`, `files`; message `check-NAME`.
    pub name: String,
    /// How it came out.
    pub state: CheckState,
    /// Why, as code and data; message `check-CODE`.
    pub cause: Option<Cause>,
    /// Whether the person may choose to go on without it.
    pub can_accept: bool,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// Passed.
    Passed,
    /// No reason to stop, and there is something to know: also that it could not be tried.
    TakeNote,
    /// Not passed.
    NotPassed,
    /// Not passed, and the person chose to go on.
    Accepted,
}

/// One installation on Home.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct InstallationSummary {
    /// Its name.
    pub name: String,
    /// `cluster`, `this-computer` or `rehearsal`.
    pub target: String,
    /// Context or other name of the place.
    pub place: String,
    /// Product and version, modules.
    pub product: crate::answers::Product,
    /// How it stands.
    pub state: RunState,
    /// Whether a process is working on it right now, here or in another program.
    pub working: bool,
    /// Services ready, of all.
    pub services_ready: u32,
    /// Services.
    pub services_total: u32,
    /// Percent, 0 to 100.
    pub percent: f64,
    /// When it was created.
    #[ts(type = "string")]
    pub created: Timestamp,
    /// When something last happened.
    #[ts(type = "string | null")]
    pub changed: Option<Timestamp>,
}

/// An installation's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct InstallationView {
    /// The line of Home.
    pub summary: InstallationSummary,
    /// Its report.
    pub report: Report,
    /// Its plan.
    pub plan: crate::plan::Plan,
    /// Folder of its files on this computer.
    pub folder: String,
    /// The address that the web entry got, or the domain; with scheme.
    pub address: Option<String>,
    /// Whether anybody who knows a name can sign in as that person, because nothing of ours guards the sign-in.
    pub door_open: bool,
}

/// What a removal finds in the cluster: from a look just now, whatever the plan said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct RemovalView {
    /// When the cluster was looked at.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// When the disks go as well.
    pub whole: RemovalList,
    /// When the disks are kept.
    pub keeping: RemovalList,
}

/// What goes, and what of the installation stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct RemovalList {
    /// Objects that go, by kind.
    pub objects: Vec<engine::Change>,
    /// Claims that go: `namespace/name`.
    pub claims: Vec<String>,
    /// Namespaces that go.
    pub namespaces: Vec<String>,
    /// Claims that stay: `namespace/name`.
    pub claims_kept: Vec<String>,
    /// Namespaces that stay, since claims in them do.
    pub namespaces_kept: Vec<String>,
}

/// An error on its way to a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct ErrorView {
    /// Stable code; messages `error-CODE` (what happened, what is safe, what to do).
    pub code: String,
    /// Data for the message.
    pub args: std::collections::BTreeMap<String, String>,
    /// The answer it is about, as a path like `product.modules`, if one.
    pub field: Option<String>,
}
