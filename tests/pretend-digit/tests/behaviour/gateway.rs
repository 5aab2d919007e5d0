//! §2.1, §2.2: the gateway.

use pretend_digit::{Condition, Service};
use reqwest::Method;
use serde_json::json;

use crate::asking::{Asking, outcome, user};

const NO: &str = "You are not authorized to access this resource";

#[tokio::test]
async fn refusals_have_no_content_type_and_say_what_the_page_says() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    let path = "/egov-hrms/employees/_search";
    for (path, body, text) in [
        (path, json!({"tenantId": "pg.citya", "RequestInfo": {}}), NO),
        (path, json!({"tenantId": "pg.citya", "RequestInfo": {"userInfo": {"id": 1, "roles": []}}}), NO),
        (path, json!({"tenantId": "pg.citya"}), "Cannot invoke"),
        (path, json!({"tenantId": "pg.citya", "requestInfo": {"authToken": token}}), "Cannot invoke"),
        (path, json!({"tenantId": "pg.citya", "RequestInfo": {"authToken": "dead"}}), "InvalidAccessTokenException"),
        (path, json!({"RequestInfo": {"authToken": token}}), "Failed to parse request at API gateway"),
        ("/localization/messages/cache-bust", json!({"tenantId": "pg", "RequestInfo": {"authToken": token}}), NO),
        ("/mdms-v2/v2/_search", json!({"tenantId": "pg", "RequestInfo": {"authToken": token}}), NO),
        ("/user/_search", json!({"tenantId": "pg", "userName": "ADMIN", "RequestInfo": {}}), NO),
    ] {
        let got = asking.post(Service::Gateway, path, &body).await;
        assert_eq!((got.status, got.content_type.as_deref()), (401, None), "{path} {body}");
        assert_eq!(got.json()["Errors"][0]["code"], "CustomException");
        let message = got.json()["Errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(text), "{path} {body}: {message}");
    }
}

#[tokio::test]
async fn who_may_call_what() {
    let asking = Asking::start().await;
    let mut tokens = std::collections::BTreeMap::new();
    let roles =
        ["SUPERUSER", "EMPLOYEE", "GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN", "HRMS_ADMIN", "LOC_ADMIN", "MDMS_ADMIN"];
    for (nth, role) in roles.iter().enumerate() {
        let mobile = format!("88000000{nth:02}");
        tokens.insert(*role, asking.employee(role, &mobile, json!([{"code": role, "tenantId": "pg"}])).await);
    }
    for (path, may) in [
        ("/user/users/_createnovalidate", &["SUPERUSER", "CSR"][..]),
        ("/user/users/_updatenovalidate", &["SUPERUSER"]),
        ("/user/_search", &["SUPERUSER"]),
        ("/user/password/_update", &["SUPERUSER", "EMPLOYEE", "GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN"]),
        ("/localization/messages/v1/_upsert", &["SUPERUSER", "LOC_ADMIN"]),
        ("/localization/messages/v1/_delete", &[]),
        ("/localization/messages/cache-bust", &[]),
        ("/egov-hrms/employees/_create", &["SUPERUSER", "HRMS_ADMIN"]),
        (
            "/egov-hrms/employees/_search",
            &["SUPERUSER", "EMPLOYEE", "GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN", "HRMS_ADMIN"],
        ),
        ("/egov-workflow-v2/egov-wf/businessservice/_create", &["SUPERUSER"]),
        (
            "/egov-workflow-v2/egov-wf/businessservice/_search",
            &["SUPERUSER", "EMPLOYEE", "GRO", "PGR_LME", "CSR", "CITIZEN"],
        ),
        ("/egov-workflow-v2/egov-wf/process/_search", &["SUPERUSER", "EMPLOYEE", "GRO", "PGR_LME", "CSR", "CITIZEN"]),
        ("/pgr-services/v2/request/_create", &["CSR", "CITIZEN"]),
        ("/pgr-services/v2/request/_search", &["GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN"]),
        ("/pgr-services/v2/request/_update", &["GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN"]),
        ("/mdms-v2/v2/_search", &[]),
    ] {
        for role in roles {
            let token = tokens.get(role).unwrap();
            let got = asking.by_gateway(token, path, json!({"tenantId": "pg.citya"})).await;
            // What is behind refuses an empty request otherwise than with 401.
            assert_eq!(got.status != 401, may.contains(&role), "{role} {path}: {got:?}");
        }
    }
}

#[tokio::test]
async fn a_role_counts_for_its_tenant_and_what_is_below() {
    let asking = Asking::start().await;
    let gro = asking.employee("GRO", "8800000002", json!([{"code": "GRO", "tenantId": "pg.citya"}])).await;
    let search = |tenant: &str| format!("/pgr-services/v2/request/_search?tenantId={tenant}");
    for (tenant, status) in [("pg.citya", 200), ("pg.cityb", 401), ("pg", 401)] {
        assert_eq!(asking.by_gateway(&gro, &search(tenant), json!({})).await.status, status, "{tenant}");
    }
    // The body's tenants count before the query's, and one of them is enough.
    let got = asking.by_gateway(&gro, &search("pg.citya"), json!({"any": [{"tenantId": "pg.cityb"}]})).await;
    assert_eq!(got.status, 401);
    let both = json!({"any": [{"tenantId": "pg.cityb"}, {"tenantId": "pg.citya"}]});
    assert_eq!(asking.by_gateway(&gro, &search("pg.citya"), both).await.status, 200);
}

