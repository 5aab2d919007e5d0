//! Nodes that are played: a kubelet without containers, and the cloud around it (volumes, load balancers), over a real API.
//! It watches and answers at once, so that a test waits for our own code only.

mod cloud;
mod node;
mod pod;
mod roles;

use crate::error::Error;
use futures::StreamExt as _;
use k8s_openapi::api::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod, Service};
use kube::runtime::reflector::{self, Store};
use kube::runtime::utils::Backoff;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Config};
use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// How nodes, volumes and load balancers behave.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// How many nodes there are.
    pub nodes: u16,
    /// Processors of each.
    pub cpu: u16,
    /// Memory of each, in GiB; pods may use 1.5 GiB less.
    pub memory: u16,
    /// A pod is ready this long after its start.
    pub ready_after: Duration,
    /// A pod that ends by itself does so after this long.
    pub job_takes: Duration,
    /// A load balancer has its address this long after its Service was made.
    pub load_balancer_after: Duration,
    /// The default storage class, whose claims get volumes; none if empty.
    pub storage_class: String,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            // what people have: three rented machines of the usual size
            nodes: 3,
            cpu: 4,
            memory: 16,
            ready_after: Duration::ZERO,
            job_takes: Duration::from_millis(500),
            load_balancer_after: Duration::ZERO,
            storage_class: "gp3".into(),
        }
    }
}

/// Pods that go wrong.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Searched in `namespace/name`.
    pub pod: regex::Regex,
    /// What they do.
    pub fails: Failure,
    /// Only pods younger than this; older ones get well.
    pub until: Option<Duration>,
}

/// A way to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// `CrashLoopBackOff`.
    Crash,
    /// `ImagePullBackOff`.
    ImagePull,
    /// Killed since it took more memory than it may, again and again.
    OutOfMemory,
    /// Runs, never gets ready.
    Unready,
    /// Ends with exit code 1 (a pod that ends by itself).
    Fail,
    /// Ends with this exit code, having said this where Kubernetes keeps last words (a pod that ends by itself).
    End(i32, &'static str),
}

/// Nodes that run until they are dropped, in a thread of their own, so that tests with and without a runtime can use them.
pub struct FakeNodes {
    rules: Arc<Mutex<Vec<Rule>>>,
    stop: Arc<Notify>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl FakeNodes {
    /// Starts them. They register by themselves as soon as the API answers. `ca` is what cert-manager's injector is to inject.
    ///
    /// # Errors
    /// When the kubeconfig cannot be read or no thread can be started.
    pub fn start(kubeconfig: &Path, behaviour: Behaviour, ca: String) -> Result<Self, Error> {
        let kubeconfig_text = kube::config::Kubeconfig::read_from(kubeconfig)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(crate::error::at("a runtime for the fake nodes"))?;
        let rules = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(Notify::new());
        let (their_rules, their_stop) = (Arc::clone(&rules), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = their_stop.notified() => {}
                    ended = play(kubeconfig_text, behaviour, ca, their_rules) => {
                        if let Err(why) = ended {
                            eprintln!("fake nodes: {why}");
                        }
                    }
                }
            });
        });
        Ok(Self { rules, stop, thread: Some(thread) })
    }

    /// Makes pods fail from now on.
    pub fn rules(&self, rules: Vec<Rule>) {
        if let Ok(mut kept) = self.rules.lock() {
            *kept = rules;
        }
    }
}

impl Drop for FakeNodes {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the cluster looks like, kept by watches.
struct Seen {
    pods: Store<Pod>,
    claims: Store<PersistentVolumeClaim>,
    volumes: Store<PersistentVolume>,
    services: Store<Service>,
    jobs: Store<Job>,
    deployments: Store<Deployment>,
    validating: Store<ValidatingWebhookConfiguration>,
    mutating: Store<MutatingWebhookConfiguration>,
}

async fn play(
    kubeconfig: kube::config::Kubeconfig,
    behaviour: Behaviour,
    ca: String,
    rules: Arc<Mutex<Vec<Rule>>>,
) -> Result<(), Error> {
    let config = Config::from_custom_kubeconfig(kubeconfig, &kube::config::KubeConfigOptions::default()).await?;
    let client = Client::try_from(config)?;
    let changed = Arc::new(Notify::new());
    let seen = Seen {
        pods: keep(&client, &changed),
        claims: keep(&client, &changed),
        volumes: keep(&client, &changed),
        services: keep(&client, &changed),
        jobs: keep(&client, &changed),
        deployments: keep(&client, &changed),
        validating: keep(&client, &changed),
        mutating: keep(&client, &changed),
    };
    tokio::spawn(node::beat(client.clone(), behaviour.clone()));

    let mut pods = pod::Pods::default();
    let mut roles = roles::Roles::new(ca);
    loop {
        let rules_now = rules.lock().map(|r| r.clone()).unwrap_or_default();
        // Each of them does what it can; what fails now (the API server may be away) is tried at the next turn.
        pods.turn(&client, &seen, &behaviour, &rules_now).await;
        cloud::turn(&client, &seen, &behaviour).await;
        if let Err(why) = roles.turn(&client, &seen).await {
            eprintln!("fake nodes, roles: {why}");
        }
        // a burst of changes is one turn; without changes time alone brings jobs to their end
        let _ = tokio::time::timeout(Duration::from_millis(250), changed.notified()).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Watches all objects of a kind; when the API server was away, again after half a second.
fn keep<K>(client: &Client, changed: &Arc<Notify>) -> Store<K>
where
    K: kube::Resource<DynamicType = ()> + Clone + Debug + Send + Sync + serde::de::DeserializeOwned + 'static,
{
    let (reader, writer) = reflector::store();
    let changed = Arc::clone(changed);
    let watched = watcher(Api::<K>::all(client.clone()), watcher::Config::default()).backoff(Steady).reflect(writer);
    tokio::spawn(async move {
        let mut watched = std::pin::pin!(watched);
        while watched.next().await.is_some() {
            changed.notify_one();
        }
    });
    reader
}

/// The same pause every time.
struct Steady;

impl Iterator for Steady {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        Some(Duration::from_millis(500))
    }
}

impl Backoff for Steady {
    fn reset(&mut self) {}
}
