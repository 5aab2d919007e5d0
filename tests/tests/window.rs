//! The real window, driven by mouse and by keyboard alone.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use fantoccini::key::Key;
use regex::Regex;
use tests::cluster::{inventory, wait};
use tests::digit::Home;
use tests::fake_node::{Failure, Rule};
use tests::walk::{Hand, afterwards, rehearsal, to_details, to_install};
use tests::window::PICTURED;
use tests::{ControlPlane, Error, Options, Window};

const SOON: Duration = Duration::from_secs(20);
/// How long DIGIT may take on a busy machine.
const INSTALLED: Duration = Duration::from_secs(300);

/// What is looked at on every screen: axe-core's findings, and a picture where somebody wants to see it
/// (`DIGIT_TEST_PICTURES` names the folder).
#[derive(Default)]
struct Looks {
    screens: RefCell<u32>,
    findings: RefCell<Vec<String>>,
}

impl Looks {
    fn at(&self, screen: &str, window: &Window) -> Result<(), Error> {
        if let Some(folder) = std::env::var_os("DIGIT_TEST_PICTURES").map(PathBuf::from) {
            window.picture(&folder.join(format!("{screen}.png")))?;
        }
        *self.screens.borrow_mut() += 1;
        self.findings.borrow_mut().extend(window.axe()?.into_iter().map(|finding| format!("{screen}: {finding}")));
        Ok(())
    }

    /// All screens were looked at, and nothing was found.
    fn judge(self, name: &str, screens: u32) {
        let (seen, findings) = (self.screens.into_inner(), self.findings.into_inner());
        places::measured(name, &format!("{seen}, axe finds {}", findings.len())).unwrap();
        assert_eq!(findings, Vec::<String>::new());
        assert_eq!(seen, screens);
    }
}

/// What the window must be told so that pictures of it can be taken; nothing else changes.
fn drawn() -> &'static [(&'static str, &'static str)] {
    if std::env::var_os("DIGIT_TEST_PICTURES").is_some() { &[PICTURED] } else { &[] }
}

/// Goes through the rehearsal; axe-core looks at every screen.
fn goes_through(hand: Hand) {
    let home = Home::new().unwrap();
    let window = Window::open(&home, drawn()).unwrap();
    let looks = Looks::default();
    rehearsal(&window, hand, |screen, window| looks.at(screen, window)).unwrap();
    looks.judge(&format!("Screens of the rehearsal in the real window ({hand:?})"), 8);
}

#[test]
fn the_rehearsal_goes_by_mouse() {
    goes_through(Hand::Mouse);
}

#[test]
fn the_rehearsal_goes_by_keyboard_alone() {
    goes_through(Hand::Keyboard);
}

/// A home in which the charts are as if they had been downloaded before.
fn home_with_charts() -> Home {
    let home = Home::new().unwrap();
    let cache = home.path().join(".cache/digit-installer");
    std::fs::create_dir_all(&cache).unwrap();
    for entry in std::fs::read_dir(places::shared().unwrap().join("digit")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, cache.join(path.file_name().unwrap())).unwrap();
    }
    home
}

/// Workloads that are ready and all that there are, as the cluster itself says.
fn ready_workloads(plane: &ControlPlane) -> Result<(usize, usize), Error> {
    let ready = plane.kubectl(&["get", "deployments,statefulsets", "-A", "--no-headers"])?;
    let is_ready = |line: &&str| {
        let counts = line.split_whitespace().nth(2).and_then(|counts| counts.split_once('/'));
        counts.is_some_and(|(ready, wanted)| ready == wanted)
    };
    Ok((ready.lines().filter(is_ready).count(), ready.lines().count()))
}

#[test]
fn digit_goes_into_a_real_cluster_by_mouse_in_the_background_and_out_again() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let before = inventory(&plane.kubeconfig()).unwrap();
    let home = home_with_charts();
    let window = Window::open(&home, drawn()).unwrap();
    let looks = Looks::default();
    let at = |screen: &str, window: &Window| looks.at(screen, window);
    let kit = home.path().join("springfield-recovery-kit.age");
    to_install(&window, Hand::Mouse, &plane.kubeconfig(), &kit, at).unwrap();

    // Closed while it installs, it goes on without a window. A second start brings the window back, and so does the end.
    let close = || {
        window.close().unwrap();
        window.wait_for("Close the window while something is under way?", SOON).unwrap();
    };
    let keep_going = || {
        // The safe answer has the focus. A click would not end before the window that it hides comes back.
        window.tab_to("Keep going in the background").unwrap();
        window.strike(&char::from(Key::Enter).to_string()).unwrap();
        wait("window out of sight", SOON, || Ok(!window.is_seen()?)).unwrap();
    };
    close();
    at("close", &window).unwrap();
    keep_going();
    window.start_again().unwrap();
    wait("window in sight", SOON, || window.is_seen()).unwrap();
    window.wait_for("Running for", SOON).unwrap();
    close();
    keep_going();
    wait("window back at the end", INSTALLED, || window.is_seen()).unwrap();
    window.wait_for("What has been tried", SOON).unwrap();
    // DIGIT's 37 and our own two
    assert_eq!(ready_workloads(&plane).unwrap(), (39, 39));

    afterwards(&window, Hand::Mouse, at).unwrap();
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&plane.kubeconfig())? == before)).unwrap();
    looks.judge("Screens of DIGIT's install and removal in the real window, by mouse", 21);
}

