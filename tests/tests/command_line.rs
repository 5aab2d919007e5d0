//! What a person at the command line reads from the first command to the last, as files that are read in reviews
//! (`snapshots/`), and what `digit` does when nobody reads it: in rehearsals, so that nothing is needed.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use regex::Regex;
use serde_json::Value;
use tests::digit::Home;

const ANSWERS: &str = "name: practice\n\
    target: {kind: rehearsal}\n\
    product: {name: practice, version: v1, modules: [m_requests]}\n\
    demo: true\n";

/// `digit` in a language, in its home's folder.
fn digit(home: &Home, language: &str, arguments: &[&str]) -> Command {
    let mut command = home.command(arguments).unwrap();
    command
        .current_dir(home.path())
        .env("DIGIT_REHEARSAL_SPEED", "60")
        .env("LC_ALL", format!("{language}.UTF-8"))
        .env_remove("LANGUAGE");
    command
}

/// What differs from run to run goes: times, hashes, places, what was under way when it was looked.
struct Filter {
    passing: Regex,
    lasting: Regex,
    figures: Vec<(Regex, &'static str)>,
}

impl Filter {
    fn of(home: &Home) -> Self {
        let regex = |text: &str| Regex::new(text).unwrap();
        Filter {
            passing: regex(r": running$|: waiting for |: चल रहा है$| की प्रतीक्षा$"),
            lasting: regex(r" after TIME$|: nothing to do$|TIME में (तैयार|पूरा|हट गया)$|: कुछ करना नहीं है$"),
            figures: vec![
                (regex(r" after (less than 1 s|\d+ s|\d+ min)$"), " after TIME"),
                (regex(r"(1 सेकंड से कम|\d+ सेकंड|\d+ मिनट) में "), "TIME में "),
                (regex(r"\b[0-9a-f]{64}\b"), "HASH"),
                (regex(&regex::escape(&home.path().display().to_string())), "HOME"),
            ],
        }
    }

