//! §6.6, §5: complaints.

use pretend_digit::{Condition, Service};
use serde_json::{Value, json};

use crate::asking::{Asking, change, complaints_workflow, outcome};
use crate::hrms::employee;

const CREATE: &str = "/pgr-services/v2/request/_create";
const UPDATE: &str = "/pgr-services/v2/request/_update";

/// A complaint; fields of `service` changed.
fn complaint(changes: Value) -> Value {
    let mut service = json!({
        "tenantId": "pg.citya", "serviceCode": "BinOverfull", "description": "<b>भरा</b>", "source": "web",
        "address": {"city": "pg.citya", "locality": {"code": "LOC1"}, "geoLocation": {}},
    });
    change(&mut service, changes);
    json!({"service": service, "workflow": {"action": "APPLY"}})
}

/// With a workflow, an administrator (CSR too) and a citizen: their tokens.
async fn ready() -> (Asking, String, String) {
    let asking = Asking::start().await;
    let admin = asking.administrator().await;
    let citizen = asking.citizen().await;
    let path = "/egov-workflow-v2/egov-wf/businessservice/_create";
    let got = asking.by_gateway(&admin, path, complaints_workflow()).await;
    assert_eq!(got.outcome(), outcome(200, &[]));
    asking.pass(3_000);
    (asking, admin, citizen)
}

async fn found(asking: &Asking, token: &str, number: &Value) -> Option<Value> {
    let number = number.as_str().unwrap();
    let path = format!("/pgr-services/v2/request/_search?tenantId=pg.citya&serviceRequestId={number}");
    let got = asking.by_gateway(token, &path, json!({})).await;
    assert_eq!(got.outcome(), outcome(200, &[]));
    got.json()["ServiceWrappers"].as_array().unwrap().first().cloned()
}

#[tokio::test]
async fn a_complaint_is_filed_assigned_resolved_and_rated_through_the_gateway() {
    let (asking, admin, citizen) = ready().await;
    let got = asking.by_gateway(&citizen, CREATE, complaint(json!({}))).await;
    assert_eq!(got.outcome(), outcome(200, &[]));
    let made = got.json()["ServiceWrappers"][0]["service"].clone();
    let number = made["serviceRequestId"].clone();
    assert_eq!(number, "PG-PGR-2026-12-01-000001");
    assert_eq!(made["applicationStatus"], "PENDINGFORASSIGNMENT");
    assert_eq!(found(&asking, &admin, &number).await, None);
    // Not stored yet: it cannot be changed either.
    let early = json!({"service": made, "workflow": {"action": "ASSIGN"}});
    assert_eq!(asking.by_gateway(&admin, UPDATE, early).await.codes(), ["INVALID_UPDATE"]);
    asking.pass(500);
    for (token, action, status) in [
        (&admin, "ASSIGN", "PENDINGATLME"),
        (&admin, "RESOLVE", "RESOLVED"),
        (&citizen, "RATE", "CLOSEDAFTERRESOLUTION"),
    ] {
        let mut service = found(&asking, token, &number).await.unwrap()["service"].clone();
        if action == "RATE" {
            service["rating"] = json!(5);
        }
        let wrong = json!({"service": service, "workflow": {"action": "APPLY"}});
        assert_eq!(asking.by_gateway(token, UPDATE, wrong).await.codes(), ["INVALID ACTION"]);
        let body = json!({"service": service, "workflow": {"action": action}});
        let other = if *token == admin { &citizen } else { &admin };
        assert_eq!(asking.by_gateway(other, UPDATE, body.clone()).await.codes(), ["INVALID ROLE"], "{action}");
        assert_eq!(asking.by_gateway(token, UPDATE, body).await.outcome(), outcome(200, &[]), "{action}");
        asking.pass(500);
        assert_eq!(found(&asking, token, &number).await.unwrap()["service"]["applicationStatus"], status);
    }
    let path = format!(
        "/egov-workflow-v2/egov-wf/process/_search?tenantId=pg.citya&history=true&businessIds={}",
        number.as_str().unwrap()
    );
    let got = asking.by_gateway(&admin, &path, json!({})).await.json();
    let actions: Vec<&Value> = got["ProcessInstances"].as_array().unwrap().iter().map(|p| &p["action"]).collect();
    assert_eq!(actions, ["RATE", "RESOLVE", "ASSIGN", "APPLY"]);
    assert_eq!(asking.digit.view().complaints[0]["rating"], 5);
}

