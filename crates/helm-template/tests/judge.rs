//! Helm's own SDK is the judge: every service of DIGIT v2.9.2 with cluster-configs, and of URBAN v2.9, rendered by both,
//! compared template by template, text for text.
//!
//! Only lines that differ between two runs of the SDK itself are masked; those are judged by what they mean.

#![allow(clippy::expect_used, reason = "a missing prerequisite fails the test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine as _;
#[cfg(not(debug_assertions))]
use helm_template::KeptDraw;
use helm_template::{Capabilities, Chart, Draw, FreshDraw, NoLookup, Release, RenderContext, Values};
use serde_json::{Value as Json, json};

/// One service to render.
struct Job {
    name: String,
    chart: PathBuf,
    files: Vec<PathBuf>,
    values: Json,
}

/// Charts by the name that the deployer gives them: their folder, or the prefix of a `NAME-values.yaml` in it.
fn index(charts: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![charts.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let is_chart = folder.join("Chart.yaml").is_file();
        for entry in std::fs::read_dir(&folder).expect("the charts") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() && !is_chart {
                folders.push(path);
            } else if is_chart && let Some(alias) = name.strip_suffix("-values.yaml") {
                found.insert(alias.to_owned(), folder.clone());
            }
        }
        if is_chart {
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            found.insert(name, folder);
        }
    }
    found
}

/// Service and tag of every line of a product list.
fn services(list: &Path) -> Vec<(String, Option<String>)> {
    let text = std::fs::read_to_string(list).expect("the list");
    let list: Json = yaml_serde::from_str(&text).expect("the list is YAML");
    let modules = list["modules"].as_array().expect("modules").iter();
    let lines = modules.flat_map(|module| module["services"].as_array().cloned().unwrap_or_default());
    let mut seen = BTreeSet::new();
    lines
        .map(|line| {
            let image = line.as_str().expect("a service").trim().replace("-db:", ":");
            let last = image.rsplit('/').next().unwrap_or(&image).to_owned();
            match last.split_once(':') {
                Some((name, tag)) => (name.to_owned(), Some(tag.to_owned())),
                None => (last, None),
            }
        })
        .filter(|(name, _)| seen.insert(name.clone()))
        .collect()
}

/// The layering of DIGIT's deployer.
fn job(name: &str, tag: Option<&str>, charts: &BTreeMap<String, PathBuf>, environment: &Path) -> Job {
    let chart = charts.get(name).unwrap_or_else(|| panic!("no chart for {name}")).clone();
    let mut values = json!({ "name": name });
    if let Some(tag) = tag {
        values["image"] = json!({ "tag": tag });
        let metadata = std::fs::read_to_string(chart.join("Chart.yaml")).expect("Chart.yaml");
        // A chart without `common` may have a list there.
        if metadata.contains("file://") {
            values["initContainers"] = json!({ "dbMigration": { "image": { "tag": tag } } });
        }
    }
    if chart.parent().is_some_and(|folder| folder.ends_with("urban")) {
        values["global"] = json!({ "namespace": "egov" });
    }
    let mut files = vec![environment.to_path_buf()];
    files.extend(Some(chart.join(format!("{name}-values.yaml"))).filter(|path| path.is_file()));
    Job { name: name.to_owned(), chart, files, values }
}

/// The secrets that cluster-configs wants, in the forms it wants.
fn secrets() -> Json {
    json!({ "cluster-configs": { "secrets": {
        "db": { "namespace": "egov", "username": "digit", "password": "p4ss", "flywayUsername": "digit", "flywayPassword": "p4ss" },
        "elasticsearch-master-creds": { "password": "Ab3dEfGhIjKlMnOp" },
        "kafka-kraft": { "kraft-cluster-id": "MkU3OEVBNTcwNTJENDM2Qk" },
        "egov-enc-service": { "master-password": "m4ster", "master-salt": "saltsalt", "master-initialvector": "qwertyuiopas" },
        "egov-filestore": { "aws-key": "AKIDEXAMPLE", "aws-secret-key": "not/a+secret" },
        "git-sync": { "ssh": "none", "known-hosts": "none" },
        "egov-notification-sms": { "username": "none", "password": "none" },
        "egov-notification-mail": { "mailsenderusername": "none", "mailsenderpassword": "none" },
        "egov-location": { "gmapskey": "none" },
        "egov-pg-service": {
            "axis-merchant-id": "a", "axis-merchant-secret-key": "b", "axis-merchant-user": "c", "axis-merchant-pwd": "d",
            "axis-merchant-access-code": "e", "payu-merchant-key": "f", "payu-merchant-salt": "g"
        },
        "pgadmin": { "admin-email": "a@example.org", "admin-password": "p", "read-email": "b@example.org", "read-password": "q" },
        "oauth2-proxy": { "clientID": "id", "clientSecret": "secret", "cookieSecret": "0123456789abcdef" },
        "alertmanager": { "config": "route: {}" },
        "egov-si-microservice": { "si-microservice-user": "u", "si-microservice-password": "p", "mail-sender-password": "p" },
        "egov-edcr-notification": { "edcr-mail-username": "u", "edcr-mail-password": "p", "edcr-sms-username": "u", "edcr-sms-password": "p" },
        "chatbot": { "valuefirst-username": "u", "valuefirst-password": "p", "valuefirst-send-message-url": "http://example.org" },
        "egov-user-chatbot": { "citizen-login-password-otp-fixed-value": "1", "citizen-login-password-otp-fixed-enabled": "false" },
        "minio": { "accesskey": "a", "secretkey": "s" },
        "kibana": { "credentials": "u:p" }
    } } })
}

