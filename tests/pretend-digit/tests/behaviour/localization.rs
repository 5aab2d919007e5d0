//! §6.1: messages.

use pretend_digit::{Condition, Service};
use serde_json::{Value, json};

use crate::asking::{Asking, Got, outcome};

const UPSERT: &str = "/localization/messages/v1/_upsert";

fn message(module: &str, code: &str, text: &str) -> Value {
    json!({"code": code, "message": text, "module": module, "locale": "en_IN"})
}

fn batch(tenant: &str, messages: &Value) -> Value {
    json!({"RequestInfo": {"userInfo": {"id": 1}}, "tenantId": tenant, "messages": messages})
}

async fn search(asking: &Asking, tenant: &str, more: &str) -> Vec<String> {
    let path = format!("/localization/messages/v1/_search?locale=en_IN&tenantId={tenant}{more}");
    let got: Got = asking.post(Service::Localization, &path, &json!({"RequestInfo": {}})).await;
    assert_eq!(got.status, 200, "{path}");
    let messages = got.json()["messages"].as_array().unwrap().clone();
    messages.iter().map(|m| m["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_a_batch_is_refused_for_and_that_nothing_of_it_stays() {
    let asking = Asking::start().await;
    let known = batch("pg", &json!([message("a", "K1", "x"), message("a", "K2", "x")]));
    assert_eq!(asking.post(Service::Localization, UPSERT, &known).await.status, 200);
    let other = batch("pg", &json!([message("b", "B1", "x")]));
    assert_eq!(asking.post(Service::Localization, UPSERT, &other).await.status, 200);
    let duplicate = outcome(400, &["core.DUPLICATE_MESSAGE_IDENTITY"]);
    for (messages, expected) in [
        (json!([]), outcome(400, &["ConstraintViolationException"])),
        (json!([message("a", "N", "")]), outcome(400, &["ConstraintViolationException"])),
        (json!([{"code": "N", "message": "x", "module": "a"}]), outcome(400, &["ConstraintViolationException"])),
        (
            json!([message("a", "N", "x"), message("a", "L", &"न".repeat(501))]),
            outcome(400, &["core.MESSAGE_PERSIST_FAILED"]),
        ),
        (json!([message("a", "N", "x"), message("a", "N", "y")]), duplicate.clone()),
        (json!([message("a", "K1", "y"), message("a", "K1", "z")]), outcome(400, &["DUPLICATE_RECORDS"])),
        // One module and one locale a request: what is known of another module is not looked up.
        (json!([message("a", "N", "x"), message("b", "B1", "y")]), duplicate.clone()),
    ] {
        let got = asking.post(Service::Localization, UPSERT, &batch("pg", &messages)).await;
        assert_eq!(got.outcome(), expected, "{messages}");
    }
    let mut nobody = known.clone();
    nobody["RequestInfo"] = json!({});
    let got = asking.post(Service::Localization, UPSERT, &nobody).await;
    assert_eq!(got.outcome(), outcome(400, &["core.NOT_AUTHENTICATED"]));
    assert_eq!(asking.digit.view().messages_of("pg", "en_IN", "a"), 2);
    // A mixed batch works the first time, and not again.
    let mixed = batch("pg", &json!([message("c", "C1", "x"), message("d", "D1", "x")]));
    assert_eq!(asking.post(Service::Localization, UPSERT, &mixed).await.status, 200);
    assert_eq!(asking.post(Service::Localization, UPSERT, &mixed).await.outcome(), duplicate);
    // The same batch again is an update, also at the longest.
    let longest = batch("pg", &json!([message("a", "K1", &"न".repeat(500))]));
    assert_eq!(asking.post(Service::Localization, UPSERT, &longest).await.status, 200);
    assert_eq!(asking.digit.view().messages_of("pg", "en_IN", "a"), 2);
}

#[tokio::test]
async fn a_city_sees_the_states_messages_only_while_it_has_none() {
    let asking = Asking::start().await;
    let state = batch("pg", &json!([message("a", "A1", "x"), message("a", "A2", "x")]));
    assert_eq!(asking.post(Service::Localization, UPSERT, &state).await.status, 200);
    let state = batch("pg", &json!([message("b", "B1", "x")]));
    assert_eq!(asking.post(Service::Localization, UPSERT, &state).await.status, 200);
    assert_eq!(search(&asking, "pg.citya", "&module=a").await, ["A1", "A2"]);
    assert_eq!(search(&asking, "pg.citya", "").await, ["A1", "A2", "B1"]);
    let city = batch("pg.citya", &json!([message("a", "A1", "y")]));
    assert_eq!(asking.post(Service::Localization, UPSERT, &city).await.status, 200);
    assert_eq!(search(&asking, "pg.citya", "&module=a").await, ["A1"]);
    assert_eq!(search(&asking, "pg.citya", "&module=b").await, ["B1"]);
    assert_eq!(search(&asking, "pg.citya", "&module=a,b").await, ["A1"]);
    assert_eq!(search(&asking, "pg", "&module=a,b&codes=A2,B1").await, ["A2", "B1"]);
    let path = "/localization/messages/v1/_search?locale=xx_XX&tenantId=pg";
    let got = asking.post(Service::Localization, path, &json!({})).await;
    assert_eq!((got.status, got.json()), (200, json!({"messages": []})));
    for path in ["?locale=en_IN", "?tenantId=pg"] {
        let path = format!("/localization/messages/v1/_search{path}");
        assert_eq!(asking.post(Service::Localization, &path, &json!({})).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn messages_that_are_half_there() {
    let asking = Asking::start().await;
    let messages: Vec<Value> = (0..6).map(|n| message("a", &format!("A{n}"), "x")).collect();
    assert_eq!(asking.post(Service::Localization, UPSERT, &batch("pg", &json!(messages))).await.status, 200);
    asking.digit.set(Condition::MessagesHalfLoaded);
    assert_eq!(search(&asking, "pg", "").await.len(), 3);
    asking.digit.clear(&Condition::MessagesHalfLoaded);
    assert_eq!(search(&asking, "pg", "").await.len(), 6);
    asking.digit.lose_messages("a");
    assert_eq!(search(&asking, "pg", "").await.len(), 3);
}
