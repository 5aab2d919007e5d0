//! States of the world: §3.1, §6.8, §7.

use std::time::{Duration, Instant};

use pretend_digit::{Condition, Service};
use reqwest::Method;
use serde_json::json;

use crate::asking::{Asking, outcome, user};

const CREATE: &str = "/user/users/_createnovalidate";

#[tokio::test]
async fn health_is_200_before_the_tables_are_there() {
    let asking = Asking::start().await;
    let services = [
        (Service::User, CREATE, user(json!({}))),
        (Service::Hrms, "/egov-hrms/employees/_search?tenantId=pg.citya&codes=x", json!({})),
        (
            Service::Workflow,
            "/egov-workflow-v2/egov-wf/businessservice/_search?tenantId=pg&businessServices=PGR",
            json!({}),
        ),
        (Service::Localization, "/localization/messages/v1/_search?locale=en_IN&tenantId=pg", json!({})),
        (
            Service::Pgr,
            "/pgr-services/v2/request/_search?tenantId=pg.citya",
            json!({"RequestInfo": {"userInfo": {"type": "CITIZEN"}}}),
        ),
    ];
    for (service, path, body) in services {
        asking.digit.set(Condition::TablesMissing(service));
        let health = format!("/{}/health", service.context());
        let got = asking.get(service, &health).await;
        assert_eq!((got.status, &got.json()["status"]), (200, &json!("UP")), "{service}");
        let got = asking.post(service, path, &body).await;
        assert_eq!(got.outcome(), outcome(400, &["BadSqlGrammarException"]), "{service}");
        assert!(got.text.contains("does not exist"), "{got:?}");
        asking.digit.clear(&Condition::TablesMissing(service));
        assert_ne!(asking.post(service, path, &body).await.codes(), ["BadSqlGrammarException"], "{service}");
    }
    asking.digit.set(Condition::TablesMissing(Service::User));
    let got = asking.token_form(Service::User, &[]).await;
    assert_eq!((got.status, &got.json()["error"]), (500, &json!("server_error")));
    assert!(got.text.contains("eg_user"), "{got:?}");
}

#[tokio::test]
async fn without_kafka_nobody_signs_in_and_all_health_is_200() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    asking.digit.set(Condition::KafkaDown);
    let begun = Instant::now();
    let got = asking.token_form(Service::User, &[]).await;
    assert_eq!(got.outcome(), outcome(500, &["Unknown error occurred in decryption process"]));
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let search = json!({"RequestInfo": {}, "userName": "ADMIN", "tenantId": "pg.citya"});
    let got = asking.post(Service::User, "/user/_search", &search).await;
    assert_eq!(got.outcome(), outcome(400, &["UNKNOWN_ERROR"]));
    let details = format!("/user/_details?access_token={token}");
    assert_eq!(asking.post(Service::User, &details, &json!({})).await.status, 200);
    for service in [Service::User, Service::Pgr, Service::Workflow, Service::Persister] {
        assert_eq!(asking.get(service, &format!("/{}/health", service.context())).await.status, 200, "{service}");
    }
    asking.digit.clear(&Condition::KafkaDown);
    assert_eq!(asking.token_form(Service::User, &[]).await.status, 200);
    asking.digit.set(Condition::Down(Service::Enc));
    let got = asking.token_form(Service::User, &[]).await;
    assert_eq!(got.outcome(), outcome(500, &["Unknown error occurred in decryption process"]));
    assert_eq!(asking.post(Service::User, CREATE, &user(json!({"userName": "B"}))).await.codes(), ["ENCRYPTION_ERROR"]);
}

#[tokio::test]
async fn without_redis() {
    let asking = Asking::start().await;
    asking.administrator().await;
    asking.digit.set(Condition::RedisDown);
    let got = asking.token_form(Service::User, &[]).await;
    assert_eq!(got.status, 500);
    assert!(got.text.contains("Jedis"), "{got:?}");
    let got = asking.get(Service::User, "/user/health").await;
    assert_eq!((got.status, &got.json()["redis"]["status"]), (503, &json!("DOWN")));
    let path = "/localization/messages/v1/_search?locale=en_IN&tenantId=pg";
    let got = asking.post(Service::Localization, path, &json!({})).await;
    assert_eq!(got.outcome(), outcome(400, &["QueryTimeoutException"]));
    let health = format!("{}/localization/health", asking.digit.address(Service::Localization));
    let hangs = asking.http.get(health).timeout(Duration::from_millis(600)).send().await;
    assert!(hangs.unwrap_err().is_timeout());
    assert_eq!(asking.get(Service::Gateway, "/health").await.status, 503);
    assert_eq!(asking.get(Service::Workflow, "/egov-workflow-v2/health").await.status, 200);
}

