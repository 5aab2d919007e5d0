//! URBAN 2.9, the larger product, with all its modules on a real control plane: planned, installed, installed again and
//! removed.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tests::cluster::{inventory, wait};
use tests::digit::Home;
use tests::{ControlPlane, Options, helm, product};

/// Its list, our settings, a database and a file store.
const RELEASES: usize = 65;

/// All modules of URBAN, as the catalog names them.
fn modules(home: &Home) -> Vec<String> {
    let said = home.run(&["catalog", "--json"]).unwrap();
    let catalog = said.json().unwrap().remove(0);
    let urban = catalog["products"].as_array().unwrap().iter().find(|p| p["name"] == "URBAN").unwrap();
    let modules = urban["modules"].as_array().unwrap();
    modules.iter().map(|module| module["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn urban_goes_in_with_all_its_modules_and_leaves_nothing() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let kubeconfig = plane.kubeconfig();
    let before = inventory(&kubeconfig).unwrap();
    let home = Home::new().unwrap();
    let modules = modules(&home);
    assert_eq!(modules.len(), 10, "{modules:?}");
    let text = product::answers_for("URBAN", "v2.9", &modules, &kubeconfig).unwrap();
    let file = home.write("answers.yaml", &text).unwrap();
    let file = file.to_str().unwrap();

    let out = home.path().join("plan.json");
    let planned = home.run(&["plan", "--answers", file, "--out", out.to_str().unwrap()]).unwrap();
    assert_eq!(planned.code, Some(0), "{}", planned.err);
    let plan: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!((plan["sizes"]["services"].as_u64(), plan["sizes"]["nodes"].as_u64()), (Some(62), Some(3)));
    assert_eq!(plan["sizes"]["workloads"], product::URBAN_WORKLOADS);
    // What URBAN's services name and its list does not hold; a host more is a service that nobody planned.
    let optional: BTreeMap<String, String> = serde_json::from_value(plan["optional"].clone()).unwrap();
    let elsewhere: Vec<&str> =
        optional.iter().filter(|(_, why)| *why == "other-module").map(|(host, _)| host.as_str()).collect();
    // The first is told to its caller by the catalog: left alone it would ask somebody's server.
    let known =
        ["egf-instrument.egov", "egf-master", "egov-common-masters", "rainmaker-custom-service", "vehicle.egov"];
    assert_eq!(elsewhere, known);
    // Three services that its modules cannot do without: said before anything is installed, and no reason to stop.
    let checked = home.run(&["check", "--answers", file, "--json"]).unwrap();
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    let checks = checked.json().unwrap();
    let list = checks.iter().find(|check| check["name"] == "product-list").unwrap();
    assert_eq!(list["state"], "take-note");
    assert_eq!(list["cause"]["args"]["services"], "land-services, noc-services, pdf-service");

    let install = ["install", "--answers", file, "--yes"];
    let installed = home.run(&install).unwrap();
    assert_eq!(installed.code, Some(0), "{}", installed.err);
    assert_eq!(product::workloads(&kubeconfig).unwrap(), (product::URBAN_WORKLOADS, product::URBAN_WORKLOADS));
    let pods = product::pods(&kubeconfig).unwrap();
    assert_eq!(plan["sizes"]["pods"], pods.len());
    assert_eq!(product::doubled(&kubeconfig).unwrap(), Vec::<String>::new());
    let status = home.run(&["status", product::NAME, "--json"]).unwrap();
    assert_eq!(status.json().unwrap().last().unwrap()["state"], "ready", "{}", status.out);

    let listed = helm::list(&kubeconfig, home.path()).unwrap();
    let wrong: Vec<_> = listed.iter().filter(|r| r.status != "deployed" || r.revision != "1").collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(listed.len(), RELEASES, "{listed:?}");

    let again = home.run(&install).unwrap();
    assert_eq!((again.code, product::pods(&kubeconfig).unwrap()), (Some(0), pods), "{}", again.err);

    let removed = home.run(&["remove", product::NAME, "--yes"]).unwrap();
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&kubeconfig)? == before)).unwrap();
    let ready = product::URBAN_WORKLOADS.to_string();
    places::measured("Workloads of URBAN 2.9 that are ready after an install", &ready).unwrap();
    places::measured("Releases of URBAN 2.9 that Helm's command line lists as deployed", &RELEASES.to_string())
        .unwrap();
}

/// What is there, but for the records of releases: each change adds a revision to those.
fn lasting(kubeconfig: &std::path::Path) -> BTreeSet<String> {
    let all = inventory(kubeconfig).unwrap();
    all.into_iter().filter(|name| !name.contains("sh.helm.release.v1.") && !name.contains("digit-installer")).collect()
}

#[test]
fn urban_takes_in_one_module_more_and_gives_it_back_on_machines_of_the_size_that_people_have() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let kubeconfig = plane.kubeconfig();
    let home = Home::new().unwrap();
    let install = |modules: &[&str]| {
        let modules: Vec<String> = modules.iter().map(ToString::to_string).collect();
        let text = product::answers_for("URBAN", "v2.9", &modules, &kubeconfig).unwrap();
        let file = home.write("answers.yaml", &text).unwrap();
        let installed = home.run(&["install", "--answers", file.to_str().unwrap(), "--yes"]).unwrap();
        assert_eq!(installed.code, Some(0), "{modules:?}: {}", installed.err);
        let (ready, all) = product::workloads(&kubeconfig).unwrap();
        assert_eq!(ready, all, "{modules:?}");
        assert_eq!(product::doubled(&kubeconfig).unwrap(), Vec::<String>::new());
        let listed = helm::list(&kubeconfig, home.path()).unwrap();
        assert!(listed.iter().all(|release| release.status == "deployed"), "{listed:?}");
        let names: BTreeSet<String> = listed.into_iter().map(|release| release.name).collect();
        names
    };
    let small = install(&["m_pgr"]);
    let before = lasting(&kubeconfig);
    let large = install(&["m_pgr", "m_trade-license"]);
    assert!(large.is_superset(&small) && large.contains("tl-services") && !small.contains("tl-services"));
    let back = install(&["m_pgr"]);
    assert_eq!(back, small);
    wait("all of it gone", Duration::from_secs(30), || Ok(lasting(&kubeconfig) == before)).unwrap();
    places::measured(
        "Releases of URBAN 2.9 with complaints, with trade licences besides, and without again",
        &format!("{}, {}, {}", small.len(), large.len(), back.len()),
    )
    .unwrap();
}
