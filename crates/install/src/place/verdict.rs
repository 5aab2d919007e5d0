//! What a check concludes, and how it is shown.

use engine::Cause;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One check of the Checks screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub struct CheckView {
    /// Its name, as in `--accept`: `access`, `permissions`, `version`, `apis`, `capacity`, `nodes`, `storage`, `names`, `other-installation`, `kept-disks`, `product-list`, `leaving`, `entry-door`, `namespaces`, `webhooks`, `address`, `database`, `files`; message `check-NAME`.
    pub name: String,
    /// How it came out.
    pub state: CheckState,
    /// Why, as code and data; message `check-CODE`.
    pub cause: Option<Cause>,
    /// Whether the person may choose to go on without it.
    pub can_accept: bool,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// Passed.
    Passed,
    /// No reason to stop, and there is something to know: also that it could not be tried.
    TakeNote,
    /// Not passed.
    NotPassed,
    /// Not passed, and the person chose to go on.
    Accepted,
}
/// What came out.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Every check, in the order in which it ended.
    pub checks: Vec<CheckView>,
}

impl Checked {
    /// These and then those.
    #[must_use]
    pub(crate) fn and(mut self, then: Checked) -> Checked {
        self.checks.extend(then.checks);
        self
    }

    /// The names of those that do not pass.
    pub fn failed(&self) -> Vec<String> {
        self.checks.iter().filter(|c| c.state == CheckState::NotPassed).map(|c| c.name.clone()).collect()
    }
}

/// What a check concluded.
pub(crate) enum Verdict {
    Passed,
    /// Not a reason to stop; also where nothing is known.
    TakeNote(Cause),
    /// May be accepted.
    Short(Cause),
    NotPassed(Cause),
}

#[cfg(test)]
pub(super) mod testing {
    use super::Verdict;

    /// The code of its cause.
    pub(crate) fn code(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Passed => "passed".to_owned(),
            Verdict::TakeNote(c) | Verdict::Short(c) | Verdict::NotPassed(c) => c.code.clone(),
        }
    }

    /// What may be done about it.
    pub(crate) fn kind(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Passed => "passed",
            Verdict::TakeNote(_) => "note",
            Verdict::Short(_) => "short",
            Verdict::NotPassed(_) => "not passed",
        }
    }

    /// An argument of its cause; empty if there is none.
    pub(crate) fn arg(verdict: &Verdict, name: &str) -> String {
        match verdict {
            Verdict::Passed => String::new(),
            Verdict::TakeNote(c) | Verdict::Short(c) | Verdict::NotPassed(c) => {
                c.args.get(name).cloned().unwrap_or_default()
            }
        }
    }
}
