use super::*;

const CODE: &str = "An unhandled exception occurred on the server";

fn seen(service: Service, call: &str, took_ms: u64, found: Found) -> Seen {
    Seen { service, call: call.to_owned(), at: "http://127.0.0.1:1".to_owned(), took_ms, found, between: None }
}

fn errors(code: &str, message: &str) -> String {
    serde_json::json!({"ResponseInfo": null, "Errors": [{"id": null, "code": code, "message": message}]}).to_string()
}

fn oauth(description: &str) -> String {
    serde_json::json!({"error": "invalid_request", "error_description": description}).to_string()
}

fn code(service: Service, call: &str, took_ms: u64, status: u16, body: &str) -> String {
    let (said, _) = Said::read(None, body.as_bytes());
    explain(&seen(service, call, took_ms, Found::Answer { status, said })).cause.code
}

#[test]
fn what_an_answer_means() {
    use Service::{EgovFilestore, EgovHrms, EgovLocalization, EgovMdmsService, EgovUser, EgovWorkflowV2, PgrServices};
    let npe = errors(CODE, "Cannot invoke \"String.split(String)\" because \"tenantId\" is null");
    let fields = r#"{"responseInfo":null,"error":{"code":400,"message":"x","description":"y","fields":[{"code":"core.NOT_AUTHENTICATED","message":"m","field":"f"}]}}"#;
    let not_found = r#"{"timestamp":"t","path":"/x","status":404,"error":"Not Found","requestId":"1-2"}"#;
    for (service, call, took, status, body, expected) in [
        (EgovUser, "/user/oauth/token", 1, 400, oauth("Invalid login credentials"), "credentials-refused"),
        (EgovUser, "/user/oauth/token", 1, 400, oauth("Please activate your account"), "account-inactive"),
        (EgovUser, "/user/oauth/token", 1, 400, oauth("Account locked"), "account-locked"),
        (EgovUser, "/user/oauth/token", 1, 400, oauth("TenantId is mandatory"), "sign-in-form-incomplete"),
        (
            EgovUser,
            "/user/oauth/token",
            30_400,
            500,
            oauth("Unknown error occurred in decryption process"),
            "kafka-away",
        ),
        (
            EgovUser,
            "/user/oauth/token",
            200,
            500,
            oauth("Unknown error occurred in decryption process"),
            "enc-service-away",
        ),
        (
            EgovUser,
            "/user/oauth/token",
            1,
            500,
            oauth("ERROR: relation \"eg_user\" does not exist"),
            "migrations-missing",
        ),
        (EgovUser, "/user/oauth/token", 1, 500, oauth("JedisConnectionException"), "redis-away"),
        (
            EgovUser,
            "/user/oauth/token",
            1,
            500,
            oauth("the return value of User.getId() is null"),
            "fifth-wrong-password",
        ),
        (EgovUser, "/user/users/_createnovalidate", 1, 400, errors("DuplicateUserNameException", CODE), "user-exists"),
        (EgovUser, "/user/users/_createnovalidate", 1, 400, errors("INVALID_PWD_LENGTH", "x"), "password-refused"),
        (EgovUser, "/user/users/_createnovalidate", 1, 400, errors("INVALID_ROLE", "x"), "role-unknown"),
        (
            EgovUser,
            "/user/users/_createnovalidate",
            1,
            400,
            errors("BadSqlGrammarException", "relation \"eg_user\" does not exist"),
            "migrations-missing",
        ),
        (
            EgovWorkflowV2,
            "/x",
            1,
            400,
            errors(CODE, "BadSqlGrammarException: SELECT a FROM citya.eg_wf_businessService_v2"),
            "central-instance",
        ),
        (EgovLocalization, "/x", 1, 400, fields.to_owned(), "user-info-missing"),
        (EgovLocalization, "/x", 1, 400, errors("core.DUPLICATE_MESSAGE_IDENTITY", "x"), "message-twice"),
        (EgovLocalization, "/x", 60_000, 400, errors("QueryTimeoutException", "x"), "redis-away"),
        (EgovLocalization, "/x", 1, 500, errors("DataBufferLimitException", "x"), "body-too-large"),
        (EgovHrms, "/x", 1, 400, errors("ERR_HRMS_USER_EXIST_MOB", "x"), "employee-exists"),
        (EgovHrms, "/x", 1, 400, errors("ERR_HRMS_INVALID_DEPT", "x"), "employee-refused"),
        (EgovHrms, "/x", 1, 400, errors(CODE, "PathNotFoundException … ['TenantBoundary']"), "boundary-missing"),
        (PgrServices, "/x", 1, 400, npe, "named-employee"),
        (PgrServices, "/x", 1, 400, errors("INVALID ROLE", "x"), "role-missing-for-action"),
        (PgrServices, "/x", 1, 400, errors("INVALID ACTION", "x"), "action-not-possible"),
        (PgrServices, "/x", 1, 400, errors("INVALID_SERVICECODE", "x"), "complaint-type-unknown"),
        (PgrServices, "/x", 30_100, 400, errors("UNKNOWN_ERROR", "x"), "kafka-away"),
        (
            PgrServices,
            "/x",
            1,
            400,
            errors("BUSINESSSERVICE ERROR", "No bussinessService object found"),
            "workflow-missing",
        ),
        (EgovFilestore, "/x", 1, 400, errors("RuntimeException", "Error in Configuration"), "object-store-away"),
        (EgovFilestore, "/x", 1, 400, errors("EG_FILESTORE_INVALID_INPUT", "x"), "file-refused"),
        (EgovMdmsService, "/x", 1, 404, not_found.to_owned(), "gateway-route-missing"),
        (EgovMdmsService, "/x", 1, 404, String::new(), "nothing-there"),
        (
            EgovMdmsService,
            "/x",
            1,
            401,
            errors("CustomException", "You are not authorized to access this resource"),
            "not-allowed",
        ),
        (
            EgovMdmsService,
            "/x",
            1,
            401,
            errors("CustomException", "{\"code\":\"InvalidAccessTokenException\"}"),
            "token-expired",
        ),
        (
            EgovMdmsService,
            "/x",
            1,
            401,
            errors("CustomException", "Cannot invoke \"org.egov.RequestInfo.getAuthToken()\""),
            "envelope-missing",
        ),
        (
            EgovMdmsService,
            "/x",
            1,
            401,
            errors("CustomException", "Failed to parse request at API gateway"),
            "tenant-missing",
        ),
        (EgovMdmsService, "/x", 1, 500, errors("RequestRejectedException", "x"), "double-slash"),
        (
            EgovMdmsService,
            "/x",
            1,
            500,
            errors("CustomException", "java.net.ConnectException: Connection refused"),
            "service-away",
        ),
        (EgovMdmsService, "/x", 1, 503, r#"{"status":"DOWN"}"#.to_owned(), "service-not-ready"),
        (
            EgovMdmsService,
            "/x",
            1,
            200,
            r#"{"ResponseInfo":{"status":"FAILED"},"Errors":[]}"#.to_owned(),
            "answered-failed",
        ),
        (
            EgovMdmsService,
            "/x",
            1,
            200,
            "<html><title>Sign in to the network</title></html>".to_owned(),
            "proxy-in-between",
        ),
        (EgovMdmsService, "/x", 1, 502, "<html><title>502 Bad Gateway</title></html>".to_owned(), "proxy-in-between"),
        (EgovMdmsService, "/x", 1, 407, String::new(), "proxy-in-between"),
        (EgovMdmsService, "/x", 1, 403, errors("x", "y"), "forbidden-in-between"),
        (EgovMdmsService, "/x", 1, 302, String::new(), "redirected-elsewhere"),
        (EgovMdmsService, "/x", 1, 429, String::new(), "too-many-requests"),
        (EgovMdmsService, "/x", 1, 413, String::new(), "body-too-large"),
        (EgovMdmsService, "/x", 1, 502, String::new(), "service-away"),
        (EgovMdmsService, "/x", 1, 504, String::new(), "no-answer-in-time"),
        (EgovMdmsService, "/x", 1, 500, errors("NullPointerException", "x"), "inner-fault"),
        (EgovMdmsService, "/x", 1, 400, errors(CODE, "x NullPointerException"), "inner-fault"),
        (EgovMdmsService, "/x", 1, 400, errors("NotNull.mdmsCriteriaReq", "x"), "refused"),
        (EgovMdmsService, "/x", 1, 500, "Driver X claims to not accept jdbcUrl".to_owned(), "driver-class"),
    ] {
        assert_eq!(code(service, call, took, status, &body), expected, "{status} {body}");
    }
}

#[test]
fn what_no_answer_means() {
    use Service::{EgovLocalization, EgovMdmsService, EgovUser};
    for (service, call, took, why, expected) in [
        (EgovUser, "/user/users/_createnovalidate", 45_000, NoAnswer::TimedOut, "user-creation-hangs"),
        (EgovUser, "/user/oauth/token", 40_000, NoAnswer::TimedOut, "kafka-away"),
        (EgovUser, "/user/oauth/token", 4_000, NoAnswer::TimedOut, "no-answer-in-time"),
        (EgovLocalization, "/x", 75_000, NoAnswer::TimedOut, "redis-away"),
        (EgovMdmsService, "/x", 40_000, NoAnswer::TimedOut, "no-answer-in-time"),
        (EgovMdmsService, "/x", 1, NoAnswer::Refused, "connection-refused"),
        (EgovMdmsService, "/x", 1, NoAnswer::Unresolved, "address-unknown"),
        (EgovMdmsService, "/x", 1, NoAnswer::Cut, "connection-cut"),
        (EgovMdmsService, "/x", 1, NoAnswer::Tls, "certificate-not-trusted"),
        (EgovMdmsService, "/x", 1, NoAnswer::Proxy, "proxy-in-between"),
        (EgovMdmsService, "/x", 1, NoAnswer::Other, "connection-failed"),
    ] {
        let explained = explain(&seen(service, call, took, Found::NoAnswer(why)));
        assert_eq!(explained.cause.code, expected, "{why:?} {call}");
    }
}

#[test]
fn a_cause_says_who_was_asked_where_and_what_was_said() {
    let (said, _) = Said::read(None, errors("INVALID_SOURCE", "The source: phone is not valid").as_bytes());
    let found = Found::Answer { status: 400, said };
    let cause = explain(&seen(Service::PgrServices, "/pgr-services/v2/request/_create", 1_500, found)).cause;
    let args: Vec<(&str, &str)> = cause.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        args,
        [
            ("at", "http://127.0.0.1:1"),
            ("call", "/pgr-services/v2/request/_create"),
            ("said", "INVALID_SOURCE  The source: phone is not valid"),
            ("seconds", "1"),
            ("service", "pgr-services"),
            ("status", "400"),
        ]
    );
}

#[test]
fn what_may_have_worked_is_told_from_what_was_refused() {
    for (found, may) in [
        (Found::TooLarge { bytes: 300_000 }, false),
        (Found::NoAnswer(NoAnswer::Refused), false),
        (Found::NoAnswer(NoAnswer::TimedOut), true),
        (Found::NoAnswer(NoAnswer::Cut), true),
        (Found::Answer { status: 400, said: Said::Empty }, false),
        (Found::Answer { status: 429, said: Said::Empty }, false),
        (Found::Answer { status: 502, said: Said::Empty }, true),
        (Found::Answer { status: 200, said: Said::Html { title: String::new() } }, true),
    ] {
        assert_eq!(seen(Service::PgrServices, "/x", 1, found.clone()).may_have_worked(), may, "{found:?}");
    }
}
