//! What the pretend cluster keeps: objects, their versions, and what changed when.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json::{name, namespace};
use super::kinds::{self, Kind};

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) group: String,
    pub(super) plural: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn new(group: &str, plural: &str, namespace: &str, name: &str) -> Self {
        Key { group: group.into(), plural: plural.into(), namespace: namespace.into(), name: name.into() }
    }
    /// Of an object of a kind, by its own metadata.
    pub(super) fn of(kind: &Kind, object: &Value) -> Self {
        Key::new(&kind.group, &kind.plural, namespace(object), name(object))
    }
}

/// One change, for watches.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) key: Key,
    pub(super) before: Option<Arc<Value>>,
    pub(super) after: Option<Arc<Value>>,
}

/// So many changes are remembered; a watch from before them is told to list again.
const REMEMBERED: usize = 4000;

/// Stands for whatever went.
pub(super) const GONE: &str = "(gone)";

/// All objects and what happened to them.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) kinds: Vec<Kind>,
    objects: BTreeMap<Key, Arc<Value>>,
    version: u64,
    history: VecDeque<Change>,
    /// The last version that is forgotten.
    forgotten: u64,
    seed: String,
    drawn: u64,
    /// The version at which a kind last changed, by plural; `*` for anything, [`GONE`] for what went or is told to go.
    touched: HashMap<String, u64>,
    /// Changes that are not on disk yet.
    pub(super) unsaved: Vec<(Key, Option<Arc<Value>>)>,
    /// Whether anyone wants them there.
    pub(super) saving: bool,
}

impl Store {
    pub(super) fn new(seed: &str) -> Self {
        Store {
            kinds: kinds::built_in(),
            objects: BTreeMap::new(),
            version: 1,
            history: VecDeque::new(),
            forgotten: 1,
            seed: seed.to_owned(),
            drawn: 0,
            touched: HashMap::new(),
            unsaved: Vec::new(),
            saving: false,
        }
    }

    /// The version of the last change of any of these kinds.
    pub(super) fn touched(&self, kinds: &[&str]) -> u64 {
        kinds.iter().filter_map(|kind| self.touched.get(*kind)).copied().max().unwrap_or(0)
    }

