//! One kubeconfig file, read as client-go reads it: the first document, whatever was not understood passed over, a wrong type refused.
//!
//! The file holds credentials. What is said about it names fields and entries, never a value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Error, Fault, Result};
use crate::text;

/// What a file says. Everything may be missing, and `null` is as good as that.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    #[serde(rename = "current-context", deserialize_with = "or_empty")]
    pub(super) current_context: String,
    #[serde(deserialize_with = "entries")]
    pub(super) clusters: Vec<NamedCluster>,
    #[serde(deserialize_with = "entries")]
    pub(super) contexts: Vec<NamedContext>,
    #[serde(deserialize_with = "entries")]
    pub(super) users: Vec<NamedUser>,
}

/// An entry of `clusters`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct NamedCluster {
    #[serde(deserialize_with = "or_empty")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) cluster: ClusterEntry,
    /// The file it stands in.
    #[serde(skip)]
    pub(super) origin: PathBuf,
}

/// An entry of `contexts`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct NamedContext {
    #[serde(deserialize_with = "or_empty")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) context: Context,
    /// The file it stands in.
    #[serde(skip)]
    pub(super) origin: PathBuf,
}

/// An entry of `users`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct NamedUser {
    #[serde(deserialize_with = "or_empty")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) user: User,
    /// The file it stands in.
    #[serde(skip)]
    pub(super) origin: PathBuf,
}

/// How a cluster is reached. Texts are empty if they are not there.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct ClusterEntry {
    #[serde(deserialize_with = "or_empty")]
    pub(super) server: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) tls_server_name: String,
    #[serde(deserialize_with = "yes_or_no")]
    pub(super) insecure_skip_tls_verify: bool,
    #[serde(deserialize_with = "or_empty")]
    pub(super) certificate_authority: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) certificate_authority_data: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) proxy_url: String,
    #[serde(deserialize_with = "yes_or_no")]
    pub(super) disable_compression: bool,
    #[serde(deserialize_with = "entries")]
    pub(super) extensions: Vec<Extension>,
}

/// Without its fields: addresses may hold passwords, extensions anything.
impl std::fmt::Debug for ClusterEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClusterEntry").finish_non_exhaustive()
    }
}

/// Something that a tool of somebody's keeps beside.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Extension {
    #[serde(deserialize_with = "or_empty")]
    pub(super) name: String,
    pub(super) extension: Value,
}

/// Which cluster, as whom.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    #[serde(deserialize_with = "or_empty")]
    pub(super) cluster: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) user: String,
}

/// Who we are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct User {
    #[serde(deserialize_with = "secret")]
    pub(super) token: Option<SecretString>,
    #[serde(rename = "tokenFile", deserialize_with = "or_empty")]
    pub(super) token_file: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) username: String,
    #[serde(deserialize_with = "secret")]
    pub(super) password: Option<SecretString>,
    #[serde(deserialize_with = "or_empty")]
    pub(super) client_certificate: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) client_certificate_data: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) client_key: String,
    #[serde(deserialize_with = "secret")]
    pub(super) client_key_data: Option<SecretString>,
    #[serde(rename = "as", deserialize_with = "or_empty")]
    pub(super) impersonate: String,
    #[serde(rename = "as-uid", deserialize_with = "or_empty")]
    pub(super) impersonate_uid: String,
    #[serde(rename = "as-groups", deserialize_with = "entries")]
    pub(super) impersonate_groups: Vec<String>,
    #[serde(rename = "as-user-extra", deserialize_with = "or_empty")]
    pub(super) impersonate_extra: BTreeMap<String, Option<Vec<String>>>,
    pub(super) auth_provider: Option<Provider>,
    pub(super) exec: Option<Exec>,
}

/// A way to sign in that was built into Kubernetes' tools once.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Provider {
    #[serde(deserialize_with = "or_empty")]
    pub(super) name: String,
    #[serde(deserialize_with = "secrets")]
    pub(super) config: BTreeMap<String, SecretString>,
}

/// A program that signs in.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Exec {
    #[serde(deserialize_with = "or_empty")]
    pub(super) api_version: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) command: String,
    #[serde(deserialize_with = "entries")]
    pub(super) args: Vec<String>,
    #[serde(deserialize_with = "entries")]
    pub(super) env: Vec<Variable>,
    #[serde(deserialize_with = "or_empty")]
    pub(super) install_hint: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) interactive_mode: String,
    #[serde(deserialize_with = "yes_or_no")]
    pub(super) provide_cluster_info: bool,
}

