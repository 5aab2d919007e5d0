//! How the tests ask: a running pretend DIGIT with a clock in the test's hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use pretend_digit::{Clock, Options, Pretend, Service};
use reqwest::Method;
use serde_json::{Value, json};

/// 2026-12-01T00:00:00Z.
const BEGIN: i64 = 1_796_083_200_000;
/// The client's header (§4.2).
pub(crate) const BASIC: &str = "Basic ZWdvdi11c2VyLWNsaWVudDo=";
pub(crate) const PASSWORD: &str = "Abcdef1@";

/// A pretend DIGIT, a client, and the time.
pub(crate) struct Asking {
    pub(crate) digit: Pretend,
    pub(crate) http: reqwest::Client,
    millis: Arc<AtomicI64>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) text: String,
}

impl Got {
    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Every code that an error body names, in whichever of DIGIT's shapes, with the texts of OAuth errors.
    pub(crate) fn codes(&self) -> Vec<String> {
        let body = self.json();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut codes: Vec<String> =
            list(&body["Errors"]).iter().filter_map(|e| text(&e["id"]).or_else(|| text(&e["code"]))).collect();
        codes.extend(list(&body["error"]["fields"]).iter().filter_map(|f| text(&f["code"])));
        codes.extend(text(&body["error_description"]));
        codes
    }

    /// Status and codes, for tables.
    pub(crate) fn outcome(&self) -> (u16, Vec<String>) {
        (self.status, self.codes())
    }
}

/// What a table expects.
pub(crate) fn outcome(status: u16, codes: &[&str]) -> (u16, Vec<String>) {
    (status, codes.iter().map(|c| (*c).to_owned()).collect())
}

impl Asking {
    pub(crate) async fn start() -> Asking {
        Asking::with(Options::default()).await
    }

    /// Waits for Kafka and Redis are shortened, all else is as it is by default.
    pub(crate) async fn with(options: Options) -> Asking {
        let millis = Arc::new(AtomicI64::new(BEGIN));
        let hand = millis.clone();
        let clock = Clock::new(move || Timestamp::from_millisecond(hand.load(Ordering::SeqCst)).unwrap());
        let wait = Duration::from_millis(300);
        let options = Options { clock, kafka_wait: wait, redis_wait: wait, ..options };
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Asking { digit: Pretend::start(options).await.unwrap(), http, millis }
    }

    /// Lets time go on.
    pub(crate) fn pass(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Lets the persister do its work.
    pub(crate) fn settle(&self) {
        self.pass(10_000);
    }

    pub(crate) async fn ask(&self, request: reqwest::RequestBuilder) -> Got {
        let response = request.send().await.unwrap();
        let content_type = response.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned());
        Got { status: response.status().as_u16(), content_type, text: response.text().await.unwrap() }
    }

    /// A JSON body straight to a service.
    pub(crate) async fn post(&self, service: Service, path: &str, body: &Value) -> Got {
        self.ask(self.http.post(format!("{}{path}", self.digit.address(service))).json(body)).await
    }

    /// Through the gateway, with a token and nothing else in `RequestInfo`.
    pub(crate) async fn by_gateway(&self, token: &str, path: &str, mut body: Value) -> Got {
        body["RequestInfo"] = json!({"authToken": token});
        self.post(Service::Gateway, path, &body).await
    }

    pub(crate) async fn get(&self, service: Service, path: &str) -> Got {
        self.ask(self.http.get(format!("{}{path}", self.digit.address(service)))).await
    }

    pub(crate) async fn raw(&self, method: Method, service: Service, path: &str, kind: &str, body: &str) -> Got {
        let request = self.http.request(method, format!("{}{path}", self.digit.address(service)));
        self.ask(request.header("content-type", kind).body(body.to_owned())).await
    }

    /// The token form; fields of the later list stand in place of the usual ones.
    pub(crate) async fn token_form(&self, service: Service, fields: &[(&str, &str)]) -> Got {
        let usual = [
            ("grant_type", "password"),
            ("scope", "read"),
            ("userType", "EMPLOYEE"),
            ("tenantId", "pg.citya"),
            ("username", "ADMIN"),
            ("password", PASSWORD),
        ];
        let given = |name: &str| fields.iter().any(|(n, _)| *n == name);
        let form: Vec<(&str, &str)> =
            usual.into_iter().filter(|(n, _)| !given(n)).chain(fields.iter().copied()).collect();
        let url = format!("{}/user/oauth/token", self.digit.address(service));
        self.ask(self.http.post(url).header("authorization", BASIC).form(&form)).await
    }

