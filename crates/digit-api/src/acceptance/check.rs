//! What a check is, and what all of them together mean.

use std::collections::BTreeMap;

use cause::Cause;
use serde::Serialize;

use crate::Error;
use crate::address::AddressKind;
use crate::fault::Remedy;

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckCode {
    /// The pages answer 200 with a title, the element that the application fills, and scripts.
    Pages,
    /// Their scripts and styles load, and are no pages themselves.
    Assets,
    /// `globalConfigs` is there, inline or linked, and is of this state.
    GlobalConfigs,
    /// The messages are there.
    Messages,
    /// The master data are there and not empty.
    Masters,
    /// The administrator signs in.
    SignIn,
    /// The administrator has all roles that are needed.
    Roles,
    /// Employees can be searched.
    EmployeeSearch,
    /// A photo is uploaded and opens at the address that DIGIT names for it.
    Photo,
    /// A complaint is filed.
    ComplaintCreated,
    /// A search finds it.
    ComplaintFound,
    /// It is assigned, seen by a search.
    ComplaintAssigned,
    /// It is resolved, seen by a search.
    ComplaintResolved,
    /// The token form's `isInternal` gives no token.
    InternalToken,
    /// No password that everybody knows works.
    KnownPasswords,
    /// In a demo: the sample citizen signs in.
    CitizenSignIn,
    /// The clocks agree.
    Clock,
}

impl CheckCode {
    /// All of them.
    pub const ALL: [CheckCode; 17] = [
        CheckCode::Pages,
        CheckCode::Assets,
        CheckCode::GlobalConfigs,
        CheckCode::Messages,
        CheckCode::Masters,
        CheckCode::SignIn,
        CheckCode::Roles,
        CheckCode::EmployeeSearch,
        CheckCode::Photo,
        CheckCode::ComplaintCreated,
        CheckCode::ComplaintFound,
        CheckCode::ComplaintAssigned,
        CheckCode::ComplaintResolved,
        CheckCode::InternalToken,
        CheckCode::KnownPasswords,
        CheckCode::CitizenSignIn,
        CheckCode::Clock,
    ];
}

/// Why a check was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// In a demo known passwords are meant.
    Demo,
    /// It is for demos only.
    NotADemo,
    /// It writes, and only looking was asked for.
    ReadOnly,
    /// No answer said the time.
    NoTime,
    /// There is no web entry yet: the gateway itself is spoken to, from inside.
    NoEntry,
    /// It needs another check to pass.
    Needs(CheckCode),
}

impl Because {
    /// Whether DIGIT may work at an address of this kind although this was not tried.
    fn is_fine(self, kind: AddressKind) -> bool {
        match self {
            Because::Needs(_) => false,
            Because::NoEntry => kind == AddressKind::Inside,
            Because::Demo | Because::NotADemo | Because::ReadOnly | Because::NoTime => true,
        }
    }
}

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is so; with what was found.
    Passed(BTreeMap<String, String>),
    /// It is not so.
    Failed {
        /// Why.
        cause: Cause,
        /// What to do first.
        remedy: Option<Remedy>,
    },
    /// It was not looked at.
    NotTried(Because),
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Check {
    /// What was checked.
    pub code: CheckCode,
    /// Where: scheme, host and port.
    pub at: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How it came out.
    pub outcome: Outcome,
}

impl Check {
    /// Whether it passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        matches!(self.outcome, Outcome::Passed(_))
    }
}

/// Names and values of what was found.
pub(crate) fn data<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl From<Result<BTreeMap<String, String>, Error>> for Outcome {
    fn from(result: Result<BTreeMap<String, String>, Error>) -> Self {
        match result {
            Ok(data) => Outcome::Passed(data),
            Err(error) => Outcome::Failed { cause: error.cause(), remedy: error.remedy() },
        }
    }
}

/// What the checks together mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It works at its address.
    Works,
    /// It works on this computer.
    WorksHere,
    /// It works inside; its address is not public yet.
    WorksInside,
    /// It does not work.
    DoesNotWork,
}