#[tokio::test]
async fn paths_bodies_and_sizes() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    let gateway = Service::Gateway;
    let got = asking.get(gateway, "/health").await;
    assert_eq!((got.status, got.text.as_str()), (200, "{\"status\":\"UP\"}"));
    let got = asking.get(gateway, "/user/health").await;
    assert_eq!((got.outcome(), got.content_type), (outcome(500, &["NullPointerException"]), None));
    for path in ["/nothing/at/all", "/user//oauth/token", "//user/oauth/token", "/egov-enc-service/crypto/v1/_encrypt"]
    {
        let got = asking.raw(Method::POST, gateway, path, "application/json", "{}").await;
        assert_eq!(got.status, 404, "{path}");
        let body = got.json();
        assert_eq!((&body["error"], &body["path"]), (&json!("Not Found"), &json!(path)));
        assert!(body["requestId"].is_string() && body["timestamp"].is_string(), "{body}");
    }
    let got = asking.raw(Method::POST, gateway, "/egov-mdms-service/v1/_search", "application/json", "").await;
    assert_eq!(got.outcome(), outcome(500, &["NullPointerException"]));
    assert_eq!(got.json()["Errors"][0]["message"], "value");
    let got = asking.get(gateway, "/filestore/v1/files/metadata?tenantId=pg&fileStoreId=x").await;
    assert_eq!(got.status, 401);
    for (size, status) in [(262_144, 400), (262_145, 500)] {
        let body = json!({"RequestInfo": {"authToken": token}, "tenantId": "pg", "filler": ""}).to_string();
        let body = body.replace("\"filler\":\"\"", &format!("\"filler\":\"{}\"", "x".repeat(size - body.len())));
        assert_eq!(body.len(), size);
        let path = "/localization/messages/v1/_upsert";
        let got = asking.raw(Method::POST, gateway, path, "application/json", &body).await;
        assert_eq!(got.status, status);
        assert_eq!(got.text.contains("DataBufferLimitException"), status == 500);
    }
}

#[tokio::test]
async fn user_info_becomes_the_tokens_user_and_the_open_list_is_not_looked_at() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    let path = "/user/users/_createnovalidate";
    let mut body = user(json!({"userName": "SECOND"}));
    body["RequestInfo"] = json!({"authToken": token, "userInfo": {"id": 4711}});
    let got = asking.post(Service::Gateway, path, &body).await;
    let admin = asking.post(Service::User, &format!("/user/_details?access_token={token}"), &json!({})).await.json();
    assert_eq!((got.status, &got.json()["user"][0]["createdBy"]), (200, &admin["id"]));
    let search = json!({"MdmsCriteria": {"tenantId": "pg", "moduleDetails": []}});
    assert_eq!(asking.post(Service::Gateway, "/egov-mdms-service/v1/_search", &search).await.status, 200);
    let got = asking.get(Service::Gateway, "/localization/messages?locale=en_IN&tenantId=pg").await;
    assert_eq!((got.status, got.json()), (200, json!({"messages": []})));
    let calls = asking.digit.calls();
    let last = calls.last().unwrap();
    assert_eq!(
        (last.service, last.path.as_str(), last.tenant.as_deref()),
        (Service::Gateway, "/localization/messages", Some("pg"))
    );
    assert!(calls.iter().any(|c| c.service == Service::Localization && c.status == 200));
}

#[tokio::test]
async fn routes_are_those_of_the_start() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    let path = "/egov-hrms/employees/_search?tenantId=pg.citya";
    asking.digit.set(Condition::RouteMissing(Service::Hrms));
    assert_eq!(asking.by_gateway(&token, path, json!({})).await.status, 404);
    asking.digit.restart(Service::Gateway);
    assert_eq!(asking.by_gateway(&token, path, json!({})).await.status, 200);
    asking.digit.set(Condition::GatewayWithoutRoutes);
    assert_eq!(asking.by_gateway(&token, path, json!({})).await.status, 404);
    assert_eq!(asking.get(Service::Gateway, "/health").await.status, 200);
}

#[tokio::test]
async fn authorization_is_200_or_401_with_an_empty_body() {
    let asking = Asking::start().await;
    for (role, tenant, status) in [("SUPERUSER", "pg", 200), ("SUPERUSER", "pg.cityb", 401), ("GRO", "pg", 401)] {
        let asked =
            json!({"roles": [{"code": role, "tenantId": tenant}], "uri": "/user/_search", "tenantIds": ["pg.citya"]});
        let body = json!({"RequestInfo": {}, "AuthorizationRequest": asked});
        let got = asking.post(Service::AccessControl, "/access/v1/actions/_authorize", &body).await;
        assert_eq!((got.status, got.text.as_str()), (status, ""), "{role} {tenant}");
    }
}

#[tokio::test]
async fn answers_carry_the_time_of_the_given_clock() {
    let asking = Asking::start().await;
    asking.pass(1_000);
    let response = asking.http.get(format!("{}/health", asking.digit.gateway())).send().await.unwrap();
    assert_eq!(response.headers()["date"], "Tue, 01 Dec 2026 00:00:01 GMT");
}
