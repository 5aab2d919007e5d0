//! Nothing that is sent ends in a panic: bodies that are right but for one place, with anything in it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::call;
use crate::wire::request::Request;
use crate::world::World;
use crate::{Condition, Options, Service};

fn info() -> Value {
    json!({"apiId": "a", "ts": 1, "msgId": "1|en_IN", "authToken": "t", "userInfo": {
        "id": 1, "uuid": "u", "userName": "ADMIN", "type": "CITIZEN", "tenantId": "pg.citya",
        "roles": [{"code": "CSR", "tenantId": "pg.citya"}, {"code": "SUPERUSER", "tenantId": "pg"}],
    }})
}

/// Service, path, query and a body that is right.
fn right() -> Vec<(Service, &'static str, &'static str, Value)> {
    let user = json!({"userName": "A", "name": "A", "mobileNumber": "1234567890", "type": "EMPLOYEE", "active": true,
        "tenantId": "pg.citya", "password": "Abcdef1@", "dob": "01/01/1990", "gender": "MALE", "uuid": "u",
        "emailId": "a@example.org", "roles": [{"code": "GRO", "name": "x", "tenantId": "pg"}]});
    let complaint = json!({"RequestInfo": info(), "workflow": {"action": "APPLY", "assignes": ["u"], "comments": "c"},
        "service": {"tenantId": "pg.citya", "id": "i", "serviceCode": "LampDark", "source": "web",
            "citizen": {"name": "A", "mobileNumber": "1234567890"},
            "address": {"city": "a", "locality": {"code": "L"}, "geoLocation": {"latitude": 1.0}}}});
    let employee = json!({"tenantId": "pg.citya", "code": "E", "employeeStatus": "EMPLOYED", "employeeType": "PERMANENT",
        "jurisdictions": [{"hierarchy": "REVENUE", "boundaryType": "City", "boundary": "pg.citya", "isActive": true}],
        "assignments": [{"department": "DEPT_1", "designation": "DESIG_01", "fromDate": 1, "isCurrentAssignment": true}],
        "serviceHistory": [], "education": [{}], "tests": [],
        "user": {"name": "E", "mobileNumber": "1234567891", "dob": 1, "roles": [{"code": "GRO"}], "tenantId": "pg.citya"}});
    let definition = json!({"tenantId": "pg", "businessService": "PGR", "business": "pgr-services",
    "businessServiceSla": 1, "states": [
        {"state": null, "isStartState": true, "actions": [{"action": "APPLY", "nextState": "A", "roles": ["CSR"]}]},
        {"state": "A", "applicationStatus": "A", "sla": 1, "actions": []},
    ]});
    let of = |field: &str, value: Value| json!({"RequestInfo": info(), field: value});
    vec![
        (Service::User, "/user/users/_createnovalidate", "", of("user", user.clone())),
        (Service::User, "/user/users/_updatenovalidate", "", of("user", user.clone())),
        (Service::User, "/user/citizen/_create", "", of("user", user)),
        (
            Service::User,
            "/user/v1/_search",
            "",
            json!({"RequestInfo": info(), "tenantId": "pg", "uuid": ["u"], "id": [1], "pageSize": 1}),
        ),
        (
            Service::User,
            "/user/password/_update",
            "",
            json!({"RequestInfo": info(), "tenantId": "pg.citya", "type": "EMPLOYEE", "existingPassword": "Abcdef1@", "newPassword": "Abcdef1@"}),
        ),
        (Service::User, "/user/_logout", "", json!({"RequestInfo": info(), "access_token": "t"})),
        (
            Service::UserOtp,
            "/user-otp/v1/_send",
            "tenantId=pg",
            of(
                "otp",
                json!({"mobileNumber": "1234567890", "tenantId": "pg", "type": "register", "userType": "CITIZEN"}),
            ),
        ),
        (
            Service::Otp,
            "/otp/v1/_validate",
            "",
            of("otp", json!({"identity": "1234567890", "tenantId": "pg", "otp": "1"})),
        ),
        (
            Service::Localization,
            "/localization/messages/v1/_upsert",
            "",
            json!({"RequestInfo": info(), "tenantId": "pg", "messages": [{"code": "c", "message": "m", "module": "o", "locale": "en_IN"}]}),
        ),
        (Service::Localization, "/localization/messages/v1/_search", "tenantId=pg&locale=en_IN", of("x", json!(1))),
        (
            Service::Mdms,
            "/egov-mdms-service/v1/_search",
            "",
            of(
                "MdmsCriteria",
                json!({"tenantId": "pg.citya", "moduleDetails": [{"moduleName": "tenant", "masterDetails": [{"name": "tenants", "filter": "$.*.code"}]}]}),
            ),
        ),
        (
            Service::Enc,
            "/egov-enc-service/crypto/v1/_encrypt",
            "",
            json!({"encryptionRequests": [{"tenantId": "pg", "type": "Normal", "value": {"a": ["x"]}}]}),
        ),
        (
            Service::Idgen,
            "/egov-idgen/id/_generate",
            "",
            of("idRequests", json!([{"idName": "pgr.servicerequestid", "tenantId": "pg.citya", "count": 1}])),
        ),
        (Service::Hrms, "/egov-hrms/employees/_create", "", of("Employees", json!([employee]))),
        (Service::Hrms, "/egov-hrms/employees/_search", "tenantId=pg.citya&codes=E", of("x", json!(1))),
        (
            Service::Workflow,
            "/egov-workflow-v2/egov-wf/businessservice/_create",
            "",
            of("BusinessServices", json!([definition])),
        ),
        (
            Service::Workflow,
            "/egov-workflow-v2/egov-wf/process/_search",
            "tenantId=pg.citya&history=true",
            of("x", json!(1)),
        ),
        (Service::Pgr, "/pgr-services/v2/request/_create", "", complaint.clone()),
        (Service::Pgr, "/pgr-services/v2/request/_update", "", complaint),
        (Service::Pgr, "/pgr-services/v2/request/_search", "tenantId=pg.citya", of("x", json!(1))),
        (
            Service::AccessControl,
            "/access/v1/actions/_authorize",
            "",
            of(
                "AuthorizationRequest",
                json!({"roles": [{"code": "CSR", "tenantId": "pg"}], "uri": "/user/_search", "tenantIds": ["pg"]}),
            ),
        ),
        (Service::Gateway, "/egov-hrms/employees/_search", "tenantId=pg", of("x", json!(1))),
        (Service::Entry, "/user/users/_createnovalidate", "", of("x", json!([{"tenantId": "pg"}]))),
    ]
}