    /// Lines, those that steps that go side by side end with in the order of the alphabet.
    fn lines(&self, text: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut side_by_side = Vec::new();
        for line in text.lines().filter(|line| !self.passing.is_match(line)) {
            let line =
                self.figures.iter().fold(line.to_owned(), |line, (is, so)| is.replace_all(&line, *so).into_owned());
            if self.lasting.is_match(&line) {
                side_by_side.push(line);
            } else {
                side_by_side.sort();
                lines.append(&mut side_by_side);
                lines.push(line);
            }
        }
        side_by_side.sort();
        lines.append(&mut side_by_side);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// What a person sees of commands, one after the other.
fn seen(home: &Home, language: &str, commands: &[&str]) -> String {
    let filter = Filter::of(home);
    let mut all = String::new();
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').collect();
        let ended = digit(home, language, &arguments).output().unwrap();
        let (out, err) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
        let mut out: Vec<String> = filter.lines(&out).lines().map(str::to_owned).collect();
        if arguments[0] == "check" {
            // As they end.
            out.sort();
        }
        let code = ended.status.code().unwrap();
        all.push_str(&format!("$ digit {command}\n"));
        out.iter().for_each(|line| all.push_str(&format!("{line}\n")));
        let err = filter.lines(&err);
        if !err.is_empty() {
            all.push_str(&format!("[to standard error]\n{err}"));
        }
        all.push_str(&format!("[exit code {code}]\n\n"));
    }
    all
}

fn golden(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn from_the_first_command_to_the_last() {
    let home = Home::new().unwrap();
    home.write("answers.yaml", ANSWERS).unwrap();
    golden(
        "from_the_first_command_to_the_last",
        &seen(
            &home,
            "en_US",
            &[
                "catalog",
                "list",
                "answers --example rehearsal",
                "plan --answers answers.yaml --out plan.json",
                "check plan.json",
                "install plan.json",
                "install plan.json --yes",
                "list",
                "status practice",
                "install --answers answers.yaml --yes",
                "resume practice --yes",
                "recovery-kit practice --out practice.kit --passphrase-file passphrase",
                "remove practice",
                "remove practice --keep-data",
                "remove practice --yes",
                "status practice",
                "list",
            ],
        ),
    );
}

#[test]
fn the_same_in_hindi() {
    let home = Home::new().unwrap();
    home.write("answers.yaml", ANSWERS).unwrap();
    golden(
        "the_same_in_hindi",
        &seen(
            &home,
            "hi_IN",
            &[
                "catalog",
                "list",
                "plan --answers answers.yaml",
                "check --answers answers.yaml",
                "install --answers answers.yaml --yes",
                "status practice",
                "resume practice --yes",
                "remove practice",
                "remove practice --yes",
                "list",
            ],
        ),
    );
}

#[test]
fn examples_of_answers() {
    let home = Home::new().unwrap();
    let commands =
        ["answers --example cluster", "answers --example this-computer", "answers --example moon", "answers"];
    golden("examples_of_answers", &seen(&home, "en_US", &commands));
}

#[test]
fn what_is_refused() {
    let home = Home::new().unwrap();
    for (file, text) in [
        ("answers.yaml", ANSWERS),
        ("unknown-key.yaml", &format!("{ANSWERS}colour: blue\n")),
        ("no-target.yaml", "name: practice\n"),
        ("wrong-type.yaml", &ANSWERS.replace("demo: true", "demo: [blue]")),
        ("no-yaml.yaml", "name: [practice\n"),
        ("name.yaml", &ANSWERS.replace("name: practice\n", "name: Practice_1\n")),
        ("module.yaml", &ANSWERS.replace("m_requests", "m_moon")),
        ("product.yaml", &ANSWERS.replace("v1", "v99")),
        ("plan.json", "{}"),
    ] {
        home.write(file, text).unwrap();
    }
    golden(
        "what_is_refused",
        &seen(
            &home,
            "en_US",
            &[
                "plan --answers unknown-key.yaml",
                "plan --answers no-target.yaml",
                "plan --answers wrong-type.yaml",
                "plan --answers no-yaml.yaml",
                "plan --answers name.yaml",
                "plan --answers module.yaml",
                "plan --answers product.yaml",
                "plan --answers not-there.yaml",
                "plan --answers not-there.yaml --json",
                "install plan.json --yes",
                "install --answers answers.yaml",
                "install --answers answers.yaml --yes --until moon",
                "status practice",
                "status practice --json",
                "resume practice --yes",
                "remove practice --yes",
                "logs practice",
                "frobnicate",
                "install",
                "install --answers answers.yaml plan.json",
                "resume practice --wait-for-person soon",
            ],
        ),
    );
}

fn state(home: &Home) -> Value {
    let out = digit(home, "en_US", &["status", "practice", "--json"]).output().unwrap();
    serde_json::from_slice::<Value>(&out.stdout).unwrap()["state"].clone()
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_told_once_and_the_run_goes_on_to_its_end() {
    let home = Home::new().unwrap();
    home.write("answers.yaml", ANSWERS).unwrap();
    for arguments in [
        &["catalog"][..],
        &["plan", "--answers", "answers.yaml"],
        &["install", "--answers", "answers.yaml", "--yes", "--json"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ended = digit(&home, "en_US", arguments).stdout(full).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {said}");
        assert_eq!(said.matches("cannot be written to standard output").count(), 1, "{arguments:?}: {said}");
        assert!(said.contains("No space left"), "{said}");
    }
    assert_eq!(state(&home), "ready");
}

#[cfg(unix)]
#[test]
fn a_reader_who_has_read_enough_is_no_error_and_the_run_goes_on_to_its_end() {
    let home = Home::new().unwrap();
    home.write("answers.yaml", ANSWERS).unwrap();
    for arguments in [&["catalog"][..], &["install", "--answers", "answers.yaml", "--yes", "--json"]] {
        let mut child = digit(&home, "en_US", arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert_eq!(state(&home), "ready");
}

/// An installation in a cluster whose server takes connections and answers nothing.
#[cfg(unix)]
fn in_a_silent_cluster(home: &Home) -> TcpListener {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let kubeconfig = home
        .write(
            "kubeconfig",
            &format!(
                "{{apiVersion: v1, kind: Config, current-context: c, users: [{{name: u, user: {{}}}}],\n\
                 clusters: [{{name: c, cluster: {{server: 'http://{address}'}}}}],\n\
                 contexts: [{{name: c, context: {{cluster: c, user: u}}}}]}}\n"
            ),
        )
        .unwrap();
    home.write("answers.yaml", ANSWERS).unwrap();
    let done = digit(home, "en_US", &["install", "--answers", "answers.yaml", "--yes"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // What a rehearsal left, as one for real leaves it.
    let folder = home.data().join("installations/practice");
    std::fs::create_dir_all(home.data().join("installations")).unwrap();
    std::fs::rename(home.data().join("rehearsals/practice"), &folder).unwrap();
    let about = std::fs::read_to_string(folder.join("about.json")).unwrap();
    std::fs::write(folder.join("about.json"), about.replace("\"rehearsal\": true", "\"rehearsal\": false")).unwrap();
    let target = format!("target: {{kind: cluster, kubeconfig: {}}}", kubeconfig.display());
    std::fs::write(folder.join("answers.yaml"), ANSWERS.replace("target: {kind: rehearsal}", &target)).unwrap();
    server
}

#[cfg(unix)]
#[test]
fn a_removal_that_is_interrupted_before_it_begins_says_that_nothing_was_changed() {
    let home = Home::new().unwrap();
    let server = in_a_silent_cluster(&home);
    let journal = home.data().join("installations/practice/journal.jsonl");
    let before = std::fs::read(&journal).unwrap();
    for arguments in
        [&["remove", "practice", "--yes"][..], &["remove", "practice"], &["remove", "practice", "--yes", "--json"]]
    {
        let child = digit(&home, "en_US", arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It has asked, and waits for the answer.
        let (mut asking, _) = server.accept().unwrap();
        asking.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        asking.read_exact(&mut [0; 4]).unwrap();
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(130), "{arguments:?}: {said}");
        assert_eq!((said.as_str(), ended.stdout.len()), ("Stopped. Nothing was changed.\n", 0), "{arguments:?}");
    }
    assert_eq!(std::fs::read(&journal).unwrap(), before);
}
