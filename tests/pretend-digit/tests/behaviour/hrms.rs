//! §6.4: employees.

use pretend_digit::{Condition, Service};
use serde_json::{Value, json};

use crate::asking::{Asking, change, outcome};

const CREATE: &str = "/egov-hrms/employees/_create?tenantId=pg.citya";

pub(crate) fn employee(changes: Value) -> Value {
    let mut employee = json!({
        "tenantId": "pg.citya", "code": "HAND", "employeeStatus": "EMPLOYED", "employeeType": "PERMANENT",
        "jurisdictions": [{"hierarchy": "REVENUE", "boundaryType": "City", "boundary": "pg.citya", "tenantId": "pg.citya"}],
        "assignments": [{"department": "DEPT_3", "designation": "DESIG_01", "fromDate": 1_582_137_000_000_i64,
            "toDate": null, "isCurrentAssignment": true}],
        "serviceHistory": [], "education": [], "tests": [],
        "user": {"name": "Hand", "mobileNumber": "7000000001", "gender": "FEMALE", "dob": 1_534_727_942_000_i64,
            "roles": [{"code": "PGR_LME", "name": "any", "tenantId": "pg.citya"}], "tenantId": "pg.citya"},
    });
    change(&mut employee, changes);
    json!({"RequestInfo": {"userInfo": {"id": 1, "roles": [{"code": "SUPERUSER", "tenantId": "pg"}]}}, "Employees": [employee]})
}

#[tokio::test]
async fn what_an_employee_is_refused_for() {
    let asking = Asking::start().await;
    let place = |hierarchy: &str, kind: &str, boundary: &str| json!([{"hierarchy": hierarchy, "boundaryType": kind, "boundary": boundary}]);
    let work = |department: &str, designation: &str, current: bool| json!([{"department": department, "designation": designation, "isCurrentAssignment": current}]);
    for (changes, expected) in [
        (json!({"assignments": work("DEPT_9", "DESIG_01", true)}), vec!["ERR_HRMS_INVALID_DEPT"]),
        (json!({"assignments": work("DEPT_3", "DESIG_99", true)}), vec!["ERR_HRMS_INVALID_DESG"]),
        (json!({"assignments": work("DEPT_3", "DESIG_01", false)}), vec!["ERR_HRMS_INVALID_CURRENT_ASSGN"]),
        (json!({"jurisdictions": []}), vec!["ERR_HRMS_INVALID_JURISDICTION_ACTIIEV_NULL"]),
        (
            json!({"jurisdictions": place("KING", "City", "pg.citya")}),
            vec![
                "ERR_HRMS_INVALID_BOUNDARY_TYPE_HEIRARCHY",
                "ERR_HRMS_INVALID_JURISDICTION_BOUNDARY",
                "ERR_HRMS_INVALID_JURISDICTION_HEIRARCHY",
            ],
        ),
        (json!({"jurisdictions": place("REVENUE", "City", "pg.zz")}), vec!["PathNotFoundException"]),
        (
            json!({"user": {"name": "A", "mobileNumber": "12", "roles": [{"code": "KING"}]}}),
            vec!["ERR_HRMS_INVALID_MOB_NO", "ERR_HRMS_INVALID_ROLE"],
        ),
    ] {
        let got = asking.post(Service::Hrms, CREATE, &employee(changes.clone())).await;
        assert_eq!(got.outcome(), outcome(400, &expected), "{changes}");
    }
    let mut nobody = employee(json!({}));
    nobody["RequestInfo"] = json!({});
    let got = asking.post(Service::Hrms, CREATE, &nobody).await;
    assert_eq!(got.outcome(), outcome(400, &["NullPointerException"]));
    assert_eq!(asking.digit.view().users, []);
}

