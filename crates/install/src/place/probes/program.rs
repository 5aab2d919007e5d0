//! What the probes have in common: a program with a script, and what its end means.

use std::path::Path;

use cluster::one_off::OneOff;
use engine::Cause;

use crate::place::verdict::Verdict;
use crate::plan::{Plan, Planned};

/// What an exit code and the last words with it mean.
pub(super) type Meaning = Box<dyn Fn(i64, &str) -> Verdict + Send + Sync>;

/// Something to try: the check's name, the program, what its end means.
pub(super) struct Try {
    pub(super) check: &'static str,
    /// As [`Passed`](super::Passed) knows it.
    pub(super) what: String,
    /// What to run; or why it cannot be.
    pub(super) one: Result<OneOff, Cause>,
    pub(super) meaning: Meaning,
}

/// What is tried, by cluster, answer and the file of its secret: changed in any of them, it is something else.
pub(super) fn what(planned: &Planned, ours: &impl serde::Serialize, file: &Path) -> String {
    let changed = std::fs::metadata(file).and_then(|about| about.modified()).ok();
    let Plan { cluster, installation, .. } = &planned.plan;
    // A cluster that the run makes has no UID in the plan; there is one for each installation.
    let place = if cluster.promised { installation } else { &cluster.uid };
    format!("{place} {} {} {changed:?}", cluster.simulated, serde_json::to_string(ours).unwrap_or_default())
}

/// What both programs find out on the way, by their exit codes; `None`: something of their own.
pub(super) fn on_the_way(code: i64, host: &str, port: u16) -> Option<Verdict> {
    let cause = match code {
        10 => Cause::new("check-try-no-address"),
        11 => Cause::new("check-try-refused"),
        12 => Cause::new("check-try-timed-out"),
        _ => return None,
    };
    Some(Verdict::NotPassed(cause.with("host", host).with("port", port)))
}

/// An end that the program does not have: killed, or not the program at all.
pub(super) fn strange(code: i64, said: &str) -> Verdict {
    let said = if said.is_empty() { "-" } else { said };
    Verdict::TakeNote(Cause::new("check-try-ended").with("code", code).with("said", said))
}

/// A script as it is on every system, whatever a checkout did to line ends.
pub(super) fn script(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// State and code of a verdict, for tables.
    pub(in super::super) fn read(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Passed => "passed".to_owned(),
            Verdict::TakeNote(c) => format!("note {}", c.code),
            Verdict::Short(c) => format!("short {}", c.code),
            Verdict::NotPassed(c) => format!("not {}", c.code),
        }
    }

    /// Runs a script as a pod would, with programs that stand in for the real ones first on its path.
    #[cfg(unix)]
    pub(in super::super) fn run(script: &str, env: &[(&str, &str)], programs: &[(&str, &str)]) -> (i64, String) {
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
