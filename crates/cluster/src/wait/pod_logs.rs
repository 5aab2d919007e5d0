//! Lines that pods print and events that happen, as they come: every container (init containers too, and what a crashed
//! one said last), reconnecting by itself, with a bound on how many are read at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::AsyncBufReadExt;
use http::{Method, Request};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::watch::Watch;
use crate::connect::api::encode;
use crate::error::Result;
use crate::object::{label, text};

/// Longest line that is kept whole, in bytes; the rest of a longer one is cut off.
const LONGEST: usize = 16 * 1024;

/// Lines of a container that had crashed before we came.
const LAST_WORDS: u32 = 200;

/// A stream without a new line that ends sooner than this means that the container has ended.
const ENDED: Duration = Duration::from_secs(5);

/// A connection that brought nothing for so long may be gone without anybody having said so (a laptop slept, a router forgot it):
/// another one takes over from the last line on.
const IDLE: Duration = Duration::from_secs(90);

/// After a node that does not answer it is asked again as after so many tries: every four seconds at first.
const NODE_AWAY: u32 = 4;

/// Where a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// A container printed it.
    Container,
    /// Kubernetes tells what happened.
    Event,
    /// Kubernetes tells what went wrong.
    Warning,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was printed or happened.
    pub at: Timestamp,
    /// The service: label `app`, else `app.kubernetes.io/name` or `instance`, else the pod's or object's name.
    pub source: String,
    /// `namespace/pod/container`, or `Kind/namespace/name` for events.
    pub from: String,
    /// Container or event.
    pub kind: LineKind,
    /// What it says, without the line's end.
    pub text: String,
}

/// Who gets the lines. Called from several tasks.
pub type Sink = Arc<dyn Fn(Line) + Send + Sync>;

/// One container of one pod, as it runs for the nth time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Container {
    namespace: String,
    pod: String,
    uid: String,
    name: String,
    restarts: u64,
}

