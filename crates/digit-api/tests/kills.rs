//! Killed at any moment and begun again: one administrator, nothing doubled, the same end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{World, failures};
use digit_api::Error;
use digit_api::acceptance::Verdict;
use pretend_digit::{Condition, Fault, Match, Service};

/// Calls that have an effect.
const EFFECTS: &[(Service, &str)] = &[
    (Service::User, "/user/users/_createnovalidate"),
    (Service::Localization, "/localization/messages/v1/_upsert"),
    (Service::Workflow, "/egov-workflow-v2/egov-wf/businessservice/_create"),
    (Service::Hrms, "/egov-hrms/employees/_create"),
    (Service::Filestore, "/filestore/v1/files"),
    (Service::Pgr, "/pgr-services/v2/request/_create"),
    (Service::Pgr, "/pgr-services/v2/request/_update"),
];

/// Goes on from where it is to the end.
async fn goes_on(world: &World, what: &str) {
    let (_, acceptance) = world.hour().await.unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(acceptance.verdict, Verdict::WorksHere, "{what}: {:?}", failures(&acceptance));
    world.is_whole_once();
}

/// Runs until the given call was taken, and is killed there: nothing that comes after it is done.
async fn killed_at(world: Arc<World>, path: &'static str, nth: usize) {
    let running = {
        let world = world.clone();
        tokio::spawn(async move { world.hour().await.is_ok() })
    };
    let taken = async {
        loop {
            if world.digit.calls().iter().filter(|c| c.path == path).count() > nth {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), taken).await.unwrap_or_else(|_| panic!("{path} was never called"));
    running.abort();
    assert!(running.await.is_err(), "{path}: it ended before it was killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_and_after_each_effect() {
    for (service, path) in EFFECTS {
        for fault in [Fault::Timeout, Fault::TimeoutAfter] {
            let world = Arc::new(World { demo: true, ..World::new().await });
            world.digit.fault_times(Match::path(*service, *path), fault.clone(), 1);
            killed_at(world.clone(), path, 0).await;
            world.digit.clear_faults();
            goes_on(&world, &format!("{fault:?} at {path}")).await;
        }
    }
}

/// A file has a new id each time and cannot be looked for: it is the one thing of which a kill at its very moment leaves a second.
#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_uploaded_once_unless_the_kill_hits_the_upload_itself() {
    let world = Arc::new(World::new().await);
    world.digit.fault_times(Match::path(Service::Pgr, "/pgr-services/v2/request/_create"), Fault::Timeout, 1);
    killed_at(world.clone(), "/pgr-services/v2/request/_create", 0).await;
    world.digit.clear_faults();
    goes_on(&world, "after the photo").await;
    assert_eq!(world.digit.view().files.len(), 1);
}

/// Killed as soon as the n-th call of any kind was taken, for many n.
#[tokio::test(flavor = "multi_thread")]
async fn killed_after_any_number_of_calls() {
    let whole = World { demo: true, ..World::new().await };
    whole.hour().await.unwrap();
    let calls = whole.digit.calls().len();
    assert!(calls > 40, "{calls}");
    for n in (1..calls).step_by(4) {
        let world = Arc::new(World { demo: true, ..World::new().await });
        let running = {
            let world = world.clone();
            tokio::spawn(async move { world.hour().await.is_ok() })
        };
        let watched = async {
            while world.digit.calls().len() < n {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(20), watched).await;
        running.abort();
        let _ = running.await;
        goes_on(&world, &format!("killed after {n} of {calls} calls")).await;
    }
}

/// The disk is full at each note that must be kept: nothing goes on without it, and afterwards all is whole once.
#[tokio::test(flavor = "multi_thread")]
async fn stopped_at_each_note_that_must_be_kept() {
    for n in 0.. {
        let world = World { demo: true, ..World::new().await };
        *world.notes_left.lock().unwrap() = n;
        match world.hour().await {
            Err(Error::Remember(_)) => {}
            Err(other) => panic!("{n}: {other}"),
            Ok(_) => {
                assert!(n > 5, "only {n} notes were kept");
                break;
            }
        }
        *world.notes_left.lock().unwrap() = usize::MAX;
        goes_on(&world, &format!("stopped at note {n}")).await;
    }
}

/// Killed while the persister is away, with the complaint filed: it comes when the persister is back, and no second one is filed.
#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_waits_on_kafka_is_waited_for() {
    let world = World::new().await;
    world.seeded().await.unwrap();
    world.digit.set(Condition::PersisterDown);
    for _ in 0..3 {
        let acceptance = world.accepted().await.unwrap();
        assert_eq!(acceptance.verdict, Verdict::DoesNotWork);
    }
    let files = |w: &World| {
        w.digit.calls().iter().filter(|c| c.path.ends_with("/request/_create") && c.service == Service::Pgr).count()
    };
    assert_eq!(files(&world), 1, "filed again while the first one waits");
    world.digit.clear(&Condition::PersisterDown);
    goes_on(&world, "the persister is back").await;
}

/// A complaint that was dropped for good is filed anew only when that is said.
#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_was_lost_is_filed_anew_when_asked_for() {
    let mut world = World::new().await;
    world.seeded().await.unwrap();
    world.digit.set(Condition::PersisterLoses);
    assert_eq!(world.accepted().await.unwrap().verdict, Verdict::DoesNotWork);
    world.digit.clear(&Condition::PersisterLoses);
    assert_eq!(world.accepted().await.unwrap().verdict, Verdict::DoesNotWork);
    world.change = |setup| setup.file_anew = true;
    goes_on(&world, "filed anew").await;
}
