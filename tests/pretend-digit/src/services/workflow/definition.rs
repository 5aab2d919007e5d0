//! What egov-workflow-v2 makes of a definition that is sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::shape;
use crate::world::World;

/// The definition with uuids (§6.5). READ: an action's `nextState` becomes the uuid of the state, and must be one of them.
pub(super) fn enriched(world: &mut World, sent: &Value, by: Option<&str>) -> Result<Value, Answer> {
    let audit = json!({"createdBy": by, "lastModifiedBy": by, "createdTime": world.millis(), "lastModifiedTime": world.millis()});
    let tenant = shape::text(sent, "tenantId");
    let ids: BTreeMap<Option<String>, String> =
        shape::items(sent, "states").iter().map(|s| (shape::text(s, "state"), world.draw.uuid())).collect();
    let mut states = Vec::new();
    for sent in shape::items(sent, "states") {
        let id = ids.get(&shape::text(sent, "state")).cloned().unwrap_or_default();
        let mut actions = Vec::new();
        for action in shape::items(sent, "actions") {
            let next = shape::text(action, "nextState");
            let Some(next_id) = next.as_ref().and_then(|_| ids.get(&next)) else {
                let next = next.unwrap_or_else(|| "null".to_owned());
                let text = format!("The state with name: {next} does not exist in config");
                return Err(errors::refused("INVALID NEXTSTATE", text));
            };
            actions.push(json!({
                "uuid": world.draw.uuid(), "tenantId": tenant, "currentState": id,
                "action": shape::text(action, "action"), "nextState": next_id,
                "roles": shape::texts(action, "roles"), "active": true, "auditDetails": audit,
            }));
        }
        states.push(json!({
            "auditDetails": audit, "uuid": id, "tenantId": tenant, "businessServiceId": null,
            "sla": shape::number(sent, "sla"), "state": shape::text(sent, "state"),
            "applicationStatus": shape::text(sent, "applicationStatus"),
            "docUploadRequired": shape::flag(sent, "docUploadRequired").unwrap_or(false),
            "isStartState": shape::flag(sent, "isStartState").unwrap_or(false),
            "isTerminateState": shape::flag(sent, "isTerminateState").unwrap_or(false),
            "isStateUpdatable": shape::flag(sent, "isStateUpdatable"),
            "actions": if actions.is_empty() { Value::Null } else { json!(actions) },
        }));
    }
    Ok(json!({
        "tenantId": tenant, "uuid": world.draw.uuid(), "businessService": shape::text(sent, "businessService"),
        "business": shape::text(sent, "business"), "getUri": null, "postUri": null,
        "businessServiceSla": shape::number(sent, "businessServiceSla"), "states": states, "auditDetails": audit,
    }))
}
