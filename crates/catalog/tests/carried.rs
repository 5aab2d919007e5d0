//! Plans with master data and configuration that go along: no pod pulls them, each finds them where git-sync put them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[path = "common/city.rs"]
mod of_city;
#[allow(dead_code, reason = "others use the rest")]
mod rendering;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use catalog::data::configuration::named;
use catalog::data::pack::{KEY, Packed, Repository};
use catalog::data::unpack::{Carried, Unpacking, fragment};
use catalog::edges::{CARRIED, edges};
use catalog::outside::{Cure, KNOWN, Reach, reaches};
use catalog::references::{Placed, pod_of};
use catalog::{Combination, Settings, combinations, open_data_folder, patches};
use of_city::city;
use rendering::{Plan, name};
use serde_json::{Value, json};

const IMAGE: &str = "docker.io/library/busybox:1.37";

fn off() -> Settings {
    Settings::in_cluster(None, "http://198.51.100.7".to_owned())
}

struct Product {
    off: Arc<Plan>,
    on: Arc<Plan>,
    packed: Vec<Packed>,
    settings: Settings,
}

fn made(combination: &Combination) -> Product {
    let off_plan = Plan::of(combination, &off());
    let data = open_data_folder(combination, &common::digit()).unwrap().unwrap();
    let packed = off_plan.bundle.pack(&off_plan.selection, &data, &city()).unwrap();
    let carried = packed.iter().map(Carried::from).collect();
    let settings = Settings { data: Some(Unpacking { image: IMAGE.to_owned(), carried }), ..off() };
    Product { off: off_plan, on: Plan::of(combination, &settings), packed, settings }
}

fn both() -> &'static [Product; 2] {
    static BOTH: OnceLock<[Product; 2]> = OnceLock::new();
    BOTH.get_or_init(|| [combinations::DIGIT, combinations::URBAN].map(|combination| made(&combination)))
}

fn found(plan: &Plan) -> Vec<Reach> {
    let placed: Vec<Placed<'_>> =
        plan.all().map(|(service, object)| Placed { service, namespace: "egov", object }).collect();
    reaches(&placed, &off().address)
}

fn services(reaches: &[Reach]) -> Vec<&str> {
    reaches.iter().map(|reach| reach.service.as_str()).collect()
}

fn pod<'a>(plan: &'a Plan, service: &str) -> &'a Value {
    plan.objects[service].iter().find_map(pod_of).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

const READ_BY_DIGIT: [&str; 4] = ["audit-service", "egov-indexer", "egov-mdms-service", "egov-persister"];
const READ_BY_URBAN: [&str; 7] = [
    "audit-service",
    "dashboard-analytics",
    "dashboard-ingest",
    "egov-indexer",
    "egov-mdms-service",
    "egov-persister",
    "egov-searcher",
];

#[test]
fn whoever_goes_outside_today_is_known_and_nobody_does_when_the_files_go_along() {
    for (product, wanted) in both().iter().zip([&READ_BY_DIGIT[..], &READ_BY_URBAN]) {
        assert_eq!(services(&found(&product.off)), wanted);
        assert_eq!(found(&product.on), []);
        let mut readers = product.off.bundle.readers(&product.off.selection).unwrap();
        readers.sort_by(|a, b| a.service.cmp(&b.service));
        assert_eq!(readers.iter().map(|reader| reader.service.as_str()).collect::<Vec<_>>(), wanted);
        assert!(readers.iter().all(|reader| reader.namespace == "egov"), "{readers:#?}");
        // No word of it is left, in a variable, a volume or anywhere else, but in the Secret that nobody reads any more.
        for (service, object) in product.on.all() {
            let text = object.to_string();
            for word in ["git-sync", "GIT_SYNC", "raw.githubusercontent.com"] {
                assert!(!text.contains(word), "{service} {}: {word}", name(object));
            }
            assert!(!text.contains("git-creds") || service == "cluster-configs", "{service}");
        }
    }
}

