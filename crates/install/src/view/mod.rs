//! What window and command line are shown. Facts and codes, never sentences.

pub mod words;

pub use engine::{
    Attention, Awaited, Cause, EtaRange, Event, Outcome, Report, RunState, StageReport, StepReport, StepState, Thin,
    What,
};
pub use logs::{Level as LogLevel, LogLine};

pub use crate::error::ErrorView;
pub use crate::home::log::{LogCounts, LogFilter, LogPage};
pub use crate::place::{CheckState, CheckView, ClusterView, ContextView, KubeconfigView};
pub use crate::plan::products::{CatalogView, ModuleView, ProductView};
pub use crate::run::{RemovalList, RemovalView};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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

/// One installation on Home.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct InstallationSummary {
    /// What it is called on this computer: its name, or `rehearsal/NAME`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why its files cannot be read, if so; then nothing else is known.
    pub error: Option<ErrorView>,
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
    #[ts(type = "string | null")]
    pub created: Option<Timestamp>,
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
    /// What was answered; the plan's, if its file cannot be read.
    pub answers: crate::answers::Answers,
    /// Its plan, as far as it can be read.
    pub plan: Option<crate::plan::Plan>,
    /// Why its answers or its plan cannot be read. It can be removed all the same.
    pub unreadable: Option<ErrorView>,
    /// Folder of its files on this computer.
    pub folder: String,
    /// The address that the web entry got, or the domain; with scheme.
    pub address: Option<String>,
    /// Whether anybody who knows a name can sign in as that person, because nothing of ours guards the sign-in.
    pub door_open: bool,
}
