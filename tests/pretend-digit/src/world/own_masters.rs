//! Small masters of our own, shaped as §6.2 lists what the flow needs. Nothing in here is DIGIT's: names and codes are invented,
//! but for the codes of roles and the few keys that services look for.

use serde_json::{Value, json};

use super::masters::Masters;

/// Roles that the flow knows (§2.2, §4, §6.5).
const ROLES: &[(&str, &str)] = &[
    ("SUPERUSER", "Super User"),
    ("EMPLOYEE", "Employee"),
    ("CITIZEN", "Citizen"),
    ("GRO", "Grievance Routing Officer"),
    ("DGRO", "Department Grievance Routing Officer"),
    ("PGR_LME", "PGR Last Mile Employee"),
    ("CSR", "Counter Employee"),
    ("CFC", "Citizen Facilitation Centre"),
    ("HRMS_ADMIN", "HRMS Admin"),
    ("LOC_ADMIN", "Localization Admin"),
    ("MDMS_ADMIN", "MDMS Admin"),
    ("INTERNAL_MICROSERVICE_ROLE", "Internal"),
];

/// Complaint types: code, department.
const TYPES: &[(&str, &str)] =
    &[("LampDark", "DEPT_1"), ("RoadUnswept", "DEPT_3"), ("BinOverfull", "DEPT_3"), ("PipeLeaks", "DEPT_4")];

/// Masters of a state with one city.
pub(crate) fn of(state: &str, city: &str) -> Masters {
    let mut masters = Masters::default();
    for (module, master) in [
        ("tenant", "tenants"),
        ("tenant", "citymodule"),
        ("ACCESSCONTROL-ROLES", "roles"),
        ("ACCESSCONTROL-ACTIONS-TEST", "actions-test"),
        ("common-masters", "IdFormat"),
        ("common-masters", "Department"),
        ("common-masters", "Designation"),
        ("common-masters", "StateInfo"),
        ("egov-hrms", "EmployeeType"),
        ("egov-hrms", "EmployeeStatus"),
        ("RAINMAKER-PGR", "ServiceDefs"),
        ("Workflow", "BusinessServiceMasterConfig"),
        ("DataSecurity", "SecurityPolicy"),
    ] {
        masters.of_the_state(module, master);
    }
    for file in state_files(state, city) {
        masters.take(&file);
    }
    masters.take(&boundaries(city));
    masters
}

fn state_files(state: &str, city: &str) -> Vec<Value> {
    let named = |code: &str, name: &str| json!({"code": code, "name": name, "active": true});
    let tenant = |code: &str, name: &str, kind: &str| json!({"code": code, "name": name, "type": kind, "city": {"name": name, "code": code.to_uppercase()}});
    let roles: Vec<Value> = ROLES.iter().map(|(code, name)| json!({"code": code, "name": name})).collect();
    let types: Vec<Value> = TYPES
        .iter()
        .map(|(code, department)| {
            json!({"serviceCode": code, "name": code, "keywords": "pretended", "department": department,
                "slaHours": 48, "menuPath": "Pretended", "active": true})
        })
        .collect();
    vec![
        json!({"tenantId": state, "moduleName": "tenant",
            "tenants": [tenant(state, "Pretended State", "STATE"), tenant(city, "Pretended City", "CITY")],
            "citymodule": [{"module": "PGR", "code": "PGR", "active": true, "tenants": [{"code": city}]}]}),
        json!({"tenantId": state, "moduleName": "ACCESSCONTROL-ROLES", "roles": roles}),
        json!({"tenantId": state, "moduleName": "ACCESSCONTROL-ACTIONS-TEST",
            "actions-test": [{"id": 1, "url": "/pretended", "enabled": true}]}),
        json!({"tenantId": state, "moduleName": "ACCESSCONTROL-ROLEACTIONS",
            "roleactions": [{"rolecode": "SUPERUSER", "actionid": 1, "actioncode": "", "tenantId": state}]}),
        json!({"tenantId": state, "moduleName": "common-masters",
            "IdFormat": [
                {"idname": "pgr.servicerequestid", "format": "PG-PGR-[cy:yyyy-MM-dd]-[SEQ_EG_PGR_ID]"},
                {"idname": "hrms.employeecode", "format": "[SEQ_EG_HRMS_EMP]"},
            ],
            "Department": [named("DEPT_1", "Light"), named("DEPT_3", "Cleanness"), named("DEPT_4", "Water")],
            "Designation": [named("DESIG_01", "Head"), named("DESIG_02", "Hand")],
            "StateInfo": [{"code": state, "name": "Pretended State", "hasLocalisation": true,
                "languages": [{"label": "ENGLISH", "value": "en_IN"}, {"label": "हिंदी", "value": "hi_IN"}],
                "localizationModules": [{"label": "rainmaker-common", "value": "rainmaker-common"}]}]}),
        json!({"tenantId": state, "moduleName": "egov-hrms",
            "EmployeeType": [named("PERMANENT", "Permanent"), named("TEMPORARY", "Temporary")],
            "EmployeeStatus": [named("EMPLOYED", "Employed")]}),
        json!({"tenantId": state, "moduleName": "RAINMAKER-PGR", "ServiceDefs": types}),
        json!({"tenantId": state, "moduleName": "Workflow", "BusinessServiceMasterConfig": [
            {"businessService": "PGR", "active": "true", "isStatelevel": "true"},
        ]}),
        json!({"tenantId": state, "moduleName": "DataSecurity",
            "SecurityPolicy": [{"model": "User", "attributes": []}],
            "EncryptionPolicy": [{"key": "User", "attributeList": []}],
            "DecryptionABAC": [{"key": "ALL_ACCESS", "roleAttributeAccessList": []}],
            "MaskingPatterns": [{"patternId": "001", "pattern": ".(?=.{4})"}]}),
    ]
}

fn boundaries(city: &str) -> Value {
    let place = |code: &str, name: &str, label: &str, children: Value| json!({"code": code, "name": name, "label": label, "children": children});
    let tree = place(
        city,
        "Pretended City",
        "City",
        json!([place(
            "ZONE1",
            "East",
            "Zone",
            json!([place(
                "WARD1",
                "Ward One",
                "Block",
                json!([
                    place("LOC1", "Market", "Locality", json!([])),
                    place("LOC2", "Harbour", "Locality", json!([])),
                ])
            ),])
        )]),
    );
    let in_hierarchy = |code: &str| json!({"hierarchyType": {"code": code, "name": code}, "boundary": tree});
    json!({"tenantId": city, "moduleName": "egov-location",
        "TenantBoundary": [in_hierarchy("REVENUE"), in_hierarchy("ADMIN")]})
}
