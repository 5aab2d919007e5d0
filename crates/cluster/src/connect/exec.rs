//! Signing in with the program that a kubeconfig names (exec plug-in), as client-go does it.
//!
//! The program's environment, its arguments and everything it prints may hold secrets. Nothing of that goes into an error: only the
//! program's name and install hint, which the kubeconfig means for people, its exit status, and one of our own words for its complaint.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::retry::Refusal;

/// How long a program may take that nobody can answer.
const ALONE: Duration = Duration::from_secs(60);

/// How long a program may take that asks the person, who may have to go through a browser.
const ASKING: Duration = Duration::from_secs(300);

/// What a program gave.
pub(super) struct Credential {
    token: Option<SecretString>,
    /// Certificate and key, PEM.
    certificate: Option<(String, SecretString)>,
    /// When it ends, if it says so.
    pub(super) until: Option<Timestamp>,
}

impl Credential {
    /// Puts it where the program was named.
    pub(super) fn into_auth(self, auth: &mut AuthInfo) {
        auth.exec = None;
        if let Some(token) = self.token {
            auth.token = Some(token);
        }
        if let Some((certificate, key)) = self.certificate {
            auth.client_certificate_data = Some(STANDARD.encode(certificate));
            auth.client_key_data = Some(STANDARD.encode(key.expose_secret()).into());
        }
    }
}

/// What a program prints.
#[derive(Deserialize)]
struct Printed {
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
pub(super) async fn sign_in(exec: &ExecConfig, has_terminal: bool) -> Result<Credential, Refusal> {
    let program = exec.command.clone().unwrap_or_default();
    let refused =
        |reason: &str| Refusal::SignIn { command: program.clone(), reason: reason.to_owned(), is_offline: false };
    if program.is_empty() {
        return Err(refused("the kubeconfig names no program"));
    }
    let interactive = match exec.interactive_mode {
        Some(ExecInteractiveMode::Never) => false,
        Some(ExecInteractiveMode::Always) if !has_terminal => return Err(refused("it wants a terminal to ask on")),
        _ => has_terminal,
    };
    let cluster = exec.cluster.as_ref().filter(|_| exec.provide_cluster_info);
    let mut info =
        json!({"apiVersion": exec.api_version, "kind": "ExecCredential", "spec": {"interactive": interactive}});
    if let Some(cluster) = cluster {
        info["spec"]["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    let mut command = tokio::process::Command::new(&program);
    command
        .args(exec.args.iter().flatten())
        .envs(exec.env.iter().flatten().filter_map(variable))
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
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            let hint: String = exec.install_hint.as_deref().unwrap_or_default().trim().chars().take(500).collect();
            return Err(Refusal::NoProgram { command: program, hint });
        }
        Ok(Err(error)) => return Err(refused(&error.kind().to_string())),
        Err(_) => return Err(refused(&format!("it did not end within {} s", within.as_secs()))),
    };
    if !output.status.success() {
        let complaint = complaint(&String::from_utf8_lossy(&output.stderr));
        let reason = match complaint {
            Some(complaint) => format!("{}, {complaint}", output.status),
            None => output.status.to_string(),
        };
        return Err(Refusal::SignIn { command: program, reason, is_offline: complaint == Some(OFFLINE) });
    }
    credential(&output.stdout).ok_or_else(|| refused("it printed no credential"))
}

/// A variable of the kubeconfig's list.
fn variable(entry: &HashMap<String, String>) -> Option<(&String, &String)> {
    Some((entry.get("name")?, entry.get("value")?))
}

/// The credential in what a program printed: JSON, or YAML as client-go also reads it.
fn credential(printed: &[u8]) -> Option<Credential> {
    let status = yaml_serde::from_slice::<Printed>(printed).ok()?.status?;
    let certificate = status.client_certificate_data.zip(status.client_key_data.map(SecretString::from));
    let token = status.token.filter(|token| !token.is_empty()).map(SecretString::from);
    if token.is_none() && certificate.is_none() {
        return None;
    }
    let until = status.expiration_timestamp.and_then(|at| at.parse().ok());
    Some(Credential { token, certificate, until })
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
        let cases = [
            (r#"{"status": {"token": "t", "expirationTimestamp": "2026-11-30T10:00:00Z"}}"#, Some((true, false, true))),
            ("status:\n  token: t\n", Some((true, false, false))),
            (r#"{"status": {"clientCertificateData": "C", "clientKeyData": "K"}}"#, Some((false, true, false))),
            (r#"{"status": {"clientCertificateData": "C"}}"#, None),
            (r#"{"status": {}}"#, None),
            (r#"{"kind": "ExecCredential"}"#, None),
            ("please sign in: https://sso", None),
            ("", None),
        ];
        for (printed, expected) in cases {
            let found =
                credential(printed.as_bytes()).map(|c| (c.token.is_some(), c.certificate.is_some(), c.until.is_some()));
            assert_eq!(found, expected, "{printed}");
        }
    }

    #[test]
    fn a_credential_takes_the_programs_place() {
        let mut auth = AuthInfo { exec: Some(ExecConfig::default()), ..AuthInfo::default() };
        credential(br#"{"status": {"token": "t", "clientCertificateData": "C", "clientKeyData": "K"}}"#)
            .unwrap()
            .into_auth(&mut auth);
        assert!(auth.exec.is_none());
        assert_eq!(auth.token.unwrap().expose_secret(), "t");
        assert_eq!(auth.client_certificate_data.unwrap(), STANDARD.encode("C"));
        assert_eq!(auth.client_key_data.unwrap().expose_secret(), &STANDARD.encode("K"));
    }
}
