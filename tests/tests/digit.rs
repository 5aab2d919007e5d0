//! `digit` as a person in a terminal has it: DIGIT 2.9.2 on a real control plane, through kills, an outage and a lost
//! data folder, until nothing of it is left; and what it does with bad input.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use regex::Regex;
use serde_json::{Value, json};
use tests::cluster::{inventory, wait};
use tests::digit::Home;
use tests::fake_node::{Failure, Rule};
use tests::{ControlPlane, Options, helm, product};

const PATIENT: Duration = Duration::from_secs(240);

fn files_below(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, out) } else { out.push(path) }
    }
}

/// Says that somebody has the lease of the installation from now on; nobody if empty.
fn take_lease(plane: &ControlPlane, holder: &str) {
    let now = jiff::Timestamp::now();
    let spec = json!({"spec": {"holderIdentity": holder, "renewTime": format!("{now:.6}")}}).to_string();
    plane
        .kubectl(&[
            "--namespace",
            "digit-installer",
            "patch",
            "lease",
            "springfield",
            "--type",
            "merge",
            "--patch",
            &spec,
        ])
        .unwrap();
}

fn lease(plane: &ControlPlane) -> Value {
    let lease =
        plane.kubectl(&["--namespace", "digit-installer", "get", "lease", "springfield", "--output", "json"]).unwrap();
    serde_json::from_str::<Value>(&lease).unwrap()["spec"].take()
}

