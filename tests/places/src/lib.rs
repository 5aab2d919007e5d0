//! Where things are that live outside the clone: tools built once, and the shared inputs that tests read.
//! Used by `xtask` and by tests alone; nothing here is part of the product.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The Kubernetes that tests run against.
pub const KUBERNETES: &str = "1.36.3";

/// What was looked for and where it was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What was looked for.
    pub what: String,
    /// Where it was not found, first place first.
    pub looked_in: Vec<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is missing; looked in: {}", self.what, self.looked_in.join(", "))
    }
}

impl std::error::Error for Missing {}

/// The root of this clone: of the one that cargo runs a program of, else of the one that we were built from (two clones may share
/// a target folder, and then run each other's programs).
pub fn root() -> PathBuf {
    let built_from = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let run_in = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let of = |folder: &Path| folder.ancestors().find(|f| f.join("Cargo.lock").is_file()).map(Path::to_path_buf);
    run_in.as_deref().and_then(of).or_else(|| of(&built_from)).unwrap_or_default()
}

/// The folder for what is built or installed once: `$DIGIT_DEV_CACHE`, else `digit-installer-dev` in the user's cache.
///
/// # Errors
/// When the variable is not set and the system names no cache folder.
pub fn cache() -> Result<PathBuf, Missing> {
    if let Some(folder) = std::env::var_os("DIGIT_DEV_CACHE").filter(|v| !v.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    dirs::cache_dir().map(|c| c.join("digit-installer-dev")).ok_or_else(|| Missing {
        what: "a cache folder".into(),
        looked_in: vec!["DIGIT_DEV_CACHE".into(), "the user's cache folder".into()],
    })
}

/// The folder in the cache that holds the Kubernetes programs.
///
/// # Errors
/// As [`cache`].
pub fn kubernetes() -> Result<PathBuf, Missing> {
    Ok(cache()?.join(format!("kubernetes-{KUBERNETES}")))
}

/// The version of [`tauri_driver`] that tests use.
pub const TAURI_DRIVER: &str = "2.1.0";

/// A tool that cargo built into the cache.
///
/// # Errors
/// As [`cache`].
pub fn tool(name: &str, version: &str) -> Result<PathBuf, Missing> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(cache()?.join("tools").join(format!("{name}-{version}")).join("bin").join(file))
}

/// Drives the real window.
///
/// # Errors
/// As [`cache`].
pub fn tauri_driver() -> Result<PathBuf, Missing> {
    tool("tauri-driver", TAURI_DRIVER)
}

/// The version of [`helm`]; `tests/helm-cli/go.mod` says the same.
pub const HELM: &str = "4.3.1";

/// The folder in the cache for what the product is compared with.
///
/// # Errors
/// As [`cache`].
pub fn peers() -> Result<PathBuf, Missing> {
    Ok(cache()?.join(format!("peers-helm-{HELM}")))
}

/// Helm's own command line (`cargo xtask test --full` and `bench` build it).
///
/// # Errors
/// As [`cache`].
pub fn helm() -> Result<PathBuf, Missing> {
    Ok(peers()?.join(format!("helm{}", std::env::consts::EXE_SUFFIX)))
}

/// helmfile (`cargo xtask bench` builds it).
///
/// # Errors
/// As [`cache`].
pub fn helmfile() -> Result<PathBuf, Missing> {
    Ok(peers()?.join(format!("helmfile{}", std::env::consts::EXE_SUFFIX)))
}

/// The Python environment with Helm's own SDK.
///
/// # Errors
/// As [`cache`].
pub fn helm_sdk() -> Result<PathBuf, Missing> {
    Ok(cache()?.join("helm-sdk"))
}

/// The interpreter of a Python environment.
pub fn python(environment: &Path) -> PathBuf {
    if cfg!(windows) { environment.join("Scripts").join("python.exe") } else { environment.join("bin").join("python") }
}

/// The variable that names the file for [`measured`].
pub const MEASURED: &str = "DIGIT_MEASURED";

/// Writes a count down (a name and a value without tabs) for `docs/measured.md`, where a run asks for it (`cargo xtask test --full`); else does nothing.
///
/// # Errors
/// When the file that [`MEASURED`] names cannot be written.
pub fn measured(name: &str, value: &str) -> std::io::Result<()> {
    let Some(file) = std::env::var_os(MEASURED) else { return Ok(()) };
    let line = format!("{name}\t{value}\n");
    std::fs::OpenOptions::new().append(true).create(true).open(file)?.write_all(line.as_bytes())
}

/// The folder with the shared inputs (`shared/digit` and its neighbours): `$DIGIT_SHARED`, else the first ancestor of the
/// clone that holds `shared/digit`, else beside the repository that this one was cloned from.
///
/// # Errors
/// When none of these holds a folder `digit`.
pub fn shared() -> Result<PathBuf, Missing> {
    let mut candidates = Vec::new();
    if let Some(folder) = std::env::var_os("DIGIT_SHARED").filter(|v| !v.is_empty()) {
        candidates.push(PathBuf::from(folder));
    } else {
        let root = root();
        candidates.extend(root.ancestors().map(|a| a.join("shared")));
        candidates.extend(origin(&root).iter().flat_map(|o| o.ancestors()).map(|a| a.join("shared")));
    }
    let looked_in = candidates.iter().map(|c| c.join("digit").display().to_string()).collect();
    candidates
        .into_iter()
        .find(|c| c.join("digit").is_dir())
        .ok_or_else(|| Missing { what: "the folder shared/digit (DIGIT_SHARED names it)".into(), looked_in })
}

/// The local folder that `remote.origin.url` names, if it is one.
fn origin(root: &Path) -> Option<PathBuf> {
    let out = std::process::Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["config", "--get", "remote.origin.url"])
        .output()
        .ok()?;
    let url = String::from_utf8(out.stdout).ok()?;
    let path = url.trim();
    let path = path.strip_prefix("file://").unwrap_or(path);
    Path::new(path).is_absolute().then(|| PathBuf::from(path))
}

/// A program of the control plane (`etcd`, `kube-apiserver`, `kubectl`, …): in `$KUBEBUILDER_ASSETS`, else on the `PATH`,
/// else in the cache.
///
/// # Errors
/// When it is in none of them.
pub fn program(name: &str) -> Result<PathBuf, Missing> {
    let assets = std::env::var_os("KUBEBUILDER_ASSETS").filter(|v| !v.is_empty()).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> =
        assets.into_iter().chain(std::env::split_paths(&path)).chain(std::iter::once(kubernetes()?)).collect();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folders.iter().map(|f| f.join(&file)).find(|p| p.is_file()).ok_or_else(|| Missing {
        what: format!("the program {name} (cargo xtask setup installs it)"),
        looked_in: folders.iter().map(|f| f.display().to_string()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_folder_of_the_workspace() {
        let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(text.contains("[workspace]"));
    }

    #[test]
    fn a_program_that_exists_nowhere_is_named_with_the_places_that_were_searched() {
        let missing = program("no-such-program").unwrap_err();
        assert!(missing.to_string().starts_with("the program no-such-program"), "{missing}");
        assert!(missing.looked_in.iter().any(|p| p.contains("kubernetes-1.36.3")), "{missing}");
    }
}
