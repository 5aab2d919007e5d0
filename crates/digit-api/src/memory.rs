//! What must be known after a crash, kept before going on. It holds no secret.

use std::io;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A write that was begun and whose effect was not yet seen. After a crash it is waited for before anything is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnderWay {
    /// A workflow is being made: no search for some seconds, or its cache says "none" for 15 minutes.
    Workflow,
    /// A complaint is being filed: it has no number yet.
    Filing,
    /// The complaint is being assigned.
    Assigning,
    /// The complaint is being resolved.
    Resolving,
}

/// What one address is remembered by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Remembered {
    /// Of which DIGIT: the mark of the address, and the uuid of the account that was signed in. What is remembered of another one, or of
    /// one that was set up anew at the same address, counts for nothing.
    pub of: Option<String>,
    /// A write whose effect was not yet seen.
    pub under_way: Option<UnderWay>,
    /// The number that PGR gave the marked complaint.
    pub complaint: Option<String>,
    /// The photo that was uploaded, by its id.
    pub photo: Option<String>,
}

/// How it is kept: called before going on; must be durable when it returns.
pub type Keep<'a> = dyn FnMut(&Remembered) -> io::Result<()> + Send + 'a;

/// What is remembered, and how a change of it is kept.
pub struct Memory<'a> {
    known: Remembered,
    keep: Box<Keep<'a>>,
}

impl std::fmt::Debug for Memory<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.known.fmt(f)
    }
}

impl<'a> Memory<'a> {
    /// What was remembered before, and how to keep what comes.
    #[must_use]
    pub fn new(known: Remembered, keep: Box<Keep<'a>>) -> Self {
        Self { known, keep }
    }

    /// What is remembered now.
    #[must_use]
    pub fn known(&self) -> &Remembered {
        &self.known
    }

    /// Says of which DIGIT it is; what was remembered of another one is forgotten.
    pub(crate) fn is_of(&mut self, digit: &str) -> Result<(), Error> {
        self.note(|m| {
            if m.of.as_deref().is_some_and(|of| of != digit) {
                *m = Remembered::default();
            }
            m.of = Some(digit.to_owned());
        })
    }

    /// Changes it, and keeps it before going on.
    pub(crate) fn note(&mut self, change: impl FnOnce(&mut Remembered)) -> Result<(), Error> {
        let mut next = self.known.clone();
        change(&mut next);
        if next != self.known {
            (self.keep)(&next).map_err(Error::Remember)?;
            self.known = next;
        }
        Ok(())
    }
}
