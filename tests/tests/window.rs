//! The real window, driven by mouse and by keyboard alone.
#![allow(clippy::unwrap_used, reason = "a test may")]

use tests::digit::Home;
use tests::walk::{Hand, rehearsal};
use tests::{Error, Window};

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
