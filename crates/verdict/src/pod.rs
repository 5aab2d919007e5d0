//! Pods: ready, or what stands in the way. Everything that owns pods judges them here.

use jiff::Timestamp;
use serde_json::Value;

use crate::events::{self, Event};
use crate::json::{condition, is_true, list, name, number, subject, text, time};
use crate::trouble::{Scene, Trouble, decide};
use crate::{Cause, Circumstances, Verdict, messages, schedule, volume};

/// So many crashes make a loop; with the kubelet's pauses (10, 20, 40 s) the fourth comes after a minute or more.
const CRASHES: i64 = 4;
/// Running out of memory twice is no accident.
const OUT_OF_MEMORY: i64 = 2;
/// A container that has run this many seconds since its last crash is over it.
const RECOVERED: i64 = 600;

/// A pod on its own: a hook, or a chart that has one.
pub(crate) fn alone(pod: &Value, scene: &Scene<'_>) -> Verdict {
    match text(pod, "/status/phase") {
        "Succeeded" => return Verdict::ready(1, 1),
        "Failed" => return ended(pod, scene).verdict(scene.at, 0, 1),
        _ => {}
    }
    let serves = matches!(text(pod, "/spec/restartPolicy"), "" | "Always");
    if serves && ready(pod) {
        return Verdict::ready(1, 1);
    }
    if !text(pod, "/metadata/deletionTimestamp").is_empty() {
        return Verdict {
            cause: Some(Cause::new("terminating").with("name", name(pod))),
            ..Verdict::progressing(0, 1)
        };
    }
    decide(trouble(pod, scene).into_iter().collect(), scene.at, 0, 1)
}

/// Whether it takes part: condition Ready, and not on its way out.
pub(crate) fn ready(pod: &Value) -> bool {
    is_true(pod, "Ready") && text(pod, "/metadata/deletionTimestamp").is_empty()
}

/// Why a pod whose phase is Failed is where it is.
pub(crate) fn ended(pod: &Value, scene: &Scene<'_>) -> Trouble {
    let reason = text(pod, "/status/reason");
    let statuses = || all_statuses(pod);
    let killed = statuses().find(|s| number(s, "/state/terminated/exitCode").is_some_and(|code| code != 0));
    let at = killed
        .and_then(|s| time(s, "/state/terminated/finishedAt"))
        .or_else(|| time(pod, "/metadata/creationTimestamp"))
        .unwrap_or(scene.at.now);
    let line = match killed {
        Some(s) => format!("{}: container {}: {}", subject(pod), text(s, "/name"), terminated(s, "/state/terminated")),
        None => format!("{}: phase Failed: {reason} {}", subject(pod), text(pod, "/status/message")),
    };
    let cause = match (reason, killed) {
        ("Evicted" | "Preempting" | "NodeShutdown" | "Terminated", _) => Cause::new("evicted").with("reason", reason),
        (_, Some(s)) if text(s, "/state/terminated/reason") == "OOMKilled" => Cause::new("out-of-memory")
            .with("container", text(s, "/name"))
            .with("restarts", 0)
            .with("limit", limit(pod, text(s, "/name"))),
        (_, Some(s)) => Cause::new("pod-failed")
            .with("reason", format!("exit {}", number(s, "/state/terminated/exitCode").unwrap_or(1))),
        _ => Cause::new("pod-failed").with("reason", reason),
    };
    Trouble::new(cause.with("pod", name(pod)), at).evidence(line)
}

fn all_statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/status/initContainerStatuses").iter().chain(list(pod, "/status/containerStatuses"))
}

/// What stands in a pod's way; nothing if it is ready or simply on its way.
pub(crate) fn trouble(pod: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    if ready(pod) || text(pod, "/status/phase") == "Succeeded" {
        return None;
    }
    if text(pod, "/status/phase") == "Failed" {
        return Some(ended(pod, scene));
    }
    let events = events::about(pod, scene.events);
    if let Some(trouble) = schedule::trouble(pod, &events, scene) {
        return Some(trouble);
    }
    let born = time(pod, "/metadata/creationTimestamp").unwrap_or(scene.at.now);
    for (init, status) in list(pod, "/status/initContainerStatuses")
        .iter()
        .map(|s| (true, s))
        .chain(list(pod, "/status/containerStatuses").iter().map(|s| (false, s)))
    {
        let seen = Container { pod, status, init, born, events: &events };
        if let Some(trouble) = seen.waiting(scene).or_else(|| seen.crashing(scene)) {
            return Some(trouble);
        }
    }
    mount(pod, &events, born).or_else(|| volume::of_pod(pod, scene)).or_else(|| unready(pod, &events, scene))
}

