//! egov-accesscontrol: who may call what (§2.2).

use serde_json::Value;

use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::wire::shape::{self, Shape};
use crate::world::World;
use crate::world::tenant::state_of;

use super::spring::body;

const ALL_OF_PGR: &[&str] = &["GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN"];
const WORKFLOW: &[&str] = &["SUPERUSER", "EMPLOYEE", "GRO", "PGR_LME", "CSR", "CITIZEN"];

/// Path and roles that pass. §2.2's table (RAN); the last block is of the same role actions, where the page says nothing (READ).
/// What stands in neither passes for nobody.
const MAY: &[(&str, &[&str])] = &[
    ("/user/users/_createnovalidate", &["SUPERUSER", "CSR"]),
    ("/user/users/_updatenovalidate", &["SUPERUSER"]),
    ("/user/_search", &["SUPERUSER"]),
    ("/user/password/_update", &["SUPERUSER", "EMPLOYEE", "GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN"]),
    ("/user/_logout", &["SUPERUSER", "EMPLOYEE", "GRO", "DGRO", "CSR", "CITIZEN"]),
    ("/localization/messages/v1/_upsert", &["SUPERUSER", "LOC_ADMIN"]),
    ("/localization/messages/v1/_delete", &[]),
    ("/localization/messages/cache-bust", &[]),
    ("/egov-hrms/employees/_create", &["SUPERUSER", "HRMS_ADMIN"]),
    (
        "/egov-hrms/employees/_search",
        &["SUPERUSER", "EMPLOYEE", "GRO", "DGRO", "PGR_LME", "CSR", "CITIZEN", "HRMS_ADMIN"],
    ),
    ("/egov-workflow-v2/egov-wf/businessservice/_create", &["SUPERUSER"]),
    ("/egov-workflow-v2/egov-wf/businessservice/_search", WORKFLOW),
    ("/egov-workflow-v2/egov-wf/process/_search", WORKFLOW),
    ("/pgr-services/v2/request/_create", &["CSR", "CITIZEN"]),
    ("/pgr-services/v2/request/_search", ALL_OF_PGR),
    ("/pgr-services/v2/request/_update", ALL_OF_PGR),
    ("/mdms-v2/v2/_search", &[]),
    // READ in the master data's role actions
    ("/egov-hrms/employees/_count", &["SUPERUSER", "HRMS_ADMIN"]),
    ("/egov-idgen/id/_generate", &["SUPERUSER", "EMPLOYEE"]),
    ("/egov-workflow-v2/egov-wf/businessservice/_update", &["SUPERUSER"]),
    ("/pgr-services/v2/request/_count", &["SUPERUSER", "GRO", "PGR_LME", "CSR", "CITIZEN"]),
    ("/user/_details", &["SUPERUSER"]),
    ("/user/v1/_search", &["SUPERUSER", "EMPLOYEE", "GRO", "DGRO", "CSR", "CITIZEN"]),
];

const DECLARED: Shape = Shape::Fields(&[
    ("RequestInfo", shape::REQUEST_INFO),
    (
        "AuthorizationRequest",
        Shape::Fields(&[
            ("roles", Shape::List(&shape::ROLE)),
            ("uri", Shape::Text),
            ("tenantIds", Shape::List(&Shape::Text)),
        ]),
    ),
]);

/// A role with the tenant that it is for.
pub(crate) struct Held {
    pub(crate) code: String,
    pub(crate) tenant: String,
}

/// Roles of a user in JSON.
pub(crate) fn held(user: &Value) -> Vec<Held> {
    let role = |r: &Value| Some(Held { code: shape::text(r, "code")?, tenant: shape::text(r, "tenantId")? });
    shape::items(user, "roles").iter().filter_map(role).collect()
}

/// Whether one of the roles passes: a role counts if its tenant is one of the request's or above it (§2.1). Without role actions
/// in MDMS nobody passes.
pub(crate) fn allowed(world: &World, roles: &[Held], uri: &str, tenants: &[String]) -> bool {
    let reads_actions = tenants.first().is_some_and(|tenant| {
        let state = state_of(tenant);
        super::mdms::master(world, state, "ACCESSCONTROL-ROLEACTIONS", "roleactions").is_some()
            && super::mdms::master(world, state, "ACCESSCONTROL-ACTIONS-TEST", "actions-test").is_some()
    });
    let counts = |role: &Held| {
        tenants
            .iter()
            .any(|t| *t == role.tenant || t.strip_prefix(&role.tenant).is_some_and(|rest| rest.starts_with('.')))
    };
    let may = MAY.iter().find(|(path, _)| *path == uri).map_or(&[][..], |(_, roles)| roles);
    reads_actions && roles.iter().filter(|r| counts(r)).any(|r| may.contains(&r.code.as_str()))
}

/// `POST /access/v1/actions/_authorize`: 200 or 401, both with an empty body (§2.2).
pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    if path != "/v1/actions/_authorize" {
        return None;
    }
    Some(body(request, &DECLARED).map_or_else(
        |refused| refused,
        |body| {
            let asked = &body["AuthorizationRequest"];
            let held: Vec<Held> = held(asked);
            let uri = shape::text(asked, "uri").unwrap_or_default();
            let passes = allowed(world, &held, &uri, &shape::texts(asked, "tenantIds"));
            Answer::empty(if passes { 200 } else { 401 })
        },
    ))
}
