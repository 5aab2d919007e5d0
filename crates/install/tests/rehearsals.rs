//! A rehearsal has a folder of its own and touches nothing of what is real; one that cannot be read hides no other.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use engine::Outcome;
use install::{RecoveryKit, Start};
use support::{for_real, installer, quick};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_rehearsed_after_its_recovery_kit_was_saved_and_installed_for_real_after_that() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let installer = installer(folder.path(), &cluster);
    let answers = for_real();
    let kit = RecoveryKit { file: folder.path().join("kit.age"), passphrase: "kit".into() };

    // The kit first, as on Review; then the rehearsal, and again; then the real thing.
    installer.recovery_kit(&answers, &kit).await.unwrap();
    for _ in 0..2 {
        let work = installer.install(&answers, Start { rehearse: true, ..Start::default() }).await.unwrap();
        assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    }
    assert_eq!(
        cluster.cluster().recorded_installations().await.unwrap(),
        Vec::<String>::new(),
        "a rehearsal is not real"
    );
    let work = installer.install(&answers, Start::default()).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    installer.recovery_kit_of("practice", &kit).await.unwrap();

    let ids: Vec<String> = installer.list().unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(ids, ["practice", "rehearsal/practice"]);
    assert_eq!(installer.view("practice").unwrap().summary.target, "cluster");
    assert_eq!(installer.view("rehearsal/practice").unwrap().summary.target, "rehearsal");

    // Forgetting the rehearsal leaves the real one as it is.
    installer.forget("rehearsal/practice").await.unwrap();
    let work = installer.install(&answers, Start::default()).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_among_what_is_real_as_it_was_kept_before_is_sorted_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let home = folder.path().join("home");
    {
        let installer = installer(folder.path(), &cluster);
        let work = installer.install(&for_real(), Start { rehearse: true, ..Start::default() }).await.unwrap();
        work.ended().await.unwrap();
    }
    std::fs::create_dir_all(home.join("installations")).unwrap();
    std::fs::rename(home.join("rehearsals/practice"), home.join("installations/practice")).unwrap();

    let installer = installer(folder.path(), &cluster);
    let ids: Vec<String> = installer.list().unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(ids, ["rehearsal/practice"]);
    // A bare name finds it, too, as long as nothing real has it.
    assert_eq!(installer.resume("practice", None).await.unwrap().ended().await.unwrap(), Outcome::Ready);
    let work = installer.install(&for_real(), Start::default()).await.unwrap();
    assert_eq!(work.ended().await.unwrap(), Outcome::Ready);
    assert_eq!(installer.view("practice").unwrap().summary.target, "cluster");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_read_says_so_and_the_others_work() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = quick();
    let installer = installer(folder.path(), &cluster);
    let work = installer.install(&for_real(), Start::default()).await.unwrap();
    work.ended().await.unwrap();
    let broken = |name: &str, file: &str, content: &str| {
        let to = folder.path().join("home/installations").join(name);
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(folder.path().join("home/installations/practice")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
            }
        }
        std::fs::write(to.join(file), content).unwrap();
    };
    broken("about", "about.json", "{");
    broken("answers", "answers.yaml", "name: [");
    broken("journal", "journal.jsonl", "{\"not\": \"a journal\"}\n{}\n");

    let list = installer.list().unwrap();
    let said: Vec<(&str, Option<&str>)> =
        list.iter().map(|s| (s.name.as_str(), s.error.as_ref().map(|e| e.code.as_str()))).collect();
    assert_eq!(
        said,
        [
            ("about", Some("file-unreadable")),
            ("answers", Some("answers-unreadable")),
            ("journal", Some("not-a-journal")),
            ("practice", None)
        ]
    );
}
