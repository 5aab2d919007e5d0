//! A database and a file store of one's own, tried from a pod of a real control plane before anything is installed.
//! The nodes are played, so what the pods find is told by rules; that the programs in them tell the truth is tested where
//! they are written.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use regex::Regex;
use serde_json::Value;
use tests::cluster::{inventory, wait};
use tests::digit::Home;
use tests::fake_node::{Failure, Rule};
use tests::{ControlPlane, Options};

const PASSWORD: &str = "canary-of-the-database";
const SECRET_KEY: &str = "canary-of-the-files";

fn answers(home: &Home, plane: &ControlPlane) -> String {
    home.write("password", &format!("{PASSWORD}\n")).unwrap();
    home.write("keys", &format!("AKIDCANARY\n{SECRET_KEY}\n")).unwrap();
    let text = format!(
        "name: springfield\n\
         target: {{kind: cluster, kubeconfig: {}}}\n\
         product: {{name: DIGIT, version: v2.9.2, modules: [m_pgr], source: {}}}\n\
         database: {{host: db.example, name: digit, user: digit, password-file: password}}\n\
         files: {{endpoint: 'https://s3.example', bucket: digit, region: ap-south-1, key-file: keys}}\n",
        plane.kubeconfig().display(),
        places::shared().unwrap().join("digit").display()
    );
    home.write("answers.yaml", &text).unwrap().display().to_string()
}

fn rule(what: &str, fails: Failure) -> Rule {
    Rule { pod: Regex::new(&format!("^digit-try-{what}-")).unwrap(), fails, until: None }
}

/// State, code and whether it may be accepted of each check, by name.
fn checks(lines: &[Value]) -> BTreeMap<String, String> {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    lines.iter().map(|c| (text(&c["name"]), format!("{} {}", text(&c["state"]), text(&c["cause"]["code"])))).collect()
}

#[test]
fn what_is_ones_own_is_tried_from_a_pod_and_nothing_is_left() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let before = inventory(&plane.kubeconfig()).unwrap();
    let home = Home::new().unwrap();
    let file = answers(&home, &plane);
    let end = |what: &str, code, said| rule(what, Failure::End(code, said));
    let cases = [
        (vec![], "passed -", "passed -", 0),
        (
            vec![end("database", 15, "FATAL: no"), end("files", 20, "404 NoSuchBucket")],
            "not-passed check-database-sign-in",
            "not-passed check-files-no-bucket",
            3,
        ),
        (
            vec![end("database", 12, ""), rule("files", Failure::Fail)],
            "not-passed check-try-timed-out",
            "take-note check-try-ended",
            3,
        ),
        (vec![end("files", 22, "403 AccessDenied")], "passed -", "take-note check-files-no-delete", 0),
    ];
    for (rules, database, files, code) in cases {
        plane.rules(rules);
        let done = home.run(&["check", "--answers", &file, "--json"]).unwrap();
        let found = checks(&done.json().unwrap());
        assert_eq!((found["database"].as_str(), found["files"].as_str()), (database, files), "{}", done.err);
        assert_eq!(done.code, Some(code), "{found:?}");
        assert!(!done.out.contains("canary") && !done.err.contains("canary"));
        assert_eq!(inventory(&plane.kubeconfig()).unwrap(), before);
    }

    // Nothing is installed before it passes, and what does not pass is said with words.
    plane.rules(vec![end("database", 16, "FATAL: gone")]);
    let done = home.run(&["install", "--answers", &file, "--yes"]).unwrap();
    assert_eq!(done.code, Some(3));
    assert!(done.err.contains("The server db.example has no database digit"), "{}", done.err);
    assert_eq!(inventory(&plane.kubeconfig()).unwrap(), before);

    // When it passes, DIGIT goes in without a database and a store of ours, and with the password of theirs.
    plane.rules(vec![]);
    let done = home.run(&["install", "--answers", &file, "--yes"]).unwrap();
    assert_eq!(done.code, Some(0), "{}", done.err);
    let workloads = plane.kubectl(&["get", "deployments,statefulsets", "-A", "-o", "name"]).unwrap();
    assert_eq!(workloads.lines().count(), 37, "{workloads}");
    let kept = plane.kubectl(&["get", "secret", "db", "-n", "egov", "-o", "jsonpath={.data.password}"]).unwrap();
    assert_eq!(base64::prelude::BASE64_STANDARD.decode(kept).unwrap(), PASSWORD.as_bytes());
    let removed = home.run(&["remove", "springfield", "--yes"]).unwrap();
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&plane.kubeconfig())? == before)).unwrap();

    // An interrupt in the middle takes everything away, and meanwhile no secret is in any object but the Secrets.
    plane.rules(vec![rule("database", Failure::ImagePull), rule("files", Failure::ImagePull)]);
    let running = home.start(&["check", "--answers", &file, "--json"]).unwrap();
    let objects = || plane.kubectl(&["get", "namespaces,jobs,pods,events", "-A", "-o", "yaml"]);
    wait("pods of both tries", Duration::from_secs(60), || {
        let all = objects()?;
        Ok(["digit-try-database-", "digit-try-files-"].iter().all(|n| all.contains(&format!("namespace: {n}"))))
    })
    .unwrap();
    let all = objects().unwrap();
    assert!(all.contains("secretKeyRef") && !all.contains("canary") && !all.contains("AKIDCANARY"));
    running.interrupt().unwrap();
    let (status, _) = running.end(Duration::from_secs(60)).unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!(inventory(&plane.kubeconfig()).unwrap(), before);
}

#[test]
fn a_rehearsal_plays_the_same_tries_and_needs_nobodys_password() {
    let home = Home::new().unwrap();
    home.write("password", "canary-of-the-database\n").unwrap();
    home.write("keys", "AKIDCANARY\ncanary-of-the-files\n").unwrap();
    let text = format!(
        "name: practice\n\
         target: {{kind: rehearsal}}\n\
         product: {{name: DIGIT, version: v2.9.2, modules: [m_pgr], source: {}}}\n\
         database: {{host: db.example, name: digit, user: digit, password-file: password}}\n\
         files: {{endpoint: 'https://s3.example', bucket: digit, region: ap-south-1, key-file: keys}}\n",
        places::shared().unwrap().join("digit").display()
    );
    let file = home.write("answers.yaml", &text).unwrap().display().to_string();
    let run =
        |arguments: &[&str]| home.command(arguments).unwrap().env("DIGIT_REHEARSAL_SPEED", "30").output().unwrap();
    let done = run(&["check", "--answers", &file, "--json"]);
    let lines: Vec<Value> =
        String::from_utf8_lossy(&done.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let found = checks(&lines);
    assert_eq!(
        (found["database"].as_str(), found["files"].as_str(), done.status.code()),
        ("passed -", "passed -", Some(0))
    );
    let done = run(&["install", "--answers", &file, "--yes"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}
