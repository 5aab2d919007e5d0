//! The pretend cluster: a Kubernetes API server, its controllers and its nodes, small enough to live under a [`kube::Client`].
//!
//! For rehearsals and tests. Everything above the wire is the same code as on a real cluster; everything below is here: objects with
//! versions, watches, server-side apply with owners of fields, deletion with all that follows, and controllers that move Deployments, Jobs,
//! claims and load balancers by the clock that was given. No image runs; behind the ports of pods answers what [`Pretend::set_programs`]
//! puts there. What the few images that speak to the API would do is played
//! (webhook certificates, Kibana's token), logs are made up and say so.
//!
//! A table of behaviours (`tests/behaviour/`) runs against this and against a real API server and compares the answers.

mod admit;
mod answer;
mod apply;
mod controllers;
mod forward;
mod garbage;
mod hooks;
mod jobs;
mod json;
mod keep;
mod kinds;
mod logs;
mod network;
mod pace;
mod patch;
mod pods;
mod program;
mod route;
mod rules;
mod schedule;
mod schema;
mod select;
mod serve;
mod shared;
mod store;
mod verbs;
mod volumes;
mod watch;
mod workloads;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};

use jiff::Timestamp;
use serde_json::{Value, json};

pub use keep::Place;
pub use pace::Pace;
pub use program::{Arrived, Broken, Program, Respond};
pub use rules::{Mishap, Rule};
pub use shared::Now;

use crate::connect::api::Cluster;
use keep::Keep;
use shared::Shared;
use store::Store;
use world::World;

/// One node of the pretend cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Cores.
    pub cpu: u32,
    /// Memory in GiB.
    pub memory: u32,
}

/// What the pretend cluster is like.
pub struct Setup {
    /// The clock that moves it.
    pub clock: Now,
    /// How long things take.
    pub pace: Pace,
    /// Its nodes, named `rehearsal-1` and so on.
    pub nodes: Vec<Node>,
    /// What goes wrong.
    pub rules: Vec<Rule>,
    /// Where it is kept; only in memory, if not given.
    pub place: Option<Place>,
    /// Uids and generated names follow from it: the same seed and the same requests give the same cluster.
    pub seed: String,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            clock: Arc::new(Timestamp::now),
            pace: Pace::default(),
            // what people have
            nodes: vec![Node { cpu: 4, memory: 16 }; 3],
            rules: Vec::new(),
            place: None,
            seed: "rehearsal".to_owned(),
        }
    }
}

/// What this program has open, by file: two that write one file would lose each other's changes.
static OPEN: Mutex<BTreeMap<PathBuf, Weak<Shared>>> = Mutex::new(BTreeMap::new());

/// A pretend cluster. Clones are the same cluster.
#[derive(Clone)]
pub struct Pretend {
    shared: Arc<Shared>,
}

impl fmt::Debug for Pretend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pretend").finish_non_exhaustive()
    }
}

impl Pretend {
    /// Makes one, or goes on with the one that is kept at `setup.place`. If this program has that one open already it is the same
    /// cluster, with the clock, pace and rules it has.
    ///
    /// # Errors
    /// When the file cannot be read, written, or unsealed with the key; [`std::io::ErrorKind::ResourceBusy`] when another program has it
    /// open.
    pub fn new(setup: Setup) -> std::io::Result<Pretend> {
        let Some(path) = setup.place.as_ref().map(|place| std::path::absolute(&place.path)).transpose()? else {
            return Pretend::open(setup);
        };
        let mut open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(shared) = open.get(&path).and_then(Weak::upgrade) {
            return Ok(Pretend { shared });
        }
        let pretend = Pretend::open(setup)?;
        open.retain(|_, other| other.strong_count() > 0);
        open.insert(path, Arc::downgrade(&pretend.shared));
        Ok(pretend)
    }

