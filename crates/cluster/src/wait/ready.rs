//! Waiting until objects are ready, judged by crate `verdict` from what a [`Watch`] sees.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use verdict::{Cause, Circumstances, Phase, Verdict};

use super::watch::Watch;
use crate::error::{Error, Result};
use crate::object::{ObjectRef, text};

/// The shortest and the longest pause between two judgements. A first change after a quiet time is judged at once.
const PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(60));
/// How many times as long as a judgement the pause behind it is: a wait takes a fiftieth of a processor at most.
const SHARE: u32 = 50;

/// How long an object that was applied may be missing before we say that somebody took it away, in seconds.
const MISSING_SECONDS: i64 = 60;

/// An object to wait for: at least this version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// Its name.
    pub object: ObjectRef,
    /// Its UID; empty: any.
    pub uid: String,
    /// Its generation; 0: any.
    pub generation: i64,
    /// So many crashes of each of its containers belong to its start.
    pub expected_restarts: u32,
}

impl Awaited {
    /// An object as the server returned it when it was applied.
    pub fn of(applied: &Value) -> Self {
        Awaited {
            object: ObjectRef::of(applied),
            uid: text(applied, "/metadata/uid").to_owned(),
            generation: applied["metadata"]["generation"].as_i64().unwrap_or(0),
            expected_restarts: 0,
        }
    }

    /// Any version of an object.
    pub fn named(object: ObjectRef) -> Self {
        Awaited { object, uid: String::new(), generation: 0, expected_restarts: 0 }
    }

    /// The same, of which each container may crash so many times while it starts.
    #[must_use]
    pub fn expecting_restarts(self, expected_restarts: u32) -> Self {
        Awaited { expected_restarts, ..self }
    }

    fn is(&self, object: &Value) -> bool {
        (self.uid.is_empty() || self.uid == text(object, "/metadata/uid"))
            && object["metadata"]["generation"].as_i64().unwrap_or(self.generation) >= self.generation
    }
}

/// What a wait rests on besides the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitContext {
    /// Whether everything that the objects depend on is ready. While it is not, their errors are waiting.
    pub dependencies_ready: bool,
    /// Budgets begin here at the earliest: when the step began.
    pub since: Timestamp,
}

/// How far a wait is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// So much is ready: pods, completions, or 1 for objects without pods.
    pub done: u32,
    /// Of so much.
    pub total: u32,
    /// What is not ready, and why if there is anything to say.
    pub on: Vec<(ObjectRef, Option<Cause>)>,
}

impl Watch {
    /// Waits until all of `objects` are ready, telling `progress` whenever something changes. Ends early only when the
    /// verdict on one of them is that it will not get there by itself, or when it is stopped.
    pub async fn wait_ready(
        &self,
        objects: &[Awaited],
        wait_context: WaitContext,
        progress: &mut (dyn FnMut(&Waiting) + Send),
    ) -> Result<()> {
        self.wait_ready_by(objects, &|_, _| wait_context, progress).await
    }

