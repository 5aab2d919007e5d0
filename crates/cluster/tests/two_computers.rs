//! Two computers and one installation, in virtual time: only one of them works on it, whatever their clocks and names say.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use cluster::lease::{LEASE, Lease, RENEW};
use cluster::pretend::{Pretend, Setup};
use cluster::record::Fence;
use cluster::{Cluster, Error, Now, ObjectRef};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

const NAME: &str = "springfield";

/// A clock that goes with the virtual time, minutes away from the true one.
fn clock(minutes: i64) -> Now {
    let begun = Instant::now();
    let first: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
    Arc::new(move || first + jiff::SignedDuration::from_mins(minutes) + begun.elapsed())
}

async fn pretend() -> Cluster {
    let cluster = Pretend::new(Setup { clock: clock(0), ..Setup::default() }).unwrap().cluster();
    cluster.ensure_record_namespace().await.unwrap();
    cluster
}

async fn lease_of(cluster: &Cluster) -> Value {
    let name = ObjectRef::new("coordination.k8s.io/v1", "Lease", "digit-installer", NAME);
    cluster.get(&name).await.unwrap().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn clocks_that_differ_and_hosts_that_are_called_the_same_do_not_decide() {
    for (ours, theirs) in [(0, 5), (5, 0), (-5, 5), (5, -5), (0, 0)] {
        let cluster = pretend().await;
        // Imaged laptops: one name, two homes.
        let first = Arc::new(Lease::new(&cluster, NAME, "laptop/1f", clock(ours)));
        let second = Lease::new(&cluster, NAME, "laptop/2e", clock(theirs));
        assert_eq!(first.acquire(&mut |_, _| {}).await.unwrap(), Fence(0));
        let keeping = tokio::spawn({
            let first = first.clone();
            async move { first.keep().await }
        });

        // It lives: the other one learns that as soon as it is renewed, and leaves it alone however often it asks.
        for _ in 0..20 {
            let begun = Instant::now();
            let error = second.acquire(&mut |_, _| {}).await.unwrap_err();
            assert!(
                matches!(&error, Error::LeaseHeld { holder, .. } if holder == "laptop/1f"),
                "{ours} {theirs}: {error}"
            );
            assert!(begun.elapsed() <= RENEW * 2, "{:?}", begun.elapsed());
        }
        assert!(first.is_certain());

        // It dies: the other one has it after as long as it lasts, not sooner and not much later.
        keeping.abort();
        let mut told = Vec::new();
        let begun = Instant::now();
        assert_eq!(second.acquire(&mut |holder, left| told.push((holder.to_owned(), left))).await.unwrap(), Fence(1));
        let waited = begun.elapsed();
        assert!(waited >= LEASE - RENEW && waited <= LEASE + RENEW, "{ours} {theirs}: {waited:?}");
        assert_eq!(told.first().unwrap().0, "laptop/1f");

        // And when it comes back it has lost it, and does not take it back by itself.
        assert!(!first.is_certain());
        let error = first.renew().await.unwrap_err();
        assert!(matches!(&error, Error::LeaseLost { holder } if holder == "laptop/2e"), "{error}");
        assert_eq!(first.renew().await.unwrap_err().code(), "lease-lost");
        assert_eq!(lease_of(&cluster).await["spec"]["holderIdentity"], "laptop/2e");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_of_the_same_home_that_was_killed_is_no_other_computer() {
    let cluster = pretend().await;
    Lease::new(&cluster, NAME, "laptop/1f", clock(0)).acquire(&mut |_, _| {}).await.unwrap();
    let begun = Instant::now();
    let again = Lease::new(&cluster, NAME, "laptop/1f", clock(0));
    assert_eq!(again.acquire(&mut |_, _| {}).await.unwrap(), Fence(0));
    assert!(begun.elapsed() < Duration::from_secs(1));
    again.release_through(&cluster).await.unwrap();
    let other = Lease::new(&cluster, NAME, "laptop/2e", clock(0));
    assert_eq!(other.acquire(&mut |_, _| {}).await.unwrap(), Fence(1), "one that was given back is free at once");
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_vanished_is_lost_and_not_made_anew() {
    let cluster = pretend().await;
    let lease = Arc::new(Lease::new(&cluster, NAME, "laptop/1f", clock(0)));
    let fence = lease.acquire(&mut |_, _| {}).await.unwrap();
    cluster.save_record(NAME, "plan", b"plan", fence).await.unwrap();
    let keeping = tokio::spawn({
        let lease = lease.clone();
        async move { lease.keep().await }
    });
    tokio::time::sleep(RENEW * 3).await;
    cluster.delete(&ObjectRef::new("coordination.k8s.io/v1", "Lease", "digit-installer", NAME)).await.unwrap();
    let ended = tokio::time::timeout(RENEW * 2, keeping).await.unwrap().unwrap();
    assert_eq!(ended.code(), "lease-lost");
    assert_eq!(lease.fence(), None);
    assert_eq!(lease_of(&cluster).await, Value::Null);
    // Whoever comes next makes a new one, and is newer than everything that was written under the old one.
    let next = Lease::new(&cluster, NAME, "laptop/2e", clock(0));
    assert_eq!(next.acquire(&mut |_, _| {}).await.unwrap(), Fence(fence.0 + 1));
}

#[tokio::test(start_paused = true)]
async fn a_record_of_an_older_hold_never_overwrites_a_newer_one() {
    let cluster = pretend().await;
    assert!(cluster.save_record(NAME, "journal", b"first", Fence(3)).await.unwrap());
    assert!(!cluster.save_record(NAME, "journal", b"first", Fence(3)).await.unwrap());
    // Taking over marks it, though nothing in it differs.
    assert!(!cluster.save_record(NAME, "journal", b"first", Fence(4)).await.unwrap());
    // The first one wakes up and writes what it had in mind.
    for content in [b"first".as_slice(), b"late"] {
        let error = cluster.save_record(NAME, "journal", content, Fence(3)).await.unwrap_err();
        assert_eq!(error.code(), "lease-lost");
    }
    assert_eq!(cluster.delete_record_part(NAME, "journal", Fence(3)).await.unwrap_err().code(), "lease-lost");
    assert_eq!(cluster.read_record(NAME, "journal").await.unwrap().unwrap(), b"first");
    assert!(cluster.save_record(NAME, "journal", b"second", Fence(4)).await.unwrap());
    cluster.delete_record_part(NAME, "journal", Fence(4)).await.unwrap();
    assert_eq!(cluster.read_record(NAME, "journal").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_cut_off_learns_who_has_the_lease_before_writing_anything() {
    let cluster = pretend().await;
    let lease = Arc::new(Lease::new(&cluster, NAME, "laptop/1f", clock(0)));
    lease.acquire(&mut |_, _| {}).await.unwrap();
    let permit = lease.clone();
    let stop = tokio_util::sync::CancellationToken::new();
    let working = cluster.with_permit(Arc::new(move || permit.is_certain())).with_stop(stop.clone());
    assert!(working.ensure_namespace("egov", NAME).await.unwrap());
    // A closed lid: nothing is renewed, and the other one takes over.
    tokio::time::sleep(LEASE * 2).await;
    let other = Lease::new(&cluster, NAME, "laptop/2e", clock(0));
    other.acquire(&mut |_, _| {}).await.unwrap();
    let writing = tokio::spawn({
        let working = working.clone();
        async move { working.ensure_namespace("backbone", NAME).await }
    });
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!writing.is_finished(), "it waits until it is certain");
    assert!(working.version().await.is_ok(), "whoever only looks need not");
    assert_eq!(lease.renew().await.unwrap_err().code(), "lease-lost");
    stop.cancel();
    assert_eq!(writing.await.unwrap().unwrap_err().code(), "stopped");
    assert_eq!(cluster.get(&ObjectRef::new("v1", "Namespace", "", "backbone")).await.unwrap(), None);
}