/// Without arguments and environment: both may hold secrets.
impl std::fmt::Debug for Exec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exec").field("command", &self.command).finish_non_exhaustive()
    }
}

/// A variable of a program's environment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    #[serde(deserialize_with = "or_empty")]
    pub(super) name: String,
    #[serde(deserialize_with = "secret")]
    pub(super) value: Option<SecretString>,
}

/// Reads a file. Relative paths in it are relative to its folder, and come out whole.
pub(super) fn read(path: &Path) -> Result<File> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::KubeconfigMissing { path: path.to_owned() },
        kind => Error::KubeconfigUnreadable { path: path.to_owned(), reason: kind.to_string() },
    })?;
    let mut file = parse(&bytes, path)?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    resolve(&mut file, path.parent().unwrap_or(Path::new("")));
    Ok(file)
}

/// What these bytes say. `path` is what errors call them.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<File> {
    let text = text::decode(bytes).ok_or_else(|| Error::KubeconfigNoText { path: path.to_owned() })?;
    let mut tree = match yaml_serde::Deserializer::from_str(&text).next() {
        None => Value::Null,
        Some(document) => Value::deserialize(document).map_err(|error| Error::KubeconfigNotYaml {
            path: path.to_owned(),
            line: error.location().map_or(1, |location| location.line()),
        })?,
    };
    if tree.is_null() {
        return Ok(File::default());
    }
    merge_keys(&mut tree);
    let other = |kind: &str| Error::KubeconfigOtherKind { path: path.to_owned(), kind: kind.to_owned() };
    if !tree.is_object() {
        return Err(other("?"));
    }
    let (kind, version) = (tree["kind"].as_str(), tree["apiVersion"].as_str());
    if kind.is_some_and(|kind| !kind.is_empty() && kind != "Config")
        || version.is_some_and(|version| !version.is_empty() && version != "v1")
    {
        return Err(other(&format!("{} {}", version.unwrap_or_default(), kind.unwrap_or_default())));
    }
    let mut file: File = serde_path_to_error::deserialize(&tree).map_err(|error| Error::KubeconfigField {
        path: path.to_owned(),
        field: error.path().to_string(),
        fault: Fault::WrongType,
    })?;
    let twice = |list: &str, name: &str| Error::KubeconfigTwice {
        path: path.to_owned(),
        list: list.to_owned(),
        name: name.to_owned(),
    };
    let names = |list: &str, names: Vec<&String>| repeated(&names).map_or(Ok(()), |name| Err(twice(list, name)));
    names("clusters", file.clusters.iter().map(|entry| &entry.name).collect())?;
    names("contexts", file.contexts.iter().map(|entry| &entry.name).collect())?;
    names("users", file.users.iter().map(|entry| &entry.name).collect())?;
    file.clusters.iter_mut().for_each(|entry| path.clone_into(&mut entry.origin));
    file.contexts.iter_mut().for_each(|entry| path.clone_into(&mut entry.origin));
    file.users.iter_mut().for_each(|entry| path.clone_into(&mut entry.origin));
    Ok(file)
}

fn repeated<'a>(names: &[&'a String]) -> Option<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    names.iter().find(|name| !seen.insert(name.as_str())).map(|name| name.as_str())
}

/// Puts in what `<<` names, as YAML 1.1 has it: what stands beside it wins.
fn merge_keys(tree: &mut Value) {
    match tree {
        Value::Array(items) => items.iter_mut().for_each(merge_keys),
        Value::Object(map) => {
            map.values_mut().for_each(merge_keys);
            let merged = match map.remove("<<") {
                Some(Value::Object(one)) => vec![Value::Object(one)],
                Some(Value::Array(several)) => several,
                Some(other) => {
                    map.insert("<<".to_owned(), other);
                    return;
                }
                None => return,
            };
            for part in merged {
                if let Value::Object(part) = part {
                    for (key, value) in part {
                        map.entry(key).or_insert(value);
                    }
                }
            }
        }
        _ => {}
    }
}

