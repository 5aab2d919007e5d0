//! Faults that a test sets: each is what it says, and counts.

use std::time::{Duration, Instant};

use pretend_digit::{Fault, Match, Service};
use serde_json::{Value, json};

use crate::asking::{Asking, outcome};

#[tokio::test]
async fn a_status_comes_with_digits_own_body_for_as_many_calls_as_asked() {
    let asking = Asking::start().await;
    asking.administrator().await;
    for (status, code) in [(400, "RuntimeException"), (401, NO), (403, NO), (404, ""), (429, ""), (500, ""), (503, "")]
    {
        asking.digit.fault_times(Match::path(Service::User, "/user/v1"), Fault::Status(status), 1);
        let body = json!({"RequestInfo": {}, "userName": "ADMIN", "tenantId": "pg.citya"});
        let got = asking.post(Service::User, "/user/v1/_search", &body).await;
        assert_eq!(got.status, status);
        let told = got.json()["Errors"][0].to_string();
        assert!(code.is_empty() || told.contains(code), "{status}: {told}");
        assert_eq!(asking.post(Service::User, "/user/v1/_search", &body).await.status, 200);
    }
    asking.digit.fault(Match::path(Service::User, "/user/oauth"), Fault::Status(500));
    for _ in 0..3 {
        let got = asking.token_form(Service::Gateway, &[]).await;
        assert_eq!((got.status, &got.json()["error"]), (500, &json!("server_error")));
    }
    asking.digit.clear_faults();
    assert_eq!(asking.token_form(Service::Gateway, &[]).await.outcome(), outcome(200, &[]));
}

const NO: &str = "You are not authorized to access this resource";

#[tokio::test]
async fn pages_halves_waits_and_resets() {
    let asking = Asking::start().await;
    asking.administrator().await;
    let token = Match::path(Service::User, "/user/oauth/token");
    asking.digit.fault_times(token.clone(), Fault::Html(200), 1);
    let got = asking.token_form(Service::Entry, &[]).await;
    assert_eq!((got.status, got.content_type.as_deref()), (200, Some("text/html")));
    asking.digit.fault_times(token.clone(), Fault::Truncated, 1);
    let got = asking.token_form(Service::Entry, &[]).await;
    assert_eq!((got.status, got.json()), (200, Value::Null));
    assert!(got.text.starts_with('{'));
    asking.digit.fault_times(token.clone(), Fault::Slow(Duration::from_millis(400)), 1);
    let begun = Instant::now();
    assert_eq!(asking.token_form(Service::Entry, &[]).await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(400));
    let ask = |service: Service| {
        let url = format!("{}/user/_details?access_token=none", asking.digit.address(service));
        asking.http.post(url).timeout(Duration::from_millis(300)).json(&json!({"RequestInfo": {}, "tenantId": "pg"}))
    };
    asking.digit.fault_times(Match::all(Service::User), Fault::Timeout, 1);
    assert!(ask(Service::User).send().await.unwrap_err().is_timeout());
    asking.digit.fault_times(Match::all(Service::User), Fault::ConnectionReset, 1);
    let error = ask(Service::User).send().await.unwrap_err();
    assert!(!error.is_timeout() && format!("{error:?}").contains("reset"), "{error:?}");
    // What is behind the gateway and does not take the connection is the gateway's 500.
    asking.digit.fault_times(token, Fault::ConnectionReset, 1);
    let got = asking.token_form(Service::Gateway, &[]).await;
    assert_eq!(got.outcome(), outcome(500, &["ConnectException"]));
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_work_leaves_the_work_done() {
    let asking = Asking::start().await;
    for (name, fault) in [("ONE", Fault::ConnectionResetAfter), ("TWO", Fault::TimeoutAfter)] {
        asking.digit.fault_times(Match::all(Service::User), fault, 1);
        let url = format!("{}/user/users/_createnovalidate", asking.digit.user_service());
        let body = crate::asking::user(json!({"userName": name}));
        let sent = asking.http.post(url).timeout(Duration::from_millis(300)).json(&body).send().await;
        assert!(sent.is_err(), "{name}");
        assert!(asking.digit.view().users.iter().any(|u| u.user_name == name), "{name}");
    }
    let calls = asking.digit.calls();
    assert_eq!(calls.iter().map(|c| c.status).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(calls[0].tenant.as_deref(), Some("pg.citya"));
    assert!(!format!("{calls:?}{:?}", asking.digit.view()).contains(crate::asking::PASSWORD));
}
