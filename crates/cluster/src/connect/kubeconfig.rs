//! Kubeconfig files: where they are, what they offer, what is wrong with them. Nothing here speaks to a server.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, NamedContext};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What a kubeconfig offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Contexts {
    /// The files it was read from.
    pub paths: Vec<PathBuf>,
    /// Its contexts in the order of the file.
    pub contexts: Vec<ContextEntry>,
    /// The current one, if the file names one.
    pub current: Option<String>,
}

/// One context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ContextEntry {
    /// Its name.
    pub name: String,
    /// The server's address; empty if the cluster entry is missing.
    pub server: String,
    /// The user entry; empty if there is none.
    pub user: String,
    /// The program that signs in (exec plug-in), if one does.
    pub exec: Option<String>,
}

/// Where to look: `named` alone, else what `KUBECONFIG` lists, else `.kube/config` in the home folder.
pub fn sources(named: Option<&Path>, env: Option<&OsStr>, home: Option<&Path>) -> Vec<PathBuf> {
    if let Some(path) = named {
        return vec![path.to_owned()];
    }
    let listed: Vec<PathBuf> =
        env.map(std::env::split_paths).into_iter().flatten().filter(|path| !path.as_os_str().is_empty()).collect();
    if !listed.is_empty() {
        return listed;
    }
    vec![home.unwrap_or(Path::new("")).join(".kube").join("config")]
}

/// [`sources`] with this process's environment.
pub fn default_sources(named: Option<&Path>) -> Vec<PathBuf> {
    sources(named, std::env::var_os("KUBECONFIG").as_deref(), std::env::home_dir().as_deref())
}

/// Reads and merges the files as kubectl does: the first to set a value wins. Of several, missing ones are passed over
/// as long as one is there.
pub fn read(paths: &[PathBuf]) -> Result<Kubeconfig> {
    let mut merged: Option<Kubeconfig> = None;
    let mut first_missing = None;
    for path in paths {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                first_missing.get_or_insert_with(|| path.clone());
                continue;
            }
            Err(error) => {
                return Err(Error::KubeconfigUnreadable { path: path.clone(), reason: error.kind().to_string() });
            }
        };
        if text.trim().is_empty() {
            return Err(Error::KubeconfigEmpty { path: path.clone() });
        }
        let invalid = |reason: String| Error::KubeconfigInvalid { path: path.clone(), reason };
        // Parsed twice: this reading tells where a YAML error is without quoting the file, which holds credentials.
        let tree: yaml_serde::Value = yaml_serde::from_str(&text).map_err(|error| invalid(place(&error)))?;
        for key in ["clusters", "contexts"] {
            if !tree.get(key).is_some_and(yaml_serde::Value::is_sequence) {
                return Err(invalid(format!("no {key}")));
            }
        }
        let config = Kubeconfig::read_from(path).map_err(|_| invalid("fields have the wrong type".to_owned()))?;
        merged = Some(match merged {
            None => config,
            Some(before) => before.merge(config).map_err(|error| invalid(error.to_string()))?,
        });
    }
    merged.ok_or_else(|| Error::KubeconfigMissing { path: first_missing.unwrap_or_default() })
}

fn place(error: &yaml_serde::Error) -> String {
    match error.location() {
        Some(location) => format!("not YAML, line {}", location.line()),
        None => "not YAML".to_owned(),
    }
}

/// What the kubeconfig offers.
pub fn contexts(paths: &[PathBuf]) -> Result<Contexts> {
    let config = read(paths)?;
    let contexts = config.contexts.iter().map(|context| entry(&config, context)).collect();
    Ok(Contexts { paths: paths.to_vec(), contexts, current: config.current_context.filter(|name| !name.is_empty()) })
}

fn entry(config: &Kubeconfig, named: &NamedContext) -> ContextEntry {
    let context = named.context.clone().unwrap_or_default();
    let cluster = config.clusters.iter().find(|c| c.name == context.cluster).and_then(|c| c.cluster.as_ref());
    let user = context.user.clone().unwrap_or_default();
    let auth = config.auth_infos.iter().find(|u| u.name == user).and_then(|u| u.auth_info.as_ref());
    ContextEntry {
        name: named.name.clone(),
        server: cluster.and_then(|c| c.server.clone()).unwrap_or_default(),
        exec: auth.and_then(|a| a.exec.as_ref()).and_then(|exec| exec.command.clone()),
        user,
    }
}

