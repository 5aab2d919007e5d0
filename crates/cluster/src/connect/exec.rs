//! Signing in with the program that a kubeconfig names (exec plug-in), as client-go does it.
//!
//! The program's environment, its arguments and everything it prints may hold secrets. Nothing of that goes into an error: only the
//! program's name and install hint, which the kubeconfig means for people, its exit status, and one of our own words for its complaint.

use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::context::Program;
use super::program;
use super::retry::Refusal;

/// How long a program may take that nobody can answer.
const ALONE: Duration = Duration::from_secs(60);

/// How long a program may take that asks the person, who may have to go through a browser.
const ASKING: Duration = Duration::from_secs(300);

/// What a program gave.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) token: Option<SecretString>,
    /// Certificate and key, PEM.
    pub(super) certificate: Option<(String, SecretString)>,
    /// When it ends, if it says so.
    pub(super) until: Option<Timestamp>,
}

/// What a program prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    api_version: Option<String>,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs the program. `has_terminal` tells whether somebody can answer it.
pub(super) async fn sign_in(program: &Program, has_terminal: bool) -> Result<Given, Refusal> {
    let Program { exec, cluster } = program;
    let name = exec.command.clone();
    let refused =
        |reason: &str| Refusal::SignIn { command: name.clone(), reason: reason.to_owned(), is_offline: false };
    let interactive = match exec.interactive_mode.as_str() {
        "Never" => false,
        "Always" if !has_terminal => return Err(refused("it wants a terminal to ask on")),
        _ => has_terminal,
    };
    let mut info =
        json!({"apiVersion": exec.api_version, "kind": "ExecCredential", "spec": {"interactive": interactive}});
    if let Some(cluster) = cluster {
        info["spec"]["cluster"] = cluster.clone();
    }
    // What a program itself calls is found where it was found.
    let path = program::search_path(std::env::var_os("PATH").as_deref(), std::env::home_dir().as_deref());
    let missing = || {
        let is_shown = |c: &char| !c.is_control() || "\n\t".contains(*c);
        Refusal::NoProgram {
            command: name.clone(),
            hint: exec.install_hint.trim().chars().filter(is_shown).take(500).collect(),
        }
    };
    let found = program::find(&name, &path).ok_or_else(missing)?;
    let mut command = tokio::process::Command::new(&found);
    command
        .args(&exec.args)
        .env("PATH", &path)
        .envs(
            exec.env.iter().map(|variable| (&variable.name, variable.value.as_ref().map_or("", |v| v.expose_secret()))),
        )
        .env("KUBERNETES_EXEC_INFO", info.to_string())
        .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(if interactive { Stdio::inherit() } else { Stdio::piped() })
        .kill_on_drop(true);
    #[cfg(windows)]
    if !interactive {
        // No window of its own that flashes up.
        command.creation_flags(0x0800_0000);
    }
    let within = if interactive { ASKING } else { ALONE };
    // Not `Command::output`, which would take away what the program tells the person.
    let ending = async { command.spawn()?.wait_with_output().await };
    let output = match tokio::time::timeout(within, ending).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => return Err(missing()),
        Ok(Err(error)) => return Err(refused(&error.kind().to_string())),
        Err(_) => return Err(refused(&format!("it did not end within {} s", within.as_secs()))),
    };
    if !output.status.success() {
        let complaint = complaint(&String::from_utf8_lossy(&output.stderr));
        let reason = match complaint {
            Some(complaint) => format!("{}, {complaint}", output.status),
            None => output.status.to_string(),
        };
        return Err(Refusal::SignIn { command: name, reason, is_offline: complaint == Some(OFFLINE) });
    }
    given(&output.stdout, &exec.api_version).map_err(refused)
}

