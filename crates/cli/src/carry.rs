//! Watching a run until it ends: a live display on a terminal, plain lines elsewhere, events as JSON for programs.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use install::view::{Outcome, Report, RunState};
use install::{End, Work};
use tokio::time::{Instant, MissedTickBehavior};

use crate::events;
use crate::news::News;
use crate::output::complain;
use crate::patience::{Patience, Terminals};
use crate::session::{Session, Trouble, is_drawn};
use crate::show;

/// How often a live display is drawn anew.
const DRAWN_EVERY: Duration = Duration::from_millis(200);
/// How often it is seen whether a person is needed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Asks before something is done. Without a terminal nobody can be asked, and `--yes` is needed.
pub(crate) async fn confirm(session: &Session, question: &str, name: &str, yes: bool) -> Result<bool, Trouble> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        complain(&session.words.text("cli-needs-yes", &[]));
        return Ok(false);
    }
    // Before the question can be read: it may be answered with Ctrl-C at once.
    session.listen();
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "{} ", session.words.text(question, &[("name", name)])).and_then(|()| terminal.flush());
    // On a thread of its own: whoever presses Ctrl-C in place of an answer is heard.
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    tokio::select! {
        read = read => {
            let is_confirmed = matches!(read, Ok(Ok(answer)) if answer.trim() == name);
            if !is_confirmed {
                complain(&session.words.text("cli-not-confirmed", &[("name", name)]));
            }
            Ok(is_confirmed)
        }
        () = session.interrupted() => {
            complain("");
            complain(&session.words.text("cli-nothing-changed", &[]));
            Err(Trouble::Said(130))
        }
    }
}

/// Watches a run until it ends. Whoever asks the program to end stops it at a safe point, and so does it when a person is needed
/// and none comes.
pub(crate) async fn carry(
    session: &Session,
    work: &Work,
    asked: Option<Patience>,
    as_json: bool,
) -> Result<u8, Trouble> {
    let watch = async {
        if as_json {
            tell_json(session, work).await;
        } else if is_drawn() {
            draw(session, work).await;
        } else {
            tell_plain(session, work).await;
        }
    };
    tokio::pin!(watch);
    let patience = Patience::of(asked, Terminals::of_this_program());
    let nobody_came = waited(patience, || work.report(session.installer.clock().now()).state);
    tokio::pin!(nobody_came);
    let (mut interrupted, mut gave_up) = (false, false);
    loop {
        tokio::select! {
            () = &mut watch => break,
            () = session.interrupted(), if !interrupted => {
                interrupted = true;
                work.stop();
                complain(&session.words.text("cli-stopping", &[]));
            }
            length = &mut nobody_came, if !interrupted && !gave_up => {
                gave_up = true;
                work.stop();
                complain(&session.words.text("cli-nobody-came", &[("time", &show::span(&session.words, length.as_secs_f64()))]));
            }
        }
    }
    let end = work.ended().await;
    let report = work.report(session.installer.clock().now());
    if as_json {
        session.out.json(&report);
    } else {
        // What was removed although its plan cannot be read has no page to show.
        let view = match session.installer.view(work.id()) {
            Err(_) if report.state == RunState::Removed => None,
            view => Some(view?),
        };
        complain(&show::ending(&session.words, work.name(), work.id(), &report, view.as_ref()));
    }
    if let Err(error) = &end {
        complain(&session.words.error(&error.view()));
    }
    let code = exit_code(&end, &report, gave_up);
    if code == 0 { Ok(0) } else { Err(Trouble::Said(code)) }
}

/// The exit code of a run that ended so.
fn exit_code(end: &End, report: &Report, gave_up: bool) -> u8 {
    match end {
        Ok(Outcome::Ready) if report.left.as_ref().is_some_and(|left| !left.is_empty()) => 1,
        Ok(Outcome::Ready) => 0,
        // Stopped while, or because, it was held up by something that only a person can do.
        Ok(Outcome::Stopped) if gave_up || report.needs_person() => 4,
        Ok(Outcome::Stopped) => 130,
        Ok(Outcome::Failed) => 1,
        Err(error) => error.exit_code(),
    }
}

/// Comes back with how long it waited when a person was needed without a break for that long. The time that a computer sleeps
/// does not count.
async fn waited(patience: Patience, state: impl Fn() -> RunState) -> Duration {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut since: Option<Instant> = None;
    loop {
        looks.tick().await;
        since = (state() == RunState::NeedsPerson).then(|| since.unwrap_or_else(Instant::now));
        let needed_for = since.map(|since| since.elapsed());
        if patience.is_over(needed_for) {
            return needed_for.unwrap_or_default();
        }
    }
}

