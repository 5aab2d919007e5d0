//! `POST /user/oauth/token`, `/user/_details`, `/user/_logout` (§4.2).

use std::time::Duration;

use base64::Engine as _;
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::tenant::state_of;
use crate::world::users::{Token, User};
use crate::{Condition, Service};

use super::super::spring::response_info;
use super::super::{enc, otp};
use super::reading::{only_post, read};

/// §4.2: seven days.
const GOOD_FOR: Duration = Duration::from_secs(604_800);
/// §4.2: wrong passwords are counted for half an hour; the fifth is the one that fails otherwise.
const COUNTED_FOR: SignedDuration = SignedDuration::from_mins(30);
const TOO_MANY: usize = 5;
/// §4.4: D's demo value.
const FIXED_OTP: &str = "123456";

const WRONG: &str = "Invalid login credentials";

/// The token of a user: the same as long as one is out, with the roles of the first time.
pub(crate) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    only_post(request)?;
    client(request)?;
    let form = request.form();
    let of = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
    let invalid = |text: &str| errors::oauth(400, "invalid_request", text);
    match of("grant_type") {
        Some("password") => {}
        Some(other) => {
            return Err(errors::oauth(400, "unsupported_grant_type", &format!("Unsupported grant type: {other}")));
        }
        None => return Err(invalid("Missing grant type")),
    }
    let Some(tenant) = of("tenantId") else { return Err(invalid("TenantId is mandatory")) };
    let kind =
        of("userType").map(str::to_uppercase).filter(|k| matches!(k.as_str(), "EMPLOYEE" | "CITIZEN" | "SYSTEM"));
    let Some(kind) = kind else {
        return Err(invalid("User Type is mandatory and has to be a valid type"));
    };
    needs(world)?;
    // §4.2: for citizens the city is cut to the state.
    let tenant = if kind == "CITIZEN" { state_of(tenant) } else { tenant };
    let Some(user) = world.users.named(of("username").unwrap_or_default(), tenant, &kind).cloned() else {
        return Err(invalid(WRONG));
    };
    if !user.active {
        return Err(invalid("Please activate your account"));
    }
    if user.locked {
        return Err(invalid("Account locked"));
    }
    // §1.4: the field skips the password.
    let internal =
        of("isInternal").is_some_and(|v| v.eq_ignore_ascii_case("true")) && !world.has(&Condition::IsInternalFixed);
    if !internal {
        let password = SecretString::from(of("password").unwrap_or_default());
        proven(world, &user, &password)?;
    }
    Ok(said_to(world, &user))
}

/// A token for somebody who has proven himself.
pub(crate) fn said_to(world: &mut World, user: &User) -> Answer {
    let token = token_of(world, user);
    said(&token, world.now)
}

/// The client's Basic header (§4.2): `egov-user-client` with an empty secret.
fn client(request: &Request) -> Result<(), Answer> {
    let given = request.header("authorization").and_then(|line| line.strip_prefix("Basic "));
    let given = given.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text.trim()).ok());
    if given.as_deref() == Some(b"egov-user-client:") {
        return Ok(());
    }
    let answer = errors::oauth(401, "unauthorized", "Full authentication is required to access this resource");
    Err(answer.with("www-authenticate", "Basic realm=\"oauth2/client\""))
}

/// Tables, Redis, Kafka and enc-service (§3.1, §4.2, §6.8).
fn needs(world: &World) -> Result<(), Answer> {
    let failed = |text: &str| errors::oauth(500, "server_error", text);
    if world.without_tables(Service::User) {
        return Err(failed(&errors::no_table("eg_user")));
    }
    if world.has(&Condition::KafkaDown) {
        return Err(failed("Unknown error occurred in decryption process").after(world.options.kafka_wait));
    }
    if !enc::works(world) {
        // READ (§7): the same text, at once.
        return Err(failed("Unknown error occurred in decryption process"));
    }
    if world.has(&Condition::RedisDown) {
        return Err(failed(
            "redis.clients.jedis.exceptions.JedisConnectionException: Could not get a resource from the pool",
        ));
    }
    Ok(())
}

/// Whether the password, or for a citizen the OTP, is right.
fn proven(world: &mut World, user: &User, password: &SecretString) -> Result<(), Answer> {
    let text = password.expose_secret();
    let right = if user.kind == "CITIZEN" {
        // §4.4: the fixed OTP signs in citizens that exist; else the one that was sent.
        text == FIXED_OTP && !world.has(&Condition::FixedOtpOff) || otp::take(world, &user.tenant, &user.mobile, text)
    } else {
        user.password.expose_secret() == text
    };
    let now = world.now;
    let Some(row) = world.users.rows.iter_mut().find(|u| u.uuid == user.uuid) else { return Ok(()) };
    if right {
        row.failures.clear();
        return Ok(());
    }
    row.failures.retain(|at| now.duration_since(*at) < COUNTED_FOR);
    row.failures.push(now);
    if row.failures.len() >= TOO_MANY {
        // §4.2: meant to lock, in fact fails, and does not lock.
        let text = "Cannot invoke \"java.lang.Long.longValue()\" because the return value of \"org.egov.common.contract.request.User.getId()\" is null: User.getId() is null";
        return Err(errors::oauth(500, "server_error", text));
    }
    Err(errors::oauth(400, "invalid_request", WRONG))
}

/// The token that is out, else a new one.
fn token_of(world: &mut World, user: &User) -> Token {
    let now = world.now;
    world.users.tokens.retain(|t| t.until > now);
    if let Some(token) = world.users.tokens.iter().find(|t| t.of == user.uuid) {
        return token.clone();
    }
    let token = Token {
        access: SecretString::from(world.draw.uuid()),
        refresh: SecretString::from(world.draw.uuid()),
        of: user.uuid.clone(),
        user: user.short(),
        until: now + GOOD_FOR,
    };
    world.users.tokens.push(token.clone());
    token
}

fn said(token: &Token, now: jiff::Timestamp) -> Answer {
    let left = token.until.duration_since(now).as_secs() - 1;
    Answer::ok(json!({
        "access_token": token.access.expose_secret(), "token_type": "bearer",
        "refresh_token": token.refresh.expose_secret(), "expires_in": left, "scope": "read",
        "ResponseInfo": {"api_id": "", "ver": "", "ts": "", "res_msg_id": "", "msg_id": "",
            "status": "Access Token generated successfully"},
        "UserRequest": token.user,
    }))
}

/// `POST /user/_details?access_token=…`: the user as he was when the token was made. Works without Kafka (§6.8).
pub(crate) fn details(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    only_post(request)?;
    if world.has(&Condition::RedisDown) {
        // Tokens live in Redis; in which words it is said, the page does not tell.
        return Err(errors::user_fault("JedisConnectionException", None));
    }
    let token = request.query("access_token").and_then(|text| world.users.token(text, world.now));
    match token {
        Some(token) => Ok(Answer::ok(token.user.clone())),
        None => Err(errors::user_fault("InvalidAccessTokenException", None)),
    }
}

const LOGOUT: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO), ("access_token", Shape::Text)]);

/// `POST /user/_logout`: the one way but time to end a token.
pub(crate) fn logout(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = read(request, &LOGOUT)?;
    let Some(text) = shape::filled(&body, "access_token").or_else(|| request.query("access_token").map(str::to_owned))
    else {
        return Err(errors::user_refused("Logout failed", "Logout failed"));
    };
    world.users.tokens.retain(|t| t.access.expose_secret() != text);
    let mut info = response_info(body.get("RequestInfo").unwrap_or(&Value::Null));
    info["status"] = json!("Logout successfully");
    Ok(Answer::ok(info))
}
