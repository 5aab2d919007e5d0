//! `POST /egov-hrms/employees/_create`: the user at once in egov-user, the employee by Kafka (§5, HRMS trap).

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::Service;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::persister::Write;
use crate::world::users::User;

use super::super::spring::{body, needs_tables, response_info};
use super::super::user::{create, fields};
use super::super::{idgen, mdms};

const JURISDICTION: Shape = Shape::Fields(&[
    ("hierarchy", Shape::Text),
    ("boundaryType", Shape::Text),
    ("boundary", Shape::Text),
    ("tenantId", Shape::Text),
    ("isActive", Shape::Flag),
]);
const ASSIGNMENT: Shape = Shape::Fields(&[
    ("department", Shape::Text),
    ("designation", Shape::Text),
    ("fromDate", Shape::Number),
    ("toDate", Shape::Number),
    ("isCurrentAssignment", Shape::Flag),
]);
const USER: Shape = Shape::Fields(&[
    ("name", Shape::Text),
    ("mobileNumber", Shape::Text),
    ("emailId", Shape::Text),
    ("gender", Shape::Text),
    ("dob", Shape::Number),
    ("fatherOrHusbandName", Shape::Text),
    ("tenantId", Shape::Text),
    ("roles", Shape::List(&shape::ROLE)),
]);
const EMPLOYEE: Shape = Shape::Fields(&[
    ("tenantId", Shape::Text),
    ("code", Shape::Text),
    ("employeeStatus", Shape::Text),
    ("employeeType", Shape::Text),
    ("dateOfAppointment", Shape::Number),
    ("jurisdictions", Shape::List(&JURISDICTION)),
    ("assignments", Shape::List(&ASSIGNMENT)),
    ("serviceHistory", Shape::List(&Shape::Object)),
    ("education", Shape::List(&Shape::Object)),
    ("tests", Shape::List(&Shape::Object)),
    ("user", USER),
]);
const DECLARED: Shape = Shape::Fields(&[("RequestInfo", shape::REQUEST_INFO), ("Employees", Shape::List(&EMPLOYEE))]);

/// Refusals, by code; one of a kind is said once.
type Refusals = BTreeMap<&'static str, String>;

/// 202 with the employees. The tenant of the query need not be the employee's.
pub(super) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = body(request, &DECLARED)?;
    let info = &body["RequestInfo"];
    if !info["userInfo"].is_object() {
        return Err(errors::fault("NullPointerException", "requestInfo.getUserInfo() is null"));
    }
    let employees = shape::items(&body, "Employees");
    if employees.is_empty() {
        // Not on the page.
        return Err(errors::refused("NotNull.employeeRequest.employees", "must not be null"));
    }
    needs_tables(world, Service::Hrms)?;
    if world.down(Service::User) {
        // §7 has the code for its start; that it is the same here, the page does not tell.
        return Err(errors::refused("EG_USER_SEARCH_ERROR", "Service returned null while fetching user"));
    }
    let mut refusals = Refusals::new();
    for employee in employees {
        validate(world, employee, &mut refusals)?;
    }
    if !refusals.is_empty() {
        let all: Vec<(&str, String)> = refusals.into_iter().collect();
        return Err(errors::refused_all(&all));
    }
    let mut made = Vec::new();
    for employee in employees {
        made.push(make(world, employee, info)?);
    }
    Ok(Answer::json(202, &json!({"ResponseInfo": response_info(info), "Employees": made})))
}