#[test]
fn digit_goes_in_by_keyboard_alone_through_a_killed_window_and_a_safe_stop() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let home = home_with_charts();
    let looks = Looks::default();
    let at = |screen: &str, window: &Window| looks.at(&format!("keyboard-{screen}"), window);
    let enter = char::from(Key::Enter).to_string();
    let press = |window: &Window, name: &str| window.tab_to(name).and_then(|()| window.strike(&enter));
    let under_way = |services: u32| {
        move |window: &Window| {
            wait("services getting ready", INSTALLED, || Ok(services_ready(&window.text()?) >= services)).unwrap();
        }
    };

    let window = Window::open(&home, drawn()).unwrap();
    let kit = home.path().join("springfield-recovery-kit.age");
    to_install(&window, Hand::Keyboard, &plane.kubeconfig(), &kit, at).unwrap();
    under_way(4)(&window);
    // Asked, and answered with Esc: everything stays as it is.
    window.close().unwrap();
    window.wait_for("Close the window while something is under way?", SOON).unwrap();
    window.strike(&char::from(Key::Escape).to_string()).unwrap();
    wait("no question any more", SOON, || Ok(!window.text()?.contains("Close the window while"))).unwrap();
    window.wait_for("Running for", SOON).unwrap();
    window.kill().unwrap();
    drop(window);

    let window = Window::open(&home, drawn()).unwrap();
    window.wait_for("It was interrupted at", SOON).unwrap();
    assert!(services_ready(&window.text().unwrap()) >= 4, "{}", window.text().unwrap());
    at("home-interrupted", &window).unwrap();
    press(&window, "Continue").unwrap();
    window.wait_for("Nobody works on it right now", SOON).unwrap();
    at("interrupted", &window).unwrap();
    press(&window, "Go on").unwrap();
    window.wait_for("Running for", SOON).unwrap();
    under_way(12)(&window);
    window.close().unwrap();
    window.wait_for("Close the window while something is under way?", SOON).unwrap();
    window.tab_to("Stop at a safe point").unwrap();
    // It may be gone before the key comes up again, which the driver takes for an error. That it goes is asked next, and
    // how it stopped after that.
    let _ = window.strike(&enter);
    window.wait_for_end().unwrap();
    drop(window);

    let window = Window::open(&home, drawn()).unwrap();
    window.wait_for("Stopped at", SOON).unwrap();
    at("home-stopped", &window).unwrap();
    press(&window, "Continue").unwrap();
    window.wait_for("It stopped at a safe point", SOON).unwrap();
    at("stopped", &window).unwrap();
    press(&window, "Go on").unwrap();
    window.wait_for("What has been tried", INSTALLED).unwrap();
    at("done", &window).unwrap();
    // DIGIT's 37 and our own two
    assert_eq!(ready_workloads(&plane).unwrap(), (39, 39));
    looks.judge("Screens of DIGIT's install in the real window by keyboard alone, killed once and stopped once", 11);
}

#[test]
fn a_window_that_closes_during_a_check_leaves_nothing_in_the_cluster() {
    let plane = ControlPlane::start(&Options::default()).unwrap();
    let before = inventory(&plane.kubeconfig()).unwrap();
    // What is tried runs and comes to no end.
    plane.rules(vec![Rule { pod: Regex::new("^digit-try-").unwrap(), fails: Failure::Unready, until: None }]);
    let home = home_with_charts();
    let password = home.write("password", "only for this test\n").unwrap().display().to_string();
    let keys = home.write("keys", "AKIDTEST\nonly for this test\n").unwrap().display().to_string();
    let looks = Looks::default();
    let window = Window::open(&home, drawn()).unwrap();
    to_details(&window, Hand::Mouse, &plane.kubeconfig(), |_, _| Ok(())).unwrap();
    window.choose("data-ours").unwrap();
    for (field, text) in [
        ("db-host", "db.example"),
        ("db-name", "digit"),
        ("db-user", "digit"),
        ("db-password-file", &password),
        ("files-endpoint", "https://files.example"),
        ("files-bucket", "digit"),
        ("files-key-file", &keys),
    ] {
        window.fill(field, text).unwrap();
    }
    looks.at("own-data", &window).unwrap();
    window.press("Check everything").unwrap();
    let running = ["get", "pods", "-A", "--field-selector=status.phase=Running", "--no-headers"];
    wait("both tries", SOON, || Ok(plane.kubectl(&running)?.lines().filter(|l| l.contains("digit-try-")).count() == 2))
        .unwrap();
    looks.at("own-data-checks", &window).unwrap();
    window.close().unwrap();
    window.wait_for_end().unwrap();
    wait("nothing left", Duration::from_secs(30), || Ok(inventory(&plane.kubeconfig())? == before)).unwrap();
    looks.judge("Screens of a check of data of one's own in the real window", 2);
}

/// `22 of 39 services are ready` on the screen; 0 if it says nothing of the kind.
fn services_ready(text: &str) -> u32 {
    let before = text.split(" services are ready").next().unwrap_or_default();
    let mut words = before.rsplit(' ');
    let (_all, of, ready) = (words.next(), words.next(), words.next());
    (of == Some("of")).then(|| ready.and_then(|n| n.parse().ok())).flatten().unwrap_or_default()
}
