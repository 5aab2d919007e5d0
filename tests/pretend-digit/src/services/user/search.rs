//! `POST /user/_search`, `/user/v1/_search` (§4.3).

use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::tenant::state_of;
use crate::world::users::{User, searched};

use super::super::calls::THROUGH_GATEWAY;
use super::super::spring::response_info;
use super::reading::{body, needs_storage};

const DECLARED: Shape = Shape::Fields(&[
    ("RequestInfo", shape::REQUEST_INFO),
    ("requestInfo", shape::REQUEST_INFO),
    ("tenantId", Shape::Text),
    ("userName", Shape::Text),
    ("name", Shape::Text),
    ("mobileNumber", Shape::Text),
    ("emailId", Shape::Text),
    ("uuid", Shape::List(&Shape::Text)),
    ("id", Shape::List(&Shape::Number)),
    ("roleCodes", Shape::List(&Shape::Text)),
    ("userType", Shape::Text),
    ("active", Shape::Flag),
    ("pageSize", Shape::Number),
    ("pageNumber", Shape::Number),
]);

/// Which of the two it is: `/user/_search` finds active users alone (§4.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    ActiveOnly,
    All,
}

/// READ: through the gateway at most that many rows (§4.3).
const ROWS_THROUGH_GATEWAY: usize = 10;

/// Users that fit; none is an empty list. Personal data come in clear, whoever asks (§4.3).
pub(crate) fn answer(world: &mut World, request: &Request, which: Which) -> Result<Answer, Answer> {
    let (body, info) = body(request, &DECLARED)?;
    let of = |field: &str| shape::filled(&body, field);
    let (uuids, roles) = (shape::texts(&body, "uuid"), shape::texts(&body, "roleCodes"));
    let narrow = ["userName", "name", "mobileNumber", "emailId", "userType"].iter().any(|f| of(f).is_some());
    if !narrow && uuids.is_empty() && roles.is_empty() && shape::items(&body, "id").is_empty() {
        return Err(errors::user_fault("InvalidUserSearchCriteriaException", None));
    }
    let by_name = ["userName", "mobileNumber", "name"].iter().any(|f| of(f).is_some());
    if by_name && of("tenantId").is_none() {
        // READ: a name is looked up with its tenant.
        return Err(errors::user_fault("InvalidUserSearchCriteriaException", None));
    }
    needs_storage(world)?;
    let ids: Vec<i64> = shape::items(&body, "id").iter().filter_map(Value::as_i64).collect();
    let kind = of("userType").map(|k| k.to_uppercase());
    // A citizen is the state's (§4.1).
    let tenant = of("tenantId").map(|t| if kind.as_deref() == Some("CITIZEN") { state_of(&t).to_owned() } else { t });
    let active = if which == Which::ActiveOnly { Some(true) } else { shape::flag(&body, "active") };
    let same = |wanted: Option<String>, value: &str| wanted.is_none_or(|w| w == value);
    let fits = |user: &&User| {
        same(of("userName"), &user.user_name)
            && same(of("name"), &user.name)
            && same(of("mobileNumber"), &user.mobile)
            && same(of("emailId"), user.email.as_deref().unwrap_or_default())
            && same(kind.clone(), &user.kind)
            && same(tenant.clone(), &user.tenant)
            && (uuids.is_empty() || uuids.contains(&user.uuid))
            && (ids.is_empty() || ids.contains(&user.id))
            && (roles.is_empty() || user.roles.iter().any(|r| roles.contains(&r.code)))
            && active.is_none_or(|a| a == user.active)
    };
    let asked = shape::number(&body, "pageSize").and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    let most = if request.header(THROUGH_GATEWAY).is_some() { ROWS_THROUGH_GATEWAY } else { usize::MAX };
    let found: Vec<Value> = world
        .users
        .rows
        .iter()
        .filter(fits)
        .take(asked.min(most))
        .map(|u| u.full(searched, u.born.as_deref().map(searched_birthday).as_deref()))
        .collect();
    let mut info = response_info(&info);
    info["status"] = json!("200");
    Ok(Answer::ok(json!({"responseInfo": info, "user": found})))
}

/// A birthday in a search's form (§4.3: other than a request's).
fn searched_birthday(born: &str) -> String {
    born.split('/').rev().collect::<Vec<_>>().join("-")
}