fn validate(world: &World, employee: &Value, refusals: &mut Refusals) -> Result<(), Answer> {
    let Some(tenant) = shape::filled(employee, "tenantId") else {
        return Err(errors::refused("NotNull.employeeRequest.employees[0].tenantId", "must not be null"));
    };
    let Some(user) = shape::object(employee, "user") else {
        return Err(errors::refused("NotNull.employeeRequest.employees[0].user", "must not be null"));
    };
    let mut refuse = |code: &'static str, text: &str| {
        refusals.insert(code, text.to_owned());
    };
    let known = |module: &str, master: &str, code: Option<String>| {
        code.is_some_and(|code| mdms::item(world, &tenant, (module, master), "code", &code).is_some())
    };
    let assignments = shape::items(employee, "assignments");
    for assignment in assignments {
        if !known("common-masters", "Department", shape::filled(assignment, "department")) {
            refuse("ERR_HRMS_INVALID_DEPT", "Department of the employee is invalid.");
        }
        if !known("common-masters", "Designation", shape::filled(assignment, "designation")) {
            refuse("ERR_HRMS_INVALID_DESG", "Designation of the employee is invalid.");
        }
    }
    let current = assignments.iter().filter(|a| shape::flag(a, "isCurrentAssignment") == Some(true)).count();
    if current != 1 {
        refuse("ERR_HRMS_INVALID_CURRENT_ASSGN", "There should be exactly one current assignment for the employee.");
    }
    if !known("egov-hrms", "EmployeeType", shape::filled(employee, "employeeType")) {
        // The code is not on the page.
        refuse("ERR_HRMS_INVALID_EMP_TYPE", "Employee type is invalid.");
    }
    for role in shape::items(user, "roles") {
        if !known("ACCESSCONTROL-ROLES", "roles", shape::filled(role, "code")) {
            refuse("ERR_HRMS_INVALID_ROLE", "Role of the user is invalid.");
        }
    }
    let mobile = shape::filled(user, "mobileNumber").unwrap_or_default();
    if mobile.chars().count() != 10 || !mobile.chars().all(|c| c.is_ascii_digit()) {
        refuse("ERR_HRMS_INVALID_MOB_NO", "Mobile number is invalid.");
    }
    jurisdictions(world, employee, &mut refuse)?;
    let user_tenant = shape::filled(user, "tenantId").unwrap_or_else(|| tenant.clone());
    let rows = || world.users.rows.iter().filter(|u| u.kind == "EMPLOYEE" && u.tenant == user_tenant);
    if shape::filled(employee, "code").is_some_and(|code| rows().any(|u| u.user_name == code)) {
        refuse("ERR_HRMS_USER_EXIST_USERNAME", "User already present for this username.");
    }
    // Whoever has the number, also one that HRMS did not make.
    if rows().any(|u| u.mobile == mobile) {
        refuse("ERR_HRMS_USER_EXIST_MOB", "User already present for this mobile number.");
    }
    Ok(())
}