impl Watch {
    /// Sends every line and event of the watched namespaces to `sink` until `stop`. At most `streams` containers are read
    /// at once; others wait for their turn and lose nothing that Kubernetes keeps.
    pub async fn follow_logs(
        &self,
        since: Timestamp,
        streams: usize,
        sink: Sink,
        stop: CancellationToken,
    ) -> Result<()> {
        self.follow("v1", "Pod").await?;
        self.follow("v1", "Event").await?;
        let turns = Arc::new(Semaphore::new(streams.max(1)));
        let mut changes = self.changes();
        let mut begun: HashSet<Container> = HashSet::new();
        let mut told: HashMap<String, u64> = HashMap::new();
        let heard: Heard = Arc::default();
        loop {
            changes.borrow_and_update();
            let pods = self.all("v1", "Pod");
            let mut there = HashSet::new();
            for pod in &pods {
                for (container, crashed) in containers(pod) {
                    there.insert(container.clone());
                    if begun.contains(&container) {
                        continue;
                    }
                    // What it said before its newest restart, if we did not read that ourselves.
                    let before = Container { restarts: container.restarts.saturating_sub(1), ..container.clone() };
                    let last_words = crashed && !begun.contains(&before);
                    begun.insert(container.clone());
                    let reader = Reader {
                        client: self.cluster().client().clone(),
                        turns: turns.clone(),
                        sink: sink.clone(),
                        source: source(pod),
                        container,
                        since,
                        heard: heard.clone(),
                    };
                    let (stop, end) = (stop.clone(), self.ended());
                    tokio::spawn(async move {
                        tokio::select! {
                            () = stop.cancelled() => {}
                            () = end.cancelled() => {}
                            () = reader.read(last_words) => {}
                        }
                    });
                }
            }
            begun.retain(|container| {
                there.contains(container) || pods.iter().any(|pod| text(pod, "/metadata/uid") == container.uid)
            });
            for event in self.all("v1", "Event") {
                tell_event(&event, since, &mut told, &pods, &sink);
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return Ok(()) },
                () = stop.cancelled() => return Ok(()),
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
    }
}

/// Containers of a pod that have something to read: those that run or ran; and whether one has been restarted.
fn containers(pod: &Value) -> Vec<(Container, bool)> {
    let meta = |pointer: &str| text(pod, pointer).to_owned();
    let lists = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let statuses = lists.iter().filter_map(|list| pod.pointer(list)?.as_array()).flatten();
    statuses
        .filter(|status| {
            ["running", "terminated"].iter().any(|state| !status["state"][*state].is_null())
                || !status["lastState"]["terminated"].is_null()
        })
        .map(|status| {
            let restarts = status["restartCount"].as_u64().unwrap_or(0);
            let container = Container {
                namespace: meta("/metadata/namespace"),
                pod: meta("/metadata/name"),
                uid: meta("/metadata/uid"),
                name: text(status, "/name").to_owned(),
                restarts,
            };
            (container, restarts > 0)
        })
        .collect()
}

/// The service that an object belongs to.
fn source(object: &Value) -> String {
    ["app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "job-name"]
        .iter()
        .find_map(|name| label(object, name).filter(|value| !value.is_empty()))
        .unwrap_or_else(|| text(object, "/metadata/name"))
        .to_owned()
}

fn tell_event(event: &Value, since: Timestamp, told: &mut HashMap<String, u64>, pods: &[Arc<Value>], sink: &Sink) {
    let series = event["series"]["count"].as_u64();
    let count = series.or_else(|| event["count"].as_u64()).unwrap_or(1);
    let uid = text(event, "/metadata/uid").to_owned();
    if told.get(&uid).is_some_and(|&known| known >= count) {
        return;
    }
    told.insert(uid, count);
    let time = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"];
    let Some(at) = time.iter().find_map(|pointer| text(event, pointer).parse::<Timestamp>().ok()) else { return };
    if at < since {
        return;
    }
    let about = &event["involvedObject"];
    let (kind, namespace, name) = (text(about, "/kind"), text(about, "/namespace"), text(about, "/name"));
    let pod = pods.iter().find(|pod| {
        kind == "Pod" && text(pod, "/metadata/namespace") == namespace && text(pod, "/metadata/name") == name
    });
    let level = if event["type"] == "Warning" { LineKind::Warning } else { LineKind::Event };
    let from = if namespace.is_empty() { format!("{kind}/{name}") } else { format!("{kind}/{namespace}/{name}") };
    sink(Line {
        at,
        source: pod.map_or_else(|| name.to_owned(), |pod| source(pod)),
        from,
        kind: level,
        text: format!("{}: {}", text(event, "/reason"), text(event, "/message")),
    });
}

/// When each container was last heard, by pod UID and name: a reconnection goes on behind that.
type Heard = Arc<Mutex<BTreeMap<(String, String), Mark>>>;

/// The time of the last line, and the lines of exactly that time: several may share it.
#[derive(Debug, Clone, Default)]
struct Mark {
    at: Timestamp,
    lines: BTreeSet<String>,
}

impl Mark {
    /// Whether a line is new; notes it.
    fn is_new(&mut self, at: Timestamp, text: &str) -> bool {
        if at < self.at || (at == self.at && self.lines.contains(text)) {
            return false;
        }
        if at > self.at {
            self.at = at;
            self.lines.clear();
        }
        self.lines.insert(text.to_owned());
        true
    }
}

struct Reader {
    client: kube::Client,
    turns: Arc<Semaphore>,
    sink: Sink,
    source: String,
    container: Container,
    since: Timestamp,
    heard: Heard,
}

impl Reader {
    /// Reads to the container's end.
    async fn read(self, last_words: bool) {
        let Ok(_turn) = self.turns.acquire().await else { return };
        if last_words {
            // If it is not kept any more, there is nothing to tell.
            let _ = self.stream(true).await;
        }
        let mut tries = 0;
        loop {
            let begun = tokio::time::Instant::now();
            match self.stream(false).await {
                // A container that ended says so at once. A server that shuts down ends a stream too, but not that soon.
                Ok(0) if begun.elapsed() < ENDED => return,
                Ok(_) => tries = 0,
                Err(kube::Error::ReadEvents(error)) if error.kind() == std::io::ErrorKind::TimedOut => tries = 0,
                Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => return,
                // It cannot be read yet, or not any more.
                Err(kube::Error::Api(status)) if status.code == 400 && tries > 20 => return,
                // The server answers and its node does not: no pod of that node can be read for a while, and nothing is lost.
                Err(kube::Error::Api(status)) if status.code >= 500 => tries = tries.max(NODE_AWAY),
                Err(_) => {}
            }
            tries += 1;
            tokio::time::sleep(crate::connect::retry::pause(tries, None, rand::random())).await;
        }
    }

    /// Reads until the connection ends and returns how many lines were new.
    async fn stream(&self, previous: bool) -> Result<u64, kube::Error> {
        let container = &self.container;
        let key = (container.uid.clone(), container.name.clone());
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner).get(&key).map(|mark| mark.at);
        let from = heard.unwrap_or(Timestamp::MIN).max(self.since);
        let mode = if previous { format!("previous=true&tailLines={LAST_WORDS}") } else { "follow=true".to_owned() };
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}/log?container={}&timestamps=true&sinceTime={}&{mode}",
            container.namespace,
            container.pod,
            encode(&container.name),
            encode(&format!("{from:.0}"))
        );
        let request = Request::builder().method(Method::GET).uri(path).body(vec![]).map_err(kube::Error::HttpError)?;
        let mut lines = std::pin::pin!(in_time(self.client.request_stream(request)).await??);
        let mut line = Vec::new();
        let mut told = 0;
        loop {
            let (used, whole) = {
                let available = in_time(lines.fill_buf()).await?.map_err(kube::Error::ReadEvents)?;
                if available.is_empty() {
                    return Ok(told + u64::from(self.tell(&line, from)));
                }
                let end = available.iter().position(|&byte| byte == b'\n');
                let part = &available[..end.unwrap_or(available.len())];
                line.extend_from_slice(&part[..part.len().min(LONGEST.saturating_sub(line.len()))]);
                (end.map_or(available.len(), |at| at + 1), end.is_some())
            };
            lines.as_mut().consume_unpin(used);
            if whole {
                told += u64::from(self.tell(&line, from));
                line.clear();
            }
        }
    }

    /// Tells a line, if it is new.
    fn tell(&self, line: &[u8], from: Timestamp) -> bool {
        let Some((at, words)) = parse(line).filter(|(at, _)| *at >= from) else { return false };
        let container = &self.container;
        let key = (container.uid.clone(), container.name.clone());
        if !self.heard.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().is_new(at, &words) {
            return false;
        }
        let place = format!("{}/{}/{}", container.namespace, container.pod, container.name);
        (self.sink)(Line { at, source: self.source.clone(), from: place, kind: LineKind::Container, text: words });
        true
    }
}

