//! Every endpoint answers wrongly in every way: the cause names the service and is the right one, it is never "done"; and when it
//! answers rightly again, doing the same ends as if nothing had been.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use std::time::Duration;

use cause::Cause;
use common::{World, failures};
use digit_api::acceptance::{Outcome, Verdict};
use digit_api::{Error, Patience};
use pretend_digit::{Condition, Fault, Match, Options, Service};

/// Endpoints of the last stage of a demo, with the names of the services that a fault may be put down to.
const ENDPOINTS: &[(Service, &str, &str)] = &[
    (Service::User, "/user/v1/_search", "egov-user"),
    (Service::User, "/user/users/_createnovalidate", "egov-user"),
    (Service::User, "/user/oauth/token", "egov-user"),
    (Service::Localization, "/localization/messages/v1/_search", "egov-localization"),
    (Service::Localization, "/localization/messages/v1/_upsert", "egov-localization"),
    (Service::Workflow, "/egov-workflow-v2/egov-wf/businessservice/_search", "egov-workflow-v2"),
    (Service::Workflow, "/egov-workflow-v2/egov-wf/businessservice/_create", "egov-workflow-v2"),
    (Service::Hrms, "/egov-hrms/employees/_search", "egov-hrms"),
    (Service::Hrms, "/egov-hrms/employees/_create", "egov-hrms"),
    (Service::Mdms, "/egov-mdms-service/v1/_search", "egov-mdms-service"),
    (Service::Filestore, "/filestore/v1/files/url", "egov-filestore"),
    (Service::Filestore, "/filestore/v1/files", "egov-filestore"),
    (Service::Pgr, "/pgr-services/v2/request/_create", "pgr-services"),
    (Service::Pgr, "/pgr-services/v2/request/_search", "pgr-services"),
    (Service::Pgr, "/pgr-services/v2/request/_update", "pgr-services"),
];

/// Faults before the work, with the causes that are right for them.
fn faults() -> Vec<(Fault, &'static [&'static str])> {
    vec![
        (Fault::Status(400), &["inner-fault"]),
        (Fault::Status(401), &["not-allowed", "refused-despite-roles"]),
        (Fault::Status(403), &["forbidden-in-between"]),
        (Fault::Status(404), &["gateway-route-missing"]),
        (Fault::Status(429), &["too-many-requests"]),
        (Fault::Status(500), &["inner-fault"]),
        (Fault::Status(503), &["service-not-ready"]),
        (Fault::Timeout, &["no-answer-in-time", "user-creation-hangs", "redis-away"]),
        (Fault::Html(200), &["proxy-in-between"]),
        (Fault::Html(502), &["proxy-in-between"]),
        (Fault::ConnectionReset, &["connection-cut", "service-away"]),
    ]
}

/// The first cause that the last stage ends with, and whether it works.
async fn ends(world: &World) -> Option<Cause> {
    match world.hour().await {
        Err(error) => {
            assert!(error.remedy().is_some(), "{error}");
            Some(error.cause())
        }
        Ok((_, acceptance)) => {
            let first = acceptance.checks.iter().find_map(|c| match &c.outcome {
                Outcome::Failed { cause, .. } => Some(cause.clone()),
                _ => None,
            });
            assert_eq!(first.is_none(), acceptance.verdict == Verdict::WorksHere, "{:?}", failures(&acceptance));
            first
        }
    }
}

fn quick() -> Patience {
    let ms = Duration::from_millis;
    Patience { answer: ms(400), slow_answer: ms(400), search_limit: ms(300), ..common::patience() }
}

async fn one(service: Service, path: &'static str, name: &'static str, fault: Fault, right: &'static [&'static str]) {
    let what = format!("{fault:?} at {path}");
    let world = World { demo: true, patience: quick(), ..World::new().await };
    // What the gateway itself asks egov-user would be another story than the one that is meant.
    world.digit.fault(Match::path(service, path), fault);
    let cause = ends(&world).await.unwrap_or_else(|| panic!("{what}: done"));
    assert!(right.contains(&cause.code.as_str()), "{what}: {cause:?}");
    assert_eq!(cause.args.get("service").map(String::as_str), Some(name), "{what}: {cause:?}");
    assert!(cause.args.contains_key("at") && cause.args.contains_key("call"), "{what}: {cause:?}");
    world.digit.clear_faults();
    let world = World { patience: common::patience(), ..world };
    let again = ends(&world).await;
    assert_eq!(again, None, "{what}, then none");
    world.is_whole_once();
}