/// Jurisdictions: at least one active; the boundary is looked up as a tenant, and one that has none is a fault of its own.
fn jurisdictions(world: &World, employee: &Value, refuse: &mut impl FnMut(&'static str, &str)) -> Result<(), Answer> {
    let jurisdictions = shape::items(employee, "jurisdictions");
    if !jurisdictions.iter().any(|j| shape::flag(j, "isActive") != Some(false)) {
        refuse("ERR_HRMS_INVALID_JURISDICTION_ACTIIEV_NULL", "Jurisdiction should have at least 1 active data");
    }
    for jurisdiction in jurisdictions {
        let of = |field: &str| shape::filled(jurisdiction, field).unwrap_or_default();
        let Some(hierarchies) = mdms::master(world, &of("boundary"), "egov-location", "TenantBoundary") else {
            let text = "Missing property in path $['MdmsRes']['egov-location']['TenantBoundary']";
            return Err(errors::fault("PathNotFoundException", text));
        };
        let hierarchy = hierarchies.iter().find(|h| h["hierarchyType"]["code"] == of("hierarchy"));
        if hierarchy.is_none() {
            refuse("ERR_HRMS_INVALID_JURISDICTION_HEIRARCHY", "Jurisdiction hierarchy value is invalid.");
        }
        let boundary = hierarchy.map(|h| &h["boundary"]);
        let typed = boundary.and_then(|b| labelled(b, &of("boundaryType")));
        if typed.is_none() {
            refuse("ERR_HRMS_INVALID_BOUNDARY_TYPE_HEIRARCHY", "Jurisdiction boundary type value is invalid.");
        }
        if typed.is_none_or(|codes| !codes.contains(&of("boundary"))) {
            refuse("ERR_HRMS_INVALID_JURISDICTION_BOUNDARY", "Jurisdiction boundary value is invalid.");
        }
    }
    Ok(())
}

/// The codes of all boundaries with a label, in a tree; none if there is none.
fn labelled(boundary: &Value, label: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![boundary];
    while let Some(at) = open.pop() {
        if at["label"] == label {
            found.extend(at["code"].as_str().map(str::to_owned));
        }
        open.extend(shape::items(at, "children"));
    }
    (!found.is_empty()).then_some(found)
}

/// One employee: number, user, record on Kafka.
fn make(world: &mut World, employee: &Value, info: &Value) -> Result<Value, Answer> {
    let tenant = shape::filled(employee, "tenantId").unwrap_or_default();
    let code = match shape::filled(employee, "code") {
        Some(code) => code,
        None => format!("EMP-107-{}", sequence(world)?),
    };
    let sent = &employee["user"];
    let user_tenant = shape::filled(sent, "tenantId").unwrap_or_else(|| tenant.clone());
    let user = json!({
        "userName": code, "name": shape::text(sent, "name"), "mobileNumber": shape::text(sent, "mobileNumber"),
        "emailId": shape::text(sent, "emailId"), "gender": shape::text(sent, "gender"), "type": "EMPLOYEE",
        "active": true, "tenantId": user_tenant, "roles": sent.get("roles"),
    });
    fields::validated(&user)?;
    let mut row = create::read(world, &user, info)?;
    // A random password that nobody learns.
    row.password = SecretString::from(format!("Aa1@{}", world.draw.digits(11)));
    let row = create::insert(world, row)?;
    let record = record(world, employee, &code, &row);
    world.send(Write::Employee(Box::new(record.clone())));
    Ok(record)
}

fn sequence(world: &mut World) -> Result<String, Answer> {
    if world.down(Service::Idgen) || world.without_tables(Service::Idgen) {
        return Err(errors::fault("ServiceCallException", "idgen"));
    }
    Ok(idgen::sequence(world, "SEQ_EG_HRMS_EMP"))
}

fn record(world: &mut World, employee: &Value, code: &str, user: &User) -> Value {
    let numbered = |world: &mut World, field: &str| -> Vec<Value> {
        let mut items = shape::items(employee, field).to_vec();
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.insert("id".to_owned(), json!(world.draw.uuid()));
        }
        items
    };
    let mut said = user.short();
    said["password"] = Value::Null;
    said["gender"] = json!(user.gender);
    said["dob"] = employee["user"].get("dob").cloned().unwrap_or(Value::Null);
    said["fatherOrHusbandName"] = json!(shape::text(&employee["user"], "fatherOrHusbandName"));
    json!({
        "id": user.id, "uuid": user.uuid, "code": code, "tenantId": shape::text(employee, "tenantId"),
        "employeeStatus": shape::text(employee, "employeeStatus"),
        "employeeType": shape::text(employee, "employeeType"),
        "dateOfAppointment": shape::number(employee, "dateOfAppointment"),
        "jurisdictions": numbered(world, "jurisdictions"), "assignments": numbered(world, "assignments"),
        "serviceHistory": numbered(world, "serviceHistory"), "education": numbered(world, "education"),
        "tests": numbered(world, "tests"), "documents": [], "deactivationDetails": [], "reactivationDetails": [],
        "isActive": true, "reActivateEmployee": false, "user": said,
        "auditDetails": {"createdDate": world.millis(), "lastModifiedDate": null},
    })
}
