//! Each check can fail: the thing is broken, and the check says so with its cause.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use std::time::Duration;

use common::{World, check, failed, failures};
use digit_api::acceptance::{CheckCode, Outcome, Setup, Verdict};
use pretend_digit::{Clock, Condition, Fault, Match, Options, Service};

/// What is broken after the seed, what the checks must say, and nothing else may fail.
struct Case {
    name: &'static str,
    broken: fn(&World),
    change: fn(&mut Setup),
    demo: bool,
    failed: &'static [(CheckCode, &'static str)],
}

const CASE: Case = Case { name: "", broken: |_| {}, change: |_| {}, demo: false, failed: &[] };

fn cases() -> Vec<Case> {
    use CheckCode as C;
    vec![
        Case {
            name: "the page is blank",
            broken: |w| w.digit.set(Condition::PageBlank),
            failed: &[(C::Pages, "page-blank")],
            ..CASE
        },
        Case {
            name: "the page answers 503",
            broken: |w| w.digit.fault(Match::path(Service::Web, "/digit-ui/employee"), Fault::Status(503)),
            failed: &[(C::Pages, "page-status")],
            ..CASE
        },
        Case {
            name: "nobody behind the entry",
            broken: |w| w.digit.set(Condition::Down(Service::Web)),
            failed: &[(C::Pages, "page-status")],
            ..CASE
        },
        Case {
            name: "there is no such page",
            change: |s| s.pages.push("/nothing/here".to_owned()),
            failed: &[(C::Pages, "page-status")],
            ..CASE
        },
        Case {
            name: "what is asked for is no page",
            change: |s| s.pages = vec!["/digit-ui/main.js".to_owned()],
            failed: &[(C::Pages, "page-not-html")],
            ..CASE
        },
        Case {
            name: "the script is the page again",
            broken: |w| w.digit.set(Condition::AssetsMissing),
            failed: &[(C::Assets, "asset-is-a-page")],
            ..CASE
        },
        Case {
            name: "the script is not there",
            broken: |w| w.digit.fault(Match::path(Service::Web, "/digit-ui/main.js"), Fault::Status(404)),
            failed: &[(C::Assets, "asset-missing")],
            ..CASE
        },
        Case {
            name: "globalConfigs is not there",
            broken: |w| w.digit.set(Condition::GlobalConfigsMissing),
            failed: &[(C::Assets, "asset-missing"), (C::GlobalConfigs, "global-configs-missing")],
            ..CASE
        },
        Case {
            name: "globalConfigs is on a host that is not there",
            broken: |w| w.digit.set(Condition::GlobalConfigsElsewhere),
            failed: &[(C::Assets, "asset-missing"), (C::GlobalConfigs, "global-configs-missing")],
            ..CASE
        },
        Case {
            name: "globalConfigs is of another state",
            broken: |w| w.digit.set(Condition::GlobalConfigsForeign),
            failed: &[(C::GlobalConfigs, "global-configs-of-another")],
            ..CASE
        },
        Case {
            name: "messages are half loaded",
            broken: |w| w.digit.set(Condition::MessagesHalfLoaded),
            failed: &[(C::Messages, "messages-missing")],
            ..CASE
        },
        Case {
            name: "messages of one module were lost",
            broken: |w| w.digit.lose_messages("rainmaker-pgr"),
            failed: &[(C::Messages, "messages-missing")],
            ..CASE
        },
        Case {
            name: "no master data at all",
            broken: |w| w.digit.set(Condition::MdmsEmpty),
            failed: &[
                (C::Masters, "master-data-empty"),
                (C::EmployeeSearch, "refused-despite-roles"),
                (C::ComplaintCreated, "refused-despite-roles"),
            ],
            ..CASE
        },
        Case {
            name: "one master is missing",
            broken: |w| w.digit.set(Condition::MasterMissing("common-masters".into(), "StateInfo".into())),
            failed: &[(C::Masters, "master-data-missing")],
            ..CASE
        },
        Case {
            name: "the city has no boundaries",
            broken: |w| w.digit.set(Condition::MasterMissing("egov-location".into(), "TenantBoundary".into())),
            failed: &[(C::Masters, "master-data-missing"), (C::ComplaintCreated, "master-data-missing")],
            ..CASE
        },
        Case {
            name: "the administrator's password is another one",
            change: |s| s.administrator.password = "Other@Pass7word".to_owned().into(),
            failed: &[(C::SignIn, "credentials-refused")],
            ..CASE
        },
        Case {
            name: "the administrator is of another tenant",
            change: |s| s.administrator.tenant = "pg".to_owned(),
            failed: &[(C::SignIn, "credentials-refused")],
            ..CASE
        },
        Case {
            name: "HRMS is away",
            broken: |w| w.digit.set(Condition::Down(Service::Hrms)),
            failed: &[(C::EmployeeSearch, "service-away")],
            ..CASE
        },
        Case {
            name: "the employee is not there",
            change: |s| s.employee = Some("NOBODY".to_owned()),
            failed: &[(C::EmployeeSearch, "employee-missing")],
            ..CASE
        },
        Case {
            name: "no bucket",
            broken: |w| w.digit.set(Condition::BucketMissing),
            failed: &[(C::Photo, "object-store-away")],
            ..CASE
        },
        Case {
            name: "the photo's address is the cluster's own",
            broken: |w| w.digit.set(Condition::FileAddressesInCluster),
            failed: &[(C::Photo, "photo-not-opened")],
            ..CASE
        },
        Case {
            name: "the object store refuses to show the photo",
            broken: |w| w.digit.fault(Match::all(Service::ObjectStore), Fault::Status(403)),
            failed: &[(C::Photo, "photo-not-opened")],
            ..CASE
        },
        Case {
            name: "the object store shows half of the photo",
            broken: |w| w.digit.fault(Match::all(Service::ObjectStore), Fault::Truncated),
            failed: &[(C::Photo, "photo-differs")],
            ..CASE
        },
        Case {
            name: "PGR is away",
            broken: |w| w.digit.set(Condition::Down(Service::Pgr)),
            failed: &[(C::ComplaintCreated, "service-away")],
            ..CASE
        },
        Case {
            name: "the persister is away",
            broken: |w| w.digit.set(Condition::PersisterDown),
            failed: &[(C::ComplaintFound, "complaint-not-stored")],
            ..CASE
        },
        Case {
            name: "the persister loses",
            broken: |w| w.digit.set(Condition::PersisterLoses),
            failed: &[(C::ComplaintFound, "complaint-not-stored")],
            ..CASE
        },
        Case {
            name: "ASSIGN is refused",
            broken: |w| {
                w.digit.fault(Match::path(Service::Pgr, "/pgr-services/v2/request/_update"), Fault::Status(400));
            },
            failed: &[(C::ComplaintAssigned, "inner-fault")],
            ..CASE
        },
        Case {
            name: "workflow is of another database",
            broken: |w| w.digit.set(Condition::CentralInstance),
            failed: &[(C::ComplaintCreated, "central-instance")],
            ..CASE
        },
        Case {
            name: "isInternal opens",
            broken: |w| w.digit.clear(&Condition::IsInternalFiltered),
            failed: &[(C::InternalToken, "internal-token")],
            ..CASE
        },
        Case {
            name: "the entry sends on who tries isInternal, so that nobody refused",
            broken: |w| w.digit.fault(Match::path(Service::Entry, "/user/oauth/token"), Fault::Status(302)),
            failed: &[(C::InternalToken, "redirected-elsewhere")],
            ..CASE
        },
        Case {
            name: "the entry is away for who tries isInternal, so that nobody refused",
            broken: |w| w.digit.fault(Match::path(Service::Entry, "/user/oauth/token"), Fault::Html(502)),
            failed: &[(C::InternalToken, "proxy-in-between")],
            ..CASE
        },
        Case {
            name: "the sample citizen cannot sign in",
            change: |s| {
                s.demo_citizen =
                    s.demo_citizen.take().map(|c| digit_api::user::SignIn { user_name: "9999999998".into(), ..c });
            },
            demo: true,
            failed: &[(C::CitizenSignIn, "credentials-refused")],
            ..CASE
        },
        Case {
            name: "the gateway has no route to filestore",
            broken: |w| w.digit.set(Condition::RouteMissing(Service::Filestore)),
            failed: &[(C::Photo, "gateway-route-missing")],
            ..CASE
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_says_so_when_its_thing_is_broken_and_no_other_does() {
    let mut broken = std::collections::BTreeSet::new();
    for case in cases() {
        let world = World { demo: case.demo, change: case.change, ..World::new().await };
        world.seeded().await.unwrap();
        (case.broken)(&world);
        let acceptance = world.accepted().await.unwrap();
        let found = failures(&acceptance);
        let found: Vec<_> = found.iter().map(|(code, cause)| (*code, cause.as_str())).collect();
        assert_eq!(found, case.failed, "{}: {:#?}", case.name, acceptance.checks);
        assert_eq!(acceptance.verdict, Verdict::DoesNotWork, "{}", case.name);
        for (code, _) in case.failed {
            let Outcome::Failed { remedy, .. } = &check(&acceptance, *code).outcome else { panic!() };
            assert!(remedy.is_some(), "{}: {code:?} has no remedy", case.name);
            broken.insert(*code);
        }
    }
    // Those that have a test of their own below.
    broken.extend([CheckCode::Roles, CheckCode::ComplaintResolved, CheckCode::KnownPasswords, CheckCode::Clock]);
    let never: Vec<_> = CheckCode::ALL.iter().filter(|c| !broken.contains(c)).collect();
    assert!(never.is_empty(), "no test breaks {never:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_role_is_named_with_its_tenant() {
    let world = World::new().await;
    world.digit.set(Condition::IsInternalFiltered);
    let mut user = officer(&world, "admin", common::PASSWORD);
    user.roles.retain(|r| r.code != "CSR");
    world.client().create_user(&user).await.unwrap();
    let acceptance = world.accepted().await.unwrap();
    let Outcome::Failed { cause, .. } = &check(&acceptance, CheckCode::Roles).outcome else { panic!() };
    assert_eq!((cause.code.as_str(), cause.args["roles"].as_str()), ("roles-missing", "CSR@pg.citya"));
    assert!(world.digit.view().complaints.is_empty());
    assert_eq!(acceptance.verdict, Verdict::DoesNotWork);
}

fn officer(world: &World, name: &str, password: &str) -> digit_api::user::NewUser {
    digit_api::user::NewUser {
        user_name: name.to_owned(),
        name: "Officer".to_owned(),
        mobile_number: "0000000009".to_owned(),
        email: None,
        gender: None,
        user_type: digit_api::user::UserType::Employee,
        password: password.to_owned().into(),
        roles: digit_api::steps::needed_roles(&world.setup().tenants),
        tenant: "pg.citya".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_password_that_works_is_said_with_its_user_and_no_account_is_tried_five_times() {
    let world = World::new().await;
    world.seeded().await.unwrap();
    let client = world.client();
    client.create_user(&officer(&world, "GRO", "eGov@4321")).await.unwrap();
    client.create_user(&officer(&world, "LATANAIK", "Not@Known77")).await.unwrap();
    let acceptance = world.accepted().await.unwrap();
    let Outcome::Failed { cause, .. } = &check(&acceptance, CheckCode::KnownPasswords).outcome else { panic!() };
    assert_eq!((cause.code.as_str(), cause.args["user"].as_str()), ("known-password", "GRO"));
    for user in world.digit.view().users {
        assert!(user.failures < 5, "{}: {}", user.user_name, user.failures);
    }
    // Nor is what is known written anywhere.
    assert!(!format!("{acceptance:?}").contains("eGov@"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_with_a_known_password_is_said_without_a_try() {
    let world = World { password: "eGov@4321", ..World::new().await };
    world.seeded().await.unwrap();
    let acceptance = world.accepted().await.unwrap();
    let Outcome::Failed { cause, .. } = &check(&acceptance, CheckCode::KnownPasswords).outcome else { panic!() };
    assert_eq!((cause.code.as_str(), cause.args["user"].as_str()), ("known-password", "admin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_done_six_times_over_still_tells_refused_from_open() {
    let world = World::new().await;
    world.seeded().await.unwrap();
    world.client().create_user(&officer(&world, "LATANAIK", "Not@Known77")).await.unwrap();
    for _ in 0..6 {
        let acceptance = world.accepted().await.unwrap();
        assert_eq!(acceptance.verdict, Verdict::WorksHere, "{:?}", failures(&acceptance));
    }
    world.is_whole_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_does_not_get_resolved_is_said() {
    let world = World::new().await;
    world.seeded().await.unwrap();
    // Up to the assignment all is well; the third note is that RESOLVE is under way.
    let digit = std::sync::Arc::new(world);
    let watched = digit.clone();
    let watch = tokio::spawn(async move {
        loop {
            let assigned = |c: &serde_json::Value| c["applicationStatus"] == "PENDINGATLME";
            if watched.digit.view().complaints.iter().any(assigned) {
                return watched.digit.set(Condition::PersisterDown);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let acceptance = digit.accepted().await.unwrap();
    watch.await.unwrap();
    assert!(check(&acceptance, CheckCode::ComplaintAssigned).passed());
    assert_eq!(failed(&acceptance, CheckCode::ComplaintResolved), "complaint-not-moved");
    assert_eq!(acceptance.verdict, Verdict::DoesNotWork);
    // The persister is back: what waited comes, and is not sent again.
    digit.digit.clear(&Condition::PersisterDown);
    assert_eq!(digit.accepted().await.unwrap().verdict, Verdict::WorksHere);
    digit.is_whole_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_are_six_minutes_apart_are_said_and_four_are_not() {
    for (minutes, verdict) in [(6_i64, Verdict::DoesNotWork), (-6, Verdict::DoesNotWork), (4, Verdict::WorksHere)] {
        let ahead = jiff::SignedDuration::from_mins(minutes);
        let clock = Clock::new(move || jiff::Timestamp::now() + ahead);
        let world = World::with(Options { clock, ..common::options() }).await;
        let (_, acceptance) = world.hour().await.unwrap();
        assert_eq!(acceptance.verdict, verdict, "{minutes}: {:?}", failures(&acceptance));
        if let Outcome::Failed { cause, .. } = &check(&acceptance, CheckCode::Clock).outcome {
            assert_eq!(cause.code, "clock-skew");
            let seconds: i64 = cause.args["seconds"].parse().unwrap();
            assert!((seconds - minutes * 60).abs() < 5, "{seconds}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_says_where_it_was_made() {
    let world = World::new().await;
    world.seeded().await.unwrap();
    let acceptance = world.accepted().await.unwrap();
    for c in &acceptance.checks {
        let front = [CheckCode::Pages, CheckCode::Assets, CheckCode::GlobalConfigs, CheckCode::InternalToken];
        let at = if front.contains(&c.code) { world.digit.entry() } else { world.digit.gateway() };
        assert_eq!(c.at, at, "{:?}", c.code);
    }
    assert_eq!(acceptance.checks.iter().map(|c| c.code).collect::<Vec<_>>(), CheckCode::ALL);
}
