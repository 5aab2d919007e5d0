//! Signing in with a program that has secrets everywhere: none of them is ever in an error.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::error::Error as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cluster::{Error, Patience, Target, connect};

/// Stands for every secret.
const CANARY: &str = "c4n4ry";

/// A program and a kubeconfig that names it, with a canary in its environment and its arguments.
fn signs_in_with(folder: &Path, program: &str, script: Option<&str>, mode: &str) -> PathBuf {
    if let Some(script) = script {
        let path = folder.join(program);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let kubeconfig = folder.join("config");
    std::fs::write(
        &kubeconfig,
        format!(
            r"
apiVersion: v1
kind: Config
current-context: a
contexts: [{{name: a, context: {{cluster: c, user: u}}}}]
clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]
users:
- name: u
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./{program}
      interactiveMode: {mode}
      installHint: brew install {program}
      args: [--secret, {CANARY}-argument]
      env: [{{name: AAA_CLIENT_SECRET, value: {CANARY}-variable}}]
"
        ),
    )
    .unwrap();
    kubeconfig
}

/// Everything that an error can say.
fn all_of(error: &Error) -> String {
    let mut said = format!("{error} {error:?} {:?} {:?}", error.args(), error.evidence());
    let mut cause = error.source();
    while let Some(inner) = cause {
        said.push_str(&format!(" {inner} {inner:?}"));
        cause = inner.source();
    }
    said
}

async fn fails(program: &str, script: Option<&str>, mode: &str) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = signs_in_with(folder.path(), program, script, mode);
    let target = Target { kubeconfig: Some(kubeconfig), ..Target::default() };
    connect(&target).await.err().unwrap()
}

#[tokio::test]
async fn a_program_that_fails_is_named_and_none_of_its_secrets() {
    let loud = format!("echo {CANARY}-output; echo {CANARY}-complaint $AAA_CLIENT_SECRET \"$@\" >&2");
    let cases = [
        ("exits", format!("{loud}; exit 3"), "exit status: 3"),
        ("expired", format!("{loud}; echo the token has expired >&2; exit 255"), "exit status: 255, expired"),
        ("chatters", loud.clone(), "it printed no credential"),
        (
            "cuts",
            format!("{loud} >/dev/null; printf '{{\"status\": {{\"token\": \"{CANARY}'"),
            "it printed no credential",
        ),
        (
            "gives-half",
            format!("echo '{{\"status\": {{\"clientKeyData\": \"{CANARY}\"}}}}'"),
            "it printed no credential",
        ),
    ];
    for (program, script, expected) in cases {
        let error = fails(program, Some(&script), "Never").await;
        let said = all_of(&error);
        assert!(!said.contains(CANARY), "{program}: {said}");
        let Error::SignInFailed { command, reason } = &error else { panic!("{program}: {said}") };
        assert!(command.ends_with(&format!("/{program}")), "{program}: {said}");
        assert_eq!(reason, expected, "{program}");
    }
}

#[tokio::test]
async fn a_program_that_is_missing_is_named_with_its_install_hint() {
    let error = fails("kubelogin", None, "Never").await;
    let said = all_of(&error);
    assert!(!said.contains(CANARY), "{said}");
    assert_eq!(error.code(), "sign-in-program-missing", "{said}");
    assert!(error.args()["command"].ends_with("/kubelogin"), "{said}");
    assert_eq!(error.args()["hint"], "brew install kubelogin");
}

#[tokio::test]
async fn a_token_is_not_in_the_error_of_a_server_that_does_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("echo '{{\"status\": {{\"token\": \"{CANARY}-token\"}}}}'");
    let kubeconfig = signs_in_with(folder.path(), "works", Some(&script), "Never");
    let cluster = connect(&Target { kubeconfig: Some(kubeconfig), ..Target::default() }).await.unwrap();
    let error = cluster.with_patience(Patience::For(Duration::ZERO)).version().await.unwrap_err();
    let said = all_of(&error);
    assert_eq!(error.code(), "server-not-answering", "{said}");
    assert!(!said.contains(CANARY), "{said}");
}

#[tokio::test]
async fn the_runtime_goes_on_while_a_program_takes_its_time() {
    let begun = std::time::Instant::now();
    let (error, ()) =
        tokio::join!(fails("slow", Some("sleep 2; exit 1"), "Never"), tokio::time::sleep(Duration::from_millis(50)));
    assert_eq!(error.code(), "sign-in-failed");
    assert!(begun.elapsed() >= Duration::from_secs(2));
    let begun = std::time::Instant::now();
    let slow = fails("slow", Some("sleep 2; exit 1"), "Never");
    tokio::select! {
        _ = slow => panic!("it was to take two seconds"),
        () = tokio::time::sleep(Duration::from_millis(50)) => {}
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
