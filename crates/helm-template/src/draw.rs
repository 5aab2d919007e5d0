//! Random values: what is drawn, and keepers of it.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// Names one drawing of a random or certificate function within one chart's rendering.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DrawKey {
    /// The function, for example `genCA`.
    pub function: String,
    /// Its arguments as one line of JSON.
    pub arguments: String,
    /// How often this function was called with these arguments before, in this rendering.
    pub occurrence: u32,
}

/// Where random values come from. A keeper returns what it kept under `key`, or calls `make` once and keeps that.
pub trait Draw {
    /// The value for `key`.
    fn draw(&self, key: &DrawKey, make: &mut dyn FnMut() -> String) -> String;
}

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