/// Only if each check is there, and passed or rightly not tried, does DIGIT work; where, the kind of address says.
#[must_use]
pub fn verdict(checks: &[Check], kind: AddressKind) -> Verdict {
    let fine = |code: CheckCode| {
        let mut all = checks.iter().filter(|c| c.code == code).peekable();
        all.peek().is_some()
            && all.all(|c| match &c.outcome {
                Outcome::Passed(_) => true,
                Outcome::Failed { .. } => false,
                Outcome::NotTried(because) => because.is_fine(kind),
            })
    };
    if !CheckCode::ALL.into_iter().all(fine) {
        return Verdict::DoesNotWork;
    }
    match kind {
        AddressKind::Own => Verdict::Works,
        AddressKind::ThisComputer => Verdict::WorksHere,
        AddressKind::Inside => Verdict::WorksInside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(with: impl Fn(CheckCode) -> Outcome) -> Vec<Check> {
        CheckCode::ALL.map(|code| Check { code, at: String::new(), took_ms: 1, outcome: with(code) }).to_vec()
    }

    fn passed() -> Outcome {
        Outcome::Passed(BTreeMap::new())
    }

    #[test]
    fn without_a_web_entry_it_works_inside_at_most() {
        let entry = |code| {
            let of_entry = [CheckCode::Pages, CheckCode::Assets, CheckCode::GlobalConfigs, CheckCode::InternalToken];
            if of_entry.contains(&code) { Outcome::NotTried(Because::NoEntry) } else { passed() }
        };
        for (kind, expected) in [
            (AddressKind::Own, Verdict::DoesNotWork),
            (AddressKind::ThisComputer, Verdict::DoesNotWork),
            (AddressKind::Inside, Verdict::WorksInside),
        ] {
            assert_eq!(verdict(&all(entry), kind), expected);
        }
    }

    #[test]
    fn where_it_works_is_said_by_the_address() {
        for (kind, expected) in [
            (AddressKind::Own, Verdict::Works),
            (AddressKind::ThisComputer, Verdict::WorksHere),
            (AddressKind::Inside, Verdict::WorksInside),
        ] {
            assert_eq!(verdict(&all(|_| passed()), kind), expected);
        }
    }

    #[test]
    fn any_one_check_that_fails_or_lacks_what_it_needs_or_is_missing_is_enough() {
        for broken in CheckCode::ALL {
            let failed = Outcome::Failed { cause: Cause::new("x"), remedy: None };
            for outcome in [failed, Outcome::NotTried(Because::Needs(CheckCode::SignIn))] {
                let checks = all(|c| if c == broken { outcome.clone() } else { passed() });
                assert_eq!(verdict(&checks, AddressKind::Own), Verdict::DoesNotWork, "{broken:?} {outcome:?}");
            }
            let without: Vec<Check> = all(|_| passed()).into_iter().filter(|c| c.code != broken).collect();
            assert_eq!(verdict(&without, AddressKind::Own), Verdict::DoesNotWork, "without {broken:?}");
        }
        assert_eq!(verdict(&[], AddressKind::Own), Verdict::DoesNotWork);
    }

    #[test]
    fn what_was_rightly_not_tried_does_not_count() {
        for because in [Because::Demo, Because::NotADemo, Because::ReadOnly, Because::NoTime] {
            let checks = all(|c| if c == CheckCode::Clock { Outcome::NotTried(because) } else { passed() });
            assert_eq!(verdict(&checks, AddressKind::Own), Verdict::Works, "{because:?}");
        }
    }

    #[test]
    fn one_of_two_checks_of_a_kind_that_fails_is_enough() {
        let mut checks = all(|_| passed());
        let failed = Outcome::Failed { cause: Cause::new("x"), remedy: None };
        checks.push(Check { code: CheckCode::Pages, at: String::new(), took_ms: 1, outcome: failed });
        assert_eq!(verdict(&checks, AddressKind::Own), Verdict::DoesNotWork);
    }
}
