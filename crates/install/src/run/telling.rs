//! What goes into the kept log: what the run does, trouble with the API, what pods and the cluster say.

use std::sync::Arc;

use cluster::pod_logs::LineKind;
use cluster::watch::Watch;
use engine::{Cause, Clock, Event, What};
use jiff::Timestamp;
use logs::{Level, Log, LogLine};
use tokio_util::sync::CancellationToken;

/// The source of what we do ourselves.
const INSTALLER: &str = "installer";
/// The source of what the cluster says.
const CLUSTER: &str = "cluster";

/// Writes durable events as lines for engineers.
pub(crate) struct Teller {
    log: Log,
}

impl Teller {
    pub(crate) fn new(log: Log) -> Self {
        Teller { log }
    }

    pub(crate) fn tell(&self, event: &Event) {
        if let Some((level, text)) = line(&event.what) {
            let source = event.step.as_deref().and_then(|id| id.split_once(':')).map_or(INSTALLER, |(_, s)| s);
            let source = source.to_owned();
            // A log that cannot be written is no reason to stop; the store counts what it lost.
            let _ = self.log.append(LogLine { level, source, at: event.at, step: event.step.clone(), text });
        }
    }
}

fn line(what: &What) -> Option<(Level, String)> {
    let cause = |cause: &Cause| {
        let data: Vec<String> = cause.args.iter().map(|(k, v)| format!("{k}={v}")).collect();
        format!("{} {}", cause.code, data.join(" "))
    };
    Some(match what {
        What::RunStarted { steps, purpose, .. } => (Level::Info, format!("{}: {} steps", purpose.name, steps.len())),
        What::StepStarted { attempt: 1 } => (Level::Debug, "begins".to_owned()),
        What::StepStarted { attempt } => (Level::Info, format!("begins again, try {attempt}")),
        What::Retrying { cause: c, after } => (Level::Warning, format!("{}; again in {after:.0} s", cause(c))),
        What::Failed { cause: c, evidence } => (Level::Error, format!("{} {}", cause(c), evidence.join(" | "))),
        What::Done { skipped: Some(_), .. } => (Level::Info, "as wanted, nothing to do".to_owned()),
        What::Done { changed, unchanged, .. } => {
            (Level::Info, format!("done: {changed} changed, {unchanged} as they were"))
        }
        What::Part(part) if part.state.is_end() => {
            let why = part.cause.as_ref().map(cause).unwrap_or_default();
            (Level::Info, format!("{} {} {:?} {why}", part.kind, part.name, part.state))
        }
        What::CostBegan => (Level::Info, "costs from now on".to_owned()),
        What::Found { name, value } => (Level::Info, format!("{name} is {value}")),
        What::Held { cause: c } => (Level::Warning, format!("a person is needed: {}", cause(c))),
        What::Released { cause: c } => (Level::Info, format!("goes on: {}", cause(c))),
        What::Paused { why } => (Level::Warning, format!("paused: {why}")),
        What::Resumed { after } => (Level::Info, format!("goes on after {:.0} s", after.unwrap_or_default())),
        What::Finished { outcome } => (Level::Info, format!("ended: {outcome:?}").to_lowercase()),
        What::Removed { left, .. } => (Level::Info, format!("looked again, left: {left:?}")),
        What::Part(_) | What::Progress { .. } | What::WaitingOn { .. } | What::Unknown => return None,
    })
}

/// Writes down trouble with the API as it is waited out.
pub(crate) fn on_trouble(
    log: Log,
    clock: Arc<dyn Clock>,
    held: impl Fn(&'static str) + Send + Sync + 'static,
) -> cluster::OnTrouble {
    Arc::new(move |trouble| {
        let text = format!(
            "{}: {}; try {}, again in {:.1} s",
            trouble.what,
            trouble.message,
            trouble.tries,
            trouble.after.as_secs_f64()
        );
        let _ = log.append(cluster_line(Level::Warning, clock.now(), text));
        if holds_everything(trouble.code, trouble.tries) {
            held(trouble.code);
        }
    })
}

/// Whether trouble is worth a word on the screen: it is about the server, not about one object, and does not pass at once.
fn holds_everything(code: &str, tries: u32) -> bool {
    const OF_THE_SERVER: [&str; 11] = [
        "server-not-answering",
        "server-not-trusted",
        "sign-in-failed",
        "sign-in-program-missing",
        "sign-in-rejected",
        "network-portal",
        "proxy-sign-in",
        "proxy-failing",
        "server-busy",
        "server-error",
        "answer-garbled",
    ];
    tries >= 3 && OF_THE_SERVER.contains(&code)
}

pub(crate) fn cluster_line(level: Level, at: Timestamp, text: String) -> LogLine {
    LogLine { level, source: CLUSTER.to_owned(), at, step: None, text }
}

/// Containers that are read at once: each keeps its place for as long as it runs.
const STREAMS: usize = 200;

/// Writes down what pods print and what happens to them, until `stop`.
pub(crate) fn follow_pods(watch: &Watch, log: Log, since: Timestamp, stop: CancellationToken) {
    let watch = watch.clone();
    let sink: cluster::pod_logs::Sink = Arc::new(move |line| {
        let level = match line.kind {
            LineKind::Warning => Level::Warning,
            LineKind::Event => Level::Debug,
            LineKind::Container => logs::guess(&line.text).unwrap_or(Level::Info),
        };
        let text = match line.kind {
            LineKind::Container => line.text,
            LineKind::Event | LineKind::Warning => format!("{}: {}", line.from, line.text),
        };
        let _ = log.append(LogLine { level, source: line.source, at: line.at, step: None, text });
    });
    tokio::spawn(async move {
        // Who may not read logs installs all the same.
        let _ = watch.follow_logs(since, STREAMS, sink, stop).await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_with_the_server_that_lasts_is_shown() {
        for (code, tries, is_shown) in [
            ("server-not-answering", 1, false),
            ("server-not-answering", 3, true),
            ("sign-in-failed", 5, true),
            ("sign-in-rejected", 3, true),
            ("network-portal", 3, true),
            // About one object: the step that works on it says so.
            ("webhook-failing", 9, false),
            ("object-terminating", 9, false),
        ] {
            assert_eq!(holds_everything(code, tries), is_shown, "{code} {tries}");
        }
    }
}
