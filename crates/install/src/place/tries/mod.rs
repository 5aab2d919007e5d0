//! A database or file store that a person brings is tried before anything is installed: from inside the cluster, by a
//! program that runs once and is gone. What its end means is a table for each.

mod database;
mod files;
mod presign;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cluster::one_off::{Ended, Limits, NotRun, OneOff};
use engine::Cause;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answers::{Database, Files};
use crate::error::Error;
use crate::place::found::Place;
use crate::place::verdict::Verdict;
use crate::plan::Planned;

/// Beginning of the names of the namespaces in which something is tried; the check's name follows.
const NAMESPACE: &str = "digit-try";

/// How long what passed is trusted.
const TRUSTED: Duration = Duration::from_secs(600);

/// With what things are tried.
pub(crate) struct Means<'a> {
    pub(crate) now: Timestamp,
    pub(crate) limits: Limits,
    /// Knows when everything that was made for it is gone.
    pub(crate) tracker: &'a TaskTracker,
    /// What passed before.
    pub(crate) passed: &'a Passed,
    /// Ends every try.
    pub(crate) stop: CancellationToken,
    /// Whether what passed a moment ago is not tried again: whoever begins an install has just looked at the checks.
    pub(crate) trusts: bool,
}

/// When tries of this program passed, by what was tried.
#[derive(Debug, Default)]
pub(crate) struct Passed(Mutex<BTreeMap<String, Timestamp>>);

impl Passed {
    fn note(&self, what: &str, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(what.to_owned(), now);
    }

    fn lately(&self, what: &str, now: Timestamp) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(what).is_some_and(|then| now.duration_since(*then).unsigned_abs() < TRUSTED)
    }
}

/// What is tried, by cluster, answer and the file of its secret: changed in any of them, it is something else.
fn what(planned: &Planned, ours: &impl serde::Serialize, file: &Path) -> String {
    let changed = std::fs::metadata(file).and_then(|about| about.modified()).ok();
    let cluster = &planned.plan.cluster;
    format!("{} {} {} {changed:?}", cluster.uid, cluster.simulated, serde_json::to_string(ours).unwrap_or_default())
}

/// What an exit code and the last words with it mean.
type Meaning = Box<dyn Fn(i64, &str) -> Verdict + Send + Sync>;

/// Something to try: the check's name, the program, what its end means.
struct Try {
    check: &'static str,
    /// As [`Passed`] knows it.
    what: String,
    /// What to run; or why it cannot be.
    one: Result<OneOff, Cause>,
    meaning: Meaning,
}

/// Tries what the answers bring, side by side, and tells each result as it comes.
pub(crate) async fn all(
    place: &Place,
    planned: &Planned,
    means: &Means<'_>,
    has_machines: bool,
    tell: &mut (dyn FnMut(&str, Verdict) + Send),
) -> Result<(), Error> {
    use futures::stream::{FuturesUnordered, StreamExt as _};
    let answers = &planned.plan.answers;
    let mut tries = Vec::new();
    if let Database::Ours(ours) = &answers.database {
        tries.push(database::to_try(ours, planned, place.is_simulated())?);
    }
    if let Files::Ours(ours) = &answers.files {
        tries.push(files::to_try(ours, planned, place.is_simulated(), means.now)?);
    }
    let mut under_way: FuturesUnordered<_> = tries
        .into_iter()
        .map(|it| async move {
            let verdict = match it.one {
                Err(cause) => Verdict::TakeNote(cause),
                Ok(_) if means.trusts && means.passed.lately(&it.what, means.now) => Verdict::Passed,
                Ok(_) if !has_machines => Verdict::TakeNote(Cause::new("check-try-no-machine").with("said", "-")),
                Ok(one) => {
                    let image = one.image.clone();
                    let namespace = format!("{NAMESPACE}-{}", it.check);
                    let cluster = place.cluster.with_stop(means.stop.clone());
                    let ended = cluster.run_once(&namespace, one, means.limits, means.tracker).await;
                    match ended {
                        Ok(Ended::Ran { code, said }) => (it.meaning)(code, &said),
                        Ok(Ended::NotRun { why, said }) => Verdict::TakeNote(not_run(why, &image, &said)),
                        Err(cluster::Error::Stopped) => return Err(cluster::Error::Stopped),
                        // That it could not be tried is no reason to stop; whatever is wrong shows where it matters.
                        Err(error) => Verdict::TakeNote(not_run(NotRun::Refused, &image, &error.to_string())),
                    }
                }
            };
            if matches!(verdict, Verdict::Passed) {
                means.passed.note(&it.what, means.now);
            }
            Ok((it.check, verdict))
        })
        .collect();
    while let Some(ended) = under_way.next().await {
        let (check, verdict) = ended?;
        tell(check, verdict);
    }
    Ok(())
}

