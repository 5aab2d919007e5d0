//! Services of one stage that call each other when they start.

use std::time::Duration;

use cluster::ObjectRef;
use cluster::pretend::{Mishap, Rule};
use helm_template::Chart;

use super::{Bed, SERVICE};
use crate::plan::{ReleaseChart, StepKind};

/// A service that another one calls when it starts.
const CALLED: &str = "practice-accounts";

/// Two releases side by side; the first calls the second when it starts.
async fn caller_and_called() -> Bed {
    let mut bed = Bed::new(
        Vec::new(),
        vec![StepKind::cluster("pretend"), StepKind::namespaces(), calling(&[CALLED]), StepKind::release(CALLED)],
    )
    .await;
    let chart = |service: &str| {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: SERVICE}\nspec:\n  selector: {matchLabels: {app: \
                          SERVICE}}\n  template:\n    metadata: {labels: {app: SERVICE}}\n    spec: {containers: [{name: main, image: \
                          stand.in/SERVICE, readinessProbe: {httpGet: {port: 80}}}]}\n";
        let files = [
            ("Chart.yaml".to_owned(), format!("apiVersion: v2\nname: {service}\nversion: 0.1.0\n").into_bytes()),
            ("templates/deployment.yaml".to_owned(), deployment.replace("SERVICE", service).into_bytes()),
        ];
        ReleaseChart {
            service: service.to_owned(),
            namespace: "town".to_owned(),
            chart: Chart::from_files(files).unwrap(),
        }
    };
    bed.planned.early.clear();
    bed.planned.releases = [SERVICE, CALLED].map(|service| (service.to_owned(), chart(service))).into();
    bed.planned.rendered.clear();
    for step in bed.planned.plan.steps.iter_mut().skip(2) {
        step.needs = vec![StepKind::namespaces().id()];
    }
    bed
}

fn calling(called: &[&str]) -> StepKind {
    let calls = called.iter().map(|service| (*service).to_owned()).collect();
    StepKind::Release { service: SERVICE.to_owned(), calls }
}

fn rule(pod: &str, mishap: Mishap) -> Rule {
    Rule { pod: format!("^town/{pod}-").parse().unwrap(), mishap, until: None }
}

/// Carries it out while the one that calls crashes, and the one that is called gets ready after so many seconds. `recovers`: then the
/// first one crashes no more.
async fn while_calling_crashes(bed: &Bed, ready_after: u64, recovers: bool) -> (engine::Outcome, Vec<String>) {
    let pretend = bed.pretend(1.0);
    let world = bed.within(&pretend).await;
    pretend.set_rules(vec![rule(SERVICE, Mishap::Crash), rule(CALLED, Mishap::Unready)]);
    let troubles = async {
        tokio::time::sleep(Duration::from_secs(ready_after)).await;
        pretend.set_rules(vec![rule(SERVICE, Mishap::Crash)]);
        let called = ObjectRef::new("apps/v1", "Deployment", "town", CALLED);
        while world.cluster.get(&called).await.unwrap().unwrap()["status"]["availableReplicas"] != 1 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if recovers {
            pretend.set_rules(Vec::new());
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = troubles => unreachable!("it goes on for ever"),
        ended = bed.carried_out(&world) => ended,
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_crashes_until_the_one_that_it_calls_is_ready_waits_for_it() {
    let bed = caller_and_called().await;
    let waits = format!("release:{SERVICE} waits for {CALLED}");
    assert_eq!(while_calling_crashes(&bed, 240, true).await, (engine::Outcome::Ready, vec![waits]));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_crashes_on_when_the_one_that_it_calls_is_ready_or_has_failed_fails_by_its_own_budget() {
    let bed = caller_and_called().await;
    // The one that is called fails for itself after its 300 s; budgets of the other begin then, and it has to crash once more.
    for (ready_after, first, within) in [(240, String::new(), 360..430), (4000, CALLED.to_owned(), 420..490)] {
        let (outcome, told) = while_calling_crashes(&bed, ready_after, false).await;
        assert_eq!(outcome, engine::Outcome::Failed, "{told:?}");
        assert_eq!(told[0], format!("release:{SERVICE} waits for {CALLED}"));
        let own = format!("release:{SERVICE} failed after ");
        let seconds = told.last().unwrap().strip_prefix(&own).unwrap().strip_suffix(" s: crash-loop").unwrap();
        assert!(within.contains(&seconds.parse::<u32>().unwrap()), "{told:?}");
        assert_eq!(
            told.iter().any(|line| line.starts_with(&format!("release:{first} failed"))),
            !first.is_empty(),
            "{told:?}"
        );
    }
}
