//! Ways through the window that more than one test goes.

use crate::error::Error;
use crate::window::Window;
use fantoccini::key::Key;
use std::time::Duration;

/// What a person uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Clicks, and types into fields.
    Mouse,
    /// Tab, Space, Enter and typing alone.
    Keyboard,
}

/// From an empty home through the rehearsal of the practice product to its end. `at` is called on every screen with its name.
///
/// # Errors
/// When the window does not show what it should, or `at` fails.
pub fn rehearsal(
    window: &Window,
    hand: Hand,
    mut at: impl FnMut(&str, &Window) -> Result<(), Error>,
) -> Result<(), Error> {
    let soon = Duration::from_secs(20);
    window.wait_for("Install DIGIT", soon)?;
    at("home-empty", window)?;
    hand.press(window, "Rehearse first")?;

    window.wait_for("Where should DIGIT go?", soon)?;
    at("place", window)?;
    hand.press(window, "Rehearse")?;

    window.wait_for("What should be installed?", soon)?;
    window.wait_for("Choose a module to see what comes along", soon)?;
    hand.choose(window, "module-m_requests")?;
    window.wait_for("Choose this module", soon)?;
    at("modules", window)?;
    hand.press(window, "Choose this module")?;

    window.wait_for("Check everything", soon)?;
    hand.fill(window, "City or organisation", "Springfield")?;
    hand.fill(window, "State", "Springfield State")?;
    hand.fill(window, "Name of this installation", "springfield")?;
    at("details", window)?;
    hand.press(window, "Check everything")?;

    window.wait_for("Go to the review", Duration::from_secs(60))?;
    at("checks", window)?;
    hand.press(window, "Go to the review")?;

    window.wait_for("Start the rehearsal", Duration::from_secs(60))?;
    at("review", window)?;
    hand.press(window, "Start the rehearsal")?;

    window.wait_for("Running for", soon)?;
    at("install", window)?;
    window.wait_for("The rehearsal is done", Duration::from_secs(240))?;
    at("done", window)
}

impl Hand {
    fn press(self, window: &Window, name: &str) -> Result<(), Error> {
        match self {
            Self::Mouse => window.press(name),
            Self::Keyboard => {
                window.tab_to(name)?;
                window.strike(&char::from(Key::Enter).to_string())
            }
        }
    }

    fn choose(self, window: &Window, id: &str) -> Result<(), Error> {
        match self {
            Self::Mouse => window.choose(id),
            Self::Keyboard => {
                window.tab_to(id)?;
                window.strike(" ")
            }
        }
    }

    fn fill(self, window: &Window, label: &str, text: &str) -> Result<(), Error> {
        match self {
            Self::Mouse => window.fill(label, text),
            Self::Keyboard => {
                window.tab_to(label)?;
                // what Tab leads to is selected as a whole, so that typing replaces it
                window.strike(text)
            }
        }
    }
}
