//! Workflow definitions, the steps that were taken, and the cache that hides both (§6.5).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

type Cache = BTreeMap<(String, Vec<String>), (Timestamp, Vec<Value>)>;

/// What egov-workflow-v2 keeps.
#[derive(Debug)]
pub(crate) struct Workflow {
    stored: Vec<Value>,
    /// Steps, oldest first.
    pub(crate) processes: Vec<Value>,
    /// One a pod.
    caches: Vec<Cache>,
    next: usize,
}

impl Workflow {
    pub(crate) fn new(replicas: usize) -> Workflow {
        let caches = (0..replicas.max(1)).map(|_| Cache::new()).collect();
        Workflow { stored: Vec::new(), processes: Vec::new(), caches, next: 0 }
    }

    /// The pod whose turn it is.
    pub(crate) fn pod(&mut self) -> usize {
        let pod = self.next % self.caches.len();
        self.next = pod + 1;
        pod
    }

    /// What is in the table.
    pub(crate) fn stored(&self) -> &[Value] {
        &self.stored
    }

    /// A definition comes into the table; a second one of the same name stays out, the persister logs a duplicate key (§5).
    pub(crate) fn store(&mut self, service: Value) {
        let same =
            |a: &Value| a["tenantId"] == service["tenantId"] && a["businessService"] == service["businessService"];
        if !self.stored.iter().any(same) {
            self.stored.push(service);
        }
    }

    /// `_create` and `_update` empty the cache of the pod that they reach, not of the others.
    pub(crate) fn forget(&mut self, pod: usize) {
        if let Some(cache) = self.caches.get_mut(pod) {
            cache.clear();
        }
    }

    /// A restart of all pods.
    pub(crate) fn restart(&mut self) {
        self.caches.iter_mut().for_each(Cache::clear);
    }

    /// The definitions of a tenant, of a pod's cache if it holds an answer that is not over, also an empty one.
    pub(crate) fn find(
        &mut self,
        pod: usize,
        now: Timestamp,
        keep: Duration,
        tenant: &str,
        names: &[String],
    ) -> Vec<Value> {
        let key = (tenant.to_owned(), names.to_vec());
        let cached = self.caches.get(pod).and_then(|c| c.get(&key)).filter(|(at, _)| *at + keep > now);
        if let Some((_, found)) = cached {
            return found.clone();
        }
        let found: Vec<Value> = self
            .stored
            .iter()
            .filter(|s| s["tenantId"] == tenant)
            .filter(|s| names.is_empty() || s["businessService"].as_str().is_some_and(|n| names.iter().any(|m| m == n)))
            .cloned()
            .collect();
        if let Some(cache) = self.caches.get_mut(pod) {
            cache.insert(key, (now, found.clone()));
        }
        found
    }

    /// The last step of a record.
    pub(crate) fn last(&self, business_id: &str) -> Option<&Value> {
        self.processes.iter().rev().find(|p| p["businessId"] == business_id)
    }
}
