//! What containers say in a rehearsal: a few plausible lines, each marked as made up.

use jiff::Timestamp;
use serde_json::Value;

use super::answer::Refusal;
use super::json::{list, name, text, time};
use super::store::after;

/// Kinds of containers by a word in image or name → lines with the seconds after the start at which they are said. `{}` is the container.
const SAYS: &[(&str, &[(f64, &str)])] = &[
    (
        "-db",
        &[
            (0.1, "Flyway Community Edition"),
            (0.3, "Successfully validated migrations for {}"),
            (0.6, "Schema \"public\" is up to date. No migration necessary."),
        ],
    ),
    ("git-sync", &[(0.1, "cloning repository"), (0.5, "synced")]),
    (
        "kafka",
        &[
            (0.2, "[KafkaRaftServer nodeId=0] Starting"),
            (2.5, "Transition from STARTING to STARTED (kafka.server.BrokerServer)"),
        ],
    ),
    ("elasticsearch", &[(0.3, "starting ..."), (4.0, "Cluster health status changed from [YELLOW] to [GREEN]")]),
    ("postgres", &[(0.2, "starting PostgreSQL"), (1.5, "database system is ready to accept connections")]),
    ("redis", &[(0.1, "oO0OoO0OoO0Oo Redis is starting"), (0.3, "Ready to accept connections tcp")]),
    ("nginx", &[(0.1, "start worker processes")]),
];

/// Everything else is a Spring service, as nearly all of DIGIT is.
const SPRING: &[(f64, &str)] = &[
    (0.1, "Starting {} using Java 17"),
    (0.8, "HikariPool-1 - Starting..."),
    (1.0, "HikariPool-1 - Start completed."),
    (1.6, "Tomcat initialized with port 8080 (http)"),
    (2.4, "Started {} in 2.4 seconds (process running for 2.9)"),
];

/// What is asked of a log.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    pub(super) container: String,
    pub(super) previous: bool,
    pub(super) timestamps: bool,
    pub(super) tail: Option<usize>,
    pub(super) since: Option<Timestamp>,
}

/// Lines said until `now`, each with its time.
pub(super) fn said(pod: &Value, wish: &Wish, now: Timestamp, speed: f64) -> Result<Vec<(Timestamp, String)>, Refusal> {
    let containers: Vec<&Value> =
        list(pod, "/spec/containers").iter().chain(list(pod, "/spec/initContainers")).collect();
    let wanted = match wish.container.as_str() {
        "" => containers.first().map_or("", |c| text(c, "/name")),
        named => named,
    };
    let Some(container) = containers.iter().find(|c| text(c, "/name") == wanted) else {
        return Err(Refusal::bad_request(format!("container {wanted} is not valid for pod {}", name(pod))));
    };
    let statuses = list(pod, "/status/containerStatuses").iter().chain(list(pod, "/status/initContainerStatuses"));
    let status = statuses.into_iter().find(|s| text(s, "/name") == wanted);
    let began = |status: &Value| {
        let states: &[&str] = if wish.previous {
            &["/lastState/terminated"]
        } else {
            &["/state/running", "/state/terminated", "/lastState/terminated"]
        };
        states.iter().find_map(|at| {
            let end = time(status, &format!("{at}/finishedAt"));
            let code = status.pointer(&format!("{at}/exitCode")).and_then(Value::as_i64);
            time(status, &format!("{at}/startedAt")).map(|start| (start, end, code))
        })
    };
    let Some((start, end, code)) = status.and_then(began) else {
        let reason = status.map_or("ContainerCreating", |s| text(s, "/state/waiting/reason"));
        let message = if wish.previous {
            format!("previous terminated container \"{wanted}\" in pod \"{}\" not found", name(pod))
        } else {
            format!("container \"{wanted}\" in pod \"{}\" is waiting to start: {reason}", name(pod))
        };
        return Err(Refusal::bad_request(message));
    };
    let kind = format!("{} {wanted}", text(container, "/image"));
    let script = SAYS.iter().find(|(word, _)| kind.contains(word)).map_or(SPRING, |(_, lines)| *lines);
    let mut lines: Vec<(Timestamp, String)> = script
        .iter()
        .map(|(offset, line)| (after(start, offset / speed), format!("[rehearsal] {}", line.replace("{}", wanted))))
        .filter(|(at, _)| end.is_none_or(|end| *at <= end))
        .collect();
    if let (Some(end), Some(code)) = (end, code.filter(|code| *code != 0)) {
        lines.push((
            end,
            format!("[rehearsal] ERROR {wanted}: ended with exit code {code}, as this rehearsal was asked to let it"),
        ));
    }
    lines.retain(|(at, _)| *at <= now && wish.since.is_none_or(|since| *at >= since));
    if let Some(tail) = wish.tail {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    Ok(lines)
}

/// Whether more may be said.
pub(super) fn is_over(pod: &Value, wish: &Wish) -> bool {
    let statuses = list(pod, "/status/containerStatuses").iter().chain(list(pod, "/status/initContainerStatuses"));
    let mut statuses = statuses.filter(|s| wish.container.is_empty() || text(s, "/name") == wish.container);
    statuses.next().is_some_and(|s| s.pointer("/state/terminated").is_some())
}

/// A line as it goes over the wire.
pub(super) fn written(at: Timestamp, line: &str, wish: &Wish) -> String {
    if wish.timestamps { format!("{at:.9} {line}\n") } else { format!("{line}\n") }
}
