//! `POST /user/users/_createnovalidate` (§4.1), and what HRMS and PGR make of it.

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::Condition;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::tenant::state_of;
use crate::world::users::{Role, User, written};

use super::super::spring::response_info;
use super::fields;
use super::reading::{body, needs_storage};

pub(crate) const DECLARED: Shape = Shape::Fields(&[
    ("RequestInfo", shape::REQUEST_INFO),
    ("requestInfo", shape::REQUEST_INFO),
    ("user", fields::USER),
]);

/// Creates a user as it is told to, and says him back.
pub(crate) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let (body, info) = body(request, &DECLARED)?;
    let Some(user) = shape::object(&body, "user") else {
        return Err(errors::user_fault("NullPointerException", None));
    };
    fields::misread_date(user)?;
    fields::validated(user)?;
    let mut new = read(world, user, &info)?;
    if let Some(password) = shape::text(user, "password") {
        new.password = SecretString::from(password);
        fields::password_rule(&new.password)?;
    }
    let user = insert(world, new)?;
    Ok(said(&info, &user))
}

/// 200 with the user (§4.1).
pub(crate) fn said(info: &Value, user: &User) -> Answer {
    let mut info = response_info(info);
    info["status"] = json!("200");
    Answer::ok(json!({"responseInfo": info, "user": [user.full(written, user.born.as_deref())]}))
}

/// A row of what was sent, not yet in the table.
pub(crate) fn read(world: &mut World, user: &Value, info: &Value) -> Result<User, Answer> {
    let gender = fields::gender(user)?;
    let needed = ["userName", "name", "mobileNumber", "tenantId"].iter().all(|f| shape::filled(user, f).is_some());
    let roles = shape::items(user, "roles");
    let kind = fields::kind(user)
        .filter(|_| needed && !roles.is_empty() && roles.iter().all(|r| shape::filled(r, "code").is_some()));
    let Some(kind) = kind else {
        // Does not say which (§4.1).
        return Err(errors::user_fault("InvalidUserCreateException", None));
    };
    let of = |field: &str| shape::filled(user, field);
    let sent = of("tenantId").unwrap_or_default();
    let roles: Vec<Role> = fields::roles(world, user, &sent)?;
    // A citizen is the state's, whatever is sent.
    let tenant = if kind == "CITIZEN" { state_of(&sent).to_owned() } else { sent };
    let password = SecretString::from(format!("Aa1@{}", world.draw.digits(11)));
    Ok(User {
        id: 0,
        uuid: world.draw.uuid(),
        user_name: of("userName").unwrap_or_default(),
        name: of("name").unwrap_or_default(),
        mobile: of("mobileNumber").unwrap_or_default(),
        email: of("emailId"),
        kind,
        tenant,
        roles,
        // Absent is inactive (§4.1).
        active: shape::flag(user, "active").unwrap_or(false),
        locked: false,
        password,
        gender,
        born: of("dob"),
        created_by: info.get("userInfo").and_then(|u| shape::number(u, "id")),
        created: world.now,
        changed: world.now,
        failures: Vec::new(),
    })
}

/// Puts a row into the table, if nothing forbids it. Written at once, unlike what goes over Kafka (§4.1).
pub(crate) fn insert(world: &mut World, mut user: User) -> Result<User, Answer> {
    if world.has(&Condition::MdmsV2Nowhere) {
        // §1.8: the number's rule is asked for without time-out.
        return Err(Answer::never());
    }
    fields::mobile_rule(&user.mobile)?;
    needs_storage(world)?;
    if world.users.named(&user.user_name, &user.tenant, &user.kind).is_some() {
        return Err(errors::user_fault("DuplicateUserNameException", None));
    }
    user.id = world.users.next_id();
    world.users.rows.push(user.clone());
    Ok(user)
}