/// Values files that were read already.
type Known = BTreeMap<PathBuf, Values>;

/// Our rendering of a job, by template.
fn ours(
    job: &Job,
    chart: &Chart,
    capabilities: &Capabilities,
    known: &mut Known,
    draw: &dyn Draw,
) -> Result<BTreeMap<String, String>, String> {
    let mut values = Values::new();
    for file in &job.files {
        if !known.contains_key(file) {
            let text = std::fs::read_to_string(file).expect("a values file");
            known.insert(file.clone(), helm_template::parse_values(&text).map_err(|error| error.to_string())?);
        }
        helm_template::merge_values(&mut values, known[file].clone());
    }
    if let Json::Object(more) = job.values.clone() {
        helm_template::merge_values(&mut values, more);
    }
    let release = Release { name: "release-name".into(), namespace: "default".into(), revision: 1, install: true };
    let context =
        RenderContext { release: &release, capabilities, now: jiff::Timestamp::now(), draw, lookup: &NoLookup };
    helm_template::render_templates(chart, &values, &context).map_err(|error| error.to_string())
}

/// Where the two differ, with two runs of the judge to know what is random.
fn compare(name: &str, first: &str, second: &str, ours: &str) -> Vec<String> {
    let (first, second, mine): (Vec<_>, Vec<_>, Vec<_>) =
        (first.split('\n').collect(), second.split('\n').collect(), ours.split('\n').collect());
    if first.len() != second.len() || first.len() != mine.len() {
        let random = |at: usize| second.get(at) != first.get(at);
        let at = (0..first.len()).find(|at| first.get(*at) != mine.get(*at) && !random(*at)).unwrap_or(first.len());
        let (theirs, mine_line) = (first.get(at).unwrap_or(&""), mine.get(at).unwrap_or(&""));
        return vec![format!(
            "{name}: {} lines, the judge has {}; first difference in line {}:\n  judge {theirs:?}\n  ours  {mine_line:?}",
            mine.len(),
            first.len(),
            at + 1
        )];
    }
    let mut differences = Vec::new();
    for (at, ((first, second), mine)) in first.iter().zip(&second).zip(&mine).enumerate() {
        let fine = if first == second { first == mine } else { same_meaning(first, second, mine) };
        if !fine {
            differences.push(format!("{name}:{}:\n  judge {first:?}\n  ours  {mine:?}", at + 1));
        }
    }
    differences.extend(common::certificates::differences(&first.join("\n"), ours));
    differences
}

/// A line that the judge itself writes differently each time: same key, same kind of value.
fn same_meaning(first: &str, second: &str, mine: &str) -> bool {
    let parts = |line: &str| -> (String, String) {
        let (key, value) = line.split_once(": ").unwrap_or(("", line));
        (key.to_owned(), value.trim().trim_matches('"').to_owned())
    };
    let ((key, first), (_, second), (my_key, mine)) = (parts(first), parts(second), parts(mine));
    if key != my_key {
        return false;
    }
    let decoded = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
    let lines = |text: &str| decoded(text).and_then(|bytes| String::from_utf8(bytes).ok());
    match (lines(&first), lines(&second), lines(&mine)) {
        (Some(first), Some(_), Some(mine)) if first.starts_with("-----BEGIN") => same_pem(&first, &mine),
        (Some(first), Some(second), Some(mine)) => same_alphabet(&first, &second, &mine),
        _ => same_alphabet(&first, &second, &mine),
    }
}

