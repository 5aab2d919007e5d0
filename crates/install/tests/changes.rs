//! A screen that watches an installation learns at once that a run begins, whoever began it.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use install::answers::{Answers, example};
use install::{Home, Installer, Start, Surroundings};

/// Longer than anything here takes, on a busy machine too.
const AT_LAST: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_from_before_a_run_hears_that_it_begins_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path().join("home"));
    let around = Surroundings {
        home: home.root().to_owned(),
        cache: folder.path().join("cache"),
        clock: Arc::new(engine::SystemClock),
        passphrase: Some("correct horse".into()),
        rehearsal_speed: 1000.0,
    };
    let installer = Installer::new(around);
    let answers = Answers::read(example("rehearsal").unwrap(), Path::new(".")).unwrap();

    let before = installer.changes(&answers.name);
    let nothing = tokio::time::timeout(Duration::from_millis(50), installer.changes(&answers.name).next()).await;
    assert!(nothing.is_err(), "nothing has begun");
    let work = installer.install(&answers, Start::default()).await.unwrap();
    tokio::time::timeout(AT_LAST, before.next()).await.unwrap();

    work.ended().await.unwrap();
    let before = installer.changes(&answers.name);
    installer.remove(&answers.name, false).await.unwrap();
    tokio::time::timeout(AT_LAST, before.next()).await.unwrap();
}
