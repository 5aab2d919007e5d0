//! What is asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{AddressKind, Tenants};
use crate::seed::Message;
use crate::user::SignIn;

/// Messages that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The group of pages.
    pub module: String,
    /// The language.
    pub locale: String,
    /// Which; none: at least one.
    pub codes: Option<BTreeSet<String>>,
}

impl Expected {
    /// All of these.
    #[must_use]
    pub fn of(messages: &[Message]) -> Vec<Self> {
        let mut parts: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
        for m in messages {
            parts.entry((&m.module, &m.locale)).or_default().insert(m.code.clone());
        }
        let of = |((module, locale), codes): ((&str, &str), _)| Expected {
            module: module.to_owned(),
            locale: locale.to_owned(),
            codes: Some(codes),
        };
        parts.into_iter().map(of).collect()
    }

    /// Some of each of PGR's modules: for a DIGIT that somebody else set up.
    #[must_use]
    pub fn some() -> Vec<Self> {
        let of = |module: &str| Expected { module: module.to_owned(), locale: "en_IN".to_owned(), codes: None };
        ["rainmaker-common", "rainmaker-pgr"].map(of).to_vec()
    }
}

/// What is checked.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The codes of state and city.
    pub tenants: Tenants,
    /// What the complaint is marked with: the address that people will open. The same in every run, also when the way to it differs.
    pub address: String,
    /// The administrator.
    pub administrator: SignIn,
    /// Paths of the pages; none: there is no web entry yet, and what strangers meet there is not looked at.
    pub pages: Vec<String>,
    /// Messages that must be there.
    pub messages: Vec<Expected>,
    /// An employee that must be there, by code.
    pub employee: Option<String>,
    /// In a demo: the sample citizen, with the sample password.
    pub demo_citizen: Option<SignIn>,
    /// Whether this is a demo: known passwords are meant there.
    pub demo: bool,
    /// Only look: no complaint is filed, no photo uploaded, no wrong password tried.
    pub read_only: bool,
    /// File another complaint although one whose number is known was never found, and may yet come.
    pub file_anew: bool,
    /// Who can open the address that is checked.
    pub kind: AddressKind,
}
