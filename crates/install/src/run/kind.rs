//! What kinds of runs there are. The engine knows none of them: it is told in which direction, and what is true at the end.

use engine::{Direction, Report, RunPurpose, RunState};

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunKind {
    /// To make everything of a plan true where it was not whole yet.
    Install,
    /// To make another plan true where one stood whole: other modules, other settings, a cluster of a newer version.
    Change,
    /// To take everything back.
    Remove,
}

impl RunKind {
    const ALL: [RunKind; 3] = [RunKind::Install, RunKind::Change, RunKind::Remove];

    /// Stable, in kebab case: as journals and reports name it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            RunKind::Install => "install",
            RunKind::Change => "change",
            RunKind::Remove => "remove",
        }
    }

    /// The kind that a report names; none: there was no run, or a newer program's.
    pub(crate) fn of(report: &Report) -> Option<RunKind> {
        RunKind::ALL.into_iter().find(|kind| kind.code() == report.purpose)
    }

    /// What the engine has to know of it. The steps of a removal are written in the order in which things go.
    pub(crate) fn purpose(self) -> RunPurpose {
        let ends_empty = self == RunKind::Remove;
        RunPurpose { name: self.code().to_owned(), direction: Direction::Forward, ends_empty, learns: !ends_empty }
    }

    /// The kind of the run that carries a plan out, by how the installation stands: `is_another` says whether the plan differs from
    /// the one that was carried out last.
    pub(crate) fn carrying_out(report: &Report, is_another: bool) -> RunKind {
        match (RunKind::of(report), report.state) {
            (Some(RunKind::Install | RunKind::Change), RunState::Ready) if is_another => RunKind::Change,
            (Some(RunKind::Change), state) if !matches!(state, RunState::Ready | RunState::Removed) => RunKind::Change,
            _ => RunKind::Install,
        }
    }

    /// Whether what a report tells of stands whole, so that the next plan is one for what is there now.
    pub(crate) fn stands_whole(report: &Report) -> bool {
        report.state == RunState::Ready && matches!(RunKind::of(report), Some(RunKind::Install | RunKind::Change))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn report(purpose: &str, state: RunState) -> Report {
        Report { purpose: purpose.to_owned(), state, ..engine::fold(&[], Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn another_plan_for_what_stands_whole_is_a_change_and_stays_one_until_it_is_carried_out() {
        for (purpose, state, is_another, expected) in [
            ("", RunState::NotStarted, true, RunKind::Install),
            ("install", RunState::Stopped, true, RunKind::Install),
            ("install", RunState::Failed, false, RunKind::Install),
            ("install", RunState::Ready, false, RunKind::Install),
            ("install", RunState::Ready, true, RunKind::Change),
            ("change", RunState::Running, false, RunKind::Change),
            ("change", RunState::Failed, true, RunKind::Change),
            ("change", RunState::Ready, false, RunKind::Install),
            ("change", RunState::Ready, true, RunKind::Change),
            ("remove", RunState::Removed, true, RunKind::Install),
            ("acceptance", RunState::Ready, true, RunKind::Install),
        ] {
            let report = report(purpose, state);
            assert_eq!(RunKind::carrying_out(&report, is_another), expected, "{purpose} {state:?} {is_another}");
        }
    }

    #[test]
    fn only_a_removal_ends_empty_and_each_is_found_by_its_name() {
        for kind in RunKind::ALL {
            assert_eq!(RunKind::of(&report(kind.code(), RunState::Ready)), Some(kind));
            assert_eq!(
                (kind.purpose().ends_empty, kind.purpose().learns),
                (kind == RunKind::Remove, kind != RunKind::Remove)
            );
        }
    }
}
