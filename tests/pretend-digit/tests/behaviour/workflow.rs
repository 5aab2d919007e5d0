//! §6.5: workflow, and the cache that hides it.

use pretend_digit::{Condition, Options, Service};
use serde_json::{Value, json};

use crate::asking::{Asking, complaints_workflow, outcome};

const CREATE: &str = "/egov-workflow-v2/egov-wf/businessservice/_create";

async fn count(asking: &Asking, tenant: &str) -> usize {
    let path = format!("/egov-workflow-v2/egov-wf/businessservice/_search?tenantId={tenant}&businessServices=PGR");
    let got = asking.post(Service::Workflow, &path, &json!({"RequestInfo": {}})).await;
    assert_eq!(got.status, 200);
    got.json()["BusinessServices"].as_array().unwrap().len()
}

fn definition() -> Value {
    let mut body = complaints_workflow();
    body["RequestInfo"] = json!({"userInfo": {"uuid": "u"}});
    body
}

#[tokio::test]
async fn a_definition_is_found_after_a_wait_with_uuids_for_states() {
    let asking = Asking::start().await;
    assert_eq!(asking.post(Service::Workflow, CREATE, &complaints_workflow()).await.codes(), ["NullPointerException"]);
    let got = asking.post(Service::Workflow, CREATE, &definition()).await;
    assert_eq!(got.status, 200);
    let made = got.json()["BusinessServices"][0].clone();
    assert_eq!(made["states"][0]["actions"][0]["nextState"], made["states"][1]["uuid"]);
    asking.pass(3_000);
    let path = "/egov-workflow-v2/egov-wf/businessservice/_search?tenantId=pg.citya&businessServices=PGR";
    let found = asking.post(Service::Workflow, path, &json!({})).await.json()["BusinessServices"][0].clone();
    assert_eq!((&found["uuid"], &found["tenantId"]), (&made["uuid"], &json!("pg.citya")));
    assert_eq!(asking.digit.view().business_services[0]["tenantId"], "pg");
    // Again is 200 with other uuids that are never stored.
    let again = asking.post(Service::Workflow, CREATE, &definition()).await.json()["BusinessServices"][0].clone();
    assert_ne!(again["uuid"], made["uuid"]);
    asking.settle();
    let stored = asking.digit.view().business_services;
    assert_eq!((stored.len(), &stored[0]["uuid"]), (1, &made["uuid"]));
    let mut lost = definition();
    lost["BusinessServices"][0]["states"][0]["actions"][0]["nextState"] = json!("NOWHERE");
    assert_eq!(asking.post(Service::Workflow, CREATE, &lost).await.codes(), ["INVALID NEXTSTATE"]);
}

#[tokio::test]
async fn a_search_too_early_hides_it_for_a_quarter_of_an_hour() {
    let asking = Asking::start().await;
    assert_eq!(count(&asking, "pg.citya").await, 0);
    assert_eq!(asking.post(Service::Workflow, CREATE, &definition()).await.status, 200);
    assert_eq!(count(&asking, "pg.citya").await, 0);
    asking.pass(14 * 60 * 1_000);
    assert_eq!(count(&asking, "pg.citya").await, 0);
    asking.pass(61 * 1_000);
    assert_eq!(count(&asking, "pg.citya").await, 1);
}

#[tokio::test]
async fn a_restart_or_another_create_ends_what_the_cache_hides() {
    for restart in [true, false] {
        let asking = Asking::start().await;
        assert_eq!(asking.post(Service::Workflow, CREATE, &definition()).await.status, 200);
        assert_eq!(count(&asking, "pg").await, 0);
        asking.pass(3_000);
        assert_eq!(count(&asking, "pg").await, 0);
        if restart {
            asking.digit.restart(Service::Workflow);
        } else {
            assert_eq!(asking.post(Service::Workflow, CREATE, &definition()).await.status, 200);
        }
        assert_eq!(count(&asking, "pg").await, 1, "restart: {restart}");
    }
}

#[tokio::test]
async fn each_pod_has_a_cache_of_its_own() {
    let asking = Asking::with(Options { workflow_replicas: 2, ..Options::default() }).await;
    assert_eq!((count(&asking, "pg").await, count(&asking, "pg").await), (0, 0));
    // The first pod takes the create and forgets; the second still knows of none.
    assert_eq!(asking.post(Service::Workflow, CREATE, &definition()).await.status, 200);
    asking.pass(3_000);
    assert_eq!((count(&asking, "pg").await, count(&asking, "pg").await), (0, 1));
}

#[tokio::test]
async fn a_central_instance_looks_into_another_schema() {
    let asking = Asking::start().await;
    asking.digit.set(Condition::CentralInstance);
    let path = "/egov-workflow-v2/egov-wf/businessservice/_search?tenantId=pg.citya&businessServices=PGR";
    let got = asking.post(Service::Workflow, path, &json!({})).await;
    assert_eq!(got.outcome(), outcome(400, &["BadSqlGrammarException"]));
    assert!(got.text.contains("FROM citya."), "{got:?}");
}