#[tokio::test]
async fn while_the_persister_is_away_writes_wait_and_none_is_lost() {
    let asking = Asking::start().await;
    asking.digit.set(Condition::PersisterDown);
    let got = asking.post(Service::Hrms, "/egov-hrms/employees/_create", &crate::hrms::employee(json!({}))).await;
    assert_eq!(got.status, 202);
    asking.pass(3_600_000);
    let view = asking.digit.view();
    assert_eq!((view.employees.len(), view.waiting), (0, 1));
    asking.digit.clear(&Condition::PersisterDown);
    let view = asking.digit.view();
    assert_eq!((view.employees.len(), view.waiting), (1, 0));
}

#[tokio::test]
async fn who_is_away_shows_at_the_gateway() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    let path = "/egov-hrms/employees/_search?tenantId=pg.citya";
    asking.digit.set(Condition::Down(Service::Hrms));
    assert_eq!(asking.by_gateway(&token, path, json!({})).await.outcome(), outcome(500, &["ConnectException"]));
    asking.digit.set(Condition::Down(Service::AccessControl));
    assert_eq!(asking.by_gateway(&token, path, json!({})).await.status, 401);
    asking.digit.clear(&Condition::Down(Service::AccessControl));
    asking.digit.set(Condition::MdmsEmpty);
    assert_eq!(asking.by_gateway(&token, path, json!({})).await.status, 401);
    asking.digit.set(Condition::DriverClassWrong(Service::Localization));
    let got = asking.get(Service::Localization, "/localization/health").await;
    assert_eq!((got.status, got.json()), (503, json!({"status": "DOWN"})));
}

#[tokio::test]
async fn a_host_for_rules_that_does_not_answer_makes_user_creation_hang() {
    let asking = Asking::start().await;
    asking.digit.set(Condition::MdmsV2Nowhere);
    let url = format!("{}{CREATE}", asking.digit.user_service());
    let sent = asking.http.post(url).timeout(Duration::from_millis(300)).json(&user(json!({}))).send().await;
    assert!(sent.unwrap_err().is_timeout());
    assert_eq!(asking.digit.view().users, []);
}

#[tokio::test]
async fn doubled_slashes_methods_and_bodies_that_are_no_json() {
    let asking = Asking::start().await;
    let got = asking.raw(Method::POST, Service::User, "/user//users/_createnovalidate", "application/json", "{}").await;
    assert_eq!(got.status, 500);
    assert!(got.text.contains("RequestRejectedException"), "{got:?}");
    let got =
        asking.raw(Method::POST, Service::Pgr, "//pgr-services/v2/request/_search", "application/json", "{}").await;
    assert_eq!(got.status, 500);
    assert!(got.text.contains("Invalid contextPath"), "{got:?}");
    let path = "/pgr-services/v2/request/_search?tenantId=pg";
    for (kind, body, code) in [
        ("text/plain", "{}", "UnsupportedMediaType"),
        ("application/json", "", "MissingJsonException"),
        ("application/json", "{", "JsonParseException"),
        ("application/json", "[]", "JsonMappingException"),
    ] {
        let got = asking.raw(Method::POST, Service::Pgr, path, kind, body).await;
        assert_eq!(got.outcome(), outcome(400, &[code]), "{kind} {body}");
    }
    assert_eq!(asking.get(Service::Pgr, "/pgr-services/none").await.status, 404);
    assert_eq!(
        asking.get(Service::Pgr, path).await.outcome(),
        outcome(400, &["HttpRequestMethodNotSupportedException"])
    );
}

#[tokio::test]
async fn without_its_tables_workflow_takes_a_definition_and_it_is_lost() {
    let asking = Asking::start().await;
    asking.digit.set(Condition::TablesMissing(Service::Workflow));
    let mut body = crate::asking::complaints_workflow();
    body["RequestInfo"] = json!({"userInfo": {"uuid": "u"}});
    let path = "/egov-workflow-v2/egov-wf/businessservice/_create";
    assert_eq!(asking.post(Service::Workflow, path, &body).await.status, 200);
    asking.settle();
    asking.digit.clear(&Condition::TablesMissing(Service::Workflow));
    let view = asking.digit.view();
    assert_eq!((view.business_services.len(), view.waiting), (0, 0));
}