struct Container<'a> {
    pod: &'a Value,
    status: &'a Value,
    init: bool,
    born: Timestamp,
    events: &'a [Event<'a>],
}

impl Container<'_> {
    fn name(&self) -> &str {
        text(self.status, "/name")
    }
    fn cause(&self, code: &str) -> Cause {
        Cause::new(code).with("pod", name(self.pod)).with("container", self.name())
    }
    fn line(&self, what: &str) -> String {
        format!("{}: container {}: {what}", subject(self.pod), self.name())
    }
    /// When the trouble began by its first event, else when the pod did.
    fn since(&self, reasons: &[&str]) -> Timestamp {
        let first = self.events.iter().filter(|e| reasons.contains(&e.reason)).filter_map(|e| e.first).min();
        first.unwrap_or(self.born).max(self.born)
    }

    /// Images that do not come and containers that cannot be made.
    fn waiting(&self, scene: &Scene<'_>) -> Option<Trouble> {
        let reason = text(self.status, "/state/waiting/reason");
        let message = text(self.status, "/state/waiting/message");
        let image = spec(self.pod, self.name()).map_or("", |c| text(c, "/image"));
        let line = self.line(&format!("{reason}: {message}"));
        match reason {
            "ErrImagePull" | "ImagePullBackOff" | "ImageInspectError" | "RegistryUnavailable" | "ErrImageNeverPull" => {
                // While it backs off the state repeats only the image; what the registry said is in the events.
                let said = self
                    .events
                    .iter()
                    .rev()
                    .find(|e| e.reason == "Failed" && e.message.contains("pull") && e.message.contains(image));
                let code = match (messages::image(message), said) {
                    ("image-pull-failed", Some(event)) => messages::image(event.message),
                    (code, _) => code,
                };
                let trouble =
                    Trouble::new(self.cause(code).with("image", image), self.since(&["Failed"])).evidence(line);
                Some(match said {
                    Some(event) => trouble.evidence(event.line(&subject(self.pod))),
                    None => trouble,
                })
            }
            "InvalidImageName" => {
                Some(Trouble::new(self.cause("image-name-invalid").with("image", image), self.born).evidence(line))
            }
            "CreateContainerConfigError" => Some(match messages::missing(message) {
                Some(missing) => {
                    let cause = Cause::new("config-missing").with("pod", name(self.pod));
                    let cause = cause.with("kind", missing.kind).with("name", missing.name).with("key", missing.key);
                    Trouble::new(cause, self.since(&["Failed"])).evidence(line)
                }
                None => Trouble::new(self.cause("container-start-failed"), self.since(&["Failed"])).evidence(line),
            }),
            "CreateContainerError" | "RunContainerError" | "StartError" => {
                Some(Trouble::new(self.cause("container-start-failed"), self.since(&["Failed"])).evidence(line))
            }
            "CrashLoopBackOff" if self.last_run().is_none() => {
                // A status without the crash itself (it was lost with a restart of the kubelet): the count is all there is.
                Some(self.crash(scene.at, None).evidence(line))
            }
            _ => None,
        }
    }

    /// The last run that ended: of the current state while it waits to be started again, else of the one before.
    fn last_run(&self) -> Option<&'static str> {
        ["/state/terminated", "/lastState/terminated"].into_iter().find(|at| {
            self.status.pointer(at).is_some_and(Value::is_object)
                && !(self.init && number(self.status, &format!("{at}/exitCode")) == Some(0))
        })
    }

    /// Crashes, counted. While a crashed container waits its state is `terminated` as often as it is `CrashLoopBackOff`.
    fn crashing(&self, scene: &Scene<'_>) -> Option<Trouble> {
        let run = self.last_run()?;
        let once = text(self.pod, "/spec/restartPolicy") == "Never";
        if number(self.status, &format!("{run}/exitCode")) == Some(0)
            && (once || number(self.status, "/restartCount") == Some(0))
        {
            return None;
        }
        let running_since = time(self.status, "/state/running/startedAt");
        if running_since.is_some_and(|start| scene.at.now.duration_since(start).as_secs() >= RECOVERED) {
            return None;
        }
        // One that was told beforehand is over when it runs again: from then on its probes say how it is.
        if !self.init && running_since.is_some() && self.crashes() <= i64::from(scene.at.expected_restarts) {
            return None;
        }
        let line = self.line(&terminated(self.status, run));
        Some(self.crash(scene.at, Some(run)).evidence(line))
    }

    /// The state of a container that runs again has one crash more in its count than one that waits to run again.
    fn crashes(&self) -> i64 {
        let restarts = number(self.status, "/restartCount").unwrap_or(0);
        restarts + i64::from(self.status.pointer("/state/running").is_none())
    }

    fn crash(&self, circumstances: &Circumstances, run: Option<&str>) -> Trouble {
        let restarts = number(self.status, "/restartCount").unwrap_or(0);
        let at = |field: &str| run.map(|run| format!("{run}/{field}"));
        let reason = at("reason").map_or("", |p| text(self.status, &p));
        let exit = at("exitCode").and_then(|p| number(self.status, &p)).map(|n| n.to_string()).unwrap_or_default();
        let message = at("message").map_or("", |p| text(self.status, &p));
        let probe = self
            .events
            .iter()
            .rev()
            .find(|e| e.reason == "Killing" && e.message.contains("failed") && e.message.contains(self.name()));
        let since = at("startedAt").and_then(|p| time(self.status, &p)).filter(|_| restarts <= 1).unwrap_or(self.born);
        let expected = i64::from(circumstances.expected_restarts);
        let crashes = self.crashes();
        let counted = |code: &str| self.cause(code).with("restarts", restarts);
        let mut trouble = if reason == "OOMKilled" {
            let cause = counted("out-of-memory").with("limit", limit(self.pod, self.name()));
            Trouble::new(cause, since).enough(crashes >= OUT_OF_MEMORY)
        } else if message.contains("exec format error") {
            let image = spec(self.pod, self.name()).map_or("", |c| text(c, "/image"));
            Trouble::new(self.cause("wrong-architecture").with("image", image), since)
        } else if matches!(reason, "ContainerCannotRun" | "StartError") {
            Trouble::new(self.cause("container-start-failed"), since)
        } else if let Some(event) = probe {
            let which = if event.message.contains("startup") { "startup" } else { "liveness" };
            let cause = self.cause("probe-failing").with("probe", which);
            let trouble = Trouble::new(cause, since).budget(probe_budget(self.pod)).enough(crashes >= CRASHES);
            trouble.evidence(event.line(&subject(self.pod)))
        } else if !self.init && crashes <= expected {
            Trouble { expected: true, ..Trouble::new(self.cause("restart-expected"), since) }
        } else {
            let code = if self.init { "init-crash-loop" } else { "crash-loop" };
            let enough = if self.init { CRASHES } else { CRASHES + expected };
            Trouble::new(counted(code).with("exit", exit), since).enough(crashes >= enough)
        };
        trouble.last_began = Some(at("startedAt").and_then(|p| time(self.status, &p)).unwrap_or(circumstances.now));
        trouble
    }
}

