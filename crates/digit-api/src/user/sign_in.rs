//! Tokens. Asking again gives the same one, with the roles of the first time, until it is signed out.

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::UserType;
use crate::Error;
use crate::client::{Ask, Body, Client, Door, Session, request_info};
use crate::fault::Service;
use crate::role::roles;

/// Who signs in. Debug shows no password.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The tenant: an employee's own, a citizen's state.
    pub tenant: String,
    /// The name.
    pub user_name: String,
    /// The password; for a citizen the code, where codes are asked for.
    pub password: SecretString,
    /// The kind of account.
    pub user_type: UserType,
}

impl Client {
    /// Signs in through the gateway.
    ///
    /// # Errors
    /// When it is refused (a wrong password, name, tenant and kind are refused alike) or nobody answers.
    pub async fn sign_in(&self, who: &SignIn) -> Result<Session, Error> {
        match self.token(who, Door::Gateway, false).await {
            // Wrong tries of others make egov-user fail over its own count of them; the right password works the next time.
            Err(error) if error.code() == "fifth-wrong-password" => self.token(who, Door::Gateway, false).await,
            other => other,
        }
    }

    /// The same through another door, and with the field that skips the password where nobody keeps it out.
    pub(crate) async fn token(&self, who: &SignIn, door: Door, internal: bool) -> Result<Session, Error> {
        let mut form = vec![
            ("grant_type", "password"),
            ("scope", "read"),
            ("username", who.user_name.as_str()),
            ("password", who.password.expose_secret()),
            ("tenantId", who.tenant.as_str()),
            ("userType", who.user_type.as_str()),
        ];
        if internal {
            form.push(("isInternal", "true"));
        }
        let ask = Ask {
            service: Service::EgovUser,
            door,
            method: Method::POST,
            path: "/user/oauth/token",
            query: Vec::new(),
            body: Body::Form(form),
            // The same token is given again. A wrong password counts, but one that was answered is not asked again.
            repeatable: true,
            within: None,
            secrets: vec![who.password.clone()],
        };
        let answer = self.ask(ask).await?;
        let Some(token) = answer.get("access_token").and_then(Value::as_str).filter(|t| !t.is_empty()) else {
            return Err(not_understood("/user/oauth/token", "access_token"));
        };
        let user = answer.get("UserRequest").cloned().unwrap_or(Value::Null);
        Ok(Session { token: SecretString::from(token), roles: roles(user.get("roles")), user })
    }

    /// Signs out: the token is dead afterwards, and the next sign-in gives a new one with today's roles.
    ///
    /// # Errors
    /// When it is refused or nobody answers.
    pub async fn sign_out(&self, session: &Session) -> Result<(), Error> {
        let body = json!({
            "RequestInfo": request_info(Some(session), self.now_ms()),
            "tenantId": session.user.get("tenantId"),
            "access_token": session.token.expose_secret(),
        });
        // Through the gateway not every role may (PGR_LME alone may not), at egov-user itself everybody.
        let door = if self.user.is_some() { Door::UserService } else { Door::Gateway };
        let ask = Ask::post(Service::EgovUser, "/user/_logout", body).through(door).hiding(&session.token);
        self.ask(ask).await.map(|_| ())
    }
}

/// 200 and JSON, but without what it must hold.
pub(crate) fn not_understood(call: &str, without: &str) -> Error {
    Error::found(
        cause::Cause::new("answer-not-understood").with("call", call).with("without", without),
        crate::fault::Remedy::Report,
    )
}
