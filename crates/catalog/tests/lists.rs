//! All product lists of the archives, most of them as real bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use std::collections::BTreeMap;

use catalog::chart::ChartIndex;
use catalog::source::{Limits, archive};
use catalog::{Error, combinations, product};

#[test]
fn every_list_of_the_archives_is_read_or_refused_with_its_reason() {
    let folder = common::digit();
    let charts = "DIGIT-DevOps-747949622b814c31cc04eb00b98ab52d1bb8e2f8";
    let path = "deploy-as-code/helm/charts";
    let tree = archive::read(&folder.join(format!("{charts}.tar.gz")), charts, &[path], Limits::default()).unwrap();
    let tree = tree.into_iter().map(|(p, e)| (p[path.len() + 1..].to_owned(), e)).collect();
    let index = ChartIndex::of(&tree);
    let mut outcomes: BTreeMap<String, String> = BTreeMap::new();
    let mut lists = 0;
    for commit in ["1fcdd5ce90447cb5f826c70b6afbecaf6d3c2186", "d07352fa0b4cfeb672dbc62cbf18d07fa6590f2a"] {
        let name = format!("DIGIT-DevOps-{commit}");
        let file = folder.join(format!("{name}.tar.gz"));
        let all = archive::read(&file, &name, &["config-as-code"], Limits::default()).unwrap();
        for (path, entry) in all {
            let file = path.rsplit('/').next().unwrap();
            let Some(version) = product::version_of(file) else { continue };
            lists += 1;
            let folder = path.rsplit('/').nth(1).unwrap();
            let outcome = match product::read(&path, &entry.content) {
                Ok(list) => {
                    let missing = list.services().filter(|s| index.folder(&s.name).is_none()).count();
                    format!("{} services, {missing} without chart", list.services().count())
                }
                Err(Error::ListBroken { line, .. }) => {
                    assert!(line > 0, "{path}");
                    format!("broken at line {line}")
                }
                Err(other) => other.code().to_owned(),
            };
            outcomes.insert(format!("{} {folder} {version}", &commit[..4]), outcome);
        }
    }
    assert_eq!(lists, outcomes.len());
    assert!(lists >= 21, "{lists}");
    let broken = outcomes.values().filter(|o| o.starts_with("broken")).count();
    let whole: Vec<&String> =
        outcomes.iter().filter(|(_, o)| o.ends_with(", 0 without chart")).map(|(name, _)| name).collect();
    println!("{outcomes:#?}");
    assert!(broken >= 2, "{outcomes:#?}");
    assert!(whole.contains(&&"1fcd DIGIT digit-v2.9.2".to_owned()), "{outcomes:#?}");
    assert!(whole.contains(&&"d073 URBAN digit-v2.9".to_owned()), "{outcomes:#?}");
}

#[test]
fn a_combination_that_is_not_there_is_refused() {
    assert_eq!(combinations::find("DIGIT", "v1").unwrap_err().code(), "unknown-product");
    assert_eq!(combinations::find("DIGIT", "v2.9.2").unwrap(), combinations::DIGIT);
}
