//! What the tests need from outside: DIGIT's charts and Helm's SDK.

#![allow(clippy::expect_used, reason = "a missing prerequisite fails the test")]
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// The charts and the environment file.
pub const CHARTS: &str = "DIGIT-DevOps-747949622b814c31cc04eb00b98ab52d1bb8e2f8";
/// The list of DIGIT v2.9.2.
pub const LIST_292: (&str, &str) = (
    "DIGIT-DevOps-1fcdd5ce90447cb5f826c70b6afbecaf6d3c2186",
    "config-as-code/product-release-charts/DIGIT/dependancy_chart-digit-v2.9.2.yaml",
);
/// The list of URBAN v2.9.
pub const LIST_URBAN: (&str, &str) = (
    "DIGIT-DevOps-d07352fa0b4cfeb672dbc62cbf18d07fa6590f2a",
    "config-as-code/product-release-charts/URBAN/dependancy_chart-digit-v2.9.yaml",
);

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace").to_path_buf()
}

/// The folder with DIGIT's own archives: `$DIGIT_SHARED`, an ancestor's `shared`, or beside the repository we came from.
pub fn shared() -> PathBuf {
    if let Some(path) = std::env::var_os("DIGIT_SHARED") {
        return path.into();
    }
    let workspace = workspace();
    let origin = Command::new("git").current_dir(&workspace).args(["config", "remote.origin.url"]).output();
    let origin = origin.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let beside = PathBuf::from(origin.strip_prefix("file://").unwrap_or(&origin));
    for place in workspace.ancestors().chain(beside.ancestors()) {
        if place.join("shared/digit").is_dir() {
            return place.join("shared");
        }
    }
    panic!("DIGIT's charts are not there: set DIGIT_SHARED to the folder that holds `digit/` with the archives");
}

/// Unpacks an archive of `shared/digit` and gives its topmost folder.
pub fn unpack(name: &str, into: &Path) -> PathBuf {
    let path = shared().join("digit").join(format!("{name}.tar.gz"));
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(into).expect("a whole archive");
    into.join(name)
}

/// Python with Helm's SDK, installed once into the developer's cache.
pub fn sdk_python() -> PathBuf {
    let cache = std::env::var_os("DIGIT_DEV_CACHE").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| dirs::cache_dir().expect("a cache folder").join("digit-installer-dev"));
    let folder = cache.join("helm-sdk");
    std::fs::create_dir_all(&cache).expect("the cache folder");
    let lock = std::fs::File::create(cache.join("helm-sdk.lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = workspace().join("tests/helm/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).expect("tests/helm/requirements.txt");
    if std::fs::read_to_string(folder.join("ready")).is_ok_and(|ready| ready == wanted) {
        return python;
    }
    eprintln!("installing Helm's SDK into the cache (30 MB, once)");
    let base = if cfg!(windows) { "python" } else { "python3" };
    run(Command::new(base).args(["-m", "venv", "--clear"]).arg(&folder), "python3 with venv is needed");
    let pip = ["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--require-hashes", "-r"];
    run(Command::new(&python).args(pip).arg(&requirements), "pip install of Helm's SDK");
    std::fs::write(folder.join("ready"), wanted).expect("the marker");
    python
}

fn run(command: &mut Command, what: &str) {
    let status = command.status().unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(status.success(), "{what}: {status}");
}

/// Asks Helm's SDK; see `tests/helm/oracle.py` for the form of question and answer.
pub fn oracle(jobs: &[Json]) -> Json {
    let script = workspace().join("tests/helm/oracle.py");
    let mut child = Command::new(sdk_python())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle starts");
    let question = serde_json::json!({ "jobs": jobs }).to_string();
    child.stdin.take().expect("a pipe").write_all(question.as_bytes()).expect("the oracle listens");
    let output = child.wait_with_output().expect("the oracle ends");
    assert!(output.status.success(), "the oracle failed: {}", output.status);
    serde_json::from_slice(&output.stdout).expect("the oracle answers in JSON")
}

/// The capabilities that the SDK renders with.
pub fn capabilities(answer: &Json) -> helm_template::Capabilities {
    let capabilities = &answer["capabilities"];
    let versions = capabilities["api_versions"].as_array().expect("versions").iter();
    helm_template::Capabilities {
        kube_version: capabilities["kube_version"].as_str().expect("a version").to_owned(),
        api_versions: versions.map(|version| version.as_str().expect("a version").to_owned()).collect(),
    }
}
