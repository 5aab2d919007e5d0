//! A database or file store that a person brings is tried before anything is installed: from inside the cluster, by a
//! program that runs once and is gone. What its end means is a table for each.

mod database;
mod files;
mod presign;
mod program;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use catalog::registry::Registries;
use cluster::one_off::{Ended, Limits, NotRun};
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
pub(crate) struct ProbeOptions<'a> {
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
    /// Who says for which processors an image is built, where that matters; nobody is asked without.
    pub(crate) registries: Option<Registries>,
}

impl ProbeOptions<'_> {
    /// The same, asking registries where it matters what an image is built for.
    pub(crate) fn asking(self, registries: Registries) -> Self {
        ProbeOptions { registries: Some(registries), ..self }
    }
}

/// When probes of this program passed, by what was tried.
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

/// Tries what the answers bring, side by side, and tells each result as it comes.
pub(crate) async fn all(
    place: &Place,
    planned: &Planned,
    options: &ProbeOptions<'_>,
    has_machines: bool,
    tell: &mut (dyn FnMut(&str, Verdict) + Send),
) -> Result<(), Error> {
    use futures::stream::{FuturesUnordered, StreamExt as _};
    let answers = &planned.plan.answers;
    let mut probes = Vec::new();
    if let Database::Ours(ours) = &answers.database {
        probes.push(database::to_try(ours, planned, place.is_simulated())?);
    }
    if let Files::Ours(ours) = &answers.files {
        probes.push(files::to_try(ours, planned, place.is_simulated(), options.now)?);
    }
    let mut under_way: FuturesUnordered<_> = probes
        .into_iter()
        .map(|it| async move {
            let verdict = match it.one {
                Err(cause) => Verdict::TakeNote(cause),
                Ok(_) if options.trusts && options.passed.lately(&it.what, options.now) => Verdict::Passed,
                Ok(_) if !has_machines => Verdict::TakeNote(Cause::new("check-try-no-machine").with("said", "-")),
                Ok(one) => {
                    let image = one.image.clone();
                    let namespace = format!("{NAMESPACE}-{}", it.check);
                    let cluster = place.cluster.with_stop(options.stop.clone());
                    let ended = cluster.run_once(&namespace, one, options.limits, options.tracker).await;
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
                options.passed.note(&it.what, options.now);
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
