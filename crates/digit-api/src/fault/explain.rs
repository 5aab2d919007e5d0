//! Symptom → cause → remedy, a pure function. The rules are those of DIGIT's own services as they were seen to behave; the order
//! matters: what is told by a word in the text comes before what is told by the status alone.

use cause::Cause;
use serde::{Deserialize, Serialize};

use super::said::Said;
use super::seen::{Found, NoAnswer, Seen, Service};

/// From here on an answer was late because something behind the service was waited for, in milliseconds.
const WAITED: u64 = 20_000;
/// What is kept of DIGIT's own words, in characters.
const WORDS: usize = 200;

/// What to do first. The words for it live in the message files, `remedy-CODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Look at the address: name, port, scheme.
    CheckAddress,
    /// Look at the certificate, or trust its issuer.
    CheckCertificate,
    /// Look at what stands between here and DIGIT.
    CheckProxy,
    /// Set this computer's clock, or the server's.
    SetClock,
    /// Wait, then do the same again.
    WaitAndRepeat,
    /// Read the service's log, then do the same again.
    ReadLog,
    /// Run the service's migrations.
    RunMigrations,
    /// Set `IS_ENVIRONMENT_CENTRAL_INSTANCE` to `false`.
    SetCentralInstance,
    /// Set `SPRING_DATASOURCE_DRIVER_CLASS_NAME`.
    SetDriverClass,
    /// Set `EGOV_MDMS_V2_HOST` to the mdms-v2 service.
    SetMdmsV2Host,
    /// Restart the gateway: it reads its routes once.
    RestartGateway,
    /// Restart egov-workflow-v2 once: it keeps an empty answer for 15 minutes.
    RestartWorkflow,
    /// Look at Kafka.
    CheckKafka,
    /// Look at Redis.
    CheckRedis,
    /// Look at egov-persister and its mappings.
    CheckPersister,
    /// Look at egov-enc-service.
    CheckEncService,
    /// Look at egov-accesscontrol and the master data of roles and actions.
    CheckAccessControl,
    /// Look at the object store: bucket, keys, region, address.
    CheckObjectStore,
    /// Look at the master data that mdms-service reads.
    CheckMasterData,
    /// Give the account the roles that are named.
    GiveRoles,
    /// Use the right password, or set a new one.
    SetPassword,
    /// Activate or unlock the account.
    ActivateAccount,
    /// Take another name or code, or remove the half-made one.
    TakeAnotherName,
    /// Do without a named employee, or install the newer PGR.
    AssignWithoutName,
    /// Close the way in: the filter at the web entry, or a fixed image.
    CloseTheWay,
    /// Load the seed data again.
    LoadMessages,
    /// Look at the web front end and its settings.
    CheckFrontEnd,
    /// Nothing that a person can do: tell us.
    Report,
}

/// What a fault means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// A code with data; message `cause-CODE`.
    pub cause: Cause,
    /// What to do first.
    pub remedy: Remedy,
}

/// Concludes from what was seen.
#[must_use]
pub fn explain(seen: &Seen) -> Explained {
    let (code, remedy) = match &seen.found {
        Found::TooLarge { .. } => ("body-too-large", Remedy::Report),
        Found::NoAnswer(why) => no_answer(*why, seen),
        Found::Answer { status, said } => answer(*status, said, seen),
    };
    let mut cause = Cause::new(code)
        .with("service", seen.service.name())
        .with("call", &seen.call)
        .with("at", &seen.at)
        .with("seconds", seen.took_ms / 1000);
    if let Found::TooLarge { bytes } = seen.found {
        cause = cause.with("bytes", bytes);
    }
    if let Some(status) = seen.status() {
        cause = cause.with("status", status);
    }
    if let Some(words) = seen.said().map(Said::words).filter(|w| !w.is_empty()) {
        cause = cause.with("said", words.chars().take(WORDS).collect::<String>());
    }
    if let Some(between) = &seen.between {
        cause = cause.with("between", between);
    }
    Explained { cause, remedy }
}

fn no_answer(why: NoAnswer, seen: &Seen) -> (&'static str, Remedy) {
    match why {
        NoAnswer::Unresolved => ("address-unknown", Remedy::CheckAddress),
        NoAnswer::Refused => ("connection-refused", Remedy::CheckAddress),
        NoAnswer::Cut => ("connection-cut", Remedy::WaitAndRepeat),
        NoAnswer::Tls => ("certificate-not-trusted", Remedy::CheckCertificate),
        NoAnswer::Proxy => ("proxy-in-between", Remedy::CheckProxy),
        NoAnswer::Other => ("connection-failed", Remedy::CheckAddress),
        // egov-user asks eGov's own server when a user is made, without a time-out of its own.
        NoAnswer::TimedOut if seen.call.ends_with("_createnovalidate") => {
            ("user-creation-hangs", Remedy::SetMdmsV2Host)
        }
        // Redis away: localization answers after 60 s, if at all.
        NoAnswer::TimedOut if seen.service == Service::EgovLocalization => ("redis-away", Remedy::CheckRedis),
        // Kafka away: everything that decrypts a user waits 30 s.
        NoAnswer::TimedOut if seen.service == Service::EgovUser && seen.took_ms >= 30_000 => {
            ("kafka-away", Remedy::CheckKafka)
        }
        NoAnswer::TimedOut => ("no-answer-in-time", Remedy::WaitAndRepeat),
    }
}