#[test]
fn every_chart_of_the_archive_is_in_the_table() {
    let Product { off: plan, settings: on, .. } = &both()[1];
    let all: Vec<String> = plan.bundle.charts().map(str::to_owned).collect();
    // 204 of DIGIT's, and our database and file store.
    assert_eq!(all.len(), 204 + 2);
    let render = |settings: &Settings| {
        let mut plan = Plan { objects: BTreeMap::new(), ..plan.as_ref().clone() };
        for service in &all {
            plan.render_one(settings, service).unwrap_or_else(|error| panic!("{service}: {error}"));
        }
        found(&plan)
    };
    let at = |reach: &Reach| (reach.service.clone(), reach.way, reach.at.clone());
    let rows = |wanted: &dyn Fn(Cure) -> bool| -> BTreeSet<_> {
        let rows = KNOWN.iter().filter(|known| wanted(known.cure));
        rows.map(|known| (known.service.to_owned(), known.way, known.at.to_owned())).collect()
    };
    assert_eq!(render(&off()).iter().map(at).collect::<BTreeSet<_>>(), rows(&|_| true));
    assert_eq!(render(on).iter().map(at).collect::<BTreeSet<_>>(), rows(&|cure| cure != Cure::GoesAlong));
    assert_eq!((KNOWN.len(), rows(&|_| true).len()), (21, 21));
    // The lists' services stand first.
    assert_eq!(KNOWN[..7].iter().map(|known| known.service).collect::<Vec<_>>(), READ_BY_URBAN);
}

#[test]
fn pods_that_read_have_the_fragment_and_see_the_folder_where_it_was() {
    for product in both() {
        for reader in product.on.bundle.readers(&product.on.selection).unwrap() {
            let service = reader.service.as_str();
            let packed = product.packed.iter().find(|p| p.repository == reader.repository).unwrap();
            let wanted = fragment(&Carried::from(packed), IMAGE);
            let (before, after) = (pod(&product.off, service), pod(&product.on, service));
            let init = list(after, "initContainers");
            assert_eq!(init.last(), Some(&wanted.init_container), "{service}");
            assert_eq!(list(after, "volumes"), wanted.volumes, "{service}");
            assert_eq!(after["securityContext"], json!({"fsGroup": 65533}), "{service}");
            // The same mount as git-sync's; audit-service had none.
            let mounts = list(&after["containers"][0], "volumeMounts");
            assert_eq!(mounts, [wanted.mount], "{service}");
            if service != "audit-service" {
                assert_eq!(mounts, list(&before["containers"][0], "volumeMounts"), "{service}");
                assert_eq!(after["securityContext"], before["securityContext"], "{service}");
            }
            // The other containers that come first are what they were.
            let others = |pod: &Value| -> Vec<Value> {
                let of_files = |c: &&Value| c["name"] == "git-sync" || *c == &wanted.init_container;
                list(pod, "initContainers").iter().filter(|c| !of_files(c)).cloned().collect()
            };
            assert_eq!(others(after), others(before), "{service}");
            let migrates = ["audit-service", "egov-indexer"].contains(&service);
            assert_eq!(others(after).len(), usize::from(migrates), "{service}");
        }
    }
}

/// What is said in a pod's variables, by name.
fn variables(pod: &Value) -> BTreeMap<String, String> {
    let all = list(&pod["containers"][0], "env").iter();
    all.filter_map(|v| Some((v["name"].as_str()?.to_owned(), v["value"].as_str()?.to_owned()))).collect()
}

