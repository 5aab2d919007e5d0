//! Watching a run until it ends: a live display on a terminal, plain lines elsewhere, events as JSON for programs.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use install::view::{Outcome, Report, RunState, StepState};
use install::{Error, Work};

use crate::desk::{Desk, Trouble, is_drawn};
use crate::events;
use crate::output::{complain, json};
use crate::show;
use install::words::Words;

/// How often a live display is drawn anew.
const DRAWN_EVERY: Duration = Duration::from_millis(200);

/// Asks before something is done. Without a terminal nobody can be asked, and `--yes` is needed.
pub(crate) fn confirm(words: &Words, question: &str, name: &str, yes: bool) -> bool {
    if yes {
        return true;
    }
    if !std::io::stdin().is_terminal() {
        complain(&words.text("cli-needs-yes", &[]));
        return false;
    }
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "{} ", words.text(question, &[("name", name)])).and_then(|()| terminal.flush());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && answer.trim() == name
}

/// Watches a run until it ends. Whoever asks the program to end stops it at a safe point.
pub(crate) async fn carry(desk: &Desk, work: &Work, as_json: bool) -> Result<u8, Trouble> {
    let watch = async {
        if as_json {
            tell_json(desk, work).await;
        } else if is_drawn() {
            draw(desk, work).await;
        } else {
            tell_plain(desk, work).await;
        }
    };
    tokio::pin!(watch);
    let mut interrupted = false;
    loop {
        tokio::select! {
            () = &mut watch => break,
            () = desk.interrupted(), if !interrupted => {
                interrupted = true;
                work.stop();
                complain(&desk.words.text("cli-stopping", &[]));
            }
        }
    }
    let end = work.ended().await;
    let report = work.report(desk.installer.clock().now());
    if as_json {
        json(&report);
    } else {
        // What was removed although its plan cannot be read has no page to show.
        let view = match desk.installer.view(work.id()) {
            Err(_) if report.state == RunState::Removed => None,
            view => Some(view?),
        };
        show::ending(&desk.words, work.name(), &report, view.as_ref());
    }
    match end {
        Ok(Outcome::Ready) if report.left.as_ref().is_some_and(|left| !left.is_empty()) => Ok(1),
        Ok(Outcome::Ready) => Ok(0),
        // Stopped while it was held up by something that only a person can do.
        Ok(Outcome::Stopped) if report.needs_person() => Ok(4),
        Ok(Outcome::Stopped) => Ok(130),
        Ok(Outcome::Failed) => Ok(1),
        Err(error) => {
            complain(&desk.words.error(&error.view()));
            Err(Trouble::Said(Error::exit_code(&error)))
        }
    }
}

/// Every event that lasts; of each step's progress what a reader can follow.
async fn tell_json(desk: &Desk, work: &Work) {
    events::tell(|| work.follow(), work.ended(), || desk.installer.clock().now(), json).await;
}

/// A line whenever a step begins to wait, is retried, fails or is done.
async fn tell_plain(desk: &Desk, work: &Work) {
    let mut said = BTreeMap::new();
    let mut changes = work.changes();
    loop {
        let report = work.report(desk.installer.clock().now());
        for text in news(&desk.words, &report, &mut said) {
            complain(&text);
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { break },
            _ = work.ended() => break,
        }
        tokio::time::sleep(DRAWN_EVERY).await;
    }
    let report = work.report(desk.installer.clock().now());
    for text in news(&desk.words, &report, &mut said) {
        complain(&text);
    }
}

async fn draw(desk: &Desk, work: &Work) {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {wide_msg}") {
        bar.set_style(style);
    }
    let mut said = BTreeMap::new();
    loop {
        let report = work.report(desk.installer.clock().now());
        for text in news(&desk.words, &report, &mut said) {
            bar.println(text);
        }
        bar.set_position(report.percent.floor() as u64);
        bar.set_message(show::progress(&desk.words, &report));
        tokio::select! {
            () = tokio::time::sleep(DRAWN_EVERY) => {}
            _ = work.ended() => break,
        }
    }
    let report = work.report(desk.installer.clock().now());
    for text in news(&desk.words, &report, &mut said) {
        bar.println(text);
    }
    bar.finish_and_clear();
}

/// Where `news` remembers what holds the whole run up; no step has that name.
const HELD: &str = "";

/// Lines about what changed since the last look. `said` remembers it by step.
fn news(words: &Words, report: &Report, said: &mut BTreeMap<String, String>) -> Vec<String> {
    let mut lines = Vec::new();
    let held = report.held.clone().unwrap_or_default();
    if said.insert(HELD.to_owned(), held.clone()).unwrap_or_default() != held {
        if !held.is_empty() {
            lines.push(words.held(&held));
        } else if report.state == RunState::Running {
            // A run that was stopped meanwhile is held up no more, and does not go on.
            lines.push(words.text("cli-goes-on", &[]));
        }
    }
    for step in report.stages.iter().flat_map(|stage| &stage.steps) {
        let state = match step.state {
            StepState::Pending | StepState::Blocked => continue,
            StepState::Running => "running".to_owned(),
            StepState::Waiting => format!("waiting {}", show::awaited(words, step)),
            StepState::Retrying => format!("retrying {}", step.attempt),
            StepState::Done | StepState::Skipped => "done".to_owned(),
            StepState::Failed => "failed".to_owned(),
        };
        // Waiting for something, running again and waiting for the same is no news.
        let key = if state == "running" { format!("{}#running", step.id) } else { step.id.clone() };
        let news = said.insert(key, state.clone()) != Some(state);
        if news && let Some(text) = show::step(words, step) {
            lines.push(text);
        }
    }
    lines
}
