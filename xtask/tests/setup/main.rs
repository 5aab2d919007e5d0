//! A new machine is prepared by the README's commands alone: what is called, where, with what, on machines that lack one thing
//! or another.
#![cfg(target_os = "linux")]

mod machine;

use machine::{Machine, said};

/// Calls that ask and change nothing.
const QUESTIONS: &[&str] = &[
    "dpkg-query -W",
    "id -u",
    "node --version",
    "npm --version",
    "python3 --version",
    "python3 -m ensurepip --version",
    "go version",
    "cargo fmt --version",
    "cargo clippy --version",
];

fn acts(calls: &str) -> Vec<&str> {
    calls.lines().filter(|call| !QUESTIONS.iter().any(|question| call.starts_with(question))).collect()
}

#[test]
fn a_machine_with_nothing_is_prepared() {
    let machine = Machine::new();
    let out = machine.xtask(&["setup"]);
    assert!(out.status.success(), "{}", said(&out));
    insta::assert_snapshot!(machine.calls());

    let again = machine.xtask(&["setup"]);
    assert!(again.status.success(), "{}", said(&again));
    // the window's pages are built from the sources as they are now
    assert_eq!(acts(&machine.calls()), ["npm run build  (CLONE/ui)"]);
}

#[test]
fn the_window_alone_needs_neither_go_nor_python() {
    let machine = Machine::new().without("go").without("python3").without("rustup");
    let out = machine.xtask(&["run"]);
    // the stand-in for cargo builds no window
    assert!(machine.short(&said(&out)).contains("build failed, and what follows needs it"), "{}", said(&out));
    let calls = machine.calls();
    let last = acts(&calls).last().copied().unwrap_or_default().to_owned();
    assert!(last.starts_with("cargo build --package digit-installer"), "{calls}");
    assert!(calls.contains("npm ci") && calls.contains("npm run build"), "{calls}");
}

#[test]
fn the_bench_prepares_what_it_compares_with() {
    let machine = Machine::new();
    machine.xtask(&["bench"]);
    insta::assert_snapshot!(acts(&machine.calls()).join("\n"));
}

#[test]
fn the_full_test_prepares_the_real_node_besides() {
    let machine = Machine::new();
    assert!(machine.xtask(&["setup"]).status.success());
    machine.calls();
    machine.xtask(&["test", "--full"]);
    let calls = machine.calls();
    let calls: Vec<&str> = acts(&calls).into_iter().take_while(|call| !call.starts_with("cargo fmt --all")).collect();
    insta::assert_snapshot!(calls.join("\n"));
}

#[test]
fn what_a_person_must_bring_is_named_with_what_to_do_before_anything_is_done() {
    for (program, words) in [
        ("node", "there is no node; it builds the window's pages: install Node.js 20.19 or later"),
        ("npm", "there is no npm; it installs what the window's pages are made of: it comes with Node.js"),
        (
            "python3",
            "there is no python3; Helm's SDK, the judge of rendering, runs in it: install Python 3.11 or later",
        ),
        ("go", "there is no go; it builds Kubernetes and Helm, which tests are judged by: install Go 1.26 or later"),
        (
            "rustup",
            "cargo lacks rustfmt and clippy, and there is no rustup to add it: install rustfmt and clippy from where",
        ),
    ] {
        let machine = Machine::new().without(program);
        let out = machine.xtask(&["setup"]);
        assert!(!out.status.success(), "without {program}");
        assert!(said(&out).contains(words), "without {program}: {}", said(&out));
        let calls = machine.calls();
        assert!(acts(&calls).is_empty(), "without {program}: {calls}");
    }
}

#[test]
fn a_program_that_is_too_old_is_named_with_what_it_said() {
    let machine = Machine::new();
    machine.put("node", "echo v18.20.4");
    machine.put("go", "echo go version go1.19.8 linux/amd64");
    let said = said(&machine.xtask(&["test"]));
    assert!(said.contains("node says \"v18.20.4\"") && said.contains("go says \"go version go1.19.8"), "{said}");
}

#[test]
fn a_person_who_is_not_root_installs_through_sudo() {
    let machine = Machine::new().without_root();
    assert!(machine.xtask(&["setup"]).status.success());
    let calls = machine.calls();
    let apt: Vec<&str> = calls.lines().filter(|call| call.contains("apt-get")).collect();
    assert!(apt[0].starts_with("sudo --preserve-env=DEBIAN_FRONTEND apt-get update"), "{calls}");
    // every call of apt is one that sudo made
    for pair in apt.chunks(2) {
        assert!(pair[0].starts_with("sudo ") && pair[1].starts_with("apt-get "), "{calls}");
        assert!(pair[1].contains("DEBIAN_FRONTEND=noninteractive"), "{calls}");
    }

    let machine = Machine::new().without_root().without("sudo");
    let out = machine.xtask(&["setup"]);
    let said = said(&out);
    assert!(!out.status.success());
    assert!(said.contains("needs root, and there is no sudo"), "{said}");
    assert!(said.contains("install these yourself: build-essential") && said.contains("etcd-server"), "{said}");
}

#[test]
fn packages_are_named_on_a_system_that_is_no_debian() {
    let machine = Machine::new().without("apt-get").without("dpkg-query");
    let out = machine.xtask(&["setup"]);
    let said = said(&out);
    assert!(
        said.contains("This is not Debian or a relative of it") && said.contains("libwebkit2gtk-4.1-dev"),
        "{said}"
    );
    assert!(!out.status.success());
    assert!(said.contains("install etcd (Debian's package etcd-server) so that it is on PATH"), "{said}");
    // and once it is there, what is left is the person's python
    machine.put("etcd", "");
    let out = machine.xtask(&["setup"]);
    assert!(!out.status.success());
    let said = machine::said(&out);
    assert!(said.contains("install what your python3 makes environments with (python3-venv on Debian)"), "{said}");
}

#[test]
fn an_installation_that_installs_nothing_is_told() {
    let machine = Machine::new();
    machine.put("apt-get", "");
    let out = machine.xtask(&["setup"]);
    assert!(!out.status.success());
    assert!(said(&out).contains("still missing after the installation: build-essential"), "{}", said(&out));
}

/// CI moves caches and nothing else: whatever it prepared, a person would lack.
#[test]
fn ci_prepares_nothing() {
    let machine = Machine::new();
    for program in ["bash", "dirname", "env", "mktemp", "rm", "sed", "tee"] {
        machine.link(program);
    }
    machine.put("cargo", "echo '== cargo xtask test =='; exit 3");
    machine.put("mkdir", "");
    let run = places::root().join(".ci/run");
    let out = machine.command(run).arg("--full").output().unwrap();
    assert_eq!(out.status.code(), Some(3), "{}", said(&out));
    assert_eq!(machine.calls(), "cargo xtask test --full  (CLONE CARGO_TARGET_DIR=CACHE/target)\n");
    assert!(!machine.at("cache").exists() && !machine.at("home").exists());
    assert!(said(&out).ends_with("== closing lines ==\n== cargo xtask test ==\n"), "{}", said(&out));
}
