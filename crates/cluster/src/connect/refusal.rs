//! What a call that failed says about why.

use std::error::Error as StdError;

use kube::client::AuthError;

use super::retry::Refusal;

/// What a failed call says about why, from the chain of its causes.
pub(crate) fn refusal(error: &(dyn StdError + 'static)) -> Refusal {
    let mut link = Some(error);
    let mut last = String::new();
    let mut garbled = false;
    while let Some(cause) = link {
        if let Some(own) = cause.downcast_ref::<Refusal>() {
            return own.clone();
        }
        if let Some(auth) = cause.downcast_ref::<AuthError>() {
            return sign_in(auth);
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

/// What is left to kube of signing in: token files, and the program that Google had before exec plug-ins. Its errors carry the
/// command line and everything that was printed, so nothing of them is kept but what is named here.
fn sign_in(error: &AuthError) -> Refusal {
    let (command, reason) = match error {
        AuthError::AuthExecStart(error) => (String::new(), error.kind().to_string()),
        AuthError::AuthExecRun { out, .. } => (String::new(), out.status.to_string()),
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            (String::new(), "it printed no credential".to_owned())
        }
        AuthError::ReadTokenFile(error, path) => (path.display().to_string(), error.kind().to_string()),
        _ => (String::new(), "no credential".to_owned()),
    };
    Refusal::SignIn { command, reason, is_offline: false }
}
