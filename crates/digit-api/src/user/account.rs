//! Accounts: looked for, made, changed. Making works only at egov-user itself while nobody can sign in.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Error;
use crate::client::{Ask, Client, Door, Session, request_info};
use crate::fault::Service;
use crate::role::{Role, roles};

/// The kinds of account that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum UserType {
    /// Signs in on the tenant it was made in.
    Employee,
    /// Signs in on the state.
    Citizen,
}

impl UserType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            UserType::Employee => "EMPLOYEE",
            UserType::Citizen => "CITIZEN",
        }
    }
}

/// An account to be made, active. Debug shows no password.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What is typed to sign in; unique for (name, tenant, kind), at most 64 characters.
    pub user_name: String,
    /// The person's name, at most 50 characters, none of ``$ " < > ? \ ~ ` ! @ # % ^ ( ) + = { } [ ] * , : ;``.
    pub name: String,
    /// Ten digits; may begin with 0, then nobody can be called by it.
    pub mobile_number: String,
    /// An address; workflow's newer calls want their caller to have one.
    pub email: Option<String>,
    /// `MALE`, `FEMALE`, `TRANSGENDER` or none.
    pub gender: Option<String>,
    /// Its kind.
    pub user_type: UserType,
    /// 8 to 15 characters, see [`crate::user::check`].
    pub password: SecretString,
    /// At least one; codes must be known to the master data.
    pub roles: Vec<Role>,
    /// Where it lives; a citizen is kept under the state whatever is said.
    pub tenant: String,
}

/// An account as a search gives it, whole: a change must send all of it back.
#[derive(Debug, Clone, PartialEq)]
pub struct User(pub(crate) Map<String, Value>);

impl User {
    fn text(&self, field: &str) -> &str {
        self.0.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its id among all services.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.text("uuid")
    }

    /// Its tenant.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.text("tenantId")
    }

    /// Its kind, as egov-user writes it.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("type")
    }

    /// Whether it can sign in.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.0.get("active").and_then(Value::as_bool).unwrap_or_default()
    }

    /// Its roles.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        roles(self.0.get("roles"))
    }
}

/// Dates come in one format and are taken in another, so they are left out of a change: null leaves them as they are.
const DATES: &[&str] = &["dob", "createdDate", "lastModifiedDate", "pwdExpiryDate"];

/// The whole of a user for a change, with `fields` in place of what it has.
fn changed(user: &User, fields: &[(&str, Value)]) -> Value {
    let mut whole = user.0.clone();
    for date in DATES {
        whole.insert((*date).to_owned(), Value::Null);
    }
    for (name, value) in fields {
        whole.insert((*name).to_owned(), value.clone());
    }
    Value::Object(whole)
}

impl Client {
    /// Looks for an account by name, at egov-user itself: that search finds inactive ones too. None if there is none on that tenant and of that kind.
    ///
    /// # Errors
    /// When egov-user refuses or does not answer.
    pub async fn user_named(&self, tenant: &str, name: &str, kind: UserType) -> Result<Option<User>, Error> {
        let body = json!({
            "RequestInfo": request_info(None, self.now_ms()),
            "tenantId": tenant, "userName": name, "userType": kind.as_str(), "pageSize": 10,
        });
        let ask = Ask::post(Service::EgovUser, "/user/v1/_search", body).through(Door::UserService).repeatable();
        let answer = self.ask(ask).await?;
        let found = answer.get("user").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let users = found.iter().filter_map(Value::as_object).cloned().map(User);
        Ok(users
            .filter(|u| u.tenant() == tenant && u.kind().eq_ignore_ascii_case(kind.as_str()))
            .find(|u| u.text("userName") == name))
    }

