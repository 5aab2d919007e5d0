//! Users and tokens of egov-user (§4), the HTTP side left out.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};

/// A role of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) tenant: String,
}

/// A row of `eg_user`.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) user_name: String,
    pub(crate) name: String,
    pub(crate) mobile: String,
    pub(crate) email: Option<String>,
    /// In capitals.
    pub(crate) kind: String,
    pub(crate) tenant: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) active: bool,
    pub(crate) locked: bool,
    pub(crate) password: SecretString,
    pub(crate) gender: Option<String>,
    /// `dd/MM/yyyy`.
    pub(crate) born: Option<String>,
    pub(crate) created_by: Option<i64>,
    pub(crate) created: Timestamp,
    pub(crate) changed: Timestamp,
    /// When wrong passwords came.
    pub(crate) failures: Vec<Timestamp>,
}

/// A token that is out: with the user as he was at the first time (§4.2).
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) access: SecretString,
    pub(crate) refresh: SecretString,
    pub(crate) of: String,
    /// The token answer's `UserRequest`.
    pub(crate) user: Value,
    pub(crate) until: Timestamp,
}

/// The table of users, and the tokens in Redis.
#[derive(Debug, Default)]
pub(crate) struct Users {
    pub(crate) rows: Vec<User>,
    pub(crate) tokens: Vec<Token>,
}

impl Users {
    /// The user of a name: unique by name, tenant and type (§4.1); case counts, as the cipher does.
    pub(crate) fn named(&self, name: &str, tenant: &str, kind: &str) -> Option<&User> {
        self.rows.iter().find(|u| u.user_name == name && u.tenant == tenant && u.kind == kind)
    }

    /// The user of a uuid.
    pub(crate) fn of_uuid(&self, uuid: &str) -> Option<&User> {
        self.rows.iter().find(|u| u.uuid == uuid)
    }

    /// The id of the next row. The sequence of a new installation is behind the old pilots' twenty rows (§3.2).
    pub(crate) fn next_id(&self) -> i64 {
        self.rows.iter().map(|u| u.id).max().unwrap_or(90) + 1
    }

    /// The token that answers to this text, unless it is over.
    pub(crate) fn token(&self, text: &str, now: Timestamp) -> Option<&Token> {
        use secrecy::ExposeSecret as _;
        self.tokens.iter().find(|t| t.access.expose_secret() == text && t.until > now)
    }
}

impl User {
    /// Roles as JSON (§4.1).
    pub(crate) fn roles_json(&self) -> Vec<Value> {
        self.roles.iter().map(|r| json!({"code": r.code, "name": r.name, "tenantId": r.tenant})).collect()
    }

    /// The user as a token, `RequestInfo` and other services' records have him (§4.2).
    pub(crate) fn short(&self) -> Value {
        json!({
            "id": self.id, "uuid": self.uuid, "userName": self.user_name, "name": self.name,
            "mobileNumber": self.mobile, "emailId": self.email, "locale": null, "type": self.kind,
            "roles": self.roles_json(), "active": self.active, "tenantId": self.tenant, "permanentCity": null,
        })
    }

    /// The user as create, update and search have him; `dates` writes a time (the two have different forms: §4.3).
    pub(crate) fn full(&self, dates: fn(Timestamp) -> String, born: Option<&str>) -> Value {
        // 90 days (§4.1, READ: sign-in does not look at it).
        let expiry = self.changed + SignedDuration::from_hours(90 * 24);
        json!({
            "id": self.id, "uuid": self.uuid, "userName": self.user_name, "name": self.name, "password": null,
            "mobileNumber": self.mobile, "emailId": self.email, "locale": null, "type": self.kind,
            "roles": self.roles_json(), "active": self.active, "tenantId": self.tenant, "permanentCity": null,
            "gender": self.gender, "dob": born, "accountLocked": self.locked, "createdBy": self.created_by,
            "createdDate": dates(self.created), "lastModifiedDate": dates(self.changed),
            "pwdExpiryDate": dates(expiry),
        })
    }
}

/// The form of create and update: `30-11-2026 22:52:34` (§4.1).
pub(crate) fn written(at: Timestamp) -> String {
    at.strftime("%d-%m-%Y %H:%M:%S").to_string()
}

/// The form of a search, which create and update do not read (§4.3; which one exactly, the page does not tell).
pub(crate) fn searched(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}