fn post(path: &str, query: &str, body: &Value) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    Request {
        method: Method::POST,
        path: path.to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers,
        body: Bytes::from(body.to_string()),
        parts: Vec::new(),
    }
}

/// The pointers of all places in a value, the whole first.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, v)| (format!("/{name}"), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, v)| (format!("/{at}"), v)).collect(),
        _ => Vec::new(),
    };
    for (way, value) in inner {
        found.extend(places(value).into_iter().map(|rest| format!("{way}{rest}")));
    }
    found
}

fn anything() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        prop::sample::select(vec!["", "pg", "pg.citya", "[cy:%Q]", "$.[", "$..*", ".", "पग.सि"]).prop_map(Value::from),
    ];
    plain.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-zA-Z]{0,8}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A world in which each right body gets far: with a workflow, a user, a complaint.
fn world() -> World {
    let mut world = World::new(Options { persister_delay: std::time::Duration::ZERO, ..Options::default() }).unwrap();
    for (service, path, query, body) in right() {
        call(&mut world, service, &post(path, query, &body));
        let now = world.now;
        world.advance(now);
    }
    world
}

#[test]
fn right_bodies_get_far() {
    let world = world();
    assert_eq!(world.users.rows.iter().map(|u| u.user_name.as_str()).collect::<Vec<_>>(), ["A", "E"]);
    assert_eq!((world.workflow.stored().len(), world.employees.len(), world.complaints.0.len()), (1, 1, 1));
    assert_eq!(world.messages.0.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_body_ends_in_a_panic(
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        value in anything(),
        fixed in any::<bool>(),
    ) {
        let all = right();
        let (service, path, query, body) = which.get(&all);
        let mut body = body.clone();
        let places = places(&body);
        if let Some(found) = body.pointer_mut(place.get(&places).as_str()) {
            *found = value;
        }
        let mut world = world();
        if fixed {
            world.conditions.push(Condition::FixedPgr);
        }
        let answer = call(&mut world, *service, &post(path, query, &body));
        prop_assert!((200..600).contains(&answer.status));
        // What was stored by it can be read again.
        let now = world.now;
        world.advance(now);
        for (service, path, query, body) in &all {
            call(&mut world, *service, &post(path, query, body));
        }
        crate::view::View::of(&world);
    }
}
