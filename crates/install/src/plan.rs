//! The plan: everything that will happen, decided beforehand. Frozen, free of secrets, hashed, exportable.

use std::collections::BTreeMap;

use engine::{Change, EtaRange, Step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answers::Answers;

/// Version of the plan's shape.
pub const PLAN_FORMAT: u32 = 1;

/// Everything that will happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct Plan {
    /// [`PLAN_FORMAT`] of the program that made it.
    pub format: u32,
    /// Hash of all the rest.
    pub id: String,
    /// Name of the installation.
    pub installation: String,
    /// The installation's creation time: `now` in every chart.
    #[ts(type = "string")]
    pub created: Timestamp,
    /// What the person decided.
    pub answers: Answers,
    /// Which charts, lists and images, by hash.
    pub combination: Combination,
    /// The cluster it was made for.
    pub cluster: ClusterFacts,
    /// The services in the order of the plan.
    pub services: Vec<PlannedService>,
    /// Steps in an order in which each stands after all it needs.
    pub steps: Vec<Step>,
    /// Room it takes.
    pub sizes: Sizes,
    /// Objects by kind, over all steps.
    pub objects: Vec<Change>,
    /// How long it is expected to take.
    pub estimate: EtaRange,
    /// What the whole cluster will share: cluster-wide objects, `Kind/name`.
    pub shared: Vec<String>,
    /// References that do not resolve and are known to be optional, with the reason's code.
    pub optional: BTreeMap<String, String>,
}

/// One pinned, tested combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Combination {
    /// Product.
    pub product: String,
    /// Version.
    pub version: String,
    /// Commit of the charts; empty for the practice product.
    pub charts_commit: String,
    /// Git tree hash of the charts, verified.
    pub charts_tree: String,
    /// Commit of the product list.
    pub list_commit: String,
    /// Git blob hash of the list, verified.
    pub list_blob: String,
    /// Patches applied, by id.
    pub patches: Vec<String>,
}

/// What the plan takes for given about the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct ClusterFacts {
    /// UID of `kube-system`: the same cluster, however it is reached. Empty in a rehearsal.
    pub uid: String,
    /// For example `v1.36.3`.
    pub version: String,
}

/// One service of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedService {
    /// Its name, also the name of its release.
    pub name: String,
    /// Namespace of its release.
    pub namespace: String,
    /// Its stage.
    pub stage: String,
    /// Why it comes along.
    pub because: Because,
    /// Workloads: `Kind/namespace/name`.
    pub workloads: Vec<String>,
    /// Images, in full.
    pub images: Vec<String>,
    /// Memory that its pods ask for, in MiB.
    pub memory: u32,
    /// Disks that it claims, in GiB.
    pub disk: u32,
}

/// Why a service comes along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Because {
    /// `chosen`, `group` (a module needs the group it is in), `data` (database, files), `settings`.
    pub code: String,
    /// The module, group or service that asks for it.
    pub of: String,
}

/// Room that an installation takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct Sizes {
    /// Services.
    pub services: u32,
    /// Workloads.
    pub workloads: u32,
    /// Pods.
    pub pods: u32,
    /// Memory requests, in MiB.
    pub memory: u32,
    /// Processor requests, in thousandths.
    pub cpu: u32,
    /// Disks, in GiB.
    pub disk: u32,
    /// Machines needed at least.
    pub nodes: u32,
    /// Distinct images.
    pub images: u32,
}