/// Why nothing is known.
fn not_run(why: NotRun, image: &str, said: &str) -> Cause {
    let said = if said.is_empty() { "-" } else { said };
    match why {
        NotRun::Image => Cause::new("check-try-image").with("image", image).with("said", said),
        NotRun::NoMachine => Cause::new("check-try-no-machine").with("said", said),
        NotRun::Refused | NotRun::Container => Cause::new("check-try-not-made").with("said", said),
        NotRun::TooLong => Cause::new("check-try-too-long").with("image", image),
    }
}

/// What both programs find out on the way, by their exit codes; `None`: something of their own.
fn on_the_way(code: i64, host: &str, port: u16) -> Option<Verdict> {
    let cause = match code {
        10 => Cause::new("check-try-no-address"),
        11 => Cause::new("check-try-refused"),
        12 => Cause::new("check-try-timed-out"),
        _ => return None,
    };
    Some(Verdict::NotPassed(cause.with("host", host).with("port", port)))
}

/// An end that the program does not have: killed, or not the program at all.
fn strange(code: i64, said: &str) -> Verdict {
    let said = if said.is_empty() { "-" } else { said };
    Verdict::TakeNote(Cause::new("check-try-ended").with("code", code).with("said", said))
}

/// A script as it is on every system, whatever a checkout did to line ends.
fn script(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// State and code of a verdict, for tables.
    pub(super) fn read(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Passed => "passed".to_owned(),
            Verdict::TakeNote(c) => format!("note {}", c.code),
            Verdict::Short(c) => format!("short {}", c.code),
            Verdict::NotPassed(c) => format!("not {}", c.code),
        }
    }

    #[test]
    fn what_passed_is_trusted_for_a_while() {
        let passed = Passed::default();
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minutes);
        passed.note("a", at(0));
        let cases = [("a", 0, true), ("a", 9, true), ("a", 10, false), ("b", 0, false)];
        for (what, minutes, wanted) in cases {
            assert_eq!(passed.lately(what, at(minutes)), wanted, "{what} {minutes}");
        }
    }

    #[test]
    fn what_could_not_be_tried_is_a_note_that_says_why() {
        for (why, wanted) in [
            (NotRun::Image, "check-try-image"),
            (NotRun::NoMachine, "check-try-no-machine"),
            (NotRun::Refused, "check-try-not-made"),
            (NotRun::Container, "check-try-not-made"),
            (NotRun::TooLong, "check-try-too-long"),
        ] {
            assert_eq!(not_run(why, "i", "s").code, wanted);
        }
    }

    /// Runs a script as a pod would, with programs that stand in for the real ones first on its path.
    #[cfg(unix)]
    pub(super) fn run(script: &str, env: &[(&str, &str)], programs: &[(&str, &str)]) -> (i64, String) {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in programs {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/bash\n{text}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let said = folder.path().join("said");
        let path = std::env::join_paths(
            std::iter::once(folder.path().to_owned())
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        let ended = std::process::Command::new("bash")
            .args(["-c", script])
            .env("PATH", path.unwrap())
            .env("SAY", &said)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let said = std::fs::read_to_string(said).unwrap_or_default();
        (ended.status.code().unwrap_or(-1).into(), said.trim().to_owned())
    }
}