/// What a program gave in what it printed: JSON, or YAML as client-go also reads it. It has to answer in the version that it is asked in.
fn given(printed: &[u8], version: &str) -> Result<Given, &'static str> {
    const NONE: &str = "it printed no credential";
    let printed = yaml_serde::from_slice::<Printed>(printed).map_err(|_| NONE)?;
    if printed.api_version.is_some_and(|given| given != version) {
        return Err("it answers in another version than the kubeconfig names");
    }
    let status = printed.status.ok_or(NONE)?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let certificate = match (filled(status.client_certificate_data), filled(status.client_key_data)) {
        (Some(certificate), Some(key)) => Some((certificate, SecretString::from(key))),
        (None, None) => None,
        _ => return Err(NONE),
    };
    let token = filled(status.token).map(SecretString::from);
    if token.is_none() && certificate.is_none() {
        return Err(NONE);
    }
    let until = status.expiration_timestamp.and_then(|at| at.parse().ok());
    Ok(Given { token, certificate, until })
}

/// The word for a program that reaches nobody.
const OFFLINE: &str = "offline";

/// What a program complains of, in a word of our own.
fn complaint(printed: &str) -> Option<&'static str> {
    const SIGNS: [(&str, &[&str]); 3] = [
        ("expired", &["expired", "invalid_grant", "reauth", "sso login", "az login", "gcloud auth login", "aadsts7"]),
        (
            OFFLINE,
            &[
                "could not connect",
                "connection refused",
                "no such host",
                "name resolution",
                "network is unreachable",
                "timed out",
                "timeout",
                "max retries exceeded",
            ],
        ),
        ("denied", &["access denied", "accessdenied", "not authorized", "forbidden"]),
    ];
    let printed = printed.to_lowercase();
    SIGNS.iter().find(|(_, signs)| signs.iter().any(|sign| printed.contains(sign))).map(|(word, _)| *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_told_in_our_own_words() {
        for (printed, expected) in [
            ("Error when retrieving token from sso: Token has expired and refresh failed", Some("expired")),
            ("ERROR: (gcloud.config.config-helper) There was a problem: reauthentication required", Some("expired")),
            ("Could not connect to the endpoint URL: \"https://sts.eu-west-1.amazonaws.com/\"", Some("offline")),
            ("An error occurred (AccessDenied) when calling the AssumeRole operation", Some("denied")),
            ("Traceback (most recent call last)", None),
            ("", None),
        ] {
            assert_eq!(complaint(printed), expected, "{printed}");
        }
    }

    #[test]
    fn what_counts_as_a_credential() {
        const V1: &str = "client.authentication.k8s.io/v1";
        let cases = [
            (r#"{"status": {"token": "t", "expirationTimestamp": "2026-11-30T10:00:00Z"}}"#, Ok((true, false, true))),
            ("status:\n  token: t\n", Ok((true, false, false))),
            (
                r#"{"apiVersion": "client.authentication.k8s.io/v1", "status": {"token": "t"}}"#,
                Ok((true, false, false)),
            ),
            (
                r#"{"apiVersion": "client.authentication.k8s.io/v1beta1", "status": {"token": "t"}}"#,
                Err("it answers in another version than the kubeconfig names"),
            ),
            (r#"{"status": {"clientCertificateData": "C", "clientKeyData": "K"}}"#, Ok((false, true, false))),
            (r#"{"status": {"token": "t", "clientCertificateData": ""}}"#, Ok((true, false, false))),
            (r#"{"status": {"token": "t", "clientCertificateData": "C"}}"#, Err("it printed no credential")),
            (r#"{"status": {"token": ""}}"#, Err("it printed no credential")),
            (r#"{"status": {}}"#, Err("it printed no credential")),
            (r#"{"kind": "ExecCredential"}"#, Err("it printed no credential")),
            ("please sign in: https://sso", Err("it printed no credential")),
            ("", Err("it printed no credential")),
        ];
        for (printed, expected) in cases {
            let found = given(printed.as_bytes(), V1)
                .map(|given| (given.token.is_some(), given.certificate.is_some(), given.until.is_some()));
            assert_eq!(found, expected, "{printed}");
        }
    }
}
