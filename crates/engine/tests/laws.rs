//! The laws of the engine, with random plans, random failures and random cuts.

#![allow(clippy::unwrap_used)]

mod world;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use engine::*;
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;
use world::*;

fn scripts(breaks: bool) -> impl Strategy<Value = Vec<Script>> {
    let breaks = if breaks { 0..12u8 } else { 9..12u8 };
    let one = (any::<u16>(), 1..3000u64, 0..4u32, breaks);
    proptest::collection::vec(one, 1..11).prop_map(|raw| {
        let script = |(n, (needs, millis, hiccups, breaks)): (usize, (u16, u64, u32, u8))| Script {
            // Each earlier step is needed by chance; the mask also gives long chains and wide fans.
            needs: (0..n).filter(|m| needs >> m & 1 == 1 && (needs >> 12 > 5 || m + 2 > n)).collect(),
            millis,
            hiccups,
            breaks: match breaks {
                0 => Some(Break::Fails),
                1 => Some(Break::Panics),
                2 => Some(Break::BelongsToSomeoneElse),
                _ => None,
            },
        };
        raw.into_iter().enumerate().map(script).collect()
    })
}

/// The steps that can be done: neither broken themselves nor waiting for a broken one.
fn doable(scripts: &[Script]) -> BTreeSet<String> {
    let mut stuck = vec![false; scripts.len()];
    for (n, script) in scripts.iter().enumerate() {
        stuck[n] = script.breaks.is_some() || script.needs.iter().any(|need| stuck[*need]);
    }
    (0..scripts.len()).filter(|n| !stuck[*n]).map(id).collect()
}

fn check_end(stage: &Stage, outcome: Outcome) {
    let doable = doable(&stage.scripts);
    let state = stage.world.state.lock().unwrap();
    assert_eq!(state.made, doable);
    assert!(state.made_times.values().all(|times| *times == 1), "made twice: {:?}", state.made_times);
    assert_eq!((state.needs_missing, state.values_missing), (0, 0), "began before what it needs");
    let all_done = doable.len() == stage.scripts.len();
    assert_eq!(outcome, if all_done { Outcome::Ready } else { Outcome::Failed });
    let report = stage.report();
    assert_eq!(report.found.len(), doable.len());
    assert_eq!(report.attention.is_some(), !all_done);
    for step in report.stages.iter().flat_map(|s| &s.steps) {
        let script = &stage.scripts[step.subject[1..].parse::<usize>().unwrap()];
        let expected = match (doable.contains(&step.id), script.breaks) {
            (true, _) => &[StepState::Done, StepState::Skipped][..],
            // It may stand behind another that broke.
            (false, Some(_)) => &[StepState::Failed, StepState::Blocked],
            (false, None) => &[StepState::Blocked],
        };
        assert!(expected.contains(&step.state), "{step:?}");
        let touched = state.calls.iter().any(|(_, id)| *id == step.id);
        assert!(!(touched && step.state == StepState::Blocked), "a blocked step was touched: {step:?}");
    }
    assert_eq!(report.percent == 100.0, all_done);
    drop(state);
    check_every_prefix(&stage.events());
}

/// Any prefix of the journal gives a legal state, and the percentage never goes back.
fn check_every_prefix(events: &[Event]) {
    let mut percent = 0.0;
    let mut fold_so_far = Fold::default();
    for (n, event) in events.iter().enumerate() {
        assert_eq!(event.seq, n as u64 + 1, "numbers count up by one");
        assert!(n == 0 || event.at >= events[n - 1].at, "time never goes back");
        fold_so_far.apply(event);
        let report = fold_so_far.report(event.at);
        assert_eq!(report, fold(&events[..=n], event.at));
        check_legal(&report);
        assert!(report.percent >= percent, "percent went back from {percent} to {}", report.percent);
        percent = report.percent;
    }
}

