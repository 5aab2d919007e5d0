//! Helm's own command line, as a judge of the records that we write.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use serde_json::Value;

use crate::error::{Error, at};

/// Runs `helm` on a cluster and gives what it writes to standard output. Its own settings are in `home`, so that nothing
/// of the user's reaches it.
///
/// # Errors
/// When it has not been built, or fails.
pub fn helm(kubeconfig: &Path, home: &Path, arguments: &[&str]) -> Result<String, Error> {
    let program = places::helm()?;
    let out = Command::new(&program)
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(arguments)
        .envs([("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")])
        .current_dir(home)
        .output()
        .map_err(at(&program))?;
    if !out.status.success() {
        return Err(Error::Failed {
            command: format!("helm {}", arguments.join(" ")),
            status: out.status.to_string(),
            stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// A release as `helm list` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its revision.
    pub revision: String,
    /// Helm's word for how it stands.
    pub status: String,
}

/// `helm list -A`: every release, in whatever state (Helm 4 lists all states without being asked).
///
/// # Errors
/// As [`helm`].
pub fn list(kubeconfig: &Path, home: &Path) -> Result<Vec<Listed>, Error> {
    let said: Value = serde_json::from_str(&helm(kubeconfig, home, &["list", "-A", "--max", "0", "-o", "json"])?)?;
    let text = |release: &Value, key: &str| release[key].as_str().unwrap_or_default().to_owned();
    Ok(said
        .as_array()
        .into_iter()
        .flatten()
        .map(|release| Listed {
            namespace: text(release, "namespace"),
            name: text(release, "name"),
            revision: text(release, "revision"),
            status: text(release, "status"),
        })
        .collect())
}

/// Unpacks the chart that a release's record holds into a folder, so that Helm can be asked to upgrade with it.
///
/// # Errors
/// When the record cannot be read, or the chart not be written.
pub fn chart_of(kubeconfig: &Path, release: &Listed, into: &Path) -> Result<PathBuf, Error> {
    let secret = format!("sh.helm.release.v1.{}.v{}", release.name, release.revision);
    let packed = crate::cluster::kubectl(
        kubeconfig,
        &["get", "secret", &secret, "-n", &release.namespace, "-o", "jsonpath={.data.release}"],
    )?;
    let broken = |what: &str| Error::Failed {
        command: format!("read {secret}"),
        status: what.to_owned(),
        stderr: String::new(),
    };
    let decode = |text: &[u8]| base64::prelude::BASE64_STANDARD.decode(text).map_err(|_| broken("no base64"));
    let json = gunzip(&decode(&decode(packed.trim().as_bytes())?)?).map_err(at("a record"))?;
    let record: Value = serde_json::from_slice(&json)?;
    let chart = &record["chart"];
    let folder = into.join(format!("{}-{}", release.namespace, release.name));
    let write = |name: &str, content: &[u8]| -> Result<(), Error> {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).map_err(at(parent))?;
        std::fs::write(&path, content).map_err(at(&path))
    };
    // JSON is YAML.
    write("Chart.yaml", chart["metadata"].to_string().as_bytes())?;
    write("values.yaml", chart["values"].to_string().as_bytes())?;
    for file in ["templates", "files"].iter().filter_map(|part| chart[part].as_array()).flatten() {
        write(
            file["name"].as_str().unwrap_or_default(),
            &decode(file["data"].as_str().unwrap_or_default().as_bytes())?,
        )?;
    }
    Ok(folder)
}

fn gunzip(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut content)?;
    Ok(content)
}
