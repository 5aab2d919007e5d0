//! The cluster as a whole: the store, the clock, how fast things go, and what controllers do to all of these.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::{child, list, name, namespace, seconds, text, time, uid};
use super::keep::Keep;
use super::kinds::Kind;
use super::pace::Pace;
use super::rules::{Mishap, Rule};
use super::store::{Key, Store, after, hash};

/// Everything behind the wire.
#[derive(Debug)]
pub(super) struct World {
    pub(super) store: Store,
    pub(super) now: Timestamp,
    pub(super) pace: Pace,
    pub(super) rules: Vec<Rule>,
    pub(super) keep: Option<Keep>,
    /// How each controller stands, in their order.
    pub(super) turns: Vec<Turn>,
    /// When the controller that runs wants to be called next.
    pub(super) due: Option<Timestamp>,
}

/// When a controller has to look again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    /// The version it has seen.
    pub(super) seen: u64,
    pub(super) due: Option<Timestamp>,
    pub(super) ran: bool,
}

impl World {
    pub(super) fn new(store: Store, pace: Pace, rules: Vec<Rule>, keep: Option<Keep>, now: Timestamp) -> Self {
        World { store, now, pace, rules, keep, turns: Vec::new(), due: None }
    }

    /// Lets every controller look again, for changes that are not of objects.
    pub(super) fn look_again(&mut self) {
        self.turns.fill(Turn::default());
    }

    /// Asks to be called again at an instant.
    pub(super) fn wake(&mut self, at: Timestamp) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Whether `length` seconds (at speed 1) have passed since; if not, asks to be woken then.
    pub(super) fn passed(&mut self, since: Timestamp, length: f64) -> bool {
        let at = after(since, length / self.pace.speed);
        if at <= self.now {
            return true;
        }
        self.wake(at);
        false
    }

    /// What happens to a pod now.
    pub(super) fn mishap(&mut self, pod: &Value) -> Option<Mishap> {
        let named = format!("{}/{}", namespace(pod), name(pod));
        let rule = self.rules.iter().find(|rule| rule.pod.is_match(&named))?.clone();
        if let (Some(until), Some(born)) = (rule.until, time(pod, "/metadata/creationTimestamp"))
            && self.passed(born, until)
        {
            return None;
        }
        Some(rule.mishap)
    }

    /// Keeps a controller's change to an object.
    pub(super) fn put(&mut self, group: &str, plural: &str, object: Value) -> Arc<Value> {
        self.store.put(Key::new(group, plural, namespace(&object), name(&object)), object)
    }

    /// Makes an object as a controller does: with server-given metadata, without answers.
    pub(super) fn make(&mut self, group: &str, plural: &str, mut object: Value) -> Arc<Value> {
        let kind = self.store.kind(group, plural).cloned();
        let uid = self.store.draw_uid();
        let created = seconds(self.now);
        let metadata = child(&mut object, &["metadata"]);
        metadata.insert("uid".into(), uid.into());
        metadata.insert("creationTimestamp".into(), created.into());
        if let Some(kind) = kind {
            object["apiVersion"] = kind.api_version(&kind.versions[0]).into();
            object["kind"] = kind.kind.clone().into();
            super::admit::defaults(&self.store, &kind, &mut object);
            if let Some(generation) = super::admit::generation(&kind, None, &object) {
                child(&mut object, &["metadata"]).insert("generation".into(), generation.into());
            }
        }
        self.put(group, plural, object)
    }

    /// Merges a status into an object; nothing happens if it is there already.
    pub(super) fn status(&mut self, group: &str, plural: &str, object: &Value, status: Value) {
        let mut changed = object.clone();
        changed["status"] = status;
        if changed != *object {
            self.put(group, plural, changed);
        }
    }

    /// Takes an object away, with what only makes sense with it.
    pub(super) fn drop_object(&mut self, kind: &Kind, key: &Key) {
        self.store.remove(key);
        if kind.plural == "customresourcedefinitions" {
            let instances: Vec<Key> = self
                .store
                .everything()
                .map(|(key, _)| key)
                .filter(|k| format!("{}.{}", k.plural, k.group) == key.name)
                .cloned()
                .collect();
            for key in instances {
                self.store.remove(&key);
            }
        }
    }

    /// Cuts the ties of everything that an object owns.
    pub(super) fn orphan(&mut self, owner: &str) {
        let owned: Vec<(Key, Arc<Value>)> = self
            .store
            .everything()
            .filter(|(_, object)| list(object, "/metadata/ownerReferences").iter().any(|r| text(r, "/uid") == owner))
            .map(|(key, object)| (key.clone(), Arc::clone(object)))
            .collect();
        for (key, object) in owned {
            let mut object = (*object).clone();
            let mut left = list(&object, "/metadata/ownerReferences").to_vec();
            left.retain(|r| text(r, "/uid") != owner);
            child(&mut object, &["metadata"]).insert("ownerReferences".into(), left.into());
            self.store.put(key, object);
        }
    }

    /// Tells about an object; the same thing again is counted.
    pub(super) fn event(&mut self, about: &Value, warning: bool, reason: &str, message: &str, from: &str) {
        let space = match namespace(about) {
            "" => "default",
            space => space,
        };
        let suffix = hash(&json!([uid(about), reason, message]), 16);
        let named = format!("{}.{suffix}", name(about));
        let stamp = seconds(self.now);
        if let Some(old) = self.store.find("", "events", space, &named) {
            let mut again = (**old).clone();
            again["count"] = (super::json::number(old, "/count").unwrap_or(1) + 1).into();
            again["lastTimestamp"] = stamp.into();
            self.put("", "events", again);
            return;
        }
        let event = json!({"metadata": {"name": named, "namespace": space},
            "involvedObject": {"kind": about["kind"], "namespace": namespace(about), "name": name(about), "uid": uid(about),
                "apiVersion": about["apiVersion"], "resourceVersion": about["metadata"]["resourceVersion"]},
            "reason": reason, "message": message, "type": if warning { "Warning" } else { "Normal" }, "count": 1,
            "firstTimestamp": stamp, "lastTimestamp": stamp, "eventTime": null,
            "source": {"component": from}, "reportingComponent": from, "reportingInstance": ""});
        self.make("", "events", event);
    }

    /// Tells about an object, but never twice the same: for what is true at every look.
    pub(super) fn event_once(&mut self, about: &Value, warning: bool, reason: &str, message: &str, from: &str) {
        let space = match namespace(about) {
            "" => "default",
            space => space,
        };
        let suffix = hash(&json!([uid(about), reason, message]), 16);
        if self.store.find("", "events", space, &format!("{}.{suffix}", name(about))).is_none() {
            self.event(about, warning, reason, message, from);
        }
    }

    /// Objects of a kind that an object owns.
    pub(super) fn owned(&self, group: &str, plural: &str, owner: &Value) -> Vec<Arc<Value>> {
        let mut found = self.store.all(group, plural, namespace(owner));
        found.retain(|o| list(o, "/metadata/ownerReferences").iter().any(|r| text(r, "/uid") == uid(owner)));
        found
    }

    /// A reference to an owner.
    pub(super) fn owner(of: &Value) -> Value {
        json!([{"apiVersion": of["apiVersion"], "kind": of["kind"], "name": name(of), "uid": uid(of), "controller": true, "blockOwnerDeletion": true}])
    }
}