#[test]
fn digit_goes_in_through_kills_and_an_outage_and_leaves_nothing() {
    let mut plane = ControlPlane::start(&Options::default()).unwrap();
    let kubeconfig = plane.kubeconfig();
    let before = inventory(&kubeconfig).unwrap();
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &product::answers(&plane.kubeconfig()).unwrap()).unwrap();
    let install = ["install", "--answers", file.to_str().unwrap(), "--yes", "--json"];

    let open_existing = ["open-existing", "--kubeconfig", kubeconfig.to_str().unwrap()];

    // Killed at three moments, each time after another number of steps has ended.
    let mut said = String::new();
    let egov_user = Regex::new("^egov/egov-user-").unwrap();
    for steps in [1, 9, 21] {
        let is_watched = steps == 9;
        if is_watched {
            // Something is missing until the end, so that it is at work as long as the other computer takes.
            plane.rules(vec![Rule { pod: egov_user.clone(), fails: Failure::Unready, until: None }]);
        }
        let mut running = home.start(&install).unwrap();
        let ended = std::cell::Cell::new(0);
        running
            .until_new(PATIENT, |event| {
                ended.set(ended.get() + usize::from(event["what"] == "done"));
                ended.get() >= steps
            })
            .unwrap();
        for line in &running.seen {
            said.push_str(&line.to_string());
        }
        // While this computer is at work, another one that opens the installation keeps its hands off.
        if is_watched {
            let other = Home::new().unwrap();
            assert_eq!(other.run(&open_existing).unwrap().code, Some(0));
            for command in ["resume", "remove"] {
                let refused = other.run(&[command, "springfield", "--yes"]).unwrap();
                assert_eq!(refused.code, Some(4), "{}", refused.err);
                assert!(refused.err.contains("Another computer works on this installation"), "{}", refused.err);
            }
            // It slept for longer than its lease lasts, and meanwhile the other one went on: now it is the one to stop.
            take_lease(&plane, "other/1");
            let (status, _) = running.end(PATIENT).unwrap();
            let err = std::fs::read_to_string(home.path().join("stderr.log")).unwrap();
            assert_eq!(status.code(), Some(4), "{err}");
            assert!(err.contains("Another computer, other/1, has taken springfield over"), "{err}");
            assert_eq!(lease(&plane)["holderIdentity"], "other/1");
            let status = home.run(&["status", "springfield", "--json"]).unwrap().json().unwrap();
            assert_eq!(status[0]["attention"]["cause"]["code"], "taken-over", "{status:?}");
            take_lease(&plane, "");
        } else {
            running.kill().unwrap();
        }
        plane.rules(Vec::new());
    }

    // Then the API goes away in the middle for a while.
    let mut running = home.start(&["resume", "springfield", "--yes", "--json"]).unwrap();
    let is_core = |event: &Value| event["what"] == "step-started" && event["step"] == "release:egov-workflow-v2";
    running.until_new(PATIENT, is_core).unwrap().unwrap();
    plane.stop_api();
    std::thread::sleep(Duration::from_secs(if std::env::var_os("DIGIT_TEST_FULL").is_some() { 60 } else { 6 }));
    plane.start_api().unwrap();
    let (status, lines) = running.end(PATIENT).unwrap();
    let report = lines.last().unwrap();
    assert!(status.success(), "{report:#}");
    assert_eq!((report["state"].as_str(), report["percent"].as_f64()), (Some("ready"), Some(100.0)));
    assert_eq!(product::workloads(&kubeconfig).unwrap(), (product::WORKLOADS, product::WORKLOADS));
    for line in &lines {
        said.push_str(&line.to_string());
    }

    // Again: nothing restarts.
    let running_pods = product::pods(&kubeconfig).unwrap();
    let again = home.run(&install).unwrap();
    assert_eq!((again.code, product::pods(&kubeconfig).unwrap()), (Some(0), running_pods.clone()), "{}", again.err);

    helm_goes_on(&kubeconfig, home.path());
    let again = home.run(&install).unwrap();
    assert_eq!((again.code, product::pods(&kubeconfig).unwrap()), (Some(0), running_pods.clone()), "{}", again.err);

    // No secret that was drawn is in anything that was said or kept, but for the vault.
    let mut files = Vec::new();
    files_below(&home.data(), &mut files);
    let secrets = product::drawn_secrets(&kubeconfig).unwrap();
    assert!(secrets.len() >= 4, "found {} secrets to look for", secrets.len());
    for secret in secrets {
        let encoded = base64::prelude::BASE64_STANDARD.encode(&secret);
        for form in [&secret, &encoded] {
            assert!(
                !said.contains(form.as_str())
                    && !again.out.contains(form.as_str())
                    && !again.err.contains(form.as_str())
            );
            for file in files.iter().filter(|f| f.file_name().unwrap() != "vault.age") {
                let content = std::fs::read(file).unwrap();
                let found = content.windows(form.len()).any(|w| w == form.as_bytes());
                assert!(!found, "a secret is in {}", file.file_name().unwrap().display());
            }
        }
    }

    // Everything on this computer is lost; the cluster knows.
    let other = Home::new().unwrap();
    // A new installation of the same name would draw new passwords for data that is there.
    let file = other.write("answers.yaml", &product::answers(&plane.kubeconfig()).unwrap()).unwrap();
    let anew = other.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
    assert_eq!((anew.code, product::pods(&kubeconfig).unwrap()), (Some(3), running_pods.clone()), "{}", anew.err);
    assert!(anew.err.contains("The installation springfield is already in this cluster"), "{}", anew.err);
    let opened = other.run(&open_existing).unwrap();
    assert_eq!(opened.code, Some(0), "{}", opened.err);
    let resumed = other.run(&["resume", "springfield", "--yes"]).unwrap();
    assert_eq!((resumed.code, product::pods(&kubeconfig).unwrap()), (Some(0), running_pods), "{}", resumed.err);

    let removed = other.run(&["remove", "springfield", "--yes"]).unwrap();
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&plane.kubeconfig())? == before)).unwrap();
    places::measured("Kills of an install of DIGIT 2.9.2, then the same end state", "3").unwrap();
}

