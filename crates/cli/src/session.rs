//! What every command works with, and how one ends badly.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use install::words::Words;
use install::{Error, Home, Installer, Interrupts, Surroundings};

use crate::output::{Output, complain};

/// What a command works with.
pub(crate) struct Session {
    pub(crate) installer: Arc<Installer>,
    pub(crate) words: Arc<Words>,
    pub(crate) out: Output,
    interrupts: OnceLock<Interrupts>,
}

/// How a command ended badly.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// What `install` says.
    #[error(transparent)]
    Install(#[from] Error),
    /// What was given to the command cannot be used; nothing was touched.
    #[error(transparent)]
    Given(Error),
    /// A file that was named cannot be read or written.
    #[error("{path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
    /// Already said; only the exit code is left.
    #[error("exit {0}")]
    Said(u8),
}

impl Session {
    /// The installer of this computer and user, and words in the language that was chosen.
    pub(crate) fn usual() -> Result<Self, Error> {
        let home = Home::usual(std::env::var_os("DIGIT_HOME").map(PathBuf::from)).ok_or(Error::NoHome)?;
        let speed = std::env::var("DIGIT_REHEARSAL_SPEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
        let around = Surroundings::usual(
            home.root().to_owned(),
            std::env::var_os("DIGIT_PASSPHRASE_FILE").map(PathBuf::from),
            speed,
        )?;
        let installer = Installer::new(around);
        let set = installer.settings()?.language;
        let words = Arc::new(Words::chosen(set));
        Ok(Session { installer, out: Output::new(words.clone()), words, interrupts: OnceLock::new() })
    }

    /// Waits until a person or the system asks the program to end; whoever asks again ends it. Until [`Self::listen`] or this is
    /// called for the first time, the system ends the program as any other.
    pub(crate) async fn interrupted(&self) {
        self.listen();
        match self.interrupts.get() {
            Some(interrupts) => interrupts.asked().await,
            None => std::future::pending().await,
        }
    }

    /// Hears from now on who asks the program to end.
    pub(crate) fn listen(&self) {
        if self.interrupts.get().is_some() {
            return;
        }
        let words = self.words.clone();
        let listening = Interrupts::listen(move || {
            complain(&words.text("cli-ended-at-once", &[]));
            std::process::exit(130);
        });
        match listening {
            Ok(interrupts) => drop(self.interrupts.set(interrupts)),
            Err(error) => complain(&error.to_string()),
        }
    }
}

/// Whether standard error is a terminal that may be drawn on.
pub(crate) fn is_drawn() -> bool {
    std::io::stderr().is_terminal()
        && std::env::var_os("CI").is_none()
        && std::env::var_os("TERM") != Some("dumb".into())
}
