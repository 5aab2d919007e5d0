//! What a person at the command line reads from the first command to the last, as files that are read in reviews
//! (`snapshots/`), and what `digit` does when nobody reads it: in rehearsals, so that nothing is needed.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
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
                (regex(r"needed for \d+ s "), "needed for TIME "),
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

/// An installation in a cluster whose server is what comes of this listener; until then it takes connections and answers nothing.
#[cfg(unix)]
fn in_a_cluster_of_its_own(home: &Home) -> TcpListener {
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
    let server = in_a_cluster_of_its_own(&home);
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

/// One request after the other, as a server that keeps what it is given and knows nobody any more once a run has its lease.
#[cfg(unix)]
fn answer(stream: TcpStream, kept: &Mutex<BTreeMap<String, Value>>) -> std::io::Result<()> {
    let mut reading = BufReader::new(stream.try_clone()?);
    let mut writing = stream;
    loop {
        let mut first = String::new();
        if reading.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        let mut header = String::new();
        while reading.read_line(&mut header)? > 2 {
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            header.clear();
        }
        let mut body = vec![0; length];
        reading.read_exact(&mut body)?;
        let (method, path) = first.split_once(' ').unwrap();
        let path = path.split([' ', '?']).next().unwrap();
        let status = |code: u16, reason: &str| {
            (
                code,
                serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}),
            )
        };
        let kinds = |group: &str, all: &[(&str, &str, bool)]| {
            let all = all.iter().map(|(name, kind, namespaced)| {
                serde_json::json!({"name": name, "singularName": "", "kind": kind, "namespaced": namespaced,
                    "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]})
            });
            (
                200,
                serde_json::json!({"kind": "APIResourceList", "groupVersion": group, "resources": all.collect::<Vec<_>>()}),
            )
        };
        let is_begun = kept.lock().unwrap().keys().any(|path| path.contains("/leases/"));
        let (code, answer) = if path == "/api/v1/namespaces/kube-system" {
            (200, serde_json::json!({"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "kube-system"}}))
        } else if path == "/api/v1" {
            kinds("v1", &[("namespaces", "Namespace", false), ("secrets", "Secret", true)])
        } else if path == "/apis/coordination.k8s.io/v1" {
            kinds("coordination.k8s.io/v1", &[("leases", "Lease", true)])
        } else if is_begun && !path.contains("/leases") {
            status(401, "Unauthorized")
        } else if method == "GET" && path.ends_with("/secrets") {
            (200, serde_json::json!({"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": []}))
        } else if method == "GET" {
            kept.lock().unwrap().get(path).map_or_else(|| status(404, "NotFound"), |object| (200, object.clone()))
        } else {
            let mut object: Value = serde_json::from_slice(&body).unwrap_or_default();
            object["metadata"]["resourceVersion"] = "1".into();
            let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            let path = if path.ends_with(&name) { path.to_owned() } else { format!("{path}/{name}") };
            kept.lock().unwrap().insert(path, object.clone());
            (if method == "POST" { 201 } else { 200 }, object)
        };
        let text = answer.to_string();
        write!(
            writing,
            "HTTP/1.1 {code} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        )?;
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_needs_a_person_and_none_comes_stops_and_says_what_is_needed() {
    let home = Home::new().unwrap();
    let server = in_a_cluster_of_its_own(&home);
    let kept = Arc::new(Mutex::new(BTreeMap::new()));
    std::thread::spawn(move || {
        for stream in server.incoming().map_while(Result::ok) {
            let kept = kept.clone();
            std::thread::spawn(move || answer(stream, &kept));
        }
    });
    let waiting = digit(&home, "en_US", &["remove", "practice", "--yes", "--wait-for-person", "1s"]).output().unwrap();
    let said = Filter::of(&home).lines(&String::from_utf8(waiting.stderr).unwrap());
    golden("a_person_is_needed_and_none_comes", &format!("{said}[exit code {}]\n", waiting.status.code().unwrap()));
}
