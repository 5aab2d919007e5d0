//! A city that somebody could have.

use std::collections::BTreeMap;

use catalog::data::city::{City, Language, Logo};

fn names(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(locale, name)| ((*locale).to_owned(), (*name).to_owned())).collect()
}

/// With a state and a city in two scripts, Hindi first.
pub(crate) fn city() -> City {
    let language = |locale: &str, label: &str| Language { locale: locale.to_owned(), label: label.to_owned() };
    City {
        state: names(&[("en_IN", "Malwa"), ("hi_IN", "मालवा")]),
        city: names(&[("en_IN", "O'Neil & Sons \"Nagar\""), ("hi_IN", "रतनपुर")]),
        logo: Some(Logo::Address("/digit-files/logo.png".to_owned())),
        languages: vec![language("hi_IN", "हिंदी"), language("en_IN", "ENGLISH")],
    }
}
