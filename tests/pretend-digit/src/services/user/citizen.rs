//! `POST /user/citizen/_create` (§4.4): somebody registers, with the real OTP and no other.

use serde_json::{Value, json};

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape;
use crate::world::World;
use crate::world::tenant::state_of;

use super::super::otp;
use super::reading::body;
use super::{create, fields, token};

/// Registers a citizen, and signs him in.
pub(crate) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let (body, info) = body(request, &create::DECLARED)?;
    let Some(user) = shape::object(&body, "user") else {
        return Err(errors::user_fault("NullPointerException", None));
    };
    fields::misread_date(user)?;
    fields::validated(user)?;
    let mut sent = user.clone();
    // He is what registration makes of him, whatever is sent.
    let state = state_of(&shape::text(user, "tenantId").unwrap_or_default()).to_owned();
    sent["type"] = json!("CITIZEN");
    sent["active"] = json!(true);
    sent["roles"] = json!([{"code": "CITIZEN", "tenantId": state}]);
    if shape::filled(&sent, "userName").is_none() {
        sent["userName"] = sent.get("mobileNumber").cloned().unwrap_or(Value::Null);
    }
    let new = create::read(world, &sent, &info)?;
    if world.down(Service::Otp) {
        return Err(errors::user_fault("ResourceAccessException", None));
    }
    // §4.4: the fixed OTP does not do.
    let code = shape::filled(user, "otpReference").unwrap_or_default();
    if !otp::take(world, &new.tenant, &new.mobile, &code) {
        return Err(otp::unsuccessful());
    }
    let new = create::insert(world, new)?;
    Ok(token::said_to(world, &new))
}
