//! egov-otp and user-otp (§4.4).

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::tenant::state_of;
use crate::world::{Otp, World};
use crate::{Condition, Service};

use super::spring::{body, needs_tables, response_info};

const OTP: Shape = Shape::Fields(&[
    ("mobileNumber", Shape::Text),
    ("tenantId", Shape::Text),
    ("type", Shape::Text),
    ("userType", Shape::Text),
    ("identity", Shape::Text),
    ("otp", Shape::Text),
]);
const DECLARED: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO), ("otp", OTP)]);

/// §4.4: an OTP is good for 15 minutes and has 6 digits.
const GOOD_FOR: Duration = Duration::from_secs(15 * 60);
const DIGITS: usize = 6;

pub(crate) fn answer_user_otp(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    (path == "/v1/_send").then(|| send(world, request).unwrap_or_else(|refused| refused))
}

pub(crate) fn answer_otp(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    (path == "/v1/_validate").then(|| validate(world, request).unwrap_or_else(|refused| refused))
}

/// `POST /user-otp/v1/_send`: 201.
fn send(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    let otp = shape::object(&body, "otp").unwrap_or(&Value::Null);
    let of = |field: &str| shape::filled(otp, field);
    let mut missing = Vec::new();
    for (field, code) in [("mobileNumber", "OTP.MOBILE_NUMBER_MANDATORY"), ("tenantId", "OTP.TENANT_ID_MANDATORY")] {
        if of(field).is_none() {
            missing.push((code, "mandatory", field));
        }
    }
    let kind = of("type").unwrap_or_default().to_lowercase();
    if !matches!(kind.as_str(), "login" | "register" | "passwordreset") {
        missing.push(("OTP.TYPE_MANDATORY", "type is mandatory", "type"));
    }
    if !missing.is_empty() {
        // The codes of these are not on the page; its form is (§2).
        return Err(errors::with_fields("OTP request fields are invalid", &missing));
    }
    let (mobile, tenant) = (of("mobileNumber").unwrap_or_default(), of("tenantId").unwrap_or_default());
    let user_type = of("userType").unwrap_or_else(|| "CITIZEN".to_owned()).to_uppercase();
    let tenant = if user_type == "CITIZEN" { state_of(&tenant).to_owned() } else { tenant };
    if world.has(&Condition::KafkaDown) || world.down(Service::User) || world.down(Service::Otp) {
        return Err(errors::fault("RuntimeException", "Failed to send OTP").after(world.options.kafka_wait));
    }
    needs_tables(world, Service::Otp)?;
    let known = world.users.named(&mobile, &tenant, &user_type).is_some();
    if kind == "register" && known {
        return Err(errors::with_fields(
            "Mobile number is already registered",
            &[("OTP.MOBILENUMBER", "Mobile number is already registered", "otp.mobileNumber")],
        ));
    }
    if kind != "register" && !known {
        return Err(errors::with_fields(
            "User not found",
            &[("OTP.UNKNOWN_CREDENTIAL", "User with the given credentials does not exist", "otp.mobileNumber")],
        ));
    }
    let code = SecretString::from(world.draw.digits(DIGITS));
    world.otps.insert((tenant, mobile), Otp { code, until: world.now + GOOD_FOR });
    Ok(Answer::json(201, &json!({"responseInfo": null, "isSuccessful": true})))
}

/// `POST /otp/v1/_validate`. Its errors' texts are not on the page.
fn validate(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    needs_tables(world, Service::Otp)?;
    let otp = &body["otp"];
    let of = |field: &str| shape::filled(otp, field).unwrap_or_default();
    if take(world, &of("tenantId"), &of("identity"), &of("otp")) {
        return Ok(Answer::ok(json!({
            "responseInfo": response_info(&body["RequestInfo"]),
            "otp": {"identity": of("identity"), "tenantId": of("tenantId"), "isValidationSuccessful": true},
        })));
    }
    Err(unsuccessful())
}

/// The refusal of a wrong OTP, as registration passes it on (§4.4).
pub(crate) fn unsuccessful() -> Answer {
    errors::with_fields(
        "OTP validation unsuccessful",
        &[("OTP.VALIDATION_UNSUCCESSFUL", "OTP validation unsuccessful", "otp")],
    )
}

/// Whether this is the OTP that is out for a number; it is good once.
pub(crate) fn take(world: &mut World, tenant: &str, mobile: &str, code: &str) -> bool {
    let key = (tenant.to_owned(), mobile.to_owned());
    let good = world.otps.get(&key).is_some_and(|otp| otp.until > world.now && otp.code.expose_secret() == code);
    if good {
        world.otps.remove(&key);
    }
    good
}