#[tokio::test]
async fn what_is_accepted_and_never_stored() {
    let (asking, admin, citizen) = ready().await;
    let address = |more: Value| {
        let mut address = json!({"city": "nowhere", "locality": {"code": "NONE"}, "geoLocation": {}});
        change(&mut address, more);
        json!({"address": address})
    };
    for (changes, stored) in [
        (address(json!({"geoLocation": null})), false),
        (address(json!({"locality": null})), false),
        (address(json!({"locality": {"name": "x"}})), false),
        (address(json!({})), true),
        (json!({"description": null}), true),
        (json!({"tenantId": "pg.zz"}), true),
    ] {
        let got = asking.by_gateway(&citizen, CREATE, complaint(changes.clone())).await;
        assert_eq!(got.outcome(), outcome(200, &[]), "{changes}");
        let id = got.json()["ServiceWrappers"][0]["service"]["id"].clone();
        asking.settle();
        assert_eq!(asking.digit.view().complaints.iter().any(|c| c["id"] == id), stored, "{changes}");
    }
    // What cannot be written holds up what comes after it for five seconds.
    let lost = complaint(address(json!({"geoLocation": null})));
    assert_eq!(asking.by_gateway(&citizen, CREATE, lost).await.status, 200);
    let number = asking.by_gateway(&citizen, CREATE, complaint(json!({}))).await.json()["ServiceWrappers"][0]["service"]["serviceRequestId"].clone();
    asking.pass(4_000);
    assert_eq!(found(&asking, &admin, &number).await, None);
    asking.pass(1_500);
    assert!(found(&asking, &admin, &number).await.is_some());
}

#[tokio::test]
async fn what_a_complaint_is_refused_for() {
    let (asking, admin, citizen) = ready().await;
    let pure = asking.employee("PURE", "8800000009", json!([{"code": "GRO", "tenantId": "pg.citya"}])).await;
    let details = |token: &str| format!("/user/_details?access_token={token}");
    let mut users = Vec::new();
    for token in [&citizen, &admin, &pure] {
        users.push(asking.post(Service::User, &details(token), &json!({})).await.json());
    }
    let [citizen, admin, pure] = &users[..] else { unreachable!() };
    let given = json!({"citizen": {"name": "Reserved", "mobileNumber": "0000000009"}});
    let with = |mut body: Value, changes: Value| {
        change(&mut body, changes);
        body
    };
    for (user, body, expected) in [
        (citizen, complaint(json!({"serviceCode": "Nothing"})), vec!["INVALID_SERVICECODE"]),
        (citizen, complaint(json!({"source": "phone"})), vec!["INVALID_SOURCE"]),
        (citizen, complaint(json!({"address": null})), vec!["NullPointerException"]),
        (citizen, with(complaint(json!({})), json!({"workflow": null})), vec!["NullPointerException"]),
        (&Value::Null, complaint(json!({})), vec!["NullPointerException"]),
        (citizen, complaint(json!({"tenantId": "zz.citya"})), vec!["JSONPATH_ERROR"]),
        (admin, complaint(json!({})), vec!["INVALID_REQUEST"]),
        (pure, complaint(given.clone()), vec!["INVALID ROLE"]),
        (citizen, with(complaint(json!({})), json!({"workflow": {"action": "ASSIGN"}})), vec!["INVALID ACTION"]),
        (citizen, with(complaint(json!({})), json!({"workflow": {}})), vec!["INVALID ACTION"]),
        (admin, complaint(given.clone()), vec![]),
    ] {
        let mut body = body;
        body["RequestInfo"] = json!({"userInfo": user});
        let got = asking.post(Service::Pgr, CREATE, &body).await;
        let status = if expected.is_empty() { 200 } else { 400 };
        assert_eq!(got.outcome(), outcome(status, &expected), "{body}");
    }
    // Three of the refusals came after a number was drawn: gaps are normal.
    asking.settle();
    let view = asking.digit.view();
    assert_eq!(view.complaints[0]["serviceRequestId"], "PG-PGR-2026-12-01-000004");
    let reserved = view.users.iter().find(|u| u.user_name == "0000000009").unwrap();
    assert_eq!(
        (reserved.name.as_str(), reserved.kind.as_str(), reserved.tenant.as_str()),
        ("Reserved", "CITIZEN", "pg")
    );
    let mut again = complaint(json!({"citizen": {"name": "Renamed", "mobileNumber": "0000000009"}}));
    again["RequestInfo"] = json!({"userInfo": admin});
    assert_eq!(asking.post(Service::Pgr, CREATE, &again).await.status, 200);
    assert!(asking.digit.view().users.iter().any(|u| u.name == "Renamed"));
}