    /// The same while what it rests on changes: `wait_context` is asked for each judgement anew, with the time and with that since
    /// when what is seen has been true without a gap.
    pub async fn wait_ready_by(
        &self,
        objects: &[Awaited],
        wait_context: &(dyn Fn(Timestamp, Timestamp) -> WaitContext + Send + Sync),
        progress: &mut (dyn FnMut(&Waiting) + Send),
    ) -> Result<()> {
        self.follow_all(objects).await?;
        let mut changes = self.changes();
        let mut told = None;
        let mut missing: HashMap<ObjectRef, Timestamp> = HashMap::new();
        loop {
            changes.borrow_and_update();
            let judged = Instant::now();
            let now = self.now();
            let true_since = self.true_since(&kinds(objects)).unwrap_or(now);
            let verdicts = self.judge(objects, wait_context(now, true_since), now);
            let pause = (judged.elapsed() * SHARE).clamp(PAUSE.0, PAUSE.1);
            let waiting = summary(&verdicts);
            if told.as_ref() != Some(&waiting) {
                progress(&waiting);
            }
            if waiting.on.is_empty() {
                return Ok(());
            }
            told = Some(waiting);
            for (awaited, verdict) in &verdicts {
                match verdict {
                    Some(verdict) => {
                        missing.remove(&awaited.object);
                        if verdict.phase == Phase::Failed {
                            return Err(not_ready(&awaited.object, verdict));
                        }
                    }
                    None => {
                        let since = *missing.entry(awaited.object.clone()).or_insert(now);
                        if self.true_since(&kinds(objects)).is_some()
                            && now.as_second() - since.as_second() > MISSING_SECONDS
                        {
                            return Err(Error::NotFound { what: awaited.object.to_string() });
                        }
                    }
                }
            }
            let again = verdicts.iter().filter_map(|(_, verdict)| verdict.as_ref()?.again_after).min();
            let again = Duration::from_secs(u64::from(again.unwrap_or(5).clamp(1, 5)));
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(again) => {}
                () = self.cluster().stopped() => return Err(Error::Stopped),
            }
            // Changes come in bursts; judging once for all of them is enough.
            self.cluster().rest(pause.saturating_sub(judged.elapsed())).await?;
        }
    }

    /// The verdict on each object as the store sees it now; `None` for what is not there yet in the version awaited.
    pub fn judge<'a>(
        &self,
        objects: &'a [Awaited],
        wait_context: WaitContext,
        now: Timestamp,
    ) -> Vec<(&'a Awaited, Option<Verdict>)> {
        let true_since = self.true_since(&kinds(objects));
        let since = wait_context.since.max(true_since.unwrap_or(now));
        let at = Circumstances::from(now).dependencies_ready(wait_context.dependencies_ready).not_before(since);
        let surrounding = Surrounding::of(self, objects);
        let verdict = |awaited: &Awaited| {
            let object = self.get(&awaited.object).filter(|object| awaited.is(object))?;
            let (children, events) = surrounding.around(&object);
            let children: Vec<&Value> = children.iter().map(AsRef::as_ref).collect();
            let events: Vec<&Value> = events.iter().map(AsRef::as_ref).collect();
            let at = at.expected_restarts(awaited.expected_restarts);
            let mut verdict = verdict::assess(&object, &children, &events, at);
            // What was seen before the connection was lost is no reason to give up.
            if true_since.is_none() && verdict.phase == Phase::Failed {
                verdict.phase = Phase::Progressing;
            }
            Some(verdict)
        };
        objects.iter().map(|awaited| (awaited, verdict(awaited))).collect()
    }

    /// Has every kind followed that the verdicts need.
    async fn follow_all(&self, objects: &[Awaited]) -> Result<()> {
        let own = own_kinds(objects);
        for &(api_version, kind) in &own {
            self.follow(api_version, kind).await?;
        }
        for (api_version, kind) in kinds(objects).difference(&own) {
            match self.follow(api_version, kind).await {
                // Without them the verdict knows less, but is not wrong.
                Ok(()) | Err(Error::Forbidden { .. } | Error::NotServed { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

/// The kinds of the objects themselves: group version and kind.
fn own_kinds(objects: &[Awaited]) -> BTreeSet<(&str, &str)> {
    objects.iter().map(|o| (o.object.api_version.as_str(), o.object.kind.as_str())).collect()
}

/// Every kind that a verdict on the objects rests on.
fn kinds(objects: &[Awaited]) -> BTreeSet<(&str, &str)> {
    let mut kinds = own_kinds(objects);
    let has_pods = kinds
        .iter()
        .any(|(_, kind)| matches!(*kind, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "Pod"));
    let has_claims = has_pods || kinds.iter().any(|(_, kind)| *kind == "PersistentVolumeClaim");
    kinds.insert(("v1", "Event"));
    if has_pods {
        kinds.extend([("v1", "Pod"), ("apps/v1", "ReplicaSet")]);
    }
    if has_claims {
        kinds.extend([("v1", "PersistentVolumeClaim"), ("storage.k8s.io/v1", "StorageClass")]);
    }
    kinds
}

/// What is around objects in the store: built once for a round of verdicts.
struct Surrounding {
    /// By UID of the owner.
    owned: HashMap<String, Vec<Arc<Value>>>,
    /// Claims by namespace.
    claims: HashMap<String, Vec<Arc<Value>>>,
    classes: Vec<Arc<Value>>,
    /// Events by kind, namespace and name of what they are about.
    events: HashMap<(String, String, String), Vec<Arc<Value>>>,
}

impl Surrounding {
    fn of(watch: &Watch, objects: &[Awaited]) -> Self {
        let namespaces: BTreeSet<&str> = objects.iter().map(|o| o.object.namespace.as_str()).collect();
        let mut surrounding = Surrounding {
            owned: HashMap::new(),
            claims: HashMap::new(),
            classes: watch.all("storage.k8s.io/v1", "StorageClass"),
            events: HashMap::new(),
        };
        for namespace in namespaces.iter().filter(|namespace| !namespace.is_empty()) {
            for (api_version, kind) in [("apps/v1", "ReplicaSet"), ("batch/v1", "Job"), ("v1", "Pod")] {
                for object in watch.list(api_version, kind, namespace) {
                    let owners =
                        object["metadata"]["ownerReferences"].as_array().map(Vec::as_slice).unwrap_or_default();
                    for owner in owners {
                        surrounding.owned.entry(text(owner, "/uid").to_owned()).or_default().push(object.clone());
                    }
                }
            }
            surrounding.claims.insert((*namespace).to_owned(), watch.list("v1", "PersistentVolumeClaim", namespace));
        }
        let mut places: Vec<&str> = namespaces.iter().copied().filter(|namespace| !namespace.is_empty()).collect();
        if namespaces.contains("") && !places.contains(&"default") {
            places.push("default");
        }
        for event in places.into_iter().flat_map(|namespace| watch.list("v1", "Event", namespace)) {
            let about = &event["involvedObject"];
            let key = (
                text(about, "/kind").to_owned(),
                text(about, "/namespace").to_owned(),
                text(about, "/name").to_owned(),
            );
            surrounding.events.entry(key).or_default().push(event);
        }
        surrounding
    }

    /// What an object owns, directly or not, the claims beside it and the storage classes; and the events about all of these.
    fn around(&self, object: &Arc<Value>) -> (Vec<Arc<Value>>, Vec<Arc<Value>>) {
        let mut children: Vec<Arc<Value>> = Vec::new();
        let mut next = vec![object.clone()];
        while let Some(parent) = next.pop() {
            for child in self.owned.get(text(&parent, "/metadata/uid")).into_iter().flatten() {
                children.push(child.clone());
                next.push(child.clone());
            }
        }
        let namespace = text(object, "/metadata/namespace");
        children.extend(self.claims.get(namespace).into_iter().flatten().cloned());
        let events = std::iter::once(object)
            .chain(&children)
            .filter_map(|about| {
                let key = (
                    text(about, "/kind").to_owned(),
                    text(about, "/metadata/namespace").to_owned(),
                    text(about, "/metadata/name").to_owned(),
                );
                self.events.get(&key)
            })
            .flatten()
            .cloned()
            .collect();
        children.extend(self.classes.iter().cloned());
        (children, events)
    }
}

fn summary(verdicts: &[(&Awaited, Option<Verdict>)]) -> Waiting {
    let mut waiting = Waiting::default();
    for (awaited, verdict) in verdicts {
        let (done, total) = verdict.as_ref().map_or((0, 1), |verdict| (verdict.done, verdict.total));
        waiting.done += done;
        waiting.total += total;
        match verdict {
            Some(verdict) if verdict.phase == Phase::Ready => {}
            Some(verdict) => waiting.on.push((awaited.object.clone(), verdict.cause.clone())),
            None => waiting.on.push((awaited.object.clone(), None)),
        }
    }
    waiting
}

fn not_ready(object: &ObjectRef, verdict: &Verdict) -> Error {
    let cause = verdict.cause.clone().unwrap_or_else(|| Cause::new("unknown"));
    Error::NotReady {
        object: object.to_string(),
        code: cause.code,
        args: cause.args,
        evidence: verdict.evidence.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_older_version_or_another_object_of_that_name_does_not_count() {
        let object =
            |uid: &str, generation: i64| json!({"metadata": {"name": "a", "uid": uid, "generation": generation}});
        let awaited = Awaited::of(&object("u", 2));
        for (seen, expected) in
            [(object("u", 1), false), (object("u", 2), true), (object("u", 3), true), (object("v", 2), false)]
        {
            assert_eq!(awaited.is(&seen), expected, "{seen}");
        }
        assert!(Awaited::of(&json!({"metadata": {"uid": "u"}})).is(&json!({"metadata": {"uid": "u"}})));
        assert!(Awaited::named(ObjectRef::default()).is(&object("x", 9)));
    }

    #[test]
    fn progress_adds_up_and_names_what_is_not_ready() {
        let (a, b, c) = (
            Awaited::named(ObjectRef::new("v1", "A", "n", "a")),
            Awaited::named(ObjectRef::new("v1", "B", "n", "b")),
            Awaited::named(ObjectRef::new("v1", "C", "n", "c")),
        );
        let verdict = |phase, done, total, cause: Option<&str>| {
            Some(Verdict {
                phase,
                cause: cause.map(Cause::new),
                evidence: vec![],
                done,
                total,
                again_after: None,
                struggling_since: None,
                verified: true,
            })
        };
        let waiting = summary(&[
            (&a, verdict(Phase::Ready, 3, 3, None)),
            (&b, verdict(Phase::Progressing, 1, 2, Some("crash-loop"))),
            (&c, None),
        ]);
        assert_eq!((waiting.done, waiting.total), (4, 6));
        assert_eq!(waiting.on, [(b.object.clone(), Some(Cause::new("crash-loop"))), (c.object.clone(), None)]);
    }
}
