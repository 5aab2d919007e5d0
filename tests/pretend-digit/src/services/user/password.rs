//! `POST /user/password/_update` (§4.3): somebody changes the password of his own.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::tenant::state_of;

use super::super::spring::response_info;
use super::fields;
use super::reading::{body, needs_storage};

const DECLARED: Shape = Shape::Fields(&[
    ("RequestInfo", shape::REQUEST_INFO),
    ("requestInfo", shape::REQUEST_INFO),
    ("tenantId", Shape::Text),
    ("type", Shape::Text),
    ("existingPassword", Shape::Text),
    ("newPassword", Shape::Text),
]);

/// The name is taken from `RequestInfo.userInfo`.
pub(crate) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let (body, info) = body(request, &DECLARED)?;
    let name = info.get("userInfo").and_then(|u| shape::filled(u, "userName"));
    let of = |field: &str| shape::filled(&body, field);
    let all = (name, of("tenantId"), fields::kind(&body), of("existingPassword"), of("newPassword"));
    let (Some(name), Some(tenant), Some(kind), Some(old), Some(new)) = all else {
        return Err(errors::user_fault("InvalidLoggedInUserUpdatePasswordRequestException", None));
    };
    needs_storage(world)?;
    let tenant = if kind == "CITIZEN" { state_of(&tenant).to_owned() } else { tenant };
    let (old, new) = (SecretString::from(old), SecretString::from(new));
    let uuid = world.users.named(&name, &tenant, &kind).map(|u| u.uuid.clone());
    let Some(uuid) = uuid else { return Err(errors::user_fault("UserNotFoundException", None)) };
    let Some(row) = world.users.rows.iter_mut().find(|u| u.uuid == uuid) else {
        return Err(errors::user_fault("UserNotFoundException", None));
    };
    if row.password.expose_secret() != old.expose_secret() {
        // Which class it is, the page does not tell.
        return Err(errors::user_fault("PasswordMismatchException", None));
    }
    fields::password_rule(&new)?;
    row.password = new;
    row.changed = world.now;
    let mut info = response_info(&info);
    info["status"] = json!("200");
    Ok(Answer::ok(json!({"responseInfo": info, "user": [], "successful": true})))
}
