//! Where pods go outside, read from every chart of the archive.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[allow(dead_code, reason = "others use the rest")]
mod rendering;

use catalog::outside::reaches;
use catalog::references::Placed;
use catalog::{Settings, combinations};
use rendering::Plan;

#[test]
fn look() {
    let settings = Settings::in_cluster(None, "http://198.51.100.7".to_owned());
    let plan = Plan::of(&combinations::URBAN, &settings);
    let all: Vec<String> = plan.bundle.charts().map(str::to_owned).collect();
    println!("{} charts", all.len());
    let mut more = plan.as_ref().clone();
    let mut failed = Vec::new();
    for service in &all {
        if !more.objects.contains_key(service)
            && let Err(error) = more.render_one(&settings, service)
        {
            failed.push(format!("{service}: {error}"));
        }
    }
    println!("failed {failed:#?}");
    let placed: Vec<Placed<'_>> =
        more.all().map(|(service, object)| Placed { service, namespace: "egov", object }).collect();
    for reach in reaches(&placed) {
        println!(
            "{:?} {} {} {} {}",
            reach.way,
            reach.service,
            reach.container,
            reach.at,
            plan.selection.has(&reach.service)
        );
    }
}
