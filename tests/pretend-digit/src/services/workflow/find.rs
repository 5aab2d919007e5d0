//! Definitions as a tenant sees them.

use serde_json::{Value, json};

use crate::Condition;
use crate::services::mdms;
use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::world::World;
use crate::world::tenant::state_of;

/// Definitions by name; none is all: the state's with the tenant written in, where MDMS calls them state level.
pub(super) fn find(world: &mut World, pod: usize, tenant: &str, names: &[String]) -> Result<Vec<Value>, Answer> {
    if world.has(&Condition::CentralInstance)
        && let Some((_, city)) = tenant.split_once('.')
    {
        // §3.3
        let text = format!("bad SQL grammar [SELECT * FROM {city}.eg_wf_businessService_v2]");
        return Err(errors::fault("BadSqlGrammarException", text));
    }
    let state = state_of(tenant).to_owned();
    let (of_the_state, own): (Vec<String>, Vec<String>) =
        names.iter().cloned().partition(|name| is_state_level(world, &state, name));
    let (now, keep) = (world.now, world.options.workflow_cache);
    let mut found = Vec::new();
    if !of_the_state.is_empty() {
        found.extend(world.workflow.find(pod, now, keep, &state, &of_the_state));
    }
    if !own.is_empty() || names.is_empty() {
        found.extend(world.workflow.find(pod, now, keep, tenant, &own));
    }
    for definition in &mut found {
        definition["tenantId"] = json!(tenant);
    }
    Ok(found)
}

fn is_state_level(world: &World, state: &str, name: &str) -> bool {
    let rule = mdms::item(world, state, ("Workflow", "BusinessServiceMasterConfig"), "businessService", name);
    rule.is_some_and(|rule| rule["isStatelevel"] == "true" || rule["isStatelevel"] == true)
}
