//! How long the whole of DIGIT 2.9.2 takes until every workload is ready, on a control plane whose nodes are played: with
//! `digit`, with helmfile (groups one after the other, each waited for), and with `helm template` piped into
//! `kubectl apply` service by service. All install the same charts with the same values; each begins on an empty cluster.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::cluster::wait;
use tests::digit::Home;
use tests::helm::{chart_of, list};
use tests::{ControlPlane, Options, product};

const ROUNDS: u32 = 2;
/// Names to be created again before a kind that was just made is known.
const TRIES: u32 = 10;

/// A release as the peers install it.
struct Release {
    name: String,
    namespace: String,
    chart: PathBuf,
    values: PathBuf,
    /// The position of its stage.
    group: usize,
}

fn main() {
    let work = tempfile::tempdir().unwrap();
    let mut releases = Vec::new();
    let mut times = [const { Vec::new() }; 3];
    for round in 1..=ROUNDS {
        let plane = ControlPlane::start(&Options::default()).unwrap();
        times[0].push(with_digit(&plane));
        if releases.is_empty() {
            releases = releases_of(&plane, work.path());
        }
        drop(plane);
        println!("digit {:.1} s", times[0].last().unwrap().as_secs_f64());
        times[1].push(with_helmfile(&ControlPlane::start(&Options::default()).unwrap(), &releases, work.path()));
        times[2].push(with_kubectl(&ControlPlane::start(&Options::default()).unwrap(), &releases, work.path()));
        let said: Vec<String> = times.iter().map(|t| format!("{:.1}", t.last().unwrap().as_secs_f64())).collect();
        println!("round {round}: digit {} s, helmfile {} s, helm template and kubectl {} s", said[0], said[1], said[2]);
    }
    let [digit, helmfile, kubectl] = times.map(|t| t.into_iter().min().unwrap().as_secs_f64());
    println!(
        "bench: DIGIT 2.9.2 until {} of {0} workloads are ready, best of {ROUNDS}: {digit:.1} s; helmfile {helmfile:.1} s ({:.1} times as long); \
         helm template and kubectl apply {kubectl:.1} s ({:.1} times as long)",
        product::WORKLOADS,
        helmfile / digit,
        kubectl / digit
    );
    places::measured(
        "DIGIT 2.9.2 until all workloads are ready on played nodes",
        &format!("{digit:.1} s; helmfile {helmfile:.1} s; helm template piped to kubectl apply {kubectl:.1} s"),
    )
    .unwrap();
    if digit * 3.0 > helmfile || digit > kubectl {
        println!("bench: too slow: it may take a third of helmfile's time, and no more than kubectl's");
        std::process::exit(1);
    }
}

fn assert_ready(plane: &ControlPlane) {
    let (all, ready) = product::workloads(&plane.kubeconfig()).unwrap();
    assert_eq!((all, ready), (product::WORKLOADS, product::WORKLOADS));
}

fn with_digit(plane: &ControlPlane) -> Duration {
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &product::answers(&plane.kubeconfig()).unwrap()).unwrap();
    let begun = Instant::now();
    let done = home.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
    let took = begun.elapsed();
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_ready(plane);
    took
}

/// What was installed, taken from Helm's records, with the stages of the plan as groups.
fn releases_of(plane: &ControlPlane, work: &Path) -> Vec<Release> {
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &product::answers(&plane.kubeconfig()).unwrap()).unwrap();
    let out = work.join("plan.json");
    let done = home.run(&["plan", "--answers", file.to_str().unwrap(), "--out", out.to_str().unwrap()]).unwrap();
    assert_eq!(done.code, Some(0), "{}", done.err);
    let plan: Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    let steps: Vec<&Value> = plan["steps"].as_array().unwrap().iter().filter(|s| s["kind"] == "release").collect();
    let mut stages: Vec<&Value> = Vec::new();
    for step in &steps {
        if !stages.contains(&&step["stage"]) {
            stages.push(&step["stage"]);
        }
    }
    let listed = list(&plane.kubeconfig(), work).unwrap();
    assert_eq!(listed.len(), steps.len());
    steps
        .iter()
        .map(|step| {
            let release = listed.iter().find(|r| step["subject"] == r.name.as_str()).unwrap();
            let chart = chart_of(&plane.kubeconfig(), release, work).unwrap();
            let arguments = ["get", "values", &release.name, "--namespace", &release.namespace, "--output", "json"];
            let values = chart.with_extension("values.json");
            std::fs::write(&values, tests::helm::helm(&plane.kubeconfig(), work, &arguments).unwrap()).unwrap();
            Release {
                name: release.name.clone(),
                namespace: release.namespace.clone(),
                chart,
                values,
                group: stages.iter().position(|s| **s == step["stage"]).unwrap(),
            }
        })
        .collect()
}