/// Every event that lasts; of each step's progress what a reader can follow.
async fn tell_json(session: &Session, work: &Work) {
    events::tell(|| work.follow(), work.ended(), || session.installer.clock().now(), |event| session.out.json(event))
        .await;
}

/// A line whenever a step begins to wait, is retried, fails or is done.
async fn tell_plain(session: &Session, work: &Work) {
    let mut news = News::of(work);
    let mut changes = work.changes();
    loop {
        for text in news.since(session, work) {
            complain(&text);
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { break },
            _ = work.ended() => break,
        }
        tokio::time::sleep(DRAWN_EVERY).await;
    }
    for text in news.since(session, work) {
        complain(&text);
    }
}

async fn draw(session: &Session, work: &Work) {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {wide_msg}") {
        bar.set_style(style);
    }
    let mut news = News::of(work);
    loop {
        for text in news.since(session, work) {
            bar.println(text);
        }
        let report = work.report(session.installer.clock().now());
        if report.run == work.run() {
            bar.set_position(report.percent.floor() as u64);
            bar.set_message(show::progress(&session.words, &report));
        }
        tokio::select! {
            () = tokio::time::sleep(DRAWN_EVERY) => {}
            _ = work.ended() => break,
        }
    }
    for text in news.since(session, work) {
        bar.println(text);
    }
    bar.finish_and_clear();
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use install::Error;
    use serde_json::json;

    use super::*;
    use crate::fixed;

    /// A run whose states follow each other at every look; the last one stays.
    fn states(all: &[(usize, RunState)]) -> impl Fn() -> RunState + use<> {
        let all: VecDeque<RunState> = all.iter().flat_map(|(times, state)| vec![*state; *times]).collect();
        let all = Mutex::new(all);
        move || {
            let mut all = all.lock().unwrap();
            if all.len() > 1 { all.pop_front().unwrap() } else { all[0] }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_who_does_not_come_ends_the_waiting_and_one_who_came_begins_it_anew() {
        use RunState::{NeedsPerson, Running};
        // looks are half a second apart
        for (patience, all, after) in [
            (Patience::For(Duration::from_secs(60)), &[(1, NeedsPerson)][..], Some(60)),
            (
                Patience::For(Duration::from_secs(60)),
                &[(100, NeedsPerson), (100, Running), (1, NeedsPerson)],
                Some(160),
            ),
            (Patience::For(Duration::from_secs(60)), &[(119, NeedsPerson), (1, Running)], None),
            (Patience::For(Duration::from_secs(60)), &[(1, Running)], None),
            (Patience::For(Duration::ZERO), &[(20, Running), (1, NeedsPerson)], Some(10)),
            (Patience::Forever, &[(1, NeedsPerson)], None),
        ] {
            let begun = Instant::now();
            let ended = tokio::time::timeout(Duration::from_secs(100_000), waited(patience, states(all))).await;
            let wanted = after.map(Duration::from_secs);
            assert_eq!(ended.ok().map(|_| begun.elapsed()), wanted, "{patience:?} {all:?}");
        }
    }

    #[test]
    fn every_end_has_its_exit_code() {
        let needed = json!({"attention": {"step": "release:a", "cause": fixed::cause("person-sign-in", &[]), "since": "2026-01-02T03:04:05Z"}});
        let report = |state: &str, more| {
            let steps = vec![fixed::step("release", "a", "pending", 0.0, json!({}))];
            fixed::report(state, &[fixed::stage("core", "pending", &steps)], more)
        };
        let busy = || Err(Arc::new(Error::ChecksNotPassed { names: Vec::new() }));
        for (end, report, gave_up, code) in [
            (Ok(Outcome::Ready), report("ready", json!({})), false, 0),
            (Ok(Outcome::Ready), report("removed", json!({"left": {}})), false, 0),
            (Ok(Outcome::Ready), report("removed", json!({"left": {"Pod": 1}})), false, 1),
            (Ok(Outcome::Failed), report("failed", json!({})), false, 1),
            (Ok(Outcome::Stopped), report("stopped", json!({})), false, 130),
            (Ok(Outcome::Stopped), report("stopped", needed), false, 4),
            (Ok(Outcome::Stopped), report("stopped", json!({})), true, 4),
            // it got to its end before it stopped
            (Ok(Outcome::Ready), report("ready", json!({})), true, 0),
            (busy(), report("running", json!({})), false, 3),
        ] {
            assert_eq!(exit_code(&end, &report, gave_up), code, "{end:?} {:?} {gave_up}", report.state);
        }
    }
}
