//! DIGIT's own seed data and masters against the pretend DIGIT: what the reference page counted (§1.3, §5, §6.1) comes out here too.

use std::path::Path;

use pretend_digit::{Options, Service};
use reqwest::Method;
use serde_json::{Value, json};

use crate::asking::{Asking, outcome};

/// Unpacks one of the shared archives and answers with its root.
pub(crate) fn unpacked(name: &str, into: &Path) -> std::path::PathBuf {
    let archive = places::shared().unwrap().join("digit").join(format!("{name}.tar.gz"));
    let file = std::fs::File::open(archive).unwrap();
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(into).unwrap();
    into.join(name)
}

pub(crate) const MASTERS: &str = "egov-mdms-data-8a29400b2aaf74d26eb764f7ec45d607a46fb41c";
const CHARTS: &str = "DIGIT-DevOps-a4356638b3d90280d4c41dcac1accfb5aac020d5";

/// The requests of the seed data: name, path and query, body.
fn requests(root: &Path) -> Vec<(String, String, String)> {
    let text = std::fs::read(root.join("deploy-as-code/bootstrap_scripts/seed_data.json")).unwrap();
    let seed: Value = serde_json::from_slice(&text).unwrap();
    let mut found = Vec::new();
    for item in seed["item"].as_array().unwrap() {
        let request = &item["request"];
        let Some(body) = request["body"]["raw"].as_str() else { continue };
        let url = request["url"].as_str().or_else(|| request["url"]["raw"].as_str()).unwrap();
        let (_, rest) = url.split_once("://").unwrap();
        let path = &rest[rest.find('/').unwrap()..];
        found.push((item["name"].as_str().unwrap().to_owned(), path.to_owned(), body.to_owned()));
    }
    found
}

#[tokio::test]
async fn the_seed_data_are_taken_as_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let masters = unpacked(MASTERS, folder.path());
    let seed = requests(&unpacked(CHARTS, folder.path()));
    let asking = Asking::with(Options { masters: Some(masters), ..Options::default() }).await;
    let mut token = String::new();
    let mut done = Vec::new();
    for (name, path, body) in &seed {
        if path.starts_with("/user/users/") {
            // Only straight: the gateway knows no `requestInfo` (§2).
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(asking.post(Service::Gateway, path, &body).await.status, 401, "{name}");
            let got = asking.post(Service::User, path, &body).await;
            assert_eq!(got.outcome(), outcome(200, &[]), "{name}");
            if token.is_empty() {
                let user = &body["user"];
                let fields = [
                    ("username", user["userName"].as_str().unwrap()),
                    ("password", user["password"].as_str().unwrap()),
                ];
                token = asking.token_form(Service::Gateway, &fields).await.json()["access_token"]
                    .as_str()
                    .unwrap()
                    .to_owned();
            }
            done.push(200);
            continue;
        }
        let written = body.replace("{{token}}", &token);
        let got = asking.raw(Method::POST, Service::Gateway, path, "application/json", &written).await;
        if name == "Upsert_rainmaker_common_1" {
            // §1.3: too large for the gateway as it is written, so in halves.
            assert_eq!(got.outcome(), outcome(500, &["DataBufferLimitException"]));
            let mut body: Value = serde_json::from_str(&written).unwrap();
            let all = body["messages"].as_array().unwrap().clone();
            for half in all.chunks(all.len().div_ceil(2)) {
                body["messages"] = json!(half);
                assert_eq!(asking.post(Service::Gateway, path, &body).await.outcome(), outcome(200, &[]), "{name}");
            }
            done.push(200);
            continue;
        }
        assert_eq!(got.codes(), Vec::<String>::new(), "{name}");
        done.push(got.status);
    }
    assert_eq!(done, [200, 200, 200, 200, 200, 200, 200, 202, 200]);
    asking.settle();
    let view = asking.digit.view();
    assert_eq!(view.messages_of("pg", "en_IN", "rainmaker-common"), 2_260);
    assert_eq!(view.messages_of("pg", "en_IN", "rainmaker-pgr"), 1_044);
    assert_eq!((view.employees.len(), view.business_services.len(), view.users.len()), (1, 1, 3));
}
