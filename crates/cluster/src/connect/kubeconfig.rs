//! Kubeconfig files: where they are, what they offer together. Nothing here speaks to a server.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::address;
use super::file::{self, File, NamedContext};
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
    /// The server's address, without a password that may stand in it; empty if the cluster entry is missing.
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

/// Several files as one.
#[derive(Debug, Clone, Default)]
pub(super) struct Merged {
    pub(super) file: File,
    /// Those that are there.
    pub(super) paths: Vec<PathBuf>,
}

/// Reads and merges the files as kubectl does: the first to set a value wins, and an empty text sets nothing. Missing ones are passed over
/// as long as one is there, and empty ones as long as one is not.
pub(super) fn read(paths: &[PathBuf]) -> Result<Merged> {
    let mut merged = Merged::default();
    let mut first_missing = None;
    for path in paths {
        match file::read(path) {
            Ok(file) => {
                merge(&mut merged.file, file);
                merged.paths.push(path.clone());
            }
            Err(Error::KubeconfigMissing { path }) => {
                first_missing.get_or_insert(path);
            }
            Err(error) => return Err(error),
        }
    }
    match merged.paths.first() {
        None => Err(Error::KubeconfigMissing { path: first_missing.unwrap_or_default() }),
        Some(path) if merged.file.contexts.is_empty() => Err(Error::KubeconfigEmpty { path: path.clone() }),
        Some(_) => Ok(merged),
    }
}

/// Adds what `next` has and `file` has not.
pub(super) fn merge(file: &mut File, next: File) {
    if file.current_context.is_empty() {
        file.current_context = next.current_context;
    }
    for entry in next.clusters {
        if !file.clusters.iter().any(|known| known.name == entry.name) {
            file.clusters.push(entry);
        }
    }
    for entry in next.contexts {
        if !file.contexts.iter().any(|known| known.name == entry.name) {
            file.contexts.push(entry);
        }
    }
    for entry in next.users {
        if !file.users.iter().any(|known| known.name == entry.name) {
            file.users.push(entry);
        }
    }
}

/// What the kubeconfig offers.
pub fn contexts(paths: &[PathBuf]) -> Result<Contexts> {
    let Merged { file, .. } = read(paths)?;
    let contexts = file.contexts.iter().map(|context| entry(&file, context)).collect();
    let current = (!file.current_context.is_empty()).then(|| file.current_context.clone());
    Ok(Contexts { paths: paths.to_vec(), contexts, current })
}

fn entry(file: &File, named: &NamedContext) -> ContextEntry {
    let cluster = file.clusters.iter().find(|cluster| cluster.name == named.context.cluster);
    let user = file.users.iter().find(|user| user.name == named.context.user);
    let exec = user.and_then(|user| user.user.exec.as_ref()).map(|exec| exec.command.clone());
    ContextEntry {
        name: named.name.clone(),
        server: cluster.map(|cluster| address::without_password(&cluster.cluster.server)).unwrap_or_default(),
        user: named.context.user.clone(),
        exec: exec.filter(|command| !command.is_empty()),
    }
}

/// The context to use: the one asked for, else the current one.
pub(super) fn choose<'a>(file: &'a File, context: Option<&str>) -> Result<&'a NamedContext> {
    let known = || file.contexts.iter().map(|c| c.name.clone()).collect();
    let name = context.unwrap_or(&file.current_context);
    match file.contexts.iter().find(|c| c.name == name) {
        Some(found) => Ok(found),
        None if name.is_empty() => Err(Error::ContextNotNamed { known: known() }),
        None => Err(Error::ContextUnknown { context: name.to_owned(), known: known() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "apiVersion: v1\nkind: Config\ncurrent-context: a\n\
        clusters: [{name: c, cluster: {server: 'https://someone:c4n4ry@one:6443'}}]\n\
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
    fn files_that_offer_nothing_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("none");
        let code = |paths: &[PathBuf]| contexts(paths).unwrap_err().code();
        assert_eq!(code(std::slice::from_ref(&missing)), "kubeconfig-missing");
        assert_eq!(code(&[]), "kubeconfig-missing");
        assert_eq!(code(&[dir.path().to_owned()]), "kubeconfig-unreadable");
        let empty = file(&dir, "empty", " \n");
        let skeleton = file(&dir, "skeleton", "apiVersion: v1\nkind: Config\n");
        assert_eq!(code(std::slice::from_ref(&empty)), "kubeconfig-empty");
        assert_eq!(code(&[missing, skeleton, empty]), "kubeconfig-empty");
    }

    #[test]
    fn of_several_files_the_first_to_set_a_value_wins() {
        let dir = tempfile::tempdir().unwrap();
        let whole = |name: &str, current: &str| file(&dir, name, &TWO.replace("current-context: a", current));
        let (none, empty) = (dir.path().join("none"), file(&dir, "empty", ""));
        let skeleton = file(&dir, "skeleton", "apiVersion: v1\nkind: Config\n");
        let unset = whole("unset", "current-context: ''");
        let clusters = file(&dir, "clusters", "clusters: [{name: c, cluster: {server: 'https://two'}}]\n");
        let half = file(&dir, "half", "apiVersion: v1\nclusters: [{name: c, clus");
        let b = whole("b", "current-context: b");
        let cases = [
            (vec![&none, &b, &unset], Ok(("b", "https://one:6443"))),
            (vec![&unset, &b], Ok(("b", "https://one:6443"))),
            (vec![&empty, &skeleton, &b], Ok(("b", "https://one:6443"))),
            (vec![&clusters, &b], Ok(("b", "https://two"))),
            (vec![&b, &clusters], Ok(("b", "https://one:6443"))),
            (vec![&b, &half], Err("kubeconfig-not-yaml")),
        ];
        for (paths, expected) in cases {
            let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
            let view = contexts(&paths).map_err(|error| error.code());
            let found =
                view.as_ref().map(|v| (v.current.as_deref().unwrap_or_default(), v.contexts[0].server.as_str()));
            assert_eq!(found.map_err(|code| *code), expected, "{paths:?}");
        }
    }

    #[test]
    fn an_unknown_context_names_those_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let known = || vec!["a".to_owned(), "b".to_owned(), "broken".to_owned()];
        let of = |text: &str, context: Option<&str>| {
            let merged = read(&[file(&dir, "config", text)]).unwrap();
            choose(&merged.file, context).map(|found| found.name.clone())
        };
        assert_eq!(of(TWO, None).unwrap(), "a");
        assert_eq!(of(TWO, Some("b")).unwrap(), "b");
        let unknown = Error::ContextUnknown { context: "zzz".to_owned(), known: known() };
        assert_eq!(of(TWO, Some("zzz")).unwrap_err(), unknown);
        let bare = TWO.replace("current-context: a\n", "");
        assert_eq!(of(&bare, None).unwrap_err(), Error::ContextNotNamed { known: known() });
    }
}
