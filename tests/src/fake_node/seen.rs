//! What the cluster looks like, kept by watches.

use futures::StreamExt as _;
use k8s_openapi::api::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod, Service};
use kube::runtime::reflector::{self, Store};
use kube::runtime::utils::Backoff;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The objects that nodes and cloud look at.
pub(super) struct Seen {
    pub(super) pods: Store<Pod>,
    pub(super) claims: Store<PersistentVolumeClaim>,
    pub(super) volumes: Store<PersistentVolume>,
    pub(super) services: Store<Service>,
    pub(super) jobs: Store<Job>,
    pub(super) deployments: Store<Deployment>,
    pub(super) validating: Store<ValidatingWebhookConfiguration>,
    pub(super) mutating: Store<MutatingWebhookConfiguration>,
}

impl Seen {
    /// Begins to watch. Every change is told to `changed`.
    pub(super) fn new(client: &Client, changed: &Arc<Notify>) -> Self {
        Self {
            pods: keep(client, changed),
            claims: keep(client, changed),
            volumes: keep(client, changed),
            services: keep(client, changed),
            jobs: keep(client, changed),
            deployments: keep(client, changed),
            validating: keep(client, changed),
            mutating: keep(client, changed),
        }
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