/// The name of the context to use: the one asked for, else the current one.
pub fn choose(config: &Kubeconfig, context: Option<&str>) -> Result<String> {
    let known = || config.contexts.iter().map(|c| c.name.clone()).collect();
    let name = context.map(str::to_owned).or_else(|| config.current_context.clone()).unwrap_or_default();
    if config.contexts.iter().any(|c| c.name == name) {
        Ok(name)
    } else {
        Err(Error::ContextUnknown { context: name, known: known() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "apiVersion: v1\nkind: Config\ncurrent-context: a\n\
        clusters: [{name: c, cluster: {server: 'https://one:6443'}}]\n\
        users: [{name: u, user: {token: t}}, {name: e, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}]\n\
        contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: c, user: e}}, {name: broken, context: {cluster: none}}]\n";

    fn file(dir: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn where_it_is_looked_for() {
        let home = Path::new("home");
        let list = std::env::join_paths(["one", "", "two"]).unwrap();
        assert_eq!(sources(Some(Path::new("x")), Some(&list), Some(home)), [PathBuf::from("x")]);
        assert_eq!(sources(None, Some(&list), Some(home)), [PathBuf::from("one"), PathBuf::from("two")]);
        assert_eq!(sources(None, Some(OsStr::new("")), Some(home)), [home.join(".kube").join("config")]);
        assert_eq!(sources(None, None, Some(home)), [home.join(".kube").join("config")]);
    }

    #[test]
    fn contexts_are_listed_with_server_user_and_program() {
        let dir = tempfile::tempdir().unwrap();
        let view = contexts(&[file(&dir, "config", TWO)]).unwrap();
        assert_eq!(view.current.as_deref(), Some("a"));
        let rows: Vec<_> = view
            .contexts
            .iter()
            .map(|c| (c.name.as_str(), c.server.as_str(), c.user.as_str(), c.exec.as_deref()))
            .collect();
        assert_eq!(
            rows,
            [
                ("a", "https://one:6443", "u", None),
                ("b", "https://one:6443", "e", Some("aws")),
                ("broken", "", "", None)
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_quoting_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("none");
        assert_eq!(read(std::slice::from_ref(&missing)).unwrap_err().code(), "kubeconfig-missing");
        let cases = [
            ("", "kubeconfig-empty"),
            (" \n\n", "kubeconfig-empty"),
            ("hello: [SECRET-TOKEN", "kubeconfig-invalid"),
            ("just words SECRET-TOKEN", "kubeconfig-invalid"),
            ("clusters: []\n", "kubeconfig-invalid"),
            ("clusters: []\ncontexts: []\nusers: {SECRET-TOKEN: 1}\n", "kubeconfig-invalid"),
            ("clusters: 5\ncontexts: []\n", "kubeconfig-invalid"),
        ];
        for (text, code) in cases {
            let error = read(&[file(&dir, "config", text)]).unwrap_err();
            assert_eq!(error.code(), code, "{text:?}");
            assert!(!format!("{error} {error:?}").contains("SECRET-TOKEN"), "{error}");
        }
        assert_eq!(read(&[dir.path().to_owned()]).unwrap_err().code(), "kubeconfig-unreadable");
    }

    #[test]
    fn of_several_files_the_first_wins_and_missing_ones_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let second = file(&dir, "second", &TWO.replace("current-context: a", "current-context: b"));
        let third = file(&dir, "third", TWO);
        let config = read(&[dir.path().join("none"), second, third]).unwrap();
        assert_eq!(config.current_context.as_deref(), Some("b"));
        assert_eq!(config.contexts.len(), 3);
    }

    #[test]
    fn an_unknown_context_names_those_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let config = read(&[file(&dir, "config", TWO)]).unwrap();
        assert_eq!(choose(&config, None).unwrap(), "a");
        assert_eq!(choose(&config, Some("b")).unwrap(), "b");
        assert_eq!(
            choose(&config, Some("zzz")).unwrap_err(),
            Error::ContextUnknown {
                context: "zzz".to_owned(),
                known: vec!["a".to_owned(), "b".to_owned(), "broken".to_owned()]
            }
        );
        let bare = read(&[file(&dir, "bare", &TWO.replace("current-context: a\n", ""))]).unwrap();
        assert_eq!(choose(&bare, None).unwrap_err().code(), "context-unknown");
    }
}
