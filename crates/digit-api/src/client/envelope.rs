//! What DIGIT wants around a request: who asks, when, in which language.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::role::Role;

/// Somebody who is signed in. Debug shows no token.
#[derive(Debug, Clone)]
pub struct Session {
    /// The token; valid for 7 days, and the same one is given again until it is signed out.
    pub token: SecretString,
    /// The token answer's `UserRequest`, as it is: what services behind the gateway trust.
    pub user: Value,
    /// The roles that the token was given with; changed roles do not touch it.
    pub roles: Vec<Role>,
}

/// The `RequestInfo` of a call. The user goes along too: the gateway puts the token's own in its place, and without a gateway nobody else would.
pub(crate) fn request_info(session: Option<&Session>, now_ms: i64) -> Value {
    let mut info = json!({
        "apiId": "Rainmaker", "ver": ".01", "ts": now_ms, "action": "", "did": "1", "key": "",
        "msgId": format!("{now_ms}|en_IN"),
    });
    if let Some(session) = session {
        info["authToken"] = Value::String(session.token.expose_secret().to_owned());
        info["userInfo"] = session.user.clone();
    }
    info
}