fn check_legal(r: &Report) {
    let steps = || r.stages.iter().flat_map(|s| &s.steps);
    let any = |state| steps().any(|s| s.state == state);
    assert!((0.0..=100.0).contains(&r.percent));
    assert!(r.counted_done <= r.counted_total);
    assert_eq!(r.failures as usize, steps().filter(|s| s.state == StepState::Failed).count());
    assert!(!any(StepState::Blocked) || any(StepState::Failed), "blocked by nothing");
    let over = matches!(r.state, RunState::Ready | RunState::Failed | RunState::Stopped);
    assert_eq!(over, r.ended_at.is_some());
    let active = [StepState::Running, StepState::Waiting, StepState::Retrying];
    assert!(!(over && active.into_iter().any(any)), "{r:?}");
    assert!(r.state != RunState::Ready || steps().all(|s| matches!(s.state, StepState::Done | StepState::Skipped)));
    assert!(r.state != RunState::Failed || any(StepState::Failed));
    assert!(r.running_for >= 0.0 && steps().all(|s| s.took >= 0.0 && s.took <= r.running_for + 1e-6));
    for stage in &r.stages {
        assert!(!stage.steps.is_empty() && stage.done as usize <= stage.steps.len());
        let skipped = stage.steps.iter().filter(|s| s.state == StepState::Skipped).count();
        assert!(stage.state != StepState::Done || stage.done as usize + skipped >= stage.steps.len());
    }
    if let Some(eta) = r.eta {
        assert!(r.state == RunState::Running && 0.0 <= eta.low && eta.low <= eta.high && eta.high.is_finite());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_failed_step_stops_its_dependents_and_nothing_else(scripts in scripts(true), parallel in 1..5usize) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            let outcome = stage.run().await.unwrap().unwrap();
            check_end(&stage, outcome);
        });
    }

    #[test]
    fn a_journal_cut_anywhere_resumes_to_the_same_end(
        scripts in scripts(true),
        parallel in 1..5usize,
        lives in proptest::collection::vec(0..4000usize, 1..5),
    ) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            for life in lives {
                stage.disk.dies_at(Some(stage.disk.len() + life));
                let _ = stage.run().await;
                stage.disk.dies_at(None);
            }
            let outcome = stage.run().await.unwrap().unwrap();
            check_end(&stage, outcome);
        });
    }

    #[test]
    fn running_a_finished_plan_again_changes_nothing(scripts in scripts(false), parallel in 1..5usize) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            stage.run().await.unwrap().unwrap();
            let before = stage.report();
            let calls = stage.world.state.lock().unwrap().calls.len();
            assert_eq!(stage.run().await.unwrap().unwrap(), Outcome::Ready);
            check_end(&stage, Outcome::Ready);
            let state = stage.world.state.lock().unwrap();
            assert!(state.calls[calls..].iter().all(|(what, _)| *what == "look"));
            let after = stage.report();
            // What each step did is still told, although this run did nothing.
            let kept = |r: &Report| r.stages.iter().flat_map(|s| &s.steps).map(|s| (s.id.clone(), s.state, s.changed, s.took)).collect::<Vec<_>>();
            assert_eq!(kept(&before), kept(&after));
            assert_eq!(before.started_at, after.started_at);
            let finds = |run: &str| stage.events().iter().filter(|e| e.run == run && matches!(e.what, What::Found { .. })).count();
            assert_eq!((finds("r1"), finds("r2")), (stage.scripts.len(), 0), "what is known is not found again");
        });
    }

    #[test]
    fn stop_means_that_no_new_call_is_begun(scripts in scripts(true), parallel in 1..5usize, after in 0..6000u64) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            let stop = CancellationToken::new();
            let options = stage.options();
            let press = stop.clone();
            let stopping = async move {
                tokio::time::sleep(Duration::from_millis(after)).await;
                press.cancel();
            };
            let (outcome, ()) = tokio::join!(stage.run_as(&options, stop), stopping);
            let outcome = outcome.unwrap().unwrap();
            assert_eq!(stage.world.state.lock().unwrap().calls_after_stop, 0);
            let report = stage.report();
            check_legal(&report);
            if outcome == Outcome::Stopped {
                assert_eq!(report.state, RunState::Stopped);
                let outcome = stage.run().await.unwrap().unwrap();
                check_end(&stage, outcome);
            } else {
                check_end(&stage, outcome);
            }
        });
    }

    #[test]
    fn a_full_disk_loses_nothing(scripts in scripts(true), parallel in 1..5usize, room in 0..6000usize, secs in 1..600u64) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            stage.disk.open();
            let full_at = stage.disk.len() + room;
            stage.disk.full_at(Some(full_at));
            let disk = stage.disk.clone();
            let making_room = async move {
                tokio::time::sleep(Duration::from_secs(secs)).await;
                disk.full_at(None);
            };
            let (outcome, ()) = tokio::join!(stage.run(), making_room);
            check_end(&stage, outcome.unwrap().unwrap());
            let events = stage.events();
            let paused = events.iter().filter(|e| matches!(&e.what, What::Paused { .. })).count();
            let resumed = events.iter().filter(|e| matches!(&e.what, What::Resumed { .. })).count();
            assert_eq!(paused, resumed);
            // A pause is shown before it can be written; like everything that lasts once, and by its number in order.
            let shown = stage.shown.lock().unwrap();
            let lasting: Vec<_> = shown.iter().filter(|e| e.what.is_durable()).cloned().collect();
            assert_eq!(lasting, events);
            drop(shown);
            // Room may come before it is missed.
            assert!(paused == 0 || full_at < stage.disk.len());
        });
    }

    #[test]
    fn what_was_made_is_taken_back_in_reverse(
        scripts in scripts(false),
        parallel in 1..5usize,
        lives in proptest::collection::vec(0..4000usize, 0..3),
    ) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            stage.run().await.unwrap().unwrap();
            let removal = RunOptions { parallel, ..RunOptions::new("rm", "plan", remove()) };
            for life in lives {
                stage.disk.dies_at(Some(stage.disk.len() + life));
                let _ = stage.run_as(&removal, CancellationToken::new()).await;
                stage.disk.dies_at(None);
            }
            assert_eq!(stage.run_as(&removal, CancellationToken::new()).await.unwrap().unwrap(), Outcome::Ready);
            let state = stage.world.state.lock().unwrap();
            assert!(state.made.is_empty() && state.half_made.is_empty());
            let place = |n: usize| state.unmade.iter().position(|i| *i == id(n)).unwrap();
            assert_eq!(state.unmade.len(), stage.scripts.len(), "taken back once each");
            for (n, script) in stage.scripts.iter().enumerate() {
                assert!(script.needs.iter().all(|need| place(*need) > place(n)));
            }
            let report = stage.report();
            assert_eq!((report.purpose.as_str(), report.state, report.percent), ("remove", RunState::Running, 100.0));
            let (mut journal, _) = stage.disk.open();
            journal.say("rm", stage.clock.now(), None, What::Removed { left: [("Namespace".to_owned(), 0)].into(), look: engine::SecondLook::default() }).unwrap();
            let report = stage.report();
            assert_eq!((report.state, report.left), (RunState::Removed, Some([("Namespace".to_owned(), 0)].into())));
        });
    }

    #[test]
    fn installed_removed_and_installed_again_it_is_as_after_the_first_time(
        scripts in scripts(false),
        parallel in 1..5usize,
        lives in proptest::collection::vec(0..4000usize, 0..3),
    ) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            stage.run().await.unwrap().unwrap();
            let first = stage.report();
            let removal = RunOptions { parallel, ..RunOptions::new("rm", "plan", remove()) };
            for life in lives {
                stage.disk.dies_at(Some(stage.disk.len() + life));
                let _ = stage.run_as(&removal, CancellationToken::new()).await;
                stage.disk.dies_at(None);
            }
            stage.run_as(&removal, CancellationToken::new()).await.unwrap().unwrap();
            {
                let (mut journal, _) = stage.disk.open();
                journal.say("rm", stage.clock.now(), None, What::Removed { left: [].into(), look: engine::SecondLook::default() }).unwrap();
            }
            assert_eq!(stage.report().found, [].into(), "what is gone is not known");
            {
                let mut state = stage.world.state.lock().unwrap();
                (state.tries, state.made_times) = Default::default();
            }
            stage.run().await.unwrap().unwrap();
            assert_eq!(as_told(&stage.report()), as_told(&first));
        });
    }

    #[test]
    fn a_clock_that_is_put_right_neither_freezes_nor_blows_up_what_is_told(
        mut scripts in scripts(false),
        jumps in proptest::collection::vec((0..40_000u64, -400_000_000..400_000_000i64), 1..4),
    ) {
        in_paused_time(|| async move {
            for script in &mut scripts {
                (script.millis, script.hiccups) = (script.millis * 10, script.hiccups.min(1));
            }
            let mut stage = Stage::new(scripts, 2);
            let clock = stage.clock.clone();
            let wrong = jumps.len();
            let putting_right = async move {
                for (after, by) in jumps {
                    tokio::time::sleep(Duration::from_millis(after)).await;
                    clock.shift(jiff::SignedDuration::from_secs(by));
                }
            };
            let run = async {
                let outcome = stage.run().await.unwrap().unwrap();
                (outcome, stage.clock.start.elapsed().as_secs_f64())
            };
            let ((outcome, truly), ()) = tokio::join!(run, putting_right);
            assert_eq!(outcome, Outcome::Ready);
            let events = stage.events();
            let report = fold(&events, events.last().unwrap().at);
            // A jump is noticed within a tick, and one of less than half a minute is not told from work.
            let lost = wrong as f64 * 36.0;
            assert!((report.running_for - truly).abs() <= lost, "{} instead of {truly}", report.running_for);
            for (n, event) in events.iter().enumerate() {
                let report = fold(&events[..=n], event.at);
                check_legal(&report);
                let most = scripts_seconds(&stage.scripts);
                assert!(report.eta.is_none_or(|eta| eta.high <= most * 5.0 + lost), "{:?}", report.eta);
                assert!(report.stages.iter().flat_map(|s| &s.steps).all(|s| s.took <= truly + lost));
            }
        });
    }

    #[test]
    fn every_journal_that_is_written_loads_and_none_that_was_tampered_with(
        scripts in scripts(true),
        parallel in 1..5usize,
        lives in proptest::collection::vec((0..4000usize, 0..9000u64), 0..4),
        pick in any::<proptest::sample::Index>(),
    ) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(scripts, parallel);
            for (life, patience) in lives {
                // Killed or stopped, whichever comes first.
                stage.disk.dies_at(Some(stage.disk.len() + life));
                let stop = CancellationToken::new();
                let options = stage.options();
                let press = stop.clone();
                let stopping = async move {
                    tokio::time::sleep(Duration::from_millis(patience)).await;
                    press.cancel();
                };
                let _ = tokio::join!(stage.run_as(&options, stop), stopping);
                stage.disk.dies_at(None);
                stage.disk.try_open().unwrap();
            }
            stage.run().await.unwrap().unwrap();
            let events = stage.events();
            for (how, tampered) in tampered_with(&events, pick) {
                let read = Disk::holding(as_bytes(&tampered)).try_open();
                assert_eq!(read.err().map(|e| e.code()), Some("journal-impossible"), "{how}");
            }
            assert_eq!(Disk::holding(as_bytes(&events)).open().1.events, events);
        });
    }

    #[test]
    fn any_bytes_at_all_are_read_or_refused_but_never_overwritten(
        cut in 0..2000usize,
        junk in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        in_paused_time(|| async move {
            let mut stage = Stage::new(vec![Script::default(), Script { needs: vec![0], ..Script::default() }], 2);
            stage.run().await.unwrap().unwrap();
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("journal");
            let whole = stage.disk.synced();
            let mut bytes = whole[..cut.min(whole.len())].to_vec();
            bytes.extend_from_slice(&junk);
            std::fs::write(&path, &bytes).unwrap();
            let read_only = read(&path);
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "reading changes nothing");
            match Journal::open(&path) {
                Ok((journal, opened)) => {
                    assert_eq!(read_only.unwrap(), opened.events);
                    assert!(stage.events().starts_with(&opened.events));
                    assert_eq!(journal.seq() as usize, opened.events.len());
                    assert_eq!(Journal::open(&path).unwrap().1, Opened { healed: 0, ..opened });
                }
                Err(_) => assert_eq!(std::fs::read(&path).unwrap(), bytes, "what is not a journal stays as it is"),
            }
        });
    }
}

