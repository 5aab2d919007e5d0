//! One watch a kind: a store of a cluster's objects that stays true by itself, for as many waits as like.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use kube::api::{Api, ApiResource, DynamicObject};
use kube::runtime::watcher::{self, Event, watcher};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::connect::api::{Cluster, Trouble};
use crate::connect::refusal::refusal;
use crate::connect::retry::{self, Refusal};
use crate::error::{Error, Result};
use crate::object::{ObjectRef, Resource, text};

/// What tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Seconds after which a watch is begun anew; a connection that died without a word is noticed 5 s later.
const WATCH_SECONDS: u32 = 60;

/// Seconds that a list may take.
const LIST_TIME_OUT: Duration = Duration::from_secs(60);

/// A store of objects, kept true by one watch a kind. Cheap to clone; the watches end with the last clone.
#[derive(Clone)]
pub struct Watch {
    cluster: Cluster,
    clock: Now,
    namespaces: Arc<BTreeSet<String>>,
    store: Arc<Mutex<Store>>,
    changed: Arc<watch::Sender<u64>>,
    end: Arc<tokio_util::sync::DropGuard>,
    ended: CancellationToken,
}

#[derive(Default)]
struct Store {
    kinds: HashMap<(String, String), Kind>,
}

/// Objects of one kind, and how its watch stands.
#[derive(Default)]
struct Kind {
    objects: BTreeMap<(String, String), Arc<Value>>,
    state: Feed,
    /// When the feed last came back after trouble.
    back_since: Option<Timestamp>,
}

/// How a watch stands.
#[derive(Debug, Clone, Default, PartialEq)]
enum Feed {
    /// The first list is not here yet.
    #[default]
    Starting,
    /// What the store holds is true.
    Live,
    /// Trouble: what the store holds was true.
    Stale,
    /// We may not watch this kind, or it is not served: it was never true.
    Refused(Error),
}

impl Watch {
    /// A store without watches yet. Only objects in `namespaces` are kept, and cluster-wide ones; empty: all.
    pub fn new(cluster: &Cluster, clock: Now, namespaces: BTreeSet<String>) -> Self {
        let ended = CancellationToken::new();
        Watch {
            cluster: cluster.clone(),
            clock,
            namespaces: Arc::new(namespaces),
            store: Arc::default(),
            changed: Arc::new(watch::Sender::new(0)),
            end: Arc::new(ended.clone().drop_guard()),
            ended,
        }
    }

    /// The time, as this store sees it.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The cluster behind it.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Has a kind watched from now on, and waits until all of its objects are here. Whoever comes while it is begun waits for the same;
    /// whoever comes after it was refused has it begun anew.
    pub async fn follow(&self, api_version: &str, kind: &str) -> Result<()> {
        let key = (api_version.to_owned(), kind.to_owned());
        let mut changes = self.changed.subscribe();
        {
            let mut store = self.lock();
            let known = store.kinds.get(&key).map(|known| &known.state);
            if matches!(known, None | Some(Feed::Refused(_))) {
                store.kinds.insert(key.clone(), Kind::default());
                // Nobody waits between the entry and its feed: a caller that is given up leaves no entry without one.
                tokio::spawn(feed(self.feeder(key.clone())));
            }
        }
        loop {
            match self.lock().kinds.get(&key).map(|known| known.state.clone()) {
                Some(Feed::Live | Feed::Stale) => return Ok(()),
                Some(Feed::Refused(error)) => return Err(error),
                Some(Feed::Starting) | None => {}
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return Err(Error::Stopped) },
                () = self.cluster.stopped() => return Err(Error::Stopped),
            }
        }
    }

    /// An object, if it is there and its kind is followed.
    pub fn get(&self, object: &ObjectRef) -> Option<Arc<Value>> {
        let key = (object.api_version.clone(), object.kind.clone());
        self.lock().kinds.get(&key)?.objects.get(&(object.namespace.clone(), object.name.clone())).cloned()
    }

    /// All objects of a kind in a namespace; with an empty one, cluster-wide objects.
    pub fn list(&self, api_version: &str, kind: &str, namespace: &str) -> Vec<Arc<Value>> {
        let key = (api_version.to_owned(), kind.to_owned());
        let store = self.lock();
        let Some(known) = store.kinds.get(&key) else { return vec![] };
        let from = (namespace.to_owned(), String::new());
        known
            .objects
            .range(from..)
            .take_while(|((place, _), _)| place == namespace)
            .map(|(_, object)| object.clone())
            .collect()
    }

    /// All objects of a kind.
    pub fn all(&self, api_version: &str, kind: &str) -> Vec<Arc<Value>> {
        let key = (api_version.to_owned(), kind.to_owned());
        self.lock().kinds.get(&key).map(|known| known.objects.values().cloned().collect()).unwrap_or_default()
    }

    /// Since when everything that is followed of these kinds has been true without a gap: `None` if something of it is not true right
    /// now. What is followed for others, and what we may not see at all, does not count.
    pub(crate) fn true_since(&self, kinds: &BTreeSet<(&str, &str)>) -> Option<Timestamp> {
        let store = self.lock();
        let mut since = Timestamp::MIN;
        let counts = |(api_version, kind): &(String, String)| kinds.contains(&(api_version.as_str(), kind.as_str()));
        for kind in store.kinds.iter().filter(|(key, _)| counts(key)).map(|(_, kind)| kind) {
            if matches!(kind.state, Feed::Stale | Feed::Starting) {
                return None;
            }
            since = since.max(kind.back_since.unwrap_or(Timestamp::MIN));
        }
        Some(since)
    }

    /// Is told of every change from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Cancelled when the last clone of this store is gone.
    pub(crate) fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feeder(&self, key: (String, String)) -> Feeder {
        Feeder {
            key,
            cluster: self.cluster.clone(),
            clock: self.clock.clone(),
            namespaces: self.namespaces.clone(),
            store: self.store.clone(),
            changed: self.changed.clone(),
            ended: self.ended.clone(),
        }
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("namespaces", &self.namespaces)
            .field("clones", &Arc::strong_count(&self.end))
            .finish_non_exhaustive()
    }
}

