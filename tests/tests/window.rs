//! The real window, driven by mouse and by keyboard alone.
#![allow(clippy::unwrap_used, reason = "a test may")]

use tests::digit::Home;
use tests::walk::{Hand, installation, rehearsal};
use tests::{ControlPlane, Error, Options, Window};

/// Goes through the rehearsal; axe-core looks at every screen.
fn goes_through(hand: Hand) {
    let home = Home::new().unwrap();
    let window = Window::open(&home, &[]).unwrap();
    let mut screens = 0;
    let mut findings = Vec::new();
    rehearsal(&window, hand, |screen, window| -> Result<(), Error> {
        screens += 1;
        findings.extend(window.axe()?.into_iter().map(|finding| format!("{screen}: {finding}")));
        Ok(())
    })
    .unwrap();
    places::measured(
        &format!("Screens of the rehearsal in the real window ({hand:?})"),
        &format!("{screens}, axe finds {}", findings.len()),
    )
    .unwrap();
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(screens, 8);
}

#[test]
fn the_rehearsal_goes_by_mouse() {
    goes_through(Hand::Mouse);
}

#[test]
fn the_rehearsal_goes_by_keyboard_alone() {
    goes_through(Hand::Keyboard);
}

#[test]
fn digit_goes_into_a_real_cluster_by_mouse() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let home = Home::new().unwrap();
    // The charts as if they had been downloaded before.
    let cache = home.path().join(".cache/digit-installer");
    std::fs::create_dir_all(&cache).unwrap();
    for entry in std::fs::read_dir(places::shared().unwrap().join("digit")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, cache.join(path.file_name().unwrap())).unwrap();
    }
    let window = Window::open(&home, &[]).unwrap();
    let kit = home.path().join("springfield-recovery-kit.age");
    let mut findings = Vec::new();
    let pictures = std::env::var_os("DIGIT_TEST_PICTURES").map(std::path::PathBuf::from);
    installation(&window, Hand::Mouse, &plane.kubeconfig(), &kit, |screen, window| -> Result<(), Error> {
        if let Some(folder) = &pictures {
            window.picture(&folder.join(format!("{screen}.png")))?;
        }
        findings.extend(window.axe()?.into_iter().map(|finding| format!("{screen}: {finding}")));
        Ok(())
    })
    .unwrap();
    assert_eq!(findings, Vec::<String>::new());
    let ready = plane.kubectl(&["get", "deployments,statefulsets", "-A", "--no-headers"]).unwrap();
    let is_ready = |line: &&str| {
        let counts = line.split_whitespace().nth(2).and_then(|counts| counts.split_once('/'));
        counts.is_some_and(|(ready, wanted)| ready == wanted)
    };
    assert_eq!((ready.lines().count(), ready.lines().filter(is_ready).count()), (39, 39), "{ready}");
}
