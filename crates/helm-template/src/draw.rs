//! Keepers of random values.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::{Draw, DrawKey};

/// Draws afresh every time, as Helm does.
#[derive(Debug, Clone, Copy, Default)]
pub struct FreshDraw;

impl Draw for FreshDraw {
    fn draw(&self, _: &DrawKey, make: &mut dyn FnMut() -> String) -> String {
        make()
    }
}

/// Keeps what was drawn: the second rendering gets what the first got.
#[derive(Debug, Default)]
pub struct KeptDraw {
    kept: RefCell<BTreeMap<DrawKey, String>>,
}

impl KeptDraw {
    /// Starts from what was kept before.
    #[must_use]
    pub fn new(kept: BTreeMap<DrawKey, String>) -> Self {
        Self { kept: RefCell::new(kept) }
    }

    /// Everything drawn so far.
    #[must_use]
    pub fn into_kept(self) -> BTreeMap<DrawKey, String> {
        self.kept.into_inner()
    }
}

impl Draw for KeptDraw {
    fn draw(&self, key: &DrawKey, make: &mut dyn FnMut() -> String) -> String {
        self.kept.borrow_mut().entry(key.clone()).or_insert_with(make).clone()
    }
}
