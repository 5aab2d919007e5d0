//! What a call that failed says about why.

use std::error::Error as StdError;

use kube::client::AuthError;

use super::retry::Refusal;
use crate::error::Error;

/// What a failed call says about why, from the chain of its causes.
pub(crate) fn refusal(error: &(dyn StdError + 'static)) -> Refusal {
    let mut link = Some(error);
    let mut last = String::new();
    let mut garbled = false;
    while let Some(cause) = link {
        if let Some(auth) = cause.downcast_ref::<AuthError>() {
            return sign_in(auth);
        }
        if let Some(own) = cause.downcast_ref::<Error>() {
            return Refusal::SignIn { command: String::new(), reason: own.to_string() };
        }
        let text = cause.to_string();
        if text.contains("invalid peer certificate")
            || text.contains("UnknownIssuer")
            || text.contains("NotValidForName")
        {
            return Refusal::NotTrusted { reason: text };
        }
        garbled |= cause.downcast_ref::<serde_json::Error>().is_some();
        link = cause.source();
        last = text;
    }
    if garbled { Refusal::Garbled { reason: last } } else { Refusal::Lost { reason: last } }
}

/// The program's output may hold a token, so only its exit status and the first line of what it complained are kept.
fn sign_in(error: &AuthError) -> Refusal {
    let (command, reason) = match error {
        AuthError::AuthExecStart(error) => (String::new(), error.kind().to_string()),
        AuthError::AuthExecRun { cmd, out } => {
            let program = cmd.split_whitespace().next().unwrap_or_default().trim_matches('"').to_owned();
            let complaint = String::from_utf8_lossy(&out.stderr);
            (program, format!("{}: {}", out.status, complaint.lines().next().unwrap_or_default()))
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            (String::new(), "it printed no credential".to_owned())
        }
        AuthError::ReadTokenFile(error, path) => (path.display().to_string(), error.kind().to_string()),
        _ => (String::new(), "no credential".to_owned()),
    };
    Refusal::SignIn { command, reason }
}
