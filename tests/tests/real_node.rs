//! DIGIT 2.9.2 on a node that is real: kubelet, containers, probes, volumes, and webhooks that are called at their pods.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::time::{Duration, Instant};

use tests::cluster::{inventory, wait};
use tests::digit::Home;
use tests::real_node::RealNode;
use tests::{helm, product};

#[test]
#[ignore = "long, and needs root: cargo xtask test --full"]
fn digit_on_a_real_node_with_webhooks() {
    let node = RealNode::start(&[("WEBHOOKS", "on")]).unwrap();
    let kubeconfig = node.kubeconfig();
    let before = inventory(&kubeconfig).unwrap();
    let home = Home::new().unwrap();
    let file = home.write("answers.yaml", &product::answers(&kubeconfig).unwrap()).unwrap();
    // One node with a part of the memory: the person says that this is meant.
    let install = ["install", "--answers", file.to_str().unwrap(), "--accept", "capacity,nodes", "--yes"];

    let begun = Instant::now();
    let done = home.run(&install).unwrap();
    let took = begun.elapsed();
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_eq!(product::workloads(&kubeconfig).unwrap(), (product::WORKLOADS, product::WORKLOADS));
    assert_eq!(product::doubled(&kubeconfig).unwrap(), Vec::<String>::new());
    let listed = helm::list(&kubeconfig, home.path()).unwrap();
    assert!(listed.iter().all(|r| r.status == "deployed"), "{listed:?}");

    let pods = product::pods(&kubeconfig).unwrap();
    let again = home.run(&install).unwrap();
    assert_eq!((again.code, product::pods(&kubeconfig).unwrap()), (Some(0), pods), "{}", again.err);

    let removed = home.run(&["remove", product::NAME, "--yes"]).unwrap();
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    wait("nothing left", Duration::from_secs(60), || Ok(inventory(&kubeconfig)? == before)).unwrap();
    places::measured(
        "DIGIT 2.9.2 on a real node with webhooks",
        &format!(
            "{0} of {0} workloads ready after {1:.0} s, removed without a rest",
            product::WORKLOADS,
            took.as_secs_f64()
        ),
    )
    .unwrap();
}
