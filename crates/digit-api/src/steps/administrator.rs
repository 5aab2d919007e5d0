//! The first administrator: looked for, made at egov-user itself, proved by a token through the gateway.

use secrecy::SecretString;

use cause::Cause;

use crate::Error;
use crate::address::Tenants;
use crate::client::{Client, Session};
use crate::fault::Remedy;
use crate::news::{Done, How, Part};
use crate::user::{self, NewUser, Role, SignIn, UserType};

/// The first administrator. Debug shows no password.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// What is typed to sign in.
    pub user_name: String,
    /// The name that pages show.
    pub name: String,
    /// Workflow's newer calls want their caller to have an address.
    pub email: String,
    /// Ten digits.
    pub mobile_number: String,
    /// Kept by the caller before this is called: after a crash the same one must be given.
    pub password: SecretString,
}

/// What to do with an account of that name that does not open with this password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherPassword {
    /// Leave it alone and say so: it may be somebody's.
    Refuse,
    /// Set the password, activate, unlock.
    Set,
}

/// With these roles one account does the whole installation through the public address.
#[must_use]
pub fn needed_roles(tenants: &Tenants) -> Vec<Role> {
    let state = ["SUPERUSER", "EMPLOYEE"].map(|code| Role::new(code, &tenants.state));
    let city = ["GRO", "PGR_LME", "CSR"].map(|code| Role::new(code, &tenants.city));
    state.into_iter().chain(city).collect()
}

/// Those of `wanted` that `held` does not cover.
pub(crate) fn missing_roles(wanted: &[Role], held: &[Role]) -> Vec<Role> {
    wanted.iter().filter(|w| !held.iter().any(|h| h.covers(w))).cloned().collect()
}

/// `GRO@pg.citya, CSR@pg.citya`.
pub(crate) fn shown(roles: &[Role]) -> String {
    roles.iter().map(|r| format!("{}@{}", r.code, r.tenant_id)).collect::<Vec<_>>().join(", ")
}

/// Has the administrator there, active, with its roles, signed in.
///
/// # Errors
/// [`Error::Password`] when the password breaks egov-user's rule; [`Error::Cause`] `administrator-other-password` when there is one of that
/// name whom this password does not open; what egov-user or the gateway answers otherwise.
pub async fn administrator(
    client: &Client,
    tenants: &Tenants,
    who: &Administrator,
    other: OtherPassword,
) -> Result<(Session, Done), Error> {
    user::check(&who.password).map_err(|broken| Error::Password { reason: broken.code() })?;
    let wanted = needed_roles(tenants);
    let new = NewUser {
        user_name: who.user_name.clone(),
        name: who.name.clone(),
        mobile_number: who.mobile_number.clone(),
        email: Some(who.email.clone()),
        gender: None,
        user_type: UserType::Employee,
        password: who.password.clone(),
        roles: wanted.clone(),
        tenant: tenants.city.clone(),
    };
    let (account, mut how) = match client.user_named(&new.tenant, &new.user_name, new.user_type).await? {
        Some(account) => (account, How::Found),
        None => (made(client, &new).await?, How::Made),
    };
    let sign_in = SignIn {
        tenant: tenants.city.clone(),
        user_name: who.user_name.clone(),
        password: who.password.clone(),
        user_type: UserType::Employee,
    };
    let mut session = match client.sign_in(&sign_in).await {
        Ok(session) => session,
        Err(error) if how == How::Found && shut(&error) => {
            if other == OtherPassword::Refuse {
                let cause = Cause::new("administrator-other-password")
                    .with("user", &who.user_name)
                    .with("tenant", &tenants.city)
                    .with("active", account.is_active());
                return Err(Error::found(cause, Remedy::SetPassword));
            }
            client.set_password(&account, &who.password).await?;
            how = How::Completed;
            client.sign_in(&sign_in).await?
        }
        Err(error) => return Err(error),
    };
    let lacking = missing_roles(&wanted, &account.roles());
    if !lacking.is_empty() {
        client.add_roles(&account, &lacking).await?;
        how = How::Completed;
    }
    // A token keeps the roles it was given with, and the same one is given until it is signed out.
    if !missing_roles(&wanted, &session.roles).is_empty() {
        client.sign_out(&session).await?;
        session = client.sign_in(&sign_in).await?;
    }
    let lacking = missing_roles(&wanted, &session.roles);
    if !lacking.is_empty() {
        let cause = Cause::new("roles-missing").with("user", &who.user_name).with("roles", shown(&lacking));
        return Err(Error::found(cause, Remedy::GiveRoles));
    }
    Ok((session, Done { part: Part::Administrator, how, wanted: 1, found: 1, notes: Vec::new() }))
}

/// Whether a sign-in was refused for what the account is, not for what is around it.
fn shut(error: &Error) -> bool {
    matches!(error.code(), "credentials-refused" | "account-inactive" | "account-locked" | "fifth-wrong-password")
}

/// Makes an account and looks for it. What the making answered counts only if the search finds nothing.
pub(crate) async fn made(client: &Client, new: &NewUser) -> Result<user::User, Error> {
    // Somebody made it meanwhile, or it was made although we did not hear so: only a search tells.
    let doubt = match client.create_user(new).await {
        Err(error) if error.code() != "user-exists" && !error.may_have_worked() => return Err(error),
        other => other.err(),
    };
    match client.user_named(&new.tenant, &new.user_name, new.user_type).await {
        Ok(Some(account)) => Ok(account),
        Ok(None) => Err(doubt.unwrap_or_else(|| {
            let cause = Cause::new("user-not-stored").with("user", &new.user_name).with("tenant", &new.tenant);
            Error::found(cause, Remedy::ReadLog)
        })),
        // The first error says more than the one of the search after it.
        Err(error) => Err(doubt.unwrap_or(error)),
    }
}