/// What a watch needs to keep the store true. Does not keep the store's owner alive.
struct Feeder {
    /// Group version and kind.
    key: (String, String),
    cluster: Cluster,
    clock: Now,
    namespaces: Arc<BTreeSet<String>>,
    store: Arc<Mutex<Store>>,
    changed: Arc<watch::Sender<u64>>,
    ended: CancellationToken,
}

impl Feeder {
    fn change(&self, change: impl FnOnce(&mut Kind)) {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        change(store.kinds.entry(self.key.clone()).or_default());
        drop(store);
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn live(&self, kind: &mut Kind) {
        if kind.state == Feed::Stale {
            kind.back_since = Some((self.clock)());
        }
        kind.state = Feed::Live;
    }

    /// What the store holds was true.
    fn stale(&self) {
        self.change(|kind| {
            if kind.state == Feed::Live {
                kind.state = Feed::Stale;
            }
        });
    }

    /// Notes trouble that is tried again, and tells about it.
    fn trouble(&self, resource: &Resource, refused: Refusal, tries: u32, lasted: Duration, after: Duration) {
        self.stale();
        let needs = retry::person(&refused, lasted);
        let (code, what) = (trouble_code(&refused), what(resource));
        let message = retry::error(refused, self.cluster.server(), &what, "").to_string();
        self.cluster.tell(Trouble { code, what, message, tries, after, needs });
    }

    fn wanted(&self, resource: &Resource, object: &Value) -> bool {
        if !resource.namespaced || self.namespaces.is_empty() {
            return true;
        }
        // What happens to cluster-wide objects is told in `default`.
        let namespace = text(object, "/metadata/namespace");
        self.namespaces.contains(namespace) || (resource.kind == "Event" && namespace == "default")
    }
}

/// Keeps one kind true until the store ends, or until it is refused before it was ever true.
async fn feed(feeder: Feeder) {
    let refused = tokio::select! {
        () = feeder.ended.cancelled() => return,
        refused = begin(&feeder) => refused,
    };
    feeder.change(|kind| kind.state = Feed::Refused(refused));
}

async fn begin(feeder: &Feeder) -> Error {
    match feeder.cluster.resource(&feeder.key.0, &feeder.key.1).await {
        Ok(resource) => follow_forever(feeder, &resource).await,
        Err(error) => error,
    }
}

/// Whether a watch that was never true will not be by itself. One that was is never given up: after a laptop has slept the server
/// refuses whoever wakes with a token of yesterday, and what the store holds is old, not true.
fn is_final(refused: &Refusal, has_been_true: bool, is_patient: bool) -> bool {
    if has_been_true {
        return false;
    }
    match refused {
        Refusal::Status { code: 403..=405, .. } => true,
        other => retry::person(other, Duration::ZERO).is_some() && !is_patient,
    }
}

fn what(resource: &Resource) -> String {
    format!("WATCH {}", resource.path(""))
}

/// Code of the trouble of a watch: refusals are about its whole kind here.
fn trouble_code(refused: &Refusal) -> &'static str {
    match refused {
        Refusal::Status { code: 403, .. } => "forbidden",
        Refusal::Status { code: 404 | 405, .. } => "api-not-served",
        other => retry::trouble_code(other),
    }
}