#[test]
fn killed_at_every_byte_it_ends_the_same() {
    in_paused_time(|| async {
        let scripts = vec![
            Script { millis: 10, ..Script::default() },
            Script { needs: vec![0], millis: 20, hiccups: 1, ..Script::default() },
            Script { needs: vec![0], millis: 5, breaks: Some(Break::Fails), ..Script::default() },
            Script { needs: vec![1, 2], millis: 5, ..Script::default() },
        ];
        let mut whole = Stage::new(scripts.clone(), 2);
        whole.run().await.unwrap().unwrap();
        for byte in 0..whole.disk.len() {
            let mut stage = Stage::new(scripts.clone(), 2);
            stage.disk.dies_at(Some(byte));
            assert!(stage.run().await.is_none());
            stage.disk.dies_at(None);
            let outcome = stage.run().await.unwrap().unwrap();
            check_end(&stage, outcome);
        }
    });
}

#[test]
fn stopping_while_the_disk_is_full_says_so_and_the_next_run_goes_on() {
    in_paused_time(|| async {
        let mut stage = Stage::new(vec![Script { millis: 100, ..Script::default() }; 3], 2);
        stage.disk.open();
        stage.disk.full_at(Some(stage.disk.len() + 1500));
        let stop = CancellationToken::new();
        let options = stage.options();
        let press = stop.clone();
        let stopping = async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            press.cancel();
        };
        let (outcome, ()) = tokio::join!(stage.run_as(&options, stop), stopping);
        assert_eq!(outcome.unwrap().unwrap_err().code(), "disk-full");
        stage.disk.full_at(None);
        let outcome = stage.run().await.unwrap().unwrap();
        check_end(&stage, outcome);
    });
}