/// Same length, other characters than letters and digits in the same places, and only such kinds of letters and digits
/// as the judge used.
fn same_alphabet(first: &str, second: &str, mine: &str) -> bool {
    let kinds: [fn(&char) -> bool; 3] = [char::is_ascii_digit, char::is_ascii_lowercase, char::is_ascii_uppercase];
    let used = |kind: fn(&char) -> bool| first.chars().chain(second.chars()).any(|c| kind(&c));
    first.chars().count() == mine.chars().count()
        && first.chars().zip(mine.chars()).all(|(first, mine)| {
            if first.is_ascii_alphanumeric() {
                kinds.iter().any(|kind| kind(&mine) && used(*kind))
            } else {
                first == mine
            }
        })
}

/// The same kind of PEM block, about as long; what is in it, [`common::certificates`] looks at.
fn same_pem(first: &str, mine: &str) -> bool {
    let label = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    label(first) == label(mine) && first.len().abs_diff(mine.len()) <= 12
}

/// What the judge is asked for a job; its dependencies are copied into the chart for it.
fn question(job: &Job, chart: &Chart) -> Json {
    for (path, bytes) in chart.files().filter(|(path, _)| path.starts_with("charts/")) {
        let path = job.chart.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a copy");
    }
    json!({
        "chart": job.chart, "files": job.files, "values": job.values, "name": "release-name", "namespace": "default",
    })
}

/// Renders every job with both; how many of each group are identical, and what differs.
fn judge(groups: Vec<Vec<Job>>) -> (Vec<usize>, String) {
    let jobs: Vec<(usize, Job)> = groups
        .into_iter()
        .enumerate()
        .flat_map(|(group, jobs)| jobs.into_iter().map(move |job| (group, job)))
        .collect();
    // Ours resolves file:// dependencies by itself; the judge gets them copied.
    let loaded: Vec<Chart> = jobs
        .iter()
        .map(|(_, job)| Chart::from_dir(&job.chart).unwrap_or_else(|error| panic!("{}: {error}", job.name)))
        .collect();
    let questions: Vec<Json> = jobs.iter().zip(&loaded).map(|((_, job), chart)| question(job, chart)).collect();
    let first = common::oracle(&questions);
    // Far enough apart that what is the time of day differs.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let second = common::oracle(&questions);
    let capabilities = common::capabilities(&first);

    let mut identical = vec![0; jobs.iter().map(|(group, _)| group + 1).max().unwrap_or(0)];
    let mut report = String::new();
    for (at, ((group, job), chart)) in jobs.iter().zip(&loaded).enumerate() {
        let differences = differences(job, chart, &capabilities, &first["results"][at], &second["results"][at]);
        if differences.is_empty() {
            identical[*group] += 1;
        } else {
            let shown = differences.into_iter().take(5).collect::<Vec<_>>().join("\n");
            report.push_str(&format!("{}:\n{shown}\n", job.name));
        }
    }
    (identical, report)
}

fn differences(job: &Job, chart: &Chart, capabilities: &Capabilities, first: &Json, second: &Json) -> Vec<String> {
    let mine = match (ours(job, chart, capabilities, &mut Known::new(), &FreshDraw), first["error"].as_str()) {
        (Ok(mine), None) => mine,
        (Err(_), Some(_)) => return Vec::new(),
        (Err(error), None) => return vec![error],
        (Ok(_), Some(error)) => return vec![format!("only the judge fails: {error}")],
    };
    let templates = first["templates"].as_object().expect("templates");
    let mut differences = Vec::new();
    for (name, text) in templates {
        let text = text.as_str().expect("a text");
        let again = second["templates"][name].as_str().expect("a text");
        match mine.get(name) {
            Some(mine) => differences.extend(compare(name, text, again, mine)),
            None => differences.push(format!("{name}: not rendered")),
        }
    }
    differences.extend(mine.keys().filter(|name| !templates.contains_key(*name)).map(|name| format!("{name}: extra")));
    differences
}

/// The charts and the environment file of the pinned commit, unpacked.
fn pinned(folder: &Path) -> (BTreeMap<String, PathBuf>, PathBuf) {
    let devops = common::unpack(common::CHARTS, folder);
    let charts = index(&devops.join("deploy-as-code/helm/charts"));
    (charts, devops.join("deploy-as-code/helm/environments/egov-demo.yaml"))
}