#[tokio::test]
async fn the_user_is_there_at_once_and_the_employee_comes_later() {
    let asking = Asking::start().await;
    let got = asking
        .post(
            Service::Hrms,
            CREATE,
            &employee(json!({"user": {"name": "Hand", "mobileNumber": "7000000001",
        "roles": [{"code": "PGR_LME", "tenantId": "pg.citya"}], "tenantId": "pg.citya"}})),
        )
        .await;
    assert_eq!(got.status, 202);
    let made = got.json()["Employees"][0].clone();
    assert_eq!(made["user"]["password"], Value::Null);
    assert!(made["assignments"][0]["id"].is_string());
    let view = asking.digit.view();
    assert_eq!((view.users[0].user_name.as_str(), view.employees.len(), view.waiting), ("HAND", 0, 1));
    assert_eq!(made["uuid"], view.users[0].uuid.as_str());
    let both = outcome(400, &["ERR_HRMS_USER_EXIST_MOB", "ERR_HRMS_USER_EXIST_USERNAME"]);
    assert_eq!(asking.post(Service::Hrms, CREATE, &employee(json!({}))).await.outcome(), both);
    asking.settle();
    let info = json!({"RequestInfo": {"userInfo": {"roles": [{"code": "GRO"}]}}});
    let admin = json!({"RequestInfo": {"userInfo": {"roles": [{"code": "SUPERUSER"}]}}});
    let search = |more: &str| format!("/egov-hrms/employees/_search?{more}");
    for (query, body, count) in [
        ("tenantId=pg.citya&codes=HAND", &info, 1),
        ("tenantId=pg.citya&codes=OTHER,HAND", &info, 1),
        ("tenantId=pg.citya&roles=PGR_LME&departments=DEPT_3", &info, 1),
        ("tenantId=pg.citya&phone=7000000002", &info, 0),
        ("tenantId=pg&codes=HAND", &info, 0),
        ("tenantId=pg.citya", &admin, 1),
        ("tenantId=pg.citya&offset=1", &admin, 0),
    ] {
        let got = asking.post(Service::Hrms, &search(query), body).await;
        assert_eq!((got.status, got.json()["Employees"].as_array().map(Vec::len)), (200, Some(count)), "{query}");
    }
    let got = asking.post(Service::Hrms, &search("codes=HAND"), &info).await;
    assert_eq!(got.outcome(), outcome(400, &["NullPointerException"]));
    assert!(got.text.contains("String.split"), "{got:?}");
    assert_eq!(asking.post(Service::Hrms, &search("tenantId=pg.citya"), &info).await.status, 400);
    let got = asking.post(Service::Hrms, "/egov-hrms/employees/_count?tenantId=pg.citya", &info).await;
    assert_eq!(
        got.json()["EmployeCount"],
        json!({"totalEmployee": "1", "activeEmployee": "1", "inactiveEmployee": "0"})
    );
    // Nobody learns the password; a new one lets the employee in.
    assert_eq!(asking.token_form(Service::User, &[("username", "HAND")]).await.status, 400);
    let reset = crate::asking::user(json!({"uuid": made["uuid"], "roles": made["user"]["roles"]}));
    assert_eq!(asking.post(Service::User, "/user/users/_updatenovalidate", &reset).await.status, 200);
    assert_eq!(asking.token_form(Service::User, &[("username", "HAND")]).await.status, 200);
}

#[tokio::test]
async fn half_an_employee_exists_and_is_not_found() {
    let asking = Asking::start().await;
    asking.digit.set(Condition::PersisterLoses);
    assert_eq!(asking.post(Service::Hrms, CREATE, &employee(json!({}))).await.status, 202);
    asking.digit.clear(&Condition::PersisterLoses);
    asking.settle();
    assert_eq!(asking.digit.view().employees, Vec::<Value>::new());
    assert_eq!(asking.post(Service::Hrms, CREATE, &employee(json!({}))).await.status, 400);
    // Another code and number works; without a code one is drawn.
    let other =
        json!({"code": null, "user": {"name": "Hand", "mobileNumber": "7000000002", "roles": [{"code": "PGR_LME"}]}});
    let got = asking.post(Service::Hrms, CREATE, &employee(other)).await;
    assert_eq!(got.json()["Employees"][0]["code"], "EMP-107-000001");
}