#[test]
fn sleep_is_noticed_and_is_not_counted_as_work() {
    in_paused_time(|| async {
        let mut stage = Stage::new(vec![Script { millis: 40_000, ..Script::default() }], 1);
        let clock = stage.clock.clone();
        let sleeping = async move {
            tokio::time::sleep(Duration::from_secs(20)).await;
            clock.oversleep(Duration::from_secs(3600));
        };
        let (outcome, ()) = tokio::join!(stage.run(), sleeping);
        assert_eq!(outcome.unwrap().unwrap(), Outcome::Ready);
        let report = stage.report();
        assert!((3590.0..=3605.0).contains(&report.slept.unwrap()), "{:?}", report.slept);
        assert!((55.0..=75.0).contains(&report.running_for), "{}", report.running_for);
        let took = *measured(&stage.events()).get(&("wait".to_owned(), "s0".to_owned())).unwrap();
        assert!((55.0..=75.0).contains(&took), "{took}");
    });
}

#[test]
fn until_ends_early_and_the_next_run_does_the_rest() {
    in_paused_time(|| async {
        let mut stage = Stage::new(
            vec![
                Script::default(),
                Script { needs: vec![0], ..Script::default() },
                Script { needs: vec![1], ..Script::default() },
            ],
            4,
        );
        let options = RunOptions { wanted: Arc::new(|step| step.subject != "s2"), ..stage.options() };
        assert_eq!(stage.run_as(&options, CancellationToken::new()).await.unwrap().unwrap(), Outcome::Ready);
        let report = stage.report();
        assert_eq!(report.stages[0].steps[2].state, StepState::Skipped);
        assert!(report.percent < 100.0 && report.counted_done == 1 && report.counted_total == 2);
        let outcome = stage.run().await.unwrap().unwrap();
        check_end(&stage, outcome);
    });
}