/// Disks that stay when an installation is removed: the computer that knows their passwords goes on with them, another one
/// is told whose they are. And what one computer knows is never taken for what another one made under the same name.
#[test]
fn one_name_on_two_computers_never_mixes_what_they_know() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let before = inventory(&plane.kubeconfig()).unwrap();
    let modules = ["m_requests".to_owned()];
    let answers = product::answers_for("practice", "v1", &modules, &plane.kubeconfig()).unwrap();
    let claims = || plane.kubectl(&["get", "pvc", "-A", "-o", "jsonpath={.items[*].metadata.uid}"]).unwrap();
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &answers).unwrap();
    let install = ["install", "--answers", file.to_str().unwrap(), "--yes"];
    let well = |arguments: &[&str]| {
        let ended = home.run(arguments).unwrap();
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
    };
    well(&install);
    let data = claims();
    assert!(!data.is_empty());
    well(&["remove", "springfield", "--yes", "--keep-data"]);
    assert_eq!(claims(), data);

    let other = Home::new().unwrap();
    let file = other.write("answers.yaml", &answers).unwrap();
    let refused = other.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
    assert_eq!(refused.code, Some(3), "{}", refused.err);
    assert!(
        refused.err.contains("The installation springfield was removed and its disks were kept"),
        "{}",
        refused.err
    );
    let pods = plane.kubectl(&["get", "pods", "-A", "--no-headers", "--ignore-not-found"]).unwrap();
    assert_eq!((claims(), pods.as_str()), (data.clone(), ""));

    well(&install);
    assert_eq!(claims(), data);
    well(&["remove", "springfield", "--yes"]);

    let made = other.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
    assert_eq!(made.code, Some(0), "{}", made.err);
    let data = claims();
    let kubeconfig = plane.kubeconfig();
    let open = ["open-existing", "--kubeconfig", kubeconfig.to_str().unwrap()];
    for (arguments, code, words) in [
        (&install[..], 3, "The installation springfield is already in this cluster"),
        (&["remove", "springfield", "--yes"], 2, "another installation of the name springfield"),
        (&open, 2, "another installation of the name springfield"),
    ] {
        let refused = home.run(arguments).unwrap();
        assert_eq!((refused.code, claims()), (Some(code), data.clone()), "{}", refused.err);
        assert!(refused.err.contains(words), "{}", refused.err);
    }
    let removed = other.run(&["remove", "springfield", "--yes"]).unwrap();
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&plane.kubeconfig())? == before)).unwrap();
}

/// Whoever wants it has the passwords encrypted in the record that the cluster holds: then the recovery kit opens it
/// elsewhere, and nothing else does.
#[test]
fn an_encrypted_record_opens_elsewhere_with_its_recovery_kit_only() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let before = inventory(&plane.kubeconfig()).unwrap();
    let kubeconfig = plane.kubeconfig();
    let answers = product::answers(&kubeconfig).unwrap() + "sealed-record: true\n";
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &answers).unwrap();
    let installed = home.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
    assert_eq!(installed.code, Some(0), "{}", installed.err);
    let now = || (product::pods(&kubeconfig).unwrap(), product::drawn_secrets(&kubeconfig).unwrap());
    let made = now();
    let parts = plane
        .kubectl(&["get", "secrets", "-n", "digit-installer", "-o", "jsonpath={.items[*].metadata.name}"])
        .unwrap();
    let parts: Vec<&str> = parts.split_whitespace().collect();
    assert!(parts.contains(&"springfield.vault") && !parts.contains(&"springfield.secrets"), "{parts:?}");

    let passphrase = home.write("kit-passphrase", "correct horse battery staple\n").unwrap();
    let wrong = home.write("wrong-passphrase", "incorrect horse battery staple\n").unwrap();
    let (passphrase, wrong) = (passphrase.to_str().unwrap(), wrong.to_str().unwrap());
    let kit = home.path().join("kit.age");
    let kit = kit.to_str().unwrap();
    let saved = home.run(&["recovery-kit", "springfield", "--out", kit, "--passphrase-file", passphrase]).unwrap();
    assert_eq!(saved.code, Some(0), "{}", saved.err);

    let other = Home::new().unwrap();
    let open = ["open-existing", "--kubeconfig", kubeconfig.to_str().unwrap()];
    let with = |kit: &str, passphrase: &str| {
        let with = ["--recovery-kit", kit, "--passphrase-file", passphrase];
        other.run(&[&open[..], &with[..]].concat()).unwrap()
    };
    let refused = other.run(&open).unwrap();
    assert_eq!(refused.code, Some(4), "{}", refused.err);
    assert!(refused.err.contains("The passwords of springfield are encrypted in the cluster"), "{}", refused.err);
    let refused = with(passphrase, passphrase);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("not the recovery kit of springfield"), "{}", refused.err);
    let refused = with(kit, wrong);
    assert!(refused.code == Some(1) && refused.err.contains("passphrase"), "{:?} {}", refused.code, refused.err);
    let listed = other.run(&["list", "--json"]).unwrap();
    assert_eq!((listed.code, listed.out.as_str()), (Some(0), ""));

    let opened = with(kit, passphrase);
    assert_eq!(opened.code, Some(0), "{}", opened.err);
    let resumed = other.run(&["resume", "springfield", "--yes"]).unwrap();
    assert_eq!(resumed.code, Some(0), "{}", resumed.err);
    assert!(now() == made, "the same pods and the same secrets");
    let removed = other.run(&["remove", "springfield", "--yes"]).unwrap();
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&plane.kubeconfig())? == before)).unwrap();
}