#[tokio::test]
async fn who_may_search_by_what() {
    let (asking, admin, citizen) = ready().await;
    assert_eq!(asking.by_gateway(&citizen, CREATE, complaint(json!({}))).await.status, 200);
    asking.settle();
    let mut infos = Vec::new();
    for token in [&citizen, &admin] {
        let path = format!("/user/_details?access_token={token}");
        infos.push(json!({"RequestInfo": {"userInfo": asking.post(Service::User, &path, &json!({})).await.json()}}));
    }
    let [citizen, admin] = &infos[..] else { unreachable!() };
    let number = "PG-PGR-2026-12-01-000001";
    for (body, query, expected) in [
        (citizen, format!("?tenantId=pg.citya&serviceRequestId={number}"), Ok(1)),
        (citizen, "?tenantId=pg".to_owned(), Ok(1)),
        (citizen, "?tenantId=pg.cityb".to_owned(), Ok(0)),
        (citizen, "?tenantId=pg.citya&serviceCode=BinOverfull".to_owned(), Err("INVALID SEARCH")),
        (citizen, String::new(), Err("PGR_UPDATE_ERROR")),
        (admin, "?tenantId=pg.citya&serviceCode=BinOverfull".to_owned(), Ok(1)),
        (admin, "?tenantId=pg.citya&applicationStatus=RESOLVED,REJECTED".to_owned(), Ok(0)),
        (admin, "?tenantId=pg.citya&mobileNumber=0000000001".to_owned(), Ok(1)),
        (admin, "?tenantId=pg".to_owned(), Err("INVALID_SEARCH")),
        (admin, format!("?serviceRequestId={number}"), Err("INVALID_SEARCH")),
    ] {
        let got = asking.post(Service::Pgr, &format!("/pgr-services/v2/request/_search{query}"), body).await;
        let counted = asking.post(Service::Pgr, &format!("/pgr-services/v2/request/_count{query}"), body).await;
        match expected {
            Ok(count) => {
                assert_eq!(got.json()["ServiceWrappers"].as_array().map(Vec::len), Some(count), "{query}");
                assert_eq!(got.json()["complaintTypes"], 13);
                assert_eq!(counted.json()["count"], count, "{query}");
            }
            Err(code) => {
                assert_eq!(got.outcome(), outcome(400, &[code]), "{query}");
                assert_eq!(counted.outcome(), outcome(400, &[code]), "{query}");
            }
        }
    }
}

#[tokio::test]
async fn a_named_employee_is_refused_by_the_pinned_pair_and_taken_by_the_fixed_one() {
    let (asking, admin, citizen) = ready().await;
    let mut uuids = Vec::new();
    for (code, mobile, department) in [("FITS", "7000000001", "DEPT_3"), ("OTHER", "7000000002", "DEPT_1")] {
        let user = json!({"name": code, "mobileNumber": mobile, "roles": [{"code": "PGR_LME", "tenantId": "pg.citya"}], "tenantId": "pg.citya"});
        let work = json!([{"department": department, "designation": "DESIG_01", "isCurrentAssignment": true}]);
        let body = employee(json!({"code": code, "user": user, "assignments": work}));
        let got = asking.post(Service::Hrms, "/egov-hrms/employees/_create", &body).await;
        uuids.push(got.json()["Employees"][0]["uuid"].clone());
    }
    let number = asking.by_gateway(&citizen, CREATE, complaint(json!({}))).await.json()["ServiceWrappers"][0]["service"]["serviceRequestId"].clone();
    asking.settle();
    let service = found(&asking, &admin, &number).await.unwrap()["service"].clone();
    let assign = |uuid: &Value| json!({"service": service, "workflow": {"action": "ASSIGN", "assignes": [uuid]}});
    let got = asking.by_gateway(&admin, UPDATE, assign(&uuids[0])).await;
    assert_eq!(got.outcome(), outcome(400, &["NullPointerException"]));
    assert!(got.text.contains("String.split") && got.text.contains("tenantId"), "{got:?}");
    asking.digit.set(Condition::FixedPgr);
    for (uuid, expected) in [
        (&json!("nobody"), outcome(400, &["DEPARTMENT_NOT_FOUND"])),
        (&uuids[1], outcome(400, &["INVALID_ASSIGNMENT"])),
        (&uuids[0], outcome(200, &[])),
    ] {
        assert_eq!(asking.by_gateway(&admin, UPDATE, assign(uuid)).await.outcome(), expected);
    }
    asking.settle();
    assert_eq!(found(&asking, &admin, &number).await.unwrap()["workflow"]["assignes"], json!([uuids[0]]));
}

#[tokio::test]
async fn without_a_workflow_there_is_no_complaint() {
    let asking = Asking::start().await;
    let citizen = asking.citizen().await;
    let got = asking.by_gateway(&citizen, CREATE, complaint(json!({}))).await;
    assert_eq!(got.outcome(), outcome(400, &["BUSINESSSERVICE ERROR"]));
}
