//! What egov-user asks of a user's fields (§4.1, §1.10).

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::users::Role;

use super::super::mdms;

/// A user in a request. Dates are read in one form only; see [`misread_date`].
pub(crate) const USER: Shape = Shape::Fields(&[
    ("id", Shape::Number),
    ("uuid", Shape::Text),
    ("userName", Shape::Text),
    ("name", Shape::Text),
    ("mobileNumber", Shape::Text),
    ("emailId", Shape::Text),
    ("type", Shape::Text),
    ("tenantId", Shape::Text),
    ("password", Shape::Text),
    ("gender", Shape::Text),
    ("dob", Shape::Text),
    ("active", Shape::Flag),
    ("accountLocked", Shape::Flag),
    ("otpReference", Shape::Text),
    ("roles", Shape::List(&shape::ROLE)),
]);

/// §4.1: not in a name (READ).
const NOT_IN_A_NAME: &str = "$\"<>?\\~`!@#%^()+={}[]*,:;“”‘’";

/// What bean validation says before anything else, each with Spring's code (§4.1).
pub(crate) fn validated(user: &Value) -> Result<(), Answer> {
    let mut wrong = Vec::new();
    let mut say = |field: &str, constraint: &str, message: &str| {
        wrong.push((format!("{constraint}.createUserRequest.user.{field}"), message.to_owned()));
    };
    let of = |field: &str| shape::text(user, field);
    for (field, most) in [("userName", 64), ("name", 50)] {
        if of(field).is_some_and(|text| text.chars().count() > most) {
            say(field, "Size", &format!("size must be between 0 and {most}"));
        }
    }
    if of("name").is_some_and(|name| name.contains(|c| NOT_IN_A_NAME.contains(c))) {
        say("name", "Pattern", "must match the pattern of a name");
    }
    if of("tenantId").is_some_and(|t| !t.chars().all(|c| c.is_ascii_alphabetic() || c == '.' || c == ' ')) {
        say("tenantId", "Pattern", "must match \"^[a-zA-Z. ]*$\"");
    }
    if of("emailId").is_some_and(|e| !e.is_empty() && !is_address(&e)) {
        say("emailId", "Email", "must be a well-formed email address");
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let wrong: Vec<(&str, String)> = wrong.iter().map(|(code, message)| (code.as_str(), message.clone())).collect();
    Err(errors::user_refused_all(&wrong))
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "()<>,;:\\\"@".contains(c));
    plain(local) && domain.split('.').all(plain)
}

/// The gender as it is stored, or a refusal (§4.1). The seed data write `Male`, so case does not count.
pub(crate) fn gender(user: &Value) -> Result<Option<String>, Answer> {
    match shape::filled(user, "gender").map(|g| g.to_uppercase()) {
        None => Ok(None),
        Some(known) if matches!(known.as_str(), "MALE" | "FEMALE" | "TRANSGENDER") => Ok(Some(known)),
        Some(_) => Err(errors::user_fault("IllegalArgumentException", None)),
    }
}

/// The type in capitals; case does not matter, an unknown one is as none (§4.1).
pub(crate) fn kind(user: &Value) -> Option<String> {
    let kind = shape::filled(user, "type")?.to_uppercase();
    matches!(kind.as_str(), "EMPLOYEE" | "CITIZEN" | "SYSTEM" | "BUSINESS").then_some(kind)
}

/// A date that cannot be read: a search's form is not a request's (§4.3), and a birthday is `dd/MM/yyyy` (§4.1).
pub(crate) fn misread_date(user: &Value) -> Result<(), Answer> {
    let reads = |field: &str, form: &str| match user.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty() || jiff::fmt::strtime::parse(form, text).is_ok(),
        Some(_) => false,
    };
    let well = reads("dob", "%d/%m/%Y")
        && ["createdDate", "lastModifiedDate", "pwdExpiryDate"].iter().all(|f| reads(f, "%d-%m-%Y %H:%M:%S"));
    if well {
        return Ok(());
    }
    Err(errors::user_refused("JsonMappingException", "Failed to deserialize certain JSON fields"))
}