/// Helm's own command line lists every release as deployed, upgrades it with the chart that its record holds, and rolls
/// that back; what runs stays what it is. Of all releases in the long run, else of three: one whose chart repeats
/// environment names, one of ours, and one with kinds of its own.
fn helm_goes_on(kubeconfig: &Path, home: &Path) {
    let listed = helm::list(kubeconfig, home).unwrap();
    let wrong: Vec<_> = listed.iter().filter(|r| r.status != "deployed" || r.revision != "1").collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(listed.len(), product::RELEASES, "{listed:?}");
    let is_full = std::env::var_os("DIGIT_TEST_FULL").is_some();
    let tried: Vec<_> = listed
        .iter()
        .filter(|r| is_full || ["egov-user", "digit-postgresql", "cert-manager"].contains(&r.name.as_str()))
        .collect();
    let before = product::pod_templates(kubeconfig).unwrap();
    let charts = tempfile::tempdir().unwrap();
    for release in &tried {
        let chart = helm::chart_of(kubeconfig, release, charts.path()).unwrap();
        let (chart, name, namespace) = (chart.to_str().unwrap(), release.name.as_str(), release.namespace.as_str());
        for step in [
            vec!["upgrade", name, chart, "--namespace", namespace, "--reuse-values"],
            vec!["rollback", name, "1", "--namespace", namespace],
        ] {
            helm::helm(kubeconfig, home, &step).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
    let now = product::pod_templates(kubeconfig).unwrap();
    assert_eq!(product::differences(&before, &now), Vec::<String>::new());
    let after = helm::list(kubeconfig, home).unwrap();
    assert!(after.iter().all(|r| r.status == "deployed"), "{after:?}");
    places::measured("Releases that Helm's command line lists as deployed", &listed.len().to_string()).unwrap();
    places::measured("Releases that Helm's command line upgraded and rolled back", &tried.len().to_string()).unwrap();
}

#[test]
fn a_plan_is_the_same_to_the_byte_when_it_is_made_twice() {
    let home = Home::new().unwrap();
    let text = product::answers(Path::new("/nowhere/kubeconfig")).unwrap();
    let file = home.write("answers.yaml", &text).unwrap();
    let plan = |n: u32| {
        let (out, folder) = (home.path().join(format!("plan{n}.json")), home.path().join(format!("objects{n}")));
        let done = home
            .run(&[
                "plan",
                "--answers",
                file.to_str().unwrap(),
                "--rehearse",
                "--out",
                out.to_str().unwrap(),
                "--manifests",
                folder.to_str().unwrap(),
            ])
            .unwrap();
        assert_eq!(done.code, Some(0), "{}", done.err);
        let mut files = Vec::new();
        files_below(&folder, &mut files);
        files.sort();
        let objects: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).unwrap()).collect();
        (std::fs::read(out).unwrap(), objects)
    };
    let (first, second) = (plan(1), plan(2));
    assert!(first == second, "two plans of the same answers differ");
    let plan: Value = serde_json::from_slice(&first.0).unwrap();
    assert_eq!(plan["sizes"]["services"], 35);
    assert_eq!(plan["sizes"]["workloads"], 39);
    let steps: Vec<&str> = plan["steps"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    let at = |id: &str| steps.iter().position(|s| *s == id).unwrap_or_else(|| panic!("no {id}"));
    for (earlier, later) in [
        ("namespaces:namespaces", "crds:cert-manager"),
        ("release:ingress-nginx", "webhook:ingress-nginx"),
        ("webhook:ingress-nginx", "release:cluster-configs"),
        ("find:address", "release:cluster-configs"),
        ("ahead:cluster-configs", "release:cluster-configs"),
        ("ahead:cluster-configs", "release:kafka-kraft"),
        ("release:cluster-configs", "release:egov-mdms-service"),
        ("release:kafka-kraft", "release:egov-persister"),
        ("release:elasticsearch-data", "release:kibana"),
        ("release:digit-postgresql", "release:egov-user"),
        ("release:egov-enc-service", "release:egov-user"),
        ("release:digit-ui", "release:pgr-services"),
        ("release:pgr-services", "release:gateway"),
    ] {
        assert!(at(earlier) < at(later), "{earlier} stands after {later}");
    }
    // The backbone starts beside the web entry, not after it.
    assert_eq!(
        plan["steps"][at("release:kafka-kraft")]["needs"],
        json!(["ahead:cluster-configs", "namespaces:namespaces"])
    );
}

#[test]
fn a_real_plan_can_be_rehearsed_and_taken_back() {
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &product::answers(Path::new("/nowhere/kubeconfig")).unwrap()).unwrap();
    let run = |arguments: &[&str]| {
        let out = home.command(arguments).unwrap().env("DIGIT_REHEARSAL_SPEED", "30").output().unwrap();
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, said) = run(&["install", "--answers", file.to_str().unwrap(), "--rehearse", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&["remove", "springfield", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn bad_input_is_refused_with_words_and_nothing_is_written() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let before = inventory(&plane.kubeconfig()).unwrap();
    let home = Home::new().unwrap();
    let good = product::answers(&plane.kubeconfig()).unwrap();
    let kubeconfig = plane.kubeconfig().display().to_string();
    let source = places::shared().unwrap().join("digit").display().to_string();
    let empty = home.write("empty", "").unwrap().display().to_string();
    let broken = home.write("broken", "clusters: [").unwrap().display().to_string();
    let nobody = without_listener(&std::fs::read_to_string(plane.kubeconfig()).unwrap());
    let closed = home.write("closed", &nobody).unwrap().display().to_string();
    let viewer = plane.kubeconfig_without_rights().display().to_string();
    let bare = home.path().join("bare");
    std::fs::create_dir(&bare).unwrap();
    let cut = home.path().join("cut");
    std::fs::create_dir(&cut).unwrap();
    for entry in std::fs::read_dir(&source).unwrap() {
        let path = entry.unwrap().path();
        let mut content = std::fs::read(&path).unwrap();
        content.truncate(content.len() / 2);
        std::fs::write(cut.join(path.file_name().unwrap()), content).unwrap();
    }
    let (bare, cut) = (bare.display().to_string(), cut.display().to_string());
    let cases: Vec<(&str, String, i32)> = vec![
        ("unknown key", format!("{good}colour: red\n"), 2),
        ("wrong type", good.replace("modules: [m_pgr]", "modules: 7"), 2),
        ("no DNS label", good.replace("name: springfield", "name: Spring Field"), 2),
        ("unknown module", good.replace("m_pgr", "m_moon"), 2),
        ("unknown product", good.replace("name: DIGIT", "name: DAGIT"), 2),
        ("no kubeconfig", good.replace(&kubeconfig, "/nowhere/kubeconfig"), 2),
        ("empty kubeconfig", good.replace(&kubeconfig, &empty), 2),
        ("broken kubeconfig", good.replace(&kubeconfig, &broken), 2),
        ("unknown context", good.replace("kind: cluster,", "kind: cluster, context: moon,"), 2),
        ("a server that does not answer", good.replace(&kubeconfig, &closed), 2),
        ("no rights", good.replace(&kubeconfig, &viewer), 3),
        ("no archives", good.replace(&source, &bare), 2),
        ("archives that are cut off", good.replace(&source, &cut), 2),
    ];
    for (what, text, code) in cases {
        assert_ne!(text, good, "{what} changes nothing");
        let file = home.write("answers.yaml", &text).unwrap();
        let done = home.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
        assert_eq!(done.code, Some(code), "{what}: {}", done.err);
        assert!(done.err.lines().count() >= 3, "{what} says too little: {}", done.err);
        assert!(!done.err.contains("panicked"), "{what}: {}", done.err);
        let left = home.data().join("installations");
        assert!(!left.exists() || std::fs::read_dir(&left).unwrap().next().is_none(), "{what} left a folder");
    }
    assert_eq!(inventory(&plane.kubeconfig()).unwrap(), before);
}

/// The same kubeconfig for a port on which nobody listens.
fn without_listener(text: &str) -> String {
    text.lines()
        .map(|line| match line.split_once("https://127.0.0.1:") {
            Some((head, rest)) => {
                let tail: String = rest.chars().skip_while(char::is_ascii_digit).collect();
                format!("{head}https://127.0.0.1:1{tail}\n")
            }
            None => format!("{line}\n"),
        })
        .collect()
}