    /// Creates the administrator of §5 and answers with his token.
    pub(crate) async fn administrator(&self) -> String {
        let roles = json!([
            {"code": "SUPERUSER", "tenantId": "pg"}, {"code": "EMPLOYEE", "tenantId": "pg"},
            {"code": "GRO", "tenantId": "pg.citya"}, {"code": "PGR_LME", "tenantId": "pg.citya"},
            {"code": "CSR", "tenantId": "pg.citya"},
        ]);
        self.employee("ADMIN", "8800000001", roles).await
    }

    /// Creates an employee of `pg.citya` with these roles and answers with his token.
    pub(crate) async fn employee(&self, name: &str, mobile: &str, roles: Value) -> String {
        let got = self
            .post(
                Service::User,
                "/user/users/_createnovalidate",
                &user(json!({
                    "userName": name, "mobileNumber": mobile, "roles": roles,
                })),
            )
            .await;
        assert_eq!(got.outcome(), outcome(200, &[]), "{name}");
        let got = self.token_form(Service::User, &[("username", name)]).await;
        got.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Creates the citizen of §5 and answers with his token.
    pub(crate) async fn citizen(&self) -> String {
        let got = self
            .post(
                Service::User,
                "/user/users/_createnovalidate",
                &user(json!({
                    "userName": "0000000001", "mobileNumber": "0000000001", "type": "CITIZEN",
                    "roles": [{"code": "CITIZEN", "tenantId": "pg"}],
                })),
            )
            .await;
        assert_eq!(got.outcome(), outcome(200, &[]));
        let fields = [("userType", "CITIZEN"), ("username", "0000000001"), ("password", "123456")];
        self.token_form(Service::User, &fields).await.json()["access_token"].as_str().unwrap().to_owned()
    }
}

/// A request that creates a user, changed by these fields; null takes one out.
pub(crate) fn user(changes: Value) -> Value {
    let mut user = json!({
        "userName": "ADMIN", "name": "Admin", "mobileNumber": "8800000001", "type": "EMPLOYEE", "active": true,
        "tenantId": "pg.citya", "password": PASSWORD, "emailId": "admin@example.org",
        "roles": [{"code": "EMPLOYEE", "tenantId": "pg"}],
    });
    change(&mut user, changes);
    json!({"requestInfo": {}, "user": user})
}

/// Puts fields in; null takes one out.
pub(crate) fn change(object: &mut Value, changes: Value) {
    let Value::Object(changes) = changes else { return };
    let object = object.as_object_mut().unwrap();
    for (name, value) in changes {
        if value.is_null() {
            object.remove(&name);
        } else {
            object.insert(name, value);
        }
    }
}

/// A workflow for complaints, shaped as §6.5 tells it, with an end of its own for both ratings.
pub(crate) fn complaints_workflow() -> Value {
    let state = |name: Value, start: bool, actions: &[(&str, &str, &[&str])]| {
        let actions: Vec<Value> =
            actions.iter().map(|(a, n, r)| json!({"action": a, "nextState": n, "roles": r})).collect();
        json!({"state": name, "applicationStatus": name, "isStartState": start, "isTerminateState": actions.is_empty(),
            "docUploadRequired": false, "actions": actions})
    };
    json!({"RequestInfo": {}, "BusinessServices": [{
        "tenantId": "pg", "businessService": "PGR", "business": "pgr-services", "businessServiceSla": 432_000_000,
        "states": [
            state(Value::Null, true, &[("APPLY", "PENDINGFORASSIGNMENT", &["CITIZEN", "CSR"])]),
            state(json!("PENDINGFORASSIGNMENT"), false, &[
                ("ASSIGN", "PENDINGATLME", &["GRO", "DGRO"]), ("REJECT", "REJECTED", &["GRO", "DGRO"]),
            ]),
            state(json!("PENDINGATLME"), false, &[("RESOLVE", "RESOLVED", &["PGR_LME"])]),
            state(json!("REJECTED"), false, &[]),
            state(json!("RESOLVED"), false, &[("RATE", "CLOSEDAFTERRESOLUTION", &["CFC", "CITIZEN"])]),
            state(json!("CLOSEDAFTERRESOLUTION"), false, &[]),
        ],
    }]})
}