#[test]
fn variables_stay_as_they_were_and_lead_to_files_that_are_there() {
    let data = open_data_folder(&combinations::URBAN, &common::digit()).unwrap().unwrap();
    for (product, count) in both().iter().zip([127, 165]) {
        let mut wanted: catalog::data::configuration::Wanted = BTreeMap::new();
        for reader in product.on.bundle.readers(&product.on.selection).unwrap() {
            let service = reader.service.as_str();
            let (before, after) = (variables(pod(&product.off, service)), variables(pod(&product.on, service)));
            for (variable, value) in &after {
                if value != &before[variable] {
                    assert_eq!((service, variable.as_str()), ("audit-service", "EGOV_PERSIST_YML_REPO_PATH"));
                    assert_eq!(named(value), named(&before[variable]));
                    assert!(value.split(',').all(|path| path.starts_with("file:///work-dir/configs/")), "{value}");
                }
                for path in named(value) {
                    // What pods are told is what their values said, and what was packed for them.
                    assert!(reader.files.contains(&path), "{service} {path}");
                    wanted.entry(path).or_default().insert(service.to_owned());
                }
            }
            assert_eq!(after.len(), before.len(), "{service}");
        }
        let files = data.configuration.take(&wanted).unwrap();
        assert!(files.len() >= wanted.len());
        assert_eq!(files.len(), count);
        let mdms = variables(pod(&product.on, "egov-mdms-service"));
        assert_eq!(mdms["EGOV_MDMS_CONF_PATH"], "/work-dir/egov-mdms-data/data");
        assert_eq!(mdms["MASTERS_CONFIG_URL"], "file:///work-dir/egov-mdms-data/master-config.json");
    }
}

#[test]
fn whoever_does_not_read_is_rendered_to_the_byte_as_before() {
    for product in both() {
        let readers: BTreeSet<String> =
            product.on.bundle.readers(&product.on.selection).unwrap().into_iter().map(|r| r.service).collect();
        for (service, objects) in &product.on.objects {
            let same = serde_json::to_string(objects).unwrap()
                == serde_json::to_string(&product.off.objects[service]).unwrap();
            let drawn = serde_json::to_string(objects).unwrap().contains("tls.crt");
            assert!(drawn || same != readers.contains(service), "{service}");
        }
    }
}

#[test]
fn the_parts_are_answered_by_a_step_of_their_own() {
    for product in both() {
        let found = edges(&product.on.selection, &product.on.objects).unwrap();
        let parts: BTreeSet<String> =
            product.packed.iter().flat_map(|p| &p.parts).map(|part| format!("ConfigMap/egov/{}", part.name)).collect();
        let optional: BTreeSet<String> =
            found.optional.iter().filter(|(_, reason)| *reason == CARRIED).map(|(name, _)| name.clone()).collect();
        assert_eq!(optional, parts);
        assert!(edges(&product.off.selection, &product.off.objects).unwrap().optional.values().all(|r| r != CARRIED));
    }
}

#[test]
fn a_plan_names_the_patch_only_where_it_acts() {
    assert!(patches::ALL.iter().all(|patch| patch.id != patches::CARRIED.id));
    assert_eq!(off().data, None);
}

#[test]
fn only_one_repository_may_go_along() {
    let Product { on, packed, settings, .. } = &both()[0];
    let masters: Vec<Carried> =
        packed.iter().filter(|p| p.repository == Repository::Masters).map(Carried::from).collect();
    let unpacking = Unpacking { image: IMAGE.to_owned(), carried: masters };
    let plan = Plan::of(on.bundle.combination(), &Settings { data: Some(unpacking), ..settings.clone() });
    assert_eq!(services(&found(&plan)), ["audit-service", "egov-indexer", "egov-persister"]);
}

#[test]
fn the_parts_are_few_and_fit() {
    for (product, (masters, configuration)) in both().iter().zip([(1, 1), (1, 1)]) {
        let of = |repository| product.packed.iter().find(|p| p.repository == repository).unwrap();
        for (repository, parts) in [(Repository::Masters, masters), (Repository::Configuration, configuration)] {
            let packed = of(repository);
            let bytes: usize = packed.parts.iter().map(|part| part.content.len()).sum();
            println!(
                "{} {}: {bytes} bytes in {} parts, {} KiB unpacked",
                product.on.bundle.combination().product,
                repository.folder(),
                packed.parts.len(),
                packed.unpacked / 1024
            );
            assert_eq!(packed.parts.len(), parts, "{repository:?}");
            let object = packed.parts[0].object("egov");
            assert!(object["binaryData"][KEY].as_str().unwrap().len() < 1 << 20);
        }
        // Both products read the same master data.
        assert_eq!(of(Repository::Masters).sha256, both()[0].packed[0].sha256);
    }
}
