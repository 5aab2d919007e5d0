//! A download that does not get on is in nobody's way but of those who want the same, and can be given up.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use install::AppSettings;
use install::answers::Product;
use install::settings::ProxyChoice;
use support::{installer, quick};

/// Longer than anything here takes, on a busy machine too.
const AT_LAST: Duration = Duration::from_secs(20);

fn product(name: &str, version: &str) -> Product {
    Product { name: name.into(), version: version.into(), modules: BTreeSet::new(), source: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_stalls_holds_nothing_else_and_can_be_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let installer = installer(folder.path(), &quick());
    // Takes every connection and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let settings = AppSettings { proxy: ProxyChoice::Address { address }, ..AppSettings::default() };
    installer.save_settings(&settings).unwrap();

    let fetching = |installer: std::sync::Arc<install::Installer>| {
        tokio::spawn(async move { installer.bundle(&product("DIGIT", "v2.9.2"), &|_| {}).await.map(drop) })
    };
    let (one, two) = (fetching(installer.clone()), fetching(installer.clone()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let other = tokio::time::timeout(AT_LAST, installer.bundle(&product("practice", "v1"), &|_| {})).await;
    other.expect("held up by another product's download").unwrap();
    assert!(!one.is_finished() && !two.is_finished(), "nobody answers");

    // Whoever waited for the same tries for himself then, and can be stopped as well.
    for fetch in [one, two] {
        let given_up = tokio::time::timeout(AT_LAST, async {
            while !fetch.is_finished() {
                installer.give_up_fetching();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            fetch.await.unwrap().unwrap_err()
        });
        assert_eq!(given_up.await.unwrap().code(), "given-up");
    }
    drop(silent);
}