/// The password rule (§1.10): 8 to 15 characters, a digit, a lower and an upper case letter, one of `@#$%`, no white space.
pub(crate) fn password_rule(password: &SecretString) -> Result<(), Answer> {
    let text = password.expose_secret();
    let count = text.chars().count();
    let mut wrong = Vec::new();
    if !(8..=15).contains(&count) {
        wrong.push(("INVALID_PWD_LENGTH", "Password must be between 8 and 15 characters long".to_owned()));
    }
    let has = |which: fn(char) -> bool| text.chars().any(which);
    let well = has(|c| c.is_ascii_digit())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_uppercase())
        && has(|c| "@#$%".contains(c))
        && !has(char::is_whitespace);
    if !well {
        let text = "Password must have a digit, a lower and an upper case letter, and a special character from @#$%";
        wrong.push(("INVALID_PWD_PATTERN", text.to_owned()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(errors::user_refused_all(&wrong)) }
}

/// The number rule of an installation without rules in mdms-v2: 10 digits, the first may be 0 (§1.8, §4.1).
pub(crate) fn mobile_rule(mobile: &str) -> Result<(), Answer> {
    let mut wrong = Vec::new();
    if mobile.chars().count() != 10 {
        wrong.push(("INVALID_MOBILE_LENGTH", "Mobile number must be 10 digits long".to_owned()));
    }
    if mobile.chars().count() != 10 || !mobile.chars().all(|c| c.is_ascii_digit()) {
        wrong.push(("INVALID_MOBILE_FORMAT", "Mobile number format is invalid".to_owned()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(errors::user_refused_all(&wrong)) }
}

/// The roles of a user: at least one with a code, each known to MDMS, which names them. A role's own tenant is not looked at;
/// absent it is the user's (§4.1).
pub(crate) fn roles(world: &World, user: &Value, tenant: &str) -> Result<Vec<Role>, Answer> {
    let mut found = Vec::new();
    for role in shape::items(user, "roles") {
        let Some(code) = shape::filled(role, "code") else { continue };
        let known = mdms::item(world, tenant, ("ACCESSCONTROL-ROLES", "roles"), "code", &code);
        let Some(known) = known else {
            return Err(errors::user_refused("INVALID_ROLE", "Unable to validate role from MDMS"));
        };
        let name = known["name"].as_str().unwrap_or(&code).to_owned();
        let tenant = shape::filled(role, "tenantId").unwrap_or_else(|| tenant.to_owned());
        found.push(Role { code, name, tenant });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(answer: Result<(), Answer>) -> Vec<String> {
        let Err(answer) = answer else { return Vec::new() };
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        body["Errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn passwords() {
        for (password, expected) in [
            ("Abcdef1@", vec![]),
            ("Abcdefghijkl1%3", vec![]),
            ("Abcdefghijkl1%34", vec!["INVALID_PWD_LENGTH"]),
            ("Abcde1@", vec!["INVALID_PWD_LENGTH"]),
            ("abcdef1@", vec!["INVALID_PWD_PATTERN"]),
            ("ABCDEF1@", vec!["INVALID_PWD_PATTERN"]),
            ("Abcdefg@", vec!["INVALID_PWD_PATTERN"]),
            ("Abcdefg1!", vec!["INVALID_PWD_PATTERN"]),
            ("Abc def1@", vec!["INVALID_PWD_PATTERN"]),
            ("", vec!["INVALID_PWD_LENGTH", "INVALID_PWD_PATTERN"]),
        ] {
            assert_eq!(codes(password_rule(&SecretString::from(password))), expected, "{password}");
        }
    }

    #[test]
    fn numbers() {
        for (mobile, expected) in [
            ("0123456789", vec![]),
            ("123456789", vec!["INVALID_MOBILE_LENGTH", "INVALID_MOBILE_FORMAT"]),
            ("12345abcde", vec!["INVALID_MOBILE_FORMAT"]),
        ] {
            assert_eq!(codes(mobile_rule(mobile)), expected, "{mobile}");
        }
    }

    #[test]
    fn names_addresses_and_tenants() {
        use serde_json::json;
        for (user, expected) in [
            (json!({"name": "सीता O'Neil & Co."}), vec![]),
            (json!({"name": "a@b"}), vec!["Pattern.createUserRequest.user.name"]),
            (json!({"name": "x".repeat(51)}), vec!["Size.createUserRequest.user.name"]),
            (json!({"userName": "<b>a b</b>"}), vec![]),
            (json!({"userName": "x".repeat(65)}), vec!["Size.createUserRequest.user.userName"]),
            (json!({"tenantId": "pg.city1"}), vec!["Pattern.createUserRequest.user.tenantId"]),
            (json!({"emailId": "a@example.org"}), vec![]),
            (json!({"emailId": "nobody"}), vec!["Email.createUserRequest.user.emailId"]),
        ] {
            assert_eq!(codes(validated(&user)), expected, "{user}");
        }
    }
}