    /// Makes an account, at egov-user itself. 200 is no proof: search for it.
    ///
    /// # Errors
    /// When egov-user refuses (a second one of that name too) or does not answer.
    pub async fn create_user(&self, user: &NewUser) -> Result<(), Error> {
        let body = json!({
            "requestInfo": request_info(None, self.now_ms()),
            "user": {
                "userName": user.user_name, "name": user.name, "mobileNumber": user.mobile_number,
                "emailId": user.email, "gender": user.gender, "type": user.user_type.as_str(), "active": true,
                "password": user.password.expose_secret(), "tenantId": user.tenant, "roles": named(&user.roles),
            },
        });
        let ask = Ask::post(Service::EgovUser, "/user/users/_createnovalidate", body);
        self.ask(ask.through(Door::UserService).hiding(&user.password)).await.map(|_| ())
    }

    /// Sets a password, activates and unlocks: how one is reset whose old one nobody knows (an employee's from HRMS, say).
    /// Tokens that are out stay valid until signed out.
    ///
    /// # Errors
    /// [`Error::Password`] when the password breaks the rule; else as [`Client::create_user`].
    pub async fn set_password(&self, user: &User, password: &SecretString) -> Result<(), Error> {
        super::check(password).map_err(|broken| Error::Password { reason: broken.code() })?;
        let fields = [
            ("password", Value::String(password.expose_secret().to_owned())),
            ("active", Value::Bool(true)),
            ("accountLocked", Value::Bool(false)),
        ];
        self.update_user(user, &fields, Some(password)).await
    }

    /// Gives an account these roles on top of those it has.
    ///
    /// # Errors
    /// As [`Client::create_user`].
    pub async fn add_roles(&self, user: &User, more: &[Role]) -> Result<(), Error> {
        // As they are, with their names, and ours behind.
        let mut all = user.0.get("roles").and_then(Value::as_array).cloned().unwrap_or_default();
        all.extend(named(more));
        self.update_user(user, &[("roles", Value::Array(all))], None).await
    }

    async fn update_user(
        &self,
        user: &User,
        fields: &[(&str, Value)],
        secret: Option<&SecretString>,
    ) -> Result<(), Error> {
        let body = json!({
            "requestInfo": request_info(None, self.now_ms()),
            "user": changed(user, fields),
        });
        let mut ask = Ask::post(Service::EgovUser, "/user/users/_updatenovalidate", body).through(Door::UserService);
        if let Some(secret) = secret {
            ask = ask.hiding(secret);
        }
        // The same change twice is the same change.
        self.ask(ask.repeatable()).await.map(|_| ())
    }

    /// The account that a token belongs to, as egov-user knows it now.
    ///
    /// # Errors
    /// When the token is not valid any more, or egov-user does not answer.
    pub async fn details(&self, session: &Session) -> Result<User, Error> {
        let token = session.token.expose_secret();
        let ask = Ask::post(Service::EgovUser, "/user/_details", json!({"RequestInfo": {}}));
        let ask = ask.query(&[("access_token", token)]).through(Door::UserService).repeatable().hiding(&session.token);
        Ok(User(self.ask(ask).await?.as_object().cloned().unwrap_or_default()))
    }

    pub(crate) fn now_ms(&self) -> i64 {
        (self.now)().as_millisecond()
    }
}

/// Roles with a name: the master data's own name is taken whatever is said.
fn named(roles: &[Role]) -> Vec<Value> {
    roles.iter().map(|r| json!({"code": r.code, "name": r.code, "tenantId": r.tenant_id})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_sends_the_whole_user_without_its_dates() {
        let Value::Object(found) = json!({
            "uuid": "u", "userName": "admin", "createdDate": "30-11-2026 22:52:34", "pwdExpiryDate": "28-02-2027 22:52:34",
            "roles": [{"code": "GRO", "name": "Officer", "tenantId": "pg.citya"}], "active": false, "other": 7,
        }) else {
            panic!()
        };
        let sent = changed(&User(found), &[("active", Value::Bool(true))]);
        assert_eq!(
            sent,
            json!({
                "uuid": "u", "userName": "admin", "createdDate": null, "pwdExpiryDate": null, "dob": null, "lastModifiedDate": null,
                "roles": [{"code": "GRO", "name": "Officer", "tenantId": "pg.citya"}], "active": true, "other": 7,
            })
        );
    }
}
