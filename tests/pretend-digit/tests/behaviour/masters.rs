//! §6.2, §6.3, §6.8: master data, encryption, numbers.

use pretend_digit::{Condition, Options, Pretend, Service};
use serde_json::{Value, json};

use crate::asking::{Asking, outcome};
use crate::seed::{MASTERS, unpacked};

const SEARCH: &str = "/egov-mdms-service/v1/_search";

fn criteria(tenant: &str, module: &str, masters: &[(&str, Value)]) -> Value {
    let masters: Vec<Value> = masters.iter().map(|(name, filter)| json!({"name": name, "filter": filter})).collect();
    json!({"RequestInfo": {}, "MdmsCriteria": {"tenantId": tenant,
        "moduleDetails": [{"moduleName": module, "masterDetails": masters}]}})
}

#[tokio::test]
async fn nothing_is_an_error() {
    let asking = Asking::start().await;
    let codes = json!("$.*.code");
    for (tenant, module, masters, expected) in [
        ("zz", "tenant", vec![("tenants", Value::Null)], json!({})),
        ("pg", "none", vec![("none", Value::Null)], json!({"none": {}})),
        (
            "pg",
            "tenant",
            vec![("none", Value::Null), ("tenants", codes.clone())],
            json!({"tenant": {"tenants": ["pg", "pg.citya"]}}),
        ),
        // State level: also for cities that do not exist.
        ("pg.zz", "tenant", vec![("tenants", codes.clone())], json!({"tenant": {"tenants": ["pg", "pg.citya"]}})),
        ("pg.zz", "egov-location", vec![("TenantBoundary", Value::Null)], json!({})),
        (
            "pg.citya",
            "egov-location",
            vec![("TenantBoundary", json!("$.*.hierarchyType.code"))],
            json!({"egov-location": {"TenantBoundary": ["REVENUE", "ADMIN"]}}),
        ),
        (
            "pg",
            "RAINMAKER-PGR",
            vec![("ServiceDefs", json!("$.[?(@.department=='DEPT_1')].serviceCode"))],
            json!({"RAINMAKER-PGR": {"ServiceDefs": ["LampDark"]}}),
        ),
    ] {
        let got = asking.post(Service::Mdms, SEARCH, &criteria(tenant, module, &masters)).await;
        assert_eq!(
            (got.status, got.json()),
            (200, json!({"ResponseInfo": null, "MdmsRes": expected})),
            "{tenant} {module}"
        );
    }
    let got = asking.post(Service::Mdms, SEARCH, &criteria("pg", "tenant", &[("tenants", json!("$.[?("))])).await;
    assert_eq!(got.outcome(), outcome(400, &["PathNotFoundException"]));
    let mut none = criteria("pg", "tenant", &[]);
    none["MdmsCriteria"]["tenantId"] = Value::Null;
    let got = asking.post(Service::Mdms, SEARCH, &none).await;
    assert_eq!(got.outcome(), outcome(400, &["NotNull.mdmsCriteriaReq.mdmsCriteria.tenantId"]));
}

#[tokio::test]
async fn masters_that_are_missing() {
    let asking = Asking::start().await;
    let body = criteria("pg", "tenant", &[("tenants", Value::Null), ("citymodule", json!("$.*.code"))]);
    asking.digit.set(Condition::MasterMissing("tenant".into(), "tenants".into()));
    let got = asking.post(Service::Mdms, SEARCH, &body).await;
    assert_eq!(got.json()["MdmsRes"], json!({"tenant": {"citymodule": ["PGR"]}}));
    asking.digit.set(Condition::MdmsEmpty);
    let got = asking.post(Service::Mdms, SEARCH, &body).await;
    assert_eq!((got.status, got.json()["MdmsRes"].clone()), (200, json!({})));
    assert_eq!(asking.get(Service::Mdms, "/egov-mdms-service/health").await.status, 200);
}

#[tokio::test]
async fn ciphers_are_the_same_for_the_same_text_and_an_unknown_tenant_is_500() {
    let asking = Asking::start().await;
    let path = "/egov-enc-service/crypto/v1/_encrypt";
    let ask = |tenant: &str| json!({"encryptionRequests": [{"tenantId": tenant, "type": "Normal", "value": {"a": "hello", "b": "hello"}}]});
    let got = asking.post(Service::Enc, path, &ask("pg.citya")).await.json();
    assert_eq!(got[0]["a"], got[0]["b"]);
    assert!(got[0]["a"].as_str().unwrap().starts_with("255867|"), "{got}");
    let got = asking.post(Service::Enc, path, &ask("pg.zz")).await;
    assert_eq!((got.status, &got.json()["error"]), (500, &json!("Internal Server Error")));
}

#[tokio::test]
async fn an_unknown_number_is_200_with_failed() {
    let asking = Asking::start().await;
    let path = "/egov-idgen/id/_generate";
    let ask =
        |name: &str| json!({"RequestInfo": {}, "idRequests": [{"idName": name, "tenantId": "pg.citya", "count": 2}]});
    let got = asking.post(Service::Idgen, path, &ask("pgr.servicerequestid")).await;
    assert_eq!(
        got.json()["idResponses"],
        json!([{"id": "PG-PGR-2026-12-01-000001"}, {"id": "PG-PGR-2026-12-01-000002"}])
    );
    let got = asking.post(Service::Idgen, path, &ask("none")).await;
    assert_eq!((got.status, &got.json()["ResponseInfo"]["status"]), (200, &json!("FAILED")));
    assert!(got.json()["Errors"][0]["code"].is_string());
}

/// DIGIT's own master data load, and hold what the page counts in them (§6.2).
#[tokio::test]
async fn digits_own_masters_load() {
    let folder = tempfile::tempdir().unwrap();
    let root = unpacked(MASTERS, folder.path());
    let digit = Pretend::start(Options { masters: Some(root), ..Options::default() }).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = criteria("pg.citya", "RAINMAKER-PGR", &[("ServiceDefs", json!("$.*.department"))]);
    let url = format!("{}{SEARCH}", digit.gateway());
    let got: Value = http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
    let departments = got["MdmsRes"]["RAINMAKER-PGR"]["ServiceDefs"].as_array().unwrap().clone();
    assert_eq!(departments.len(), 33);
    assert_eq!(departments.iter().filter(|d| *d == "DEPT_4").count(), 13);
}