fn answer(status: u16, said: &Said, seen: &Seen) -> (&'static str, Remedy) {
    in_between(status, said, seen)
        .or_else(|| behind(&said.words(), seen))
        .or_else(|| of_service(said, seen))
        .or_else(|| of_gateway(status, said))
        .unwrap_or_else(|| by_status(status, said))
}

/// Somebody else than DIGIT answered.
fn in_between(status: u16, said: &Said, seen: &Seen) -> Option<(&'static str, Remedy)> {
    if matches!(seen.service, Service::Web | Service::Elsewhere) && status != 407 {
        return None;
    }
    match (status, said) {
        (407, _) => Some(("proxy-in-between", Remedy::CheckProxy)),
        (300..=399, _) => Some(("redirected-elsewhere", Remedy::CheckAddress)),
        // The one who limits may speak HTML.
        (429, _) => Some(("too-many-requests", Remedy::WaitAndRepeat)),
        (413, _) => Some(("body-too-large", Remedy::Report)),
        (_, Said::Html { .. }) => Some(("proxy-in-between", Remedy::CheckProxy)),
        // DIGIT refuses with 401 and 400; 403 is somebody else's word.
        (403, _) => Some(("forbidden-in-between", Remedy::CheckProxy)),
        (502 | 504, Said::Text(_)) if seen.between.is_some() => Some(("proxy-in-between", Remedy::CheckProxy)),
        _ => None,
    }
}

/// What stands behind the service and is away or not ready.
fn behind(words: &str, seen: &Seen) -> Option<(&'static str, Remedy)> {
    let has = |word: &str| words.contains(word);
    if has("claims to not accept jdbcUrl") {
        return Some(("driver-class", Remedy::SetDriverClass));
    }
    if has("relation \"") && has("does not exist") || has("BadSqlGrammar") {
        return Some(if asks_a_city_schema(words) {
            ("central-instance", Remedy::SetCentralInstance)
        } else {
            ("migrations-missing", Remedy::RunMigrations)
        });
    }
    if has("DataBufferLimitException") || has("Exceeded limit on max bytes") {
        return Some(("body-too-large", Remedy::Report));
    }
    if has("RequestRejectedException") || has("Invalid contextPath") {
        return Some(("double-slash", Remedy::CheckAddress));
    }
    if has("Jedis") || has("Redis") || has("QueryTimeoutException") {
        return Some(("redis-away", Remedy::CheckRedis));
    }
    if has("decryption process") || has("UNKNOWN_ERROR") || has("ENCRYPTION_ERROR") {
        return Some(if seen.took_ms >= WAITED {
            ("kafka-away", Remedy::CheckKafka)
        } else {
            ("enc-service-away", Remedy::CheckEncService)
        });
    }
    if has("User.getId()") {
        return Some(("fifth-wrong-password", Remedy::SetPassword));
    }
    if has("ConnectException")
        || has("ResourceAccessException")
        || has("ServiceCallException")
        || has("UnknownHostException")
    {
        return Some(("service-away", Remedy::WaitAndRepeat));
    }
    None
}

/// `FROM citya.eg_…`: a schema for each city, which only a central instance has.
fn asks_a_city_schema(words: &str) -> bool {
    let mut parts = words.split("FROM ");
    parts.next();
    parts.any(|rest| {
        let table = rest.split_whitespace().next().unwrap_or_default();
        table.split_once('.').is_some_and(|(schema, _)| !schema.is_empty() && schema != "public")
    }) || words.split("relation \"").skip(1).any(|rest| {
        let table = rest.split('"').next().unwrap_or_default();
        table.split_once('.').is_some_and(|(schema, _)| schema != "public")
    })
}

/// What a service's own words mean.
fn of_service(said: &Said, seen: &Seen) -> Option<(&'static str, Remedy)> {
    let words = said.words();
    let has = |word: &str| words.contains(word);
    match seen.service {
        Service::EgovUser => of_user(&has),
        Service::EgovHrms => {
            if has("ERR_HRMS_USER_EXIST") {
                Some(("employee-exists", Remedy::TakeAnotherName))
            } else if has("TenantBoundary") {
                Some(("boundary-missing", Remedy::CheckMasterData))
            } else if has("ERR_HRMS_") {
                Some(("employee-refused", Remedy::CheckMasterData))
            } else {
                None
            }
        }
        Service::PgrServices | Service::EgovWorkflowV2 => of_complaint(&has),
        Service::EgovFilestore => {
            if has("Error in Configuration") {
                Some(("object-store-away", Remedy::CheckObjectStore))
            } else if has("EG_FILESTORE_INVALID_INPUT") || has("MaxUploadSizeExceeded") {
                Some(("file-refused", Remedy::Report))
            } else if has("NOT_FOUND") {
                Some(("file-unknown", Remedy::CheckObjectStore))
            } else {
                None
            }
        }
        Service::EgovLocalization => {
            if has("core.NOT_AUTHENTICATED") {
                Some(("user-info-missing", Remedy::Report))
            } else if has("DUPLICATE_MESSAGE_IDENTITY") || has("DUPLICATE_RECORDS") {
                Some(("message-twice", Remedy::Report))
            } else if has("MESSAGE_PERSIST_FAILED") {
                Some(("message-refused", Remedy::Report))
            } else {
                None
            }
        }
        Service::EgovMdmsService | Service::Web | Service::Elsewhere => None,
    }
    .or_else(|| has("core.NOT_AUTHENTICATED").then_some(("user-info-missing", Remedy::Report)))
}