#[test]
fn every_service_renders_as_helm_renders_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (charts, environment) = pinned(folder.path());
    let mut products = Vec::new();
    for (archive, list) in [common::LIST_292, common::LIST_URBAN] {
        let list = common::unpack(archive, folder.path()).join(list);
        let jobs: Vec<Job> =
            services(&list).iter().map(|(name, tag)| job(name, tag.as_deref(), &charts, &environment)).collect();
        products.push(jobs);
    }
    let mut configs = job("cluster-configs", None, &charts, &environment);
    configs.values["cluster-configs"] = secrets()["cluster-configs"].clone();
    products[0].push(configs);
    let counts: Vec<usize> = products.iter().map(Vec::len).collect();
    assert_eq!(counts, [36, 62]);
    let (identical, report) = judge(products);
    let said = format!("{}/{} and {}/{} identical", identical[0], counts[0], identical[1], counts[1]);
    println!("judge: {said}");
    places::measured("Services of v2.9.2 (with cluster-configs) and URBAN v2.9 rendered as Helm's SDK does", &said)
        .expect("a sheet");
    assert_eq!(identical, counts, "not all are identical:\n{report}");
}

/// Breadth: what is in neither list, and charts under their other names.
#[test]
fn every_chart_of_the_commit_renders_as_helm_renders_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (charts, environment) = pinned(folder.path());
    let jobs: Vec<Job> = charts.keys().map(|name| job(name, Some("v1"), &charts, &environment)).collect();
    let count = jobs.len();
    let (identical, report) = judge(vec![jobs]);
    let said = format!("{}/{count} charts identical", identical[0]);
    println!("judge: {said}");
    places::measured("All charts of the pinned commit rendered as Helm's SDK does", &said).expect("a sheet");
    assert_eq!(identical, [count], "not all are identical:\n{report}");
}

/// Renders all jobs from cold files, as a plan renders its releases: they know nothing of each other, so each core takes
/// the next one. Gives the seconds it took and what was drawn for each.
#[cfg(not(debug_assertions))]
fn render_all(jobs: &[Job], capabilities: &Capabilities, kept: &[Drawn]) -> (f64, Vec<Drawn>) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let begun = std::time::Instant::now();
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let drawn: Vec<(usize, Drawn)> = std::thread::scope(|scope| {
        let work = || {
            let (mut known, mut drawn) = (Known::new(), Vec::new());
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(at) else { return drawn };
                let chart = Chart::from_dir(&job.chart).expect("a chart");
                let draw = KeptDraw::new(kept.get(at).cloned().unwrap_or_default());
                ours(job, &chart, capabilities, &mut known, &draw)
                    .unwrap_or_else(|error| panic!("{}: {error}", job.name));
                drawn.push((at, draw.into_kept()));
            }
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker ends")).collect()
    });
    let seconds = begun.elapsed().as_secs_f64();
    let ordered: BTreeMap<usize, Drawn> = drawn.into_iter().collect();
    (seconds, ordered.into_values().collect())
}

/// What was drawn in one rendering.
#[cfg(not(debug_assertions))]
type Drawn = BTreeMap<helm_template::DrawKey, String>;

/// From cold files, beside the SDK. Random values are drawn once and kept, as an installation keeps them: the first
/// rendering, which makes two RSA keys, is told apart. Says something about release builds only.
#[cfg(not(debug_assertions))]
#[test]
fn rendering_is_ten_times_as_fast_as_the_judge() {
    let folder = tempfile::tempdir().expect("a folder");
    let (charts, environment) = pinned(folder.path());
    let list = common::unpack(common::LIST_292.0, folder.path()).join(common::LIST_292.1);
    let jobs: Vec<Job> =
        services(&list).iter().map(|(name, tag)| job(name, tag.as_deref(), &charts, &environment)).collect();
    let questions: Vec<Json> =
        jobs.iter().map(|job| question(job, &Chart::from_dir(&job.chart).expect("a chart"))).collect();
    // The best of three runs of each, in turn: other work on the machine only makes both slower.
    let (mut judge, mut first, mut again) = (f64::MAX, f64::MAX, f64::MAX);
    for _ in 0..3 {
        let answer = common::oracle(&questions);
        let capabilities = common::capabilities(&answer);
        // the judge's own time: chart loaded and rendered, without its values files
        let seconds =
            answer["results"].as_array().expect("results").iter().map(|r| r["seconds"].as_f64().expect("seconds"));
        judge = judge.min(seconds.sum());
        let (seconds, drawn) = render_all(&jobs, &capabilities, &[]);
        first = first.min(seconds);
        again = again.min(render_all(&jobs, &capabilities, &drawn).0);
    }
    let said = format!(
        "{:.0} ms, the SDK {:.0} ms: {:.1} times as fast (first time, with two RSA keys to make: {:.0} ms)",
        again * 1e3,
        judge * 1e3,
        judge / again,
        first * 1e3
    );
    println!("bench: all {} services of v2.9.2 from cold files in {said}", jobs.len());
    places::measured("Rendering DIGIT v2.9.2 from cold files", &said).expect("a sheet");
    assert!(judge / again >= 10.0, "{said}");
}