    /// The newest resourceVersion.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn kind(&self, group: &str, plural: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.group == group && k.plural == plural)
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(key)
    }

    /// Short for core kinds and others that controllers know by heart.
    pub(super) fn find(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<&Arc<Value>> {
        self.objects.get(&Key::new(group, plural, namespace, name))
    }

    /// All objects of a kind, in one namespace if one is named.
    pub(super) fn all(&self, group: &str, plural: &str, namespace: &str) -> Vec<Arc<Value>> {
        let first = Key::new(group, plural, namespace, "");
        self.objects
            .range(first..)
            .take_while(|(key, _)| {
                key.group == group && key.plural == plural && (namespace.is_empty() || key.namespace == namespace)
            })
            .map(|(_, object)| Arc::clone(object))
            .collect()
    }

    /// Every object with its key.
    pub(super) fn everything(&self) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.objects.iter()
    }

    /// Keeps an object. One that is the same as before keeps its version: nothing happened.
    pub(super) fn put(&mut self, key: Key, mut object: Value) -> Arc<Value> {
        let before = self.objects.get(&key).cloned();
        if let Some(before) = &before {
            object["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"].clone();
            if **before == object {
                return Arc::clone(before);
            }
        }
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let after = Arc::new(object);
        self.objects.insert(key.clone(), Arc::clone(&after));
        self.note(key, before, Some(Arc::clone(&after)));
        after
    }

    /// Drops an object; what it was with the version of its end.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let before = self.objects.remove(key)?;
        self.version += 1;
        let mut last = (*before).clone();
        last["metadata"]["resourceVersion"] = self.version.to_string().into();
        let last = Arc::new(last);
        self.note(key.clone(), Some(Arc::clone(&last)), None);
        Some(last)
    }

    fn note(&mut self, key: Key, before: Option<Arc<Value>>, after: Option<Arc<Value>>) {
        let gone = after.as_deref().is_none_or(|object| object["metadata"].get("deletionTimestamp").is_some());
        for part in [Some(key.plural.as_str()), Some("*"), gone.then_some(GONE)].into_iter().flatten() {
            match self.touched.get_mut(part) {
                Some(version) => *version = self.version,
                None => {
                    self.touched.insert(part.to_owned(), self.version);
                }
            }
        }
        if self.saving {
            self.unsaved.push((key.clone(), after.clone()));
        }
        if key.plural == "customresourcedefinitions" {
            self.learn(after.as_deref(), before.as_deref());
        }
        self.history.push_back(Change { version: self.version, key, before, after });
        if self.history.len() > REMEMBERED
            && let Some(old) = self.history.pop_front()
        {
            self.forgotten = old.version;
        }
    }

    /// A definition that is established adds its kind; one that goes takes it away.
    fn learn(&mut self, after: Option<&Value>, before: Option<&Value>) {
        if let Some(old) = before.and_then(Kind::of_definition) {
            self.kinds.retain(|k| (&k.group, &k.plural) != (&old.group, &old.plural));
        }
        let established = |d: &&Value| {
            super::json::list(d, "/status/conditions")
                .iter()
                .any(|c| c["type"] == "Established" && c["status"] == "True")
        };
        if let Some(kind) = after.filter(established).and_then(Kind::of_definition) {
            self.kinds.push(kind);
        }
    }

    /// What changed after a version; the oldest that is known when that is too long ago.
    pub(super) fn since(&self, version: u64) -> Result<Vec<Change>, u64> {
        if version < self.forgotten {
            return Err(self.forgotten + 1);
        }
        let from = self.history.partition_point(|change| change.version <= version);
        Ok(self.history.iter().skip(from).cloned().collect())
    }

    /// A name or number that nobody had before, the same in every rehearsal with the same seed.
    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::digest(format!("{}|{}", self.seed, self.drawn)).into()
    }

    pub(super) fn draw_uid(&mut self) -> String {
        let hex = hex::encode(&self.draw()[..16]);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// Five characters as Kubernetes puts them behind generated names.
    pub(super) fn draw_suffix(&mut self) -> String {
        safe(&self.draw()[..5])
    }

    /// Takes over what was read from disk.
    pub(super) fn restore(&mut self, objects: Vec<(Key, Value)>, version: u64, drawn: u64) {
        self.version = version.max(1);
        self.forgotten = self.version;
        self.drawn = drawn;
        for (key, object) in objects {
            if key.plural == "customresourcedefinitions" {
                self.learn(Some(&object), None);
            }
            self.objects.insert(key, Arc::new(object));
        }
    }

    pub(super) fn drawn(&self) -> u64 {
        self.drawn
    }
}

/// Letters and digits that make no words, as Kubernetes uses them.
pub(super) fn safe(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    bytes.iter().map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])).collect()
}

/// A short hash of a value, for names that follow from content.
pub(super) fn hash(value: &Value, length: usize) -> String {
    let digest: [u8; 32] = Sha256::digest(value.to_string()).into();
    safe(&digest[..length])
}

/// A number that follows from a name, evenly spread below `below`.
pub(super) fn spread(name: &str, below: u64) -> u64 {
    let digest: [u8; 32] = Sha256::digest(name).into();
    let mut eight = [0; 8];
    eight.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(eight) % below.max(1)
}

/// An instant `length` seconds after another, sped up.
pub(super) fn after(at: Timestamp, length: f64) -> Timestamp {
    let millis = (length * 1000.0).clamp(0.0, 1.0e12);
    #[allow(clippy::cast_possible_truncation, reason = "clamped above")]
    let length = jiff::SignedDuration::from_millis(millis as i64);
    at.checked_add(length).unwrap_or(at)
}