/// A program without a separator in its name is looked for where programs are; everything else that names a file is relative to
/// the file that names it.
fn resolve(file: &mut File, folder: &Path) {
    let whole = |name: &mut String| {
        if !name.is_empty()
            && Path::new(name.as_str()).is_relative()
            && let Some(path) = folder.join(name.as_str()).to_str()
        {
            path.clone_into(name);
        }
    };
    for entry in &mut file.clusters {
        whole(&mut entry.cluster.certificate_authority);
    }
    for entry in &mut file.users {
        whole(&mut entry.user.client_certificate);
        whole(&mut entry.user.client_key);
        whole(&mut entry.user.token_file);
        if let Some(exec) = &mut entry.user.exec
            && exec.command.contains(std::path::MAIN_SEPARATOR)
        {
            whole(&mut exec.command);
        }
    }
}

fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A list whose elements may be `null`: they are empty ones then.
fn entries<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<Vec<T>, D::Error> {
    let list: Option<Vec<Option<T>>> = Option::deserialize(from)?;
    Ok(list.unwrap_or_default().into_iter().map(Option::unwrap_or_default).collect())
}

/// What YAML 1.1 takes for yes and no, which Kubernetes' reader still does.
fn yes_or_no<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match Option::<Value>::deserialize(from)? {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(answer)) => Ok(answer),
        Some(Value::String(word)) if ["yes", "on", "y"].contains(&word.to_lowercase().as_str()) => Ok(true),
        Some(Value::String(word)) if ["no", "off", "n"].contains(&word.to_lowercase().as_str()) => Ok(false),
        Some(_) => Err(serde::de::Error::custom("neither yes nor no")),
    }
}

/// None if it is empty.
fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    let text: String = or_empty(from)?;
    Ok((!text.is_empty()).then(|| SecretString::from(text)))
}

