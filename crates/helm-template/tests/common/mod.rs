//! What the tests need from outside: DIGIT's charts and Helm's SDK.

#![allow(clippy::expect_used, reason = "a missing prerequisite fails the test")]
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

pub mod certificates;

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

/// The folder with DIGIT's own archives.
pub fn shared() -> PathBuf {
    places::shared().unwrap_or_else(|missing| panic!("{missing}"))
}

/// Unpacks an archive of `shared/digit` and gives its topmost folder.
pub fn unpack(name: &str, into: &Path) -> PathBuf {
    let path = shared().join("digit").join(format!("{name}.tar.gz"));
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(into).expect("a whole archive");
    into.join(name)
}

/// Python with Helm's SDK.
pub fn sdk_python() -> PathBuf {
    let folder = places::helm_sdk().unwrap_or_else(|missing| panic!("{missing}"));
    let wanted = std::fs::read_to_string(places::root().join("tests/helm/requirements.txt")).expect("the requirements");
    let ready = std::fs::read_to_string(folder.join("ready")).unwrap_or_default();
    assert_eq!(ready, wanted, "Helm's SDK is not in {} as pinned; cargo xtask setup installs it", folder.display());
    places::python(&folder)
}

/// Asks Helm's SDK; see `tests/helm/oracle.py` for the form of question and answer.
pub fn oracle(jobs: &[Json]) -> Json {
    let script = places::root().join("tests/helm/oracle.py");
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
