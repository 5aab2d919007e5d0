//! `POST /user/users/_updatenovalidate` (§4.3): the whole user, found by `uuid`.

use secrecy::SecretString;

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape;
use crate::world::World;

use super::reading::{body, needs_storage};
use super::{create, fields};

/// Changes a user. A token that is out is not touched (§4.2).
pub(crate) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let (body, info) = body(request, &create::DECLARED)?;
    let Some(user) = shape::object(&body, "user") else {
        return Err(errors::user_fault("NullPointerException", None));
    };
    // §4.3: dates from a search must be nulled first.
    fields::misread_date(user)?;
    fields::validated(user)?;
    needs_storage(world)?;
    let known = shape::filled(user, "uuid").and_then(|uuid| world.users.of_uuid(&uuid).cloned());
    let Some(mut row) = known else {
        // Which class it is, the page does not tell.
        return Err(errors::user_fault("UserNotFoundException", None));
    };
    let roles = shape::items(user, "roles");
    if roles.is_empty() || roles.iter().any(|r| shape::filled(r, "code").is_none()) {
        return Err(errors::user_fault("AtleastOneRoleCodeException", None));
    }
    row.roles = fields::roles(world, user, &row.tenant)?;
    row.gender = fields::gender(user)?.or(row.gender);
    let text = |field: &str| shape::filled(user, field);
    row.name = text("name").unwrap_or(row.name);
    row.mobile = text("mobileNumber").unwrap_or(row.mobile);
    fields::mobile_rule(&row.mobile)?;
    row.email = text("emailId").or(row.email);
    row.born = text("dob").or(row.born);
    row.active = shape::flag(user, "active").unwrap_or(row.active);
    row.locked = shape::flag(user, "accountLocked").unwrap_or(row.locked);
    if let Some(password) = shape::filled(user, "password") {
        // This is how a password is reset.
        let password = SecretString::from(password);
        fields::password_rule(&password)?;
        row.password = password;
    }
    if !row.locked {
        row.failures.clear();
    }
    row.changed = world.now;
    let answer = create::said(&info, &row);
    if let Some(place) = world.users.rows.iter_mut().find(|u| u.uuid == row.uuid) {
        *place = row;
    }
    Ok(answer)
}