/// One release writes into the namespaces of others.
fn create_namespaces(plane: &ControlPlane, releases: &[Release]) {
    for namespace in releases.iter().map(|r| &r.namespace).collect::<BTreeSet<_>>() {
        plane.kubectl(&["create", "namespace", namespace]).unwrap();
    }
}

fn with_helmfile(plane: &ControlPlane, releases: &[Release], work: &Path) -> Duration {
    let groups: BTreeSet<usize> = releases.iter().map(|r| r.group).collect();
    let before = |group: usize| groups.range(..group).next_back().copied();
    let state = json!({
        "helmDefaults": {"wait": true, "timeout": 600, "createNamespace": true, "syncArgs": ["--server-side=false"]},
        "releases": releases.iter().map(|r| json!({
            "name": r.name, "namespace": r.namespace, "chart": r.chart, "values": [r.values],
            "needs": releases.iter().filter(|o| Some(o.group) == before(r.group)).map(|o| format!("{}/{}", o.namespace, o.name)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    let file = work.join("helmfile.yaml");
    std::fs::write(&file, yaml_serde::to_string(&state).unwrap()).unwrap();
    let mut command = Command::new(places::helmfile().unwrap());
    command
        .args(["--file", "helmfile.yaml", "--quiet", "--disable-force-update", "--skip-deps", "--helm-binary"])
        .arg(places::helm().unwrap())
        .arg("sync")
        .env("KUBECONFIG", plane.kubeconfig())
        .envs([("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")])
        .current_dir(work);
    let begun = Instant::now();
    create_namespaces(plane, releases);
    let done = command.output().unwrap();
    assert!(done.status.success(), "helmfile: {}", String::from_utf8_lossy(&done.stderr));
    // It waited for all of them.
    assert_ready(plane);
    begun.elapsed()
}

fn with_kubectl(plane: &ControlPlane, releases: &[Release], work: &Path) -> Duration {
    let kubeconfig = plane.kubeconfig();
    // Objects without a namespace go into the release's, those that name another one stay there: `--namespace` refuses those.
    let own = |namespace: &str| {
        let copy = work.join(format!("{namespace}.kubeconfig"));
        std::fs::copy(&kubeconfig, &copy).unwrap();
        let set = ["config", "set-context", "--current", "--namespace", namespace];
        tests::cluster::kubectl(&copy, &set).unwrap();
        (namespace.to_owned(), copy)
    };
    let namespaces: BTreeSet<&str> = releases.iter().map(|r| r.namespace.as_str()).collect();
    let kubeconfigs: BTreeMap<String, PathBuf> = namespaces.into_iter().map(own).collect();
    let begun = Instant::now();
    create_namespaces(plane, releases);
    for release in releases {
        let rendered = Command::new(places::helm().unwrap())
            .args(["template", &release.name])
            .arg(&release.chart)
            .args(["--namespace", &release.namespace, "--include-crds", "--values"])
            .arg(&release.values)
            .envs([("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")])
            .current_dir(work)
            .output()
            .unwrap();
        assert!(rendered.status.success(), "helm template: {}", String::from_utf8_lossy(&rendered.stderr));
        for n in 1.. {
            let mut kubectl = Command::new(places::program("kubectl").unwrap())
                .arg("--kubeconfig")
                .arg(&kubeconfigs[&release.namespace])
                .args(["apply", "--filename", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            kubectl.stdin.take().unwrap().write_all(&rendered.stdout).unwrap();
            let done = kubectl.wait_with_output().unwrap();
            if done.status.success() {
                break;
            }
            assert!(n < TRIES, "kubectl apply {}: {}", release.name, String::from_utf8_lossy(&done.stderr));
        }
    }
    wait("all workloads ready", Duration::from_secs(120), || {
        Ok(product::workloads(&kubeconfig)? == (product::WORKLOADS, product::WORKLOADS))
    })
    .unwrap();
    begun.elapsed()
}
