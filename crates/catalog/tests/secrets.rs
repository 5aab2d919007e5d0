//! The table of secrets against all combinations rendered: what is needed is asked for and gets into Kubernetes Secrets, and no
//! Secret holds anything that the table does not know.

#![allow(clippy::unwrap_used, reason = "in a test, a failure")]

mod common;
#[allow(dead_code, reason = "other tests use the rest")]
mod rendering;

use std::cell::RefCell;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use catalog::{COMBINATIONS, Settings, combinations, secrets};
use rendering::{Plan, kind, name};
use serde_json::Value;

/// Secrets that a chart draws for itself, by service and name.
const DRAWN_BY_CHARTS: &[(&str, &str)] = &[("elasticsearch-master", "elasticsearch-master-certs")];

/// What stands in Secrets beside secrets, and lets nobody in: names of users, and words for what is not set up.
const NO_SECRETS: &[&str] = &["digit", "elastic", "unused"];

fn with_own_data() -> Settings {
    let mut settings =
        Settings::in_cluster(Some("digit.example.org".to_owned()), "https://digit.example.org".to_owned());
    settings.database.in_cluster = false;
    settings.database.host = "db.example.org".to_owned();
    settings.files.endpoint = Some("https://s3.example.org".to_owned());
    settings
}

fn both() -> [Settings; 2] {
    [Settings::in_cluster(None, "http://late-entry.invalid".to_owned()), with_own_data()]
}

/// The names that the values of all services ask for, and those that are needed.
fn asked_and_needed(plan: &Plan, settings: &Settings) -> (BTreeSet<String>, BTreeSet<String>) {
    let asked: RefCell<BTreeSet<String>> = RefCell::default();
    let secret = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        "x".into()
    };
    for service in &plan.selection.services {
        plan.bundle.values(&service.name, &plan.selection, settings, &secret).unwrap();
    }
    let needed = plan.bundle.secret_needs(&plan.selection).iter().map(|secret| secret.name.to_owned()).collect();
    (asked.into_inner(), needed)
}

/// What a Secret holds, in plain text.
fn content(object: &Value) -> Vec<String> {
    let of = |field: &str| object[field].as_object().into_iter().flatten().map(|(_, text)| text.as_str().unwrap());
    let decoded = |text| String::from_utf8(BASE64_STANDARD.decode(text).unwrap()).unwrap();
    of("data").map(decoded).chain(of("stringData").map(str::to_owned)).collect()
}

#[test]
fn what_is_needed_is_what_is_asked_for() {
    for settings in both() {
        for combination in COMBINATIONS {
            let plan = Plan::of(&combination, &settings);
            let (asked, needed) = asked_and_needed(&plan, &settings);
            assert_eq!(asked, needed, "{}", combination.product);
        }
        let all = Plan::of(&combinations::URBAN, &settings);
        let modules: Vec<String> = all.bundle.list().modules().map(|m| m.name.clone()).collect();
        for module in modules {
            let (asked, needed) = asked_and_needed(&all.only(&settings, &module), &settings);
            assert_eq!(asked, needed, "{module}");
        }
    }
}

#[test]
fn every_secret_of_the_table_is_needed_by_some_product() {
    let settings = &both()[0];
    let needed: BTreeSet<String> =
        COMBINATIONS.iter().flat_map(|one| asked_and_needed(&Plan::of(one, settings), settings).1).collect();
    assert_eq!(needed, secrets::ALL.iter().map(|secret| secret.name.to_owned()).collect());
}

#[test]
fn every_secret_gets_into_a_kubernetes_secret_and_into_nothing_else() {
    for settings in both() {
        for combination in COMBINATIONS {
            let plan = Plan::of(&combination, &settings);
            let found: BTreeSet<String> = plan
                .all()
                .filter(|(_, o)| kind(o) == "Secret")
                .flat_map(|(_, o)| content(o))
                .filter_map(|text| text.strip_prefix("CANARY-").map(str::to_owned))
                .collect();
            assert_eq!(found, asked_and_needed(&plan, &settings).1, "{}", combination.product);
            for (service, object) in plan.all().filter(|(_, o)| kind(o) != "Secret") {
                assert!(!object.to_string().contains("CANARY-"), "{service}: {} {}", kind(object), name(object));
            }
        }
    }
}

/// A password that a chart brings along is everybody's: it is a secret that the table forgot.
#[test]
fn a_kubernetes_secret_holds_nothing_that_the_table_does_not_know() {
    for settings in both() {
        for combination in COMBINATIONS {
            let plan = Plan::of(&combination, &settings);
            for (service, object) in plan.all().filter(|(_, o)| kind(o) == "Secret") {
                if DRAWN_BY_CHARTS.contains(&(service, name(object))) {
                    continue;
                }
                for text in content(object) {
                    let is_known = text.starts_with("CANARY-") || NO_SECRETS.contains(&text.as_str());
                    assert!(is_known, "{service}: Secret {} holds {text:?}", name(object));
                }
            }
        }
    }
}
