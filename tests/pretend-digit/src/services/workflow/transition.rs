//! A record takes a step (§6.5, §6.6): what PGR asks of workflow.

use serde_json::{Value, json};

use crate::Service;
use crate::services::spring::needs_tables;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::shape;
use crate::world::World;
use crate::world::persister::Write;
use crate::world::tenant::state_of;

use super::find::find;

/// The step that is asked for.
pub(crate) struct Step<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) service: &'a str,
    pub(crate) business_id: &'a str,
    /// The request's `workflow` object.
    pub(crate) workflow: &'a Value,
    /// The request's `userInfo`.
    pub(crate) user: &'a Value,
    pub(crate) assignes: Vec<Value>,
}

/// A definition by its name, of the pod's cache like every search (§6.5, cache trap).
///
/// # Errors
/// 400 `BUSINESSSERVICE ERROR` if there is none.
pub(super) fn definition(world: &mut World, pod: usize, tenant: &str, name: &str) -> Result<Value, Answer> {
    needs_tables(world, Service::Workflow)?;
    let found = find(world, pod, tenant, &[name.to_owned()])?;
    found.into_iter().next().ok_or_else(|| {
        let text = format!("No bussinessService object found for businessService: {name}");
        errors::refused("BUSINESSSERVICE ERROR", text)
    })
}

/// What somebody may do next.
pub(super) fn next_actions(definition: &Value, state: &Value, roles: &[Value], tenant: &str) -> Value {
    let state = shape::items(definition, "states").iter().find(|s| s["uuid"] == *state);
    let may = |action: &&Value| has_role(&shape::texts(action, "roles"), roles, tenant);
    json!(state.map(|s| shape::items(s, "actions").iter().filter(may).collect::<Vec<_>>()).unwrap_or_default())
}

/// Whether one of the roles that `userInfo` has is one of the action's, for this tenant or its state (§6.6: the roles are those
/// of `userInfo`).
fn has_role(wanted: &[String], roles: &[Value], tenant: &str) -> bool {
    roles.iter().any(|role| {
        let of = shape::text(role, "tenantId");
        let here = of.as_deref() == Some(tenant) || of.as_deref() == Some(state_of(tenant));
        here && shape::text(role, "code").is_some_and(|code| wanted.contains(&code))
    })
}

/// Takes the step: the state is looked at first (`INVALID ACTION`), then the roles (`INVALID ROLE`) (§6.6). Returns the new
/// application status.
pub(crate) fn take(world: &mut World, step: &Step<'_>) -> Result<Value, Answer> {
    let pod = world.workflow.pod();
    let definition = definition(world, pod, step.tenant, step.service)?;
    let states = shape::items(&definition, "states");
    let at = match world.workflow.last(step.business_id) {
        Some(last) => states.iter().find(|s| s["uuid"] == last["state"]["uuid"]),
        None => states.iter().find(|s| s["isStartState"] == true),
    };
    let name = shape::text(step.workflow, "action");
    let action = at.and_then(|state| {
        shape::items(state, "actions").iter().find(|a| name.is_some() && shape::text(a, "action") == name)
    });
    let Some(action) = action else {
        let name = name.unwrap_or_else(|| "null".to_owned());
        let text = format!("Action {name} not found in config for the businessId: {}", step.business_id);
        return Err(errors::refused("INVALID ACTION", text));
    };
    if !has_role(&shape::texts(action, "roles"), shape::items(step.user, "roles"), step.tenant) {
        return Err(errors::refused("INVALID ROLE", "User is not authorized to perform action"));
    }
    let Some(next) = states.iter().find(|s| s["uuid"] == action["nextState"]).cloned() else {
        return Err(errors::refused("INVALID NEXTSTATE", "The state does not exist in config"));
    };
    let status = next["applicationStatus"].clone();
    let now = world.millis();
    let process = json!({
        "id": world.draw.uuid(), "tenantId": step.tenant, "businessService": step.service,
        "businessId": step.business_id, "action": name, "moduleName": definition["business"], "state": next,
        "comment": shape::text(step.workflow, "comments"), "documents": step.workflow.get("verificationDocuments"),
        "assigner": step.user, "assignes": if step.assignes.is_empty() { Value::Null } else { json!(step.assignes) },
        "nextActions": [], "stateSla": next["sla"], "businesssServiceSla": definition["businessServiceSla"],
        "rating": shape::number(step.workflow, "rating"),
        "auditDetails": {"createdTime": now, "lastModifiedTime": now},
    });
    world.send(Write::Process(Box::new(process)));
    Ok(status)
}