#[test]
fn a_new_plan_after_success_is_a_new_report_and_keeps_what_was_found() {
    in_paused_time(|| async {
        let mut stage = Stage::new(vec![Script { millis: 10, ..Script::default() }; 2], 2);
        stage.run().await.unwrap().unwrap();
        let first = stage.report();
        tokio::time::sleep(Duration::from_secs(100)).await;
        let options = RunOptions { plan: "other".to_owned(), ..stage.options() };
        stage.run_as(&options, CancellationToken::new()).await.unwrap().unwrap();
        let second = stage.report();
        assert!(second.started_at > first.started_at);
        assert_eq!(second.found, first.found);
        assert_eq!(second.stages[0].steps[0].state, StepState::Skipped);
    });
}

/// What all steps are expected to take, one after the other, if they go slowly.
fn scripts_seconds(scripts: &[Script]) -> f64 {
    steps(scripts).iter().map(|step| step.estimate.high).sum()
}

fn as_bytes(events: &[Event]) -> Vec<u8> {
    let lines = events.iter().map(|e| serde_json::to_string(e).unwrap() + "\n").collect::<String>();
    format!("{{\"format\":\"digit-journal\",\"version\":1}}\n{lines}").into_bytes()
}

/// What somebody might do to a journal, at a random place, each with what it is.
fn tampered_with(events: &[Event], pick: proptest::sample::Index) -> Vec<(&'static str, Vec<Event>)> {
    type Tamper = fn(&mut Vec<Event>, usize);
    fn renumber(events: &mut [Event]) {
        (1..).zip(events).for_each(|(seq, event)| event.seq = seq);
    }
    // Of a later try it cannot be told whether the step went on by itself.
    let is_start = |e: &Event| matches!(e.what, What::StepStarted { attempt: 1 });
    let is_end = |e: &Event| matches!(e.what, What::Failed { .. } | What::Done { skipped: None, .. });
    // The same step says more in the same run.
    let goes_on = |n: usize| events[n + 1..].iter().any(|e| e.run == events[n].run && e.step == events[n].step);
    let at = |is: &dyn Fn(usize) -> bool| (0..events.len()).filter(|n| is(*n)).collect::<Vec<_>>();
    let all: [(&str, Vec<usize>, Tamper); 8] = [
        ("an event is lost", at(&|n| n + 1 < events.len()), |all, n| drop(all.remove(n))),
        ("an event is there twice", at(&|_| true), |all, n| all.insert(n, all[n].clone())),
        ("two events are exchanged", at(&|n| n + 1 < events.len()), |all, n| all.swap(n, n + 1)),
        ("a step is of another plan", at(&|n| events[n].step.is_some()), |all, n| all[n].step = Some("no:step".into())),
        ("an event is of another run", at(&|n| events[n].step.is_some()), |all, n| all[n].run = "other".into()),
        ("the start of a step is lost", at(&|n| is_start(&events[n]) && goes_on(n)), |all, n| {
            all.remove(n);
            renumber(all);
        }),
        ("a step ends twice", at(&|n| is_end(&events[n])), |all, n| {
            all.insert(n, all[n].clone());
            renumber(all);
        }),
        ("a run ends twice", at(&|n| matches!(events[n].what, What::Finished { .. })), |all, n| {
            all.insert(n, all[n].clone());
            renumber(all);
        }),
    ];
    let tamper = |(how, places, tamper): (&'static str, Vec<usize>, Tamper)| {
        let mut tampered = events.to_vec();
        tamper(&mut tampered, *places.get(pick.index(places.len().max(1)))?);
        Some((how, tampered))
    };
    all.into_iter().filter_map(tamper).collect()
}

/// A report as it is told, but for what counts runs and time.
fn as_told(report: &Report) -> Report {
    let mut report = report.clone();
    (report.run, report.seq, report.started_at, report.ended_at) = (String::new(), 0, None, None);
    report
}
