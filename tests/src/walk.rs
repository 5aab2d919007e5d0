//! Ways through the window that more than one test goes.

use crate::error::Error;
use crate::window::Window;
use fantoccini::key::Key;
use std::path::Path;
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

/// From an empty home to the details of DIGIT for a cluster that one has, by its kubeconfig, with what has to be filled in.
/// The charts are in the cache already. `at` is called on every screen with its name.
///
/// # Errors
/// When the window does not show what it should, or `at` fails.
pub fn to_details(
    window: &Window,
    hand: Hand,
    kubeconfig: &Path,
    mut at: impl FnMut(&str, &Window) -> Result<(), Error>,
) -> Result<(), Error> {
    let soon = Duration::from_secs(20);
    window.wait_for("Install DIGIT", soon)?;
    hand.press(window, "Start an installation")?;

    window.wait_for("Where should DIGIT go?", soon)?;
    hand.choose(window, "place-cluster")?;
    hand.press(window, "Use a cluster you have")?;

    window.wait_for("Which cluster?", soon)?;
    hand.fill(window, "Kubeconfig file", &kubeconfig.display().to_string())?;
    window.strike(&char::from(Key::Enter).to_string())?;
    window.wait_for("as admin", soon)?;
    hand.choose(window, "context-0")?;
    window.wait_for("Ready to use", soon)?;
    at("cluster", window)?;
    hand.press(window, "Use this cluster")?;

    window.wait_for("What should be installed?", soon)?;
    // The product has one module, so it is chosen already.
    window.wait_for("Choose this module", Duration::from_secs(60))?;
    window.wait_for("35 services", Duration::from_secs(60))?;
    at("cluster-modules", window)?;
    hand.press(window, "Choose this module")?;

    window.wait_for("Check everything", soon)?;
    hand.fill(window, "City or organisation", "Springfield")?;
    hand.fill(window, "State", "Springfield State")?;
    hand.fill(window, "Name of this installation", "springfield")?;
    Ok(())
}

/// From an empty home to DIGIT on its way into a cluster that one has, by its kubeconfig. The charts are in the cache
/// already; `kit` is where the recovery kit will be. `at` is called on every screen with its name.
///
/// # Errors
/// When the window does not show what it should, or `at` fails.
pub fn to_install(
    window: &Window,
    hand: Hand,
    kubeconfig: &Path,
    kit: &Path,
    mut at: impl FnMut(&str, &Window) -> Result<(), Error>,
) -> Result<(), Error> {
    let soon = Duration::from_secs(20);
    to_details(window, hand, kubeconfig, &mut at)?;
    at("cluster-details", window)?;
    hand.press(window, "Check everything")?;

    window.wait_for("Go to the review", Duration::from_secs(60))?;
    at("cluster-checks", window)?;
    hand.press(window, "Go to the review")?;

    window.wait_for("Create and install", Duration::from_secs(60))?;
    hand.press(window, "Save the recovery kit")?;
    hand.fill(window, "Passphrase", "only for this test")?;
    hand.press(window, "Choose a place and save")?;
    window.accept_dialog(kit)?;
    window.wait_for("Saved at", soon)?;
    at("cluster-review", window)?;
    hand.press(window, "Create and install")?;

    window.wait_for("Running for", soon)?;
    at("cluster-install", window)
}

/// From the hand-over of an installation through its pages to its removal with all data, and to the program's own pages
/// in Hindi and in the dark. `at` is called on every screen with its name.
///
/// # Errors
/// When the window does not show what it should, or `at` fails.
pub fn afterwards(
    window: &Window,
    hand: Hand,
    mut at: impl FnMut(&str, &Window) -> Result<(), Error>,
) -> Result<(), Error> {
    let soon = Duration::from_secs(20);
    window.wait_for("What has been tried", soon)?;
    at("hand-over", window)?;
    hand.press(window, "हिन्दी में बदलें")?;
    window.wait_for("क्या परखा गया", soon)?;
    at("hand-over-hindi", window)?;
    hand.press(window, "Switch to English")?;
    hand.press(window, "Go to the installation")?;
    window.wait_for("What you can do", soon)?;
    at("overview", window)?;
    hand.press(window, "Services")?;
    window.wait_for("egov-user", soon)?;
    at("services", window)?;
    hand.press(window, "Log")?;
    window.wait_for("Everything that was said", soon)?;
    at("log", window)?;

    hand.press(window, "Remove")?;
    window.wait_for("What stays", Duration::from_secs(60))?;
    at("remove", window)?;
    hand.choose(window, "keep-no")?;
    window.wait_for("Citizens’ data", soon)?;
    hand.fill(window, "Type the name to confirm", "springfield")?;
    at("remove-all", window)?;
    // every title from here on
    let note = "window.titles = new Set();
        const note = () => titles.add(document.querySelector('main h1')?.textContent);
        new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true})";
    window.run(note, vec![])?;
    hand.press(window, "Remove springfield")?;
    window.wait_for("Running for", soon)?;
    let titles = window.run("return [...titles]", vec![])?.to_string();
    if titles.contains("ready") || !titles.contains("Removing") {
        return Err(Error::Window { what: "goes from the removal's question to its progress".into(), why: titles });
    }
    at("removing", window)?;
    window.wait_for("Nothing of it is left in the cluster", Duration::from_secs(240))?;
    at("removed", window)?;
    hand.press(window, "All installations")?;
    window.wait_for("Only its record on this computer is left", soon)?;
    at("home-removed", window)?;

    hand.press(window, "Settings")?;
    window.wait_for("Way to the internet", soon)?;
    at("settings", window)?;
    hand.choose(window, "theme-dark")?;
    at("settings-dark", window)?;
    hand.press(window, "Help")?;
    window.wait_for("Where things are kept", soon)?;
    at("help-dark", window)?;
    hand.press(window, "हिन्दी में बदलें")?;
    window.wait_for("बनावटी क्लस्टर", soon)?;
    at("help-dark-hindi", window)
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
