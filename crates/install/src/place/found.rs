//! A cluster that is reached, and what is found in it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use cluster::{Cluster, Need};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::recorded;
use super::rights::{self, Missing, Rights};
use crate::answers::Target;
use crate::error::Error;
use crate::home::ProxyChoice;
use crate::plan::ClusterFacts;
use crate::surroundings::Surroundings;

/// How long a look waits for a server that does not answer.
pub(crate) const QUICK: Duration = Duration::from_secs(5);

/// A cluster, real or simulated.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) cluster: Cluster,
    simulated: bool,
}

/// Connects to a cluster that is there.
pub(super) async fn connect(target: &Target, proxy: &ProxyChoice, around: &Surroundings) -> Result<Place, Error> {
    let target = cluster::Target {
        kubeconfig: target.kubeconfig().map(Path::to_owned),
        context: target.context().map(str::to_owned),
        proxy: proxy.for_cluster(),
    };
    Ok(Place { cluster: (around.reach)(target).await?, simulated: false })
}

impl Place {
    /// One in which nothing is real.
    pub(super) fn simulated(cluster: Cluster) -> Place {
        Place { cluster, simulated: true }
    }

    /// Whether nothing in it is real.
    pub(crate) fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// The same place, whose cluster may stay silent for so long and no longer.
    pub(crate) fn patient(&self, within: Duration) -> Place {
        Place { cluster: self.cluster.with_patience(cluster::Patience::For(within)), simulated: self.simulated }
    }

    /// The same place, telling when its calls need a person, and when they go on.
    pub(crate) fn telling_holds(&self, listener: cluster::OnHold) -> Place {
        Place { cluster: self.cluster.with_hold_listener(listener), simulated: self.simulated }
    }

    /// UID of the cluster.
    pub(crate) async fn uid(&self) -> Result<String, Error> {
        Ok(self.cluster.uid().await?)
    }

    /// All objects of a kind; `None`: we may not see them, or the cluster does not know the kind.
    pub(crate) async fn seen(&self, api_version: &str, kind: &str) -> Result<Option<Vec<Value>>, Error> {
        let found = async {
            let resource = self.cluster.resource(api_version, kind).await?;
            self.cluster.list(&resource, "", "").await
        };
        match found.await {
            Ok(found) => Ok(Some(found)),
            Err(
                cluster::Error::Forbidden { .. } | cluster::Error::NotServed { .. } | cluster::Error::NotFound { .. },
            ) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }
}

/// What a plan takes for given about a cluster.
pub(crate) async fn facts(place: &Place) -> Result<ClusterFacts, Error> {
    let version = place.cluster.version().await?;
    let served = place.cluster.served().await?;
    let mut api_versions = served.api_versions();
    // P5: DIGIT's charts ask for the API of the past to choose between two others.
    api_versions.insert("batch/v1beta1".to_owned());
    Ok(ClusterFacts { uid: place.uid().await?, version, simulated: place.simulated, promised: false, api_versions })
}

/// The groups of APIs that the definitions of these releases serve. Whoever may not see definitions is told so by the check of
/// permissions.
pub(super) async fn brought(place: &Place, releases: &BTreeSet<(String, String)>) -> Result<BTreeSet<String>, Error> {
    match place.cluster.groups_defined_by(releases).await {
        Err(cluster::Error::Forbidden { .. }) => Ok(BTreeSet::new()),
        other => Ok(other?),
    }
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
    /// What we may not do and every install needs, a resource each: `verb, verb resource`.
    pub missing: Vec<String>,
    /// An installation that keeps its record in this cluster, by name.
    pub installation: Option<String>,
}

/// What a look at a cluster found.
pub(crate) struct Seen {
    pub(crate) overview: cluster::Overview,
    /// What we have to be allowed to do and are not.
    pub(crate) missing: Missing,
    /// An installation that keeps its record in this cluster, by name.
    pub(crate) installation: Option<String>,
}

/// Looks at a cluster before there is a plan.
pub(crate) async fn look(place: &Place) -> Result<Seen, Error> {
    look_for(place, &rights::basic()).await
}

/// Looks at a cluster, and whether we have the rights that are needed.
pub(crate) async fn look_for(place: &Place, rights: &Rights) -> Result<Seen, Error> {
    // Asked first: a server that does not answer or does not know us says so here, in a few seconds.
    let quick = place.cluster.with_patience(cluster::Patience::For(QUICK));
    quick.version().await?;
    let (overview, missing, installation) = tokio::try_join!(
        async { Ok::<_, Error>(quick.overview().await?) },
        missing(&quick, rights),
        recorded::installation_in(&quick),
    )?;
    Ok(Seen { overview, missing, installation })
}

/// What we have to be allowed to do and are not. What a grant hands out is asked only where the right to hand out is missing.
async fn missing(cluster: &Cluster, rights: &Rights) -> Result<Missing, Error> {
    let by = rights.grants.iter().map(|grant| grant.by.clone());
    let all: Vec<Need> = rights.needs.iter().cloned().chain(by).collect();
    let refused = cluster.missing(&all).await?;
    let mut missing = Missing::default();
    for grant in rights.grants.iter().filter(|grant| refused.contains(&grant.by)) {
        let or: Vec<Need> = grant.or.iter().cloned().collect();
        let not_held = cluster.missing(&or).await?;
        if !not_held.is_empty() {
            missing.grants.push((grant.by.clone(), not_held));
        }
    }
    missing.needs = refused.into_iter().filter(|need| rights.needs.contains(need)).collect();
    Ok(missing)
}

/// What a person is shown about a cluster.
pub(crate) fn view(seen: &Seen) -> ClusterView {
    let Seen { overview, missing, installation } = seen;
    let usable = || overview.nodes.iter().filter(|n| n.is_open());
    let (memory, cpu): (u64, u64) = (usable().map(|n| n.memory).sum(), usable().map(|n| n.cpu).sum());
    ClusterView {
        uid: overview.uid.clone(),
        server: overview.server.clone(),
        version: overview.version.clone(),
        nodes: count(overview.nodes.len()),
        nodes_ready: count(usable().count()),
        memory: mib(memory),
        memory_free: mib(memory.saturating_sub(overview.requested.memory)),
        cpu: u32::try_from(cpu).unwrap_or(u32::MAX),
        cpu_free: u32::try_from(cpu.saturating_sub(overview.requested.cpu)).unwrap_or(u32::MAX),
        storage_class: overview.storage_classes.iter().find(|c| c.default).map(|c| c.name.clone()),
        ingress_classes: overview.ingress_classes.clone(),
        user: overview.user.clone(),
        missing: rights::grouped(&missing.all()),
        installation: installation.clone(),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn mib(bytes: u64) -> u32 {
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX)
}

/// A kubeconfig and what it offers; none: the default one.
pub(crate) fn kubeconfig_view(path: Option<&Path>) -> Result<KubeconfigView, Error> {
    let paths = cluster::kubeconfig::default_sources(path);
    let read = cluster::kubeconfig::contexts(&paths)?;
    Ok(KubeconfigView {
        path: read.paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "),
        current: read.current,
        contexts: read
            .contexts
            .into_iter()
            .map(|c| ContextView { name: c.name, server: c.server, user: c.user, exec: c.exec })
            .collect(),
    })
}
