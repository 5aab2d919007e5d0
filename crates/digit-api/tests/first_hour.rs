//! The whole last stage: once, and again.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use std::sync::{Arc, Mutex};

use common::{World, check, failures, real_seed, tenants};
use digit_api::acceptance::{Acceptance, CheckCode, Outcome, Verdict};
use digit_api::{AddressKind, How, Part, Remembered};
use pretend_digit::{Options, Pretend};

fn assert_works(acceptance: &Acceptance) {
    assert_eq!(acceptance.verdict, Verdict::WorksHere, "{:?}", failures(acceptance));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_is_made_whole_and_doing_it_again_makes_nothing() {
    let world = World { demo: true, seed: real_seed(), ..World::new().await };
    let (done, acceptance) = world.hour().await.unwrap();
    let shown: Vec<_> = done.iter().map(|d| (d.part, d.how, d.wanted, d.found)).collect();
    assert_eq!(
        shown,
        [
            (Part::Administrator, How::Made, 1, 1),
            (Part::People, How::Made, 2, 2),
            (Part::Messages, How::Made, 3_304, 3_304),
            (Part::Workflows, How::Made, 1, 1),
            (Part::Employees, How::Made, 1, 1),
            (Part::Masters, How::Found, 15, 15),
        ]
    );
    assert_works(&acceptance);
    world.is_whole_once();
    let view = world.digit.view();
    assert_eq!(view.messages_of("pg", "en_IN", "rainmaker-common"), 2_260);
    assert_eq!(view.messages_of("pg", "en_IN", "rainmaker-pgr"), 1_044);
    assert_eq!(view.files.len(), 1);
    let workflow = &view.business_services[0].to_string();
    assert!(workflow.contains("CLOSEDAFTERRESOLUTION"));

    let writes = |path: &str| world.digit.calls().iter().filter(|c| c.path.contains(path)).count();
    let before: Vec<usize> = ["_create", "_update", "_upsert", "/files"].iter().map(|p| writes(p)).collect();
    let (done, acceptance) = world.hour().await.unwrap();
    assert!(done.iter().all(|d| d.how == How::Found), "{done:?}");
    assert_works(&acceptance);
    world.is_whole_once();
    let after: Vec<usize> = ["_create", "_update", "_upsert"].iter().map(|p| writes(p)).collect();
    assert_eq!(before[..3], after[..], "something was written again");
    assert_eq!(world.digit.view().files.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_one_has_no_sample_people() {
    let world = World::new().await;
    let (_, acceptance) = world.hour().await.unwrap();
    assert_works(&acceptance);
    world.is_whole_once();
    let view = world.digit.view();
    let names: Vec<_> = view.users.iter().map(|u| u.user_name.as_str()).collect();
    assert!(!names.iter().any(|n| ["GRO", "9999999999", "LATANAIK"].contains(n)), "{names:?}");
    assert!(check(&acceptance, CheckCode::KnownPasswords).passed());
    // The fixed code of the demo values is on: said, for it lets anybody in as any citizen.
    assert_eq!(acceptance.notes.iter().map(|n| n.code.as_str()).collect::<Vec<_>>(), ["fixed-code"]);
    // The citizen of our complaint has a number that nobody can call.
    let complaint = &view.complaints[0];
    assert_eq!(complaint["citizen"]["mobileNumber"], "0000000001");
    assert!(complaint["address"]["locality"]["code"].is_string() && complaint["address"]["geoLocation"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_data_of_the_archive_are_enough() {
    let folder = tempfile::tempdir().unwrap();
    let archive =
        places::shared().unwrap().join("digit/egov-mdms-data-8a29400b2aaf74d26eb764f7ec45d607a46fb41c.tar.gz");
    tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(archive).unwrap()))
        .unpack(folder.path())
        .unwrap();
    let inner = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let world = World { demo: true, ..World::with(Options { masters: Some(inner), ..common::options() }).await };
    let (_, acceptance) = world.hour().await.unwrap();
    assert_works(&acceptance);
    world.is_whole_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_only_looks_writes_nothing_and_finds_the_marked_complaint_without_being_told_its_number() {
    let mut world = World::new().await;
    world.hour().await.unwrap();
    let before = world.digit.view();
    world.remembered = Arc::new(Mutex::new(Remembered::default()));
    world.change = |setup| setup.read_only = true;
    let acceptance = world.accepted().await.unwrap();
    assert_works(&acceptance);
    for code in [CheckCode::ComplaintFound, CheckCode::ComplaintAssigned, CheckCode::ComplaintResolved] {
        assert!(check(&acceptance, code).passed(), "{code:?}");
    }
    for code in [CheckCode::ComplaintCreated, CheckCode::InternalToken, CheckCode::KnownPasswords, CheckCode::Photo] {
        assert!(matches!(check(&acceptance, code).outcome, Outcome::NotTried(_)), "{code:?}");
    }
    assert_eq!(world.digit.view(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_only_looks_on_a_digit_without_our_complaint_says_so() {
    let mut world = World::new().await;
    world.seeded().await.unwrap();
    world.change = |setup| setup.read_only = true;
    let acceptance = world.accepted().await.unwrap();
    assert_eq!(common::failed(&acceptance, CheckCode::ComplaintFound), "complaint-missing");
    assert_eq!(acceptance.verdict, Verdict::DoesNotWork);
    assert!(world.digit.view().complaints.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_follows_the_kind_of_address() {
    let mut world = World::new().await;
    world.seeded().await.unwrap();
    world.change = |setup| setup.kind = AddressKind::Own;
    assert_eq!(world.accepted().await.unwrap().verdict, Verdict::Works);
    world.change = |setup| setup.kind = AddressKind::Inside;
    assert_eq!(world.accepted().await.unwrap().verdict, Verdict::WorksInside);
    world.is_whole_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_state_and_city_are_seeded_with_their_own_codes() {
    let options = Options { state: "ka".to_owned(), city: "ka.mysuru".to_owned(), ..common::options() };
    let digit = Pretend::start(options).await.unwrap();
    let other = digit_api::Tenants::new("ka", "ka.mysuru").unwrap();
    let world = World { digit, ..World::new().await };
    let client = world.client();
    let text = digit_api::seed::open(&places::shared().unwrap().join("digit").join(common::ARCHIVE)).unwrap();
    let seed = digit_api::seed::read(&text, &other).unwrap();
    let refuse = digit_api::steps::OtherPassword::Refuse;
    let (session, _) = digit_api::steps::administrator(&client, &other, &world.administrator(), refuse).await.unwrap();
    let done = digit_api::steps::workflows(&client, &session, &seed.workflows, &mut world.memory(), &|_| {}).await;
    assert_eq!(done.unwrap().how, How::Made);
    let done = digit_api::steps::employees(&client, &session, &other, &seed.employees, &|_| {}).await;
    assert_eq!(done.unwrap().how, How::Made);
    assert_eq!(world.digit.view().employees[0]["tenantId"], "ka.mysuru");
    assert_ne!(tenants(), other);
}

/// The seed leaves alone what is there; what is generated (names of the city) is written over it. Progress counts up to the whole.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_there_are_kept_or_written_over_as_asked() {
    use digit_api::News;
    use digit_api::seed::Message;
    use digit_api::steps::{Existing, OtherPassword, administrator, messages};
    let world = World::new().await;
    let client = world.client();
    let (session, _) = administrator(&client, &tenants(), &world.administrator(), OtherPassword::Refuse).await.unwrap();
    let message = |code: &str, text: &str| Message {
        module: "rainmaker-common".to_owned(),
        locale: "en_IN".to_owned(),
        code: code.to_owned(),
        message: text.to_owned(),
    };
    let put = async |list: &[Message], existing| {
        let news = Mutex::new(Vec::new());
        let done = messages(&client, &session, "pg", list, existing, &|n| news.lock().unwrap().push(n)).await.unwrap();
        let counts = news.into_inner().unwrap().into_iter().map(|n| match n {
            News::Progress { done, total, .. } => (done, total),
            News::Waiting { .. } => panic!(),
        });
        (done.how, counts.collect::<Vec<_>>())
    };
    let [first, more] = [vec![message("A", "City A")], vec![message("A", "Mysuru"), message("B", "b")]];
    assert_eq!(put(&first, Existing::Keep).await, (How::Made, vec![(0, 1), (1, 1)]));
    assert_eq!(put(&more, Existing::Keep).await, (How::Completed, vec![(1, 2), (2, 2)]));
    let there = async || client.messages("pg", "rainmaker-common", "en_IN").await.unwrap();
    assert_eq!(there().await["A"], "City A");
    assert_eq!(put(&more, Existing::Overwrite).await.0, How::Completed);
    assert_eq!(there().await["A"], "Mysuru");
    assert_eq!(put(&more, Existing::Overwrite).await, (How::Found, vec![(2, 2)]));
}

/// The installer runs these in tasks of their own.
#[test]
fn what_the_installer_calls_can_be_sent_between_threads() {
    fn can_be_sent<T: Send>(_: &T) {}
    let _ = |world: &'static World| can_be_sent(&world.hour());
}