    fn open(setup: Setup) -> std::io::Result<Pretend> {
        let mut store = Store::new(&setup.seed);
        let now = (setup.clock)();
        let (keep, known) = match setup.place {
            Some(place) => {
                let (keep, known) = Keep::open(place, &mut store)?;
                (Some(keep), known)
            }
            None => (None, false),
        };
        let mut world = World::new(store, setup.pace, setup.rules, keep, now);
        if !known {
            found(&mut world, &setup.nodes);
        }
        controllers::advance(&mut world, now);
        let (changed, _) = tokio::sync::watch::channel(world.store.version());
        let shared = Shared { world: Mutex::new(world), clock: setup.clock, changed, programs: Mutex::default() };
        Ok(Pretend { shared: Arc::new(shared) })
    }

    /// A client that speaks to it. Must be called inside a tokio runtime.
    pub fn client(&self) -> kube::Client {
        kube::Client::new(serve::Server::new(Arc::clone(&self.shared)), "default")
    }

    /// The same as a [`Cluster`]. Must be called inside a tokio runtime.
    pub fn cluster(&self) -> Cluster {
        crate::connect::connect_service(serve::Server::new(Arc::clone(&self.shared)), "rehearsal")
    }

    /// Other trouble from now on; what a rule did already stays until the pod gets over it.
    pub fn set_rules(&self, rules: Vec<Rule>) {
        let mut world = self.shared.world();
        world.rules = rules;
        world.look_again();
        self.shared.settle(world);
    }

    /// What answers behind the ports of pods from now on, in place of what did before; the first that fits a pod and a port. Forwards
    /// that are open go on with what they found.
    pub fn set_programs(&self, programs: Vec<Program>) {
        *self.shared.programs.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = programs;
    }

    /// What could not be written to disk, if anything.
    pub fn trouble(&self) -> Option<String> {
        self.shared.world().keep.as_ref().and_then(|keep| keep.trouble.clone())
    }
}

/// What every cluster has from the beginning.
fn found(world: &mut World, nodes: &[Node]) {
    for named in ["kube-system", "default", "kube-public", "kube-node-lease"] {
        world.make("", "namespaces", json!({"metadata": {"name": named}}));
    }
    for (index, node) in nodes.iter().enumerate() {
        world.make("", "nodes", machine(index + 1, node, world.now));
    }
    let class = json!({"metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "rehearsal.csi", "volumeBindingMode": "WaitForFirstConsumer"});
    world.make("storage.k8s.io", "storageclasses", class);
    let service = json!({"metadata": {"name": "kubernetes", "namespace": "default", "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "targetPort": 6443}]}});
    world.make("", "services", service);
}

fn machine(number: usize, node: &Node, now: Timestamp) -> Value {
    let named = format!("rehearsal-{number}");
    let zone = ["a", "b", "c"][(number - 1) % 3];
    let size = json!({"cpu": node.cpu.to_string(), "memory": format!("{}Gi", node.memory), "pods": "110", "ephemeral-storage": "100Gi"});
    let conditions: Vec<Value> = [("MemoryPressure", "False"), ("DiskPressure", "False"), ("PIDPressure", "False"), ("Ready", "True")]
        .iter()
        .map(|(kind, status)| {
            let at = json::seconds(now);
            json!({"type": kind, "status": status, "reason": "Rehearsal", "message": "", "lastHeartbeatTime": at, "lastTransitionTime": at})
        })
        .collect();
    json!({"metadata": {"name": named, "labels": {"kubernetes.io/hostname": named, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/region": "rehearsal", "topology.kubernetes.io/zone": format!("rehearsal-{zone}"),
            "node.kubernetes.io/instance-type": "rehearsal"}},
        "spec": {"podCIDR": format!("10.244.{number}.0/24"), "providerID": format!("rehearsal:///{named}")},
        "status": {"capacity": size, "allocatable": size, "conditions": conditions,
            "addresses": [{"type": "InternalIP", "address": format!("10.1.0.{number}")}, {"type": "Hostname", "address": named}],
            "nodeInfo": {"kubeletVersion": serve::VERSION, "operatingSystem": "linux", "architecture": "amd64", "osImage": "Rehearsal",
                "kernelVersion": "6.1.0", "containerRuntimeVersion": "rehearsal://1", "machineID": named, "systemUUID": named, "bootID": named, "kubeProxyVersion": ""}}})
}