fn secrets<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, SecretString>, D::Error> {
    let texts: BTreeMap<String, Option<String>> = or_empty(from)?;
    Ok(texts.into_iter().map(|(name, text)| (name, SecretString::from(text.unwrap_or_default()))).collect())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const ONE: &str = "apiVersion: v1\nkind: Config\ncurrent-context: a\n\
        clusters: [{name: c, cluster: {server: 'https://one:6443'}}]\n\
        contexts: [{name: a, context: {cluster: c, user: u}}]\n\
        users: [{name: u, user: {token: c4n4ry}}]\n";

    fn of(text: &str) -> Result<File> {
        parse(text.as_bytes(), Path::new("config"))
    }

    #[test]
    fn what_client_go_reads_is_read() {
        let cases = [
            ONE.to_owned(),
            format!("\u{feff}{ONE}"),
            format!("# of the office\n---\n{ONE}"),
            // of several documents the first
            format!("{ONE}---\nkind: Config\ncurrent-context: other\n"),
            format!("{ONE}---\n: [\n"),
            // a key that is there twice: the last
            format!("current-context: zzz\n{ONE}"),
            ONE.replace("kind: Config\n", ""),
            ONE.replace("apiVersion: v1\n", ""),
            ONE.replace("kind: Config", "kind: ''"),
            ONE.replace("users: [", "users: [null, "),
            ONE.replace("user: {token: c4n4ry}", "user: {<<: {token: c4n4ry}, username: null}"),
            ONE.replace("contexts: [", "contexts: [{name: no-cluster, context: {}}, "),
            format!("{ONE}5: number\nunknown: {{a: b}}\npreferences: null\n"),
            ONE.replace("server:", "insecure-skip-tls-verify: no, server:"),
        ];
        for text in cases {
            let file = of(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(file.current_context, "a", "{text}");
            let user = file.users.iter().find(|user| user.name == "u").unwrap();
            assert_eq!(user.user.token.as_ref().unwrap().expose_secret(), "c4n4ry", "{text}");
        }
    }

    #[test]
    fn empty_and_skeleton_files_say_nothing() {
        for text in [
            "",
            " \n\n",
            "# nothing\n",
            "---\n",
            "null",
            "apiVersion: v1\nkind: Config\n",
            "users: null\n",
            "---\n---\nkind: Secret\n",
        ] {
            let file = of(text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
            assert!(file.contexts.is_empty() && file.current_context.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn what_is_refused_is_named_without_a_value_of_the_file() {
        let cases = [
            ("hello: [c4n4ry".to_owned(), "kubeconfig-not-yaml", "line: "),
            (format!("{ONE}x: \"\u{1}\"\n"), "kubeconfig-not-yaml", "line: "),
            ("c4n4ry".to_owned(), "kubeconfig-other-kind", "?"),
            ("- c4n4ry".to_owned(), "kubeconfig-other-kind", "?"),
            (ONE.replace("kind: Config", "kind: Secret"), "kubeconfig-other-kind", "v1 Secret"),
            (ONE.replace("kind: Config", "kind: config"), "kubeconfig-other-kind", "v1 config"),
            (ONE.replace("apiVersion: v1", "apiVersion: v2"), "kubeconfig-other-kind", "v2 Config"),
            (ONE.replace("name: u,", "name: 5,"), "kubeconfig-field-type", "users[0].name"),
            (ONE.replace("c4n4ry", "12345678"), "kubeconfig-field-type", "users[0].user.token"),
            (format!("{ONE}contexts: {{c4n4ry: 1}}\n"), "kubeconfig-field-type", "contexts"),
            (
                ONE.replace("server:", "insecure-skip-tls-verify: maybe, server:"),
                "kubeconfig-field-type",
                "clusters[0].cluster.insecure-skip-tls-verify",
            ),
            (ONE.replace("users: [", "users: [{name: u, user: {token: c4n4ry}}, "), "kubeconfig-name-twice", "\"u\""),
            (ONE.replace("contexts: [", "contexts: [{name: a}, "), "kubeconfig-name-twice", "\"a\""),
            (ONE.replace("clusters: [", "clusters: [null, null, "), "kubeconfig-name-twice", "\"\""),
        ];
        for (text, code, said) in cases {
            let error = of(&text).unwrap_err();
            assert_eq!(error.code(), code, "{text}");
            let all = format!("{error} {error:?} {:?}", error.args());
            assert!(all.contains(said), "{all}");
            assert!(!all.contains("c4n4ry") && !all.contains("12345678"), "{all}");
        }
        assert_eq!(parse(&[0xff, 0xfe, b'a'], Path::new("config")).unwrap_err().code(), "kubeconfig-no-text");
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let absolute = std::env::temp_dir().join("key.pem");
        let text = format!(
            "clusters: [{{name: c, cluster: {{certificate-authority: ca.pem}}}}]\n\
             users: [{{name: u, user: {{tokenFile: sub/token, client-key: '{}', exec: {{command: .{}sign-in}}}}}},\
             {{name: v, user: {{exec: {{command: aws}}}}}}]\n",
            absolute.display(),
            std::path::MAIN_SEPARATOR
        );
        std::fs::write(&path, text).unwrap();
        let file = read(&path).unwrap();
        assert_eq!(Path::new(&file.clusters[0].cluster.certificate_authority), folder.path().join("ca.pem"));
        assert_eq!(Path::new(&file.users[0].user.token_file), folder.path().join("sub/token"));
        assert_eq!(Path::new(&file.users[0].user.client_key), absolute);
        assert_eq!(Path::new(&file.users[0].user.exec.as_ref().unwrap().command), folder.path().join("sign-in"));
        assert_eq!(file.users[1].user.exec.as_ref().unwrap().command, "aws");
        assert_eq!(file.clusters[0].origin, path);
    }

    #[test]
    fn nothing_secret_is_in_a_files_debug_form() {
        let text = "apiVersion: v1\nkind: Config\n\
            clusters: [{name: c, cluster: {server: 'http://me:c4n4ry@one', proxy-url: 'http://me:c4n4ry@p', \
                extensions: [{name: x, extension: {key: c4n4ry}}]}}]\n\
            users: [{name: u, user: {token: c4n4ry, password: c4n4ry, client-key-data: c4n4ry, \
                auth-provider: {name: oidc, config: {id-token: c4n4ry}}, \
                exec: {command: kubelogin, args: [--secret, c4n4ry], env: [{name: ARM_CLIENT_SECRET, value: c4n4ry}]}}}]\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        std::fs::write(&path, text).unwrap();
        let shown = format!("{:?}", read(&path).unwrap());
        assert!(shown.contains("kubelogin") && !shown.contains("c4n4ry"), "{shown}");
    }
}