/// Waits no longer than a connection may bring nothing.
async fn in_time<T>(answer: impl Future<Output = T>) -> Result<T, kube::Error> {
    let gone = |_| kube::Error::ReadEvents(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(IDLE, answer).await.map_err(gone)
}

/// A line as the API writes it: the time, a space, what was printed.
fn parse(line: &[u8]) -> Option<(Timestamp, String)> {
    let line = String::from_utf8_lossy(line);
    let (time, words) = line.split_once(' ').unwrap_or((&line, ""));
    Some((time.parse().ok()?, words.trim_end_matches('\r').to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_come_with_their_time() {
        let (at, words) = parse(b"2026-11-24T10:00:00.123456789Z hello  world\r").unwrap();
        assert_eq!((at.to_string().as_str(), words.as_str()), ("2026-11-24T10:00:00.123456789Z", "hello  world"));
        assert_eq!(parse(b"2026-11-24T10:00:00Z").unwrap().1, "");
        assert_eq!(parse(b"2026-11-24T10:00:00Z \xff\xfe").unwrap().1, "\u{fffd}\u{fffd}");
        assert_eq!(parse(b"unable to retrieve container logs"), None);
        assert_eq!(parse(b""), None);
    }

    #[test]
    fn a_reconnection_repeats_nothing_and_loses_nothing() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut mark = Mark { at: Timestamp::MIN, lines: BTreeSet::new() };
        let heard: Vec<bool> = [(1, "a"), (1, "b"), (2, "c"), (1, "a"), (1, "b"), (2, "c"), (2, "d"), (3, "c")]
            .iter()
            .map(|(s, text)| mark.is_new(at(*s), text))
            .collect();
        assert_eq!(heard, [true, true, true, false, false, false, true, true]);
    }

    #[test]
    fn containers_that_have_said_something_are_read() {
        let pod = json!({"metadata": {"namespace": "n", "name": "p", "uid": "u"}, "status": {
            "initContainerStatuses": [{"name": "init", "restartCount": 0, "state": {"terminated": {"exitCode": 0}}}],
            "containerStatuses": [
                {"name": "runs", "restartCount": 2, "state": {"running": {}}},
                {"name": "waits", "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}},
                {"name": "crashed", "restartCount": 1, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}]}});
        let found: Vec<_> = containers(&pod).into_iter().map(|(c, crashed)| (c.name, c.restarts, crashed)).collect();
        assert_eq!(
            found,
            [("init".to_owned(), 0, false), ("runs".to_owned(), 2, true), ("crashed".to_owned(), 1, true)]
        );
    }

    #[test]
    fn the_source_is_the_service() {
        let pod = |labels: Value| json!({"metadata": {"name": "p-1", "labels": labels}});
        let cases = [
            (json!({"app": "egov-user", "app.kubernetes.io/name": "x"}), "egov-user"),
            (json!({"app.kubernetes.io/name": "kafka"}), "kafka"),
            (json!({"job-name": "migrate"}), "migrate"),
            (json!({}), "p-1"),
        ];
        for (labels, expected) in cases {
            assert_eq!(source(&pod(labels.clone())), expected, "{labels}");
        }
    }
}