async fn all_of(service: Service) {
    for (of, path, name) in ENDPOINTS {
        if *of == service {
            for (fault, right) in faults() {
                one(*of, path, name, fault, right).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn egov_user_answers_wrongly() {
    all_of(Service::User).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn localization_answers_wrongly() {
    all_of(Service::Localization).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workflow_answers_wrongly() {
    all_of(Service::Workflow).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hrms_answers_wrongly() {
    all_of(Service::Hrms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mdms_answers_wrongly() {
    all_of(Service::Mdms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filestore_answers_wrongly() {
    all_of(Service::Filestore).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pgr_answers_wrongly() {
    all_of(Service::Pgr).await;
}

/// The work is done and we do not hear so: it is found by a search, and not done again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_without_an_answer_is_found_and_not_done_again() {
    for (service, path, _) in
        ENDPOINTS.iter().filter(|(_, path, _)| path.contains("_create") || path.contains("_update"))
    {
        for fault in [Fault::TimeoutAfter, Fault::ConnectionResetAfter, Fault::Truncated] {
            let what = format!("{fault:?} at {path}");
            let world = World {
                demo: true,
                patience: Patience { search_limit: Duration::from_millis(800), ..quick() },
                ..World::new().await
            };
            world.digit.fault(Match::path(*service, *path), fault);
            assert_eq!(ends(&world).await, None, "{what}");
            world.is_whole_once();
        }
    }
}

/// What passes by itself is asked again: one bad answer of a call that may be repeated is not the end.
#[tokio::test(flavor = "multi_thread")]
async fn one_bad_answer_to_a_search_is_not_the_end() {
    for fault in [Fault::Status(429), Fault::Status(503), Fault::Html(502), Fault::ConnectionReset] {
        let world = World::new().await;
        for (service, path, _) in ENDPOINTS {
            if path.contains("_search") || path.contains("token") || path.contains("_upsert") {
                world.digit.fault_times(Match::path(*service, *path), fault.clone(), 1);
            }
        }
        assert_eq!(ends(&world).await, None, "{fault:?}");
        world.is_whole_once();
    }
}

/// A state of the world, and the cause that it has; afterwards all is well again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_behind_the_services_is_told() {
    for (condition, code) in [
        (Condition::TablesMissing(Service::User), "migrations-missing"),
        (Condition::TablesMissing(Service::Localization), "migrations-missing"),
        (Condition::TablesMissing(Service::Workflow), "migrations-missing"),
        (Condition::TablesMissing(Service::Hrms), "migrations-missing"),
        (Condition::TablesMissing(Service::Pgr), "migrations-missing"),
        (Condition::TablesMissing(Service::Filestore), "migrations-missing"),
        (Condition::Down(Service::User), "connection-cut"),
        (Condition::Down(Service::Localization), "service-away"),
        (Condition::Down(Service::Workflow), "service-away"),
        (Condition::Down(Service::Enc), "enc-service-away"),
        (Condition::Down(Service::AccessControl), "refused-despite-roles"),
        (Condition::GatewayWithoutRoutes, "gateway-route-missing"),
        (Condition::RouteMissing(Service::Pgr), "gateway-route-missing"),
        (Condition::MdmsV2Nowhere, "user-creation-hangs"),
        (Condition::PersisterDown, "workflow-not-visible"),
        (Condition::MessagesHalfLoaded, "messages-missing"),
        (Condition::BucketMissing, "object-store-away"),
        (Condition::MasterMissing("ACCESSCONTROL-ROLES".into(), "roles".into()), "role-unknown"),
    ] {
        let world = World { demo: true, patience: quick(), ..World::new().await };
        world.digit.set(condition.clone());
        let cause = ends(&world).await.unwrap_or_else(|| panic!("{condition}: done"));
        assert_eq!(cause.code, code, "{condition}: {cause:?}");
        world.digit.clear(&condition);
        world.digit.restart(Service::Workflow);
        let world = World { patience: common::patience(), ..world };
        assert_eq!(ends(&world).await, None, "{condition}, then none");
        world.is_whole_once();
    }
}

/// Kafka away is told from enc-service away by the time that the same words take.
#[tokio::test(flavor = "multi_thread")]
async fn kafka_away_is_told_by_how_long_the_refusal_takes() {
    let options = Options { kafka_wait: Duration::from_secs(21), ..common::options() };
    let world = World {
        patience: Patience { answer: Duration::from_secs(30), ..common::patience() },
        ..World::with(options).await
    };
    world.seeded().await.unwrap();
    world.digit.set(Condition::KafkaDown);
    let client = world.client();
    let error = client.sign_in(&world.setup().administrator).await.unwrap_err();
    assert_eq!(error.code(), "kafka-away", "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_away_is_told() {
    let options = Options { redis_wait: Duration::from_millis(200), ..common::options() };
    let world = World::with(options).await;
    world.digit.set(Condition::RedisDown);
    let cause = ends(&world).await.unwrap();
    assert_eq!((cause.code.as_str(), cause.args["service"].as_str()), ("redis-away", "egov-user"));
    let error = world.client().messages("pg", "rainmaker-pgr", "en_IN").await.unwrap_err();
    assert_eq!(error.code(), "redis-away", "{error}");
}

/// The trap of HRMS: the account is made, the employee is lost on its way.
#[tokio::test(flavor = "multi_thread")]
async fn an_employee_of_whom_only_the_account_is_there_is_said_and_not_tried_for_ever() {
    let world = World { demo: true, ..World::new().await };
    world.seeded().await.unwrap();
    let fresh = World { demo: true, ..World::new().await };
    let client = fresh.client();
    let refuse = digit_api::steps::OtherPassword::Refuse;
    let (session, _) =
        digit_api::steps::administrator(&client, &common::tenants(), &fresh.administrator(), refuse).await.unwrap();
    fresh.digit.set(Condition::PersisterLoses);
    let employees = async || {
        digit_api::steps::employees(&client, &session, &common::tenants(), &fresh.seed.employees, &|_| {}).await
    };
    assert_eq!(employees().await.unwrap_err().code(), "employee-not-stored");
    fresh.digit.clear(&Condition::PersisterLoses);
    assert_eq!(employees().await.unwrap_err().code(), "employee-half-made");
}

/// Everybody was signed out while we were at it.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_died_is_said() {
    let world = World::new().await;
    let client = world.client();
    let refuse = digit_api::steps::OtherPassword::Refuse;
    let (session, _) =
        digit_api::steps::administrator(&client, &common::tenants(), &world.administrator(), refuse).await.unwrap();
    world.digit.empty_redis();
    let keep = digit_api::steps::Existing::Keep;
    let error: Error =
        digit_api::steps::messages(&client, &session, "pg", &world.seed.messages, keep, &|_| {}).await.unwrap_err();
    assert_eq!(error.code(), "token-expired", "{error}");
}