async fn follow_forever(feeder: &Feeder, resource: &Resource) -> Error {
    let (group, version) = resource.api_version.split_once('/').unwrap_or(("", &resource.api_version));
    let kind = ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: resource.api_version.clone(),
        kind: resource.kind.clone(),
        plural: resource.plural.clone(),
    };
    let api: Api<DynamicObject> = Api::all_with(feeder.cluster.client().clone(), &kind);
    let begin = || watcher(api.clone(), watcher::Config::default().timeout(WATCH_SECONDS)).boxed();
    let mut events = begin();
    let mut listed = BTreeMap::new();
    let mut listing = true;
    let mut has_been_true = false;
    let mut tries = 0;
    let mut trouble_since = None;
    loop {
        let next =
            if listing { tokio::time::timeout(LIST_TIME_OUT, events.next()).await } else { Ok(events.next().await) };
        let event = match next {
            Ok(Some(event)) => event,
            // The watch ended, which it does not by itself: from the start.
            Ok(None) => {
                events = begin();
                listing = true;
                continue;
            }
            // The list hangs: from the start, and what the store holds is not true meanwhile.
            Err(_) => {
                events = begin();
                let reason = format!("no list within {} s", LIST_TIME_OUT.as_secs());
                let lasted = trouble_since.get_or_insert_with(tokio::time::Instant::now).elapsed();
                tries += 1;
                feeder.trouble(resource, Refusal::Lost { reason }, tries, lasted, Duration::ZERO);
                continue;
            }
        };
        match event {
            Ok(Event::Init) => {
                listing = true;
                listed.clear();
            }
            Ok(Event::InitApply(object)) => {
                let object = trim(resource, &object);
                if feeder.wanted(resource, &object) {
                    listed.insert(place(&object), Arc::new(object));
                }
            }
            Ok(Event::InitDone) => {
                listing = false;
                has_been_true = true;
                tries = 0;
                trouble_since = None;
                feeder.cluster.goes_on();
                let all = std::mem::take(&mut listed);
                feeder.change(|kind| {
                    kind.objects = all;
                    feeder.live(kind);
                });
            }
            Ok(Event::Apply(object)) => {
                tries = 0;
                trouble_since = None;
                feeder.cluster.goes_on();
                let object = trim(resource, &object);
                let wanted = feeder.wanted(resource, &object);
                feeder.change(|kind| {
                    feeder.live(kind);
                    if wanted {
                        kind.objects.insert(place(&object), Arc::new(object));
                    }
                });
            }
            Ok(Event::Delete(object)) => {
                tries = 0;
                trouble_since = None;
                feeder.cluster.goes_on();
                let object = trim(resource, &object);
                feeder.change(|kind| {
                    feeder.live(kind);
                    kind.objects.remove(&place(&object));
                });
            }
            Err(error) => {
                let (refused, expired) = what_happened(&error);
                if is_final(&refused, has_been_true, feeder.cluster.is_patient()) {
                    return retry::error(refused, feeder.cluster.server(), &what(resource), "");
                }
                let lasted = trouble_since.get_or_insert_with(tokio::time::Instant::now).elapsed();
                tries += 1;
                if expired {
                    events = begin();
                    listing = true;
                    // Expected from time to time; what the store holds is told anew in a moment.
                    if tries == 1 {
                        feeder.stale();
                        continue;
                    }
                }
                let after = retry::pause(tries, None, rand::random()).min(Duration::from_secs(5));
                feeder.trouble(resource, refused, tries, lasted, after);
                tokio::time::sleep(after).await;
            }
        }
    }
}

/// The refusal behind a watch's error, and whether the watch is too old to go on.
fn what_happened(error: &watcher::Error) -> (Refusal, bool) {
    let from_status = |status: &kube::core::Status| Refusal::Status {
        code: status.code,
        reason: status.reason.clone(),
        message: status.message.clone(),
        details: Value::Null,
        retry_after: None,
    };
    let refusal = match error {
        watcher::Error::WatchError(status) => from_status(status),
        watcher::Error::InitialListFailed(inner)
        | watcher::Error::WatchStartFailed(inner)
        | watcher::Error::WatchFailed(inner) => match inner {
            kube::Error::Api(status) => from_status(status),
            other => refusal(other),
        },
        watcher::Error::NoResourceVersion => Refusal::Garbled { reason: error.to_string() },
    };
    let expired = matches!(refusal, Refusal::Status { code: 410, .. });
    (refusal, expired)
}

fn place(object: &Value) -> (String, String) {
    (text(object, "/metadata/namespace").to_owned(), text(object, "/metadata/name").to_owned())
}

/// An object without what nobody here reads and what weighs: managed fields, the last applied configuration, the
/// content of Secrets and ConfigMaps.
fn trim(resource: &Resource, object: &DynamicObject) -> Value {
    let mut value = serde_json::to_value(object).unwrap_or_default();
    value["apiVersion"] = resource.api_version.clone().into();
    value["kind"] = resource.kind.clone().into();
    if let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    if matches!(resource.kind.as_str(), "Secret" | "ConfigMap")
        && let Some(top) = value.as_object_mut()
    {
        top.remove("data");
        top.remove("binaryData");
        top.remove("stringData");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_weighs_is_dropped() {
        let secrets = Resource {
            api_version: "v1".into(),
            kind: "Secret".into(),
            plural: "secrets".into(),
            namespaced: true,
            verbs: vec![],
        };
        let object: DynamicObject = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "a", "namespace": "n", "managedFields": [{"manager": "x"}], "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "b": "c"}},
            "data": {"password": "c2VjcmV0"}, "type": "Opaque"}))
        .unwrap();
        assert_eq!(
            trim(&secrets, &object),
            serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "n", "annotations": {"b": "c"}}, "type": "Opaque"})
        );
    }
}
