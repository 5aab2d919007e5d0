//! Streams: watches and logs that are followed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answered, Refusal, metadata};
use super::kinds::Kind;
use super::select::Selector;
use super::shared::Shared;
use super::store::{Change, Key};
use super::world::World;
use super::{logs, verbs};

/// How often those who watch let the world move on.
const TICK: Duration = Duration::from_millis(100);
/// How often a bookmark is sent.
const BOOKMARK: Duration = Duration::from_secs(30);

/// What is watched.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) kind: Kind,
    pub(super) version: String,
    pub(super) namespace: String,
    pub(super) selector: Selector,
    pub(super) bookmarks: bool,
    pub(super) initial: bool,
    pub(super) partial: bool,
    pub(super) time_out: Option<u64>,
}

impl Wish {
    fn line(&self, kind: &str, object: &Value) -> Bytes {
        let object = if self.partial && kind != "ERROR" {
            metadata(object)
        } else if kind == "ERROR" || kind == "BOOKMARK" {
            object.clone()
        } else {
            verbs::shown(&self.kind, &self.version, object)
        };
        Bytes::from(format!("{}\n", json!({"type": kind, "object": object})))
    }

    fn bookmark(&self, version: u64, initial: bool) -> Bytes {
        let mut object = json!({"kind": self.kind.kind, "apiVersion": self.kind.api_version(&self.version), "metadata": {"resourceVersion": version.to_string()}});
        if initial {
            object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        self.line("BOOKMARK", &object)
    }

    /// What a change is to those who watch with a selector: something that stops matching is gone for them.
    fn seen(&self, change: &Change) -> Option<Bytes> {
        let key = &change.key;
        let mine = key.group == self.kind.group && key.plural == self.kind.plural;
        if !mine || (!self.namespace.is_empty() && key.namespace != self.namespace) {
            return None;
        }
        let matching = |object: &&Arc<Value>| self.selector.matches(object);
        match (change.before.as_ref().filter(matching), change.after.as_ref().filter(matching)) {
            (None, Some(after)) => Some(self.line("ADDED", after)),
            (Some(_), Some(after)) => Some(self.line("MODIFIED", after)),
            (Some(before), None) => {
                let mut last = (**before).clone();
                last["metadata"]["resourceVersion"] = change.version.to_string().into();
                Some(self.line("DELETED", &last))
            }
            (None, None) => None,
        }
    }
}

struct Stream {
    shared: Arc<Shared>,
    wish: Wish,
    from: u64,
    ready: VecDeque<Bytes>,
    over: bool,
    end: Option<tokio::time::Instant>,
    bookmark: tokio::time::Instant,
    changed: tokio::sync::watch::Receiver<u64>,
}

/// The body of a watch that begins after version `from`, or with everything there is.
pub(super) fn body(shared: Arc<Shared>, world: &World, wish: Wish, from: Option<u64>) -> Answered {
    let mut ready = VecDeque::new();
    let now = world.store.version();
    if from.is_none() || wish.initial {
        for object in world.store.all(&wish.kind.group, &wish.kind.plural, &wish.namespace) {
            if wish.selector.matches(&object) {
                ready.push_back(wish.line("ADDED", &object));
            }
        }
        if wish.initial && wish.bookmarks {
            ready.push_back(wish.bookmark(now, true));
        }
    }
    let from = if wish.initial { now } else { from.unwrap_or(now) };
    let start = tokio::time::Instant::now();
    let end = wish.time_out.map(|seconds| start + Duration::from_secs(seconds));
    let changed = shared.changed.subscribe();
    let stream = Stream { shared, wish, from, ready, over: false, end, bookmark: start + BOOKMARK, changed };
    StreamBody::new(futures::stream::unfold(stream, next)).boxed_unsync()
}

async fn next(mut stream: Stream) -> Option<(Result<Frame<Bytes>, Infallible>, Stream)> {
    loop {
        if let Some(line) = stream.ready.pop_front() {
            return Some((Ok(Frame::data(line)), stream));
        }
        let now = tokio::time::Instant::now();
        if stream.over || stream.end.is_some_and(|end| end <= now) {
            return None;
        }
        stream.look();
        if stream.ready.is_empty() {
            let tick = stream.end.map_or(now + TICK, |end| end.min(now + TICK));
            tokio::select! {
                () = tokio::time::sleep_until(tick) => {}
                changed = stream.changed.changed() => if changed.is_err() { return None },
            }
        }
    }
}

impl Stream {
    fn look(&mut self) {
        let world = self.shared.world();
        match world.store.since(self.from) {
            Ok(changes) => {
                self.ready.extend(changes.iter().filter_map(|change| self.wish.seen(change)));
                self.from = world.store.version();
            }
            Err(oldest) => {
                self.ready.push_back(self.wish.line("ERROR", &Refusal::expired(self.from, oldest).status()));
                self.over = true;
            }
        }
        if self.wish.bookmarks && self.bookmark <= tokio::time::Instant::now() {
            self.bookmark += BOOKMARK;
            self.ready.push_back(self.wish.bookmark(self.from, false));
        }
        self.shared.settle(world);
    }
}

struct Log {
    shared: Arc<Shared>,
    key: Key,
    wish: logs::Wish,
    ready: VecDeque<(Timestamp, String)>,
    last: Option<(Timestamp, String)>,
}

/// The body of a log that is followed until its container ends.
pub(super) fn log(shared: Arc<Shared>, key: Key, wish: logs::Wish, lines: Vec<(Timestamp, String)>) -> Answered {
    let log = Log { shared, key, wish, ready: lines.into(), last: None };
    StreamBody::new(futures::stream::unfold(log, next_line)).boxed_unsync()
}

async fn next_line(mut log: Log) -> Option<(Result<Frame<Bytes>, Infallible>, Log)> {
    loop {
        if let Some((at, line)) = log.ready.pop_front() {
            let text = logs::written(at, &line, &log.wish);
            log.last = Some((at, line));
            return Some((Ok(Frame::data(Bytes::from(text))), log));
        }
        tokio::time::sleep(TICK).await;
        let world = log.shared.world();
        let pod = world.store.get(&log.key).cloned()?;
        let wish = logs::Wish { tail: None, since: None, ..log.wish.clone() };
        let lines = logs::said(&pod, &wish, world.now, world.pace.speed).unwrap_or_default();
        let over = logs::is_over(&pod, &log.wish);
        log.shared.settle(world);
        let last = log.last.clone();
        log.ready.extend(
            lines
                .into_iter()
                .filter(|(at, line)| last.as_ref().is_none_or(|(then, said)| at > then || (at == then && line > said))),
        );
        if over && log.ready.is_empty() {
            return None;
        }
    }
}