fn terminated(status: &Value, at: &str) -> String {
    let field = |name: &str| text(status, &format!("{at}/{name}"));
    let code = number(status, &format!("{at}/exitCode")).unwrap_or_default();
    let restarts = number(status, "/restartCount").unwrap_or_default();
    let message = field("message").trim();
    let tail: String = message.chars().rev().take(300).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{} (exit {code}, restarts {restarts}) {tail}", field("reason")).trim_end().to_owned()
}

fn spec<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    list(pod, "/spec/initContainers")
        .iter()
        .chain(list(pod, "/spec/containers"))
        .find(|c| text(c, "/name") == container)
}

fn limit<'a>(pod: &'a Value, container: &str) -> &'a str {
    spec(pod, container).map_or("", |c| text(c, "/resources/limits/memory"))
}

/// Volumes that are not mounted: a Secret or ConfigMap that is not there, a disk that does not come.
fn mount(pod: &Value, events: &[Event<'_>], born: Timestamp) -> Option<Trouble> {
    let creating = all_statuses(pod)
        .any(|s| matches!(text(s, "/state/waiting/reason"), "ContainerCreating" | "PodInitializing"))
        && all_statuses(pod).all(|s| s.pointer("/state/running").is_none());
    let event =
        events.iter().rev().find(|e| matches!(e.reason, "FailedMount" | "FailedAttachVolume")).filter(|_| creating)?;
    let since = event.first.unwrap_or(born).max(born);
    let cause = match messages::missing(event.message) {
        Some(m) => Cause::new("config-missing").with("kind", m.kind).with("name", m.name).with("key", m.key),
        None => {
            let volume = crate::json::between(event.message, "volume \"", "\"").unwrap_or_default();
            Cause::new("volume-mount-failed").with("volume", volume)
        }
    };
    Some(Trouble::new(cause.with("pod", name(pod)), since).evidence(event.line(&subject(pod))))
}

/// Runs, but is not ready. The budget is the probes' own plus what a loaded cluster needs.
fn unready(pod: &Value, events: &[Event<'_>], scene: &Scene<'_>) -> Option<Trouble> {
    let waiting =
        list(pod, "/status/containerStatuses").iter().find(|s| s.pointer("/ready") != Some(&Value::Bool(true)))?;
    let started = time(waiting, "/state/running/startedAt")?;
    let event = events.iter().rev().find(|e| e.reason == "Unhealthy");
    let spent = scene.at.now.duration_since(started).as_secs();
    // Within the probes' first delay nothing is wrong yet, unless a probe already says so.
    if event.is_none() && spent < i64::from(probe_budget(pod) - SLACK) {
        return None;
    }
    let which = event.map_or("readiness", |e| e.message.split_whitespace().next().unwrap_or_default());
    let cause = Cause::new("probe-failing")
        .with("pod", name(pod))
        .with("container", text(waiting, "/name"))
        .with("probe", which.to_lowercase());
    let mut trouble = Trouble::new(cause, started).budget(probe_budget(pod));
    trouble = match (event, condition(pod, "Ready")) {
        (Some(event), _) => trouble.evidence(event.line(&subject(pod))),
        (None, Some(c)) => trouble.evidence(format!("{}: {}", subject(pod), text(c, "/message"))),
        _ => trouble,
    };
    Some(trouble)
}

/// Seconds beyond the probes' own numbers: a node that starts thirty JVMs at once is several times slower.
const SLACK: u32 = 300;

/// Seconds that a pod's slowest container may take to get ready by its own probes, with slack.
pub(crate) fn probe_budget(pod: &Value) -> u32 {
    let probe = |container: &Value, which: &str| {
        let Some(probe) = container.pointer(&format!("/{which}")) else { return 0 };
        let n = |field: &str, default: i64| number(probe, &format!("/{field}")).unwrap_or(default).max(0);
        let tries = n("failureThreshold", 3) + n("successThreshold", 1) - 1;
        u32::try_from(n("initialDelaySeconds", 0) + n("timeoutSeconds", 1) + n("periodSeconds", 10) * tries)
            .unwrap_or(u32::MAX / 4)
    };
    let own = |c: &Value| probe(c, "startupProbe").saturating_add(probe(c, "readinessProbe"));
    list(pod, "/spec/containers").iter().map(own).max().unwrap_or(0).saturating_add(SLACK)
}

/// What stands in the way of each of many pods.
pub(crate) fn troubles(pods: &[&Value], scene: &Scene<'_>) -> Vec<Trouble> {
    pods.iter()
        .filter(|pod| text(pod, "/metadata/deletionTimestamp").is_empty())
        .filter_map(|pod| trouble(pod, scene))
        .collect()
}