fn of_user(has: &dyn Fn(&str) -> bool) -> Option<(&'static str, Remedy)> {
    [
        ("Invalid login credentials", "credentials-refused", Remedy::SetPassword),
        ("activate your account", "account-inactive", Remedy::ActivateAccount),
        ("Account locked", "account-locked", Remedy::ActivateAccount),
        ("TenantId is mandatory", "sign-in-form-incomplete", Remedy::Report),
        ("User Type is mandatory", "sign-in-form-incomplete", Remedy::Report),
        ("DuplicateUserName", "user-exists", Remedy::TakeAnotherName),
        ("INVALID_PWD", "password-refused", Remedy::SetPassword),
        ("INVALID_ROLE", "role-unknown", Remedy::CheckMasterData),
        ("InvalidUserCreate", "user-refused", Remedy::Report),
        ("INVALID_MOBILE", "user-refused", Remedy::Report),
        ("createUserRequest.user", "user-refused", Remedy::Report),
        ("AtleastOneRoleCode", "user-refused", Remedy::Report),
        ("InvalidAccessToken", "token-expired", Remedy::WaitAndRepeat),
    ]
    .into_iter()
    .find(|(word, ..)| has(word))
    .map(|(_, code, remedy)| (code, remedy))
}

fn of_complaint(has: &dyn Fn(&str) -> bool) -> Option<(&'static str, Remedy)> {
    [
        ("String.split", "named-employee", Remedy::AssignWithoutName),
        ("No bussinessService object found", "workflow-missing", Remedy::RestartWorkflow),
        ("BUSINESSSERVICE", "workflow-missing", Remedy::RestartWorkflow),
        ("INVALID ROLE", "role-missing-for-action", Remedy::GiveRoles),
        ("INVALID_ROLE", "role-missing-for-action", Remedy::GiveRoles),
        ("INVALID ACTION", "action-not-possible", Remedy::WaitAndRepeat),
        ("INVALID_SERVICECODE", "complaint-type-unknown", Remedy::CheckMasterData),
        ("JSONPATH_ERROR", "master-data-missing", Remedy::CheckMasterData),
        ("INVALID_UPDATE", "complaint-not-stored-yet", Remedy::CheckPersister),
        ("INVALID_ASSIGNMENT", "assignment-refused", Remedy::AssignWithoutName),
        ("DEPARTMENT_NOT_FOUND", "assignment-refused", Remedy::AssignWithoutName),
    ]
    .into_iter()
    .find(|(word, ..)| has(word))
    .map(|(_, code, remedy)| (code, remedy))
}

/// What the gateway itself says: always 401, never 403, never a content type.
fn of_gateway(status: u16, said: &Said) -> Option<(&'static str, Remedy)> {
    let words = said.words();
    match status {
        401 if words.contains("InvalidAccessTokenException") => Some(("token-expired", Remedy::WaitAndRepeat)),
        401 if words.contains("RequestInfo.getAuthToken") => Some(("envelope-missing", Remedy::Report)),
        401 if words.contains("Failed to parse request at API gateway") => Some(("tenant-missing", Remedy::Report)),
        // Also when accesscontrol is away: it takes any error for a no.
        401 => Some(("not-allowed", Remedy::GiveRoles)),
        404 => Some(match said {
            Said::Spring { from_gateway: true, .. } => ("gateway-route-missing", Remedy::RestartGateway),
            _ => ("nothing-there", Remedy::CheckAddress),
        }),
        _ => None,
    }
}

fn by_status(status: u16, said: &Said) -> (&'static str, Remedy) {
    match status {
        200..=299 => match said {
            Said::Failed(_) => ("answered-failed", Remedy::ReadLog),
            _ => ("answer-not-understood", Remedy::CheckAddress),
        },
        408 | 504 => ("no-answer-in-time", Remedy::WaitAndRepeat),
        503 => ("service-not-ready", Remedy::WaitAndRepeat),
        502 => ("service-away", Remedy::WaitAndRepeat),
        500..=599 => ("inner-fault", Remedy::ReadLog),
        _ if said.words().contains("Exception") => ("inner-fault", Remedy::ReadLog),
        _ => ("refused", Remedy::ReadLog),
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
