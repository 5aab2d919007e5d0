//! What `digit`'s flags do to a run, seen from outside: in a rehearsal, so that nothing is needed.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tests::digit::Home;

const ANSWERS: &str = "name: practice\n\
    target: {kind: rehearsal}\n\
    product: {name: practice, version: v1, modules: [m_requests]}\n\
    demo: true\n";

fn run(home: &Home, arguments: &[&str], speed: &str) -> (Option<i32>, Vec<Value>, String) {
    let out = home.command(arguments).unwrap().env("DIGIT_REHEARSAL_SPEED", speed).output().unwrap();
    let lines = String::from_utf8_lossy(&out.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    (out.status.code(), lines, String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn a_run_ends_after_the_part_that_was_named_and_a_part_that_no_plan_has_is_refused() {
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", ANSWERS).unwrap().display().to_string();
    for part in ["moon", "data", ""] {
        let (code, lines, said) =
            run(&home, &["install", "--answers", &file, "--until", part, "--yes", "--json"], "30");
        assert_eq!(code, Some(2), "{said}");
        assert_eq!(lines.last().unwrap()["error"]["code"], "no-such-part");
        assert!(said.contains("services"), "{said}");
        assert!(!home.data().join("installations").exists() && !home.data().join("rehearsals").exists());
    }
    let (code, lines, said) =
        run(&home, &["install", "--answers", &file, "--until", "services", "--yes", "--json"], "30");
    let report = lines.last().unwrap();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!((report["state"].as_str(), &report["services-ready"]), (Some("ready"), &report["services-total"]));
}

#[test]
fn progress_is_thinned_out_and_nothing_that_lasts_is_lost() {
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", ANSWERS).unwrap().display().to_string();
    let (code, lines, said) = run(&home, &["install", "--answers", &file, "--yes", "--json"], "3");
    assert_eq!(code, Some(0), "{said}");
    let (mut last, mut numbers, mut told) = (0, Vec::new(), BTreeMap::<String, Vec<i64>>::new());
    for line in lines.iter().filter(|line| line["what"].is_string()) {
        let seq = line["seq"].as_u64().unwrap();
        assert!(seq >= last, "{line}");
        last = seq;
        match line["what"].as_str().unwrap() {
            "progress" => {
                let at: jiff::Timestamp = line["at"].as_str().unwrap().parse().unwrap();
                told.entry(line["step"].to_string()).or_default().push(at.as_millisecond());
            }
            "waiting-on" => {}
            _ => numbers.push(seq),
        }
    }
    assert!(!told.is_empty());
    // At most one a second, and one more whenever its state changed.
    for (step, times) in told {
        let span = times.last().unwrap() - times.first().unwrap();
        assert!(i64::try_from(times.len()).unwrap() <= span / 1000 + 3, "{step}: {times:?}");
    }
    let journal = std::fs::read_to_string(home.data().join("rehearsals/practice/journal.jsonl")).unwrap();
    // Its first line says what it is.
    assert_eq!(numbers.len(), journal.lines().count() - 1, "every event of the journal was told");
}

/// The same program, hearing SIGHUP also where whoever runs the tests ignores it (`nohup`), which its children inherit.
fn hearing(command: Command) -> Command {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    let ignores_hup = ignored.and_then(|mask| u64::from_str_radix(mask, 16).ok()).is_some_and(|mask| mask & 1 != 0);
    if !ignores_hup {
        return command;
    }
    let mut env = Command::new("env");
    env.arg("--default-signal=HUP").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => env.env(name, value),
            None => env.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        env.current_dir(folder);
    }
    env
}

#[test]
fn who_comes_second_is_told_that_somebody_is_at_work_and_what_a_kill_cut_off_is_called_so() {
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", ANSWERS).unwrap().display().to_string();
    let mut running = home.start(&["install", "--answers", &file, "--yes", "--json"]).unwrap();
    let under_way = running.until(Duration::from_secs(60), |line| line["what"] == "waiting-on").unwrap();
    assert!(under_way.is_some());
    for second in [&["resume", "practice", "--yes", "--json"][..], &["remove", "practice", "--yes", "--json"]] {
        let (code, lines, said) = run(&home, second, "30");
        assert_eq!((code, &lines.last().unwrap()["error"]["code"]), (Some(1), &"busy".into()), "{said}");
    }
    assert!(home.run(&["status", "practice"]).unwrap().out.contains("running"));
    running.kill().unwrap();
    let status = home.run(&["status", "practice"]).unwrap().out;
    assert!(status.contains("Interrupted") && status.contains("cut off") && !status.contains("running"), "{status}");
}

#[cfg(unix)]
#[test]
fn whoever_asks_it_to_end_stops_it_at_a_safe_point_and_whoever_asks_twice_ends_it_at_once() {
    for signals in [&["-INT"][..], &["-TERM"], &["-HUP"], &["-INT", "-TERM"]] {
        let home = Home::new().unwrap();
        let file = home.write("answers.yaml", ANSWERS).unwrap().display().to_string();
        let mut command = home.command(&["install", "--answers", &file, "--yes", "--json"]).unwrap();
        command.env("DIGIT_REHEARSAL_SPEED", "0.2");
        let command = hearing(command);
        let mut running = home.follow(command).unwrap();
        let under_way = running.until(Duration::from_secs(60), |line| line["what"] == "waiting-on").unwrap();
        assert!(under_way.is_some(), "{signals:?}");
        for signal in signals {
            running.signal(signal).unwrap();
        }
        let begun = std::time::Instant::now();
        let (status, _) = running.end(Duration::from_secs(60)).unwrap();
        assert_eq!(status.code(), Some(130), "{signals:?}: {status}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{signals:?}: {:?}", begun.elapsed());
        let said = std::fs::read_to_string(home.path().join("stderr.log")).unwrap();
        assert!(said.contains("Stopping at a safe point") || signals.len() > 1, "{signals:?}: {said}");
        // and what it leaves goes on to the end
        let (code, lines, said) = run(&home, &["resume", "practice", "--yes", "--json"], "30");
        assert_eq!((code, lines.last().unwrap()["state"].as_str()), (Some(0), Some("ready")), "{signals:?}: {said}");
    }
}
