//! What must not work: the way round the password, and passwords that everybody knows.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use cause::Cause;

use super::check::data;
use super::complaint::RESERVED_MOBILE;
use super::known::KNOWN;
use crate::Error;
use crate::address::Tenants;
use crate::client::{Client, Door};
use crate::fault::Remedy;
use crate::user::{SignIn, UserType};

type Found = Result<BTreeMap<String, String>, Error>;

/// A password that nobody has: egov-user refuses to store one of this length.
const NOBODYS: &str = "no account has this password";
/// The code that eGov's demo values fix for all citizens.
pub(super) const FIXED_CODE: &str = "123456";

/// What came of an attempt that must not succeed: `Ok(false)` is refused, `Ok(true)` a token was given.
/// An error is neither: nobody said no.
async fn opens(client: &Client, who: &SignIn, door: Door, internal: bool) -> Result<bool, Error> {
    let Err(error) = client.token(who, door, internal).await else { return Ok(true) };
    let Some(seen) = error.fault().map(|f| &f.seen) else {
        // 200 and JSON without a token in it is none given.
        return if error.code() == "answer-not-understood" { Ok(false) } else { Err(error) };
    };
    match seen.status() {
        // Refused by DIGIT, or by the filter: whatever page that one shows.
        Some(400 | 401 | 403 | 404 | 405 | 406 | 410 | 451) => Ok(false),
        // DIGIT's own fault at the fifth wrong password: no token.
        Some(500) if error.code() == "fifth-wrong-password" => Ok(false),
        // A page that is shown for every path is no token either. (One that is sent on was not refused: there it may open.)
        Some(200..=299) => Ok(false),
        _ => Err(error),
    }
}

/// Tries `isInternal` where strangers come in: at the web entry; and at the gateway, should that be open to others than this computer.
pub(super) async fn internal_token(client: &Client, administrator: &SignIn) -> Found {
    let who = SignIn { password: SecretString::from(NOBODYS), ..administrator.clone() };
    let mut doors = vec![(Door::Web, client.web_origin())];
    if client.gateway_origin() != client.web_origin() && !client.gateway.address.is_loopback() {
        doors.push((Door::Gateway, client.gateway_origin()));
    }
    for (door, at) in &doors {
        if opens(client, &who, *door, true).await? {
            let cause = Cause::new("internal-token").with("user", &who.user_name).with("at", at);
            return Err(Error::found(cause, Remedy::CloseTheWay));
        }
    }
    Ok(data([("doors", doors.len().to_string())]))
}

/// One try for each account that everybody knows; the administrator's own password is only compared.
pub(super) async fn known_passwords(client: &Client, tenants: &Tenants, administrator: &SignIn) -> Found {
    let works = |user: &str, tenant: &str| {
        Error::found(Cause::new("known-password").with("user", user).with("tenant", tenant), Remedy::SetPassword)
    };
    if KNOWN.iter().any(|k| k.password == administrator.password.expose_secret()) {
        return Err(works(&administrator.user_name, &administrator.tenant));
    }
    let mut tried = 0_u64;
    for known in KNOWN {
        let who = SignIn {
            tenant: known.tenant(tenants).to_owned(),
            user_name: known.user_name.to_owned(),
            password: SecretString::from(known.password),
            user_type: known.user_type,
        };
        // Its password is known to be another one: no wrong try is spent on it.
        if (&who.user_name, &who.tenant) == (&administrator.user_name, &administrator.tenant) {
            continue;
        }
        if opens(client, &who, Door::Gateway, false).await? {
            return Err(works(&who.user_name, &who.tenant));
        }
        tried += 1;
    }
    Ok(data([("tried", tried.to_string())]))
}

/// Whether the fixed code signs citizens in: fit for a demo alone, and said as a note.
pub(super) async fn fixed_code(client: &Client, tenants: &Tenants) -> Option<Cause> {
    let who = SignIn {
        tenant: tenants.state.clone(),
        user_name: RESERVED_MOBILE.to_owned(),
        password: SecretString::from(FIXED_CODE),
        user_type: UserType::Citizen,
    };
    match opens(client, &who, Door::Gateway, false).await {
        Ok(true) => Some(Cause::new("fixed-code").with("tenant", &tenants.state)),
        _ => None,
    }
}

/// In a demo: the sample citizen signs in, by the fixed code, or by the sample password where codes are not asked for.
pub(super) async fn citizen(client: &Client, citizen: &SignIn) -> Found {
    let by_code = SignIn { password: SecretString::from(FIXED_CODE), ..citizen.clone() };
    match client.sign_in(&by_code).await {
        Ok(_) => Ok(data([("by", "code".to_owned())])),
        Err(error) if error.code() == "credentials-refused" => match client.sign_in(citizen).await {
            Ok(_) => Ok(data([("by", "password".to_owned())])),
            // What the code was answered is what people will meet.
            Err(_) => Err(error),
        },
        Err(error) => Err(error),
    }
}
